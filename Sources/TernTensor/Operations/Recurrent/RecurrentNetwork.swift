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

  /// - Parameter unit: what happens at one time.
  /// - Returns: the output, and the states after the last time.
  func run(_ unit: RecurrentUnit) -> (Tensor<Scalar>, [Tensor<Scalar>]) {
    let (times, n) = (x.shape[0], x.shape[1])
    // A batch of nothing has times, whose sizes say nothing.
    let rows = RecurrentRows(sizes: [Int](repeating: n, count: times), batch: n)
    let (data, last) = run(unit, x.reshaped([times * n, x.shape[2]]), rows, states)
    let sequence = data.reshaped([times, n, data.shape[1]])
    let output = isBatched ? (batchFirst ? sequence.transposed(0, 1) : sequence) : sequence.squeezed(1)
    return (output, isBatched ? last : last.map { $0.reshaped([$0.shape[0], $0.shape[2]]) })
  }

  /// All layers over the values of all times.
  ///
  /// - Parameters:
  ///   - data: [rows.count, inputs].
  ///   - starts: the states before the first time, in the order of the rows.
  func run(
    _ unit: RecurrentUnit, _ data: Tensor<Scalar>, _ rows: RecurrentRows, _ starts: [Tensor<Scalar>]
  ) -> (Tensor<Scalar>, [Tensor<Scalar>]) {
    var data = data
    var last = states.map { _ in [Tensor<Scalar>]() }
    for layer in 0..<weights.count / directions {
      if layer > 0 && dropout > 0 { data = data.dropped(dropout, nil) }
      let places = layer * directions..<(layer + 1) * directions
      let layerWeights = Array(weights[places])
      let initial = places.map { place in starts.map { $0[place] } }
      // In reduced precision each time's states are rounded before they meet the weights.
      let isWhole = !FloatPrecision.roundsOperands(of: Scalar.self)
      let isFused = isWhole && layerWeights[0].projection == nil && !data.isEmpty && !initial[0][0].isEmpty
      let found =
        isFused
        ? fusedLayer(unit, data, rows, initial, layerWeights)
        : composedLayer(unit, data, rows, initial, layerWeights)
      data = found.output
      for ends in found.ends { for (slot, state) in ends.enumerated() { last[slot].append(state) } }
    }
    return (data, last.map { $0.count == 1 ? $0[0].expandedAxis(at: 0) : stack($0) })
  }
}
