import TernBackend
import TernTensor

extension Module {
  /// Calls `body` with tensors in place of some parameters, and values in place of some buffers, as `torch.func.functional_call`.
  ///
  /// ```swift
  /// let loss = model.withParameters(["0.weight": w]) { crossEntropy($0(x), y) }
  /// let gradient = gradients(of: loss, at: [w])
  /// ```
  ///
  /// Gradients flow to the tensors, not to the parameters. Everything is put back afterwards, also when `body` throws. What
  /// others see of the module in between is the same: one call at a time.
  ///
  /// - Parameters:
  ///   - parameters: tensors by the parameters' names; of a parameter with several names one of them.
  ///   - buffers: values by the buffers' names; what the call writes to them is left out afterwards.
  ///   - strict: whether every parameter and buffer has to be given.
  ///   - body: what is done with the module.
  /// - Returns: what `body` returns.
  public func withParameters<Scalar: FloatingScalar, Result>(
    _ parameters: [String: Tensor<Scalar>], buffers: [StateEntry] = [], strict: Bool = false,
    _ body: (Self) throws -> Result, file: StaticString = #fileID, line: UInt = #line
  ) rethrows -> Result {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    let tree = ModuleTree(self)
    let tied = tree.tiedNames
    var known: [String: Parameter<Scalar>] = [:]
    for (name, parameter) in tree.parameters {
      guard let parameter = parameter as? Parameter<Scalar> else { continue }
      for name in [name] + tied[name, default: []] { known[name] = parameter }
    }
    var chosen: [(parameter: Parameter<Scalar>, tensor: Tensor<Scalar>)] = []
    var names: [ObjectIdentifier: String] = [:]
    for (name, tensor) in parameters.sorted(by: { $0.key < $1.key }) {
      guard let parameter = known[name] else {
        fail("withParameters", "there is no parameter \(name) of \(Scalar.dtype)\(tree.explanation(of: name))")
      }
      check(
        tensor.shape == parameter.shape, "withParameters",
        "\(name) is a tensor of shape \(tensor.shape) for a parameter of shape \(parameter.shape)")
      if let first = names.updateValue(name, forKey: ObjectIdentifier(parameter)) {
        fail("withParameters", "\(first) and \(name) are the same parameter, expected one of them")
      }
      chosen.append((parameter, tensor))
    }
    let places = Dictionary(tree.buffers.map { ($0.name, $0.buffer) }, uniquingKeysWith: { a, _ in a })
    var given: [(buffer: any AnyBuffer, body: TensorBody)] = []
    for entry in buffers {
      guard let buffer = places[entry.name] else { fail("withParameters", "there is no buffer \(entry.name)") }
      check(
        entry.shape == buffer.shape && entry.dtype == buffer.dtype, "withParameters",
        "\(entry.name) is \(entry.shape) of \(entry.dtype) for a buffer \(buffer.shape) of \(buffer.dtype)")
      given.append((buffer, entry.body))
    }
    if strict {
      let missing =
        tree.parameters.filter { names[ObjectIdentifier($0.parameter)] == nil }.map { $0.name }
        + tree.buffers.map { $0.name }.filter { name in !buffers.contains { $0.name == name } }
      check(missing.isEmpty, "withParameters", "missing: \(printable(missing))")
    }
    let before = (chosen.map { $0.parameter.substitute }, given.map { $0.buffer.body })
    defer {
      for (entry, substitute) in zip(chosen, before.0) { entry.parameter.substitute = substitute }
      for (entry, body) in zip(given, before.1) { entry.buffer.body = body }
    }
    for entry in chosen { entry.parameter.substitute = entry.tensor }
    for entry in given { entry.buffer.body = entry.body }
    return try body(self)
  }
}

extension ModuleTree {
  /// For a message: what the parameter of a name is computed from; nothing where it is not parametrized.
  fileprivate func explanation(of name: String) -> String {
    func originals(_ parameter: some AnyParameter) -> [ObjectIdentifier] {
      parameter.typed.originals.map { ObjectIdentifier($0) }
    }
    guard let entry = computed.first(where: { $0.name == name }) else { return "" }
    let sources = originals(entry.parameter)
    let names = (parameters + computed).filter { sources.contains(ObjectIdentifier($0.parameter)) }.map { $0.name }
    return ": it is computed from \(names.joined(separator: " and "))"
  }
}

/// The layer's result for an input with tensors in place of some of its parameters, as `torch.func.functional_call`.
///
/// Gradients flow to the tensors; see ``Module/withParameters(_:buffers:strict:_:file:line:)``.
///
/// - Parameters:
///   - layer: what is called.
///   - parameters: tensors by the parameters' names.
///   - input: the layer's input.
///   - buffers: values by the buffers' names; what the call writes to them is left out afterwards.
///   - strict: whether every parameter and buffer has to be given.
public func functionalCall<L: Layer>(
  _ layer: L, _ parameters: [String: Tensor<L.Scalar>], _ input: Tensor<L.Scalar>, buffers: [StateEntry] = [],
  strict: Bool = false, file: StaticString = #fileID, line: UInt = #line
) -> Tensor<L.Scalar> {
  layer.withParameters(
    parameters, buffers: buffers, strict: strict, { $0(input, file: file, line: line) }, file: file, line: line)
}
