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
  /// Whether a row's gradient is divided by how often the row was asked for.
  public let scalesByFrequency: Bool

  /// Creates a table of learned rows. Stops for a padding index outside the table.
  ///
  /// - Parameters:
  ///   - rows: how many rows the table has, at least 1.
  ///   - features: values in a row, at least 1.
  ///   - paddingIndex: a row that starts at 0 and receives no gradient; a negative one counts from the end.
  ///   - scalesByFrequency: whether a row's gradient is divided by how often the row occurs in the indices.
  public init(
    _ rows: Int, _ features: Int, paddingIndex: Int? = nil, scalesByFrequency: Bool = false,
    fileID file: StaticString = #fileID, line: UInt = #line
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

  /// Creates a table of learned rows, with `Float` values. Stops for a padding index outside the table.
  ///
  /// - Parameters:
  ///   - rows: how many rows the table has, at least 1.
  ///   - features: values in a row, at least 1.
  ///   - paddingIndex: a row that starts at 0 and receives no gradient; a negative one counts from the end.
  ///   - scalesByFrequency: whether a row's gradient is divided by how often the row occurs in the indices.
  public convenience init(
    _ rows: Int, _ features: Int, paddingIndex: Int? = nil, scalesByFrequency: Bool = false,
    file: StaticString = #fileID, line: UInt = #line
  ) where Scalar == Float {
    self.init(
      rows, features, paddingIndex: paddingIndex, scalesByFrequency: scalesByFrequency, fileID: file, line: line)
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

extension Embedding: SelfCopying {
  func duplicate() -> any Module {
    Embedding(weight.shape[0], weight.shape[1], paddingIndex: paddingIndex, scalesByFrequency: scalesByFrequency)
  }
}
