import TernBackend

/// The node of an operation whose derivative is written with tensor operations.
///
/// The derivative may capture numbers, shapes, and tensors that carry no node; inputs and the result come from `saved`.
final class OperationNode<Scalar: TensorScalar>: Node, @unchecked Sendable {
  private let operation: StaticString
  // The first two inputs have places of their own: most operations have no more, and an array costs an allocation.
  @exclusivity(unchecked) private var savedFirst: Saved<Scalar>
  @exclusivity(unchecked) private var savedSecond: Saved<Scalar>
  @exclusivity(unchecked) private var savedRest: [Saved<Scalar>]
  @exclusivity(unchecked) private var output: Saved<Scalar>
  @exclusivity(unchecked) private var derivative: (@Sendable (Derivation<Scalar>) -> Void)?

  init(
    _ title: StaticString, _ first: Tensor<Scalar>, _ second: Tensor<Scalar>? = nil,
    rest: ArraySlice<Tensor<Scalar>> = [],
    saving: Saving, firstOperand: Tensor<BFloat16>? = nil, output: Saved<Scalar>,
    _ derivative: @escaping @Sendable (Derivation<Scalar>) -> Void
  ) {
    operation = title
    let asOperand = saving.contains(.asOperands)
    savedFirst =
      saving.contains(.first) ? firstOperand.map(Saved.init(operand:)) ?? Saved(first, asOperand: asOperand) : Saved()
    savedSecond = saving.contains(.second) ? second.map { Saved($0, asOperand: asOperand) } ?? Saved() : Saved()
    savedRest =
      rest.isEmpty
      ? []
      : rest.indices.map { $0 < 61 && saving.contains(.input($0)) ? Saved(rest[$0], asOperand: asOperand) : Saved() }
    self.output = output
    self.derivative = derivative
    super.init(first.node, second?.node, rest: rest.isEmpty ? nil : rest.map { $0.node })
  }

  override var title: StaticString { operation }

  override func propagate(_ gradient: consuming TensorBody, _ pass: BackwardPass) {
    derivative?(Derivation(node: self, pass: pass, gradient: Tensor(body: gradient)))
  }

  override func releaseSaved() {
    savedFirst = Saved()
    savedSecond = Saved()
    savedRest = []
    output = Saved()
    derivative = nil
  }

  /// The element types of the first two inputs as they wait.
  var savedTypes: [DType?] { [savedFirst.dtype, savedSecond.dtype] }

  /// The first input as it waits, where that is in bfloat16.
  fileprivate var savedOperand: Tensor<BFloat16>? { savedFirst.operand }

  /// The result as it waits, where that is in bfloat16.
  fileprivate var savedOutputOperand: Tensor<BFloat16>? { output.operand }

  fileprivate func savedInput(_ index: Int, _ pass: BackwardPass) -> Tensor<Scalar> {
    let saved =
      switch index {
      case 0: savedFirst
      case 1: savedSecond
      default: index - 2 < savedRest.count ? savedRest[index - 2] : Saved()
      }
    if saved.isEmpty { fail(name, "input \(index) was not saved") }
    return saved.tensor(input(index), pass)
  }

  fileprivate func savedOutput(_ pass: BackwardPass) -> Tensor<Scalar> {
    if output.isEmpty { fail(name, "the result was not saved") }
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

  /// Whether the graph runs again, so that what was saved must stay as it is.
  var retainsGraph: Bool { pass.retainGraph }

  /// The saved input `index`.
  package func input(_ index: Int) -> Tensor<Scalar> { node.savedInput(index, pass) }

  /// The saved input 0, where it was rounded to bfloat16.
  var firstOperand: Tensor<BFloat16>? { node.savedOperand }

  /// The saved result, where it was rounded to bfloat16.
  var outputOperand: Tensor<BFloat16>? { node.savedOutputOperand }

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
  /// The derivative reads the saved inputs only as operands of products.
  package static let asOperands = Saving(rawValue: 1 << 62)
  /// The saved result is rounded as operands are.
  package static let roundedOutput = Saving(rawValue: 1 << 61)
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
    _ name: StaticString, from first: Tensor, _ second: Tensor, _ third: Tensor, _ others: Tensor...,
    saving: Saving = [], _ derivative: @escaping @Sendable (Derivation<Scalar>) -> Void
  ) -> Tensor {
    recorded(name, fromAll: [first, second, third] + others, saving: saving, derivative)
  }

