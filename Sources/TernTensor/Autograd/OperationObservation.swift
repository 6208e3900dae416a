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
  /// An operation is done, whether it was recorded or not.
  func operationEnded(_ event: borrowing OperationEvent)
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
  package func operationEnded(_ event: borrowing OperationEvent) {}
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
package enum OperationObservers {
  private static let count = Atomic<Int>(0)
  private static let everywhere = Mutex<[any OperationObserver]>([])
  private static let everywhereCount = Atomic<Int>(0)

  /// What is known of the work of this task.
  private struct Context {
    var observers: [any OperationObserver] = []
    var depth = 0
    /// The node whose derivative runs.
    var node: Node?
    var isSilent = false
  }
  @TaskLocal private static var context = Context()

  /// Whether anyone watches, on any thread.
  @inline(__always)
  static var isListening: Bool { count.load(ordering: .relaxed) != 0 }

  /// Whether anyone watches, on any thread; for the layers of other modules.
  package static var isAnyoneListening: Bool { isListening }

  /// Lets an observer watch what `body` does, on this task and those it starts.
  package static func with<Result>(_ observer: any OperationObserver, _ body: () throws -> Result) rethrows -> Result {
    var context = context
    context.observers.append(observer)
    count.wrappingAdd(1, ordering: .relaxed)
    defer { count.wrappingSubtract(1, ordering: .relaxed) }
    return try $context.withValue(context, operation: body)
  }

  /// Lets an observer watch every thread, until it is removed.
  package static func add(_ observer: any OperationObserver) {
    everywhere.withLock { $0.append(observer) }
    everywhereCount.wrappingAdd(1, ordering: .relaxed)
    count.wrappingAdd(1, ordering: .relaxed)
  }

  /// Ends what ``add(_:)`` began.
  package static func remove(_ observer: any OperationObserver) {
    let found = everywhere.withLock { list in
      guard let index = list.firstIndex(where: { $0 === observer }) else { return false }
      list.remove(at: index)
      return true
    }
    if !found { return }
    everywhereCount.wrappingSubtract(1, ordering: .relaxed)
    count.wrappingSubtract(1, ordering: .relaxed)
  }

  /// Runs the operations that an operation is made of: they are reported one deeper than itself.
  package static func inside<Result>(_ body: () throws -> Result) rethrows -> Result {
    if !isListening { return try body() }
    var context = context
    context.depth += 1
    return try $context.withValue(context, operation: body)
  }

  /// Runs operations that are reported to nobody.
  package static func silently<Result>(_ body: () throws -> Result) rethrows -> Result {
    if !isListening { return try body() }
    var context = context
    context.isSilent = true
    return try $context.withValue(context, operation: body)
  }

  /// Does a section of the work, of which observers are told.
  package static func section<Result>(_ name: StaticString, _ body: () throws -> Result) rethrows -> Result {
    if !isListening { return try body() }
    let context = context
    tell(context) { $0.sectionBegan(name) }
    defer { tell(context) { $0.sectionEnded(name) } }
    return try body()
  }

  // MARK: What happened

  /// Calls `notice` for everyone who watches this task.
  private static func tell(_ context: Context, _ notice: (any OperationObserver) -> Void) {
    if context.isSilent { return }
    for observer in context.observers { tell(context, observer, notice) }
    if everywhereCount.load(ordering: .relaxed) == 0 { return }
    for observer in everywhere.withLock({ $0 }) { tell(context, observer, notice) }
  }

  private static func tell(
    _ context: Context, _ observer: any OperationObserver, _ notice: (any OperationObserver) -> Void
  ) {
    if !observer.runsOperations { return notice(observer) }
    var inner = context
    inner.isSilent = true
    $context.withValue(inner) { notice(observer) }
  }

  /// An operation is done.
  @inline(never)
  static func ended(
    _ name: StaticString, from inputs: [TensorBody], _ result: TensorBody, isComposite: Bool = false
  ) {
    let context = context
    let event = OperationEvent(
      name: name, inputs: inputs, result: result, depth: context.depth, isComposite: isComposite,
      derivativeOf: context.node)
    tell(context) { $0.operationEnded(event) }
  }

  /// Runs the derivative of a node.
  @inline(never)
  static func propagate(_ node: Node, _ gradient: consuming TensorBody, _ pass: BackwardPass) {
    let outer = context
    tell(outer) { $0.backwardBegan(node, gradient: gradient) }
    var context = outer
    context.node = node
    context.depth = 0
    // The gradient is the derivative's alone, as it is where nobody watches.
    var held: TensorBody? = consume gradient
    $context.withValue(context) {
      if let gradient = held.take() { node.propagate(gradient, pass) }
    }
    tell(outer) { $0.backwardEnded(node) }
  }

  /// A node sent a gradient; a result's own gradient, with which a pass begins, is sent by none.
  @inline(never)
  static func sent(_ gradient: TensorBody, to input: Node, isRegion: Bool = false) {
    let context = context
    guard let node = context.node else { return }
    tell(context) { $0.gradientSent(gradient, from: node, to: input, isRegion: isRegion) }
  }

  /// A layer begins.
  package static func entered(_ layer: AnyObject, _ input: TensorBody) {
    tell(context) { $0.layerEntered(layer, input: input) }
  }

  /// A layer ends.
  package static func left(_ layer: AnyObject, _ output: TensorBody) {
    tell(context) { $0.layerLeft(layer, output: output) }
  }
}
