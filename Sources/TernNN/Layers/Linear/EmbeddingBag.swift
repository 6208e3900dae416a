import TernBackend
import TernTensor

/// The sum, the mean or the maximum of learned rows for each bag of indices, see
/// ``embeddingBag(_:_:offsets:mode:sampleWeights:includesLastOffset:paddingIndex:maxNorm:normOrder:scalesByFrequency:file:line:)``.
///
/// Rows start normally distributed, the padding row at 0, as PyTorch's EmbeddingBag.
public final class EmbeddingBag<Scalar: FloatingScalar>: Module {
  /// The table, [rows, features].
  public let weight: Parameter<Scalar>
  /// What becomes of the rows of a bag.
  public let mode: EmbeddingBagMode
  /// Whether the last offset is the end of the last bag.
  public let includesLastOffset: Bool
  /// A row that belongs to no bag and receives no gradient.
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
  ///   - mode: whether the rows of a bag are summed, averaged, or the largest of each feature is taken.
  ///   - includesLastOffset: whether the last offset is the end of the last bag, not the start of one more.
  ///   - paddingIndex: a row that starts at 0, belongs to no bag and receives no gradient; a negative one counts from the
  ///     end.
  ///   - maxNorm: the largest norm of a row, at least 0: a call shortens the longer ones among the rows it takes, in the
  ///     table itself; a frozen table stays. Any when `nil`.
  ///   - normOrder: p of that norm.
  ///   - scalesByFrequency: whether a row's gradient is divided by how often the row occurs in the indices; not for maxima.
  public init(
    _ rows: Int, _ features: Int, mode: EmbeddingBagMode = .mean, includesLastOffset: Bool = false,
    paddingIndex: Int? = nil, maxNorm: Double? = nil, normOrder: Double = 2, scalesByFrequency: Bool = false,
    fileID file: StaticString = #fileID, line: UInt = #line
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    let name = "EmbeddingBag"
    check(rows >= 1 && features >= 1, name, "\(rows) rows of \(features) features")
    check(mode != .max || !scalesByFrequency, name, "no gradient of a maximum is scaled by frequency")
    check(maxNorm.map { $0 >= 0 } ?? true, name, "a largest norm of \(maxNorm ?? 0)")
    check(!normOrder.isNaN, name, "a norm of order \(normOrder)")
    Sizes.check([rows, features], name, "rows or features of")
    var start = Tensor<Scalar>(randomNormal: [rows, features])
    if let paddingIndex {
      check(paddingIndex >= -rows && paddingIndex < rows, name, "padding index \(paddingIndex) for \(rows) rows")
      start[paddingIndex] = Tensor(0)
    }
    weight = Parameter(start)
    (self.mode, self.includesLastOffset, self.paddingIndex) = (mode, includesLastOffset, paddingIndex)
    (self.maxNorm, self.normOrder, self.scalesByFrequency) = (maxNorm, normOrder, scalesByFrequency)
  }

  /// Creates a table of learned rows, with `Float` values. Stops for a padding index outside the table.
  ///
  /// - Parameters:
  ///   - rows: how many rows the table has, at least 1.
  ///   - features: values in a row, at least 1.
  ///   - mode: whether the rows of a bag are summed, averaged, or the largest of each feature is taken.
  ///   - includesLastOffset: whether the last offset is the end of the last bag, not the start of one more.
  ///   - paddingIndex: a row that starts at 0, belongs to no bag and receives no gradient; a negative one counts from the
  ///     end.
  ///   - maxNorm: the largest norm of a row, at least 0: a call shortens the longer ones among the rows it takes, in the
  ///     table itself; a frozen table stays. Any when `nil`.
  ///   - normOrder: p of that norm.
  ///   - scalesByFrequency: whether a row's gradient is divided by how often the row occurs in the indices; not for maxima.
  public convenience init(
    _ rows: Int, _ features: Int, mode: EmbeddingBagMode = .mean, includesLastOffset: Bool = false,
    paddingIndex: Int? = nil, maxNorm: Double? = nil, normOrder: Double = 2, scalesByFrequency: Bool = false,
    file: StaticString = #fileID, line: UInt = #line
  ) where Scalar == Float {
    self.init(
      rows, features, mode: mode, includesLastOffset: includesLastOffset, paddingIndex: paddingIndex, maxNorm: maxNorm,
      normOrder: normOrder, scalesByFrequency: scalesByFrequency, fileID: file, line: line)
  }

  /// The bags of indices [B, n], or of indices of rank 1 that begin at the offsets: [B, features].
  ///
  /// - Parameters:
  ///   - indices: [B, n], or of rank 1 with offsets.
  ///   - offsets: where each bag begins, from 0 on.
  ///   - sampleWeights: a factor for each index, in sums only.
  public func callAsFunction(
    _ indices: Tensor<Int>, offsets: Tensor<Int>? = nil, sampleWeights: Tensor<Scalar>? = nil,
    file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor<Scalar> {
    _ = LayerCallContext.install
    RunningScope.enter(self, file, line)
    defer { RunningScope.leave() }
    let isObserved = OperationObservers.isAnyoneListening
    if isObserved { OperationObservers.entered(self, indices.body) }
    let most = maxNorm.flatMap { weight.limitRows(indices, to: $0, order: normOrder, "embeddingBag") ? nil : $0 }
    let bags = embeddingBag(
      indices, weight.value, offsets: offsets, mode: mode, sampleWeights: sampleWeights,
      includesLastOffset: includesLastOffset, paddingIndex: paddingIndex, maxNorm: most, normOrder: normOrder,
      scalesByFrequency: scalesByFrequency)
    if isObserved { OperationObservers.left(self, bags.body) }
    return bags
  }
}

extension EmbeddingBag: SelfCopying {
  func duplicate() -> any Module {
    EmbeddingBag(
      weight.shape[0], weight.shape[1], mode: mode, includesLastOffset: includesLastOffset, paddingIndex: paddingIndex,
      maxNorm: maxNorm, normOrder: normOrder, scalesByFrequency: scalesByFrequency)
  }
}
