import TernTensor

extension OperationExporters {
  /// Layers of recurrent networks: one operator for all times and directions.
  static let recurrent: [String: Exporter] = [
    "rnn": { x throws(Refusal) in
      x.flag("isRectifier") ? try rectified(x) : try layer(x, "RNN", gates: [0], [:])
    },
    "gru": { x throws(Refusal) in try layer(x, "GRU", gates: [1, 0, 2], ["linear_before_reset": .int(1)]) },
    "lstm": { x throws(Refusal) in try layer(x, "LSTM", gates: [0, 3, 1, 2], [:]) },
  ]

  /// PyTorch's order of gates, which the weights have, is i f g o of LSTM and r z n of GRU; ONNX's is i o f c and z r h. A GRU
  /// resets behind the product with the hidden state, as PyTorch's does.
  ///
  /// The operands are the values of all times, [T·N, inputs], and for each direction the states and weights at `places`. The
  /// result is the output of all times, [T·N, directions·H], with the last cells of an LSTM below.
  private static func layer(
    _ x: TracedOperation, _ operation: String, gates: [Int], _ more: [String: ONNXAttribute]
  ) throws(Refusal) -> String {
    guard x.flag("isRegular") else { throw Refusal("sequences of several lengths") }
    let (places, times) = (try x.integers("places"), try x.integer("times"))
    guard let batch = try x.extents("batch").first else { throw Refusal("its batch is not known") }
    let directions = places.count / 6
    func operand(_ place: Int, _ direction: Int) -> TracedValue? {
      let index = places[6 * direction + place]
      return index < 0 ? nil : x.inputs[index]
    }
    guard let hiddenWeight = operand(3, 0), hiddenWeight.shape[1].isFixed else {
      throw Refusal("its weights are not known")
    }
    let features = hiddenWeight.shape[1].fixed
    let inputs = x.inputs[0].shape[1]
    let data = x.reshaped(x.x, from: x.inputs[0].shape, to: [Extent(times), batch, inputs])
    func stacked(_ parts: [String]) -> String {
      let open = parts.map { x.node("Unsqueeze", [$0, x.integers([0])]) }
      return open.count == 1 ? open[0] : x.node("Concat", open, ["axis": .int(0)])
    }
    /// The gates of a weight or bias in ONNX's order.
    func ordered(_ value: TracedValue) -> String {
      if gates == Array(gates.indices) { return value.name }
      let rows = gates.flatMap { gate in gate * features..<(gate + 1) * features }
      return x.graph.permutedState(value.name, rows)
        ?? x.node("Gather", [value.name, x.integers(rows)], ["axis": .int(0)])
    }
    func all(_ place: Int) throws(Refusal) -> String {
      var parts: [String] = []
      for direction in 0..<directions {
        guard let value = operand(place, direction) else { throw Refusal("directions with and without biases") }
        parts.append(ordered(value))
      }
      return stacked(parts)
    }
    var bias = ""
    if operand(4, 0) != nil {
      var parts: [String] = []
      for direction in 0..<directions {
        guard let a = operand(4, direction), let b = operand(5, direction) else { throw Refusal("one bias of two") }
        parts.append(x.node("Concat", [ordered(a), ordered(b)], ["axis": .int(0)]))
      }
      bias = stacked(parts)
    }
    func states(_ place: Int) -> String {
      stacked((0..<directions).map { operand(place, $0)!.name })
    }
    var names = [data, try all(2), try all(3), bias, "", states(0)]
    if operation == "LSTM" { names.append(states(1)) }
    var attributes = more
    attributes["hidden_size"] = .int(features)
    attributes["direction"] = .string(directions == 2 ? "bidirectional" : "forward")
    let results = ["output", "hidden", "cell"].prefix(operation == "LSTM" ? 3 : 2).map {
      x.graph.fresh("\(operation.lowercased())_\($0)")
    }
    x.graph.add(operation, names, results, attributes)
    let width = Extent(directions * features)
    let rows = Extent(batch.fixed * times, perBatch: batch.perBatch * times)
    // [T, directions, N, H] to [T·N, directions·H].
    let turned = x.node("Transpose", [results[0]], ["perm": .ints([0, 2, 1, 3])])
    let output = x.reshaped(
      turned, from: [Extent(times), batch, Extent(directions), Extent(features)], to: [rows, width])
    if operation != "LSTM" { return output }
    let cells = x.node("Transpose", [results[2]], ["perm": .ints([1, 0, 2])])
    let flat = x.reshaped(cells, from: [batch, Extent(directions), Extent(features)], to: [batch, width])
    return x.node("Concat", [output, flat], ["axis": .int(0)])
  }

  /// A plain network with a ReLU, time by time, which some that run ONNX have no activation for: hₜ = max(W·xₜ + b + V·hₜ₋₁ + c, 0).
  private static func rectified(_ x: TracedOperation) throws(Refusal) -> String {
    guard x.flag("isRegular") else { throw Refusal("sequences of several lengths") }
    let (places, times) = (try x.integers("places"), try x.integer("times"))
    guard let batch = try x.extents("batch").first else { throw Refusal("its batch is not known") }
    var results: [String] = []
    for direction in 0..<places.count / 6 {
      func operand(_ place: Int) -> String? {
        let index = places[6 * direction + place]
        return index < 0 ? nil : x.inputs[index].name
      }
      guard let start = operand(0), let input = operand(2), let hidden = operand(3) else {
        throw Refusal("its weights are not known")
      }
      let turned = x.node("Transpose", [hidden], ["perm": .ints([1, 0])])
      var all = x.node("MatMul", [x.x, x.node("Transpose", [input], ["perm": .ints([1, 0])])])
      for place in [4, 5] { if let bias = operand(place) { all = x.node("Add", [all, bias]) } }
      let features = x.inputs[places[6 * direction + 3]].shape[1]
      let rows = x.reshaped(all, from: [x.inputs[0].shape[0], features], to: [Extent(times), batch, features])
      var (state, states) = (start, [String](repeating: "", count: times))
      for time in direction == 0 ? Array(0..<times) : (0..<times).reversed() {
        let row = x.node("Gather", [rows, x.graph.number(Double(time), .int64)], ["axis": .int(0)])
        state = x.node("Relu", [x.node("Add", [row, x.node("MatMul", [state, turned])])])
        states[time] = state
      }
      results.append(x.node("Concat", states, ["axis": .int(0)]))
    }
    return results.count == 1 ? results[0] : x.node("Concat", results, ["axis": .int(1)])
  }
}
