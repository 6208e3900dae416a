import TernBackend

// Recurrent networks over sequences of several lengths: at each time only the sequences that are that long take part.

/// A plain recurrent network over sequences of several lengths, see
/// ``rnn(_:hidden:weights:activation:bidirectional:batchFirst:dropout:file:line:)``: the hidden values returned are those
/// at each sequence's own end, and the second direction begins there.
///
/// - Parameters:
///   - x: the sequences, each value of `inputs` features.
///   - hidden: h₀, [layers·directions, N, H].
///   - weights: of every layer and direction.
///   - activation: f.
///   - bidirectional: whether a second network reads each layer's input from the end.
///   - dropout: the probability that a value between two layers is dropped.
/// - Returns: the last layer's hidden values of all times, and those of every layer after each sequence's last time.
///
/// Stops where the shapes do not fit.
public func rnn<Scalar: FloatingScalar>(
  _ x: PackedSequence<Scalar>, hidden: Tensor<Scalar>, weights: [RecurrentWeights<Scalar>],
  activation: RecurrentActivation = .tanh, bidirectional: Bool = false, dropout: Double = 0,
  file: StaticString = #fileID, line: UInt = #line
) -> (output: PackedSequence<Scalar>, hidden: Tensor<Scalar>) {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  let network = RecurrentNetwork("rnn", x, [hidden], weights, gates: 1, bidirectional: bidirectional, dropout: dropout)
  let (output, states) = network.run(x, joinsBiases: true, plainStep(activation))
  return (output, states[0])
}

/// A gated recurrent network over sequences of several lengths, see
/// ``gru(_:hidden:weights:bidirectional:batchFirst:dropout:file:line:)`` and
/// ``rnn(_:hidden:weights:activation:bidirectional:dropout:file:line:)``.
public func gru<Scalar: FloatingScalar>(
  _ x: PackedSequence<Scalar>, hidden: Tensor<Scalar>, weights: [RecurrentWeights<Scalar>],
  bidirectional: Bool = false, dropout: Double = 0,
  file: StaticString = #fileID, line: UInt = #line
) -> (output: PackedSequence<Scalar>, hidden: Tensor<Scalar>) {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  let network = RecurrentNetwork("gru", x, [hidden], weights, gates: 3, bidirectional: bidirectional, dropout: dropout)
  let (output, states) = network.run(x, joinsBiases: false, gatedStep)
  return (output, states[0])
}

/// A network with long short-term memory over sequences of several lengths, see
/// ``lstm(_:hidden:cell:weights:bidirectional:batchFirst:dropout:file:line:)`` and
/// ``rnn(_:hidden:weights:activation:bidirectional:dropout:file:line:)``.
public func lstm<Scalar: FloatingScalar>(
  _ x: PackedSequence<Scalar>, hidden: Tensor<Scalar>, cell: Tensor<Scalar>, weights: [RecurrentWeights<Scalar>],
  bidirectional: Bool = false, dropout: Double = 0,
  file: StaticString = #fileID, line: UInt = #line
) -> (output: PackedSequence<Scalar>, hidden: Tensor<Scalar>, cell: Tensor<Scalar>) {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  let network = RecurrentNetwork(
    "lstm", x, [hidden, cell], weights, gates: 4, bidirectional: bidirectional, dropout: dropout)
  let (output, states) = network.run(x, joinsBiases: true, memoryStep)
  return (output, states[0], states[1])
}

extension RecurrentNetwork {
  /// A network for packed values, which stand as one time of many.
  init(
    _ name: String, _ packed: PackedSequence<Scalar>, _ states: [Tensor<Scalar>], _ weights: [RecurrentWeights<Scalar>],
    gates: Int, bidirectional: Bool, dropout: Double
  ) {
    let data = packed.data
    check(data.rank == 2, name, "values \(data.shape) of the sequences are not [values, inputs]")
    self.init(
      name, Tensor(zeros: [0, packed.count, data.shape[1]]), states, weights, gates: gates,
      bidirectional: bidirectional, batchFirst: false, dropout: dropout)
  }

