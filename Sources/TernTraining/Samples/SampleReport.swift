import Foundation
import TernBackend
import TernCharts
import TernData
import TernTensor

/// The samples of a ``SampleHistory`` that were hard to learn, for people: a page with those that are likely to be labeled
/// wrongly, the forgotten and the never learned, as pictures where they are some, and a file with all by rank.
public struct SampleReport: Sendable {
  /// How the samples were learned.
  public var history: SampleHistory
  /// What stands above the page.
  public var title: String
  /// The names of the classes, where they have any.
  public var classNames: [String]?
  /// The picture of a sample [C, H, W], where it is one.
  public var picture: @Sendable (Int) -> Tensor<UInt8>?
  /// What a sample is called, such as its file, where it has a name.
  public var name: @Sendable (Int) -> String?
  /// How many samples each list of the page has at most.
  public var limit = 60

  /// A report of a history.
  ///
  /// - Parameters:
  ///   - history: How the samples were learned.
  ///   - title: What stands above the page.
  ///   - classNames: The names of the classes.
  ///   - name: What a sample is called.
  ///   - picture: The picture of a sample, see `PNGFile` for its shapes.
  public init(
    _ history: SampleHistory, title: String = "Samples", classNames: [String]? = nil,
    name: @escaping @Sendable (Int) -> String? = { _ in nil },
    picture: @escaping @Sendable (Int) -> Tensor<UInt8>? = { _ in nil }
  ) {
    (self.history, self.title, self.classNames) = (history, title, classNames)
    (self.name, self.picture) = (name, picture)
  }

  /// All samples that were seen by rank, those first that are most likely to be labeled wrongly: comma-separated values under
  /// the names `rank`, `sample`, `name`, `mean_margin`, `mean_loss`, `last_loss`, `visits`, `right`, `learned_epoch`,
  /// `forgotten`, `label` and `answer`.
  public var csv: String {
    let ranked = history.ranked()
    return CSVFile.text(of: [
      CSVColumn("rank", ranked.indices.map { $0 + 1 }), CSVColumn("sample", ranked.map { $0.index }),
      CSVColumn("name", ranked.map { name($0.index) }), CSVColumn("mean_margin", ranked.map { $0.meanMargin }),
      CSVColumn("mean_loss", ranked.map { $0.meanLoss }), CSVColumn("last_loss", ranked.map { $0.lastLoss }),
      CSVColumn("visits", ranked.map { $0.visits }),
      CSVColumn("right", ranked.map { $0.label == nil ? nil : $0.rightCount }),
      CSVColumn("learned_epoch", ranked.map { $0.learnedEpoch }),
      CSVColumn("forgotten", ranked.map { $0.label == nil ? nil : $0.forgottenCount }),
      CSVColumn("label", ranked.map { $0.label.map(className) }),
      CSVColumn("answer", ranked.map { $0.answer.map(className) }),
    ])
  }

  /// The page: HTML that needs no file beside it.
  public var html: String {
    let (ranked, forgotten, never) = (
      history.ranked(), history.forgottenSamples(), history.neverLearnedSamples()
    )
    let hasClasses = ranked.first?.label != nil
    let epochs = "\(history.epochs) \(history.epochs == 1 ? "epoch" : "epochs")"
    var report = Report(
      title, summary: "\(ranked.count) of \(history.count) samples were seen in \(epochs); samples.csv has all by rank."
    )
    var galleries: [String] = []
    func list(_ heading: String, _ text: String, _ records: [SampleRecord], _ file: String) {
      report.add(.heading(heading))
      report.add(.text(text))
      let shown = records.prefix(limit)
      let pictures = shown.map { picture($0.index) }
      if !shown.isEmpty, pictures.allSatisfy({ $0 != nil }) {
        galleries.append(
          "<div class=\"samples\">\n" + zip(shown, pictures).map { figure($0, $1) }.joined() + "</div>\n")
        report.add(.text(marker(galleries.count - 1)))
      } else if !shown.isEmpty {
        report.add(.table(table(Array(shown), file)))
      }
    }
    if hasClasses {
      list(
        "Likely to be labeled wrongly",
        "The least mean margins first: the logit of the label less the largest other one, over all epochs. Below each the "
          + "label, and what the network took it for last.", ranked, "likely-mislabeled")
      list(
        "Forgotten",
        "\(forgotten.count) samples were answered rightly once and wrongly later; those first for which that was so most "
          + "often.", forgotten, "forgotten")
      list(
        "Never learned", "\(never.count) samples were never answered rightly; the largest mean losses first.", never,
        "never-learned")
    } else {
      list("Hard to learn", "The largest mean losses first.", ranked, "hard")
    }
    var page = report.html.replacing(
      "</style>",
      with: ".samples { display: flex; flex-wrap: wrap; gap: 10px 12px; margin: 1em 0; }\n"
        + ".samples figure { width: 104px; font-size: 0.8em; }\n"
        + ".samples img { width: 84px; image-rendering: pixelated; display: block; }\n</style>")
    for (index, gallery) in galleries.enumerated() {
      page = page.replacing("<p>\(marker(index))</p>", with: gallery)
    }
    return page
  }

  /// Writes `samples.csv`, and then `samples.html`, into a folder that is there, each whole or not at all.
  ///
  /// - Throws: `DataError` where a file cannot be written.
  public func write(to folder: String, file: StaticString = #fileID, line: UInt = #line) throws(DataError) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    try FileIO.write(csv, to: folder + "/samples.csv")
    try FileIO.write(html, to: folder + "/samples.html")
  }

  /// Stands on the page where pictures go.
  private func marker(_ number: Int) -> String { "⟦pictures \(number)⟧" }

  private func className(_ label: Int) -> String {
    classNames.flatMap { $0.indices.contains(label) ? $0[label] : nil } ?? "\(label)"
  }

  private func figure(_ record: SampleRecord, _ picture: Tensor<UInt8>?) -> String {
    guard let picture else { return "" }
    let data = Data(PNGFile.bytes(of: picture)).base64EncodedString()
    let label = markup(record.label.map(className) ?? "")
    let answer = record.answer.map(className).map { " → \(markup($0))" } ?? ""
    let title = markup(name(record.index) ?? "sample \(record.index)")
    return "<figure title=\"\(title)\"><img src=\"data:image/png;base64,\(data)\" alt=\"\(title)\">"
      + "<figcaption>\(record.index)<br>\(label)\(answer)</figcaption></figure>\n"
  }

  private func table(_ records: [SampleRecord], _ file: String) -> ReportTable {
    let hasClasses = records.first?.label != nil
    return ReportTable(
      file,
      columns: ["sample", "name", "mean loss"] + (hasClasses ? ["mean margin", "forgotten", "label", "answer"] : []),
      rows: records.map { record in
        let cells: [ReportTable.Cell] = [
          .integer(record.index), .text(name(record.index) ?? ""), .number(record.meanLoss),
        ]
        guard let label = record.label, let answer = record.answer else { return cells }
        return cells + [
          .number(record.meanMargin ?? .nan), .integer(record.forgottenCount), .text(className(label)),
          .text(className(answer)),
        ]
      })
  }
}

private func markup(_ text: String) -> String {
  text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
    .replacing("\"", with: "&quot;")
}
