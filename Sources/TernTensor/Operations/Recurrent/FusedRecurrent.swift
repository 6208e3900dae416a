import TernBackend

/// What happens at a time of a recurrent network.
enum RecurrentUnit: Sendable {
  case plain(RecurrentActivation)
  case gated
  case memory

  var kind: RecurrentStepKind {
    switch self {
    case .plain(.tanh): .tanh
    case .plain(.relu): .relu
    case .gated: .gru
    case .memory: .lstm
    }
  }

  var name: StaticString {
    switch self {
    case .plain: "rnn"
    case .gated: "gru"
    case .memory: "lstm"
    }
  }
}

/// A layer in all its directions as one operation.
///
/// Gradients: a run from the last time to the first finds those of the gates, dG; then dL/dW = dGᵀ·x and dL/dV = dGᵀ·h over
/// all times in one product each, dL/dx = dG·W, and the biases' are sums of dG. Gradients of gradients are those of the
/// composition, see `composedLayer`.
///
/// - Parameters:
///   - data: the values of all times, [rows.count, inputs].
///   - initial: the states of each direction, [sequences, H] each.
///   - weights: of each direction, without projections.
/// - Returns: the output, [rows.count, directions·H], and each direction's states after its last time.
func fusedLayer<Scalar: FloatingScalar>(
  _ unit: RecurrentUnit, _ data: Tensor<Scalar>, _ rows: RecurrentRows, _ initial: [[Tensor<Scalar>]],
  _ weights: [RecurrentWeights<Scalar>]
) -> (output: Tensor<Scalar>, ends: [[Tensor<Scalar>]]) {
  let hidden = weights[0].hidden.shape[1]
  let engine = RecurrentEngine<Scalar>(
    kind: unit.kind, rows: rows, inputs: data.shape[1], hidden: hidden, directions: weights.count)
  let operands = RecurrentOperands(data, initial, weights)
  let isRecorded = Recording.isOn && operands.all.contains { $0.node != nil }
  var (result, saved) = operands.contiguous { engine.forward($0, $2, $1, saves: isRecorded) }
  OperationArguments.note(unit.name, operands.arguments(unit, rows))
  if !isRecorded && OperationObservers.isListening {
    OperationObservers.ended(unit.name, from: operands.all.map { $0.body }, result.body)
  }
  if isRecorded {
    let form = operands.form
    let saving = operands.all.indices.reduce(Saving.output) { $0.union(.input($1)) }
    result = result.recorded(unit.name, fromAll: operands.all, saving: saving) { [saved] d in
      let inputs = RecurrentOperands(form, form.indices.map { d.input($0) })
      if d.createGraph {
        sendComposedGradients(d, unit, rows, inputs)
      } else {
        sendGradients(d, engine, saved, inputs)
      }
    }
  }
  let output = engine.hasCells ? result.narrowed(axis: 0, start: 0, length: rows.count) : result
  let ends = weights.indices.map { index -> [Tensor<Scalar>] in
    func part(_ x: Tensor<Scalar>) -> Tensor<Scalar> {
      weights.count == 1 ? x : x.narrowed(axis: 1, start: index * hidden, length: hidden)
    }
    let last = rows.ends(part(output), initial[index][0], reversed: index == 1)
    if !engine.hasCells { return [last] }
    return [last, part(result.narrowed(axis: 0, start: rows.count, length: rows.batch))]
  }
  return (output, ends)
}

private func sendGradients<Scalar: FloatingScalar>(
  _ d: Derivation<Scalar>, _ engine: RecurrentEngine<Scalar>, _ saved: RecurrentEngine<Scalar>.Saved,
  _ inputs: RecurrentOperands<Scalar>
) {
  let output = d.output
  inputs.contiguous { x, initial, weights in
    let (gates, states) = engine.backward(output, d.gradient.contiguous, saved, weights, initial)
    if d.wants(0) { d.send(0) { engine.inputGradient(gates, weights) } }
    for (index, places) in inputs.form.directions.enumerated() {
      let gradients = gates[index]
      for (state, place) in places.states.enumerated() { d.send(place) { states[index][state] } }
      d.send(places.input) { engine.inputWeightGradient(gradients, x) }
      d.send(places.hidden) {
        engine.hiddenWeightGradient(gradients, output, initial[index][0], direction: index)
      }
      let wantsSums = [places.inputBias, places.hiddenBias].contains { $0.map(d.wants) ?? false }
      if !wantsSums { continue }
      let sums = gradients.columnSums()
      if let place = places.inputBias {
        d.send(place) {
          concatenate(
            engine.blocks.sorted { $0.weight < $1.weight }.map {
              sums.narrowed(axis: 0, start: $0.column, length: $0.count)
            })
        }
      }
      if let place = places.hiddenBias {
        d.send(place) { sums.narrowed(axis: 0, start: engine.shift, length: engine.gates * engine.hidden) }
      }
    }
  }
}

extension RecurrentEngine {
  /// dG·W of all directions.
  fileprivate func inputGradient(_ gates: [Tensor<Scalar>], _ weights: [RecurrentWeights<Scalar>]) -> Tensor<Scalar> {
    let result = Tensor<Scalar>(uninitialized: [rows.count, inputs])
    var isFirst = true
    for (gates, weight) in zip(gates, weights) {
      for block in blocks {
        BLAS.gemm(
          .none, .none, m: rows.count, n: inputs, k: block.count, alpha: 1, gates.pointer + block.column, lda: columns,
          weight.input.pointer + block.weight * inputs, ldb: inputs, beta: isFirst ? 0 : 1, result.mutablePointer,
          ldc: inputs)
        isFirst = false
      }
    }
    withExtendedLifetime((gates, weights, result)) {}
    return result
  }

