/// What was found out, for people: texts, tables and figures in order, drawn as one page of HTML that needs nothing else.
///
/// ```swift
/// var report = Report("Rates", summary: "Two rates side by side.")
/// report.add(.heading("What came out"))
/// report.add(.table(ReportTable("rates", columns: ["rate", "accuracy"], rows: [[.number(0.1), .number(0.97)]])))
/// report.add(.figure(Figure("loss", chart, caption: "The loss over steps.")))
/// ```
public struct Report: Sendable, Hashable {
  /// A part of the page.
  public enum Part: Sendable, Hashable {
    /// A heading.
    case heading(String)
    /// A paragraph.
    case text(String)
    /// Lines to type, as they are.
    case code(String)
    /// A list of short sentences.
    case list([String])
    /// A table, on the page and among the numbers.
    case table(ReportTable)
    /// A figure, on the page and as a file; figures in a row stand beside each other where there is room.
    case figure(ReportFigure)
  }

  /// What it is called.
  public var title: String
  /// What it is about, in a sentence or two.
  public var summary: String
  /// The parts in order.
  public var parts: [Part] = []
  /// Tables of numbers that are too long for the page.
  public var data: [ReportTable] = []

  /// A report without parts.
  ///
  /// - Parameters:
  ///   - title: The title.
  ///   - summary: A paragraph below the title.
  public init(_ title: String, summary: String = "") {
    self.title = title
    self.summary = summary
  }

  /// Appends a part.
  public mutating func add(_ part: Part) { parts.append(part) }

  /// Every figure in order.
  public var figures: [ReportFigure] { parts.compactMap { if case .figure(let figure) = $0 { figure } else { nil } } }

  /// Every table: those of the page in order, then the longer ones.
  public var tables: [ReportTable] {
    parts.compactMap { if case .table(let table) = $0 { table } else { nil } } + data
  }
}

/// A chart with a name for its file and words below it.
public struct ReportFigure: Sendable, Hashable {
  /// The name of its file, without `.svg`.
  public var name: String
  /// The chart.
  public var chart: Chart
  /// What it shows.
  public var caption: String

  /// A figure.
  ///
  /// - Parameters:
  ///   - name: The name.
  ///   - chart: The chart.
  ///   - caption: A line below it.
  public init(_ name: String, _ chart: Chart, caption: String = "") {
    self.name = name
    self.chart = chart
    self.caption = caption
  }
}

/// Rows of texts and numbers under names.
public struct ReportTable: Sendable, Hashable {
  /// What stands in a place of a table.
  public enum Cell: Sendable, Hashable {
    /// Words.
    case text(String)
    /// A whole number.
    case integer(Int)
    /// A number, shown with so many digits that count; files have it whole.
    case number(Double, digits: Int = 4)

    /// Whether these are words.
    var isText: Bool { if case .text = self { true } else { false } }

    /// As the page shows it.
    public var shown: String {
      switch self {
      case .text(let text): text
      case .integer(let value): "\(value)"
      case .number(let value, let digits): AxisTicks.text(value, digits: digits)
      }
    }
  }

  /// The name of its file, without `.csv`.
  public var name: String
  /// What it shows.
  public var caption: String
  /// The names of the columns, no two alike.
  public let columns: [String]
  /// The rows, each with a cell for every column.
  public let rows: [[Cell]]

  /// A table; stops for a row with another number of cells than there are columns.
  ///
  /// - Parameters:
  ///   - name: The name.
  ///   - caption: A line below it.
  ///   - columns: The names of the columns.
  ///   - rows: The cells of each row.
  public init(_ name: String, caption: String = "", columns: [String], rows: [[Cell]]) {
    for row in rows where row.count != columns.count {
      fatalError("ReportTable: a row of \(row.count) cells under \(columns.count) columns in \"\(name)\"")
    }
    self.name = name
    self.caption = caption
    self.columns = columns
    self.rows = rows
  }
}
