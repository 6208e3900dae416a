import TernBackend

// The greatest and the least. NaN counts as both. Where several elements are equal, `max(along:)`, `argmax` and theirs
// choose the first, while `max()`, `amax` and theirs share the gradient among them.

extension Tensor where Scalar: NumericScalar {
  /// The greatest element of all. Its gradient is shared by all that equal it.
  ///
  /// Stops for a tensor without elements.
  public func max(file: StaticString = #fileID, line: UInt = #line) -> Tensor {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    return extreme("max", .maximum, ReducedAxes(nil, of: shape, "max"), keepingAxes: false, sharesNaN: true)
  }

  /// The least element of all. Its gradient is shared by all that equal it.
  ///
  /// Stops for a tensor without elements.
  public func min(file: StaticString = #fileID, line: UInt = #line) -> Tensor {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    return extreme("min", .minimum, ReducedAxes(nil, of: shape, "min"), keepingAxes: false, sharesNaN: true)
  }

  /// The greatest elements over the given axes, or over all. A gradient is shared by all that equal it.
  ///
  /// Stops where the axes have no elements.
  /// - Parameter keepingAxes: leaves the axes with extent one.
  public func amax(
    along axes: [Int]? = nil, keepingAxes: Bool = false, file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    return extreme("amax", .maximum, ReducedAxes(axes, of: shape, "amax"), keepingAxes: keepingAxes)
  }

