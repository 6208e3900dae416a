import TernBackend

/// The weights of one layer and direction of a recurrent network. H is the number of hidden features, G the number of
/// gates: 1 for plain networks, 3 for GRU (reset, update, new), 4 for LSTM (input, forget, cell, output), one below the other.
public struct RecurrentWeights<Scalar: FloatingScalar>: Sendable {
  /// [G·H, inputs].
  public var input: Tensor<Scalar>
  /// [G·H, H].
  public var hidden: Tensor<Scalar>
  /// [G·H].
  public var inputBias: Tensor<Scalar>?
  /// [G·H].
  public var hiddenBias: Tensor<Scalar>?

  /// The weights of one layer and direction.
  public init(
    input: Tensor<Scalar>, hidden: Tensor<Scalar>, inputBias: Tensor<Scalar>? = nil, hiddenBias: Tensor<Scalar>? = nil
  ) {
    (self.input, self.hidden, self.inputBias, self.hiddenBias) = (input, hidden, inputBias, hiddenBias)
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
  let (output, states) = network.run(joinsBiases: true) { gates, weight, states in
    let sum = addmm(gates, states[0], weight.hidden.transposed())
    return [activation == .tanh ? sum.tanh() : sum.relu()]
  }
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
  let (output, states) = network.run(joinsBiases: false) { gates, weight, states in
    let (h, width) = (states[0], states[0].shape[1])
    let inner = linear(h, weight.hidden, bias: weight.hiddenBias)
    func part(_ x: Tensor<Scalar>, _ first: Int, _ count: Int) -> Tensor<Scalar> {
      x.narrowed(axis: 1, start: first * width, length: count * width)
    }
    let both = (part(gates, 0, 2) + part(inner, 0, 2)).sigmoid()
    let (reset, update) = (part(both, 0, 1), part(both, 1, 1))
    let new = (part(gates, 2, 1) + reset * part(inner, 2, 1)).tanh()
    return [new + update * (h - new)]
  }
  return (output, states[0])
}

/// A network with long short-term memory: iₜ, fₜ, oₜ = σ(W·x + b + V·h + c), gₜ = tanh(W·x + b + V·h + c) with weights of
/// their own, cₜ = fₜ·cₜ₋₁ + iₜ·gₜ, hₜ = oₜ·tanh(cₜ).
///
/// Parameters and results as those of ``rnn(_:hidden:weights:activation:bidirectional:batchFirst:dropout:file:line:)``; `cell` is c₀, and
/// the cells of every layer after the last time. Source: Hochreiter & Schmidhuber 1997, "Long short-term memory", with the
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
  let (output, states) = network.run(joinsBiases: true) { gates, weight, states in
    let width = states[0].shape[1]
    let sum = addmm(gates, states[0], weight.hidden.transposed())
    func part(_ x: Tensor<Scalar>, _ first: Int, _ count: Int) -> Tensor<Scalar> {
      x.narrowed(axis: 1, start: first * width, length: count * width)
    }
    let both = part(sum, 0, 2).sigmoid()
    let cell = part(both, 1, 1) * states[1] + part(both, 0, 1) * part(sum, 2, 1).tanh()
    return [part(sum, 3, 1).sigmoid() * cell.tanh(), cell]
  }
  return (output, states[0], states[1])
}

/// Layers, directions and times of a recurrent network; what happens at one time is the caller's.
private struct RecurrentNetwork<Scalar: FloatingScalar> {
  /// [T, N, inputs].
  let x: Tensor<Scalar>
  /// [layers·directions, N, H] each.
  let states: [Tensor<Scalar>]
  let weights: [RecurrentWeights<Scalar>]
  let directions: Int
  let isBatched: Bool, batchFirst: Bool
  let dropout: Double

