import TernBackend

// Single elements by their places in the row-major order of all, or by a mask: taking, replacing and adding to them.

extension Tensor {
  /// The elements at places of the row-major order, in the shape of the places; negative ones count from the end.
  ///
  /// Gradient: added up where the elements came from. Stops for a place outside the tensor.
  public func elements(at places: Tensor<Int>, file: StaticString = #fileID, line: UInt = #line) -> Tensor {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    return reshaped([count]).taken(counted(places, "elements"), along: 0, by: "elements")
  }

  /// A copy in which the elements at places of the row-major order are replaced, negative ones counted from the end.
  ///
  /// There are as many values as places, or one for all; of a place that is named twice the last counts, and it alone has
  /// a gradient. Stops for a place outside the tensor.
  public func replacingElements(
    at places: Tensor<Int>, with values: Tensor, file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    let places = counted(places, "replacingElements").reshaped([places.count])
    return reshaped([count]).replacing(places, with: fitting(values, places, "replacingElements")).reshaped(shape)
  }

  /// A copy in which the elements where a mask holds are replaced by values, in row-major order.
  ///
  /// Mask and tensor broadcast. Gradients: of x dL/dy where the mask does not hold, of the values what lies at their
  /// places; 0 for those that are left over. Stops where there are fewer values than true elements.
  public func replacingElements(
    where mask: Tensor<Bool>, with values: Tensor, file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    let whole = broadcastShape(shape, mask.shape, "replacingElements")
    if !(Recording.isOn && (node != nil || values.node != nil)) && !OperationObservers.isListening,
      let result = detached().broadcast(to: whole).replaced(where: mask.broadcast(to: whole), by: values.detached())
    {
      return result
    }
    let positions = truePositions(mask.broadcast(to: whole).contiguous)
    check(
      values.count >= positions.count, "replacingElements",
      "\(values.count) values for \(positions.count) true elements of the mask")
    let wanted = values.reshaped([values.count]).narrowed(axis: 0, start: 0, length: positions.count)
    return broadcast(to: whole).reshaped([Layout.product(whole)]).replacing(positions, with: wanted).reshaped(whole)
  }

  /// One value, or a tensor that broadcasts, where the mask holds, the elements elsewhere; all three broadcast.
  ///
  /// Gradients: of x dL/dy where the mask does not hold, of the value where it does.
  @_disfavoredOverload
  public func filled(
    with value: Tensor, where mask: Tensor<Bool>, file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    return select(mask, value, self)
  }

  /// Places of the row-major order, none of them negative.
  private func counted(_ places: Tensor<Int>, _ name: String) -> Tensor<Int> {
    places.countedFromEnd(of: count, name, "the \(count) elements of \(shape)")
  }

  private func fitting(_ values: Tensor, _ places: Tensor<Int>, _ name: String) -> Tensor {
    check(
      values.count == places.count || values.count == 1, name, "\(values.count) values for \(places.count) places")
    return values.reshaped([values.count])
  }
}

extension Tensor where Scalar: NumericScalar {
  /// A copy in which values are added to the elements at places of the row-major order, as often as each is named.
  ///
  /// There are as many values as places, or one for all. Gradients: of x dL/dy, of the values dL/dy at their places.
  public func addingElements(
    _ values: Tensor, at places: Tensor<Int>, file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    let places = counted(places, "addingElements").reshaped([places.count])
    let isRecorded = Recording.isOn && (node != nil || values.node != nil)
    if !layout.isContiguous && !isRecorded && !OperationObservers.isListening {
      // The copy in row-major order is written to.
      let copy = detached().copied(Layout(shape)).reshaped([count])
      return copy.added(fitting(values, places, "addingElements"), at: places, along: 0, isOwned: true).reshaped(shape)
    }
    return reshaped([count]).adding(fitting(values, places, "addingElements"), at: places).reshaped(shape)
  }

  /// Which elements are among others: of the shape of this tensor. NaN is nowhere.
  /// - Parameter inverted: which are not.
  public func isMember(
    of others: Tensor, inverted: Bool = false, file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor<Bool> {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    if others.isEmpty || isEmpty { return Tensor<Bool>(full: shape, inverted) }
    let x = detached()
    if !(Scalar.self is any FloatingScalar.Type),
      let members = members(x.cast(to: Int.self), of: others.detached().cast(to: Int.self), inverted: inverted)
    {
      return members
    }
    let sorted = others.detached().reshaped([others.count]).sorted().values
    let places = minimum(searchSorted(sorted, x), others.count - 1)
    let found = sorted.taking(places.reshaped([count])).reshaped(shape)
    return inverted ? x .!= found : x .== found
  }
}

/// Which integers are among others, by a table of what lies between the least and the greatest of those; `nil` where it would
/// be large beside what is looked up.
private func members(_ x: Tensor<Int>, of others: Tensor<Int>, inverted: Bool) -> Tensor<Bool>? {
  let (low, high) = (others.min().item, others.max().item)
  let (distance, isTooLarge) = high.subtractingReportingOverflow(low)
  if isTooLarge || distance >= Swift.max(0x10000, 4 * (x.count + others.count)) { return nil }
  var table = [Bool](repeating: inverted, count: distance + 1)
  for value in others.scalars { table[value - low] = !inverted }
  let source = x.contiguous
  return Tensor<Bool>(shape: x.shape) { out in
    let x = source.pointer
    table.withUnsafeBufferPointer { table in
      Workers.run(count: source.count, grain: StridedLoop.grain) { range in
        for i in range {
          let place = UInt(bitPattern: x[i] &- low)
          out[i] = place <= UInt(distance) ? table[Int(place)] : inverted
        }
      }
    }
  }
}
