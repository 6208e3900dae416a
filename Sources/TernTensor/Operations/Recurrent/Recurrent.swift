import TernBackend

/// The weights of one layer and direction of a recurrent network. H is the number of hidden features, G the number of
/// gates: 1 for plain networks, 3 for GRU (reset, update, new), 4 for LSTM (input, forget, cell, output), one below the other.
///
/// An LSTM may project its hidden values to P features (Sak et al. 2014); then h has P features and the cell H.
public struct RecurrentWeights<Scalar: FloatingScalar>: Sendable {
  /// [G·H, inputs].
  public var input: Tensor<Scalar>
  /// [G·H, H], or [G·H, P] with a projection.
  public var hidden: Tensor<Scalar>
  /// [G·H].
  public var inputBias: Tensor<Scalar>?
  /// [G·H].
  public var hiddenBias: Tensor<Scalar>?
  /// [P, H], of an LSTM; `nil` without.
  public var projection: Tensor<Scalar>?

  /// The weights of one layer and direction.
  ///
  /// - Parameters:
  ///   - input: The weight of the input.
  ///   - hidden: The weight of the hidden state.
  ///   - inputBias: The bias of the input's product.
  ///   - hiddenBias: The bias of the hidden state's product.
  ///   - projection: The weight of the projection of the output (LSTM).
  public init(
    input: Tensor<Scalar>, hidden: Tensor<Scalar>, inputBias: Tensor<Scalar>? = nil, hiddenBias: Tensor<Scalar>? = nil,
    projection: Tensor<Scalar>? = nil
  ) {
    (self.input, self.hidden, self.inputBias, self.hiddenBias) = (input, hidden, inputBias, hiddenBias)
    self.projection = projection
  }
}

/// The function of a plain recurrent network.
public enum RecurrentActivation: Sendable {
  /// The hyperbolic tangent.
  case tanh
  /// max(x, 0).
  case relu
}

/// A plain recurrent network: hₜ = f(W·xₜ + b + V·hₜ₋₁ + c). Source: Elman 1990, "Finding structure in time".
///
/// - Parameters:
///   - x: [T, N, inputs], or [N, T, inputs] batch first, or without a batch [T, inputs].
///   - hidden: h₀, [layers·directions, N, H], without a batch [layers·directions, H].
///   - weights: of every layer, forward and then, where there are two directions, backward; a later layer's inputs are the
///     directions' results side by side.
///   - activation: f.
///   - bidirectional: whether a second network reads each layer's input from the end.
///   - batchFirst: whether the batch is the first axis of x and of the output.
///   - dropout: the probability that a value between two layers is dropped.
/// - Returns: the last layer's hidden values of all times, [T, N, directions·H], and those of every layer after the last
///   time, of the shape of `hidden`.
///
/// Stops where the shapes do not fit.
public func rnn<Scalar: FloatingScalar>(
  _ x: Tensor<Scalar>, hidden: Tensor<Scalar>, weights: [RecurrentWeights<Scalar>],
  activation: RecurrentActivation = .tanh, bidirectional: Bool = false, batchFirst: Bool = false, dropout: Double = 0,
  file: StaticString = #fileID, line: UInt = #line
) -> (output: Tensor<Scalar>, hidden: Tensor<Scalar>) {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  let network = RecurrentNetwork(
    "rnn", x, [hidden], weights, gates: 1, bidirectional: bidirectional, batchFirst: batchFirst, dropout: dropout)
  let (output, states) = network.run(.plain(activation))
  return (output, states[0])
}

/// A gated recurrent network: rₜ = σ(Wᵣ·x + bᵣ + Vᵣ·h + cᵣ), zₜ = σ(W_z·x + b_z + V_z·h + c_z),
/// nₜ = tanh(Wₙ·x + bₙ + rₜ·(Vₙ·h + cₙ)), hₜ = (1 − zₜ)·nₜ + zₜ·h, with h = hₜ₋₁.
///
/// Parameters and results as those of ``rnn(_:hidden:weights:activation:bidirectional:batchFirst:dropout:file:line:)``. Source: Cho et
/// al. 2014, "Learning phrase representations using RNN encoder-decoder", with r after the product.
public func gru<Scalar: FloatingScalar>(
  _ x: Tensor<Scalar>, hidden: Tensor<Scalar>, weights: [RecurrentWeights<Scalar>], bidirectional: Bool = false,
  batchFirst: Bool = false, dropout: Double = 0,
  file: StaticString = #fileID, line: UInt = #line
) -> (output: Tensor<Scalar>, hidden: Tensor<Scalar>) {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  let network = RecurrentNetwork(
    "gru", x, [hidden], weights, gates: 3, bidirectional: bidirectional, batchFirst: batchFirst, dropout: dropout)
  let (output, states) = network.run(.gated)
  return (output, states[0])
}

/// A network with long short-term memory: iₜ, fₜ, oₜ = σ(W·x + b + V·h + c), gₜ = tanh(W·x + b + V·h + c) with weights of
/// their own, cₜ = fₜ·cₜ₋₁ + iₜ·gₜ, hₜ = oₜ·tanh(cₜ).
///
/// Parameters and results as those of ``rnn(_:hidden:weights:activation:bidirectional:batchFirst:dropout:file:line:)``; `cell` is c₀, and
/// the cells of every layer after the last time. With projections hₜ = R·(oₜ·tanh(cₜ)), of P features. Source: Hochreiter & Schmidhuber 1997, "Long short-term memory", with the
/// forget gate of Gers, Schmidhuber & Cummins 2000.
public func lstm<Scalar: FloatingScalar>(
  _ x: Tensor<Scalar>, hidden: Tensor<Scalar>, cell: Tensor<Scalar>, weights: [RecurrentWeights<Scalar>],
  bidirectional: Bool = false, batchFirst: Bool = false, dropout: Double = 0,
  file: StaticString = #fileID, line: UInt = #line
) -> (output: Tensor<Scalar>, hidden: Tensor<Scalar>, cell: Tensor<Scalar>) {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  let network = RecurrentNetwork(
    "lstm", x, [hidden, cell], weights, gates: 4, bidirectional: bidirectional, batchFirst: batchFirst,
    dropout: dropout)
  let (output, states) = network.run(.memory)
  return (output, states[0], states[1])
}
