import Foundation
import Tern
import TernBackend

/// What a model answers: probabilities of classes, or a number, for each sample.
struct ModelAnswers {
  /// How many numbers a sample has.
  let width: Int
  private var values: [Float] = []
  private var names: [String] = []
  /// What is wrong with the samples that were left out.
  var skipped: [String] = []

  init(width: Int) { self.width = width }

  var count: Int { values.count / width }

  /// Adds the answers [N, width] of samples with these names.
  mutating func add(_ block: Tensor<Float>, names: [String]?) {
    values += block.scalars
    self.names += names ?? []
  }

  private var table: Tensor<Float> { Tensor(values, shape: [count, width]) }

  private func name(_ sample: Int, _ kind: String) -> String { names.isEmpty ? "\(kind) \(sample)" : names[sample] }

  /// What is said beside what is written.
  private func lines(_ interface: ModelInterface, _ body: (Int) -> String) -> [String] {
    let kind = interface.table == nil ? "image" : "row"
    var lines = (0..<min(10, count)).map { "\(name($0, kind)): \(body($0))" }
    if count > 10 { lines.append("… \(count) \(interface.samples.name) in all") }
    if !skipped.isEmpty { lines += ["Skipped \(skipped.count) of \(count + skipped.count) pictures:"] }
    return lines + skipped.map { "  \($0)" }
  }

  private func show(_ lines: [String], beside path: String) {
    let text = lines.joined(separator: "\n")
    if FileIO.isWrittenDirectly(path) { FileHandle.standardError.write(Data((text + "\n").utf8)) } else { print(text) }
  }

  private func words(_ answer: Int, _ sample: Int, _ interface: ModelInterface) -> String {
    let name = interface.classNames?[answer] ?? "\(answer)"
    return "class \(name), probability \(decimals(Double(values[sample * width + answer]), 4))"
  }

  /// Writes the classes as an array, and the probabilities beside it.
  func write(npy path: String, _ interface: ModelInterface) throws {
    let classes = largestClasses(table)
    try Tensor<Int>(classes).write(npy: path)
    var lines = lines(interface) { words(classes[$0], $0, interface) } + ["Classes       \(path)"]
    if !FileIO.isWrittenDirectly(path) {
      let beside = (path.hasSuffix(".npy") ? String(path.dropLast(4)) : path) + ".probabilities.npy"
      try table.write(npy: beside)
      lines.append("Probabilities \(beside)")
    }
    show(lines, beside: path)
  }

  /// Writes the answers as a table: numbers in the target's units, or the classes' names and their probabilities.
  func write(csv path: String, _ interface: ModelInterface) throws {
    var columns = names.isEmpty ? [] : [CSVColumn("picture", names)]
    if case .number(let mean, let deviation) = interface.table?.target {
      let numbers = values.map { Float(Double($0) * deviation + mean) }
      columns.append(CSVColumn(interface.table?.column ?? "value", numbers))
      try CSVFile.write(columns, to: path)
      return show(lines(interface) { "\(numbers[$0])" } + ["Values        \(path)"], beside: path)
    }
    let classes = largestClasses(table)
    let titles = interface.classNames ?? (0..<width).map { "\($0)" }
    columns.append(CSVColumn(interface.table?.column ?? "class", classes.map { titles[$0] }))
    for (place, title) in titles.enumerated() {
      columns.append(CSVColumn("probability of \(title)", (0..<count).map { values[$0 * width + place] }))
    }
    try CSVFile.write(columns, to: path)
    show(lines(interface) { words(classes[$0], $0, interface) } + ["Classes       \(path)"], beside: path)
  }
}
