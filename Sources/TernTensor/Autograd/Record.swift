import TernBackend

/// The node of an operation whose derivative is written with tensor operations.
///
/// The derivative may capture numbers, shapes, and tensors that carry no node; inputs and the result come from `saved`.
final class OperationNode<Scalar: TensorScalar>: Node, @unchecked Sendable {
  private let title: StaticString
  private var saved: [Saved<Scalar>?]
  private var output: Saved<Scalar>?
  private var derivative: (@Sendable (Derivation<Scalar>) -> Void)?

  init(
    _ title: StaticString, _ inputs: [Node?], saved: [Saved<Scalar>?], output: Saved<Scalar>?,
    _ derivative: @escaping @Sendable (Derivation<Scalar>) -> Void
  ) {
    self.title = title
    self.saved = saved
    self.output = output
    self.derivative = derivative
    super.init(inputs: inputs)
  }

  override var name: String { "\(title)" }

  override func propagate(_ gradient: consuming TensorBody, _ pass: BackwardPass) {
    derivative?(Derivation(node: self, pass: pass, gradient: Tensor(body: gradient)))
  }

  override func releaseSaved() {
    saved = []
    output = nil
    derivative = nil
  }

  fileprivate func savedInput(_ index: Int, _ pass: BackwardPass) -> Tensor<Scalar> {
    guard index < saved.count, let value = saved[index] else { fail(name, "input \(index) was not saved") }
    return value.tensor(input(index), pass)
  }

  fileprivate func savedOutput(_ pass: BackwardPass) -> Tensor<Scalar> {
    guard let output else { fail(name, "the result was not saved") }
    return output.tensor(self, pass)
  }
}

/// What a derivative has at hand: the gradient of the result, and what was saved of inputs and result.
package struct Derivation<Scalar: TensorScalar> {
  fileprivate let node: OperationNode<Scalar>
  fileprivate let pass: BackwardPass
  /// dL/d(result).
  package let gradient: Tensor<Scalar>

  /// Whether the pass records gradients of gradients: only then a derivative must be made of recorded operations.
  package var createGraph: Bool { pass.createGraph }

  /// The saved input `index`.
  package func input(_ index: Int) -> Tensor<Scalar> { node.savedInput(index, pass) }

  /// The saved result.
  package var output: Tensor<Scalar> { node.savedOutput(pass) }

  /// Whether the gradient of input `index` is wanted.
  package func wants(_ index: Int) -> Bool { pass.wants(node.input(index)) }

  /// Sends dL/d(input `index`), worked out only where it is wanted.
  package func send(_ index: Int, _ gradient: () -> Tensor<Scalar>) {
    let target = node.input(index)
    if pass.wants(target) { pass.send(gradient().body, to: target) }
  }
}

/// Which values an operation keeps for its derivative.
package struct Saving: OptionSet, Sendable {
  package let rawValue: UInt64
  package init(rawValue: UInt64) { self.rawValue = rawValue }

  package static let output = Saving(rawValue: 1 << 63)
  package static let first = input(0)
  package static let second = input(1)
  package static let third = input(2)
  package static func input(_ index: Int) -> Saving { Saving(rawValue: 1 << index) }
}

extension Tensor {
  /// This result, recorded as computed from `inputs` when one of them is recorded and recording is on.
  ///
  /// - Parameters:
  ///   - saving: the inputs (and the result) that the derivative reads.
  ///   - derivative: sends the inputs' gradients; see ``OperationNode`` for what it may capture.
  package func recorded(
    _ name: StaticString, from inputs: Tensor..., saving: Saving = [],
    _ derivative: @escaping @Sendable (Derivation<Scalar>) -> Void
  ) -> Tensor {
    recorded(name, fromAll: inputs, saving: saving, derivative)
  }

  package func recorded(
    _ name: StaticString, fromAll inputs: [Tensor], saving: Saving = [],
    _ derivative: @escaping @Sendable (Derivation<Scalar>) -> Void
  ) -> Tensor {
    guard inputs.contains(where: { $0.node != nil }), Recording.isOn else { return self }
    let saved = inputs.indices.map { index in
      index < 63 && saving.contains(.input(index)) ? Saved(inputs[index]) : nil
    }
    let node = OperationNode(
      name, inputs.map(\.node), saved: saved, output: saving.contains(.output) ? Saved(self) : nil, derivative)
    return Tensor(body: body.with(node: node))
  }
}

/// The node of an operation that moves values: its derivative needs nothing but the gradient.
final class MoveNode<Scalar: TensorScalar>: Node, @unchecked Sendable {
  private let title: StaticString
  private let derivative: @Sendable (Tensor<Scalar>) -> Tensor<Scalar>

  init(_ title: StaticString, _ input: Node, _ derivative: @escaping @Sendable (Tensor<Scalar>) -> Tensor<Scalar>) {
    self.title = title
    self.derivative = derivative
    super.init(input)
  }

  override var name: String { "\(title)" }

  override func propagate(_ gradient: consuming TensorBody, _ pass: BackwardPass) {
    if pass.wants(first) { pass.send(derivative(Tensor(body: gradient)).body, to: first) }
  }
}

extension Tensor {
  /// This result, recorded as values moved from `input`; `derivative` moves a gradient back.
  package func moved(
    _ name: StaticString, from input: Tensor, _ derivative: @escaping @Sendable (Tensor) -> Tensor
  ) -> Tensor {
    guard let node = input.node, Recording.isOn else { return self }
    return Tensor(body: body.with(node: MoveNode(name, node, derivative)))
  }
}
