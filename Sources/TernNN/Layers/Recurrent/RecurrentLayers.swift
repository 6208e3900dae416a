import TernBackend
import TernTensor

/// A plain recurrent network, see ``rnn(_:hidden:weights:activation:bidirectional:batchFirst:dropout:file:line:)`` and ``Recurrent``.
public final class RNN<Scalar: FloatingScalar>: Recurrent<Scalar> {
  /// The function of the network.
  public private(set) var activation = RecurrentActivation.tanh

  /// Creates a plain recurrent network with a chosen activation.
  ///
  /// - Parameters:
  ///   - inputs: features of an input, at least 1.
  ///   - features: hidden features H of a layer and direction, at least 1.
  ///   - layers: how many layers run one after the other, at least 1.
  ///   - activation: tanh or ReLU; tanh where none is given.
  ///   - bias: whether the layers have biases.
  ///   - batchFirst: whether inputs and outputs are [N, T, features], not [T, N, features].
  ///   - dropout: the probability that a value between two layers is dropped in training, 0 to 1.
  ///   - bidirectional: whether a second network reads each layer's input from the end.
  public convenience init(
    _ inputs: Int, _ features: Int, layers: Int = 1, activation: RecurrentActivation, bias: Bool = true,
    batchFirst: Bool = false, dropout: Double = 0, bidirectional: Bool = false, fileID file: StaticString = #fileID,
    line: UInt = #line
  ) {
    self.init(
      inputs, features, layers: layers, bias: bias, batchFirst: batchFirst, dropout: dropout,
      bidirectional: bidirectional, fileID: file, line: line)
    self.activation = activation
  }

  /// Creates a plain recurrent network with a chosen activation, with `Float` values.
  ///
  /// - Parameters:
  ///   - inputs: features of an input, at least 1.
  ///   - features: hidden features H of a layer and direction, at least 1.
  ///   - layers: how many layers run one after the other, at least 1.
  ///   - activation: tanh or ReLU; tanh where none is given.
  ///   - bias: whether the layers have biases.
  ///   - batchFirst: whether inputs and outputs are [N, T, features], not [T, N, features].
  ///   - dropout: the probability that a value between two layers is dropped in training, 0 to 1.
  ///   - bidirectional: whether a second network reads each layer's input from the end.
  public convenience init(
    _ inputs: Int, _ features: Int, layers: Int = 1, activation: RecurrentActivation, bias: Bool = true,
    batchFirst: Bool = false, dropout: Double = 0, bidirectional: Bool = false, file: StaticString = #fileID,
    line: UInt = #line
  ) where Scalar == Float {
    self.init(
      inputs, features, layers: layers, bias: bias, batchFirst: batchFirst, dropout: dropout,
      bidirectional: bidirectional, fileID: file, line: line)
    self.activation = activation
  }

  /// The outputs of the last layer from a state of zeros: [T, N, inputs] to [T, N, directions·H].
  public override func forward(_ input: Tensor<Scalar>) -> Tensor<Scalar> {
    run(input, nil).output
  }

  /// The outputs of the last layer from a state, and the state of every layer after the last time.
  ///
  /// - Parameters:
  ///   - input: [T, N, inputs], or [N, T, inputs] batch first, or [T, inputs].
  ///   - hidden: [layers·directions, N, H], without a batch [layers·directions, H]; zeros when `nil`.
  public func callAsFunction(
    _ input: Tensor<Scalar>, hidden: Tensor<Scalar>?,
    file: StaticString = #fileID, line: UInt = #line
  ) -> (output: Tensor<Scalar>, hidden: Tensor<Scalar>) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    let (output, hidden) = running(input) {
      let found = run(input, hidden)
      return (found.output, found.hidden)
    }
    return (output, hidden)
  }

  override func duplicate() -> any Module {
    RNN(
      inputFeatures, hiddenFeatures, layers: layers, activation: activation, bias: weights.hasBias,
      batchFirst: batchFirst, dropout: dropout, bidirectional: bidirectional)
  }

  private func run(
    _ input: Tensor<Scalar>, _ hidden: Tensor<Scalar>?
  ) -> (output: Tensor<Scalar>, hidden: Tensor<Scalar>) {
    rnn(
      input, hidden: hidden ?? zeros(for: input), weights: weights.values, activation: activation,
      bidirectional: bidirectional,
      batchFirst: batchFirst, dropout: activeDropout)
  }
}

/// A gated recurrent network, see ``gru(_:hidden:weights:bidirectional:batchFirst:dropout:file:line:)`` and ``Recurrent``.
public final class GRU<Scalar: FloatingScalar>: Recurrent<Scalar> {
  override class var gates: Int { 3 }

  /// The outputs of the last layer from a state of zeros: [T, N, inputs] to [T, N, directions·H].
  public override func forward(_ input: Tensor<Scalar>) -> Tensor<Scalar> {
    run(input, nil).output
  }

  /// The outputs of the last layer from a state, and the state of every layer after the last time.
  ///
  /// - Parameters:
  ///   - input: [T, N, inputs], or [N, T, inputs] batch first, or [T, inputs].
  ///   - hidden: [layers·directions, N, H], without a batch [layers·directions, H]; zeros when `nil`.
  public func callAsFunction(
    _ input: Tensor<Scalar>, hidden: Tensor<Scalar>?,
    file: StaticString = #fileID, line: UInt = #line
  ) -> (output: Tensor<Scalar>, hidden: Tensor<Scalar>) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    let (output, hidden) = running(input) {
      let found = run(input, hidden)
      return (found.output, found.hidden)
    }
    return (output, hidden)
  }

  private func run(
    _ input: Tensor<Scalar>, _ hidden: Tensor<Scalar>?
  ) -> (output: Tensor<Scalar>, hidden: Tensor<Scalar>) {
    gru(
      input, hidden: hidden ?? zeros(for: input), weights: weights.values, bidirectional: bidirectional,
      batchFirst: batchFirst, dropout: activeDropout)
  }
}

