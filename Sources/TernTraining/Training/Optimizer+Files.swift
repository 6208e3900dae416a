import TernBackend
import TernData
import TernNN
import TernTensor

extension ParameterOptimizer {
  /// Restores what an optimizer of PyTorch's has learned, from the `state_dict()` of a `torch.optim.Adam`, `AdamW` or `SGD`
  /// in a file of `torch.save`: moments, steps, learning rates and momenta. The other hyperparameters stay those of the program.
  ///
  /// PyTorch numbers the parameters in the order of the model; the file's groups of parameters have to be this optimizer's,
  /// in their order. Everything is checked first: on an error nothing has changed.
  ///
  /// ```swift
  /// try model.load(from: "checkpoint.pth", at: "model")
  /// try optimizer.load(from: "checkpoint.pth", at: "optimizer", model: model)
  /// ```
  ///
  /// - Parameters:
  ///   - place: where in the file the optimizer's dictionary is; `nil` for its top.
  ///   - model: the model whose parameters it changes.
  /// - Throws: `DataError` for a file that is wrong or of another optimizer, `StateMismatch` for one that does not fit.
  public func load(from path: String, at place: String? = nil, model: some Module) throws {
    let file = try PyTorchFile(contentsOf: path)
    let source = place.map { "\(path): \"\(printable($0, limit: 100))\"" } ?? path
    guard let value = place.map({ file[$0] }) ?? file.value, let groupList = value["param_groups"]?.list,
      let states = value["state"]
    else {
      throw DataError(.mismatch, file: source, "is no optimizer's state", expected: "\"state\" and \"param_groups\"")
    }
    let moments: [(torch: String, tern: String)]
    switch self {
    case is Adam: moments = [("exp_avg", "mean"), ("exp_avg_sq", "square"), ("max_exp_avg_sq", "largest")]
    case is SGD: moments = [("momentum_buffer", "momentum")]
    default:
      throw DataError(
        .unsupported, file: source, "the state of PyTorch's \(type(of: self))", expected: "Adam, AdamW or SGD")
    }
    // PyTorch's order: that of the state dict, whatever the order of declaration is.
    let order = Dictionary(
      model.state.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
    let own = groups.filter { !$0.namedParameters.isEmpty }
    var scalars: [String: Double] = [:]
    var tensors: [StateEntry] = []
    let counts = groupList.map { $0["params"]?.list?.count ?? 0 }
    guard counts == own.map(\.namedParameters.count) else {
      throw DataError(
        .mismatch, file: source, "holds groups of \(counts) parameters",
        expected: "\(own.map(\.namedParameters.count)), those of the optimizer")
    }
    for group in groups {
      let prefix = group.name.isEmpty ? "" : "groups/\(group.name)/"
      // A group that has nothing stays as it is.
      scalars[prefix + "learning_rate"] = group.options.learningRate
      if let momenta, let index = groups.firstIndex(where: { $0.name == group.name }) {
        scalars[prefix + "momentum"] = momenta[index]
      }
    }
    for (settings, group) in zip(groupList, own) {
      let prefix = group.name.isEmpty ? "" : "groups/\(group.name)/"
      scalars[prefix + "learning_rate"] = settings["lr"]?.scalar
      scalars[prefix + "momentum"] = settings["betas.0"]?.scalar ?? settings["momentum"]?.scalar
      let parameters = group.namedParameters.sorted { order[$0.name, default: .max] < order[$1.name, default: .max] }
      for (id, entry) in zip(settings["params"]?.list ?? [], parameters) {
        guard let number = id.integer else {
          throw DataError(.mismatch, file: source, "a parameter has no number", expected: "whole numbers in \"params\"")
        }
        let state = states[String(number)]
        var hasMoments = false
        for (torch, tern) in moments {
          guard let tensor = state?[torch]?.tensor else { continue }
          let array = try tensor.array()
          let name = "\(entry.name)/\(tern)"
          tensors.append(
            entry.parameter.dtype == .float64
              ? StateEntry(name: name, try array.tensor(as: Double.self))
              : StateEntry(name: name, try array.tensor(as: Float.self)))
          hasMoments = true
        }
        // PyTorch's SGD counts no steps: only whether there was one matters.
        scalars["\(entry.name)/step"] = state?["step"]?.scalar ?? (hasMoments ? 1 : 0)
      }
    }
    try load(OptimizerState(tensors: tensors, scalars: scalars))
  }
}

extension PyTorchFile.Value {
  /// The number, or that of a tensor of one element.
  fileprivate var scalar: Double? {
    if let number { return number }
    guard let tensor, tensor.count == 1, let array = try? tensor.array() else { return nil }
    if let values = try? array.doubles() { return values[0] }
    return (try? array.ints()).map { Double($0[0]) }
  }
}