  /// The greatest elements over one axis or several, see ``amax(along:keepingAxes:file:line:)-([Int]?,_,_,_)``.
  public func amax(
    along first: Int, _ rest: Int..., keepingAxes: Bool = false, file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor {
    amax(along: [first] + rest, keepingAxes: keepingAxes, file: file, line: line)
  }

  /// The least elements over the given axes, or over all. A gradient is shared by all that equal it.
  ///
  /// Stops where the axes have no elements.
  /// - Parameter keepingAxes: leaves the axes with extent one.
  public func amin(
    along axes: [Int]? = nil, keepingAxes: Bool = false, file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    return extreme("amin", .minimum, ReducedAxes(axes, of: shape, "amin"), keepingAxes: keepingAxes)
  }

  /// The least elements over one axis or several, see ``amin(along:keepingAxes:file:line:)-([Int]?,_,_,_)``.
  public func amin(
    along first: Int, _ rest: Int..., keepingAxes: Bool = false, file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor {
    amin(along: [first] + rest, keepingAxes: keepingAxes, file: file, line: line)
  }

  /// The greatest element along an axis, and where it stands: the first of equals. The gradient goes to that one.
  ///
  /// Stops where the axis has no elements.
  /// - Parameter keepingAxes: leaves the axis with extent one.
  public func max(along axis: Int, keepingAxes: Bool = false, file: StaticString = #fileID, line: UInt = #line) -> (
    values: Tensor, indices: Tensor<Int>
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    return chosen("max", .maximum, axis, keepingAxes)
  }

  /// The least element along an axis, and where it stands: the first of equals. The gradient goes to that one.
  ///
  /// Stops where the axis has no elements.
  /// - Parameter keepingAxes: leaves the axis with extent one.
  public func min(along axis: Int, keepingAxes: Bool = false, file: StaticString = #fileID, line: UInt = #line) -> (
    values: Tensor, indices: Tensor<Int>
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    return chosen("min", .minimum, axis, keepingAxes)
  }

  /// The position of the greatest element in row-major order; the first of equals.
  public func argmax(file: StaticString = #fileID, line: UInt = #line) -> Tensor<Int> {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    return position("argmax", .maximum, nil, keepingAxes: false)
  }

  /// The position of the least element in row-major order; the first of equals.
  public func argmin(file: StaticString = #fileID, line: UInt = #line) -> Tensor<Int> {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    return position("argmin", .minimum, nil, keepingAxes: false)
  }

  /// The position of the greatest element along an axis; the first of equals.
  /// - Parameter keepingAxes: leaves the axis with extent one.
  public func argmax(along axis: Int, keepingAxes: Bool = false, file: StaticString = #fileID, line: UInt = #line)
    -> Tensor<Int>
  {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    return position("argmax", .maximum, axis, keepingAxes: keepingAxes)
  }

  /// The position of the least element along an axis; the first of equals.
  /// - Parameter keepingAxes: leaves the axis with extent one.
  public func argmin(along axis: Int, keepingAxes: Bool = false, file: StaticString = #fileID, line: UInt = #line)
    -> Tensor<Int>
  {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    return position("argmin", .minimum, axis, keepingAxes: keepingAxes)
  }

  /// - Parameter sharesNaN: a NaN result hands its gradient to the NaNs it came from; otherwise the gradient is NaN.
  @specialized(where Scalar == Float)
  private func extreme(
    _ name: StaticString, _ kernel: ReductionKernel, _ reduced: ReducedAxes, keepingAxes: Bool, sharesNaN: Bool = false
  ) -> Tensor {
    requireElements("\(name)", reduced)
    let result = self.reduced(kernel, reduced, keepingAxes: keepingAxes)
    OperationArguments.note(name, ["axes": .integers(reduced.axes)])
    return node == nil && !OperationObservers.isListening
      ? result
      : result.recorded(name, from: self, saving: [.first, .output]) { d in
        d.send(0) {
          let share = withoutGradients { () -> Tensor in
            let (x, y) = (d.input(0), d.output.reshaped(reduced.keptShape))
            let equal = sharesNaN && y.isNaN().any().item ? x.isNaN() : x .== y
            let chosen = equal.cast(to: Scalar.self)
            return .map("\(name)", .div, chosen, chosen.reducedKeeping(.sum, reduced))
          }
          return zeroProduct(d.gradient.reshaped(reduced.keptShape), share)
        }
      }
  }

  private func chosen(
    _ name: String, _ kernel: ReductionKernel, _ axis: Int, _ keepingAxes: Bool
  ) -> (values: Tensor, indices: Tensor<Int>) {
    if rank == 0 {
      let (values, indices) = asVector.chosen(name, kernel, axis, false)
      return (values, indices)
    }
    let reduced = ReducedAxes([axis], of: shape, name)
    let positions = position(name, kernel, axis, keepingAxes: true)
    let values = gathered(positions, along: axis)
    return keepingAxes
      ? (values, positions) : (values.reshaped(reduced.reducedShape), positions.reshaped(reduced.reducedShape))
  }

  private func position(_ name: String, _ kernel: ReductionKernel, _ axis: Int?, keepingAxes: Bool) -> Tensor<Int> {
    let reduced = ReducedAxes(axis.map { [$0] }, of: shape, name)
    requireElements(name, reduced)
    let plan = ReductionPlan(self, reduced, ordered: true)
    let result = Tensor<Int>(uninitialized: plan.result)
    let (n, inner, out, x) = (plan.n, plan.inner, result.mutablePointer, plan.input.pointer)
    plan.runOuter { first, count in
      Scalar.argReduce(kernel, count, n, inner, out + first * inner, x + first * n * inner)
    }
    let positions = result.dropping(reduced, unless: keepingAxes)
    if OperationObservers.isListening {
      OperationArguments.note(
        "position", ["axes": .integers(axis == nil ? [] : reduced.axes), "isLargest": .flag(kernel == .maximum)])
      OperationObservers.ended("position", from: [body], positions.body)
    }
    return positions
  }

  private func requireElements(_ name: @autoclosure () -> String, _ reduced: ReducedAxes) {
    if count > 0 { return }
    check(
      reduced.count > 0 || Layout.product(reduced.reducedShape) == 0, name(),
      "\(shape) has nothing to choose from along axes \(reduced.axes)")
  }
}

extension Tensor {
  /// A tensor of rank 0 as a vector of one; others as they are.
  package var asVector: Tensor { rank == 0 ? reshaped([1]) : self }
}
