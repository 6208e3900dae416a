import TernBackend
import TernDistributed
import TernNN
import TernTensor

/// An optimizer whose moments are shared out: each rank keeps those of some rows of the parameters, changes these rows, and
/// gives them to the other ranks.
///
/// ```swift
/// let optimizer = try ShardedOptimizer(model, communicator) { AdamW($0, learningRate: 1e-3, weightDecay: 0.01) }
/// ```
///
/// Values have the bits of the optimizer alone, for about 1/P of its memory on each of P ranks. Of methods that change every
/// element by itself, as SGD and Adam do, and of ``SparseAdam`` parameters are split by rows of the first axis, so that all
/// ranks have as much. Of methods that look at whole parameters, as ``LAMB``, ``Muon`` and ``Adafactor``, of moments in bfloat16
/// and of a ``CombinedOptimizer`` every parameter is on one rank, the larger ones first on the rank that has least. ``state`` is
/// that of the optimizer alone: all ranks ask for it at the same time, and any number of ranks goes on with it. ``LBFGS``, which
/// looks at all parameters at once, cannot be sharded.
///
/// The gradients are to be the same on all ranks when ``Optimizer/step(file:line:)`` is called, as a ``Trainer`` and
/// ``DataParallel`` leave them.
public final class ShardedOptimizer: Optimizer, ParameterSource {
  /// The parameters that it changes, with their names, each once.
  public let namedParameters: [(name: String, parameter: any AnyParameter)]
  /// The optimizer of this rank's rows: parameters of the same names with fewer rows, maybe none.
  public let rows: any Optimizer
  let communicator: any Communicator
  let slices: [any ParameterRows]
  /// Of each parameter the rank that has all of it; `nil` where all have rows.
  private let owners: [Int]?

  /// Creates the optimizer.
  ///
  /// - Parameters:
  ///   - model: a model, or a list of parameters; they are looked up once.
  ///   - communicator: the ranks; all create it.
  ///   - make: the optimizer of the given parameters, the same method on all ranks; groups choose by name or rank, as ever. It is
  ///     called a second time, with other parameters, where the first optimizer looks at whole ones.
  /// - Throws: ``TrainingError`` for a method that looks at several parameters at once, or is none of the library's.
  public init(
    _ model: some ParameterSource, _ communicator: any Communicator,
    make: (ParameterSelection) throws -> any Optimizer, file: StaticString = #fileID, line: UInt = #line
  ) throws {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    let named = model.namedParameters
    (namedParameters, self.communicator) = (named, communicator)
    func optimizer(_ slices: [any ParameterRows]) throws -> any Optimizer {
      try make(ParameterSelection(namedParameters: zip(named, slices).map { (name: $0.name, parameter: $1.anyPart) }))
    }
    let slices = Self.rows(of: named, communicator)
    let rows = try optimizer(slices)
    switch Self.grain(of: rows) {
    case .rows: (self.slices, self.rows, owners) = (slices, rows, nil)
    case .parameters:
      let owners = Self.owners(of: named, communicator.count)
      self.slices = named.indices.map { index in
        let parameter: any AnyParameter = named[index].parameter
        return makeRows(parameter, owner: owners[index], communicator.rank, of: communicator.count)
      }
      self.rows = try optimizer(self.slices)
      self.owners = owners
    case .all:
      throw TrainingError(
        description:
          "\(type(of: rows)) cannot be sharded: only the library's methods can that change every parameter by "
          + "itself")
    }
  }

  /// What a method has to see at once.
  private static func grain(of optimizer: any Optimizer) -> UpdateGrain {
    if let combined = optimizer as? CombinedOptimizer {
      return combined.parts.contains { grain(of: $0) == .all } ? .all : .parameters
    }
    return (optimizer as? any GrainedOptimizer)?.grain ?? .all
  }

  /// Rows of every parameter, of which all ranks have as many values.
  private static func rows(
    of named: [(name: String, parameter: any AnyParameter)], _ communicator: any Communicator
  ) -> [any ParameterRows] {
    let total = named.reduce(0) { $0 + $1.parameter.count }
    let tree = ShardTree(shards: communicator.count, ranks: communicator.count)
    let bounds = (0..<communicator.count).map { tree.samples(of: $0, count: total).upperBound }
    var offset = 0
    return named.map { entry in
      defer { offset += entry.parameter.count }
      return makeRows(entry.parameter, offset: offset, bounds, communicator.rank)
    }
  }

