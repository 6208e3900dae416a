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
/// Values have the bits of the optimizer alone, for 1/P of its memory on each of P ranks: parameters are split by rows of the
/// first axis, so that all ranks have as much. It is for methods that change every element by itself, as SGD and Adam do, not
/// for those that look at whole parameters, as ``LAMB`` does. ``state`` is that of the optimizer alone: all ranks ask for it
/// at the same time, and any number of ranks goes on with it.
///
/// The gradients are to be the same on all ranks when ``Optimizer/step(file:line:)`` is called, as a ``Trainer`` and
/// ``DataParallel`` leave them.
public final class ShardedOptimizer: Optimizer, ParameterSource {
  /// The parameters that it changes, with their names, each once.
  public let namedParameters: [(name: String, parameter: any AnyParameter)]
  /// The optimizer of this rank's rows: parameters of the same names with fewer rows, maybe none.
  public let rows: any Optimizer
  private let communicator: any Communicator
  private let slices: [any ParameterRows]

  /// Creates the optimizer.
  ///
  /// - Parameters:
  ///   - model: a model, or a list of parameters; they are looked up once.
  ///   - communicator: the ranks; all create it.
  ///   - make: the optimizer of the given parameters, the same method on all ranks; groups choose by name or rank, as ever.
  /// - Throws: ``TrainingError`` for a method that looks at more than one element, or is none of the library's.
  public init(
    _ model: some ParameterSource, _ communicator: any Communicator,
    make: (ParameterSelection) throws -> any Optimizer, file: StaticString = #fileID, line: UInt = #line
  ) throws {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    namedParameters = model.namedParameters
    self.communicator = communicator
    let total = namedParameters.reduce(0) { $0 + $1.parameter.count }
    let tree = ShardTree(shards: communicator.count, ranks: communicator.count)
    let bounds = (0..<communicator.count).map { tree.samples(of: $0, count: total).upperBound }
    var offset = 0
    slices = namedParameters.map { entry in
      defer { offset += entry.parameter.count }
      return makeRows(entry.parameter, offset: offset, bounds, communicator.rank)
    }
    rows = try make(
      ParameterSelection(namedParameters: zip(namedParameters, slices).map { (name: $0.name, parameter: $1.anyPart) }))
    guard (rows as? any ElementwiseOptimizer)?.changesElements == true else {
      throw TrainingError(
        description: "\(type(of: rows)) cannot be sharded: only methods can that change every element by itself, "
          + "with moments in Float")
    }
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
