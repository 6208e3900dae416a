import Synchronization
import TernBackend

/// A source of random numbers: counter-based (Philox 4x32-10), so that the same seed gives the same bits on any machine
/// and with any number of threads.
///
/// Every draw takes a stream of its own, numbered in the order of drawing; value i of a draw depends on the seed, the
/// stream and i alone. Source: Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3".
public final class RandomGenerator: Sendable {
  /// What a generator is at: enough to go on to the same numbers.
  public struct State: Sendable, Hashable, Codable {
    /// The key of all streams.
    public var seed: UInt64
    /// How many draws were made.
    public var draws: UInt64

    /// A state that a generator can be set to.
    ///
    /// - Parameters:
    ///   - seed: The seed.
    ///   - draws: How many numbers were drawn.
    public init(seed: UInt64, draws: UInt64 = 0) {
      self.seed = seed
      self.draws = draws
    }
  }

  private let current: Mutex<State>

  /// A generator at the start of the numbers of `seed`.
  ///
  /// - Parameter seed: The seed.
  public convenience init(seed: UInt64) { self.init(state: State(seed: seed)) }

  /// A generator that goes on where another was.
  ///
  /// - Parameter state: The state to go on from.
  public init(state: State) {
    current = Mutex(state)
  }

  /// A generator whose numbers depend on these alone.
  package convenience init(seed: UInt64, stream: UInt64, counter: UInt64) {
    let block = Philox.block(seed: seed, stream: stream, counter: counter)
    self.init(seed: UInt64(block.0) << 32 | UInt64(block.1))
  }

  /// Where the generator is; set it to go back, or to go on where another stopped.
  public var state: State {
    get { access { $0 } }
    set { access { $0 = newValue } }
  }

  /// Reads or changes the state, as it is for the work that runs.
  private func access<Result: Sendable>(_ body: (inout State) -> Result) -> Result {
    Replay.current?.access(self, body) ?? direct(body)
  }

  /// Reads or changes the state itself.
  func direct<Result: Sendable>(_ body: (inout State) -> Result) -> Result { current.withLock { body(&$0) } }

  /// The seed and the stream of the next draw.
  package func claim() -> State {
    access { state in
      defer { state.draws &+= 1 }
      return state
    }
  }

  /// A generator of its own, whose numbers have nothing to do with this one's; takes one draw.
  public func split() -> RandomGenerator {
    let state = claim()
    return RandomGenerator(seed: state.seed, stream: state.draws, counter: .max)
  }
}

extension RandomGenerator: RandomNumberGenerator {
  /// 64 random bits, by a draw of their own: `var generator = Random.generator; Float.random(in: 0..<1, using: &generator)`.
  public func next() -> UInt64 {
    let state = claim()
    let block = Philox.block(seed: state.seed, stream: state.draws, counter: 0)
    return UInt64(block.0) << 32 | UInt64(block.1)
  }
}

extension RandomGenerator {
  /// A number below `bound`, each equally likely, from a word of 64 random bits (Lemire 2019).
  package static func index(below bound: Int, _ word: UInt64) -> Int {
    Int(word.multipliedFullWidth(by: UInt64(bound)).high)
  }

  /// An integer of a range, which may be longer than an Int counts.
  package static func integer(in range: Range<Int>, _ word: UInt64) -> Int {
    let width = UInt64(bitPattern: Int64(range.upperBound)) &- UInt64(bitPattern: Int64(range.lowerBound))
    return range.lowerBound &+ Int(truncatingIfNeeded: word.multipliedFullWidth(by: width).high)
  }

  /// The random order of 0 ..< count.
  package func permutation(_ count: Int) -> [Int] {
    MemoryPool.require(count: count, of: 16, "permutation", "an order of \(count) numbers")
    let state = claim()
    var order = Array(0..<count)
    order.withUnsafeMutableBufferPointer { order in
      withUnsafeTemporaryAllocation(of: UInt64.self, capacity: 2 * ElementWords.batch) { words in
        var high = count
        while high > 1 {
          let low = Swift.max(high - ElementWords.batch, 1)
          ElementWords.words(
            high - low, words.baseAddress!, seed: state.seed, stream: state.draws, counter: UInt64(low))
          for i in stride(from: high - 1, through: low, by: -1) {
            // The first word of the block is the high half.
            let word = words[2 * (i - low)]
            order.swapAt(i, RandomGenerator.index(below: i + 1, word << 32 | word >> 32))
          }
          high = low
        }
      }
    }
    return order
  }
}

/// Where random numbers come from when a call names no generator.
public enum Random {
  @TaskLocal private static var task: RandomGenerator?
  private static let global = RandomGenerator(seed: 0)

  /// The task's generator where there is one, else the global one.
  public static var generator: RandomGenerator { task ?? global }

  /// Starts the task's generator, or the global one, anew.
  public static func seed(_ seed: UInt64) {
    generator.state = RandomGenerator.State(seed: seed)
  }

  /// Calls `body` with another generator in place of the global one, on this task.
  public static func with<Result>(_ generator: RandomGenerator, _ body: () throws -> Result) rethrows -> Result {
    try $task.withValue(generator, operation: body)
  }

  /// Calls `body` with another generator in place of the global one, on this task; throws what it throws.
  package static func run<Result, Failure: Error>(
    _ generator: RandomGenerator, _ body: () throws(Failure) -> Result
  ) throws(Failure) -> Result {
    let result: Swift.Result<Result, Failure> = with(generator) {
      do throws(Failure) { return .success(try body()) } catch { return .failure(error) }
    }
    return try result.get()
  }
}
