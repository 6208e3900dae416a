import Foundation
import Synchronization
import TernBackend
import TernData
import TernNN
import TernTensor

/// Writes a ``Ledger`` while a training runs.
///
/// ```swift
/// trainer.ledger = try LedgerWriter("runs/mine/ledger.bin", trainer.model, facts: ["seed": "1"])
/// ```
///
/// Of each tensor at most 4,096 elements are hashed, at places that depend on the step. Layers stay fused: of a fused group
/// the output is that of its end. Steps are appended; what a crash cuts off is cut away by the next writer.
public final class LedgerWriter: OperationObserver, @unchecked Sendable {
  /// Where it is written.
  public let path: String
  private let layers: [ObjectIdentifier: Int]
  private let parameters: [(number: Int, body: () -> TensorBody)]
  private let handle: FileHandle
  /// Whether all elements are hashed too.
  private let isWhole: Bool
  // The thread that makes the step works with these.
  private var step: LedgerStep?
  private var whole: LedgerStep?
  /// The nodes of the step's outputs and the layers' numbers, in the order of the nodes.
  private var nodes: [(node: UInt64, layer: Int)] = []
  private var lastOutput: TensorMemory?
  /// The most entries of a step so far.
  private var mostEntries = 0
  private var waiting: [UInt8] = []

