import TernBackend
import TernTensor

/// Products of ONNX Runtime's `DynamicQuantizeLSTM`, whose weights have 8 bits.
extension NodeCall {
  /// Weights [D, K, gates · H] of 8 bits without their zero point, as [D, gates · H, K].
  func wholeWeights<Scalar: FloatingScalar>(_ index: Int, zero: Int) throws -> Tensor<Scalar> {
    let (given, zeros) = (try value(index), try value(zero))
    try require(
      given.rank == 3 && (given.dtype == .uint8 || given.narrowType == 3) && zeros.dtype == given.dtype,
      "weights of \(given.dtype) and shape \(given.shape)")
    return (given.cast(to: Scalar.self) - (try columns(zeros.cast(to: Scalar.self), given.shape[0], given.shape[2])))
      .transposed(1, 2)
  }

  /// The units of weights of [D, gates · H] columns.
  func units<Scalar: FloatingScalar>(_ index: Int, _ directions: Int, _ hidden: Int) throws -> Tensor<Scalar> {
    try columns(tensor(index), directions, 4 * hidden).squeezed([1])
  }

  /// A number for each direction, or for each column of it, as [D, 1, 1 or columns].
  private func columns<Scalar: FloatingScalar>(
    _ numbers: Tensor<Scalar>, _ directions: Int, _ columns: Int
  ) throws -> Tensor<Scalar> {
    try require(
      numbers.shape == [directions] || numbers.shape == [directions, columns],
      "a scale or zero point of shape \(numbers.shape) for \(directions) directions of \(columns) columns")
    return numbers.reshaped([directions, 1, numbers.rank == 1 ? 1 : columns])
  }

  /// x · w; where w has whole numbers of a unit each, of x rounded to 8 bits: x ≈ u · (q − z), with u from the range of all of x and
  /// 0, and q from 0 to 255.
  func product<Scalar: FloatingScalar>(
    _ x: Tensor<Scalar>, _ w: Tensor<Scalar>, _ unit: Tensor<Scalar>?
  ) -> Tensor<Scalar> {
    guard let unit else { return matmul(x, w) }
    let (low, high) = (Swift.min(x.min().item, 0), Swift.max(x.max().item, 0))
    let own = high > low ? (high - low) / 255 : 1
    let zero = Swift.min(Swift.max((-low / own).rounded(.toNearestOrEven), 0), 255)
    let whole = ((x / own).round() + zero).clamped(min: 0, max: 255) - zero
    // Double precision has the sums exactly.
    return matmul(whole.cast(to: Double.self), w.cast(to: Double.self)).cast(to: Scalar.self) * (unit * own)
  }
}
