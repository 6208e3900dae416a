import Foundation
import Tern
import TernTestSupport
import Testing

@testable import TernTraining

/// A view on a pseudo-terminal: drawn below what the program prints, with its keys, and gone at the end.
@Suite(.serialized) struct LiveViewTests {
  private func makeTrainer(epochs: Int = 2) throws -> Trainer<Sequential<Float>, ImageDataset> {
    let configuration = RunConfiguration(
      data: nil, model: .mlp, epochs: epochs, batchSize: 256, optimizer: .adam, learningRate: 0.002, seed: 5)
    return try ImageTask(configuration).makeTrainer()
  }

  private func makeView(_ terminal: PseudoTerminal, isTerminal: Bool = true) -> LiveView {
    let descriptor = terminal.descriptor
    return LiveView(
      "digits", descriptor: descriptor,
      output: ReportOutput(isTerminal: isTerminal, isUnicode: true) { text in
        _ = Array(text.utf8).withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
      })
  }

  private func bits(_ trainer: Trainer<Sequential<Float>, ImageDataset>) -> [UInt32] {
    trainer.model.parameters.flatMap { ($0 as? Parameter<Float>)?.value.scalars.map(\.bitPattern) ?? [] }
  }

  /// Nothing of a view is left.
  private func expectWhole(_ terminal: PseudoTerminal, _ location: SourceLocation = #_sourceLocation) {
    let screen = terminal.screen
    #expect(screen.isCursorVisible && screen.wraps && terminal.isPlain, sourceLocation: location)
    #expect(screen.margins == 0...screen.rows - 1 && screen.unknown == [], sourceLocation: location)
    #expect(!screen.lines.contains { $0.contains("q stop") || $0.hasPrefix("──") }, sourceLocation: location)
    #expect(screen.lines[screen.row...].allSatisfy { $0.isEmpty }, "\(screen.lines)", sourceLocation: location)
  }

