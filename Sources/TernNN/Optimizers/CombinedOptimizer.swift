import TernBackend
import TernTensor

/// Several optimizers that step together, each over parameters of its own.
///
/// ```swift
/// let matrices = model.parameters { name, parameter in parameter.shape.count == 2 && name.hasPrefix("blocks.") }
/// let others = model.parameters { name, parameter in !(parameter.shape.count == 2 && name.hasPrefix("blocks.")) }
/// let optimizer = CombinedOptimizer([Muon(matrices), AdamW(others)])
/// ```
///
/// Its groups are those of all parts in their order.
public final class CombinedOptimizer: Optimizer, ParameterSource {
  /// The optimizers.
  public let parts: [any Optimizer]

  /// Creates an optimizer of several parts. Stops where there is none.
  ///
  /// - Parameter parts: the optimizers, in the order in which they step.
  public init(_ parts: [any Optimizer], file: StaticString = #fileID, line: UInt = #line) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    check(!parts.isEmpty, "CombinedOptimizer", "no optimizers")
    self.parts = parts
  }

  /// The parameters that its parts change, with their names.
  public var namedParameters: [(name: String, parameter: any AnyParameter)] {
    parts.flatMap { ($0 as? any ParameterSource)?.namedParameters ?? [] }
  }

  /// The rates of all groups.
  public var learningRates: [Double] {
    get { parts.flatMap(\.learningRates) }
    set {
      check(
        newValue.count == learningRates.count, "CombinedOptimizer",
        "\(newValue.count) values for \(learningRates.count) groups")
      var rest = newValue[...]
      for part in parts {
        let count = part.learningRates.count
        part.learningRates = Array(rest.prefix(count))
        rest = rest.dropFirst(count)
      }
    }
  }

  /// The momenta of all groups; `nil` where a part has none.
  public var momenta: [Double]? {
    get {
      let found = parts.compactMap(\.momenta)
      return found.count == parts.count ? found.flatMap { $0 } : nil
    }
    set {
      guard let newValue, let momenta else { return }
      check(
        newValue.count == momenta.count, "CombinedOptimizer", "\(newValue.count) values for \(momenta.count) groups")
      var rest = newValue[...]
      for part in parts {
        let count = part.learningRates.count
        part.momenta = Array(rest.prefix(count))
        rest = rest.dropFirst(count)
      }
    }
  }

  /// A step of every part.
  @_disfavoredOverload
  public func step() {
    for part in parts { part.step() }
  }

  /// Forgets the gradients of all parameters.
  public func zeroGradients() {
    for part in parts { part.zeroGradients() }
  }

  /// The states of all parts, their names with the part's number before them: `0/weight/momentum`.
  public var state: OptimizerState {
    var state = OptimizerState(tensors: [], scalars: [:])
    for (index, part) in parts.enumerated() {
      let own = part.state
      state.tensors += own.tensors.map { StateEntry(name: "\(index)/\($0.name)", body: $0.body) }
      for (name, number) in own.scalars { state.scalars["\(index)/\(name)"] = number }
    }
    return state
  }

  /// Restores the states of all parts; on an error nothing has changed.
  ///
  /// - Throws: ``StateMismatch`` with what does not fit the first part that refuses.
  public func load(_ state: OptimizerState) throws(StateMismatch) {
    var own = parts.map { _ in OptimizerState(tensors: [], scalars: [:]) }
    var mismatch = StateMismatch()
    func place(_ name: String) -> (index: Int, name: String)? {
      let chunks = name.split(separator: "/", maxSplits: 1)
      guard chunks.count == 2, let index = Int(chunks[0]), parts.indices.contains(index) else {
        mismatch.unexpected.append(name)
        return nil
      }
      return (index, String(chunks[1]))
    }
    for entry in state.tensors {
      if let (index, name) = place(entry.name) { own[index].tensors.append(StateEntry(name: name, body: entry.body)) }
    }
    for (key, number) in state.scalars {
      if let (index, name) = place(key) { own[index].scalars[name] = number }
    }
    if !mismatch.isEmpty { throw mismatch }
    let before = parts.map(\.state)
    for index in parts.indices {
      do {
        try parts[index].load(own[index])
      } catch {
        for earlier in 0..<index { try parts[earlier].load(before[earlier]) }
        throw error
      }
    }
  }
}
