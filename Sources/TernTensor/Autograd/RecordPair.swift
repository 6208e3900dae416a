import TernBackend

/// The node of an elementwise operation of two operands that broadcast: each gradient is summed to its operand's shape.
final class PairNode<Scalar: NumericScalar>: Node, @unchecked Sendable {
  typealias Derivative = @Sendable (PairDerivation<Scalar>) -> Tensor<Scalar>

  private let operation: StaticString
  /// The operands' layouts where their shapes are not the result's.
  private let firstLayout: Layout?, secondLayout: Layout?
  @exclusivity(unchecked) private var savedFirst: Saved<Scalar>
  @exclusivity(unchecked) private var savedSecond: Saved<Scalar>
  @exclusivity(unchecked) private var output: Saved<Scalar>
  private let firstDerivative: Derivative, secondDerivative: Derivative

  init(
    _ title: StaticString, _ result: Layout, _ first: Tensor<Scalar>, _ second: Tensor<Scalar>, saving: Saving,
    output: Saved<Scalar>,
    _ firstDerivative: @escaping Derivative, _ secondDerivative: @escaping Derivative
  ) {
    operation = title
    firstLayout = first.layout.differs(from: result)
    secondLayout = second.layout.differs(from: result)
    let asOperand = saving.contains(.asOperands)
    savedFirst = saving.contains(.first) ? Saved(first, asOperand: asOperand) : Saved()
    savedSecond = saving.contains(.second) ? Saved(second, asOperand: asOperand) : Saved()
    self.output = output
    self.firstDerivative = firstDerivative
    self.secondDerivative = secondDerivative
    super.init(first.node, second.node)
  }

  override var title: StaticString { operation }

  override func propagate(_ gradient: consuming TensorBody, _ pass: BackwardPass) {
    let d = PairDerivation(node: self, pass: pass, gradient: Tensor(body: gradient))
    if pass.wants(first) { send(firstDerivative(d), like: firstLayout, to: first, pass) }
    if pass.wants(second) { send(secondDerivative(d), like: secondLayout, to: second, pass) }
  }

  private func send(_ gradient: Tensor<Scalar>, like layout: Layout?, to node: Node?, _ pass: BackwardPass) {
    pass.send(layout.map { gradient.summed(to: $0.shape).body } ?? gradient.body, to: node)
  }

  override func releaseSaved() {
    savedFirst = Saved()
    savedSecond = Saved()
    output = Saved()
  }

  fileprivate func savedInput(_ index: Int, _ pass: BackwardPass) -> Tensor<Scalar> {
    let saved = index == 0 ? savedFirst : savedSecond
    if saved.isEmpty { fail(name, "input \(index) was not saved") }
    return saved.tensor(input(index), pass)
  }

  fileprivate func savedOutput(_ pass: BackwardPass) -> Tensor<Scalar> {
    if output.isEmpty { fail(name, "the result was not saved") }
    return output.tensor(self, pass)
  }
}

/// The node of a + s·b, whose operands broadcast: it needs nothing but the gradient.
///
/// The most frequent node of all is small enough for the system's quick free lists.
final class SumNode<Scalar: NumericScalar>: Node, @unchecked Sendable {
  private let scale: Scalar
  /// The operands' layouts where their shapes are not the result's.
  private let firstLayout: Layout?, secondLayout: Layout?

  init(_ result: Layout, _ first: Tensor<Scalar>, _ second: Tensor<Scalar>, scale: Scalar) {
    self.scale = scale
    firstLayout = first.layout.differs(from: result)
    secondLayout = second.layout.differs(from: result)
    super.init(first.node, second.node)
  }

  /// Of operands that have the result's shape.
  init(_ first: Node?, _ second: Node?, scale: Scalar) {
    self.scale = scale
    firstLayout = nil
    secondLayout = nil
    super.init(first, second)
  }

  override var title: StaticString { "add" }

  override func propagate(_ gradient: consuming TensorBody, _ pass: BackwardPass) {
    let gradient = gradient
    if pass.wants(second) {
      send(scaled(gradient), like: secondLayout, to: second, pass)
    }
    if pass.wants(first) { send(gradient, like: firstLayout, to: first, pass) }
  }

  /// scale · dL/d(result); 0 for a scale of 0, whatever the gradient is.
  private func scaled(_ gradient: TensorBody) -> TensorBody {
    if scale == 1 { return gradient }
    let gradient = Tensor<Scalar>(body: gradient)
    return (scale == 0 ? zeroProduct(gradient, Tensor(scale)) : gradient * scale).body
  }

  private func send(_ gradient: TensorBody, like layout: Layout?, to node: Node?, _ pass: BackwardPass) {
    pass.send(layout.map { Tensor<Scalar>(body: gradient).summed(to: $0.shape).body } ?? gradient, to: node)
  }
}

extension Layout {
  /// This layout where its shape is another than that of `result`, else `nil`.
  fileprivate func differs(from result: Layout) -> Layout? {
    self === result || shape == result.shape ? nil : self
  }
}

/// What the derivatives of an operation of two operands have at hand.
package struct PairDerivation<Scalar: NumericScalar> {
  fileprivate let node: PairNode<Scalar>
  fileprivate let pass: BackwardPass
  /// dL/d(result).
  package let gradient: Tensor<Scalar>

  /// Whether the pass records gradients of gradients: only then a derivative must be made of recorded operations.
  package var createGraph: Bool { pass.createGraph }

  /// The saved operand `index`.
  package func input(_ index: Int) -> Tensor<Scalar> { node.savedInput(index, pass) }

  /// The saved result.
  package var output: Tensor<Scalar> { node.savedOutput(pass) }
}

extension Tensor where Scalar: NumericScalar {
  /// This result, recorded as computed from two operands that broadcast to it.
  ///
  /// - Parameters:
  ///   - firstNeeds: what the first operand's derivative reads; `secondNeeds` likewise.
  ///   - first: dL/da before it is summed to the shape of a; `second` likewise.
  @specialized(where Scalar == Float)
  package consuming func recordedPair(
    _ name: StaticString, _ a: Tensor, _ b: Tensor, firstNeeds: Saving = [], secondNeeds: Saving = [],
    _ first: @escaping @Sendable (PairDerivation<Scalar>) -> Tensor,
    _ second: @escaping @Sendable (PairDerivation<Scalar>) -> Tensor
  ) -> Tensor {
    if a.node != nil || b.node != nil, Recording.isOn {
      let saving = (a.node == nil ? [] : firstNeeds).union(b.node == nil ? [] : secondNeeds)
      body.node = PairNode(name, layout, a, b, saving: saving, output: output(saving), first, second)
    }
    if OperationObservers.isListening { OperationObservers.ended(name, from: [a.body, b.body], body) }
    return self
  }
}
