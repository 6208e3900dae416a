import TernBackend
import TernTensor

/// Brings each channel into a range: its least training value to the lower end, its largest to the upper one.
///
/// y = low + (x − minimum)·(high − low) / (maximum − minimum). Other samples may lie outside. A channel that is the same
/// everywhere is only shifted, to the lower end.
public struct MinMaxScaling: FittedTransform {
  /// `min_max_scaling`.
  public static let name = "min_max_scaling"

  /// The least value of each channel.
  public let minimum: [Double]
  /// The largest value of each channel.
  public let maximum: [Double]
  /// The range that the training samples fill.
  public let range: ClosedRange<Double>

  /// A scaling by these figures; stops where they are not as many, a minimum is above its maximum, or the range is empty.
  ///
  /// - Parameters:
  ///   - minimum: The minimum of each channel.
  ///   - maximum: The maximum of each channel.
  ///   - range: The range to scale to.
  public init(
    minimum: [Double], maximum: [Double], range: ClosedRange<Double> = 0...1, file: StaticString = #fileID,
    line: UInt = #line
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    check(
      minimum.count == maximum.count, "MinMaxScaling", "\(minimum.count) minima and \(maximum.count) maxima")
    check(
      zip(minimum, maximum).allSatisfy { $0 <= $1 }, "MinMaxScaling",
      "minima \(minimum) are not all at most the maxima \(maximum)")
    check(range.lowerBound < range.upperBound, "MinMaxScaling", "the range \(range) has no width")
    self.minimum = minimum
    self.maximum = maximum
    self.range = range
  }

  /// The figures of the channels (axis 1) of `samples` [N, C, …].
  ///
  /// - Parameters:
  ///   - samples: The samples, [N, C, …].
  ///   - range: The range to scale to.
  /// - Throws: ``FittingError`` where there are no samples, or a value is a NaN or an infinity.
  public init<Scalar: FloatingScalar>(
    of samples: Tensor<Scalar>, to range: ClosedRange<Double> = 0...1,
    file: StaticString = #fileID, line: UInt = #line
  ) throws(FittingError) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    try samples.requireSamples("MinMaxScaling")
    let axes = [0] + Array(2..<samples.rank)
    let low = samples.detached().amin(along: axes).cast(to: Double.self)
    let high = samples.detached().amax(along: axes).cast(to: Double.self)
    try samples.requireFinite(high - low, "MinMaxScaling")
    self.init(minimum: low.scalars, maximum: high.scalars, range: range)
  }

  /// The widths of the channels; 1 where there is none.
  private var widths: [Double] { zip(minimum, maximum).map { $0 == $1 ? 1 : $1 - $0 } }
  private var width: Double { range.upperBound - range.lowerBound }

  /// `samples` [N, C, …], scaled; stops where they have another number of channels.
  public func callAsFunction<Scalar: FloatingScalar>(_ samples: Tensor<Scalar>) -> Tensor<Scalar> {
    samples.requireChannels(minimum.count, "MinMaxScaling")
    let fraction = (samples - samples.perChannel(minimum)) / samples.perChannel(widths)
    return fraction * Scalar(width) + Scalar(range.lowerBound)
  }

  /// minimum + (y − low)·(maximum − minimum) / (high − low).
  public func inverse<Scalar: FloatingScalar>(_ transformed: Tensor<Scalar>) -> Tensor<Scalar> {
    transformed.requireChannels(minimum.count, "MinMaxScaling")
    let fraction = (transformed - Scalar(range.lowerBound)) / Scalar(width)
    return fraction * transformed.perChannel(widths) + transformed.perChannel(minimum)
  }

  /// `minimum` and `maximum` [C], `range` [2].
  public var figures: [(name: String, array: StoredArray)] {
    [
      ("minimum", StoredArray(minimum, shape: [minimum.count])),
      ("maximum", StoredArray(maximum, shape: [maximum.count])),
      ("range", StoredArray([range.lowerBound, range.upperBound], shape: [2])),
    ]
  }

  /// The scaling of the figures in a file.
  ///
  /// - Parameter file: The file.
  /// - Throws: `DataError` where one is missing or wrong.
  public init(figuresOf file: SafetensorsFile) throws(DataError) {
    let minimum = try file.figures("minimum", [nil])
    let maximum = try file.figures("maximum", [minimum.count])
    let ends = try file.figures("range", [2])
    try file.require(
      zip(minimum, maximum).allSatisfy { $0 <= $1 } && ends[0] < ends[1], "a minimum is above its maximum",
      expected: "minima, maxima and the ends of a range in their order")
    self.init(minimum: minimum, maximum: maximum, range: ends[0]...ends[1])
  }
}
