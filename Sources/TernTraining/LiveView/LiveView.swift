import Foundation
import TernBackend
import TernData

/// A training on the terminal while it runs: its figures and their course, rate, samples a second, time left, memory and
/// threads below the lines that the program prints.
///
/// ```swift
/// let view = LiveView("digits")
/// view.writesCheckpoints(of: trainer, to: "checkpoint.safetensors")
/// trainer.sinks = [view]
/// try trainer.run(epochs: 20)
/// ```
///
/// | key | what it does |
/// |---|---|
/// | p | holds the training up after the step, and lets it go on |
/// | c | writes a checkpoint after the step, see ``checkpoint``; after the next where ranks share out an optimizer's moments |
/// | q | ends the training after the step: ``asksToStop`` |
///
/// Drawn are ten frames a second at most, on a thread of its own. Figures of steps are means of about twenty; charts show the
/// whole training, in means of as many steps as a column takes, by the logarithm where a loss spans more than a factor of
/// 30, and `×` where a value is not finite. A training that goes on shows the epochs that it had before.
///
/// The view is on the terminal from the beginning of the training to its end; whatever ends the process, an error, a signal
/// or a crash, puts the terminal back first, and Ctrl-Z as long as it stands still. Where standard output is no terminal, or
/// `TERM` is `dumb`, or another view is there, lines are printed instead. In a loop of one's own, as a sink of a
/// ``TrainingReport``, p works as well, and the loop asks for ``asksToStop``.
public final class LiveView: TrainingSink {
  /// What the training is called.
  public let title: String
  /// Whether a line is printed after every epoch.
  public var printsEpochs = true
  /// What c does: writes a checkpoint and tells where; what it throws is shown. Set before the training begins.
  public var checkpoint: (() throws -> String)?
  private let descriptor: Int32
  private let output: ReportOutput
  private var screen: LiveScreen?
  private var plain: PlainLines?
  private var state = LiveState()
  private var wasStopped = false

  /// A view on standard output.
  ///
  /// - Parameter title: what the training is called.
  public convenience init(_ title: String = "") {
    self.init(title, descriptor: 1, output: .standardOutput)
  }

  init(_ title: String, descriptor: Int32, output: ReportOutput) {
    (self.title, self.descriptor, self.output) = (title, descriptor, output)
  }

  deinit { screen?.close() }

  /// Whether standard output is a terminal that a view can be drawn on.
  public static var isAvailable: Bool { ReportOutput.standardOutput.isTerminal }

  /// Whether the view is on a terminal now.
  public var isOnTerminal: Bool { screen != nil }

  /// Whether q was pressed since the training began.
  public var asksToStop: Bool { screen?.requests.contains(.stop) ?? wasStopped }

  /// Whether c was pressed, and the checkpoint is not written yet.
  public var asksForCheckpoint: Bool { screen?.requests.contains(.checkpoint) ?? false }

  /// Whether a checkpoint that was asked for may be taken now; false the next time where all ranks have to take part.
  private var mayTakeCheckpoint: () -> Bool = { true }

  /// Lets c write the checkpoint of a trainer, which keeps this view; where several ranks share out an optimizer's moments all
  /// give theirs.
  public func writesCheckpoints<Model, Source>(of trainer: Trainer<Model, Source>, to path: String) {
    takesCheckpoints(of: trainer)
    checkpoint = { [unowned trainer] in
      try trainer.checkpoint.write(to: path)
      return path
    }
  }

  /// Lets c wait until all ranks take part in a trainer's checkpoint.
  package func takesCheckpoints<Model, Source>(of trainer: Trainer<Model, Source>) {
    mayTakeCheckpoint = { [unowned trainer] in trainer.makesCheckpointsAlone || trainer.takesAgreedCheckpoint() }
  }

  // MARK: The training

  /// Begins to draw.
  public func begin(_ start: TrainingStart) {
    screen?.close()
    screen = nil
    (wasStopped, plain) = (false, nil)
    state.begin(start, title: title, at: secondsSinceStart())
    if output.isTerminal {
      screen = LiveScreen.open(
        descriptor, state, hasCheckpoints: checkpoint != nil, isUnicode: output.isUnicode,
        isColored: (ProcessInfo.processInfo.environment["NO_COLOR"] ?? "").isEmpty, clock: secondsSinceStart)
    }
    if screen == nil { plain = PlainLines(start, output) }
  }

  /// Shows a step.
  public func record(_ step: StepRecord) {
    plain?.record(step)
    let time = secondsSinceStart()
    screen?.shared.withLock { $0.state.record(step, at: time) }
  }

