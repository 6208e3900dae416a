import TernBackend
import TernTensor

/// Compares the gradients of a layer with finite differences, at an input and at every parameter that is not frozen.
///
/// Buffers and random generators are put back before every call of the layer and at the end, so that each call computes
/// the same function and the layer is left as it was. The mode is the one the layer is in.
///
/// - Parameters:
///   - layer: what is checked, with all below it.
///   - input: where; keep away from kinks.
///   - order: 1, or 2 for the second derivatives as well.
///   - step: of the differences, see ``checkGradients(at:order:step:of:file:line:)``.
public func checkGradients<L: Layer>(
  of layer: L, at input: Tensor<Double>, order: Int = 2, step: Double = 1e-3, file: StaticString = #fileID,
  line: UInt = #line
) -> GradientCheck where L.Scalar == Double {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  let tree = ModuleTree(layer)
  let parameters = tree.parameters.compactMap { entry in
    (entry.parameter as? Parameter<Double>).map { (name: entry.name, parameter: $0) }
  }.filter { !$0.parameter.isFrozen }
  let buffers = tree.buffers.map { (buffer: $0.buffer, body: $0.buffer.body) }
  let generators = tree.generators.map { (generator: $0, state: $0.state) }
  func putBack() {
    for (buffer, body) in buffers { buffer.body = body }
    for (generator, state) in generators { generator.state = state }
  }
  defer {
    putBack()
    for entry in parameters { entry.parameter.substitute = nil }
  }
  let points = [input.detached()] + parameters.map { $0.parameter.value.detached() }
  var result = checkGradients(at: points, order: order, step: step) { points in
    putBack()
    for (entry, point) in zip(parameters, points.dropFirst()) { entry.parameter.substitute = point }
    return layer(points[0])
  }
  for (index, entry) in parameters.enumerated().reversed() {
    result.worst = result.worst.map { $0.replacing("input \(index + 1),", with: "\(entry.name),") }
  }
  return result
}
