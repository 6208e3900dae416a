import TernBackend
import TernTensor

/// The numbers of a recurrent node, in the order [T, N, …].
private struct RecurrentShape {
  let steps: Int, batch: Int, inputs: Int, hidden: Int, directions: Int, gates: Int
}

/// One direction of a recurrent node.
private struct Direction<Scalar: FloatingScalar> {
  var input: Tensor<Scalar>
  var recurrence: Tensor<Scalar>
  var inputBias: Tensor<Scalar>?
  var hiddenBias: Tensor<Scalar>?
  var peepholes: Tensor<Scalar>?
  var hidden: Tensor<Scalar>
  var cell: Tensor<Scalar>
  var functions: [(Tensor<Scalar>) -> Tensor<Scalar>]
  /// Of quantized weights: the units of `input` and `recurrence`, for all columns or each.
  var units: (input: Tensor<Scalar>, recurrence: Tensor<Scalar>)?
}

extension NodeCall {
  /// Recurrent layers.
  static let recurrent: [String: GraphOperator] = [
    "LSTM": { try $0.floating($0.recurrence, $0.recurrence) },
    "GRU": { try $0.floating($0.recurrence, $0.recurrence) },
    "RNN": { try $0.floating($0.recurrence, $0.recurrence) },
    "com.microsoft.DynamicQuantizeLSTM": { try $0.recurrence(Float.self) },
  ]

  private var isQuantized: Bool { operation == "DynamicQuantizeLSTM" }
  private var isLSTM: Bool { operation == "LSTM" || isQuantized }

  private func recurrence<Scalar: FloatingScalar>(_: Scalar.Type) throws -> [ONNXTensor] {
    let isBatchFirst = try int("layout", 0) == 1
    var x: Tensor<Scalar> = try tensor(0)
    let (w, r): (Tensor<Scalar>, Tensor<Scalar>) =
      isQuantized ? (try wholeWeights(1, zero: 9), try wholeWeights(2, zero: 11)) : (try tensor(1), try tensor(2))
    try require(x.rank == 3 && w.rank == 3 && r.rank == 3, "shapes \(x.shape), \(w.shape) and \(r.shape)")
    if isBatchFirst { x = x.transposed(0, 1) }
    let way = try text("direction", "forward")
    try require(["forward", "reverse", "bidirectional"].contains(way), "a direction \"\(way)\"")
    let gates = isLSTM ? 4 : operation == "GRU" ? 3 : 1
    let shape = RecurrentShape(
      steps: x.shape[0], batch: x.shape[1], inputs: x.shape[2], hidden: r.shape[2],
      directions: way == "bidirectional" ? 2 : 1, gates: gates)
    let (d, h) = (shape.directions, shape.hidden)
    try require(
      w.shape == [d, gates * h, shape.inputs] && r.shape == [d, gates * h, h] && h > 0 && shape.inputs > 0
        && shape.batch > 0 && shape.steps > 0,
      "weights \(w.shape) and \(r.shape) for an input \(x.shape)")
    try require(try int("hidden_size", h) == h, "a hidden size other than \(h)")
    try allow([d, shape.steps, shape.batch, gates * h])
    let biases: Tensor<Scalar>? = try optional(3)
    if let biases { try require(biases.shape == [d, 2 * gates * h], "biases of shape \(biases.shape)") }
    var lengths: [Int]?
    if has(4) {
      let given = try integers(4)
      try require(
        given.count == shape.batch && given.allSatisfy { $0 >= 0 && $0 <= shape.steps },
        "lengths \(given) of \(x.shape)")
      if given.contains(where: { $0 < shape.steps }) { lengths = given }
    }
    func state(_ index: Int) throws -> Tensor<Scalar> {
      guard var state: Tensor<Scalar> = try optional(index) else {
        return Tensor(zeros: [d, shape.batch, h])
      }
      if isBatchFirst, state.rank == 3 { state = state.transposed(0, 1) }
      try require(state.shape == [d, shape.batch, h], "a state of shape \(state.shape)")
      return state
    }
    let hidden = try state(5)
    let cell = isLSTM ? try state(6) : hidden
    let peepholes: Tensor<Scalar>? = isLSTM ? try optional(7) : nil
    if let peepholes { try require(peepholes.shape == [d, 3 * h], "peepholes of shape \(peepholes.shape)") }
    let units: [Tensor<Scalar>] = isQuantized ? [try units(8, d, h), try units(10, d, h)] : []
    let names = try activationNames(d)
    let isPlain = try isPlain(names, lengths: lengths, hasPeepholes: peepholes != nil)
    var outputs: [Tensor<Scalar>] = []
    var (lastHidden, lastCell): ([Tensor<Scalar>], [Tensor<Scalar>]) = ([], [])
    let perDirection = names.count / d
    let functions: [(Tensor<Scalar>) -> Tensor<Scalar>] = try recurrentActivations(names)
    for index in 0..<d {
      let isReversed = way == "reverse" || index == 1
      let bias = biases?.selected(axis: 0, index: index)
      let direction = Direction<Scalar>(
        input: w.selected(axis: 0, index: index), recurrence: r.selected(axis: 0, index: index),
        inputBias: bias?.narrowed(axis: 0, start: 0, length: gates * h),
        hiddenBias: bias?.narrowed(axis: 0, start: gates * h, length: gates * h),
        peepholes: peepholes?.selected(axis: 0, index: index), hidden: hidden.selected(axis: 0, index: index),
        cell: cell.selected(axis: 0, index: index),
        functions: Array(functions[index * perDirection..<(index + 1) * perDirection]),
        units: isQuantized ? (units[0].selected(axis: 0, index: index), units[1].selected(axis: 0, index: index)) : nil)
      let source = isReversed ? reversed(x, lengths) : x
      let found =
        isPlain ? fused(source, direction, shape) : try stepped(source, direction, shape, lengths)
      outputs.append(isReversed ? reversed(found.output, lengths) : found.output)
      lastHidden.append(found.hidden)
      lastCell.append(found.cell)
    }
    var results = [stack(outputs, along: 1), stack(lastHidden), stack(lastCell)]
    if isBatchFirst {
      results[0] = results[0].permuted([2, 0, 1, 3])
      for index in 1..<3 { results[index] = results[index].transposed(0, 1) }
    }
    return results.map { ONNXTensor($0) }
  }

