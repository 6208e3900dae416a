import Synchronization
import TernBackend

/// A value that outlives a stretch of work and may change in it.
package protocol ReplayedValue: AnyObject {
  /// Reads or changes the value itself.
  func direct(_ body: (inout TensorBody) -> Void)
}

/// What a stretch of work used besides its inputs, so that it can be done again to the same bits.
///
/// While it is noted, every random generator, buffer, and parameter leaves here the state in which it was first met, and
/// is used as ever. While it is repeated, they start from those states, and nothing outside sees what is done to them.
package final class Replay: @unchecked Sendable {
  @TaskLocal private static var running: Replay?
  private static let count = Atomic<Int>(0)

  /// The innermost one that runs on this task; nothing but a relaxed load while none runs anywhere.
  package static var current: Replay? { count.load(ordering: .relaxed) > 0 ? running : nil }

  /// A value that outlives the stretch, as it was first met.
  package struct Value {
    let owner: AnyObject
    package var body: TensorBody
    /// What a parameter needs besides.
    package var isFrozen: Bool, isSubstitute: Bool
    /// Which of the outer nodes the body has, where it has one.
    var outer: Int?
  }

  /// Whether this is a repetition.
  package let isRepetition: Bool
  // One task works with these.
  private var generators: [ObjectIdentifier: (owner: RandomGenerator, state: RandomGenerator.State)] = [:]
  private var values: [ObjectIdentifier: Value] = [:]
  private var settings: [ObjectIdentifier: () -> () -> Void] = [:]
  private let around = Replay.current
  private let precision = ConvolutionPrecision.current
  private let generator = Random.generator

  /// One that takes notes.
  package init() { isRepetition = false }

  /// One that repeats what another noted.
  private init(repeating notes: Replay, outer: (Int) -> Node?) {
    isRepetition = true
    (generators, settings) = (notes.generators, notes.settings)
    values = notes.values.mapValues { value in
      var value = value
      value.body.node = value.outer.flatMap(outer)
      return value
    }
  }

  /// Does something, noting what it uses.
  package func note<Result>(_ body: () throws -> Result) rethrows -> Result { try run(body) }

  /// Replaces the nodes of the values by their positions among `outer`: what is kept of the graph is in the node's inputs.
  package func forgetNodes(_ outer: [ObjectIdentifier: Int]) {
    for id in values.keys {
      guard let node = values[id]?.body.node else { continue }
      values[id]?.outer = outer[ObjectIdentifier(node)]
      values[id]?.body.node = nil
    }
  }

  /// Does again what was noted; `outer` has the nodes of the values by their positions.
  package func again<Result>(_ outer: (Int) -> Node?, _ body: () throws -> Result) rethrows -> Result {
    let undo = settings.values.map { $0() }
    defer { for change in undo { change() } }
    let repetition = Replay(repeating: self, outer: outer)
    return try Random.with(generator) {
      try withConvolutionPrecision(precision) { try withGradients { try repetition.run(body) } }
    }
  }

  private func run<Result>(_ body: () throws -> Result) rethrows -> Result {
    Replay.count.wrappingAdd(1, ordering: .relaxed)
    defer { Replay.count.wrappingSubtract(1, ordering: .relaxed) }
    return try Replay.$running.withValue(self, operation: body)
  }

  // MARK: What is used

  /// Reads or changes the state of a generator.
  func access<Result: Sendable>(
    _ owner: RandomGenerator, _ body: (inout RandomGenerator.State) -> Result
  ) -> Result {
    let id = ObjectIdentifier(owner)
    if isRepetition, generators[id] != nil { return body(&generators[id]!.state) }
    func outside<Value: Sendable>(_ body: (inout RandomGenerator.State) -> Value) -> Value {
      around.map { $0.access(owner, body) } ?? owner.direct(body)
    }
    if !isRepetition, generators[id] == nil { generators[id] = (owner, outside { $0 }) }
    return outside(body)
  }

  /// Reads or changes a value.
  package func access(_ owner: some ReplayedValue, _ body: (inout TensorBody) -> Void) {
    let id = ObjectIdentifier(owner)
    if isRepetition, values[id] != nil { return body(&values[id]!.body) }
    func outside(_ body: (inout TensorBody) -> Void) {
      if let around { around.access(owner, body) } else { owner.direct(body) }
    }
    if !isRepetition, values[id] == nil {
      outside { values[id] = Value(owner: owner, body: $0.detached, isFrozen: false, isSubstitute: false) }
    }
    outside(body)
  }

  /// What a parameter is read as, from what it is now.
  package func read(_ owner: AnyObject, _ now: (body: TensorBody, isFrozen: Bool, isSubstitute: Bool)) -> Value {
    let id = ObjectIdentifier(owner)
    if isRepetition, let value = values[id] { return value }
    let value =
      around?.read(owner, now)
      ?? Value(owner: owner, body: now.body, isFrozen: now.isFrozen, isSubstitute: now.isSubstitute)
    if !isRepetition, values[id] == nil { values[id] = value }
    return value
  }

  /// Notes how an object is set: `set` sets it so again, and returns what puts it back.
  package func note(_ owner: AnyObject, _ set: @autoclosure () -> () -> () -> Void) {
    if isRepetition { return }
    around?.note(owner, set())
    if settings[ObjectIdentifier(owner)] == nil { settings[ObjectIdentifier(owner)] = set() }
  }
}
