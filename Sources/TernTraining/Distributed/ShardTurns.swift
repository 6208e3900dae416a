import Foundation
import TernBackend
import TernDistributed
import TernNN
import TernTensor

/// The shards of one rank, which meet in layers that normalize all shards of a step together: each runs on a thread of its own
/// until it asks for the others' numbers, then the next one does; one at a time runs. Once all wait, the ranks exchange what
/// they have.
///
/// A shard that is done, or has nothing to do, takes part with no numbers; the ranks are done when no shard of any asks.
final class ShardTurns: @unchecked Sendable {
  private let communicator: any Communicator
  private let turnIsOver = DispatchSemaphore(value: 0)
  /// What the ranks could not exchange.
  private(set) var failure: (any Error)?

  init(_ communicator: any Communicator) { self.communicator = communicator }

  /// Runs `body` for every shard.
  ///
  /// - Parameter state: what each shard has for itself, taken when it stops and put back before it goes on.
  /// - Throws: what `body` threw of the first such shard, once all shards of all ranks are done, and what went wrong
  ///   between the ranks.
  func run<State>(
    _ shards: Range<Int>, _ state: (take: () -> State, restore: (State) -> Void),
    _ body: (Int, ShardTurn) throws -> Void
  ) throws {
    let turns = shards.map { ShardTurn($0, self) }
    var saved = turns.map { _ in state.take() }
    if turns.count == 1 {
      // Alone it asks the other ranks by itself.
      turns[0].isAlone = true
      turns[0].run { try body(turns[0].shard, turns[0]) }
    } else {
      let (precision, operands) = (ConvolutionPrecision.current, FloatPrecision.current)
      withoutActuallyEscaping(body) { body in
        // The threads' blocks may live on for a moment; the body must not.
        let job = Job(body)
        defer { job.body = nil }
        for turn in turns {
          let thread = Thread {
            turn.mayRun.wait()
            withConvolutionPrecision(precision) {
              withPrecision(operands) { turn.run { try job.body?(turn.shard, turn) } }
            }
            self.turnIsOver.signal()
          }
          thread.stackSize = 16 << 20
          thread.name = "shard \(turn.shard)"
          thread.start()
        }
        while true {
          for (index, turn) in turns.enumerated() where !turn.isDone {
            state.restore(saved[index])
            turn.mayRun.signal()
            turnIsOver.wait()
            saved[index] = state.take()
          }
          let asking = turns.filter { !$0.isDone }
          if asking.isEmpty { break }
          exchange(asking)
        }
      }
      state.restore(saved[0])
    }
    while exchange([]) {}
    for turn in turns { if let error = turn.error { throw error } }
    if let failure { throw failure }
  }

  /// Lets the shard that runs wait for its answer.
  fileprivate func pause(_ turn: ShardTurn) {
    if turn.isAlone {
      exchange([turn])
    } else {
      turnIsOver.signal()
      turn.mayRun.wait()
    }
  }

  /// Exchanges what the shards ask for; returns whether a shard of any rank asked.
  @discardableResult
  private func exchange(_ asking: [ShardTurn]) -> Bool {
    func answerAlone() { for turn in asking { turn.answer = [turn.question] } }
    if failure != nil {
      answerAlone()
      return false
    }
    var all: [[Double]] = [[]]
    // kind, count, values
    for turn in asking {
      all[0] += [turn.isGradient ? 1 : 0, Double(turn.question.count)]
      all[0] += turn.question
    }
    if communicator.count > 1 {
      do { all = try communicator.allGather(all[0], name: "the statistics of a batch") } catch {
        failure = error
        answerAlone()
        return false
      }
    }
    var answers: [[Double]] = []
    var kinds: Set<[Double]> = []
    for numbers in all {
      var at = 0
      while at + 1 < numbers.count {
        let count = Int(numbers[at + 1])
        kinds.insert([numbers[at], numbers[at + 1]])
        answers.append(Array(numbers[at + 2..<at + 2 + count]))
        at += 2 + count
      }
    }
    if kinds.count > 1 {
      failure = CommunicationError.disagreement(
        "the shards of a step run other layers, or in another order, while their statistics are synchronized")
      answerAlone()
      return false
    }
    for turn in asking { turn.answer = answers }
    return !answers.isEmpty
  }
}

/// One shard of those that take turns.
final class ShardTurn: StatisticsExchange, @unchecked Sendable {
  let shard: Int
  fileprivate unowned let turns: ShardTurns
  fileprivate let mayRun = DispatchSemaphore(value: 0)
  fileprivate var isAlone = false
  fileprivate var isDone = false
  fileprivate var error: (any Error)?
  fileprivate var question: [Double] = []
  fileprivate var isGradient = false
  fileprivate var answer: [[Double]] = []
  /// Whether its loss has no gradient, or one that is not finite: it goes through the derivatives for the other shards.
  var isVacant = false

  fileprivate init(_ shard: Int, _ turns: ShardTurns) { (self.shard, self.turns) = (shard, turns) }

  fileprivate func run(_ body: () throws -> Void) {
    do { try body() } catch { self.error = error }
    isDone = true
  }

  func gather(_ values: [Double]) -> [[Double]] { ask(values, isGradient: false) }

  func sum(_ values: [Double]) -> [Double] {
    // Its loss adds nothing, but those of the others reach layers below another synchronized one through it.
    let own = isVacant && !values.allSatisfy { $0.isFinite } ? values.map { _ in 0 } : values
    return sumOfShards(ask(own, isGradient: true), count: values.count)
  }

  private func ask(_ values: [Double], isGradient: Bool) -> [[Double]] {
    (question, self.isGradient) = (values, isGradient)
    turns.pause(self)
    defer { (question, answer) = ([], []) }
    return answer
  }
}

/// What the threads of shards run, one at a time.
private final class Job: @unchecked Sendable {
  var body: ((Int, ShardTurn) throws -> Void)?
  init(_ body: @escaping (Int, ShardTurn) throws -> Void) { self.body = body }
}
