/// A chart as a value: marks on two axes, drawn as an SVG that needs nothing else.
///
/// ```swift
/// let chart = Chart(
///   "Loss", x: Axis("step"), y: Axis("cross entropy", scale: .logarithmic),
///   .line(LineSeries("train", losses)))
/// try chart.svg.write(toFile: "loss.svg", atomically: true, encoding: .utf8)
/// ```
///
/// Colors follow the reader's light or dark setting. Title, legend and labels have room of their own outside the plot,
/// wrapped where they are long, so that they are never cut and never lie on a mark.
public struct Chart: Sendable, Hashable {
  /// What stands above it; nothing where empty.
  public var title: String
  /// The horizontal axis.
  public var x: ChartAxis
  /// The vertical axis.
  public var y: ChartAxis
  /// What is drawn, from the back to the front.
  public var marks: [Mark]
  /// The width of the SVG's own coordinates, at least 240; text is 12 of them high.
  public var width: Double
  /// The height of the plot in the same coordinates; title, legend and labels come on top.
  public var plotHeight: Double

  /// A chart of `marks`.
  ///
  /// - Parameters:
  ///   - title: The title.
  ///   - x: The horizontal axis.
  ///   - y: The vertical axis.
  ///   - width: The width, in pixels.
  ///   - plotHeight: The height of the plot, in pixels.
  ///   - marks: What is drawn.
  public init(
    _ title: String, x: ChartAxis = ChartAxis(), y: ChartAxis = ChartAxis(), width: Double = 460,
    plotHeight: Double = 230,
    marks: [Mark]
  ) {
    self.title = title
    self.x = x
    self.y = y
    self.marks = marks
    self.width = max(width, 240)
    self.plotHeight = max(plotHeight, 80)
  }

  /// A chart of `marks`.
  ///
  /// - Parameters:
  ///   - title: The title.
  ///   - x: The horizontal axis.
  ///   - y: The vertical axis.
  ///   - marks: What is drawn.
  public init(_ title: String, x: ChartAxis = ChartAxis(), y: ChartAxis = ChartAxis(), _ marks: Mark...) {
    self.init(title, x: x, y: y, marks: marks)
  }

  /// One thing that is drawn.
  public enum Mark: Sendable, Hashable {
    /// A line, with a band around it where it has one.
    case line(LineSeries)
    /// Points.
    case scatter(ScatterSeries)
    /// How often values fall into equal bins.
    case histogram(HistogramSeries)
    /// Values over a rectangle: a heat map, contours, or regions on both sides of a threshold.
    case field(FieldSeries)
  }
}

/// An axis: what it is called, how it counts and from where to where.
public struct ChartAxis: Sendable, Hashable {
  /// How places follow from values.
  public enum Scale: Sendable, Hashable {
    /// Equal differences take equal room.
    case linear
    /// Equal ratios take equal room; what is not above 0 has no place.
    case logarithmic
  }

  /// What it is called; nothing where empty.
  public var label: String
  /// How places follow from values.
  public var scale: Scale
  /// From where to where; as far as the marks go where `nil`. Ends that the scale has no place for count as `nil`.
  public var range: ClosedRange<Double>?
  /// What it does not go beyond to reach a round number, such as 0…1 for fractions; marks beyond it are still shown.
  public var limits: ClosedRange<Double>?
  /// Whether it counts things, so that nothing between two whole numbers is labeled.
  public var isWhole: Bool

  /// An axis called `label`.
  ///
  /// - Parameters:
  ///   - label: The label.
  ///   - scale: Linear or logarithmic.
  ///   - range: The range shown; that of the values where none is given.
  ///   - limits: Bounds that the range never leaves.
  ///   - isWhole: Whether only whole numbers get a tick.
  public init(
    _ label: String = "", scale: Scale = .linear, range: ClosedRange<Double>? = nil,
    limits: ClosedRange<Double>? = nil, isWhole: Bool = false
  ) {
    self.label = label
    self.scale = scale
    self.range = range
    self.limits = limits
    self.isWhole = isWhole
  }
}
