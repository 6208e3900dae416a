import Synchronization
import TernBackend

/// Who watches operations while they run: a profile, a search for values that are not finite, a record of a run, a tracer.
///
/// Every function is called on the thread that does the work, right when it happened; what it is given is to be read, not
/// kept longer than needed: an operation reuses memory that nothing else refers to. Operations that an observer runs
/// itself are not reported.
package protocol OperationObserver: AnyObject, Sendable {
  /// Whether it runs operations itself, which must not be reported; true where it does not say.
  var runsOperations: Bool { get }
  /// Whether it is told of operations; else of loops, derivatives, layers and sections alone, and fused operations stay fused:
  /// such a one looks at no values. True where it does not say.
  var watchesOperations: Bool { get }
  /// Whether it looks at values: else it is told of operations by ``operationTimed(_:recordedAs:)``, which costs less, and of
  /// no gradients; true where it does not say.
  var watchesValues: Bool { get }
  /// Where events of operations, derivatives, sections and of layers that it knows are noted instead, on its thread and while
  /// it is the only observer; `nil` where it does not say.
  var tape: EventTape? { get }
  /// An operation is done, whether it was recorded or not.
  func operationEnded(_ event: borrowing OperationEvent)
  /// An operation is done, for an observer that does not look at values.
  func operationTimed(_ name: StaticString, recordedAs node: Node?)
  /// A loop over elements is done that is no operation of the graph: "random", a draw of random numbers; "fill"; "histogram".
  func loopEnded(_ name: StaticString, result: TensorBody)
  /// A node of the graph is about to send its inputs' gradients.
  func backwardBegan(_ node: Node, gradient: TensorBody)
  /// A node sent a gradient to the node of one of its inputs: a whole one, or one for a region of the input.
  func gradientSent(_ gradient: TensorBody, from node: Node, to input: Node, isRegion: Bool)
  /// A node has sent its inputs' gradients.
  func backwardEnded(_ node: Node)
  /// A layer begins; it is the innermost of `RunningScope.objects` already.
  func layerEntered(_ layer: AnyObject, input: TensorBody)
  /// A layer ends, which is the innermost of `RunningScope.objects` still; `output` is what the last of a fused group made.
  func layerLeft(_ layer: AnyObject, output: TensorBody)
  /// A section of the work begins: "backward", a run through the graph; "optimizer", an update; "data", waiting for a batch;
  /// "step", one of a trainer.
  func sectionBegan(_ name: StaticString)
  /// The section that began last ends.
  func sectionEnded(_ name: StaticString)
}

extension OperationObserver {
  package var runsOperations: Bool { true }
  package var watchesOperations: Bool { true }
  package var watchesValues: Bool { true }
  package var tape: EventTape? { nil }
  package func operationEnded(_ event: borrowing OperationEvent) {}
  package func operationTimed(_ name: StaticString, recordedAs node: Node?) {}
  package func loopEnded(_ name: StaticString, result: TensorBody) {}
  package func backwardBegan(_ node: Node, gradient: TensorBody) {}
  package func gradientSent(_ gradient: TensorBody, from node: Node, to input: Node, isRegion: Bool) {}
  package func backwardEnded(_ node: Node) {}
  package func layerEntered(_ layer: AnyObject, input: TensorBody) {}
  package func layerLeft(_ layer: AnyObject, output: TensorBody) {}
  package func sectionBegan(_ name: StaticString) {}
  package func sectionEnded(_ name: StaticString) {}
}

/// The end of an operation.
package struct OperationEvent {
  /// The operation, as its node is called.
  package let name: StaticString
  /// What it was computed from, in the operation's order: constants, too.
  package let inputs: [TensorBody]
  /// What it made. Where ``node`` is `nil` it is a constant.
  package let result: TensorBody
  /// How many operations made of operations it runs in: 0 for one that the program called, or a derivative.
  package let depth: Int
  /// Whether it is made of operations that were reported before it, one deeper.
  package let isComposite: Bool
  /// The node whose derivative it is a part of; `nil` outside of backward passes.
  package let derivativeOf: Node?

  /// The result's node, where it was recorded.
  package var node: Node? { result.node }
  /// Whether it is done again, for a checkpoint.
  package var isRepetition: Bool { Replay.current?.isRepetition == true }
  /// The layers that run, outermost first.
  package var layers: [AnyObject] { RunningScope.objects }
}

