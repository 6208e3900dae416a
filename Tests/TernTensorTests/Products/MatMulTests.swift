import TernTensor
import TernTestSupport
import Testing

@Suite struct MatMulTests {
  private func numbers(_ shape: [Int], _ seed: UInt64 = 1) -> Tensor<Double> {
    Tensor(randomUniform: shape, in: -1..<1, generator: RandomGenerator(seed: seed))
  }

  /// The sums written out.
  private func product(_ a: Tensor<Double>, _ b: Tensor<Double>) -> Tensor<Double> {
    (a.expandedAxis(at: -1) * b.expandedAxis(at: -3)).sum(along: -2)
  }

  @Test func everyLayoutGivesTheSums() {
    for (p, q) in [
      ([3, 4], [4, 5]), ([2, 3, 4], [2, 4, 5]), ([1, 1], [1, 1]), ([3, 1], [1, 2]), ([1, 3], [3, 1]),
    ] {
      let (a, b) = (numbers(p), numbers(q, 2))
      let expected = product(a, b)
      for x in everyLayout(a) {
        for y in everyLayout(b) {
          #expect(relativeDifference(matmul(x.tensor, y.tensor), expected) < 1e-14, "\(x.label) · \(y.label)")
        }
      }
    }
  }

  @Test func batchesBroadcast() {
    let (a, b) = (numbers([2, 1, 3, 4]), numbers([5, 4, 2], 2))
    let result = matmul(a, b)
    #expect(result.shape == [2, 5, 3, 2])
    #expect(relativeDifference(result, product(a, b)) < 1e-14)
    let wide = numbers([3, 4]).broadcast(to: [6, 3, 4])
    #expect(relativeDifference(matmul(wide, numbers([6, 4, 2], 3)), product(wide, numbers([6, 4, 2], 3))) < 1e-14)
  }

  @Test func vectorsAreRowsOrColumns() {
    let (v, w) = (Tensor<Double>([1, 2, 3]), Tensor<Double>([4, 5, 6]))
    #expect(matmul(v, w).shape == [])
    #expect(matmul(v, w).item == 32)
    let m = numbers([3, 2])
    #expect(matmul(v, m).shape == [2])
    #expect(matmul(m.transposed(), v) == matmul(v, m))
    #expect(matmul(v, numbers([4, 3, 2])).shape == [4, 2])
    #expect(matmul(numbers([4, 2, 3]), v).shape == [4, 2])
  }

  /// BLAS adds up the rows of a remainder in another order: chunks are whole blocks of rows. A softmax of huge sums shows it.
  @Test(arguments: [(1000, 4096), (1000, 1024), (504, 300), (256, 9216)])
  func equalRowsHaveEqualProducts(_ rows: Int, _ columns: Int) {
    let x = Tensor<Float>(randomUniform: [columns], in: 0..<1000, generator: RandomGenerator(seed: 3))
    let matrix = Tensor<Float>(full: [rows, columns], 0.37)
    let products = [matmul(matrix, x), matmul(x.reshaped([1, columns]), matrix.transposed())]
    for product in products { #expect(Set(product.scalars).count == 1, "[\(rows), \(columns)]") }
  }

  @Test func nothingToSumGivesZeros() {
    #expect(matmul(Tensor<Float>(zeros: [2, 0]), Tensor<Float>(zeros: [0, 3])) == Tensor(zeros: [2, 3]))
    #expect(matmul(Tensor<Float>(zeros: [0, 2]), Tensor<Float>(zeros: [2, 3])).shape == [0, 3])
    #expect(matmul(Tensor<Float>(zeros: [0, 2, 2]), Tensor<Float>(zeros: [2, 3])).shape == [0, 2, 3])
  }

  @Test func linearIsTheProductWithTheTransposeAndTheBias() {
    let (x, w, b) = (numbers([2, 5, 3]), numbers([4, 3], 2), numbers([4], 3))
    #expect(relativeDifference(linear(x, w, bias: b), matmul(x, w.transposed()) + b) < 1e-14)
    #expect(relativeDifference(linear(x, w), matmul(x, w.transposed())) < 1e-14)
  }

  @Test func innerDimensionsThatDifferStop() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = matmul(Tensor<Float>(zeros: [32, 784]), Tensor<Float>(zeros: [128, 10]))
    }
    let message = text(result?.standardErrorContent)
    #expect(message.contains("matmul: inner dimensions differ: [32, 784] · [128, 10] (784 ≠ 128)"))
  }
}