  /// dGᵀ·x.
  fileprivate func inputWeightGradient(_ gates: Tensor<Scalar>, _ x: Tensor<Scalar>) -> Tensor<Scalar> {
    let result = Tensor<Scalar>(uninitialized: [self.gates * hidden, inputs])
    for block in blocks {
      BLAS.gemm(
        .transposed, .none, m: block.count, n: inputs, k: rows.count, alpha: 1, gates.pointer + block.column,
        lda: columns, x.pointer, ldb: inputs, beta: 0, result.mutablePointer + block.weight * inputs, ldc: inputs)
    }
    withExtendedLifetime((gates, x, result)) {}
    return result
  }

  /// dGᵀ·h, with the hidden values before each time.
  fileprivate func hiddenWeightGradient(
    _ gates: Tensor<Scalar>, _ output: Tensor<Scalar>, _ initial: Tensor<Scalar>, direction: Int
  ) -> Tensor<Scalar> {
    let result = Tensor<Scalar>(uninitialized: [self.gates * hidden, hidden])
    let before = rows.before(
      output.pointer + direction * hidden, row: directions * hidden, initial.pointer, hidden, reversed: direction == 1)
    BLAS.gemm(
      .transposed, .none, m: self.gates * hidden, n: hidden, k: rows.count, alpha: 1, gates.pointer + shift,
      lda: columns, before.pointer, ldb: hidden, beta: 0, result.mutablePointer, ldc: hidden)
    withExtendedLifetime((gates, output, initial, before, result)) {}
    return result
  }
}

/// The gradients as functions that have gradients themselves: those of the composition, of operands of its own.
private func sendComposedGradients<Scalar: FloatingScalar>(
  _ d: Derivation<Scalar>, _ unit: RecurrentUnit, _ rows: RecurrentRows, _ inputs: RecurrentOperands<Scalar>
) {
  let copies = RecurrentOperands(inputs.form, inputs.all.map { $0.unchanged(unit.name) })
  let (output, ends) = composedLayer(unit, copies.data, rows, copies.initial, copies.weights)
  var result = output
  if case .memory = unit {
    let cells = ends.map { $0[1] }
    result = concatenate([output, cells.count == 1 ? cells[0] : concatenate(cells, along: 1)], along: 0)
  }
  let places = copies.all.indices.filter { copies.all[$0].node != nil && d.wants($0) }
  let found = gradients(of: result, at: places.map { copies.all[$0] }, gradient: d.gradient, createGraph: true)
  for (place, gradient) in zip(places, found) { d.send(place) { gradient } }
}

/// The operands of a layer, as a list and by name.
struct RecurrentOperands<Scalar: FloatingScalar>: Sendable {
  let all: [Tensor<Scalar>]
  let form: RecurrentForm

  init(_ data: Tensor<Scalar>, _ initial: [[Tensor<Scalar>]], _ weights: [RecurrentWeights<Scalar>]) {
    var (all, places) = ([data], [RecurrentForm.Direction]())
    func add(_ x: Tensor<Scalar>) -> Int {
      all.append(x)
      return all.count - 1
    }
    for (states, weight) in zip(initial, weights) {
      places.append(
        RecurrentForm.Direction(
          states: states.map(add), input: add(weight.input), hidden: add(weight.hidden),
          inputBias: weight.inputBias.map(add), hiddenBias: weight.hiddenBias.map(add)))
    }
    (self.all, form) = (all, RecurrentForm(count: all.count, directions: places))
  }

  init(_ form: RecurrentForm, _ all: [Tensor<Scalar>]) { (self.form, self.all) = (form, all) }

  var data: Tensor<Scalar> { all[0] }
  var initial: [[Tensor<Scalar>]] { form.directions.map { $0.states.map { all[$0] } } }
  var weights: [RecurrentWeights<Scalar>] {
    form.directions.map {
      RecurrentWeights(
        input: all[$0.input], hidden: all[$0.hidden], inputBias: $0.inputBias.map { all[$0] },
        hiddenBias: $0.hiddenBias.map { all[$0] })
    }
  }

  /// What the layer is called with: the places of the operands, -1 for what is left out.
  func arguments(_ unit: RecurrentUnit, _ rows: RecurrentRows) -> [String: OperationArgument] {
    let places = form.directions.flatMap { direction in
      [
        direction.states[0], direction.states.count > 1 ? direction.states[1] : -1, direction.input, direction.hidden,
        direction.inputBias ?? -1, direction.hiddenBias ?? -1,
      ]
    }
    var isRectifier = false
    if case .plain(.relu) = unit { isRectifier = true }
    return [
      "places": .integers(places), "times": .integers([rows.sizes.count]), "batch": .integers([rows.batch]),
      "isRegular": .flag(rows.sizes.allSatisfy { $0 == rows.batch }), "isRectifier": .flag(isRectifier),
    ]
  }

  /// Calls `body` with the operands as constants without gaps.
  func contiguous<Result>(
    _ body: (Tensor<Scalar>, [[Tensor<Scalar>]], [RecurrentWeights<Scalar>]) -> Result
  ) -> Result {
    let dense = RecurrentOperands(form, all.map { $0.detached().contiguous })
    return body(dense.data, dense.initial, dense.weights)
  }
}

/// Which operands a layer has.
struct RecurrentForm: Sendable {
  struct Direction: Sendable {
    let states: [Int]
    let input: Int, hidden: Int
    let inputBias: Int?, hiddenBias: Int?
  }

  let count: Int
  let directions: [Direction]
  var indices: Range<Int> { 0..<count }
}