  /// This result, recorded as computed from one input.
  @specialized(where Scalar == Float)
  package consuming func recorded(
    _ name: StaticString, from input: Tensor, saving: Saving = [],
    _ derivative: @escaping @Sendable (Derivation<Scalar>) -> Void
  ) -> Tensor {
    if input.node != nil, Recording.isOn {
      body.node = OperationNode(name, input, saving: saving, output: output(saving), derivative)
    }
    if OperationObservers.isListening { OperationObservers.ended(name, from: [input.body], body) }
    return self
  }

  /// This result, recorded as computed from two inputs.
  @specialized(where Scalar == Float)
  package consuming func recorded(
    _ name: StaticString, from first: Tensor, _ second: Tensor, saving: Saving = [],
    _ derivative: @escaping @Sendable (Derivation<Scalar>) -> Void
  ) -> Tensor {
    if first.node != nil || second.node != nil, Recording.isOn {
      body.node = OperationNode(name, first, second, saving: saving, output: output(saving), derivative)
    }
    if OperationObservers.isListening { OperationObservers.ended(name, from: [first.body, second.body], body) }
    return self
  }

  /// This result, recorded as computed from any number of inputs.
  ///
  /// - Parameters:
  ///   - isComposite: whether it was computed by operations inside of ``OperationObservers/inside(_:)``.
  ///   - firstOperand: what is kept of the first input, where its rounded values are in memory anyway.
  @specialized(where Scalar == Float)
  package consuming func recorded(
    _ name: StaticString, fromAll inputs: [Tensor], saving: Saving = [], isComposite: Bool = false,
    firstOperand: Tensor<BFloat16>? = nil,
    _ derivative: @escaping @Sendable (Derivation<Scalar>) -> Void
  ) -> Tensor {
    if inputs.contains(where: { $0.node != nil }), Recording.isOn {
      body.node = OperationNode(
        name, inputs[0], inputs.count > 1 ? inputs[1] : nil, rest: inputs.dropFirst(2), saving: saving,
        firstOperand: firstOperand, output: output(saving), derivative)
    }
    if OperationObservers.isListening {
      OperationObservers.ended(name, from: inputs.map { $0.body }, body, isComposite: isComposite)
    }
    return self
  }

  func output(_ saving: Saving) -> Saved<Scalar> {
    saving.contains(.output) ? Saved(self, asOperand: saving.contains(.roundedOutput)) : Saved()
  }
}

/// The node of an operation that moves values: its derivative needs nothing but the gradient.
final class MoveNode<Scalar: TensorScalar>: Node, @unchecked Sendable {
  private let operation: StaticString
  private let derivative: @Sendable (Tensor<Scalar>) -> Tensor<Scalar>

  init(_ title: StaticString, _ input: Node, _ derivative: @escaping @Sendable (Tensor<Scalar>) -> Tensor<Scalar>) {
    operation = title
    self.derivative = derivative
    super.init(input)
  }

  override var title: StaticString { operation }

  override func propagate(_ gradient: consuming TensorBody, _ pass: BackwardPass) {
    if pass.wants(first) { pass.send(derivative(Tensor(body: gradient)).body, to: first) }
  }
}

extension Tensor {
  /// This result, recorded as values moved from `input`; `derivative` moves a gradient back.
  @specialized(where Scalar == Float)
  package consuming func moved(
    _ name: StaticString, from input: Tensor, _ derivative: @escaping @Sendable (Tensor) -> Tensor
  ) -> Tensor {
    if let node = input.node, Recording.isOn { body.node = MoveNode(name, node, derivative) }
    if OperationObservers.isListening { OperationObservers.ended(name, from: [input.body], body) }
    return self
  }

  /// These values as the result of an operation that changes nothing: a constant where nothing is recorded, else with a
  /// node of their own, so that a gradient asked for there counts what was made of the result, not every use of its source.
  package func unchanged(_ name: StaticString) -> Tensor {
    var result = detached()
    if let node, Recording.isOn { result.body.node = MoveNode<Scalar>(name, node) { $0 } }
    if OperationObservers.isListening { OperationObservers.ended(name, from: [body], result.body) }
    return result
  }
}
