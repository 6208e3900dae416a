import TernBackend
import TernNN
import TernTensor

/// What ran in one forward pass, in order, with all values kept, so that nothing is written over.
final class OperationTrace: OperationObserver, @unchecked Sendable {
  /// An operation, or a module that is exported as a whole.
  struct Step {
    let name: String
    let inputs: [TensorBody]
    let result: TensorBody
    let arguments: [String: OperationArgument]
    /// The path of the layer that ran it.
    let path: String
    /// The module, where it says itself how it is exported.
    let module: (any ONNXExportable)?
  }

  let notes = OperationArguments.Notes()
  private(set) var steps: [Step] = []
  private let paths: [ObjectIdentifier: String]
  private let isExportable: (String) -> Bool
  private var kept: [TensorBody] = []
  /// Memory that has the same elements as other memory.
  private var aliases: [ObjectIdentifier: TensorMemory] = [:]
  /// The outermost running module that is exported as a whole, with the number of steps before it.
  private var whole: (module: AnyObject, count: Int, input: TensorBody)?

  /// - Parameter isExportable: whether an operation of this name has an exporter.
  init(paths: [ObjectIdentifier: String], isExportable: @escaping (String) -> Bool) {
    (self.paths, self.isExportable) = (paths, isExportable)
  }

  /// Runs a forward pass and writes it down.
  func record<Result>(_ forward: () -> Result) -> Result {
    OperationObservers.with(self) { OperationArguments.collect(in: notes, forward) }
  }

  /// What stands for a value: the memory that it was copied from, where it is a copy.
  func identity(_ body: TensorBody) -> ObjectIdentifier {
    var memory = body.memory
    while let source = aliases[ObjectIdentifier(memory)] { memory = source }
    return ObjectIdentifier(memory)
  }

  func operationEnded(_ event: borrowing OperationEvent) {
    let name = "\(event.name)"
    let arguments = notes.take(name)
    kept.append(event.result)
    if event.derivativeOf != nil || event.isRepetition { return }
    if event.inputs.count == 1, event.inputs[0].dtype == event.result.dtype {
      if event.inputs[0].memory === event.result.memory { return }
      if name == "copy" {
        aliases[ObjectIdentifier(event.result.memory)] = event.inputs[0].memory
        kept.append(event.inputs[0])
        return
      }
    }
    // A copy that an operation wrote into is its result.
    aliases[ObjectIdentifier(event.result.memory)] = nil
    if event.isComposite && !isExportable(name) { return }
    steps.append(
      Step(
        name: name, inputs: event.inputs, result: event.result, arguments: arguments, path: path(event.layers),
        module: nil))
  }

  func layerEntered(_ layer: AnyObject, input: TensorBody) {
    if whole == nil, layer is any ONNXExportable { whole = (layer, steps.count, input) }
  }

  func layerLeft(_ layer: AnyObject, output: TensorBody) {
    guard let whole, whole.module === layer, let module = layer as? any ONNXExportable else { return }
    for step in steps[whole.count...] { kept += step.inputs + [step.result] }
    steps.removeSubrange(whole.count...)
    steps.append(
      Step(
        name: "module", inputs: [whole.input], result: output, arguments: [:],
        path: paths[ObjectIdentifier(layer)] ?? "",
        module: module))
    self.whole = nil
  }

  private func path(_ layers: [AnyObject]) -> String {
    layers.lazy.reversed().compactMap { self.paths[ObjectIdentifier($0)] }.first ?? ""
  }
}
