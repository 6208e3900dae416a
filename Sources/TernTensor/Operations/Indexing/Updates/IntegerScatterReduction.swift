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
    let result = scatterReduced(
      source, at: index, axis, by: reduction, from: includingSelf ? nil : .start(of: reduction))
    guard reduction == .mean else { return result }
    let own = Tensor<Int>(full: shape, includingSelf ? 1 : 0)
    return result.mean(of: maximum(own.scatterAdding(Tensor<Int>(1), at: index, along: axis), 1))
  }

  /// A copy in which slices of an axis are reduced with values: y[i][indices[l]][k] with all values[i][l][k] for axis 1.
  ///
  /// As for numbers of floating point; sums and products wrap beyond the range, means are rounded down.
  public func reducing(
    _ values: Tensor, at indices: Tensor<Int>, along axis: Int = 0, by reduction: ScatterReduction,
    includingSelf: Bool = true, file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    if rank == 0 {
      return asVector.reducing(
        values.asVector, at: indices.asVector, along: axis, by: reduction, includingSelf: includingSelf
      ).reshaped([])
    }
    let axis = resolve(axis: axis, rank: rank, "reducing")
    let list = reducedSlices(values, indices, axis)
    let result = slicesReduced(values, list, by: reduction, from: includingSelf ? nil : .start(of: reduction))
    return reduction == .mean ? result.mean(of: list.counts(axis, of: shape, includingSelf)) : result
  }

  /// These sums divided by how many numbers they have, rounded down.
  private func mean(of counts: Tensor<Int>) -> Tensor {
    cast(to: Int.self).divided(by: counts, rounding: .down).cast(to: Scalar.self)
  }
}

extension IntegerScalar {
  /// What changes no value that it is reduced with.
  fileprivate static func start(of reduction: ScatterReduction) -> Self {
    switch reduction {
    case .sum, .mean: 0
    case .product: 1
    case .maximum: .min
    case .minimum: .max
    }
  }
}