/// The observers of operations. While there are none, an operation costs one relaxed load more.
///
/// Who watches is the task's; what else is known of the work, its thread's: a body runs on one thread, which is told there who
/// watches, too: to ask the task costs more than most observers do.
package enum OperationObservers {
  /// How many observers there are, on all threads.
  private static let count = Atomic<Int>(0)
  /// How many of them are told of operations.
  private static let operationCount = Atomic<Int>(0)
  /// How many of them look at values.
  private static let valueCount = Atomic<Int>(0)

  /// The observers of a task.
  private final class Audience: Sendable {
    let observers: [any OperationObserver]
    /// The observer, where there is one alone that runs no operations itself.
    let sole: (any OperationObserver)?
    /// Whether one of them is told of operations; whether one looks at values.
    let watchesOperations, watchesValues: Bool

    init(_ observers: [any OperationObserver]) {
      self.observers = observers
      sole = observers.count == 1 && !observers[0].runsOperations ? observers[0] : nil
      watchesOperations = observers.contains { $0.watchesOperations }
      watchesValues = observers.contains { $0.watchesValues }
    }

    /// Calls `notice` for every observer.
    @inline(__always)
    func tell(_ notice: (any OperationObserver) -> Void) {
      if let sole { return notice(sole) }
      for observer in observers { call(observer, notice) }
    }

    @inline(__always)
    func call(_ observer: any OperationObserver, _ notice: (any OperationObserver) -> Void) {
      if !observer.runsOperations { return notice(observer) }
      let outer = ObservationScope.current
      ObservationScope.current.isSilent = true
      notice(observer)
      ObservationScope.current = outer
    }
  }
  @TaskLocal private static var own: Audience?

  /// Who watches what runs now: on this thread, or for the task; `nil` where nobody does.
  @inline(__always)
  private static var audience: Audience? {
    if ObservationScope.current.isSilent { return nil }
    guard let here = ThreadAudience.observers else { return own }
    return Unmanaged<Audience>.fromOpaque(here).takeUnretainedValue()
  }

  /// Whether anyone watches the operations that run here.
  @inline(__always)
  static var isListening: Bool { operationCount.load(ordering: .relaxed) != 0 && isHeard }

  @inline(never)
  private static var isHeard: Bool { ThreadAudience.hearsOperations ?? own?.watchesOperations ?? false }

  /// Whether anyone watches layers and derivatives, on any thread.
  @inline(__always)
  static var isWatched: Bool { count.load(ordering: .relaxed) != 0 }

  /// Whether anyone looks at values, on any thread.
  @inline(__always)
  static var isInspected: Bool { valueCount.load(ordering: .relaxed) != 0 }

  /// Whether anyone watches, on any thread; for the layers of other modules.
  package static var isAnyoneListening: Bool { isWatched }

  /// Lets an observer watch what `body` does, on this task and those it starts.
  package static func with<Result>(_ observer: any OperationObserver, _ body: () throws -> Result) rethrows -> Result {
    let audience = Audience((own?.observers ?? []) + [observer])
    let (operations, values) = (observer.watchesOperations ? 1 : 0, observer.watchesValues ? 1 : 0)
    count.wrappingAdd(1, ordering: .relaxed)
    operationCount.wrappingAdd(operations, ordering: .relaxed)
    valueCount.wrappingAdd(values, ordering: .relaxed)
    defer {
      count.wrappingSubtract(1, ordering: .relaxed)
      operationCount.wrappingSubtract(operations, ordering: .relaxed)
      valueCount.wrappingSubtract(values, ordering: .relaxed)
    }
    return try $own.withValue(audience) {
      let outer = ThreadAudience.current
      ThreadAudience.current = ThreadAudience(
        audience, hearsOperations: audience.watchesOperations, tape: audience.sole?.tape)
      defer { ThreadAudience.current = outer }
      return try body()
    }
  }

  /// Runs the operations that an operation is made of: they are reported one deeper than itself.
  package static func inside<Result>(_ body: () throws -> Result) rethrows -> Result {
    if !isListening { return try body() }
    let outer = ObservationScope.current
    defer { ObservationScope.current = outer }
    ObservationScope.current.depth += 1
    return try body()
  }

  /// Runs operations that are reported to nobody.
  package static func silently<Result>(_ body: () throws -> Result) rethrows -> Result {
    if !isWatched { return try body() }
    let outer = ObservationScope.current
    defer { ObservationScope.current = outer }
    ObservationScope.current.isSilent = true
    return try body()
  }

  /// Does a section of the work, of which observers are told.
  package static func section<Result>(_ name: StaticString, _ body: () throws -> Result) rethrows -> Result {
    guard isWatched, let audience else { return try body() }
    if !ThreadAudience.note(.sectionBegan, name.utf8Start) { audience.tell { $0.sectionBegan(name) } }
    defer {
      if !ThreadAudience.note(.sectionEnded, name.utf8Start) { audience.tell { $0.sectionEnded(name) } }
    }
    return try body()
  }

  // MARK: What happened

  /// An operation is done, and ``isListening`` says that someone is told.
  @inline(never)
  static func ended(
    _ name: StaticString, from inputs: @autoclosure () -> [TensorBody], _ result: TensorBody, isComposite: Bool = false
  ) {
    let isRepetition = Replay.current?.isRepetition == true && ObservationScope.current.isInDerivative
    let identity = result.node.map { $0.sequence + 1 } ?? 0
    if ThreadAudience.note(.operation, name.utf8Start, identity: identity, flag: isRepetition) { return }
    guard let audience, audience.watchesOperations else { return }
    if !audience.watchesValues { return audience.tell { $0.operationTimed(name, recordedAs: result.node) } }
    let scope = ObservationScope.current
    let event = OperationEvent(
      name: name, inputs: inputs(), result: result, depth: scope.depth, isComposite: isComposite,
      derivativeOf: scope.node.map { unsafeDowncast($0, to: Node.self) })
    for observer in audience.observers where observer.watchesOperations {
      if observer.watchesValues {
        audience.call(observer) { $0.operationEnded(event) }
      } else {
        audience.call(observer) { $0.operationTimed(name, recordedAs: result.node) }
      }
    }
  }

  /// A loop over elements is done, which no operation reports.
  @inline(__always)
  static func looped(_ name: StaticString, _ result: TensorBody) { if isWatched { tellLoop(name, result) } }

  @inline(never)
  private static func tellLoop(_ name: StaticString, _ result: TensorBody) {
    audience?.tell { $0.loopEnded(name, result: result) }
  }

  /// Runs the derivative of a node.
  @inline(never)
  static func propagate(_ node: Node, _ gradient: consuming TensorBody, _ pass: BackwardPass) {
    let identity = node.sequence + 1
    if !ThreadAudience.note(.backwardBegan, node.title.utf8Start, identity: identity) {
      guard let audience else { return node.propagate(consume gradient, pass) }
      audience.tell { $0.backwardBegan(node, gradient: gradient) }
    }
    let outer = ObservationScope.current
    ObservationScope.current.enterDerivative(of: node)
    // The gradient is the derivative's alone, as it is where nobody watches.
    node.propagate(consume gradient, pass)
    ObservationScope.current = outer
    if !ThreadAudience.note(.backwardEnded, nil, identity: identity) { audience?.tell { $0.backwardEnded(node) } }
  }

  /// A node sent a gradient; a result's own gradient, with which a pass begins, is sent by none.
  @inline(never)
  static func sent(_ gradient: TensorBody, to input: Node, isRegion: Bool = false) {
    guard let audience, audience.watchesValues, let running = ObservationScope.current.node else { return }
    let node = unsafeDowncast(running, to: Node.self)
    for observer in audience.observers where observer.watchesValues {
      audience.call(observer) { $0.gradientSent(gradient, from: node, to: input, isRegion: isRegion) }
    }
  }

  /// A layer begins.
  package static func entered(_ layer: AnyObject, _ input: TensorBody) {
    if ThreadAudience.note(.layerEntered, layer: layer, input.layout, flag: input.node != nil) { return }
    audience?.tell { $0.layerEntered(layer, input: input) }
  }

  /// A layer ends.
  package static func left(_ layer: AnyObject, _ output: TensorBody) {
    if ThreadAudience.note(.layerLeft, layer: layer, output.layout) { return }
    audience?.tell { $0.layerLeft(layer, output: output) }
  }
}
