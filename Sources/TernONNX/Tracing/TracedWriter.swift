import TernBackend
import TernData
import TernNN
import TernTensor

/// Writes the steps of a traced forward pass as nodes, in order.
struct TracedWriter {
  let graph: ONNXGraph
  let forward: TracedForward
  let inputs: [TracedValue]
  private var values: [TracedValue?]
  /// For each step whether it depends on an input, and whether on a parameter.
  private let origins: [(isMoving: Bool, hasState: Bool)]
  /// The constants that were written, by their memory in the first run.
  private var constants: [ObjectIdentifier: TracedValue] = [:]

  init(graph: ONNXGraph, forward: TracedForward, inputs: [TracedValue]) {
    (self.graph, self.forward, self.inputs) = (graph, forward, inputs)
    values = forward.steps.map { _ in nil }
    var origins: [(isMoving: Bool, hasState: Bool)] = []
    for step in forward.steps {
      var origin = (isMoving: step.module != nil, hasState: step.module != nil)
      var sources = step.inputs
      for case .tensor(let source) in step.arguments.values { sources.append(source) }
      for source in sources {
        switch source {
        case .input: origin.isMoving = true
        case .state: origin.hasState = true
        case .step(let index):
          origin.isMoving = origin.isMoving || origins[index].isMoving
          origin.hasState = origin.hasState || origins[index].hasState
        case .constant: break
        }
      }
      origins.append(origin)
    }
    self.origins = origins
  }

  /// Writes what the outputs need and gives their values.
  mutating func write() -> [TracedValue] {
    var needed = forward.steps.map { _ in false }
    // Operations on constants alone are done here; what only they need is left out.
    func need(_ source: TracedForward.Source) { if case .step(let index) = source { needed[index] = true } }
    for output in forward.outputs { need(output) }
    for index in forward.steps.indices.reversed() where needed[index] && !isFolded(index) {
      for source in forward.steps[index].inputs { need(source) }
      for case .tensor(let source) in forward.steps[index].arguments.values { need(source) }
    }
    for index in forward.steps.indices where needed[index] { values[index] = value(of: index) }
    return forward.outputs.indices.map { place in
      value(of: forward.outputs[place], shapes: forward.outputBodies.map { $0[place].layout.shape }, at: "the result")
    }
  }

  /// Whether a step's result is the same whatever the inputs and the batch are, and made of constants.
  private func isFolded(_ index: Int) -> Bool {
    if origins[index].isMoving || origins[index].hasState { return false }
    let results = forward.steps[index].results
    return isSame(results) || uniform(results) != nil
  }

  private mutating func value(of index: Int) -> TracedValue {
    let step = forward.steps[index]
    let shapes = step.results.map { $0.layout.shape }
    if isFolded(index) { return constant(step.results, at: place(step)) }
    let type = step.results[0].dtype
    guard let shape = [Extent](runs: shapes) else {
      graph.note("\(place(step)): its result's shape depends on the batch otherwise than in proportion, or on values")
      return TracedValue(name: "", type: type, shape: shapes[0].map { Extent($0) })
    }
    let inputs = step.inputs.map { value(of: $0, shapes: nil, at: place(step)) }
    if let module = step.module {
      let result = module.export(inputs[0].plain, into: graph)
      return TracedValue(name: result.name, type: type, shape: shape)
    }
    var arguments: [String: TracedOperation.Argument] = [:]
    for (name, argument) in step.arguments {
      switch argument {
      case .integers(let values): arguments[name] = .integers(values)
      case .number(let values): arguments[name] = .number(values)
      case .numbers(let values): arguments[name] = .numbers(values)
      case .flag(let flag): arguments[name] = .flag(flag)
      case .word(let word): arguments[name] = .word(word)
      case .tensor(let source): arguments[name] = .tensor(value(of: source, shapes: nil, at: place(step)))
      }
    }
    let operation = TracedOperation(
      graph: graph, name: step.name, inputs: inputs, type: type, shape: shape, arguments: arguments)
    do throws(Refusal) {
      guard let export = OperationExporters.exporter(step.name) else {
        throw Refusal("no exporter for this operation")
      }
      return TracedValue(name: try export(operation), type: type, shape: shape)
    } catch {
      // What is made of parameters alone is a constant, too.
      if !origins[index].isMoving, isSame(step.results) { return constant(step.results, at: place(step)) }
      graph.note("\(place(step)): \(error.reason)")
      return TracedValue(name: "", type: type, shape: shape)
    }
  }

  private func place(_ step: TracedForward.Step) -> String {
    step.path.isEmpty ? step.name : "\(step.path): \(step.name)"
  }

  private mutating func value(of source: TracedForward.Source, shapes: [[Int]]?, at place: String) -> TracedValue {
    switch source {
    case .step(let index):
      return values[index] ?? TracedValue(name: "", type: .float32, shape: [])
    case .input(let index): return inputs[index]
    case .state(let id): return graph.stateValue(id)
    case .constant(let bodies): return constant(bodies, at: place)
    }
  }

  /// A value that the program brought along.
  private mutating func constant(_ bodies: [TensorBody], at place: String) -> TracedValue {
    let key = ObjectIdentifier(bodies[0].memory)
    if let known = constants[key] { return known }
    let value = newConstant(bodies, at: place)
    constants[key] = value
    return value
  }

