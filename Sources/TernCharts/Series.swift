/// A place in a chart; one with a coordinate that is not finite, or beyond 10³⁰⁰, is left out.
public struct ChartPoint: Sendable, Hashable {
  /// The horizontal coordinate.
  public var x: Double
  /// The vertical coordinate.
  public var y: Double

  /// A place.
  public init(_ x: Double, _ y: Double) {
    self.x = x
    self.y = y
  }
}

/// A line through points, with a band around it where there is one.
public struct LineSeries: Sendable, Hashable {
  /// How far values spread at a place of the line.
  public struct Spread: Sendable, Hashable {
    /// The horizontal coordinate.
    public var x: Double
    /// The lower edge.
    public var low: Double
    /// The upper edge.
    public var high: Double

    /// A spread from `low` to `high` at `x`.
    public init(_ x: Double, low: Double, high: Double) {
      self.x = x
      self.low = low
      self.high = high
    }
  }

  /// What the legend calls it; not in the legend where empty.
  public var name: String
  /// Its points from left to right; one that has no place leaves a gap.
  public var points: [ChartPoint]
  /// The band, from left to right.
  public var band: [Spread]
  /// Which of the eight series colours it has; the next one where `nil`.
  public var color: Int?
  /// Whether it is dashed.
  public var isDashed: Bool

  /// A line through `points`.
  public init(
    _ name: String, points: [ChartPoint], band: [Spread] = [], color: Int? = nil, isDashed: Bool = false
  ) {
    self.name = name
    self.points = points
    self.band = band
    self.color = color
    self.isDashed = isDashed
  }

  /// A line through `values` at 0, 1, 2, …
  public init(_ name: String, _ values: [Double], color: Int? = nil, isDashed: Bool = false) {
    self.init(
      name, points: values.enumerated().map { ChartPoint(Double($0), $1) }, color: color, isDashed: isDashed)
  }
}

/// Points without a line.
public struct ScatterSeries: Sendable, Hashable {
  /// What the legend calls them; not in the legend where empty.
  public var name: String
  /// The points.
  public var points: [ChartPoint]
  /// Which of the eight series colours they have; the next one where `nil`.
  public var color: Int?

  /// Points called `name`.
  public init(_ name: String, points: [ChartPoint], color: Int? = nil) {
    self.name = name
    self.points = points
    self.color = color
  }
}

/// How often values fall into equal bins between the least and the largest.
public struct HistogramSeries: Sendable, Hashable {
  /// What the legend calls it; not in the legend where empty.
  public var name: String
  /// The values; those that are not finite, or beyond 10³⁰⁰, are left out.
  public var values: [Double]
  /// How many bins there are, at least 1.
  public var binCount: Int
  /// Which of the eight series colours it has; the next one where `nil`.
  public var color: Int?

  /// A histogram of `values`.
  public init(_ name: String, values: [Double], binCount: Int = 30, color: Int? = nil) {
    self.name = name
    self.values = values
    self.binCount = max(binCount, 1)
    self.color = color
  }

  /// The bins: their edges and how many values fall in each; the last one has its upper edge too.
  public var bins: [(range: ClosedRange<Double>, count: Int)] {
    let finite = values.filter(isDrawable)
    guard var low = finite.min(), var high = finite.max() else { return [] }
    if low == high { (low, high) = (low - max(abs(low), 1) / 2, high + max(abs(high), 1) / 2) }
    let width = (high - low) / Double(binCount)
    var counts = [Int](repeating: 0, count: binCount)
    for value in finite { counts[min(max(Int((value - low) / width), 0), binCount - 1)] += 1 }
    return counts.enumerated().map { index, count in
      (low + Double(index) * width...max(low + Double(index + 1) * width, low + Double(index) * width), count)
    }
  }
}

/// Values at the nodes of a grid over a rectangle.
public struct FieldSeries: Sendable, Hashable {
  /// How values become colours.
  public enum Style: Sendable, Hashable {
    /// Nine steps from the least value to the largest.
    case heat
    /// Two regions, below the threshold and from it on, with a line between them.
    case regions(threshold: Double)
  }

  /// What the legend calls it; not in the legend where empty.
  public var name: String
  /// The rectangle's horizontal extent: the first and the last column's coordinate.
  public var xRange: ClosedRange<Double>
  /// The rectangle's vertical extent: the first and the last row's coordinate.
  public var yRange: ClosedRange<Double>
  /// How many columns there are, at least 2.
  public let columns: Int
  /// The values row by row, from the bottom up, each from left to right.
  public let values: [Double]
  /// How values become colours.
  public var style: Style

  /// How many rows there are.
  public var rows: Int { values.count / columns }

  /// A field of `values`, row by row from the bottom up.
  ///
  /// Stops unless there are at least two columns and two whole rows.
  public init(
    _ name: String = "", x xRange: ClosedRange<Double>, y yRange: ClosedRange<Double>, columns: Int, values: [Double],
    style: Style = .heat
  ) {
    guard columns >= 2, values.count >= 2 * columns, values.count.isMultiple(of: columns) else {
      fatalError("FieldSeries: \(values.count) values in \(columns) columns are no grid of at least 2×2")
    }
    self.name = name
    self.xRange = xRange
    self.yRange = yRange
    self.columns = columns
    self.values = values
    self.style = style
  }
}

/// Whether a chart has a place for `value`: beyond this, differences overflow.
func isDrawable(_ value: Double) -> Bool { value.magnitude <= 1e300 }
