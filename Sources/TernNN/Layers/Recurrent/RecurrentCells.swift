import TernBackend
import TernTensor

// One step of a recurrent network, for loops of one's own.

/// The base class of recurrent cells: their weights, which start uniform in ±1/√H, H the hidden features, under PyTorch's keys.
public class RecurrentCell<Scalar: FloatingScalar>: Module, SelfCopying {
  /// The features of an input.
  public let inputFeatures: Int
  /// The hidden features.
  public let hiddenFeatures: Int
  /// The weights of the inputs, [gates·H, inputs].
  public let weightIH: Parameter<Scalar>
  /// The weights of the hidden values, [gates·H, H].
  public let weightHH: Parameter<Scalar>
  /// The biases of the inputs, [gates·H]; `nil` without.
  public let biasIH: Parameter<Scalar>?
  /// The biases of the hidden values, [gates·H]; `nil` without.
  public let biasHH: Parameter<Scalar>?

  /// Creates a cell from `inputs` to `features` features.
  ///
  /// - Parameters:
  ///   - inputs: features of an input, at least 1.
  ///   - features: hidden features H, at least 1.
  ///   - bias: whether the gates have biases.
  public required init(
    _ inputs: Int, _ features: Int, bias: Bool = true, fileID file: StaticString = #fileID, line: UInt = #line
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    let gates = Self.gates
    check(inputs >= 1 && features >= 1, "\(Self.self)", "from \(inputs) to \(features) features")
    Sizes.check([inputs, features], "\(Self.self)", "features of")
    (inputFeatures, hiddenFeatures) = (inputs, features)
    weightIH = Parameter(.uniform([gates * features, inputs], fanIn: features))
    weightHH = Parameter(.uniform([gates * features, features], fanIn: features))
    biasIH = bias ? Parameter(.uniform([gates * features], fanIn: features)) : nil
    biasHH = bias ? Parameter(.uniform([gates * features], fanIn: features)) : nil
  }

  /// Creates a cell from `inputs` to `features` features, with `Float` values.
  ///
  /// - Parameters:
  ///   - inputs: features of an input, at least 1.
  ///   - features: hidden features H, at least 1.
  ///   - bias: whether the gates have biases.
  public convenience init(
    _ inputs: Int, _ features: Int, bias: Bool = true, file: StaticString = #fileID, line: UInt = #line
  ) where Scalar == Float {
    self.init(inputs, features, bias: bias, fileID: file, line: line)
  }

  /// How many rows of weights a hidden feature has: one for each gate.
  class var gates: Int { 1 }

  var weights: [RecurrentWeights<Scalar>] {
    [
      RecurrentWeights(
        input: weightIH.value, hidden: weightHH.value, inputBias: biasIH?.value, hiddenBias: biasHH?.value)
    ]
  }

  func duplicate() -> any Module {
    type(of: self).init(inputFeatures, hiddenFeatures, bias: biasIH != nil)
  }

  /// The hidden values of a sequence of one, [1, .., H]; zeros when `nil`.
  func state(_ hidden: Tensor<Scalar>?, for input: Tensor<Scalar>) -> Tensor<Scalar> {
    check(
      input.rank == 1 || input.rank == 2, "\(Self.self)", "input \(input.shape) is neither [N, inputs] nor [inputs]")
    return hidden?.expandedAxis(at: 0) ?? Tensor(zeros: [1] + input.shape.dropLast() + [hiddenFeatures])
  }
}

/// One step of a plain recurrent network, see ``rnn(_:hidden:weights:activation:bidirectional:batchFirst:dropout:file:line:)``.
public final class RNNCell<Scalar: FloatingScalar>: RecurrentCell<Scalar> {
  /// The function of the network.
  public private(set) var activation = RecurrentActivation.tanh

  /// Creates a plain recurrent cell with a chosen activation.
  ///
  /// - Parameters:
  ///   - inputs: features of an input, at least 1.
  ///   - features: hidden features H, at least 1.
  ///   - activation: tanh or ReLU; tanh where none is given.
  ///   - bias: whether the cell has biases.
  public convenience init(
    _ inputs: Int, _ features: Int, activation: RecurrentActivation, bias: Bool = true,
    fileID file: StaticString = #fileID, line: UInt = #line
  ) {
    self.init(inputs, features, bias: bias, fileID: file, line: line)
    self.activation = activation
  }

  /// Creates a plain recurrent cell with a chosen activation, with `Float` values.
  ///
  /// - Parameters:
  ///   - inputs: features of an input, at least 1.
  ///   - features: hidden features H, at least 1.
  ///   - activation: tanh or ReLU; tanh where none is given.
  ///   - bias: whether the cell has biases.
  public convenience init(
    _ inputs: Int, _ features: Int, activation: RecurrentActivation, bias: Bool = true,
    file: StaticString = #fileID, line: UInt = #line
  ) where Scalar == Float {
    self.init(inputs, features, bias: bias, fileID: file, line: line)
    self.activation = activation
  }

  override func duplicate() -> any Module {
    RNNCell(inputFeatures, hiddenFeatures, activation: activation, bias: biasIH != nil)
  }

  /// The hidden values [N, H] after a step, from inputs [N, inputs] and hidden values before; both may lack the batch.
  public func callAsFunction(
    _ input: Tensor<Scalar>, hidden: Tensor<Scalar>? = nil, file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor<Scalar> {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    let before = state(hidden, for: input)
    return rnn(input.expandedAxis(at: 0), hidden: before, weights: weights, activation: activation).hidden.squeezed(0)
  }
}

/// One step of a gated recurrent network, see ``gru(_:hidden:weights:bidirectional:batchFirst:dropout:file:line:)``.
public final class GRUCell<Scalar: FloatingScalar>: RecurrentCell<Scalar> {
  override class var gates: Int { 3 }

  /// The hidden values [N, H] after a step, from inputs [N, inputs] and hidden values before; both may lack the batch.
  public func callAsFunction(
    _ input: Tensor<Scalar>, hidden: Tensor<Scalar>? = nil, file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor<Scalar> {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    let before = state(hidden, for: input)
    return gru(input.expandedAxis(at: 0), hidden: before, weights: weights).hidden.squeezed(0)
  }
}

/// One step of a network with long short-term memory, see ``lstm(_:hidden:cell:weights:bidirectional:batchFirst:dropout:file:line:)``.
public final class LSTMCell<Scalar: FloatingScalar>: RecurrentCell<Scalar> {
  override class var gates: Int { 4 }

  /// The hidden values and cells [N, H] after a step, from inputs [N, inputs] and those before; all may lack the batch.
  public func callAsFunction(
    _ input: Tensor<Scalar>, state before: (hidden: Tensor<Scalar>, cell: Tensor<Scalar>)? = nil,
    file: StaticString = #fileID, line: UInt = #line
  ) -> (hidden: Tensor<Scalar>, cell: Tensor<Scalar>) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    let (hidden, cell) = (state(before?.hidden, for: input), state(before?.cell, for: input))
    let found = lstm(input.expandedAxis(at: 0), hidden: hidden, cell: cell, weights: weights)
    return (found.hidden.squeezed(0), found.cell.squeezed(0))
  }
}
