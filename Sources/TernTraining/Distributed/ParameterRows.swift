import TernBackend
import TernNN
import TernTensor

/// Some rows of a parameter, the same for either scalar type.
protocol ParameterRows: AnyObject {
  /// The rows as a parameter of their own.
  var anyPart: any AnyParameter { get }
  /// The shape of the whole parameter.
  var wholeShape: [Int] { get }
  /// Whether this rank may have rows: not where another one has all of them.
  var isOwn: Bool { get }
  /// Whether a step changes it.
  var isMoving: Bool { get }
  /// Takes the rows' values and gradients from the parameter.
  func load()
  func forgetGradient()
  /// The rows of a tensor of the whole parameter's shape.
  func narrowed(_ entry: StateEntry) -> StateEntry
}

/// The rows of a parameter that a rank keeps the moments of, along its first axis; a single value is one row.
final class RowsOfParameter<Scalar: FloatingScalar>: ParameterRows {
  let whole: Parameter<Scalar>
  let part: Parameter<Scalar>
  /// The first row of every rank, and the end.
  private let starts: [Int]
  private let rank: Int
  private let rowCount: Int
  let isOwn: Bool

  /// - Parameters:
  ///   - offset: how many values lie before the parameter's, in all parameters one after the other.
  ///   - bounds: where the values of each rank end; a row is on the rank in whose part most of it lies.
  init(_ whole: Parameter<Scalar>, offset: Int, _ bounds: [Int], _ rank: Int) {
    (self.whole, self.rank) = (whole, rank)
    isOwn = true
    let rows = whole.shape.first ?? 1
    let size = rows == 0 ? 1 : Swift.max(whole.count / rows, 1)
    starts = [0] + bounds.dropLast().map { Swift.max(0, Swift.min(rows, ($0 - offset + size / 2) / size)) } + [rows]
    rowCount = starts[rank + 1] - starts[rank]
    part = Self.part(of: whole, rowCount)
  }

  /// All rows on one rank, its owner.
  init(_ whole: Parameter<Scalar>, owner: Int, _ rank: Int, of ranks: Int) {
    (self.whole, self.rank) = (whole, rank)
    isOwn = rank == owner
    let rows = whole.shape.first ?? 1
    starts = (0...ranks).map { $0 <= owner ? 0 : rows }
    rowCount = isOwn ? rows : 0
    part = Self.part(of: whole, rowCount)
  }

  private static func part(of whole: Parameter<Scalar>, _ rowCount: Int) -> Parameter<Scalar> {
    let shape = whole.shape.isEmpty ? (rowCount == 1 ? [] : [0]) : [rowCount] + whole.shape.dropFirst()
    return Parameter(Tensor(zeros: shape))
  }

  var anyPart: any AnyParameter { part }
  var wholeShape: [Int] { whole.shape }
  var isMoving: Bool { whole.gradient != nil && !whole.isFrozen }

  func load() {
    part.isFrozen = whole.isFrozen
    guard isOwn, isMoving, let gradient = whole.gradient else {
      part.gradient = nil
      return
    }
    withoutGradients {
      part.value = rows(of: whole.value)
      part.gradient = rows(of: gradient.detached())
    }
  }

  func forgetGradient() { part.gradient = nil }

  private func rows(of tensor: Tensor<Scalar>) -> Tensor<Scalar> {
    if tensor.rank == 0 { return rowCount == 1 ? tensor.copied() : Tensor(zeros: [0]) }
    return tensor.narrowed(axis: 0, start: starts[rank], length: rowCount).copied()
  }

  func narrowed(_ entry: StateEntry) -> StateEntry {
    guard let tensor = entry.tensor(Scalar.self) else { return entry }
    return StateEntry(name: entry.name, withoutGradients { rows(of: tensor) })
  }

  /// Writes the rows of all ranks, taken from each in order, into the parameter, which keeps its layout.
  func store(_ values: (_ rank: Int, _ count: Int) -> ArraySlice<Scalar>) {
    let size = whole.count / Swift.max(whole.shape.first ?? 1, 1)
    let result = Tensor<Scalar>(uninitialized: whole.shape)
    var out = result.mutablePointer
    for rank in 0..<starts.count - 1 {
      let count = (starts[rank + 1] - starts[rank]) * size
      values(rank, count).withUnsafeBufferPointer { source in
        if let first = source.baseAddress { out.update(from: first, count: count) }
      }
      out += count
    }
    whole.update { value in
      let layout = value.layout
      value = layout.isContiguous ? result : result.copied(layout)
    }
  }
}

/// All rows of a parameter on one rank.
func makeRows(_ parameter: some AnyParameter, owner: Int, _ rank: Int, of ranks: Int) -> any ParameterRows {
  RowsOfParameter(parameter.typed, owner: owner, rank, of: ranks)
}

/// The rows of a parameter that a rank keeps.
func makeRows(_ parameter: some AnyParameter, offset: Int, _ bounds: [Int], _ rank: Int) -> any ParameterRows {
  RowsOfParameter(parameter.typed, offset: offset, bounds, rank)
}
