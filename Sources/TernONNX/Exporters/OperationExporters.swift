import TernTensor

/// How each operation is written as nodes.
enum OperationExporters {
  typealias Exporter = @Sendable (TracedOperation) throws(Refusal) -> String

  /// The exporter of an operation; `nil` where it has none.
  static func exporter(_ name: String) -> Exporter? { table[name] }

  /// By the names under which the operations are recorded.
  private static let table: [String: Exporter] = [
    elementwise, activations, comparisons, shaping, indexing, reductions, products, normalizations, pooling, attention,
    recurrent,
  ].reduce(into: [:]) { table, family in table.merge(family) { $1 } }
}
