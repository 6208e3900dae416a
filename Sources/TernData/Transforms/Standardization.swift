import TernBackend
import TernTensor

/// Shifts and scales each channel so that its mean is 0 and its deviation 1: (x − mean) / deviation.
public struct Standardization: FittedTransform, Hashable {
  /// `standardization`.
  public static let name = "standardization"

  /// The mean of each channel.
  public var mean: [Double]
  /// The standard deviation of each channel, more than 0.
  public var deviation: [Double]

  /// A standardization by these figures; stops where they are not as many, or a deviation is not more than 0.
  ///
  /// - Parameters:
  ///   - mean: The mean of each channel.
  ///   - deviation: The standard deviation of each channel.
  public init(mean: [Double], deviation: [Double], file: StaticString = #fileID, line: UInt = #line) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    check(
      mean.count == deviation.count, "Standardization", "\(mean.count) means and \(deviation.count) deviations")
    check(deviation.allSatisfy { $0 > 0 }, "Standardization", "deviations \(deviation) are not all more than 0")
    self.mean = mean
    self.deviation = deviation
  }

  /// The figures of the channels of `images`, with values from 0 to 1.
  ///
  /// A channel that is the same everywhere has the deviation 1.
  ///
  /// - Parameter images: The images.
  public init(of images: LabeledImages, file: StaticString = #fileID, line: UInt = #line) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
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
  ///
  /// - Parameter samples: The samples, [N, C, …].
  /// - Throws: ``FittingError`` where there are no samples, or a value is a NaN or an infinity.
  public init<Scalar: FloatingScalar>(of samples: Tensor<Scalar>, file: StaticString = #fileID, line: UInt = #line)
    throws(FittingError)
  {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    let mean = try samples.channelMean("Standardization")
    let variance = samples.channelVariance(around: mean)
    self.init(mean: mean.scalars, deviation: variance.map { $0 > 0 ? $0.squareRoot() : 1 })
  }

  /// `samples` [N, C, …], shifted and scaled; stops where they have another number of channels.
  public func callAsFunction<Scalar: FloatingScalar>(_ samples: Tensor<Scalar>) -> Tensor<Scalar> {
    samples.requireChannels(mean.count, "Standardization")
    return (samples - samples.perChannel(mean)) / samples.perChannel(deviation)
  }

  /// y·deviation + mean.
  public func inverse<Scalar: FloatingScalar>(_ transformed: Tensor<Scalar>) -> Tensor<Scalar> {
    transformed.requireChannels(mean.count, "Standardization")
    return transformed * transformed.perChannel(deviation) + transformed.perChannel(mean)
  }

  /// `mean` and `deviation` [C].
  public var figures: [(name: String, array: StoredArray)] {
    [
      ("mean", StoredArray(mean, shape: [mean.count])),
      ("deviation", StoredArray(deviation, shape: [deviation.count])),
    ]
  }

  /// The standardization of the figures in a file.
  ///
  /// - Parameter file: The file.
  /// - Throws: `DataError` where one is missing or wrong.
  public init(figuresOf file: SafetensorsFile) throws(DataError) {
    let mean = try file.figures("mean", [nil])
    let deviation = try file.figures("deviation", [mean.count])
    try file.require(
      deviation.allSatisfy { $0 > 0 }, "a deviation is not more than 0", expected: "deviations above 0")
    self.init(mean: mean, deviation: deviation)
  }
}