  private func activationNames(_ directions: Int) throws -> [String] {
    let standard =
      isLSTM ? ["Sigmoid", "Tanh", "Tanh"] : operation == "GRU" ? ["Sigmoid", "Tanh"] : ["Tanh"]
    let names = try texts("activations") ?? (0..<directions).flatMap { _ in standard }
    try require(names.count == standard.count * directions, "activations \(names)")
    return names
  }

  /// Whether the library's own layer does the same.
  private func isPlain(_ names: [String], lengths: [Int]?, hasPeepholes: Bool) throws -> Bool {
    let isStandard: Bool
    switch operation {
    case "LSTM":
      isStandard = names == ["Sigmoid", "Tanh", "Tanh"] + (names.count > 3 ? ["Sigmoid", "Tanh", "Tanh"] : [])
    case "GRU":
      let reset = try flag("linear_before_reset")
      isStandard = reset && names == ["Sigmoid", "Tanh"] + (names.count > 2 ? ["Sigmoid", "Tanh"] : [])
    case "RNN": isStandard = names.allSatisfy { $0 == "Tanh" }
    default: isStandard = false
    }
    let isCoupled = try flag("input_forget")
    return isStandard && lengths == nil && !hasPeepholes && !hasAttribute("clip") && !isCoupled
  }

  /// The steps in the other order; of shorter sequences what is theirs.
  private func reversed<Scalar: FloatingScalar>(_ x: Tensor<Scalar>, _ lengths: [Int]?) -> Tensor<Scalar> {
    guard let lengths else { return x.flipped([0]) }
    let steps = x.shape[0]
    var places: [Int] = []
    for step in 0..<steps {
      for length in lengths { places.append(step < length ? length - 1 - step : step) }
    }
    let index = Tensor(places, shape: [steps, lengths.count, 1]).broadcast(to: x.shape)
    return x.gathered(index, along: 0)
  }

  /// Rows of a weight or bias in the library's order of gates.
  private func reordered<Scalar: FloatingScalar>(_ x: Tensor<Scalar>, _ hidden: Int) -> Tensor<Scalar> {
    let order = isLSTM ? [0, 2, 3, 1] : operation == "GRU" ? [1, 0, 2] : [0]
    if order.count == 1 { return x }
    return concatenate(order.map { x.narrowed(axis: 0, start: $0 * hidden, length: hidden) }, along: 0)
  }

