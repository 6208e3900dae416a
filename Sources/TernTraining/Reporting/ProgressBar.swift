import TernBackend

/// How far a training is: on a terminal one line that is drawn again and again, elsewhere a plain line now and then.
///
///     Epoch 3/10  ━━━━━━━━━━━━━━╸───────   63 %   412 batches/s   8 s left   loss 0.1234
public struct ProgressBar {
  private let label: String
  private let total: Int
  private let unit: String
  private let output: ReportOutput
  private let start: Double
  private let clock: () -> Double
  /// When the last line was written, and how far the work was then.
  private var last: (time: Double, completed: Int)?

  /// A bar for `total` units of work that begin now.
  ///
  /// - Parameters:
  ///   - label: The text before the bar.
  ///   - total: The number of units.
  ///   - unit: The name of the units.
  ///   - output: Where it is drawn.
  public init(_ label: String, total: Int, unit: String = "batches", output: ReportOutput = .standardOutput) {
    self.init(label, total: total, unit: unit, output: output, clock: secondsSinceStart)
  }

  init(_ label: String, total: Int, unit: String, output: ReportOutput, clock: @escaping () -> Double) {
    self.label = label
    self.total = max(total, 0)
    self.unit = unit
    self.output = output
    self.clock = clock
    start = clock()
  }

  /// Says that `completed` units are done, and something about them, such as the loss.
  ///
  /// A terminal is drawn twenty times a second at most. Plain lines come when both a tenth of the work and two seconds
  /// passed since the last one.
  public mutating func update(_ completed: Int, detail: @autoclosure () -> String = "") {
    let time = clock()
    let (lastTime, lastCompleted) = last ?? (start, 0)
    if output.isTerminal {
      guard last == nil || time - lastTime >= 0.05 || completed >= total else { return }
      output.write("\r" + line(completed, time, detail(), width: output.width() - 1) + "\u{1B}[K")
    } else {
      guard completed < total, time - lastTime >= 2, (completed - lastCompleted) * 10 >= total else { return }
      output.write(parts(completed, time, detail()).joined(separator: "  ") + "\n")
    }
    last = (time, completed)
  }

  /// Ends the bar; `summary` takes its place.
  public mutating func finish(_ summary: String, file: StaticString = #fileID, line: UInt = #line) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    output.write((output.isTerminal ? "\r\u{1B}[K" : "") + summary + "\n")
  }

  /// Label, percentage, rate, time left, detail.
  private func parts(_ completed: Int, _ time: Double, _ detail: String) -> [String] {
    let fraction = total == 0 ? 1 : min(max(Double(completed) / Double(total), 0), 1)
    let percent = Formatting.fixed((fraction * 100).rounded(.down), 0)
    var parts = [label, String(repeating: " ", count: 3 - percent.count) + percent + " %"]
    let elapsed = time - start
    if completed > 0, elapsed > 0 {
      let rate = Double(completed) / elapsed
      parts.append(Formatting.rate(rate) + " \(unit)/s")
      parts.append(Formatting.duration(Double(max(total - completed, 0)) / rate) + " left")
    }
    if !detail.isEmpty { parts.append(detail) }
    return parts
  }

  /// The line for a terminal of this width: what does not fit is left out from the end, the bar takes what remains.
  func line(_ completed: Int, _ time: Double, _ detail: String, width: Int) -> String {
    let shortest = 10
    var parts = parts(completed, time, detail)
    func length() -> Int { parts.reduce(0) { $0 + $1.count } + 2 * parts.count }
    while parts.count > 2, length() + shortest > width { parts.removeLast() }
    let room = min(width - length(), 30)
    if room >= shortest { parts.insert(bar(completed, room), at: 1) }
    return String(parts.joined(separator: "  ").prefix(max(width, 0)))
  }

  private func bar(_ completed: Int, _ width: Int) -> String {
    let fraction = total == 0 ? 1 : min(max(Double(completed) / Double(total), 0), 1)
    guard output.isUnicode else {
      let full = Int(fraction * Double(width))
      return String(repeating: "#", count: full) + String(repeating: ".", count: width - full)
    }
    let halves = Int(fraction * Double(width * 2))
    let half = halves.isMultiple(of: 2) ? "" : "╸"
    return String(repeating: "━", count: halves / 2) + half
      + String(repeating: "─", count: width - halves / 2 - half.count)
  }
}

/// Seconds on a clock that never goes back.
@Sendable
func secondsSinceStart() -> Double {
  let time = ContinuousClock().now - clockStart
  return Double(time.components.seconds) + Double(time.components.attoseconds) * 1e-18
}

private let clockStart = ContinuousClock().now