/// A network with long short-term memory, see
/// ``lstm(_:hidden:cell:weights:bidirectional:batchFirst:dropout:file:line:)`` and ``Recurrent``.
///
/// ```swift
/// let lstm = LSTM(28, 128, layers: 2, batchFirst: true)
/// let (outputs, state) = lstm(Tensor(randomNormal: [32, 28, 28]), state: nil)  // outputs [32, 28, 128]
/// let scores = Dense(128, 10)(outputs[.all, -1])  // of the last step
/// ```
public final class LSTM<Scalar: FloatingScalar>: Recurrent<Scalar> {
  /// The features P that the hidden values are projected to; `nil` without a projection.
  public private(set) var projectionSize: Int?

  /// Creates a network whose hidden values are projected to fewer features: hₜ = R·(oₜ·tanh(cₜ)).
  ///
  /// - Parameters:
  ///   - inputs: features of an input, at least 1.
  ///   - features: features H of the cells of a layer and direction, at least 1.
  ///   - projectionSize: features P of the hidden values, at least 1.
  ///   - layers: how many layers run one after the other, at least 1.
  ///   - bias: whether the layers have biases.
  ///   - batchFirst: whether inputs and outputs are [N, T, features], not [T, N, features].
  ///   - dropout: the probability that a value between two layers is dropped in training, 0 to 1.
  ///   - bidirectional: whether a second network reads each layer's input from the end.
  public convenience init(
    _ inputs: Int, _ features: Int, projectionSize: Int, layers: Int = 1, bias: Bool = true, batchFirst: Bool = false,
    dropout: Double = 0, bidirectional: Bool = false, fileID file: StaticString = #fileID, line: UInt = #line
  ) {
    self.init(
      inputs, features, projectedTo: projectionSize, layers: layers, bias: bias, batchFirst: batchFirst,
      dropout: dropout, bidirectional: bidirectional, file, line)
    self.projectionSize = projectionSize
  }

  /// Creates a network whose hidden values are projected to fewer features, with `Float` values: hₜ = R·(oₜ·tanh(cₜ)).
  ///
  /// - Parameters:
  ///   - inputs: features of an input, at least 1.
  ///   - features: features H of the cells of a layer and direction, at least 1.
  ///   - projectionSize: features P of the hidden values, at least 1.
  ///   - layers: how many layers run one after the other, at least 1.
  ///   - bias: whether the layers have biases.
  ///   - batchFirst: whether inputs and outputs are [N, T, features], not [T, N, features].
  ///   - dropout: the probability that a value between two layers is dropped in training, 0 to 1.
  ///   - bidirectional: whether a second network reads each layer's input from the end.
  public convenience init(
    _ inputs: Int, _ features: Int, projectionSize: Int, layers: Int = 1, bias: Bool = true, batchFirst: Bool = false,
    dropout: Double = 0, bidirectional: Bool = false, file: StaticString = #fileID, line: UInt = #line
  ) where Scalar == Float {
    self.init(
      inputs, features, projectedTo: projectionSize, layers: layers, bias: bias, batchFirst: batchFirst,
      dropout: dropout, bidirectional: bidirectional, file, line)
    self.projectionSize = projectionSize
  }

  override class var gates: Int { 4 }

  override func duplicate() -> any Module {
    guard let projectionSize else { return super.duplicate() }
    return LSTM(
      inputFeatures, hiddenFeatures, projectionSize: projectionSize, layers: layers, bias: weights.hasBias,
      batchFirst: batchFirst, dropout: dropout, bidirectional: bidirectional)
  }

  /// The outputs of the last layer from a state of zeros: [T, N, inputs] to [T, N, directions·H].
  public override func forward(_ input: Tensor<Scalar>) -> Tensor<Scalar> {
    run(input, nil).output
  }

  /// The outputs of the last layer from a state, and the state of every layer after the last time.
  ///
  /// - Parameters:
  ///   - input: [T, N, inputs], or [N, T, inputs] batch first, or [T, inputs].
  ///   - state: the hidden values and the cells, [layers·directions, N, H] each, without a batch [layers·directions, H];
  ///     hidden values have P features with a projection; zeros when `nil`.
  public func callAsFunction(
    _ input: Tensor<Scalar>, state: (hidden: Tensor<Scalar>, cell: Tensor<Scalar>)?,
    file: StaticString = #fileID, line: UInt = #line
  ) -> (output: Tensor<Scalar>, state: (hidden: Tensor<Scalar>, cell: Tensor<Scalar>)) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    let (output, state) = running(input) {
      let found = run(input, state)
      return (found.output, (hidden: found.hidden, cell: found.cell))
    }
    return (output, state)
  }

  private func run(
    _ input: Tensor<Scalar>, _ state: (hidden: Tensor<Scalar>, cell: Tensor<Scalar>)?
  ) -> (output: Tensor<Scalar>, hidden: Tensor<Scalar>, cell: Tensor<Scalar>) {
    lstm(
      input, hidden: state?.hidden ?? zeros(for: input, features: projectionSize),
      cell: state?.cell ?? zeros(for: input),
      weights: weights.values, bidirectional: bidirectional, batchFirst: batchFirst, dropout: activeDropout)
  }
}
