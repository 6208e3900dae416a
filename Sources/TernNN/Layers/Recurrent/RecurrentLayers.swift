import TernBackend
import TernTensor

/// A plain recurrent network, see ``rnn(_:hidden:weights:activation:bidirectional:batchFirst:dropout:file:line:)`` and ``Recurrent``.
public final class RNN<Scalar: FloatingScalar>: Recurrent<Scalar> {
  /// The function of the network.
  public let activation: RecurrentActivation

  /// A network of `layers` layers from `inputs` to `features` features.
  public init(
    inputs: Int, features: Int, layers: Int, activation: RecurrentActivation, bias: Bool, batchFirst: Bool,
    dropout: Double,
    bidirectional: Bool, of _: Scalar.Type
  ) {
    self.activation = activation
    super.init(
      inputs, features, gates: 1, layers: layers, bias: bias, batchFirst: batchFirst, dropout: dropout,
      bidirectional: bidirectional)
  }

  /// A network of `layers` layers from `inputs` to `features` features.
  public convenience init(
    _ inputs: Int, _ features: Int, layers: Int = 1, activation: RecurrentActivation = .tanh, bias: Bool = true,
    batchFirst: Bool = false,
    dropout: Double = 0, bidirectional: Bool = false
  ) {
    self.init(
      inputs: inputs, features: features, layers: layers, activation: activation, bias: bias, batchFirst: batchFirst,
      dropout: dropout, bidirectional: bidirectional, of: Scalar.self)
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

  private func run(
    _ input: Tensor<Scalar>, _ hidden: Tensor<Scalar>?
  ) -> (output: Tensor<Scalar>, hidden: Tensor<Scalar>) {
    rnn(
      input, hidden: hidden ?? zeros(for: input), weights: weights.values, activation: activation,
      bidirectional: bidirectional,
      batchFirst: batchFirst, dropout: activeDropout)
  }
}

extension RNN where Scalar == Float {
  /// A network of `layers` layers from `inputs` to `features` features.
  public convenience init(
    _ inputs: Int, _ features: Int, layers: Int = 1, activation: RecurrentActivation = .tanh, bias: Bool = true,
    batchFirst: Bool = false,
    dropout: Double = 0, bidirectional: Bool = false
  ) {
    self.init(
      inputs: inputs, features: features, layers: layers, activation: activation, bias: bias, batchFirst: batchFirst,
      dropout: dropout, bidirectional: bidirectional, of: Float.self)
  }
}

/// A gated recurrent network, see ``gru(_:hidden:weights:bidirectional:batchFirst:dropout:file:line:)`` and ``Recurrent``.
public final class GRU<Scalar: FloatingScalar>: Recurrent<Scalar> {
  /// A network of `layers` layers from `inputs` to `features` features.
  public init(
    inputs: Int, features: Int, layers: Int, bias: Bool, batchFirst: Bool, dropout: Double,
    bidirectional: Bool, of _: Scalar.Type
  ) {
    super.init(
      inputs, features, gates: 3, layers: layers, bias: bias, batchFirst: batchFirst, dropout: dropout,
      bidirectional: bidirectional)
  }

  /// A network of `layers` layers from `inputs` to `features` features.
  public convenience init(
    _ inputs: Int, _ features: Int, layers: Int = 1, bias: Bool = true, batchFirst: Bool = false,
    dropout: Double = 0, bidirectional: Bool = false
  ) {
    self.init(
      inputs: inputs, features: features, layers: layers, bias: bias, batchFirst: batchFirst,
      dropout: dropout, bidirectional: bidirectional, of: Scalar.self)
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

  private func run(
    _ input: Tensor<Scalar>, _ hidden: Tensor<Scalar>?
  ) -> (output: Tensor<Scalar>, hidden: Tensor<Scalar>) {
    gru(
      input, hidden: hidden ?? zeros(for: input), weights: weights.values, bidirectional: bidirectional,
      batchFirst: batchFirst, dropout: activeDropout)
  }
}

extension GRU where Scalar == Float {
  /// A network of `layers` layers from `inputs` to `features` features.
  public convenience init(
    _ inputs: Int, _ features: Int, layers: Int = 1, bias: Bool = true, batchFirst: Bool = false,
    dropout: Double = 0, bidirectional: Bool = false
  ) {
    self.init(
      inputs: inputs, features: features, layers: layers, bias: bias, batchFirst: batchFirst,
      dropout: dropout, bidirectional: bidirectional, of: Float.self)
  }
}

/// A network with long short-term memory, see
/// ``lstm(_:hidden:cell:weights:bidirectional:batchFirst:dropout:file:line:)`` and ``Recurrent``.
public final class LSTM<Scalar: FloatingScalar>: Recurrent<Scalar> {
  /// A network of `layers` layers from `inputs` to `features` features.
  public init(
    inputs: Int, features: Int, layers: Int, bias: Bool, batchFirst: Bool, dropout: Double,
    bidirectional: Bool, of _: Scalar.Type
  ) {
    super.init(
      inputs, features, gates: 4, layers: layers, bias: bias, batchFirst: batchFirst, dropout: dropout,
      bidirectional: bidirectional)
  }

  /// A network of `layers` layers from `inputs` to `features` features.
  public convenience init(
    _ inputs: Int, _ features: Int, layers: Int = 1, bias: Bool = true, batchFirst: Bool = false,
    dropout: Double = 0, bidirectional: Bool = false
  ) {
    self.init(
      inputs: inputs, features: features, layers: layers, bias: bias, batchFirst: batchFirst,
      dropout: dropout, bidirectional: bidirectional, of: Scalar.self)
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
  ///     zeros when `nil`.
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
      input, hidden: state?.hidden ?? zeros(for: input), cell: state?.cell ?? zeros(for: input),
      weights: weights.values, bidirectional: bidirectional, batchFirst: batchFirst, dropout: activeDropout)
  }
}

extension LSTM where Scalar == Float {
  /// A network of `layers` layers from `inputs` to `features` features.
  public convenience init(
    _ inputs: Int, _ features: Int, layers: Int = 1, bias: Bool = true, batchFirst: Bool = false,
    dropout: Double = 0, bidirectional: Bool = false
  ) {
    self.init(
      inputs: inputs, features: features, layers: layers, bias: bias, batchFirst: batchFirst,
      dropout: dropout, bidirectional: bidirectional, of: Float.self)
  }
}

extension RNN: SelfCopying {
  func duplicate() -> any Module {
    RNN(
      inputs: inputFeatures, features: hiddenFeatures, layers: layers, activation: activation, bias: weights.hasBias,
      batchFirst: batchFirst, dropout: dropout, bidirectional: bidirectional, of: Scalar.self)
  }
}

extension GRU: SelfCopying {
  func duplicate() -> any Module {
    GRU(
      inputs: inputFeatures, features: hiddenFeatures, layers: layers, bias: weights.hasBias,
      batchFirst: batchFirst, dropout: dropout, bidirectional: bidirectional, of: Scalar.self)
  }
}

extension LSTM: SelfCopying {
  func duplicate() -> any Module {
    LSTM(
      inputs: inputFeatures, features: hiddenFeatures, layers: layers, bias: weights.hasBias,
      batchFirst: batchFirst, dropout: dropout, bidirectional: bidirectional, of: Scalar.self)
  }
}
