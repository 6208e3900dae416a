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
  let (output, states) = network.run(.plain(activation), x)
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
  let (output, states) = network.run(.gated, x)
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
  let (output, states) = network.run(.memory, x)
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
  func run(_ unit: RecurrentUnit, _ packed: PackedSequence<Scalar>) -> (PackedSequence<Scalar>, [Tensor<Scalar>]) {
    let isSorted = packed.sortedIndices == Array(0..<packed.count)
    let starts = isSorted ? states : states.map { $0.taking(Tensor<Int>(packed.sortedIndices), along: 1) }
    let rows = RecurrentRows(sizes: packed.batchSizes, batch: packed.count)
    let (data, ends) = run(unit, packed.data, rows, starts)
    return (
      packed.replacingData(data),
      isSorted ? ends : ends.map { $0.taking(Tensor<Int>(packed.unsortedIndices), along: 1) }
    )
  }
}
