import TernBackend
import TernTensor

extension NodeCall {
  /// Operators that run graphs.
  static let controlFlow: [String: GraphOperator] = [
    "If": { try $0.branch() },
    "Loop": { try $0.loop() },
    "Scan": { try $0.scan() },
  ]

  private func branch() throws -> [ONNXTensor] {
    let graph = try graph(condition(value(0), "the condition") ? "then_branch" : "else_branch")
    try require(graph.inputs.isEmpty, "a branch with inputs")
    return try run.run(graph, GraphScope(graph.constants, around: scope))
  }

  private func body(_ graph: GraphProgram, _ values: [ONNXTensor]) throws -> [ONNXTensor] {
    var all = graph.constants
    for (name, value) in zip(graph.inputs, values) { all[name] = value }
    let results = try run.run(graph, GraphScope(all, around: scope))
    return results
  }

  /// Results of all rounds, one behind the other along a new axis.
  private func stacked(_ rounds: [ONNXTensor], axis: Int = 0) throws -> ONNXTensor {
    guard let first = rounds.first else { return ONNXTensor(Tensor<Float>(zeros: [0])) }
    let at = axis < 0 ? axis + first.rank + 1 : axis
    try require(
      rounds.allSatisfy {
        guard case .tensor = $0.content else { return false }
        return $0.dtype == first.dtype && $0.shape == first.shape
      } && at >= 0 && at <= first.rank,
      "results of different types or shapes, or along axis \(axis)")
    try allow([rounds.count] + first.shape)
    func join<Scalar: TensorScalar>(_: Scalar.Type) -> ONNXTensor {
      ONNXTensor(stack(rounds.map { Tensor<Scalar>(body: $0.body) }, along: at)).marked(as: first.narrowType)
    }
    return join(first.dtype.scalar)
  }

  private func loop() throws -> [ONNXTensor] {
    let graph = try graph("body")
    let limit = has(0) ? try integer(0) : Int.max
    var goesOn = has(1) ? try condition(value(1), "the condition") : true
    var carried = try (2..<Swift.max(inputs.count, 2)).map { try content($0) }
    let count = carried.count
    try require(
      graph.inputs.count == count + 2 && graph.outputs.count >= count + 1,
      "a body of \(graph.inputs.count) inputs and \(graph.outputs.count) outputs for \(count) values")
    let scans = graph.outputs.count - count - 1
    var rounds = [[ONNXTensor]](repeating: [], count: scans)
    var round = 0
    while goesOn && round < limit {
      let results = try body(graph, [ONNXTensor(Tensor(round)), ONNXTensor(Tensor(goesOn))] + carried)
      run.nodesLeft -= 1
      try require(run.nodesLeft > 0, "more rounds than are allowed")
      goesOn = try condition(results[0], "the body's condition")
      carried = Array(results[1..<count + 1])
      for scan in 0..<scans { rounds[scan].append(results[count + 1 + scan]) }
      round += 1
    }
    return carried + (try rounds.map { try stacked($0) })
  }

  private func scan() throws -> [ONNXTensor] {
    let graph = try graph("body")
    try require(opset >= 9, "its form before version 9")
    let scanned = try int("num_scan_inputs", 0)
    try require(
      scanned >= 1 && scanned <= inputs.count && graph.inputs.count == inputs.count, "\(scanned) scanned inputs")
    let states = inputs.count - scanned
    try require(graph.outputs.count >= states, "a body of \(graph.outputs.count) outputs for \(states) states")
    let outputs = graph.outputs.count - states
    let inputAxes = try ints("scan_input_axes") ?? [Int](repeating: 0, count: scanned)
    let directions = try ints("scan_input_directions") ?? [Int](repeating: 0, count: scanned)
    let outputAxes = try ints("scan_output_axes") ?? [Int](repeating: 0, count: outputs)
    let outputDirections = try ints("scan_output_directions") ?? [Int](repeating: 0, count: outputs)
    try require(
      inputAxes.count == scanned && directions.count == scanned && outputAxes.count == outputs
        && outputDirections.count == outputs, "axes or directions for another number of inputs or outputs")
    var carried = try (0..<states).map { try value($0) }
    let sources = try (states..<inputs.count).map { try value($0) }
    let axes = try sources.indices.map { try axis(inputAxes[$0], sources[$0].rank) }
    let length = sources[0].shape[axes[0]]
    try require(
      sources.indices.allSatisfy { sources[$0].shape[axes[$0]] == length }, "scanned inputs of different lengths")
    var rounds = [[ONNXTensor]](repeating: [], count: outputs)
    for round in 0..<length {
      let taken = sources.indices.map { index -> ONNXTensor in
        let place = directions[index] == 1 ? length - 1 - round : round
        func select<Scalar: TensorScalar>(_: Scalar.Type) -> ONNXTensor {
          ONNXTensor(Tensor<Scalar>(body: sources[index].body).selected(axis: axes[index], index: place))
            .marked(as: sources[index].narrowType)
        }
        return select(sources[index].dtype.scalar)
      }
      let results = try body(graph, carried + taken)
      run.nodesLeft -= 1
      try require(run.nodesLeft > 0, "more rounds than are allowed")
      carried = Array(results[..<states])
      for output in 0..<outputs { rounds[output].append(results[states + output]) }
    }
    let all = try rounds.indices.map {
      try stacked(outputDirections[$0] == 1 ? rounds[$0].reversed() : rounds[$0], axis: outputAxes[$0])
    }
    return carried + all
  }
}
