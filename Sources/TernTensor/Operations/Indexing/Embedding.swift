import TernBackend

/// Rows of a table, one for every index: y[i][j] = weight[indices[i][j]].
///
/// Gradient: dL/dy added up in the rows they came from.
/// - Parameters:
///   - indices: of any shape.
///   - weight: [rows, features].
///   - paddingIndex: a row that receives no gradient; negative ones count from the end.
///   - scalesByFrequency: whether a row's gradient is divided by how often the row was asked for.
/// - Returns: the indices' shape with the features behind.
///
/// Stops for an index outside the table.
public func embedding<Scalar: FloatingScalar>(
  _ indices: Tensor<Int>, _ weight: Tensor<Scalar>, paddingIndex: Int? = nil, scalesByFrequency: Bool = false,
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
  let list = indices.contiguous.reshaped([indices.count])
  if padding == nil && !scalesByFrequency { return weight.taken(indices, along: 0, by: "embedding") }
  let result = withoutGradients { weight.detached().taken(indices, along: 0, by: "embedding") }
  return result.moved("embedding", from: weight) { gradient in
    var derivatives = gradient.reshaped([list.count, features])
    if scalesByFrequency { derivatives = derivatives * shares(of: list, rows: rows) }
    let sum = Tensor(zeros: [rows, features]).adding(derivatives, at: list, along: 0)
    return padding.map { sum.replacing(Tensor([$0]), along: 0, with: Tensor(0)) } ?? sum
  }
}

/// One over how often each index occurs, [count, 1].
private func shares<Scalar: FloatingScalar>(of list: Tensor<Int>, rows: Int) -> Tensor<Scalar> {
  var counts = [Int](repeating: 0, count: rows)
  let indices = list.scalars
  for index in indices { counts[index] += 1 }
  return Tensor(indices.map { 1 / Scalar(counts[$0]) }, shape: [indices.count, 1])
}
