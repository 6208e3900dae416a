import TernBackend
import TernNN
import TernTensor

/// A forward pass that ran for several batches, its runs side by side: the steps that the results need, where each value
/// comes from, and the arguments as they depend on the batch.
struct TracedForward {
  /// Where a value comes from.
  enum Source {
    case step(Int)
    case input(Int)
    /// A parameter or buffer.
    case state(ObjectIdentifier)
    /// A value that no step made, of each run.
    case constant([TensorBody])
  }

  struct Step {
    let name: String
    let path: String
    let inputs: [Source]
    /// The result of each run.
    let results: [TensorBody]
    let arguments: [String: Argument]
    let module: (any ONNXExportable)?
  }

  enum Argument {
    case integers([Extent]?)
    case number([Double])
    /// A list of numbers, the same for every batch.
    case numbers([Double]?)
    case flag(Bool)
    case word(String)
    case tensor(Source)
  }

  let steps: [Step]
  let outputs: [Source]
  /// The results of each run.
  let outputBodies: [[TensorBody]]

  /// One run: a trace, what went in and what came out.
  struct Run {
    let trace: OperationTrace
    let inputs: [TensorBody]
    let outputs: [TensorBody]
  }

  /// Puts runs side by side; one for each of ``Extent/batches``.
  ///
  /// - Parameter states: the memory of parameters and buffers.
  /// - Throws: what differs between the runs.
  init(
    _ runs: [Run], states: [ObjectIdentifier: ObjectIdentifier], isExportable: @escaping (String) -> Bool
  ) throws(ONNXExportError) {
    let graphs = runs.map { RunGraph($0, states, isExportable) }
    let first = graphs[0]
    for (index, graph) in graphs.enumerated().dropFirst() {
      guard graph.live.count == first.live.count, zip(graph.live, first.live).allSatisfy({ $0.name == $1.name }) else {
        let place = zip(first.live, graph.live).first { $0.name != $1.name }
        throw ONNXExportError(problems: [
          "the forward pass takes another course for a batch of \(Extent.batches[index]) than for one of "
            + "\(Extent.batches[0])" + (place.map { ": \($0.1.name) instead of \($0.0.name)" } ?? "")
        ])
      }
    }
    var steps: [Step] = []
    for index in first.live.indices {
      let step = first.live[index]
      let all = graphs.map { $0.live[index] }
      var inputs: [Source] = []
      for place in step.inputs.indices {
        inputs.append(
          Self.joined(
            graphs.indices.map {
              graphs[$0].source(all[$0].inputs[min(place, all[$0].inputs.count - 1)], readBy: index)
            }))
      }
      var arguments: [String: Argument] = [:]
      for (name, argument) in step.arguments {
        let values = all.map { $0.arguments[name] }
        switch argument {
        case .flag(let flag): arguments[name] = .flag(flag)
        case .word(let word): arguments[name] = .word(word)
        case .number:
          arguments[name] = .number(values.map { if case .number(let value)? = $0 { value } else { .nan } })
        case .numbers(let list):
          let isSame = values.allSatisfy { if case .numbers(let other)? = $0 { other == list } else { false } }
          arguments[name] = .numbers(isSame ? list : nil)
        case .integers:
          arguments[name] = .integers(
            [Extent](runs: values.map { if case .integers(let value)? = $0 { value } else { [] } }))
        case .tensor:
          var sources: [RunGraph.Source] = []
          for (run, value) in values.enumerated() {
            if case .tensor(let body)? = value { sources.append(graphs[run].source(body, readBy: index)) }
          }
          if sources.count == values.count { arguments[name] = .tensor(Self.joined(sources)) }
        }
      }
      steps.append(
        Step(
          name: step.name, path: step.path, inputs: inputs, results: all.map { $0.result }, arguments: arguments,
          module: step.module))
    }
    self.steps = steps
    outputs = runs[0].outputs.indices.map { place in
      Self.joined(graphs.indices.map { graphs[$0].source(runs[$0].outputs[place], readBy: first.live.count) })
    }
    outputBodies = runs.map { $0.outputs }
  }

  /// The sources of one value in all runs as one.
  private static func joined(_ sources: [RunGraph.Source]) -> Source {
    var constants: [TensorBody] = []
    for source in sources {
      switch source {
      case .step(let index, _): return .step(index)
      case .input(let index, _): return .input(index)
      case .state(let name, _): return .state(name)
      case .constant(let body): constants.append(body)
      }
    }
    return .constant(constants)
  }
}

/// The steps of one run that its results need.
private struct RunGraph {
  enum Source {
    case step(Int, TensorBody)
    case input(Int, TensorBody)
    case state(ObjectIdentifier, TensorBody)
    case constant(TensorBody)
  }

  private let run: TracedForward.Run
  private let states: [ObjectIdentifier: ObjectIdentifier]
  private var inputs: [ObjectIdentifier: Int] = [:]
  /// For memory the indices of the steps that made it.
  private var makers: [ObjectIdentifier: [Int]] = [:]
  private let isExportable: (String) -> Bool
  private(set) var live: [OperationTrace.Step] = []
  private var places: [Int: Int] = [:]
  private var indices: [Int] = []

  init(
    _ run: TracedForward.Run, _ states: [ObjectIdentifier: ObjectIdentifier],
    _ isExportable: @escaping (String) -> Bool
  ) {
    (self.run, self.states, self.isExportable) = (run, states, isExportable)
    let (trace, steps) = (run.trace, run.trace.steps)
    for (index, input) in run.inputs.enumerated() { inputs[trace.identity(input)] = index }
    for (index, step) in steps.enumerated() { makers[trace.identity(step.result), default: []].append(index) }
    var needed = Set<Int>()
    var open = run.outputs.compactMap { maker(of: $0, before: steps.count) }
    while let index = open.popLast() {
      guard needed.insert(index).inserted else { continue }
      var bodies = steps[index].inputs
      for case .tensor(let body) in steps[index].arguments.values { bodies.append(body) }
      open += bodies.compactMap { maker(of: $0, before: index) }.filter { !needed.contains($0) }
    }
    for index in needed.sorted() {
      places[index] = live.count
      live.append(steps[index])
      indices.append(index)
    }
  }

  /// The step that made a value as a step sees it: of those that made it twice the last that can be exported, or the last of
  /// all.
  private func maker(of body: TensorBody, before index: Int) -> Int? {
    let memory = run.trace.identity(body)
    guard inputs[memory] == nil && states[memory] == nil else { return nil }
    let (steps, candidates) = (run.trace.steps, makers[memory]?.filter { $0 < index } ?? [])
    return candidates.last { steps[$0].module != nil || isExportable(steps[$0].name) } ?? candidates.last
  }

  /// - Parameter place: of the step that reads it among those alive; behind all of them where it is a result.
  func source(_ body: TensorBody, readBy place: Int) -> Source {
    let memory = run.trace.identity(body)
    if let index = inputs[memory] { return .input(index, body) }
    if let name = states[memory] { return .state(name, body) }
    let index = place < indices.count ? indices[place] : run.trace.steps.count
    if let maker = maker(of: body, before: index), let place = places[maker] { return .step(place, body) }
    return .constant(body)
  }
}
