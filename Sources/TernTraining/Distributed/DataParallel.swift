import TernBackend
import TernDistributed
import TernNN
import TernTensor

/// Trains one model on all ranks, in a loop of one's own: each step's samples are split into shards, ranks compute some of them
/// each, and all ranks get the gradients of all.
///
/// ```swift
/// let parallel = try DataParallel(model, communicator, shards: 8, seed: 1)
/// for indices in order {  // the samples of a step, the same on all ranks
///   let total = try parallel.backward { shard in
///     let batch = data.batch(Array(indices[parallel.samples(of: shard, count: indices.count)]))
///     return StepLoss.crossEntropy(model(batch.inputs), batch.labels)
///   }
///   optimizer.step()
///   if communicator.isRoot { print(total.loss.mean) }
/// }
/// ```
///
/// The bits do not depend on the number of ranks where that is a power of two which divides the number of shards, one rank
/// included: shards are always the same, their gradients are added along one binary tree, and the random numbers of layers
/// depend on seed, step and shard. Running statistics move by those of each shard in turn, or once where they are
/// synchronized, see ``Module/synchronizeStatistics(over:file:line:)``. A ``Trainer`` does all of this by itself.
public final class DataParallel<Model: Module> {
  /// What is trained.
  public let model: Model
  /// The ranks.
  public let communicator: any Communicator
  /// How many shards a step has.
  public var shards: Int { engine.tree.shards }
  /// The shards that this rank computes.
  public var ownShards: Range<Int> { engine.own }
  /// What the random numbers of layers depend on.
  public let seed: UInt64
  /// The steps that were made, which random numbers depend on; set it to go on where a training stopped.
  public var step = 0
  let engine: ShardedStep
  /// Whether gradients are sent while others are computed.
  package var overlapsReduction: Bool {
    get { engine.overlapsReduction }
    set { engine.overlapsReduction = newValue }
  }

  /// Checks that all ranks have the same model, and gives them the values of rank 0.
  ///
  /// - Parameters:
  ///   - model: what is trained.
  ///   - communicator: the ranks; ``SoleProcess`` for a single one.
  ///   - shards: how many shards a step has, at least as many as there are ranks; one for each where it is `nil`.
  ///   - seed: of the layers' random numbers.
  /// - Throws: ``TrainingError`` where a rank has another model, seed or number of shards, or there are fewer shards than
  ///   ranks; `CommunicationError`.
  public init(
    _ model: Model, _ communicator: any Communicator, shards: Int? = nil, seed: UInt64 = 0,
    file: StaticString = #fileID, line: UInt = #line
  ) throws {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    (self.model, self.communicator, self.seed) = (model, communicator, seed)
    let count = shards ?? communicator.count
    check(count >= 1, "DataParallel", "\(count) shards (at least 1)")
    engine = ShardedStep(model, communicator, shards: Swift.max(count, communicator.count))
    try engine.checkStart([("shards", "\(count)"), ("seed", "\(seed)")])
    if count < communicator.count {
      throw TrainingError(
        description: "\(count) shards a step for \(communicator.count) ranks: at least one for each is needed")
    }
    try engine.shareValues()
  }

  /// The samples of a shard among those of a step, counted from 0: contiguous, and one more or less than those of others.
  public func samples(of shard: Int, count: Int, file: StaticString = #fileID, line: UInt = #line) -> Range<Int> {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    check(0..<shards ~= shard && count >= 0, "DataParallel", "shard \(shard) of \(shards), \(count) samples")
    return engine.tree.samples(of: shard, count: count)
  }

  /// Leaves in the parameters the gradients of Σ sum / Σ count over all shards of a step, in place of those they had, and
  /// moves the running statistics; returns the losses, the same on all ranks.
  ///
  /// All ranks call it. Synchronized layers make the shards of a rank take turns: one at a time runs.
  ///
  /// - Parameter loss: of one of ``ownShards``; `nil` for an empty share.
  /// - Throws: what `loss` throws, and `CommunicationError` on the other ranks then.
  @discardableResult
  public func backward(
    _ loss: (_ shard: Int) throws -> StepLoss?, file: StaticString = #fileID, line: UInt = #line
  ) throws -> LossTotal {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    step += 1
    return try engine.gradients(
      model.namedParameters, ShardedStep.Key(seed: seed, step: step), ownShards.map { [$0] }, refusesNonFinite: false,
      loss: loss
    ).total
  }

  /// Compares the parameters of all ranks.
  ///
  /// - Throws: ``TrainingError`` that names the first rank and parameter that is not that of rank 0, the same on all ranks.
  public func checkDrift() throws { try engine.checkDrift() }
}

extension ShardedStep {
  /// Compares the model and some settings over ranks.
  func checkStart(_ settings: [(name: String, value: String)]) throws {
    var entries = settings
    for (name, parameter) in model.namedParameters {
      entries.append(("parameter " + name, "\(parameter.shape) of \(parameter.dtype)"))
    }
    for (name, buffer) in model.namedBuffers {
      entries.append(("buffer " + name, "\(buffer.shape) of \(buffer.dtype)"))
    }
    entries.append(("synchronized statistics", "\(model.hasSynchronizedStatistics)"))
    try communicator.requireSameTraining(entries)
  }

  /// Gives all ranks the parameters and buffers of rank 0.
  func shareValues() throws {
    if communicator.count == 1 { return }
    for (name, parameter) in model.namedParameters {
      parameter.body = try communicator.broadcast(parameter.body, name: name)
    }
    for (name, buffer) in model.namedBuffers { buffer.body = try communicator.broadcast(buffer.body, name: name) }
  }

  /// Compares the values of all parameters and buffers over ranks.
  func checkDrift() throws {
    if communicator.count == 1 { return }
    let entries = model.state.map { entry -> (name: String, value: String) in
      var hash = ContentHash()
      hash.add(entry)
      return (entry.name, "\(hash.value)")
    }
    if let found = try communicator.firstDifference(entries, name: "the model's values") {
      throw TrainingError(
        description:
          "the model of rank \(found.rank) is no longer that of rank 0: the first that differs is \(found.name)")
    }
  }
}
