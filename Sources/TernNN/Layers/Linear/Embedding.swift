import TernBackend
import TernTensor

/// A table that is learned: a row for every index, [..] to [.., features].
///
/// Rows start normally distributed, the padding row at 0, as PyTorch's Embedding.
///
/// ```swift
/// let embedding = Embedding(10_000, 128, paddingIndex: 0)
/// let words = embedding(Tensor<Int>([[5, 42, 7], [8, 1, 0]]))  // [2, 3, 128]; row 0 is zeros and never trained
/// ```
public final class Embedding<Scalar: FloatingScalar>: Module {
  /// The table, [rows, features].
  public let weight: Parameter<Scalar>
  /// A row that receives no gradient.
  public let paddingIndex: Int?
  /// The largest norm of a row, which the table's rows are shortened to when they are asked for; any when `nil`.
  public let maxNorm: Double?
  /// p of that norm.
  public let normOrder: Double
  /// Whether a row's gradient is divided by how often the row was asked for.
  public let scalesByFrequency: Bool

  /// Creates a table of learned rows. Stops for a padding index outside the table.
  ///
  /// - Parameters:
  ///   - rows: how many rows the table has, at least 1.
  ///   - features: values in a row, at least 1.
  ///   - paddingIndex: a row that starts at 0 and receives no gradient; a negative one counts from the end.
  ///   - maxNorm: the largest norm of a row, at least 0: a call shortens the longer ones among the rows it takes, in the
  ///     table itself; a frozen table stays. Any when `nil`.
  ///   - normOrder: p of that norm.
  ///   - scalesByFrequency: whether a row's gradient is divided by how often the row occurs in the indices.
  public init(
    _ rows: Int, _ features: Int, paddingIndex: Int? = nil, maxNorm: Double? = nil, normOrder: Double = 2,
    scalesByFrequency: Bool = false, fileID file: StaticString = #fileID, line: UInt = #line
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    check(rows >= 1 && features >= 1, "Embedding", "\(rows) rows of \(features) features")
    check(maxNorm.map { $0 >= 0 } ?? true, "Embedding", "a largest norm of \(maxNorm ?? 0)")
    check(!normOrder.isNaN, "Embedding", "a norm of order \(normOrder)")
    Sizes.check([rows, features], "Embedding", "rows or features of")
    var start = Tensor<Scalar>(randomNormal: [rows, features])
    if let paddingIndex {
      check(paddingIndex >= -rows && paddingIndex < rows, "Embedding", "padding index \(paddingIndex) for \(rows) rows")
      start[paddingIndex] = Tensor(0)
    }
    weight = Parameter(start)
    self.paddingIndex = paddingIndex
    (self.maxNorm, self.normOrder) = (maxNorm, normOrder)
    self.scalesByFrequency = scalesByFrequency
  }

  /// Creates a table of learned rows, with `Float` values. Stops for a padding index outside the table.
  ///
  /// - Parameters:
  ///   - rows: how many rows the table has, at least 1.
  ///   - features: values in a row, at least 1.
  ///   - paddingIndex: a row that starts at 0 and receives no gradient; a negative one counts from the end.
  ///   - maxNorm: the largest norm of a row, at least 0: a call shortens the longer ones among the rows it takes, in the
  ///     table itself; a frozen table stays. Any when `nil`.
  ///   - normOrder: p of that norm.
  ///   - scalesByFrequency: whether a row's gradient is divided by how often the row occurs in the indices.
  public convenience init(
    _ rows: Int, _ features: Int, paddingIndex: Int? = nil, maxNorm: Double? = nil, normOrder: Double = 2,
    scalesByFrequency: Bool = false, file: StaticString = #fileID, line: UInt = #line
  ) where Scalar == Float {
    self.init(
      rows, features, paddingIndex: paddingIndex, maxNorm: maxNorm, normOrder: normOrder,
      scalesByFrequency: scalesByFrequency, fileID: file, line: line)
  }

  /// The rows of the indices; stops for one outside the table.
  public func callAsFunction(
    _ indices: Tensor<Int>, file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor<Scalar> {
    _ = LayerCallContext.install
    RunningScope.enter(self, file, line)
    defer { RunningScope.leave() }
    let isObserved = OperationObservers.isAnyoneListening
    if isObserved { OperationObservers.entered(self, indices.body) }
    let most = maxNorm.flatMap { weight.limitRows(indices, to: $0, order: normOrder, "embedding") ? nil : $0 }
    let rows = embedding(
      indices, weight.value, paddingIndex: paddingIndex, maxNorm: most, normOrder: normOrder,
      scalesByFrequency: scalesByFrequency)
    if isObserved { OperationObservers.left(self, rows.body) }
    if let tape = SampleTape.current { note(tape, indices, rows) }
    return rows
  }
}

extension Embedding: SelfCopying {
  func duplicate() -> any Module {
    Embedding(
      weight.shape[0], weight.shape[1], paddingIndex: paddingIndex, maxNorm: maxNorm, normOrder: normOrder,
      scalesByFrequency: scalesByFrequency)
  }
}

extension Parameter {
  /// Shortens rows of a table to a norm, as ``Embedding`` says; returns false, and changes nothing, where the value is not
  /// this parameter's to change: frozen, given from outside, or parametrized.
  func limitRows(_ indices: Tensor<Int>, to most: Double, order: Double, _ operation: String) -> Bool {
    if isFrozen || substitute != nil || isParametrized { return false }
    let table = withoutGradients { value }
    if let limited = table.limitedRows(indices, to: most, order: order, operation) { value = limited }
    return true
  }
}