  private func fused<Scalar: FloatingScalar>(
    _ x: Tensor<Scalar>, _ direction: Direction<Scalar>, _ shape: RecurrentShape
  ) -> (output: Tensor<Scalar>, hidden: Tensor<Scalar>, cell: Tensor<Scalar>) {
    let h = shape.hidden
    let weights = RecurrentWeights(
      input: reordered(direction.input, h), hidden: reordered(direction.recurrence, h),
      inputBias: direction.inputBias.map { reordered($0, h) }, hiddenBias: direction.hiddenBias.map { reordered($0, h) }
    )
    let hidden = direction.hidden.expandedAxis(at: 0)
    switch operation {
    case "LSTM":
      let found = lstm(x, hidden: hidden, cell: direction.cell.expandedAxis(at: 0), weights: [weights])
      return (found.output, found.hidden.squeezed([0]), found.cell.squeezed([0]))
    case "GRU":
      let found = gru(x, hidden: hidden, weights: [weights])
      let last = found.hidden.squeezed([0])
      return (found.output, last, last)
    default:
      let found = rnn(x, hidden: hidden, weights: [weights])
      let last = found.hidden.squeezed([0])
      return (found.output, last, last)
    }
  }

  /// One step after the other, with all that an attribute may ask for.
  private func stepped<Scalar: FloatingScalar>(
    _ x: Tensor<Scalar>, _ direction: Direction<Scalar>, _ shape: RecurrentShape, _ lengths: [Int]?
  ) throws -> (output: Tensor<Scalar>, hidden: Tensor<Scalar>, cell: Tensor<Scalar>) {
    let h = shape.hidden
    let clip = hasAttribute("clip") ? Scalar(try float("clip", 0)) : nil
    if let clip { try require(clip >= 0, "a clip of \(clip)") }
    let isLinear = try flag("linear_before_reset")
    let coupled = try flag("input_forget")
    var projected = product(x, direction.input.transposed(), direction.units?.input)
    if let bias = direction.inputBias { projected = projected + bias }
    func clipped(_ x: Tensor<Scalar>) -> Tensor<Scalar> { clip.map { x.clamped(min: -$0, max: $0) } ?? x }
    func part(_ x: Tensor<Scalar>, _ gate: Int, _ count: Int = 1) -> Tensor<Scalar> {
      x.narrowed(axis: x.rank - 1, start: gate * h, length: count * h)
    }
    func peephole(_ index: Int, _ cell: Tensor<Scalar>) -> Tensor<Scalar>? {
      direction.peepholes.map { part($0, index) * cell }
    }
    func added(_ x: Tensor<Scalar>, _ y: Tensor<Scalar>?) -> Tensor<Scalar> { y.map { x + $0 } ?? x }
    let functions = direction.functions
    let weights = direction.recurrence.transposed()
    var (hidden, cell) = (direction.hidden, direction.cell)
    var outputs: [Tensor<Scalar>] = []
    for step in 0..<shape.steps {
      let given = projected.selected(axis: 0, index: step)
      var (nextHidden, nextCell) = (hidden, cell)
      switch operation {
      case "LSTM", "DynamicQuantizeLSTM":
        let gates = added(given + product(hidden, weights, direction.units?.recurrence), direction.hiddenBias)
        let input = functions[0](clipped(added(part(gates, 0), peephole(0, cell))))
        let forget = coupled ? 1 - input : functions[0](clipped(added(part(gates, 2), peephole(2, cell))))
        nextCell = forget * cell + input * functions[1](clipped(part(gates, 3)))
        let output = functions[0](clipped(added(part(gates, 1), peephole(1, nextCell))))
        nextHidden = output * functions[2](nextCell)
      case "GRU":
        let bias = direction.hiddenBias
        let both = added(part(given, 0, 2) + matmul(hidden, part(weights, 0, 2)), bias.map { part($0, 0, 2) })
        let gates = functions[0](clipped(both))
        let (update, reset) = (part(gates, 0), part(gates, 1))
        let own = bias.map { part($0, 2) }
        let inner =
          isLinear
          ? reset * added(matmul(hidden, part(weights, 2)), own) : added(matmul(reset * hidden, part(weights, 2)), own)
        let candidate = functions[1](clipped(part(given, 2) + inner))
        nextHidden = (1 - update) * candidate + update * hidden
      default:
        nextHidden = functions[0](clipped(added(given + matmul(hidden, weights), direction.hiddenBias)))
      }
      if let lengths {
        let mask = Tensor(lengths.map { step < $0 }, shape: [shape.batch, 1])
        outputs.append(select(mask, nextHidden, Scalar.zero))
        hidden = select(mask, nextHidden, hidden)
        cell = select(mask, nextCell, cell)
      } else {
        (hidden, cell) = (nextHidden, nextCell)
        outputs.append(hidden)
      }
    }
    return (stack(outputs), hidden, cell)
  }
}
