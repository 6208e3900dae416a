import TernBackend

extension Tensor {
  /// Elements of the row-major order by strides: y[i, j, …] = x[offset + i·s₀ + j·s₁ + …], as often as they are named.
  ///
  /// A copy. Gradient: added up where the elements came from. Stops where the strides lead outside.
  public func strided(
    _ shape: [Int], strides: [Int], offset: Int = 0, file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    return elements(at: strided(places: shape, strides, offset, "strided"))
  }

  /// A copy in which the elements that ``strided(_:strides:offset:file:line:)`` takes for the shape of the values are
  /// replaced; of an element that is named twice the last value counts.
  public func replacingStrided(
    strides: [Int], offset: Int = 0, with values: Tensor, file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    return replacingElements(at: strided(places: values.shape, strides, offset, "replacingStrided"), with: values)
  }

  private func strided(places shape: [Int], _ strides: [Int], _ offset: Int, _ name: String) -> Tensor<Int> {
    Sizes.check(shape, name, "an extent of")
    check(shape.count == strides.count, name, "strides \(strides) for the shape \(shape)")
    if shape.contains(0) { return Tensor<Int>(zeros: shape) }
    let ends = zip(shape, strides).map { Double($0 - 1) * Double($1) }
    let first = ends.reduce(Double(offset)) { $0 + Swift.min($1, 0) }
    let last = ends.reduce(Double(offset)) { $0 + Swift.max($1, 0) }
    check(
      first >= 0 && last < Double(count), name,
      "shape \(shape), strides \(strides) and offset \(offset) lead outside the \(count) elements of \(self.shape)")
    var places = Tensor<Int>(full: shape.map { _ in 1 }, offset)
    for (axis, (extent, stride)) in zip(shape, strides).enumerated() {
      var wide = shape.map { _ in 1 }
      wide[axis] = extent
      places = places + (Tensor<Int>(0..<extent) * stride).reshaped(wide)
    }
    return places
  }
}
