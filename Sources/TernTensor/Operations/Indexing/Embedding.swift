import TernBackend

/// Rows of a table, one for every index: y[i][j] = weight[indices[i][j]].
///
/// Gradient: dL/dy added up in the rows they came from. With `maxNorm` the rows that are asked for count as shortened to
/// that norm, and their gradient is that of the shortened rows, as PyTorch's, which shortens its table in place; here the
/// table is a value and stays, and the layer ``Embedding`` of TernNN keeps the shortened rows.
/// - Parameters:
///   - indices: of any shape.
///   - weight: [rows, features].
///   - paddingIndex: a row that receives no gradient; negative ones count from the end.
///   - maxNorm: the largest norm of a row, at least 0; any when `nil`.
///   - normOrder: p of that norm, as in ``Tensor/norm(_:along:keepingAxes:file:line:)-(_,[Int]?,_,_,_)``.
///   - scalesByFrequency: whether a row's gradient is divided by how often the row was asked for.
/// - Returns: the indices' shape with the features behind.
///
/// Stops for an index outside the table.
public func embedding<Scalar: FloatingScalar>(
  _ indices: Tensor<Int>, _ weight: Tensor<Scalar>, paddingIndex: Int? = nil, maxNorm: Double? = nil,
  normOrder: Double = 2, scalesByFrequency: Bool = false,
  file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  check(weight.rank == 2, "embedding", "weight \(weight.shape) is no table [rows, features]")
  let (rows, features) = (weight.shape[0], weight.shape[1])
  let padding = paddingIndex.map { index in
    check(index >= -rows && index < rows, "embedding", "padding index \(index) for \(rows) rows")
    return index < 0 ? index + rows : index
  }
  if padding == nil && !scalesByFrequency && maxNorm == nil { return weight.taken(indices, along: 0, by: "embedding") }
  let list = indices.contiguous.reshaped([indices.count])
  let result = withoutGradients {
    var table = weight.detached()
    if let maxNorm { table = table.limitedRows(list, to: maxNorm, order: normOrder, "embedding") ?? table }
    return table.taken(indices, along: 0, by: "embedding")
  }
  OperationArguments.note(
    "embedding", ["index": .tensor(indices.body), "axis": .integers([0]), "kind": .word("taken")])
  return result.moved("embedding", from: weight) { gradient in
    var derivatives = gradient.reshaped([list.count, features])
    if scalesByFrequency {
      let (indices, counts) = (list.scalars, frequencies(of: list.scalars, rows: rows, "embedding"))
      derivatives = derivatives * Tensor(indices.map { 1 / Scalar(counts[$0]) }, shape: [indices.count, 1])
    }
    let sum = Tensor(zeros: [rows, features]).adding(derivatives, at: list, along: 0)
    return padding.map { sum.replacing(Tensor([$0]), along: 0, with: Tensor(0)) } ?? sum
  }
}

/// How often each row of a table is named.
func frequencies(of indices: [Int], rows: Int, _ operation: String) -> [Int] {
  MemoryPool.require(count: rows, of: 8, operation, "frequencies of \(rows) rows")
  var counts = [Int](repeating: 0, count: rows)
  for index in indices { counts[index] += 1 }
  return counts
}

extension Tensor where Scalar: FloatingScalar {
  /// This table [rows, features] with the rows of a list shortened to a norm ‖row‖ₚ of at most `most`: multiplied by
  /// most/(‖row‖ₚ + 10⁻⁷). A constant; `nil` where no row of the list is longer.
  package func limitedRows(
    _ indices: Tensor<Int>, to most: Double, order p: Double, _ operation: String
  ) -> Tensor? {
    check(rank == 2, operation, "weight \(shape) is no table [rows, features]")
    check(most >= 0, operation, "a largest norm of \(most)")
    check(!p.isNaN, operation, "a norm of order \(p)")
    let (rows, features) = (shape[0], shape[1])
    for (i, index) in indices.scalars.enumerated() {
      check(index >= 0 && index < rows, operation, "index \(index) at \(i) outside the \(rows) rows")
    }
    let named = Set(indices.scalars).sorted()
    if named.isEmpty || features == 0 { return nil }
    let norms = withoutGradients {
      detached().taking(Tensor<Int>(named), along: 0).norm(p, along: 1).scalars.map { Double($0) }
    }
    if !norms.contains(where: { $0 > most }) { return nil }
    let result = detached().contiguous.copied()
    let out = result.mutablePointer
    for (index, norm) in zip(named, norms) where norm > most {
      let factor = Scalar(most / (norm + 1e-7))
      for j in index * features..<(index + 1) * features { out[j] *= factor }
    }
    return withExtendedLifetime(result) { result }
  }
}