  /// The output, and the states after each sequence's last time.
  func run(
    _ packed: PackedSequence<Scalar>, joinsBiases: Bool, _ step: Step
  ) -> (PackedSequence<Scalar>, [Tensor<Scalar>]) {
    let isSorted = packed.sortedIndices == Array(0..<packed.count)
    let starts = isSorted ? states : states.map { $0.taking(Tensor<Int>(packed.sortedIndices), along: 1) }
    var data = packed.data
    var last = states.map { _ in [Tensor<Scalar>]() }
    for layer in 0..<weights.count / directions {
      if layer > 0 && dropout > 0 { data = data.dropped(dropout, nil) }
      var outputs: [Tensor<Scalar>] = []
      for direction in 0..<directions {
        let index = layer * directions + direction
        let weight = weights[index]
        let gates = inputGates(data, weight, joinsBiases)
        let initial = starts.map { $0[index] }
        let (output, ends) =
          direction == 0
          ? forward(gates, packed.batchSizes, initial, weight, step)
          : backward(gates, packed.batchSizes, initial, weight, step)
        outputs.append(output.isEmpty ? Tensor(zeros: [0, weight.hidden.shape[1]]) : concatenate(output, along: 0))
        for (slot, state) in ends.enumerated() { last[slot].append(state) }
      }
      data = outputs.count == 1 ? outputs[0] : concatenate(outputs, along: 1)
    }
    let ends = last.map { list in
      let all = stack(list)
      return isSorted ? all : all.taking(Tensor<Int>(packed.unsortedIndices), along: 1)
    }
    return (packed.replacingData(data), ends)
  }

  /// From the first time on: sequences leave at their end.
  private func forward(
    _ gates: Tensor<Scalar>, _ sizes: [Int], _ initial: [Tensor<Scalar>], _ weight: RecurrentWeights<Scalar>,
    _ step: Step
  ) -> ([Tensor<Scalar>], [Tensor<Scalar>]) {
    var (current, output, place) = (initial, [Tensor<Scalar>](), 0)
    // The states of those that left, the shortest first.
    var left = initial.map { _ in [Tensor<Scalar>]() }
    for size in sizes {
      let before = current[0].shape[0]
      if size < before {
        for slot in current.indices {
          left[slot].append(current[slot].narrowed(axis: 0, start: size, length: before - size))
          current[slot] = current[slot].narrowed(axis: 0, start: 0, length: size)
        }
      }
      current = step(gates.narrowed(axis: 0, start: place, length: size), weight, current)
      output.append(current[0])
      place += size
    }
    let ends = current.indices.map { slot in
      left[slot].isEmpty ? current[slot] : concatenate([current[slot]] + left[slot].reversed(), along: 0)
    }
    return (output, ends)
  }

  /// From the last time back: sequences join at their end.
  private func backward(
    _ gates: Tensor<Scalar>, _ sizes: [Int], _ initial: [Tensor<Scalar>], _ weight: RecurrentWeights<Scalar>,
    _ step: Step
  ) -> ([Tensor<Scalar>], [Tensor<Scalar>]) {
    var current = initial.map { $0.narrowed(axis: 0, start: 0, length: 0) }
    var (output, place) = ([Tensor<Scalar>](), gates.shape[0])
    func join(_ size: Int) {
      let before = current[0].shape[0]
      if size == before { return }
      for slot in current.indices {
        let joining = initial[slot].narrowed(axis: 0, start: before, length: size - before)
        current[slot] = before == 0 ? joining : concatenate([current[slot], joining], along: 0)
      }
    }
    for size in sizes.reversed() {
      join(size)
      place -= size
      current = step(gates.narrowed(axis: 0, start: place, length: size), weight, current)
      output.append(current[0])
    }
    // Sequences of no times keep their states.
    join(initial[0].shape[0])
    return (output.reversed(), current)
  }
}