  /// A writer to a file, which goes on after a step where the file is there: later steps are cut away.
  ///
  /// - Parameters:
  ///   - path: where it is written.
  ///   - model: whose layers and parameters are hashed.
  ///   - facts: what else the run began with, by name.
  ///   - session: what else this session is like, by name.
  ///   - after: how many steps are done.
  ///   - isWhole: whether all elements are hashed too, whatever time that takes; see ``Ledger/wholeSteps``.
  /// - Throws: `DataError` where the file cannot be written, or is another model's.
  public init(
    _ path: String, _ model: some Module, facts: Ledger.Facts = [:], session: Ledger.Facts = [:], after: Int = 0,
    isWhole: Bool = false, file: StaticString = #fileID, line: UInt = #line
  ) throws(DataError) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    (self.path, self.isWhole) = (path, isWhole)
    let modules = model.namedModules
    let named = model.namedParameters
    let kinds = modules.map { name, module in
      let kind = String("\(type(of: module))".prefix { $0 != "<" })
      return name.isEmpty ? kind : "\(name) (\(kind))"
    }
    let names = kinds + named.map(\.name)
    layers = Dictionary(
      modules.enumerated().map { (ObjectIdentifier($1.module), $0) }, uniquingKeysWith: { first, _ in first })
    parameters = named.enumerated().map { (modules.count + $0, Self.reader(of: $1.parameter)) }
    func failure(_ reason: String) -> DataError {
      DataError(.unwritable, file: path, reason, expected: "a file that may be written")
    }
    let before = after > 0 && FileIO.isFile(path) ? try Ledger(contentsOf: path) : nil
    if let before, before.names != names {
      throw DataError(
        .mismatch, file: path, "the ledger is of another network", expected: "the layers and parameters of this one")
    }
    if before == nil {
      var bytes = Ledger.magic
      var run = facts
      for (name, parameter) in named {
        var hash = LedgerHash()
        hash.add(parameter.body, key: 0, isWhole: true)
        run["weights \(name)"] = String(hash.value, radix: 16)
      }
      bytes += Ledger.frame("R", run)
      for name in names { bytes += Ledger.frame("N", Array(name.utf8)) }
      try FileIO.write("", to: path)
      guard let handle = FileHandle(forWritingAtPath: path) else { throw failure("it cannot be opened") }
      self.handle = handle
      waiting = bytes
    } else {
      guard let handle = FileHandle(forWritingAtPath: path) else { throw failure("it cannot be opened") }
      self.handle = handle
    }
    var end: Int?
    if let before {
      end = before.start
      for (step, place) in zip(before.steps, before.ends) where step.number <= after { end = place }
    }
    do {
      if let end { try handle.truncate(atOffset: UInt64(end)) }
      try handle.seekToEnd()
    } catch { throw failure("it cannot be gone on with: \(error)") }
    let system = [
      "after step": "\(after)", "threads": "\(Workers.count)", "kernels": "\(CPULevel.current)",
      "OpenBLAS": SystemInfo.current.openBLASCore, "version": "1",
    ]
    waiting += Ledger.frame("S", session.merging(system) { _, own in own })
    try flush()
  }

  deinit {
    try? flush()
    try? handle.close()
  }

  /// Writes what waits.
  ///
  /// - Throws: `DataError` where it cannot be written.
  public func flush() throws(DataError) {
    if waiting.isEmpty { return }
    do { try handle.write(contentsOf: waiting) } catch {
      throw DataError(
        .unwritable, file: path, "it cannot be written: \(error)", expected: "a file that may be written")
    }
    waiting.removeAll(keepingCapacity: true)
  }

  /// What reads a parameter's value, whose type is looked for once.
  private static func reader(of parameter: some AnyParameter) -> () -> TensorBody {
    let parameter = parameter.typed
    return { parameter.stored }
  }

  // MARK: Steps

  /// Begins a step.
  func begin(_ number: Int, samples: [[Int]], batches: [TensorBody], settings: LedgerHash, learningRate: Double) {
    var step = LedgerStep(number: number)
    var order = LedgerHash()
    for batch in samples { for index in batch { order.add(index) } }
    var values = LedgerHash()
    for body in batches { values.add(body, key: 0, isWhole: true) }
    (step.samples, step.values, step.settings) = (order.value, values.value, settings.value)
    step.learningRate = learningRate
    step.entries.reserveCapacity(mostEntries)
    self.step = step
    whole = isWhole ? step : nil
  }

  /// Ends a step that was made.
  func end(loss: Double) throws(DataError) {
    for (number, body) in parameters { add(.update, number, body()) }
    if step == nil { return }
    step?.loss = loss
    whole?.loss = loss
    whole?.append(to: &waiting, "W")
    step?.append(to: &waiting, "T")
    cancel()
    if waiting.count > 1 << 16 { try flush() }
  }

  /// Forgets a step that was not made.
  func cancel() {
    mostEntries = max(mostEntries, step?.entries.count ?? 0)
    (step, whole) = (nil, nil)
    nodes.removeAll(keepingCapacity: true)
    lastOutput = nil
  }

  /// Adds what a layer or parameter has in this step.
  private func add(_ kind: LedgerStep.Kind, _ number: Int, _ body: TensorBody) {
    // No copy of the step: its entries would be copied, too.
    guard let step = step?.number else { return }
    var hash = LedgerHash()
    hash.add(body, key: UInt64(step) << 24 ^ UInt64(number))
    self.step?.entries.append(LedgerStep.Entry(kind: kind, name: number, hash: hash.value))
    if whole == nil { return }
    hash = LedgerHash()
    hash.add(body, key: 0, isWhole: true)
    whole?.entries.append(LedgerStep.Entry(kind: kind, name: number, hash: hash.value))
  }

  // MARK: What happens

  package var runsOperations: Bool { false }
  package var watchesOperations: Bool { false }
  package var watchesValues: Bool { false }

  package func loopEnded(_ name: StaticString, result: TensorBody) {
    guard step != nil, name.utf8CodeUnitCount == 6, memcmp(name.utf8Start, "random", 6) == 0 else { return }
    if Replay.current?.isRepetition == true { return }
    let layer = RunningScope.objects.reversed().lazy.compactMap { self.layers[ObjectIdentifier($0)] }.first
    add(.draw, layer ?? 0, result)
  }

  package func layerLeft(_ layer: AnyObject, output: TensorBody) {
    guard step != nil, let number = layers[ObjectIdentifier(layer)] else { return }
    // A container answers what its last layer did.
    if lastOutput === output.memory { return }
    lastOutput = output.memory
    if let node = output.node { note(node.sequence, number) }
    if Replay.current?.isRepetition == true { return }
    add(.output, number, output)
  }

  /// Notes that a node made a layer's output; the last layer counts.
  private func note(_ node: UInt64, _ layer: Int) {
    let place = place(of: node)
    if place < nodes.count, nodes[place].node == node {
      nodes[place].layer = layer
    } else {
      nodes.insert((node, layer), at: place)
    }
  }

  /// The place of a node, or of the first one after it.
  private func place(of node: UInt64) -> Int {
    if nodes.last.map({ $0.node < node }) ?? true { return nodes.count }
    var (low, high) = (0, nodes.count - 1)
    while low < high {
      let middle = (low + high) / 2
      if nodes[middle].node < node { low = middle + 1 } else { high = middle }
    }
    return low
  }

  package func backwardBegan(_ node: Node, gradient: TensorBody) {
    let place = place(of: node.sequence)
    guard place < nodes.count, nodes[place].node == node.sequence else { return }
    add(.gradient, nodes[place].layer, gradient)
  }
}