  private func newConstant(_ bodies: [TensorBody], at place: String) -> TracedValue {
    let type = bodies[0].dtype
    if let node = bodies[0].node {
      graph.note("\(place): it takes the result of \(node.name), which is not seen by the exporter")
    }
    if isSame(bodies) {
      let shape = bodies[0].layout.shape
      let name =
        shape.isEmpty
        ? graph.number(scalar(bodies[0]), type) : graph.constant(bodies[0], name: graph.fresh("constant"))
      return TracedValue(name: name, type: type, shape: shape.map { Extent($0) })
    }
    if let (slice, shape) = uniform(bodies) {
      let part = graph.constant(slice, name: graph.fresh("constant"))
      let name = graph.fresh("expand")
      graph.add("Expand", [part, graph.sizes(shape)], [name])
      return TracedValue(name: name, type: type, shape: shape)
    }
    if let value = range(bodies) { return value }
    if bodies.allSatisfy({ $0.layout.shape.isEmpty }),
      let name = try? graph.number(ofBatches: bodies.map(scalar), type)
    {
      return TracedValue(name: name, type: type, shape: [])
    }
    graph.note(
      "\(place): it takes a constant that depends on the batch, or on values that an operation without an exporter made"
    )
    return TracedValue(name: "", type: type, shape: bodies[0].layout.shape.map { Extent($0) })
  }

  /// The number of a body without axes.
  private func scalar(_ body: TensorBody) -> Double { numbers(body)[0] }

  private func numbers(_ body: TensorBody) -> [Double] {
    switch body.dtype {
    case .float32: Tensor<Float>(body: body.detached).scalars.map(Double.init)
    case .float64: Tensor<Double>(body: body.detached).scalars
    case .int32: Tensor<Int32>(body: body.detached).scalars.map(Double.init)
    case .int64: Tensor<Int>(body: body.detached).scalars.map(Double.init)
    case .uint8: Tensor<UInt8>(body: body.detached).scalars.map(Double.init)
    case .bool: Tensor<Bool>(body: body.detached).scalars.map { $0 ? 1 : 0 }
    case .bfloat16: Tensor<BFloat16>(body: body.detached).cast(to: Double.self).scalars
    }
  }

  private func bytes(_ body: TensorBody) -> ArraySlice<UInt8> {
    switch body.dtype {
    case .float32: StoredArray(Tensor<Float>(body: body.detached)).bytes
    case .float64: StoredArray(Tensor<Double>(body: body.detached)).bytes
    case .int32: StoredArray(Tensor<Int32>(body: body.detached)).bytes
    case .int64: StoredArray(Tensor<Int>(body: body.detached)).bytes
    case .uint8: StoredArray(Tensor<UInt8>(body: body.detached)).bytes
    case .bool: StoredArray(Tensor<Bool>(body: body.detached)).bytes
    case .bfloat16: StoredArray(Tensor<BFloat16>(body: body.detached)).bytes
    }
  }

  /// Whether the runs have one value.
  private func isSame(_ bodies: [TensorBody]) -> Bool {
    guard bodies.allSatisfy({ $0.layout.shape == bodies[0].layout.shape }) else { return false }
    if bodies.allSatisfy({ $0.memory === bodies[0].memory }) { return true }
    let first = bytes(bodies[0])
    return bodies.dropFirst().allSatisfy { bytes($0).elementsEqual(first) }
  }

  /// What repeats along the axes that depend on the batch: the part that is repeated, with the extent one there.
  private func uniform(_ bodies: [TensorBody]) -> (slice: TensorBody, shape: [Extent])? {
    guard let shape = [Extent](runs: bodies.map { $0.layout.shape }), shape.fixed == nil else { return nil }
    let slices = bodies.map { body in
      let layout = body.layout
      return body.view(
        Layout(zip(layout.shape, shape).map { $1.isFixed ? $0 : 1 }, strides: layout.strides), offset: 0)
    }
    guard isSame(slices) else { return nil }
    for (body, slice) in zip(bodies, slices) {
      let strides = zip(slice.layout.strides, shape).map { $1.isFixed ? $0 : 0 }
      let spread = slice.view(Layout(body.layout.shape, strides: strides))
      guard bytes(body).elementsEqual(bytes(spread)) else { return nil }
    }
    return (slices[0], shape)
  }

  /// The whole numbers from one that stays up to one that depends on the batch, with a step.
  private func range(_ bodies: [TensorBody]) -> TracedValue? {
    guard let shape = [Extent](runs: bodies.map { $0.layout.shape }), shape.count == 1, !shape[0].isFixed else {
      return nil
    }
    let lists = bodies.map(numbers)
    guard let longest = lists.last, longest.count > 1 else { return nil }
    let (start, step) = (longest[0], longest[1] - longest[0])
    guard lists.allSatisfy({ list in list.indices.allSatisfy { list[$0] == start + Double($0) * step } }) else {
      return nil
    }
    let count = graph.fresh("reshape")
    graph.add("Reshape", [graph.sizes(shape), graph.integers([]).name], [count])
    let places = graph.fresh("range")
    graph.add("Range", [graph.number(0, .int64), count, graph.number(1, .int64)], [places])
    var name = graph.cast(places, .int64, to: bodies[0].dtype)
    for (operation, value) in [("Mul", step), ("Add", start)] where value != (operation == "Mul" ? 1 : 0) {
      let result = graph.fresh(operation.lowercased())
      graph.add(operation, [name, graph.number(value, bodies[0].dtype)], [result])
      name = result
    }
    return TracedValue(name: name, type: bodies[0].dtype, shape: shape)
  }
}
