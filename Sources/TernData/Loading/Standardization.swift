import TernBackend
import TernTensor

/// Shifts and scales each channel so that its mean is 0 and its deviation 1: (x − mean) / deviation.
public struct Standardization: Sendable, Hashable {
  /// The mean of each channel.
  public var mean: [Double]
  /// The standard deviation of each channel, more than 0.
  public var deviation: [Double]

  /// A standardisation by these figures; stops where they are not as many, or a deviation is not more than 0.
  public init(mean: [Double], deviation: [Double]) {
    check(
      mean.count == deviation.count, "Standardization", "\(mean.count) means and \(deviation.count) deviations")
    check(deviation.allSatisfy { $0 > 0 }, "Standardization", "deviations \(deviation) are not all more than 0")
    self.mean = mean
    self.deviation = deviation
  }

  /// The figures of the channels of `images`, with values from 0 to 1.
  ///
  /// A channel that is the same everywhere has the deviation 1.
  public init(of images: LabeledImages) {
    let plane = images.height * images.width
    let count = Double(max(images.count * plane, 1))
    let maximum = Double(images.maximum)
    var (mean, deviation): ([Double], [Double]) = ([], [])
    for channel in 0..<images.channels {
      // How often each value occurs says it all, and is exact.
      var histogram = [Int](repeating: 0, count: 256)
      images.pixels.withUnsafeBufferPointer { pixels in
        for image in 0..<images.count {
          let start = (image * images.channels + channel) * plane
          for index in start..<(start + plane) { histogram[Int(pixels[index])] += 1 }
        }
      }
      let middle = Double(histogram.indices.reduce(0) { $0 + $1 * histogram[$1] }) / count
      let squares = histogram.indices.reduce(0.0) { sum, value in
        sum + Double(histogram[value]) * (Double(value) - middle) * (Double(value) - middle)
      }
      mean.append(middle / maximum)
      deviation.append(squares > 0 ? (squares / count).squareRoot() / maximum : 1)
    }
    self.init(mean: mean, deviation: deviation)
  }

  /// The figures of the channels (axis 1) of `samples` [N, C, …], in double precision whatever the scalar is.
  ///
  /// A channel that is the same everywhere has the deviation 1.
  public init<Scalar: FloatingScalar>(of samples: Tensor<Scalar>) {
    check(samples.rank >= 2, "Standardization", "samples \(samples.shape) have no axis of channels")
    let channels = samples.shape[1]
    let plane = samples.shape.dropFirst(2).reduce(1, *)
    let count = Double(max(samples.shape[0] * plane, 1))
    var (mean, squares) = ([Double](repeating: 0, count: channels), [Double](repeating: 0, count: channels))
    samples.withUnsafeScalars { values in
      func forEach(_ body: (_ channel: Int, _ value: Double) -> Void) {
        for index in values.indices { body(index / plane % channels, values[index].number) }
      }
      forEach { channel, value in mean[channel] += value / count }
      forEach { channel, value in squares[channel] += (value - mean[channel]) * (value - mean[channel]) }
    }
    self.init(mean: mean, deviation: squares.map { $0 > 0 ? ($0 / count).squareRoot() : 1 })
  }

  /// `samples` [N, C, …], shifted and scaled; stops where they have another number of channels.
  public func callAsFunction<Scalar: FloatingScalar>(_ samples: Tensor<Scalar>) -> Tensor<Scalar> {
    check(
      samples.rank >= 2 && samples.shape[1] == mean.count, "Standardization",
      "samples \(samples.shape) do not have the \(mean.count) channels along axis 1")
    let shape = [1, mean.count] + [Int](repeating: 1, count: samples.rank - 2)
    let (middle, width) = (mean.map { Scalar($0) }, deviation.map { Scalar($0) })
    return (samples - Tensor(middle, shape: shape)) / Tensor(width, shape: shape)
  }
}
