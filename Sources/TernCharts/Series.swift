/// A place in a chart; one with a coordinate that is not finite, or beyond 10³⁰⁰, is left out.
public struct ChartPoint: Sendable, Hashable {
  /// The horizontal coordinate.
  public var x: Double
  /// The vertical coordinate.
  public var y: Double

  /// A place.
  ///
  /// - Parameters:
  ///   - x: The horizontal place.
  ///   - y: The vertical place.
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
    ///
    /// - Parameters:
    ///   - x: The horizontal place.
    ///   - low: The lower end.
    ///   - high: The upper end.
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
  /// Which of the eight series colors it has; the next one where `nil`.
  public var color: Int?
  /// Whether it is dashed.
  public var isDashed: Bool
  /// Whether each of its points is a dot.
  public var hasDots: Bool

  /// A line through `points`.
  ///
  /// - Parameters:
  ///   - name: The name.
  ///   - points: The points.
  ///   - band: A band behind the line.
  ///   - color: The number of a color of the palette; the next free one where none is given.
  ///   - isDashed: Whether the line is dashed.
  ///   - hasDots: Whether each point has a dot.
  public init(
    _ name: String, points: [ChartPoint], band: [Spread] = [], color: Int? = nil, isDashed: Bool = false,
    hasDots: Bool = false
  ) {
    self.name = name
    self.points = points
    self.band = band
    self.color = color
    self.isDashed = isDashed
    self.hasDots = hasDots
  }

  /// A line through `values` at 0, 1, 2, …
  ///
  /// - Parameters:
  ///   - name: The name.
  ///   - values: The values.
  ///   - color: The number of a color of the palette; the next free one where none is given.
  ///   - isDashed: Whether the line is dashed.
  ///   - hasDots: Whether each point has a dot.
  public init(
    _ name: String, _ values: [Double], color: Int? = nil, isDashed: Bool = false, hasDots: Bool = false
  ) {
    self.init(
      name, points: values.enumerated().map { ChartPoint(Double($0), $1) }, color: color, isDashed: isDashed,
      hasDots: hasDots)
  }
}

/// Points without a line.
public struct ScatterSeries: Sendable, Hashable {
  /// What the legend calls them; not in the legend where empty.
  public var name: String
  /// The points.
  public var points: [ChartPoint]
  /// Which of the eight series colors they have; the next one where `nil`.
  public var color: Int?

  /// Points called `name`.
  ///
  /// - Parameters:
  ///   - name: The name.
  ///   - points: The points.
  ///   - color: The number of a color of the palette; the next free one where none is given.
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
  /// Which of the eight series colors it has; the next one where `nil`.
  public var color: Int?

  /// A histogram of `values`.
  ///
  /// - Parameters:
  ///   - name: The name.
  ///   - values: The values.
  ///   - binCount: The number of bins.
  ///   - color: The number of a color of the palette; the next free one where none is given.
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
  /// How values become colors.
  public enum Style: Sendable, Hashable {
    /// Nine steps from the least value to the largest.
    case heat
    /// Lines along which the values are one of these levels, from low to high; about six round ones between the least
    /// value and the largest where none are given. The legend tells which line is which.
    case contours(levels: [Double] = [])
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
  /// How values become colors.
  public var style: Style

  /// How many rows there are.
  public var rows: Int { values.count / columns }

  /// A field of `values`, row by row from the bottom up.
  ///
  /// Stops unless there are at least two columns and two whole rows.
  ///
  /// - Parameters:
  ///   - name: The name.
  ///   - xRange: The horizontal range.
  ///   - yRange: The vertical range.
  ///   - columns: The number of columns.
  ///   - values: The values.
  ///   - style: How the values are drawn.
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

extension FieldSeries {
  /// The levels of the contours that are drawn, from low to high; none for another style.
  public var levels: [Double] {
    guard case .contours(let levels) = style else { return [] }
    if !levels.isEmpty { return levels.filter(isDrawable).sorted() }
    let finite = values.filter(isDrawable)
    guard let low = finite.min(), let high = finite.max(), low < high else { return [] }
    let extent = AxisExtent(ChartAxis(range: low...high), values: [], isLoose: false)
    // An end of the values is a point or an edge, not a line.
    let choices = (4...12).reversed().map { AxisTicks(extent, count: $0).values.filter { $0 > low && $0 < high } }
    return choices.min { abs($0.count - 6) < abs($1.count - 6) } ?? []
  }
}

/// Whether a chart has a place for `value`: beyond this, differences overflow.
func isDrawable(_ value: Double) -> Bool { value.magnitude <= 1e300 }