  init(
    _ name: String, _ x: Tensor<Scalar>, _ states: [Tensor<Scalar>], _ weights: [RecurrentWeights<Scalar>], gates: Int,
    bidirectional: Bool, batchFirst: Bool, dropout: Double
  ) {
    check(x.rank == 2 || x.rank == 3, name, "input \(x.shape) is neither [T, N, inputs] nor [T, inputs]")
    isBatched = x.rank == 3
    self.batchFirst = batchFirst && isBatched
    directions = bidirectional ? 2 : 1
    check(
      !weights.isEmpty && weights.count % directions == 0, name,
      "\(weights.count) weights for \(directions) directions a layer")
    check(dropout >= 0 && dropout <= 1, name, "a dropout of \(dropout)")
    let sequence = isBatched ? (batchFirst ? x.transposed(0, 1) : x) : x.expandedAxis(at: 1)
    self.x = sequence
    self.states = states.map { x.rank == 3 || $0.rank != 2 ? $0 : $0.expandedAxis(at: 1) }
    self.weights = weights
    self.dropout = dropout
    let (n, h) = (sequence.shape[1], weights[0].hidden.shape.last ?? 0)
    for state in states {
      let wanted = isBatched ? [weights.count, n, h] : [weights.count, h]
      check(state.shape == wanted, name, "a state of \(state.shape) for input \(x.shape), \(wanted) is wanted")
    }
    for (index, weight) in weights.enumerated() {
      let inputs = index < directions ? sequence.shape[2] : directions * h
      let shapes = [
        (weight.input.shape, [gates * h, inputs]), (weight.hidden.shape, [gates * h, h]),
        (weight.inputBias?.shape ?? [gates * h], [gates * h]), (weight.hiddenBias?.shape ?? [gates * h], [gates * h]),
      ]
      let taken = weight.input.shape
      check(
        index >= directions || taken.count != 2 || taken[0] != gates * h || taken[1] == inputs, name,
        "input \(x.shape) has \(inputs) features, the weights take \(taken.last ?? 0)")
      for (shape, wanted) in shapes {
        check(shape == wanted, name, "layer \(index / directions) has a weight \(shape), \(wanted) is wanted")
      }
    }
  }

  /// - Parameters:
  ///   - joinsBiases: whether the hidden bias may be added to the input's part once for all times.
  ///   - step: the states after a time from the input's part of the gates, [N, G·H], the weights and the states before.
  /// - Returns: the output, and the states after the last time.
  func run(
    joinsBiases: Bool,
    _ step: (Tensor<Scalar>, RecurrentWeights<Scalar>, [Tensor<Scalar>]) -> [Tensor<Scalar>]
  ) -> (Tensor<Scalar>, [Tensor<Scalar>]) {
    var sequence = x
    var last = states.map { _ in [Tensor<Scalar>]() }
    let times = x.shape[0]
    for layer in 0..<weights.count / directions {
      if layer > 0 && dropout > 0 { sequence = sequence.dropped(dropout, nil) }
      var outputs: [Tensor<Scalar>] = []
      for direction in 0..<directions {
        let index = layer * directions + direction
        let weight = weights[index]
        var bias = weight.inputBias
        if joinsBiases, let other = weight.hiddenBias { bias = bias.map { $0 + other } ?? other }
        let gates = linear(sequence, weight.input, bias: bias)
        var current = states.map { $0[index] }
        var all: [Tensor<Scalar>] = []
        for time in 0..<times {
          current = step(gates[direction == 0 ? time : times - 1 - time], weight, current)
          all.append(current[0])
        }
        outputs.append(joined(direction == 0 ? all : all.reversed(), width: weight.hidden.shape[1]))
        for (slot, state) in current.enumerated() { last[slot].append(state) }
      }
      sequence = outputs.count == 1 ? outputs[0] : concatenate(outputs, along: 2)
    }
    let output = isBatched ? (batchFirst ? sequence.transposed(0, 1) : sequence) : sequence.squeezed(1)
    let ends = last.map { list in
      let all = stack(list)
      return isBatched ? all : all.reshaped([all.shape[0], all.shape[2]])
    }
    return (output, ends)
  }

  private func joined(_ all: [Tensor<Scalar>], width: Int) -> Tensor<Scalar> {
    all.isEmpty ? Tensor(zeros: [0, x.shape[1], width]) : stack(all)
  }
}
