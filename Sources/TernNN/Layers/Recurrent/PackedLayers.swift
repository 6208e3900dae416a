import TernBackend
import TernTensor

// Recurrent networks over sequences of several lengths: packed, or padded with their lengths.

extension RNN {
  /// The outputs of the last layer, and the state of every layer at each sequence's own end, where the second direction
  /// begins.
  ///
  /// - Parameters:
  ///   - input: the sequences, each value of `inputs` features.
  ///   - hidden: [layers·directions, N, H]; zeros when `nil`.
  public func callAsFunction(
    _ input: PackedSequence<Scalar>, hidden: Tensor<Scalar>? = nil, file: StaticString = #fileID, line: UInt = #line
  ) -> (output: PackedSequence<Scalar>, hidden: Tensor<Scalar>) {
    let (output, hidden) = running(input.data, file, line) {
      let found = rnn(
        input, hidden: hidden ?? zeros(for: input), weights: weights.values, activation: activation,
        bidirectional: bidirectional, dropout: activeDropout)
      return (found.output.data, found.hidden)
    }
    return (input.replacingData(output), hidden)
  }

  /// The outputs of the last layer for a padded batch, zeros behind each sequence's end, and the state of every layer there.
  ///
  /// - Parameters:
  ///   - input: [T, N, inputs], or [N, T, inputs] batch first; what is behind an end does not matter.
  ///   - lengths: of each sequence, 0 … T.
  ///   - hidden: [layers·directions, N, H]; zeros when `nil`.
  public func callAsFunction(
    _ input: Tensor<Scalar>, lengths: [Int], hidden: Tensor<Scalar>? = nil, file: StaticString = #fileID,
    line: UInt = #line
  ) -> (output: Tensor<Scalar>, hidden: Tensor<Scalar>) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    let found = self(PackedSequence(input, lengths: lengths, batchFirst: batchFirst), hidden: hidden)
    return (found.output.padded(batchFirst: batchFirst, length: input.shape[batchFirst ? 1 : 0]), found.hidden)
  }
}

extension GRU {
  /// The outputs of the last layer, and the state of every layer at each sequence's own end, where the second direction
  /// begins.
  ///
  /// - Parameters:
  ///   - input: the sequences, each value of `inputs` features.
  ///   - hidden: [layers·directions, N, H]; zeros when `nil`.
  public func callAsFunction(
    _ input: PackedSequence<Scalar>, hidden: Tensor<Scalar>? = nil, file: StaticString = #fileID, line: UInt = #line
  ) -> (output: PackedSequence<Scalar>, hidden: Tensor<Scalar>) {
    let (output, hidden) = running(input.data, file, line) {
      let found = gru(
        input, hidden: hidden ?? zeros(for: input), weights: weights.values,
        bidirectional: bidirectional, dropout: activeDropout)
      return (found.output.data, found.hidden)
    }
    return (input.replacingData(output), hidden)
  }

  /// The outputs of the last layer for a padded batch, zeros behind each sequence's end, and the state of every layer there.
  ///
  /// - Parameters:
  ///   - input: [T, N, inputs], or [N, T, inputs] batch first; what is behind an end does not matter.
  ///   - lengths: of each sequence, 0 … T.
  ///   - hidden: [layers·directions, N, H]; zeros when `nil`.
  public func callAsFunction(
    _ input: Tensor<Scalar>, lengths: [Int], hidden: Tensor<Scalar>? = nil, file: StaticString = #fileID,
    line: UInt = #line
  ) -> (output: Tensor<Scalar>, hidden: Tensor<Scalar>) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    let found = self(PackedSequence(input, lengths: lengths, batchFirst: batchFirst), hidden: hidden)
    return (found.output.padded(batchFirst: batchFirst, length: input.shape[batchFirst ? 1 : 0]), found.hidden)
  }
}

extension LSTM {
  /// The outputs of the last layer, and the state of every layer at each sequence's own end, where the second direction
  /// begins.
  ///
  /// - Parameters:
  ///   - input: the sequences, each value of `inputs` features.
  ///   - state: the hidden values and the cells, [layers·directions, N, H] each; zeros when `nil`.
  public func callAsFunction(
    _ input: PackedSequence<Scalar>, state: (hidden: Tensor<Scalar>, cell: Tensor<Scalar>)? = nil,
    file: StaticString = #fileID, line: UInt = #line
  ) -> (output: PackedSequence<Scalar>, state: (hidden: Tensor<Scalar>, cell: Tensor<Scalar>)) {
    let (output, state) = running(input.data, file, line) {
      let found = lstm(
        input, hidden: state?.hidden ?? zeros(for: input, features: projectionSize),
        cell: state?.cell ?? zeros(for: input), weights: weights.values, bidirectional: bidirectional,
        dropout: activeDropout)
      return (found.output.data, (hidden: found.hidden, cell: found.cell))
    }
    return (input.replacingData(output), state)
  }

  /// The outputs of the last layer for a padded batch, zeros behind each sequence's end, and the state of every layer there.
  ///
  /// - Parameters:
  ///   - input: [T, N, inputs], or [N, T, inputs] batch first; what is behind an end does not matter.
  ///   - lengths: of each sequence, 0 … T.
  ///   - state: the hidden values and the cells, [layers·directions, N, H] each; zeros when `nil`.
  public func callAsFunction(
    _ input: Tensor<Scalar>, lengths: [Int], state: (hidden: Tensor<Scalar>, cell: Tensor<Scalar>)? = nil,
    file: StaticString = #fileID, line: UInt = #line
  ) -> (output: Tensor<Scalar>, state: (hidden: Tensor<Scalar>, cell: Tensor<Scalar>)) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    let found = self(PackedSequence(input, lengths: lengths, batchFirst: batchFirst), state: state)
    return (found.output.padded(batchFirst: batchFirst, length: input.shape[batchFirst ? 1 : 0]), found.state)
  }
}
