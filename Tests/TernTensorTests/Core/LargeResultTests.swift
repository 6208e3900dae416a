import TernBackend
import TernTensor
import Testing

/// Results that no cache holds are written past them: with the values that small ones have.
@Suite struct LargeResultTests {
  /// Just above the size from which results are written with non-temporal stores, in rows of an odd length.
  private let rows = 8209
  private let columns = 1031

  private var large: Tensor<Float> {
    Tensor<Float>(randomUniform: [rows, columns], in: -2..<2, generator: RandomGenerator(seed: 4))
  }

  /// Compares some rows of a large result with the operation on those rows alone.
  private func expectRows(
    _ result: Tensor<Float>, _ name: String, _ alone: (Int) -> Tensor<Float>
  ) {
    #expect(result.count * 4 >= NonTemporalStores.threshold && result.shape == [rows, columns], "\(name)")
    for row in [0, 1, 127, 128, 2047, 2048, rows - 2, rows - 1] {
      #expect(result[row].scalars == alone(row).scalars, "\(name), row \(row)")
    }
  }

  @Test func ofOneOperand() {
    let x = large
    expectRows(x.relu(), "relu") { x[$0].relu() }
    expectRows(-x, "negated") { -x[$0] }
    expectRows(x.transposed().abs().transposed(), "transposed") { x[$0].abs() }
  }

  @Test func ofTwoOperands() {
    let (x, y) = (large, large.flipped([0]))
    expectRows(x * y, "product") { x[$0] * y[$0] }
    expectRows((x.transposed() - y.transposed()).transposed(), "transposed") { x[$0] - y[$0] }
  }

  @Test func ofOneThatIsBroadcast() {
    let x = large
    let (row, column) = (x[7], x[.all, 3..<4])
    expectRows(x + row, "a row") { x[$0] + row }
    expectRows(row - x, "from a row") { row - x[$0] }
    expectRows(x * column, "a column") { x[$0] * column[$0] }
    expectRows(column * row, "an outer product") { column[$0] * row }
    expectRows(row * column, "an outer product, its row first") { row * column[$0] }
    expectRows(x / x[5, 5], "one value") { x[$0] / x[5, 5] }
  }
}