  /// The owner of every parameter: the larger first, each for the rank that has least.
  static func owners(of named: [(name: String, parameter: any AnyParameter)], _ ranks: Int) -> [Int] {
    let counts = named.map(\.parameter.count)
    var (owners, loads) = (counts.map { _ in 0 }, [Int](repeating: 0, count: ranks))
    for index in counts.indices.sorted(by: { (-counts[$0], $0) < (-counts[$1], $1) }) {
      let least = loads.indices.min { loads[$0] < loads[$1] } ?? 0
      owners[index] = least
      loads[least] += counts[index]
    }
    return owners
  }

  /// The length of a step, of every group of parameters.
  public var learningRates: [Double] {
    get { rows.learningRates }
    set { rows.learningRates = newValue }
  }

  /// The momentum of every group; `nil` where the method has none.
  public var momenta: [Double]? {
    get { rows.momenta }
    set { rows.momenta = newValue }
  }

  /// Forgets the gradients of all parameters.
  public func zeroGradients() {
    for entry in namedParameters { entry.parameter.zeroGradient() }
  }

  /// Changes every parameter that has a gradient and is not frozen. All ranks call it; where one cannot be reached, the next
  /// function that can throw does.
  @_disfavoredOverload
  public func step() {
    let moving = slices.filter { $0.isMoving }
    for slice in slices { slice.load() }
    let change: () -> Void = rows.step
    change()
    for slice in slices { slice.forgetGradient() }
    if moving.isEmpty { return }
    share(moving.compactMap { $0 as? RowsOfParameter<Float> })
    share(moving.compactMap { $0 as? RowsOfParameter<Double> })
  }

  /// Gives all ranks the rows that each has changed.
  private func share<Scalar: FloatingScalar & CommunicableNumber>(_ moving: [RowsOfParameter<Scalar>]) {
    if moving.isEmpty { return }
    let own = moving.flatMap { $0.part.value(as: Scalar.self).scalars }
    guard let all = try? communicator.allGather(own, name: "the rows of parameters") else { return }
    var places = all.map { _ in 0 }
    for slice in moving {
      slice.store { rank, count in
        defer { places[rank] += count }
        return all[rank][places[rank]..<places[rank] + count]
      }
    }
  }

  /// The state of the optimizer of all rows, gathered one moment at a time; all ranks ask for it.
  ///
  /// Where a rank cannot be reached it is this rank's part, and the next function that can throw does.
  public var state: OptimizerState {
    if let owners { return gathered(owners) }
    var state = rows.state
    let known = Dictionary(
      zip(namedParameters, slices).map { ($0.name, $1) }, uniquingKeysWith: { first, _ in first })
    state.tensors = state.tensors.map { entry in
      guard let slice = known[Self.parameter(of: entry.name)] else { return entry }
      return switch entry.dtype {
      case .float32: gathered(entry, slice, Float.self)
      case .float64: gathered(entry, slice, Double.self)
      default: entry
      }
    }
    return state
  }

  /// The parameter's name in that of a moment: `features.0.weight` of `features.0.weight/momentum`.
  private static func parameter(of moment: String) -> String {
    moment.lastIndex(of: "/").map { String(moment[..<$0]) } ?? moment
  }

  private func gathered<Scalar: FloatingScalar & CommunicableNumber>(
    _ entry: StateEntry, _ slice: any ParameterRows, _: Scalar.Type
  ) -> StateEntry {
    guard let own = entry.tensor(Scalar.self),
      let all = try? communicator.allGather(own.scalars, name: entry.name)
    else { return entry }
    return StateEntry(name: entry.name, Tensor(all.flatMap { $0 }, shape: slice.wholeShape))
  }

  /// Restores a state, that of the optimizer of all rows; everything is checked first.
  ///
  /// - Throws: `StateMismatch` with all that does not fit.
  public func load(_ state: OptimizerState) throws(StateMismatch) {
    if owners != nil { return try rows.load(own(of: state)) }
    let known = Dictionary(
      zip(namedParameters, slices).map { ($0.name, $1) }, uniquingKeysWith: { first, _ in first })
    var own = state
    var mismatched: [String] = []
    own.tensors = state.tensors.map { entry in
      guard let slice = known[Self.parameter(of: entry.name)] else { return entry }
      if entry.shape != slice.wholeShape {
        mismatched.append("\(entry.name) \(entry.shape) for \(slice.wholeShape)")
        return entry
      }
      return slice.narrowed(entry)
    }
    if !mismatched.isEmpty { throw StateMismatch(mismatched: mismatched) }
    try rows.load(own)
  }
}
