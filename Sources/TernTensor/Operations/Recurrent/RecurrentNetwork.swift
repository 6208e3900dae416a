import TernBackend

/// Layers, directions and times of a recurrent network; what happens at one time is the caller's.
struct RecurrentNetwork<Scalar: FloatingScalar> {
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
    let n = sequence.shape[1]
    // Features of the hidden values, and of cells and gates.
    let p = weights[0].hidden.shape.last ?? 0
    let h = weights[0].projection?.shape.last ?? p
    for (index, state) in states.enumerated() {
      let features = index == 0 ? p : h
      let wanted = isBatched ? [weights.count, n, features] : [weights.count, features]
      check(state.shape == wanted, name, "a state of \(state.shape) for input \(x.shape), \(wanted) is wanted")
    }
    for (index, weight) in weights.enumerated() {
      let inputs = index < directions ? sequence.shape[2] : directions * p
      let shapes = [
        (weight.input.shape, [gates * h, inputs]), (weight.hidden.shape, [gates * h, p]),
        (weight.inputBias?.shape ?? [gates * h], [gates * h]), (weight.hiddenBias?.shape ?? [gates * h], [gates * h]),
      ]
      let taken = weight.input.shape
      check(
        index >= directions || taken.count != 2 || taken[0] != gates * h || taken[1] == inputs, name,
        "input \(x.shape) has \(inputs) features, the weights take \(taken.last ?? 0)")
      for (shape, wanted) in shapes {
        check(shape == wanted, name, "layer \(index / directions) has a weight \(shape), \(wanted) is wanted")
      }
      let wanted = weights[0].projection == nil ? nil : [p, h]
      check(weight.projection == nil || gates == 4, name, "a projection: only an LSTM has one")
      check(
        weight.projection?.shape == wanted, name,
        "layer \(index / directions) has a projection \(weight.projection?.shape.description ?? "nil"), "
          + "\(wanted?.description ?? "none") is wanted")
    }
  }

  /// The states after a time from the input's part of the gates, [N, G·H], the weights and the states before.
  typealias Step = (Tensor<Scalar>, RecurrentWeights<Scalar>, [Tensor<Scalar>]) -> [Tensor<Scalar>]

  /// - Parameters:
  ///   - joinsBiases: whether the hidden bias may be added to the input's part once for all times.
  ///   - step: what happens at one time.
  /// - Returns: the output, and the states after the last time.
  func run(joinsBiases: Bool, _ step: Step) -> (Tensor<Scalar>, [Tensor<Scalar>]) {
    var sequence = x
    var last = states.map { _ in [Tensor<Scalar>]() }
    let times = x.shape[0]
    for layer in 0..<weights.count / directions {
      if layer > 0 && dropout > 0 { sequence = sequence.dropped(dropout, nil) }
      var outputs: [Tensor<Scalar>] = []
      for direction in 0..<directions {
        let index = layer * directions + direction
        let weight = weights[index]
        let gates = inputGates(sequence, weight, joinsBiases)
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

  /// The input's part of the gates, of all times.
  func inputGates(
    _ sequence: Tensor<Scalar>, _ weight: RecurrentWeights<Scalar>, _ joinsBiases: Bool
  ) -> Tensor<Scalar> {
    var bias = weight.inputBias
    if joinsBiases, let other = weight.hiddenBias { bias = bias.map { $0 + other } ?? other }
    return linear(sequence, weight.input, bias: bias)
  }

  private func joined(_ all: [Tensor<Scalar>], width: Int) -> Tensor<Scalar> {
    all.isEmpty ? Tensor(zeros: [0, x.shape[1], width]) : stack(all)
  }
}

/// One time of a plain network.
func plainStep<Scalar: FloatingScalar>(_ activation: RecurrentActivation) -> RecurrentNetwork<Scalar>.Step {
  { gates, weight, states in
    let sum = addmm(gates, states[0], weight.hidden.transposed())
    return [activation == .tanh ? sum.tanh() : sum.relu()]
  }
}

/// One time of a gated network.
func gatedStep<Scalar: FloatingScalar>(
  _ gates: Tensor<Scalar>, _ weight: RecurrentWeights<Scalar>, _ states: [Tensor<Scalar>]
) -> [Tensor<Scalar>] {
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

/// One time of a network with long short-term memory.
func memoryStep<Scalar: FloatingScalar>(
  _ gates: Tensor<Scalar>, _ weight: RecurrentWeights<Scalar>, _ states: [Tensor<Scalar>]
) -> [Tensor<Scalar>] {
  let width = states[1].shape[1]
  let sum = addmm(gates, states[0], weight.hidden.transposed())
  func part(_ x: Tensor<Scalar>, _ first: Int, _ count: Int) -> Tensor<Scalar> {
    x.narrowed(axis: 1, start: first * width, length: count * width)
  }
  let both = part(sum, 0, 2).sigmoid()
  let cell = part(both, 1, 1) * states[1] + part(both, 0, 1) * part(sum, 2, 1).tanh()
  let hidden = part(sum, 3, 1).sigmoid() * cell.tanh()
  return [weight.projection.map { linear(hidden, $0) } ?? hidden, cell]
}
