import Foundation
import FoundationXML
import Synchronization
import TernData
import Testing

@testable import TernTraining

@Suite("Histories")
struct HistoryTests {
  private let history = TrainingHistory([
    TrainingHistory.Epoch(
      number: 1, trainLoss: 0.1 + 0.2, trainAccuracy: 0.5, testLoss: .nan, testAccuracy: 1 / 3, learningRate: 1e-3,
      seconds: 1.25),
    TrainingHistory.Epoch(number: 3, trainLoss: .infinity, learningRate: 5e-4, seconds: 0),
  ])

  @Test("A history is read back to the same bits, whatever its numbers")
  func roundTrip() throws {
    let json = history.json
    #expect(json.contains(#""test_loss":"NaN""#) && json.contains(#""train_loss":"Infinity""#))
    #expect(json.split(separator: "\n").count == 6, "an epoch a line")
    let read = try TrainingHistory(json: json)
    #expect(read.json == json)
    #expect(read.epochs[0].trainLoss == 0.1 + 0.2 && read.epochs[0].testLoss?.isNaN == true)
    #expect(read.epochs[1] == history.epochs[1])
    #expect(try TrainingHistory(json: TrainingHistory().json) == TrainingHistory())
    // Other readers accept it.
    _ = try JSONSerialization.jsonObject(with: Data(json.utf8))
  }

  @Test("A history goes through a file")
  func file() throws {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID().uuidString).json").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    try history.write(to: path)
    #expect(try TrainingHistory(contentsOf: path).json == history.json)
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
      try TrainingHistory(json: json, file: "history.json")
    } throws: { error in
      "\(error)".hasPrefix("history.json: ") && "\(error)".contains(words)
    }
  }
}

@Suite("Learning curves")
struct LearningCurveTests {
  private func svg(_ epochs: [TrainingHistory.Epoch], title: String = "t") throws -> XMLCounter {
    let counter = XMLCounter()
    let parser = XMLParser(data: Data(LearningCurve(TrainingHistory(epochs), title: title).svg.utf8))
    parser.delegate = counter
    try #require(parser.parse(), "\(String(describing: parser.parserError))")
    return counter
  }

  private func epoch(_ number: Int, _ loss: Double, _ accuracy: Double?) -> TrainingHistory.Epoch {
    TrainingHistory.Epoch(
      number: number, trainLoss: loss, trainAccuracy: accuracy, testLoss: loss, testAccuracy: accuracy,
      learningRate: 1, seconds: 1)
  }

  @Test("Four lines with a dot an epoch, in well-formed XML, whatever the title")
  func lines() throws {
    let counter = try svg((1...5).map { epoch($0, 1 / Double($0), 0.9) }, title: "a < b & \"c\"")
    #expect(counter.lines.count == 4 + 4, "those of the legends included")
    #expect(counter.dots == 20)
    #expect(counter.texts.contains("a < b & \"c\""))
    #expect(counter.texts.contains { $0.contains("best test accuracy 0.9000 in epoch 1") })
    #expect(counter.texts.filter { $0 == "train, at the end 0.2" || $0 == "test, at the end 0.9" }.count == 2)
    #expect(counter.isInside, "\(counter.lines)")
  }

  @Test("What is not finite leaves a gap; nothing, one epoch and equal values are drawn too")
  func edges() throws {
    let gap = try svg([
      epoch(1, 1, nil), epoch(2, .nan, nil), epoch(3, 2, nil), epoch(4, 3, nil), epoch(5, .infinity, nil),
    ])
    #expect(gap.lines.filter { !$0.path.contains("h") }.map { $0.path.split(separator: "M").count } == [1, 1])
    #expect(gap.dots == 6)
    #expect(try svg([]).texts.contains("no values to draw"))
    #expect(try svg([epoch(1, .nan, .nan)]).texts.filter { $0 == "no values to draw" }.count == 2)
    #expect(try svg([epoch(1, 0.5, 1)]).dots == 4)
    #expect(try svg((1...3).map { epoch($0, 0, 0) }).isInside)
    #expect(try svg((1...3).map { epoch($0, 1e299 * Double($0), 1) }).isInside)
    #expect(try svg([epoch(1, -1e300, 1), epoch(2, .greatestFiniteMagnitude, 1), epoch(3, 1e300, 1)]).isInside)
    #expect(try svg([epoch(1, 5e-300, 1), epoch(2, 6e-300, 1)]).isInside)
    #expect(try svg((1...500).map { epoch($0, 1, 0.5) }).dots == 0)
  }

  @Test("Epochs are whole numbers, and no accuracy is beyond 1")
  func ticks() throws {
    let texts = try svg((1...3).map { epoch($0, 1 / Double($0), 1) }).texts
    #expect(
      texts.filter { ["1", "2", "3"].contains($0) }.count >= 6 && !texts.contains("1.5") && !texts.contains("1.1"))
  }
}

/// Counts what an SVG draws.
private final class XMLCounter: NSObject, XMLParserDelegate {
  /// The curves with the view box that they are in.
  var lines: [(path: String, view: [Double])] = []
  var dots = 0
  var texts: [String] = []
  private var text: String?
  private var views: [[Double]] = []

  func parser(
    _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
    attributes: [String: String]
  ) {
    switch name {
    case "svg":
      // One without a view box has the coordinates of its size.
      let view = attributes["viewBox"] ?? "0 0 \(attributes["width"] ?? "") \(attributes["height"] ?? "")"
      views.append(view.split(separator: " ").compactMap { Double($0) })
    case "path" where attributes["class"]?.hasPrefix("tc-line") == true:
      lines.append((attributes["d"] ?? "", views.last ?? []))
    case "circle": dots += 1
    case "text": text = ""
    default: break
    }
  }

  func parser(_ parser: XMLParser, foundCharacters string: String) { text? += string }

  func parser(_ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?) {
    if name == "svg" { views.removeLast() }
    if name == "text", let text { texts.append(text) }
    text = nil
  }

  /// Whether every point of every line lies within the part of the picture that it is in.
  var isInside: Bool {
    lines.allSatisfy { path, view in
      guard view.count == 4 else { return false }
      let numbers = path.split { !"0123456789.-".contains($0) }.map { Double($0) ?? .nan }
      return !numbers.isEmpty
        && numbers.enumerated().allSatisfy { index, value in
          value >= view[index % 2] && value <= view[index % 2] + view[2 + index % 2]
        }
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
  @Test("Digits, times, rates")
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
  }
}
