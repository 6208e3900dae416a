import TernBackend
import TernTensor

/// A table that is learned: a row for every index, [..] to [.., features].
///
/// Rows start normally distributed, the padding row at 0, as PyTorch's Embedding.
public final class Embedding<Scalar: FloatingScalar>: Module {
  /// The table, [rows, features].
  public let weight: Parameter<Scalar>
  /// A row that receives no gradient.
  public let paddingIndex: Int?
  /// Whether a row's gradient is divided by how often the row was asked for.
  public let scalesByFrequency: Bool

  /// A table of `rows` rows; stops for a padding index outside.
  public init(
    rows: Int, features: Int, paddingIndex: Int?, scalesByFrequency: Bool, of _: Scalar.Type,
    file: StaticString = #fileID, line: UInt = #line
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    check(rows >= 1 && features >= 1, "Embedding", "\(rows) rows of \(features) features")
    var start = Tensor<Scalar>(randomNormal: [rows, features])
    if let paddingIndex {
      check(paddingIndex >= -rows && paddingIndex < rows, "Embedding", "padding index \(paddingIndex) for \(rows) rows")
      start[paddingIndex] = Tensor(0)
    }
    weight = Parameter(start)
    self.paddingIndex = paddingIndex
    self.scalesByFrequency = scalesByFrequency
  }

  /// A table of `rows` rows; stops for a padding index outside.
  public convenience init(_ rows: Int, _ features: Int, paddingIndex: Int? = nil, scalesByFrequency: Bool = false) {
    self.init(
      rows: rows, features: features, paddingIndex: paddingIndex, scalesByFrequency: scalesByFrequency, of: Scalar.self)
  }

  /// The rows of the indices; stops for one outside the table.
  public func callAsFunction(
    _ indices: Tensor<Int>, file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor<Scalar> {
    _ = LayerCallContext.install
    RunningScope.enter(self, file, line)
    defer { RunningScope.leave() }
    return embedding(indices, weight.value, paddingIndex: paddingIndex, scalesByFrequency: scalesByFrequency)
  }
}

extension Embedding where Scalar == Float {
  /// A table of `rows` rows; stops for a padding index outside.
  public convenience init(_ rows: Int, _ features: Int, paddingIndex: Int? = nil, scalesByFrequency: Bool = false) {
    self.init(
      rows: rows, features: features, paddingIndex: paddingIndex, scalesByFrequency: scalesByFrequency, of: Float.self)
  }
}

extension Embedding: SelfCopying {
  func duplicate() -> any Module {
    Embedding(
      rows: weight.shape[0], features: weight.shape[1], paddingIndex: paddingIndex,
      scalesByFrequency: scalesByFrequency, of: Scalar.self)
  }
}
