import Synchronization
import TernBackend

/// A function's result without what its derivative needs: backward runs the function again and keeps it only then.
///
/// ```swift
/// let y = checkpoint(x) { block($0).relu() }
/// ```
///
/// What a long network keeps for its gradients then is the inputs of its parts and the inside of one of them, for one more
/// forward pass. Results and gradients have the bits of a plain call, of the first and of higher orders, for the input and for
/// all that the function reads: parameters, and recorded tensors that it captures. In the second run random generators give the
/// numbers of the first, buffers and parameters are what they were, and running statistics do not move again.
///
/// Nothing is recorded, and nothing runs twice, inside `withoutGradients`. The function must do the same each time: it may
/// depend on what it captures only where that does not change. Source: Chen et al. 2016, "Training deep nets with sublinear
/// memory cost".
///
/// - Parameters:
///   - input: what it is computed from; may be a constant.
///   - function: the result from the input.
/// - Complexity: the time of one more forward pass in backward.
public func checkpoint<Scalar: FloatingScalar>(
  _ input: Tensor<Scalar>, _ function: @escaping (Tensor<Scalar>) -> Tensor<Scalar>,
  file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  return checkpoint([input]) { [function($0[0])] }[0]
}

/// Several results of several inputs, as ``checkpoint(_:_:file:line:)`` does it.
///
/// ```swift
/// let parts = checkpoint([hidden, memory]) { decoder($0[0], $0[1]) }
/// ```
///
/// - Parameters:
///   - inputs: what the results are computed from; may be constants.
///   - function: the results from the inputs, as many each time.
public func checkpoint<Scalar: FloatingScalar>(
  _ inputs: [Tensor<Scalar>], _ function: @escaping ([Tensor<Scalar>]) -> [Tensor<Scalar>],
  file: StaticString = #fileID, line: UInt = #line
) -> [Tensor<Scalar>] {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  guard Recording.isOn else { return function(inputs) }
  let start = Node.nextSequence
  let replay = Replay()
  let results = replay.note { function(inputs) }
  let outer = Node.outer(of: results.compactMap(\.node), before: start)
  if outer.isEmpty { return results }
  let positions = Dictionary(
    outer.enumerated().map { (ObjectIdentifier($1), $0) }, uniquingKeysWith: { first, _ in first })
  replay.forgetNodes(positions)
  let segment = SegmentNode(outer, positions, inputs, results.count, replay, function)
  return results.enumerated().map { index, result in
    result.node == nil ? result : Tensor(body: result.body.with(node: SegmentOutputNode(segment, index)))
  }
}

/// A function that backward runs again: the nodes of all it depends on, its inputs' values and what it used.
private final class SegmentNode<Scalar: FloatingScalar>: Node, @unchecked Sendable {
  typealias Function = ([Tensor<Scalar>]) -> [Tensor<Scalar>]

  private let resultCount: Int
  @exclusivity(unchecked) private var inputs: [(memory: TensorMemory, outer: Int?)]
  @exclusivity(unchecked) private var replay: Replay?
  @exclusivity(unchecked) private var function: Function?
  /// The results' gradients that arrived, by the pass they arrived in.
  private let arrived = Mutex<[UInt: [TensorBody?]]>([:])

  init(
    _ outer: [Node], _ positions: [ObjectIdentifier: Int], _ inputs: [Tensor<Scalar>], _ resultCount: Int,
    _ replay: Replay, _ function: @escaping Function
  ) {
    self.inputs = inputs.map { input in
      (input.body.memory, input.node.flatMap { positions[ObjectIdentifier($0)] })
    }
    self.resultCount = resultCount
    self.replay = replay
    self.function = function
    super.init(
      outer[0], outer.count > 1 ? outer[1] : nil, rest: outer.count > 2 ? outer.dropFirst(2).map { $0 } : nil)
  }

  override var title: StaticString { "checkpoint" }

  /// Takes the gradient of a result; the node's own gradient says nothing but that there is one.
  func receive(_ gradient: TensorBody, _ index: Int, _ pass: BackwardPass) {
    arrived.withLock { $0[pass.identity, default: Array(repeating: nil, count: resultCount)][index] = gradient }
    pass.send(Tensor<Scalar>(0).body, to: self)
  }

  override func propagate(_ gradient: consuming TensorBody, _ pass: BackwardPass) {
    let gradients = arrived.withLock { $0.removeValue(forKey: pass.identity) } ?? []
    guard let replay, let function else { return }
    let start = Node.nextSequence
    let results = replay.again(input) {
      function(inputs.map { Tensor(body: TensorBody($0.memory, node: $0.outer.flatMap(input))) })
    }
    check(
      results.count == resultCount, name,
      "the function returned \(results.count) results, \(resultCount) the first time")
    let roots = zip(results, gradients).compactMap { result, gradient in
      gradient.flatMap { gradient in result.node.map { (node: $0, gradient: gradient, shape: result.shape) } }
    }
    for root in roots {
      check(
        root.shape == root.gradient.layout.shape, name,
        "the function returned a result \(root.shape), \(root.gradient.layout.shape) the first time")
    }
    pass.extend(to: roots.map(\.node), madeSince: start)
    for root in roots { pass.send(root.gradient, to: root.node) }
  }

  override func releaseSaved() {
    inputs = []
    replay = nil
    function = nil
  }
}

/// A result of a function that backward runs again.
private final class SegmentOutputNode<Scalar: FloatingScalar>: Node, @unchecked Sendable {
  private let index: Int

  init(_ segment: SegmentNode<Scalar>, _ index: Int) {
    self.index = index
    super.init(segment)
  }

  override var title: StaticString { "checkpoint" }

  override func propagate(_ gradient: consuming TensorBody, _ pass: BackwardPass) {
    if let segment = first as? SegmentNode<Scalar>, pass.wants(segment) { segment.receive(gradient, index, pass) }
  }
}
