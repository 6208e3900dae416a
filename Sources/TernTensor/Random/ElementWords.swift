import TernBackend

/// The random words of one element of a draw, as many as it takes: rejection methods may ask again and again.
///
/// Block k of element i is Philox at the counter i + k·2⁴⁸ of the draw's stream: what an element gets depends on seed,
/// stream and its index alone, not on its neighbors or on who draws it.
struct ElementWords {
  /// The blocks per element that are made together with those of its neighbors.
  static let prefetched = 2
  /// The elements whose first blocks are made together.
  static let batch = 64

  private let state: RandomGenerator.State
  private let index: UInt64
  // The first words of the element's prefetched blocks, one block of all neighbors after the other.
  private let first: UnsafePointer<UInt64>
  private let available: Int
  private var block = 0
  private var second: UInt64?

  /// 64 random bits.
  @inline(__always) mutating func next() -> UInt64 {
    if let word = second {
      second = nil
      return word
    }
    defer { block += 1 }
    if block < available {
      let at = first + block * ElementWords.batch * 2
      second = at[1]
      return at[0]
    }
    let words = Philox.block(seed: state.seed, stream: state.draws, counter: index | UInt64(block) << 48)
    second = UInt64(words.3) << 32 | UInt64(words.2)
    return UInt64(words.1) << 32 | UInt64(words.0)
  }

  /// A number between 0 and 1, neither of them: the middles of 2⁵² intervals.
  @inline(__always) mutating func uniform() -> Double { ElementWords.uniform(next()) }

  /// The middle of the interval of 2⁻⁵² that a word's top bits name.
  @inline(__always) static func uniform(_ word: UInt64) -> Double {
    Double(Int64(truncatingIfNeeded: word >> 12)) * 0x1p-52 + 0x1p-53
  }

  /// A number of the standard normal distribution (Box and Muller).
  @inline(__always) mutating func normal() -> Double {
    let radius = (-2 * PortableMath.log(uniform())).squareRoot()
    return radius * PortableMath.circle(next()).cosine
  }

  /// Calls `body` for the elements 0 ..< count, on all workers, each with words of its own.
  ///
  /// - Parameter blocks: blocks that most elements need, 1 or 2.
  @inline(__always) static func run(
    count: Int, state: RandomGenerator.State, blocks: Int, _ body: (inout ElementWords, Int) -> Void
  ) {
    Workers.run(count: count, grain: 4096) { range in
      withUnsafeTemporaryAllocation(of: UInt64.self, capacity: prefetched * batch * 2) { buffer in
        let memory = buffer.baseAddress!
        for start in stride(from: range.lowerBound, to: range.upperBound, by: batch) {
          let n = Swift.min(batch, range.upperBound - start)
          for block in 0..<blocks {
            words(
              n, memory + block * batch * 2, seed: state.seed, stream: state.draws,
              counter: UInt64(start) | UInt64(block) << 48)
          }
          for i in 0..<n {
            var words = ElementWords(
              state: state, index: UInt64(start + i), first: UnsafePointer(memory + 2 * i), available: blocks)
            body(&words, start + i)
          }
        }
      }
    }
  }

  private init(state: RandomGenerator.State, index: UInt64, first: UnsafePointer<UInt64>, available: Int) {
    self.state = state
    self.index = index
    self.first = first
    self.available = available
  }

  /// The words of `count` blocks, two each: the low half of a word is drawn first.
  static func words(
    _ count: Int, _ out: UnsafeMutablePointer<UInt64>, seed: UInt64, stream: UInt64, counter: UInt64
  ) {
    out.withMemoryRebound(to: UInt32.self, capacity: 4 * count) { words in
      Philox.blocks(count, words, seed: seed, stream: stream, counter: counter)
      #if _endian(big)
        for i in stride(from: 0, to: 4 * count, by: 2) { swap(&words[i], &words[i + 1]) }
      #endif
    }
  }
}

extension Tensor where Scalar == Double {
  /// A row-major tensor of independent draws: element i is `body` of words of its own.
  ///
  /// - Parameter blocks: blocks that most elements need, 1 or 2.
  @inline(__always)
  init(drawn shape: [Int], _ generator: RandomGenerator?, blocks: Int = 1, _ body: (inout ElementWords, Int) -> Double)
  {
    let state = (generator ?? Random.generator).claim()
    self.init(uninitialized: shape)
    let out = mutablePointer
    ElementWords.run(count: count, state: state, blocks: blocks) { words, i in out[i] = body(&words, i) }
    OperationObservers.looped("random", self.body)
  }
}

/// Parameters of a draw that broadcast: their common shape, and each as Doubles in row-major order.
struct DrawParameters {
  let shape: [Int]
  let values: [Tensor<Double>]

  init<Scalar: FloatingScalar>(_ parameters: Tensor<Scalar>..., for operation: String) {
    let shape = parameters.dropFirst().reduce(parameters[0].shape) { broadcastShape($0, $1.shape, operation) }
    self.shape = shape
    values = withoutGradients {
      parameters.map { $0.detached().broadcast(to: shape).cast(to: Double.self).contiguous }
    }
  }

  /// Calls `body` with the values of two parameters.
  func with<Result>(_ body: (UnsafePointer<Double>, UnsafePointer<Double>) -> Result) -> Result {
    withExtendedLifetime(values) { body(values[0].pointer, values[values.count - 1].pointer) }
  }

  /// Calls `body` with the values of the only parameter.
  func with<Result>(_ body: (UnsafePointer<Double>) -> Result) -> Result {
    withExtendedLifetime(values) { body(values[0].pointer) }
  }

  /// Stops at the first value of parameter `index` outside what `condition` allows; NaN is outside of everything.
  func check(
    _ index: Int = 0, _ operation: String, _ name: String, expected: String, _ condition: (Double) -> Bool
  ) {
    let parameter = values[index]
    let (x, count) = (parameter.pointer, parameter.count)
    var wrong = 0
    for i in 0..<count { wrong |= condition(x[i]) ? 0 : 1 }
    guard wrong != 0, let value = (0..<count).first(where: { !condition(x[$0]) }).map({ x[$0] }) else { return }
    fail(operation, "\(name) is \(value), expected \(expected)")
  }
}
