import TernBackend

// Medians, k-th values and modes. Where several elements are equal the first is named, of the most frequent value the last.

extension Tensor where Scalar: NumericScalar {
  /// The lower median of all elements: of n in ascending order the one at (n − 1)/2, rounded down. NaN where any is.
  ///
  /// Gradient: shared by all that equal it. Stops for a tensor without elements.
  public func median(file: StaticString = #fileID, line: UInt = #line) -> Tensor {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    return medianOfAll("median") { [count] in $0 < count ? nil : (count - 1) / 2 }
  }

  /// The lower medians along an axis, and where they stand: of n in ascending order the one at (n − 1)/2, rounded down.
  ///
  /// NaN, and where the first is, in rows that have one. Gradient: goes to the element. Stops where the axis has no
  /// elements.
  /// - Parameter keepingAxes: leaves the axis with extent one.
  public func median(along axis: Int, keepingAxes: Bool = false, file: StaticString = #fileID, line: UInt = #line) -> (
    values: Tensor, indices: Tensor<Int>
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    return orderStatistic("median", axis, keepingAxes) { n, present in present < n ? nil : (n - 1) / 2 }
  }

  /// The k-th least elements along an axis, and where they stand; NaN counts as the greatest.
  ///
  /// Gradient: goes to the element. Stops unless 1 ≤ k ≤ the extent of the axis.
  /// - Parameters:
  ///   - k: 1 for the least.
  ///   - keepingAxes: leaves the axis with extent one.
  public func kthValue(
    _ k: Int, along axis: Int = -1, keepingAxes: Bool = false, file: StaticString = #fileID, line: UInt = #line
  ) -> (values: Tensor, indices: Tensor<Int>) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    let extent = rank == 0 ? 1 : shape[resolve(axis: axis, rank: rank, "kthValue")]
    check(k >= 1 && k <= extent, "kthValue", "value \(k) of the \(extent) along axis \(axis) of \(shape)")
    return orderStatistic("kthValue", axis, keepingAxes) { _, present in k <= present ? k - 1 : nil }
  }

  /// The most frequent elements along an axis, and where each last stands; of equally frequent ones the least.
  ///
  /// NaN differs from itself. Gradient: goes to the element. Stops where the axis has no elements.
  /// - Parameter keepingAxes: leaves the axis with extent one.
  public func mode(along axis: Int = -1, keepingAxes: Bool = false, file: StaticString = #fileID, line: UInt = #line)
    -> (values: Tensor, indices: Tensor<Int>)
  {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    if rank == 0 { return (onlyElement(axis, "mode"), Tensor<Int>(zeros: [])) }
    let reduced = ReducedAxes([axis], of: shape, "mode")
    requireRows("mode", reduced)
    return picked(detached().modes(reduced), reduced, keepingAxes)
  }

  /// A tensor without axes, whose only element stands for the one along axis 0.
  private func onlyElement(_ axis: Int, _ name: StaticString) -> Tensor {
    _ = resolve(axis: axis, rank: 1, "\(name)")
    return unchanged(name)
  }

  /// An order statistic along an axis, and where it stands; `rank` says which from the extent and the number of elements
  /// that are not NaN.
  fileprivate func orderStatistic(
    _ name: StaticString, _ axis: Int, _ keepingAxes: Bool, _ rank: (_ extent: Int, _ present: Int) -> Int?
  ) -> (values: Tensor, indices: Tensor<Int>) {
    if self.rank == 0 { return (onlyElement(axis, name), Tensor<Int>(zeros: [])) }
    let reduced = ReducedAxes([axis], of: shape, "\(name)")
    requireRows("\(name)", reduced)
    let extent = shape[reduced.axes[0]]
    return picked(detached().selected(reduced) { rank(extent, $0) }, reduced, keepingAxes)
  }

  /// Elements and their positions along an axis, which was kept; recorded.
  private func picked(
    _ found: (values: Tensor, positions: Tensor<Int>), _ reduced: ReducedAxes, _ keepingAxes: Bool
  ) -> (values: Tensor, indices: Tensor<Int>) {
    let positions = found.positions
    let values = found.values.recordedGather("gathered", from: self, positions, along: reduced.axes[0])
    return keepingAxes
      ? (values, positions) : (values.reshaped(reduced.reducedShape), positions.reshaped(reduced.reducedShape))
  }

  private func requireRows(_ name: String, _ reduced: ReducedAxes) {
    check(
      reduced.count > 0 || Layout.product(reduced.reducedShape) == 0, name,
      "\(shape) has nothing to choose from along axes \(reduced.axes)")
  }

  /// An order statistic of all elements, whose gradient is shared by all that equal it.
  fileprivate func medianOfAll(_ name: StaticString, _ rank: (_ present: Int) -> Int?) -> Tensor {
    check(count > 0, "\(name)", "\(shape) has nothing to choose from")
    let flat = layout.isDense ? Tensor(body: detached().body.view(Layout([count]))) : detached().reshaped([count])
    let result = flat.selected(ReducedAxes([0], of: [count], "\(name)"), rank).values.reshaped([])
    return result.recorded(name, from: self, saving: [.first, .output]) { d in
      d.send(0) {
        let weights = withoutGradients { () -> Tensor in
          let (x, y) = (d.input(0), d.output)
          let equal = (y.item == y.item ? x .== y : x.isNaN()).cast(to: Scalar.self)
          let all = equal.reducedKeeping(.sum, ReducedAxes(nil, of: x.shape, "median"))
          return .map("median", .div, equal, all)
        }
        return zeroProduct(d.gradient, weights)
      }
    }
  }
}

extension Tensor where Scalar: FloatingScalar {
  /// The lower median of all elements that are not NaN; NaN where there are none.
  ///
  /// Gradient: shared by all that equal it.
  public func nanMedian(file: StaticString = #fileID, line: UInt = #line) -> Tensor {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    return medianOfAll("nanMedian") { $0 == 0 ? nil : ($0 - 1) / 2 }
  }

  /// The lower medians along an axis of the elements that are not NaN, and where they stand; NaN where there are none.
  ///
  /// Gradient: goes to the element. Stops where the axis has no elements.
  /// - Parameter keepingAxes: leaves the axis with extent one.
  public func nanMedian(along axis: Int, keepingAxes: Bool = false, file: StaticString = #fileID, line: UInt = #line)
    -> (values: Tensor, indices: Tensor<Int>)
  {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    return orderStatistic("nanMedian", axis, keepingAxes) { _, present in present == 0 ? nil : (present - 1) / 2 }
  }
}
