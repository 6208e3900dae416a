import TernBackend
import TernTensor

// Statistics of samples [N, C, …] in double precision, without a copy of all of them.

extension Tensor where Scalar: FloatingScalar {
  /// The samples in double precision, [n, C, values], some rows after the others.
  ///
  /// - Parameter rows: how many samples a block has; about a million values' worth where `nil`.
  func blocks(of rows: Int? = nil) -> some Sequence<Tensor<Double>> {
    let (samples, count, channels) = (detached(), shape[0], shape[1])
    let rows = rows ?? Swift.max(1, (1 << 20) / Swift.max(1, self.count / Swift.max(1, count)))
    return stride(from: 0, to: count, by: rows).lazy.map { start in
      let length = Swift.min(rows, count - start)
      return samples.narrowed(axis: 0, start: start, length: length).cast(to: Double.self)
        .reshaped([length, channels, -1])
    }
  }

  /// The mean of each channel (axis 1), [C, 1].
  ///
  /// - Throws: ``FittingError`` where there are no samples, or a channel has no finite mean.
  func channelMean(_ transform: String) throws(FittingError) -> Tensor<Double> {
    try requireSamples(transform)
    // Sums of the distances from the first value: a channel that is the same everywhere has exactly that mean.
    let origin = detached().narrowed(axis: 0, start: 0, length: 1).cast(to: Double.self).reshaped([shape[1], -1])
      .narrowed(axis: 1, start: 0, length: 1)
    var sum = Tensor<Double>(zeros: [shape[1], 1])
    for block in blocks() { sum += (block - origin).sum(along: 0, 2).expandedAxis(at: 1) }
    let mean = origin + sum / Double(count / shape[1])
    try requireFinite(mean, transform)
    return mean
  }

  /// The mean squared distance of each channel's values from `mean` [C, 1]: [C].
  func channelVariance(around mean: Tensor<Double>) -> [Double] {
    var squares = Tensor<Double>(zeros: [shape[1]])
    for block in blocks() { squares += (block - mean).square().sum(along: 0, 2) }
    return (squares / Double(count / shape[1])).scalars
  }

  /// Stops unless there is an axis of channels; throws where there are no values.
  func requireSamples(_ transform: String) throws(FittingError) {
    check(rank >= 2 && shape[1] > 0, transform, "samples \(shape) have no axis of channels")
    if isEmpty { throw FittingError(transform: transform, shape: shape, reason: .noSamples) }
  }

  /// Throws where a figure of a channel is not finite.
  func requireFinite(_ figures: Tensor<Double>, _ transform: String) throws(FittingError) {
    if let channel = figures.scalars.firstIndex(where: { !$0.isFinite }) {
      throw FittingError(transform: transform, shape: shape, reason: .notFinite(channel: channel))
    }
  }

  /// Stops unless these are samples of so many channels.
  func requireChannels(_ count: Int, _ transform: String) {
    check(
      rank >= 2 && shape[1] == count, transform,
      "samples \(shape) do not have the \(count) channels along axis 1")
  }

  /// A figure of each channel in the shape that goes over these samples, in their precision.
  func perChannel(_ figures: [Double]) -> Tensor {
    Tensor(figures.map { Scalar($0) }, shape: [1, figures.count] + [Int](repeating: 1, count: rank - 2))
  }
}
