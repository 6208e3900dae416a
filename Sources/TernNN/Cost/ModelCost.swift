import Synchronization
import TernBackend
import TernTensor

/// What a pass through a model costs in evaluation: parameters and operations, layer by layer.
public struct ModelCost: Sendable, CustomStringConvertible {
  /// A call of a layer.
  public struct Row: Sendable, Hashable {
    /// The layer's path from the model.
    public let path: String
    /// What kind of layer it is: `Conv2D`.
    public let kind: String
    /// The shape of its first input.
    public let input: [Int]
    /// The shape of its result.
    public let output: [Int]
    /// Parameters of its own; none from its second call on.
    public let parameters: Int
    /// What the call takes without the layers below it.
    public let operations: OperationCount
  }

  /// The calls that take operations or hold parameters, in the order in which they end.
  public let rows: [Row]
  /// The parameters of the whole model, frozen ones and those of layers that did not run included.
  public let parameters: Int
  /// The paths of layers that ran and do work that nothing counts: the totals lack it.
  public let uncounted: [String]

  /// All calls together.
  public var operations: OperationCount { rows.reduce(OperationCount()) { $0 + $1.operations } }
  /// Multiply–adds of all calls, each once.
  public var multiplyAdds: Int { operations.multiplyAdds }
  /// Operations of all calls, with a multiply–add as two.
  public var flops: Int { operations.flops }

  /// A table of the calls with the totals below.
  public var description: String {
    let header = ["layer", "kind", "output", "parameters", "multiply–adds", "flops"]
    let total = ["total", "", "", "\(parameters)", "\(multiplyAdds)", "\(flops)"]
    let lines =
      [header]
      + rows.map {
        [
          $0.path, $0.kind, "\($0.output)", "\($0.parameters)", "\($0.operations.multiplyAdds)",
          "\($0.operations.flops)",
        ]
      } + [total]
    let widths = header.indices.map { column in lines.map { $0[column].count }.max() ?? 0 }
    var text = lines.map { line in
      line.indices.map { column in
        let gap = String(repeating: " ", count: widths[column] - line[column].count)
        return column < 3 ? line[column] + gap : gap + line[column]
      }.joined(separator: "  ")
    }
    if !uncounted.isEmpty { text.append("not counted: " + uncounted.joined(separator: ", ")) }
    return text.joined(separator: "\n")
  }
}

/// What a pass of inputs of `shape`, the batch included, through `model` in evaluation costs.
///
/// The model runs once on zeros, records nothing and is put back to the mode it was in. How each kind of layer counts
/// is told at ``OperationCounting``; layers that ran and cannot be counted are named in ``ModelCost/uncounted``.
///
/// ```swift
/// let cost = cost(of: model, input: [1, 3, 32, 32])
/// print(cost)
/// ```
public func cost<Model: Layer>(of model: Model, input shape: [Int], file: StaticString = #fileID, line: UInt = #line)
  -> ModelCost
{
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  return cost(of: model) { _ = model(Tensor<Model.Scalar>(zeros: shape)) }
}

/// What the layers of `model` that run in `body`, on this thread or another, cost in evaluation.
///
/// For models that take more than one input, or none of numbers; nothing is recorded.
public func cost(of model: some Module, while body: () -> Void, file: StaticString = #fileID, line: UInt = #line)
  -> ModelCost
{
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  let tree = ModuleTree(model)
  let calls = CallLog()
  let observer = LayerObservers.Observer(modules: Set(tree.modules.map { ObjectIdentifier($0.module) })) {
    id, input, output in
    calls.add(id, input.layout.shape, output.layout.shape)
  }
  let id = LayerObservers.add(observer)
  withoutGradients { model.with(.evaluation, body) }
  LayerObservers.remove(id)
  return ModelCost(tree, calls.all)
}

/// All operations that a pass of inputs of `shape`, the batch included, through `model` takes, with a multiply–add as
/// two; see ``cost(of:input:file:line:)``.
public func flops<Model: Layer>(of model: Model, input shape: [Int], file: StaticString = #fileID, line: UInt = #line)
  -> Int
{
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  return cost(of: model, input: shape).flops
}

extension ModelCost {
  fileprivate init(_ tree: ModuleTree, _ calls: [CallLog.Call]) {
    var own = [Int](repeating: 0, count: tree.modules.count)
    for (entry, owner) in zip(tree.parameters, tree.parameterOwners) { own[owner] += entry.parameter.count }
    var positions: [ObjectIdentifier: Int] = [:]
    for (position, entry) in tree.modules.enumerated() { positions[ObjectIdentifier(entry.module)] = position }
    var (rows, unknown): ([Row], [String]) = ([], [])
    var seen: Set<Int> = []
    for call in calls {
      guard let position = positions[call.module] else { continue }
      let (path, module) = tree.modules[position]
      let isFirst = seen.insert(position).inserted
      let known = (module as? any OperationCounting)?.operations(input: call.input, output: call.output)
      // What only calls others is one with them; what has none below it, or parameters of its own, works itself.
      let works = own[position] > 0 || !tree.parents.dropFirst().contains(position)
      if known == nil, works, isFirst { unknown.append(path) }
      let parameters = isFirst ? own[position] : 0
      let operations = known ?? OperationCount()
      if parameters == 0 && operations.flops == 0 { continue }
      rows.append(
        Row(
          path: path, kind: "\(type(of: module))".prefix { $0 != "<" }.description, input: call.input,
          output: call.output, parameters: parameters, operations: operations))
    }
    self.init(rows: rows, parameters: tree.parameters.reduce(0) { $0 + $1.parameter.count }, uncounted: unknown)
  }
}

/// The calls of layers, from any thread.
private final class CallLog: Sendable {
  struct Call: Sendable {
    let module: ObjectIdentifier
    let input: [Int]
    let output: [Int]
  }

  private let calls = Mutex<[Call]>([])

  func add(_ module: ObjectIdentifier, _ input: [Int], _ output: [Int]) {
    calls.withLock { $0.append(Call(module: module, input: input, output: output)) }
  }

  var all: [Call] { calls.withLock { $0 } }
}
