import Foundation
import FoundationXML
import Synchronization
import TernData
import Testing

@testable import TernTraining

@Suite("Histories")
struct HistoryTests {
  private let history = History([
    History.Epoch(
      number: 1, trainLoss: 0.1 + 0.2, trainAccuracy: 0.5, testLoss: .nan, testAccuracy: 1 / 3, learningRate: 1e-3,
      seconds: 1.25),
    History.Epoch(number: 3, trainLoss: .infinity, learningRate: 5e-4, seconds: 0),
  ])

  @Test("A history is read back to the same bits, whatever its numbers")
  func roundTrip() throws {
    let json = history.json
    #expect(json.contains(#""test_loss":"NaN""#) && json.contains(#""train_loss":"Infinity""#))
    #expect(json.split(separator: "\n").count == 6, "an epoch a line")
    let read = try History(json: json)
    #expect(read.json == json)
    #expect(read.epochs[0].trainLoss == 0.1 + 0.2 && read.epochs[0].testLoss?.isNaN == true)
    #expect(read.epochs[1] == history.epochs[1])
    #expect(try History(json: History().json) == History())
    // Other readers accept it.
    _ = try JSONSerialization.jsonObject(with: Data(json.utf8))
  }

  @Test("A history goes through a file")
  func file() throws {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID().uuidString).json").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    try history.write(to: path)
    #expect(try History(contentsOf: path).json == history.json)
  }

  @Test(
    "What is no history is refused, and says why",
    arguments: [
      ("[]", "no list of epochs"), ("{\"epochs\": 3}", "no list of epochs"), ("{\"epochs\": [", "JSON: the text ends"),
      (#"{"epochs": [{"epoch": 1, "learning_rate": 1, "seconds": 1}]}"#, "epoch 1 has no train_loss"),
      (#"{"epochs": [{"epoch": 0, "train_loss": 1, "learning_rate": 1, "seconds": 1}]}"#, "has the number 0"),
      (#"{"epochs": [{"epoch": 1, "train_loss": true, "learning_rate": 1, "seconds": 1}]}"#, "is a truth value"),
      (#"{"epochs": [{"epoch": 1, "train_loss": "1", "learning_rate": 1, "seconds": 1}]}"#, "is a string"),
    ])
  func refused(json: String, words: String) {
    #expect {
      try History(json: json, file: "history.json")
    } throws: { error in
      "\(error)".hasPrefix("history.json: ") && "\(error)".contains(words)
    }
  }
}

@Suite("Learning curves")
struct LearningCurveTests {
  private func svg(_ epochs: [History.Epoch], title: String = "t") throws -> XMLCounter {
    let counter = XMLCounter()
    let parser = XMLParser(data: Data(LearningCurve(History(epochs), title: title).svg.utf8))
    parser.delegate = counter
    try #require(parser.parse(), "\(String(describing: parser.parserError))")
    return counter
  }

  private func epoch(_ number: Int, _ loss: Double, _ accuracy: Double?) -> History.Epoch {
    History.Epoch(
      number: number, trainLoss: loss, trainAccuracy: accuracy, testLoss: loss, testAccuracy: accuracy,
      learningRate: 1, seconds: 1)
  }

  @Test("Four lines with a dot an epoch, in well-formed XML, whatever the title")
  func lines() throws {
    let counter = try svg((1...5).map { epoch($0, 1 / Double($0), 0.9) }, title: "a < b & \"c\"")
    #expect(counter.lines.count == 4 + 2, "the two of the legend included")
    #expect(counter.dots == 20)
    #expect(counter.texts.contains("a < b & \"c\""))
    #expect(counter.texts.contains { $0.contains("best test accuracy 0.9000 in epoch 1") })
    #expect(counter.isInside, "\(counter.lines)")
  }

  @Test("What is not finite leaves a gap; nothing, one epoch and equal values are drawn too")
  func edges() throws {
    let gap = try svg([
      epoch(1, 1, nil), epoch(2, .nan, nil), epoch(3, 2, nil), epoch(4, 3, nil), epoch(5, .infinity, nil),
    ])
    #expect(gap.lines.filter { $0.contains("train") && $0.split(separator: "M").count == 3 }.count == 1)
    #expect(gap.dots == 6)
    #expect(try svg([]).texts.contains("no finite values"))
    #expect(try svg([epoch(1, .nan, .nan)]).texts.filter { $0 == "no finite values" }.count == 2)
    #expect(try svg([epoch(1, 0.5, 1)]).dots == 4)
    #expect(try svg((1...3).map { epoch($0, 0, 0) }).isInside)
    #expect(try svg((1...3).map { epoch($0, 1e299 * Double($0), 1) }).isInside)
    #expect(try svg([epoch(1, -1e300, 1), epoch(2, .greatestFiniteMagnitude, 1), epoch(3, 1e300, 1)]).isInside)
    #expect(try svg([epoch(1, 5e-300, 1), epoch(2, 6e-300, 1)]).isInside)
    #expect(try svg((1...500).map { epoch($0, 1, 0.5) }).dots == 0)
  }

  @Test("Ticks are round and enclose the data, within the bounds")
  func ticks() {
    func texts(_ low: Double, _ high: Double, _ bounds: ClosedRange<Double>? = nil) -> [String] {
      let ticks = Ticks(low: low, high: high, bounds: bounds)
      return ticks.values.map { ticks.text($0) }
    }
    #expect(texts(0.03, 2.31) == ["0.0", "0.5", "1.0", "1.5", "2.0", "2.5"])
    #expect(texts(0.884, 0.9971, 0...1) == ["0.88", "0.90", "0.92", "0.94", "0.96", "0.98", "1.00"])
    #expect(texts(0.5, 1, 0...1) == ["0.5", "0.6", "0.7", "0.8", "0.9", "1.0"])
    #expect(texts(-3, 12) == ["-5", "0", "5", "10", "15"])
    #expect(texts(1200, 9000) == ["0", "2000", "4000", "6000", "8000", "10000"])
    #expect(texts(2e-7, 9e-7) == ["2.0e-07", "4.0e-07", "6.0e-07", "8.0e-07", "1.0e-06"])
    #expect(texts(1, 1, 0...1) == ["0.90", "0.92", "0.94", "0.96", "0.98", "1.00"])
    #expect(Ticks.whole(1, 1) == [1])
    #expect(Ticks.whole(1, 10) == [1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
    #expect(Ticks.whole(1, 30) == [1, 5, 10, 15, 20, 25, 30])
    #expect(Ticks.whole(1, 100) == [1, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100])
  }
}

/// Counts what an SVG draws.
private final class XMLCounter: NSObject, XMLParserDelegate {
  var lines: [String] = []
  var dots = 0
  var texts: [String] = []
  private var text: String?
  private var size: [Double] = []

  func parser(
    _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
    attributes: [String: String]
  ) {
    switch name {
    case "svg": size = (attributes["viewBox"] ?? "").split(separator: " ").compactMap { Double($0) }
    case "path" where attributes["class"]?.hasPrefix("line") == true:
      lines.append("\(attributes["class"] ?? "") \(attributes["d"] ?? "")")
    case "circle": dots += 1
    case "text": text = ""
    default: break
    }
  }

  func parser(_ parser: XMLParser, foundCharacters string: String) { text? += string }

  func parser(_ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?) {
    if name == "text", let text { texts.append(text) }
    text = nil
  }

  /// Whether every point of every line lies within the picture.
  var isInside: Bool {
    lines.allSatisfy { line in
      let numbers = line.split { !"0123456789.-".contains($0) }.map { Double($0) ?? .nan }
      return !numbers.isEmpty
        && numbers.enumerated().allSatisfy { index, value in value >= 0 && value <= size[2 + index % 2] }
    }
  }
}

@Suite("Progress")
struct ProgressBarTests {
  /// A clock that is set, and what was written.
  private final class Screen: Sendable {
    let time = Mutex(0.0)
    let text = Mutex("")

    func output(isTerminal: Bool, isUnicode: Bool = true, width: Int = 80) -> ReportOutput {
      ReportOutput(isTerminal: isTerminal, isUnicode: isUnicode, width: { width }) { text in
        self.text.withLock { $0 += text }
      }
    }

    func bar(_ total: Int, _ output: ReportOutput) -> ProgressBar {
      ProgressBar("Epoch 1/2", total: total, unit: "batches", output: output) { self.time.withLock { $0 } }
    }
  }

  @Test("A terminal's line is drawn over, twenty times a second at most, and gives way to the summary")
  func terminal() {
    let screen = Screen()
    var bar = screen.bar(100, screen.output(isTerminal: true))
    for step in 1...100 {
      screen.time.withLock { $0 = Double(step) / 100 }
      bar.update(step, detail: "loss 0.5")
    }
    bar.finish("Epoch 1/2: done")
    let lines = screen.text.withLock { $0 }.split(separator: "\r")
    #expect(lines.count <= 22 && lines.count >= 19, "\(lines.count)")
    #expect(lines.allSatisfy { $0.contains("\u{1B}[K") && $0.count < 80 + 3 })
    #expect(lines[10].contains("100 batches/s") && lines[10].contains(" left  loss 0.5") && lines[10].contains("━"))
    #expect(lines[lines.count - 2].contains("100 %"))
    #expect(lines.last == "\u{1B}[KEpoch 1/2: done\n")
  }

  @Test("The line fits every width", arguments: [0, 1, 5, 12, 20, 30, 40, 60, 79, 120, 200])
  func width(width: Int) {
    let screen = Screen()
    for isUnicode in [true, false] {
      let bar = screen.bar(7, screen.output(isTerminal: true, isUnicode: isUnicode))
      for completed in 0...7 {
        let line = bar.line(completed, 3, "loss 0.1234, accuracy 0.98", width: width)
        #expect(line.count <= width)
        #expect(isUnicode || line.utf8.allSatisfy { $0 < 128 })
        if width >= 12 { #expect(line.contains("Epoch 1/2")) }
        if width >= 120 { #expect(line.hasSuffix("accuracy 0.98")) }
      }
    }
  }

  @Test("Elsewhere a plain line comes after a tenth of the work and two seconds, not more often")
  func plain() {
    let screen = Screen()
    var fast = screen.bar(1000, screen.output(isTerminal: false))
    for step in 1...1000 {
      screen.time.withLock { $0 = Double(step) / 1000 }
      fast.update(step)
    }
    #expect(screen.text.withLock { $0 } == "")
    var slow = screen.bar(1000, screen.output(isTerminal: false))
    for step in 1...1000 {
      screen.time.withLock { $0 = Double(step) + 1 }
      slow.update(step, detail: "loss 0.5")
    }
    slow.finish("done")
    let lines = screen.text.withLock { $0 }.split(separator: "\n")
    #expect(lines.count == 10)
    #expect(lines[0] == "Epoch 1/2   10 %  1.00 batches/s  15:00 left  loss 0.5")
    #expect(lines[9] == "done")
    #expect(!lines.joined().contains { $0 == "\r" || $0 == "\u{1B}" })
  }

  @Test("No work at all, and more than there was, end at 100 percent")
  func edges() {
    let screen = Screen()
    #expect(screen.bar(0, screen.output(isTerminal: true)).line(0, 1, "", width: 80).contains("100 %"))
    #expect(screen.bar(3, screen.output(isTerminal: true)).line(5, 1, "", width: 80).contains("100 %"))
  }
}

@Suite("Numbers for people")
struct FormattingTests {
  @Test("Digits, times, rates, losses")
  func values() {
    #expect([0.98546, -0.0001, 2, 0.9995].map { Formatting.fixed($0, 3) } == ["0.985", "0.000", "2.000", "1.000"])
    #expect([0.5, 1.5, -2.5, 1e300].map { Formatting.fixed($0, 0) } == ["1", "2", "-3", "1e+300"])
    #expect([Double.nan, .infinity, -.infinity].map { Formatting.fixed($0, 2) } == ["nan", "inf", "-inf"])
    #expect(
      [0, 9.94, 9.96, 59.4, 59.6, 3599, 7209, .nan].map { Formatting.duration($0) }
        == ["0.0 s", "9.9 s", "10 s", "59 s", "1:00", "59:59", "2:00:09", "?"])
    #expect(
      [0.123, 9.999, 99.96, 123.4, 12345, 1_234_567].map { Formatting.rate($0) }
        == ["0.12", "10.0", "100", "123", "12,300", "1,234,600"])
    #expect(
      [2.302585, 0.69314, 0.0123456, 0.00123456, 1.2e-5, 0, 12345, .nan].map { Formatting.loss($0) }
        == ["2.303", "0.6931", "0.01235", "0.001235", "1.2e-05", "0", "12345", "nan"])
  }
}
