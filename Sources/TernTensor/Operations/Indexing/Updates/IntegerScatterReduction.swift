import TernBackend

extension Tensor where Scalar: IntegerScalar {
  /// A copy in which y[i][index[i][j][k]][k] for axis 1 is reduced from all values source[i][j][k] that go there.
  ///
  /// As for numbers of floating point; sums and products wrap beyond the range, means are rounded down.
  public func scatterReducing(
    _ source: Tensor, at index: Tensor<Int>, along axis: Int, by reduction: ScatterReduction,
    includingSelf: Bool = true, file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    if rank == 0 {
      return asVector.scatterReducing(
        source.asVector, at: index.asVector, along: axis, by: reduction, includingSelf: includingSelf
      ).reshaped([])
    }
    let axis = resolve(axis: axis, rank: rank, "scatterReducing")
    let source = source.cropped(to: index, "scatterReducing")
    let places = Tensor.places(index, in: Layout(shape), axis, "scatterReducing")
    let result = copied()
    let (out, at, values) = (result.mutablePointer, places.pointer, source.contiguous)
    if !includingSelf {
      let start: Scalar =
        switch reduction {
        case .sum, .mean: 0
        case .product: 1
        case .maximum: .min
        case .minimum: .max
        }
      for i in 0..<index.count { out[at[i]] = start }
    }
    Scalar.scatterReduce(reduction, index.count, out, at, values.pointer)
    withExtendedLifetime((places, values)) {}
    guard reduction == .mean else { return result }
    let own = Tensor<Int>(full: shape, includingSelf ? 1 : 0)
    let counts = maximum(own.scatterAdding(Tensor<Int>(1), at: index, along: axis), 1)
    let number = counts.pointer
    for i in 0..<counts.count {
      // Rounded down, also below 0.
      let (quotient, remainder) = Int(out[i]).quotientAndRemainder(dividingBy: number[i])
      out[i] = Scalar(quotient - (remainder < 0 ? 1 : 0))
    }
    withExtendedLifetime(counts) {}
    return result
  }
}

extension IntegerScalar {
  /// `out[places[i]] = reduction(out[places[i]], x[i])`, in order; sums for a mean.
  @specialized(where Self == Int)
  @specialized(where Self == Int32)
  fileprivate static func scatterReduce(
    _ reduction: ScatterReduction, _ n: Int, _ out: UnsafeMutablePointer<Self>, _ places: UnsafePointer<Int>,
    _ x: UnsafePointer<Self>
  ) {
    switch reduction {
    case .sum, .mean: for i in 0..<n { out[places[i]] &+= x[i] }
    case .product: for i in 0..<n { out[places[i]] &*= x[i] }
    case .maximum: for i in 0..<n { out[places[i]] = Swift.max(out[places[i]], x[i]) }
    case .minimum: for i in 0..<n { out[places[i]] = Swift.min(out[places[i]], x[i]) }
    }
  }
}
