import Foundation
import Tern

/// Trainings of one network with and without batch norm over the values of a number, from several seeds each.
package struct NormalizationSweep {
  /// The trainings with or without batch norm at one value.
  package struct Entry {
    package let isNormalized: Bool
    package let value: Double
    package fileprivate(set) var curves: [AccuracyCurve] = []

    package var network: String { isNormalized ? "normalized" : "plain" }
    /// The accuracies at the end.
    var spread: Spread { Spread(curves.map(\.last)) }
    /// The best that was seen at any moment of any seed.
    var highest: Double { curves.flatMap { $0.points.map(\.score.accuracy) }.max() ?? .nan }
    /// The accuracy of every seed.
    var seeds: String { curves.map { decimals($0.last, 4) }.joined(separator: " and ") }
  }

  /// What was trained, the plain networks first, each by rising value.
  package private(set) var entries: [Entry] = []

  /// Trains for every value and seed, or until the context is stopped.
  package init(
    values: [Double], seeds: ClosedRange<UInt64>, _ context: ExperimentContext,
    train: (_ isNormalized: Bool, _ value: Double, _ seed: UInt64) -> AccuracyCurve
  ) {
    for isNormalized in [false, true] {
      for value in values {
        var entry = Entry(isNormalized: isNormalized, value: value)
        for seed in seeds where !context.isStopped { entry.curves.append(train(isNormalized, value, seed)) }
        if !entry.curves.isEmpty { entries.append(entry) }
      }
    }
  }

  /// The entries with or without batch norm.
  func entries(isNormalized: Bool) -> [Entry] { entries.filter { $0.isNormalized == isNormalized } }

  /// The pair at a value, plain and normalized; `nil` unless both were trained.
  func pair(at value: Double) -> (plain: Entry, normalized: Entry)? {
    let found = entries.filter { $0.value == value }
    return found.count == 2 ? (found[0], found[1]) : nil
  }

  func table(_ name: String, column: String) -> ReportTable {
    ReportTable(
      name, caption: "Test accuracy at the end, over the seeds",
      columns: ["network", column, "mean", "lowest", "highest"],
      rows: entries.map { entry in
        [
          .text(entry.network), .text(shortText(entry.value)), .number(entry.spread.mean), .number(entry.spread.low),
          .number(entry.spread.high),
        ]
      })
  }

  func figure(_ name: String, _ title: String, axis: String) -> ReportFigure {
    let lines = [false, true].map { (isNormalized: Bool) in
      let found = entries(isNormalized: isNormalized)
      return Chart.Mark.line(
        LineSeries(
          isNormalized ? "with batch norm" : "without", points: found.map { ChartPoint($0.value, $0.spread.mean) },
          band: found.map { LineSeries.Spread($0.value, low: $0.spread.low, high: $0.spread.high) }))
    }
    return ReportFigure(
      name,
      Chart(title, x: ChartAxis(axis, scale: .logarithmic), y: ChartAxis("accuracy", range: 0...1), marks: lines),
      caption: "The mean of the seeds; the bands go from the lowest to the highest.")
  }
}

/// A number without needless zeros.
func shortText(_ value: Double) -> String { String(format: "%.4g", value) }