  /// Shows an epoch.
  public func record(_ epoch: TrainingHistory.Epoch, afterSteps steps: Int) {
    let time = secondsSinceStart()
    screen?.shared.withLock { $0.state.record(epoch, afterSteps: steps, at: time) }
    if let plain {
      plain.record(epoch, isPrinted: printsEpochs)
    } else if printsEpochs {
      output.write(PlainLines.line(epoch, state.epochs) + "\n")
    }
  }

  /// Does what was asked for by keys; returns late while the training is held up.
  public func holdsUp() -> Bool {
    guard let screen, !screen.requests.isDisjoint(with: [.checkpoint, .pause]) else { return false }
    var mayTake = screen.requests.contains(.checkpoint) && mayTakeCheckpoint()
    if !mayTake && !screen.requests.contains(.pause) { return false }
    var before = LiveState.Phase.training
    func enter(_ phase: LiveState.Phase) {
      let time = secondsSinceStart()
      screen.shared.withLock {
        if $0.state.phase != .paused && $0.state.phase != .saving { before = $0.state.phase }
        if $0.state.phase != .stopping { $0.state.enter(phase) }
        $0.state.leaveOut(until: time)
      }
    }
    repeat {
      if screen.requests.contains(.checkpoint) && (mayTake || mayTakeCheckpoint()) {
        mayTake = false
        enter(.saving)
        screen.say("saving a checkpoint", seconds: .infinity)
        do {
          screen.say(try checkpoint.map { "checkpoint in \(try $0())" } ?? "no checkpoint")
        } catch {
          screen.say("\(error)")
        }
        screen.withdraw(.checkpoint)
      }
      if screen.requests.contains(.pause) {
        enter(.paused)
        usleep(20_000)
      }
    } while screen.requests.contains(.pause) && !screen.requests.contains(.stop) && !InterruptSignal.isRequested
    screen.withdraw(.pause)
    enter(InterruptSignal.isRequested ? .stopping : before)
    return true
  }

  /// Takes the view off the terminal.
  public func end(_ end: TrainingEnd) {
    guard let screen else { return }
    wasStopped = screen.requests.contains(.stop)
    screen.close()
    state = screen.shared.withLock { $0.state }
    self.screen = nil
  }
}

/// The lines of a training where no view can be drawn.
private final class PlainLines {
  private let start: TrainingStart
  private let output: ReportOutput
  private var bar: ProgressBar?
  private var last = ContinuousClock.now

  init(_ start: TrainingStart, _ output: ReportOutput) {
    (self.start, self.output) = (start, output)
    beginEpoch((start.epoch ?? 0) + 1)
  }

  private func beginEpoch(_ number: Int) {
    guard start.epoch != nil, let total = start.batchesPerEpoch else { return }
    bar = ProgressBar("Epoch \(number)" + (start.epochs.map { "/\($0)" } ?? ""), total: total, output: output)
  }

  func record(_ step: StepRecord) {
    func detail() -> String {
      let figures = step.metrics.sorted { $0.key < $1.key }.map { "\($0.key) \(LiveLayout.number($0.value))" }
      return (["loss \(LiveLayout.number(step.loss))"] + figures).joined(separator: "  ")
    }
    if let batch = step.batch, bar != nil {
      bar?.update(batch, detail: detail())
    } else if bar == nil, ContinuousClock.now - last >= .seconds(10) {
      last = .now
      output.write("Step \(LiveLayout.count(step.step))  \(detail())\n")
    }
  }

  func record(_ epoch: TrainingHistory.Epoch, isPrinted: Bool) {
    if isPrinted {
      bar?.finish(Self.line(epoch, start.epochs))
    } else if bar != nil && output.isTerminal {
      output.write("\r\u{1B}[K")
    }
    if epoch.number < start.epochs ?? .max { beginEpoch(epoch.number + 1) }
  }

  /// An epoch in a line.
  static func line(_ epoch: TrainingHistory.Epoch, _ epochs: Int?) -> String {
    func words(_ loss: Double, _ accuracy: Double?, _ others: [String: Double]) -> String {
      var words = ["loss \(LiveLayout.number(loss))"]
      if let accuracy { words.append("accuracy \(LiveLayout.number(accuracy))") }
      words += others.sorted { $0.key < $1.key }.map { "\($0.key) \(LiveLayout.number($0.value))" }
      return words.joined(separator: " ")
    }
    var line = "Epoch \(epoch.number)" + (epochs.map { "/\($0)" } ?? "")
    line += "  train " + words(epoch.trainLoss, epoch.trainAccuracy, epoch.trainFigures)
    if let loss = epoch.testLoss { line += "  test " + words(loss, epoch.testAccuracy, epoch.testFigures) }
    return line + "  " + Formatting.fixed(epoch.seconds, 1) + " s"
  }
}
