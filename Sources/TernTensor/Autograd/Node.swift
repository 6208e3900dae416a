import Synchronization
import TernBackend

/// One recorded operation: the nodes of its inputs, what its derivative needs, and nothing else.
///
/// Subclasses hold what they saved as ``Saved`` values, which carry no node: the only references from node to node are
/// the inputs kept here, so that a graph of any length is torn down by a loop (see `deinit`).
package class Node: @unchecked Sendable {
  /// The order of creation: inputs come before what was computed from them.
  package let sequence: UInt64
  package private(set) var first: Node?
  package private(set) var second: Node?
  package private(set) var rest: [Node?]
  private let state = Atomic<UInt8>(0)

  private static let counter = Atomic<UInt64>(0)

  init(_ first: Node?, _ second: Node? = nil, rest: [Node?] = []) {
    sequence = Node.counter.wrappingAdd(1, ordering: .relaxed).oldValue
    self.first = first
    self.second = second
    self.rest = rest
  }

  init(inputs: [Node?]) {
    sequence = Node.counter.wrappingAdd(1, ordering: .relaxed).oldValue
    first = inputs.first ?? nil
    second = inputs.count > 1 ? inputs[1] : nil
    rest = inputs.count > 2 ? Array(inputs[2...]) : []
  }

  /// The node of input `index`; `nil` where the input is a constant.
  package func input(_ index: Int) -> Node? {
    switch index {
    case 0: first
    case 1: second
    default: rest[index - 2]
    }
  }

  /// The operation's name, for messages.
  package var name: String { "\(type(of: self))" }

  /// Given the gradient of the result, sends the inputs' gradients to their nodes.
  package func propagate(_ gradient: consuming TensorBody, _ pass: BackwardPass) {
    fail(name, "has no derivative")
  }

  /// Drops what was saved for the derivative.
  package func releaseSaved() {}

  /// Whether the node accumulates into something that outlives the graph, so that it is never freed.
  package var isLeaf: Bool { false }

  // MARK: Ownership by a backward pass

  private static let freed: UInt8 = 1
  private static let busy: UInt8 = 2

  /// Makes the node the caller's until ``end(freeing:)``; stops when an earlier backward freed it.
  package final func begin() {
    while true {
      let (taken, old) = state.weakCompareExchange(
        expected: 0, desired: Node.busy, successOrdering: .acquiring, failureOrdering: .relaxed)
      if taken { return }
      check(
        old & Node.freed == 0, "backward",
        "the graph of \(name) was freed by an earlier backward; pass retainGraph: true to that one to run it again")
    }
  }

  package final func end(freeing: Bool) {
    if freeing { releaseSaved() }
    state.store(freeing ? Node.freed : 0, ordering: .releasing)
  }

  // MARK: Teardown

  /// Moves the inputs to `pending`, so that dropping them does not recurse.
  private func takeInputs(into pending: inout [Node]) {
    if let node = first { pending.append(node) }
    if let node = second { pending.append(node) }
    for case let node? in rest { pending.append(node) }
    first = nil
    second = nil
    rest = []
  }

  deinit {
    if first == nil && second == nil && rest.isEmpty { return }
    var pending: [Node] = []
    takeInputs(into: &pending)
    while var node = pending.popLast() {
      if isKnownUniquelyReferenced(&node) { node.takeInputs(into: &pending) }
    }
  }
}

/// A tensor kept for a derivative: its values without its node, which the graph holds apart.
package struct Saved<Scalar: TensorScalar> {
  private let body: TensorBody?

  package init(_ tensor: Tensor<Scalar>) { body = tensor.body.detached }

  package init() { body = nil }

  /// The tensor, as a part of the graph again when the pass records one.
  package func tensor(_ node: Node?, _ pass: BackwardPass) -> Tensor<Scalar> {
    guard let body else { fail("backward", "a value that the derivative needs was not saved") }
    return Tensor(body: pass.createGraph ? body.with(node: node) : body)
  }
}

/// Whether operations record, on this task.
package enum Recording {
  @TaskLocal package static var isOn = true
}

/// Calls `body` with nothing recorded: results inside are constants.
public func withoutGradients<Result>(_ body: () throws -> Result) rethrows -> Result {
  try Recording.$isOn.withValue(false, operation: body)
}

/// Calls `body` with operations recorded, inside `withoutGradients` too.
public func withGradients<Result>(_ body: () throws -> Result) rethrows -> Result {
  try Recording.$isOn.withValue(true, operation: body)
}