  @Test(arguments: [(24, 80), (10, 40), (60, 200), (4, 20), (2, 10)])
  func itIsBelowWhatIsPrintedAndGoneAtTheEnd(rows: Int, columns: Int) throws {
    let terminal = try PseudoTerminal(rows: rows, columns: columns)
    let plain = try makeTrainer()
    try plain.run(epochs: 2)
    let trainer = try makeTrainer()
    let view = makeView(terminal)
    trainer.sinks = [view]
    let height = LiveLayout.mostRows(of: rows)
    trainer.afterBatch = { trainer in
      let step = trainer.completedSteps
      #expect(view.isOnTerminal)
      // A line in parts, with frames between them.
      for part in ["li", "ne \(step)\r\n"] {
        view.write(part, terminal)
        guard step.isMultiple(of: 4), height > 0 else { continue }
        #expect(
          terminal.read {
            // A frame is whole when the cursor is back.
            $0.row <= $0.margins.upperBound
              && $0.lines[(rows - height)...].contains { $0.hasPrefix("epoch \(trainer.progress.epoch + 1)") }
          })
        #expect(!terminal.isPlain && !terminal.screen.isCursorVisible)
      }
    }
    try trainer.run(epochs: 2)
    #expect(bits(trainer) == bits(plain))
    let count = trainer.completedSteps
    #expect(terminal.read { $0.text.contains("line \(count)") && $0.text.contains("Epoch 2/2") })
    expectWhole(terminal)
    // Every line that was printed is there once, in order.
    let printed = (terminal.screen.history + terminal.screen.lines).filter { $0.hasPrefix("line ") }
    #expect(printed == (1...count).map { "line \($0)" })
    #expect(!view.isOnTerminal && !view.asksToStop)
  }

  @Test func itFollowsTheSizeOfTheTerminal() throws {
    let terminal = try PseudoTerminal(rows: 24, columns: 80)
    let trainer = try makeTrainer()
    trainer.sinks = [makeView(terminal)]
    let sizes = [(10, 40), (60, 200), (24, 80), (2, 5), (24, 80)]
    trainer.afterBatch = { trainer in
      guard trainer.completedSteps <= sizes.count else { return }
      let (rows, columns) = sizes[trainer.completedSteps - 1]
      try? terminal.resize(rows: rows, columns: columns)
      let most = LiveLayout.mostRows(of: rows)
      #expect(
        terminal.read { screen in
          let drawn = screen.lines.filter { $0.contains("q stop") || $0.hasPrefix("epoch 1/2") || $0.hasPrefix("──") }
          return most == 0
            ? drawn.isEmpty && screen.isCursorVisible
            : screen.lines.last?.contains("q stop") == true && screen.margins.upperBound < rows - 3
              && drawn.count == (rows > 10 ? 3 : 2)
        }, "\(terminal.screen.lines)")
    }
    try trainer.run(epochs: 2)
    terminal.read { $0.text.contains("Epoch 2/2") }
    expectWhole(terminal)
  }

  @Test func qEndsTheTraining() throws {
    let terminal = try PseudoTerminal()
    let trainer = try makeTrainer()
    let view = makeView(terminal)
    trainer.sinks = [view]
    trainer.afterBatch = { trainer in
      guard trainer.completedSteps == 3 else { return }
      #expect(terminal.read { $0.text.contains("q stop") })
      terminal.type("q")
      #expect(terminal.read { $0.text.contains("stopping after this step") })
    }
    #expect(try !trainer.run(epochs: 2) && trainer.stopReason == .asked && trainer.completedSteps == 3)
    #expect(view.asksToStop)
    terminal.read { !$0.text.contains("stopping") }
    expectWhole(terminal)
    // The next training is asked anew.
    trainer.afterBatch = { _ in }
    #expect(try trainer.run(epochs: 2) && !view.asksToStop)
  }

  @Test func cWritesACheckpointThatGoesOnToTheSameBits() throws {
    let folder = ScratchFolder()
    let path = folder.path + "/checkpoint.safetensors"
    let terminal = try PseudoTerminal(rows: 24, columns: 200)
    let trainer = try makeTrainer()
    let view = makeView(terminal)
    view.writesCheckpoints(of: trainer, to: path)
    trainer.sinks = [view]
    trainer.afterBatch = { trainer in
      switch trainer.completedSteps {
      case 3:
        #expect(terminal.read { $0.text.contains("c checkpoint") })
        terminal.type("c")
        #expect(terminal.read { $0.text.contains("a checkpoint after this step") })
      case 4: #expect(terminal.read { $0.text.contains("checkpoint in /") })
      default: break
      }
    }
    try trainer.run(epochs: 2)
    let other = try makeTrainer()
    try other.restore(Checkpoint(contentsOf: path))
    #expect(other.completedSteps == 3)
    try other.run(epochs: 2)
    #expect(bits(other) == bits(trainer))
    // One that cannot be written says so and ends nothing.
    let third = try makeTrainer()
    view.writesCheckpoints(of: third, to: folder.path)
    third.sinks = [view]
    third.afterBatch = { trainer in
      guard trainer.completedSteps < 3 else { return }
      if trainer.completedSteps == 1 { terminal.read { $0.text.contains("c checkpoint") } }
      if trainer.completedSteps == 1 { terminal.type("c") }
      let words = trainer.completedSteps == 1 ? "after this step" : "is a folder"
      #expect(terminal.read(seconds: 5) { $0.text.contains(words) }, "\(terminal.screen.lines.suffix(2))")
    }
    #expect(try third.run(epochs: 1))
  }

  /// The view is rank 0's; all ranks act on its keys.
  @Test func keysReachAllRanks() throws {
    let folder = ScratchFolder()
    let path = folder.path + "/checkpoint.safetensors"
    @Sendable func trainer(_ communicator: any Communicator) throws -> Trainer<
      Sequential<Float>, ShardedTrainingTests.Pictures
    > {
      try ShardedTrainingTests.trainer(communicator, .shardedAdam, shards: 2, synchronized: false)
    }
    // Rank 0's thread alone uses it.
    nonisolated(unsafe) let terminal = try PseudoTerminal(rows: 24, columns: 200)
    let steps = try ThreadGroup(2).run { communicator in
      let trainer = try trainer(communicator)
      if communicator.isRoot {
        let view = makeView(terminal)
        view.writesCheckpoints(of: trainer, to: path)
        trainer.sinks = [view]
        trainer.afterBatch = { trainer in
          switch trainer.completedSteps {
          case 2:
            #expect(terminal.read { $0.text.contains("c checkpoint") })
            terminal.type("c")
            #expect(terminal.read { $0.text.contains("a checkpoint after this step") })
          case 4:
            #expect(terminal.read { $0.text.contains("checkpoint in /") }, "\(terminal.screen.lines.suffix(2))")
            terminal.type("q")
            #expect(terminal.read { $0.text.contains("stopping after this step") })
          default: break
          }
        }
      }
      #expect(try !trainer.run(epochs: 3) && trainer.stopReason == .asked)
      return trainer.completedSteps
    }
    #expect(steps == [5, 5])
    // The checkpoint of the step that agreed on it, of all moments.
    let undisturbed = try ThreadGroup(2).run { communicator in
      let trainer = try trainer(communicator)
      trainer.shouldStop = { trainer.completedSteps >= 2 }
      try trainer.run(epochs: 3)
      return (trainer.completedSteps, ShardedTrainingTests.contents(trainer))
    }
    let resumed = try trainer(SoleProcess())
    try resumed.restore(Checkpoint(contentsOf: path))
    #expect(resumed.completedSteps == 3 && undisturbed[0].0 == 3)
    #expect(ShardedTrainingTests.contents(resumed) == undisturbed[0].1)
    terminal.read { !$0.text.contains("stopping") }
    expectWhole(terminal)
  }

  @Test func pHoldsTheTrainingUp() throws {
    let terminal = try PseudoTerminal()
    let (view, keys) = (makeView(terminal), terminal.master)
    var start = TrainingStart()
    (start.epoch, start.epochs, start.stepsPerEpoch, start.batchesPerEpoch) = (0, 2, 10, 10)
    view.begin(start)
    view.record(StepRecord(1, loss: 1))
    #expect(!view.holdsUp())
    #expect(terminal.read { $0.text.contains("q stop") })
    for end in ["p", "q"] {
      terminal.type("p")
      #expect(terminal.read { $0.text.contains("pausing after this step") })
      DispatchQueue.global().asyncAfter(deadline: .now() + 0.4) { write(keys, end, 1) }
      let began = ContinuousClock.now
      #expect(view.holdsUp())
      #expect(.now - began >= .milliseconds(300))
      #expect(terminal.read { $0.text.contains(end == "p" ? "training" : "stopping") })
      #expect(view.asksToStop == (end == "q"))
      #expect(!view.holdsUp())
    }
    view.end(TrainingEnd(step: 1))
    terminal.read { !$0.text.contains("stopping") }
    expectWhole(terminal)
  }

  @Test func framesAreFewAndNothingIsDrawnWithoutATerminal() throws {
    let terminal = try PseudoTerminal()
    let view = makeView(terminal)
    view.begin(TrainingStart())
    let began = ContinuousClock.now
    var step = 0
    while .now - began < .milliseconds(550) {
      step += 1
      view.record(StepRecord(step, loss: 1))
      if step.isMultiple(of: 1000) { terminal.read { _ in true } }
    }
    // Another one waits for its turn with lines.
    let other = makeView(terminal)
    other.begin(TrainingStart())
    #expect(view.isOnTerminal && !other.isOnTerminal)
    other.end(TrainingEnd(step: 0))
    view.end(TrainingEnd(step: step))
    terminal.read { _ in true }
    let frames = String(decoding: terminal.bytes, as: UTF8.self).components(separatedBy: "\u{1B}[?25l").count - 1
    #expect((1...7).contains(frames), "\(frames) frames in \(ContinuousClock.now - began), \(step) steps")

    let lines = try PseudoTerminal()
    let trainer = try makeTrainer()
    trainer.sinks = [makeView(lines, isTerminal: false)]
    try trainer.run(epochs: 2)
    #expect(lines.read { $0.text.contains("Epoch 2/2  train loss") })
    #expect(!lines.bytes.contains(0x1B) && lines.isPlain)
  }

  @Test func aTerminalThatIsGoneEndsNothing() throws {
    var terminal: PseudoTerminal? = try PseudoTerminal()
    let trainer = try makeTrainer()
    let view = makeView(try #require(terminal))
    view.printsEpochs = false
    trainer.sinks = [view]
    trainer.afterBatch = { trainer in
      guard trainer.completedSteps == 2 else { return }
      terminal?.read { $0.text.contains("q stop") }
      terminal?.type("p")
      terminal?.read { $0.text.contains("pausing") }
      terminal = nil
    }
    #expect(try trainer.run(epochs: 2))
  }
}

extension LiveView {
  /// Prints as the program does.
  fileprivate func write(_ text: String, _ terminal: PseudoTerminal) {
    _ = Array(text.utf8).withUnsafeBytes { Foundation.write(terminal.descriptor, $0.baseAddress, $0.count) }
  }
}
