import TernTensor
import TernTestSupport
import Testing

/// Operands that broadcast, in all the ways their rows can lie, against loops over their elements.
@Suite struct BroadcastTests {
  /// Operands of shape [rows, n] or what broadcasts to it.
  private func operands<Scalar: NumericScalar>(
    _ rows: Int, _ n: Int, seed: UInt64, _: Scalar.Type
  ) -> [(label: String, tensor: Tensor<Scalar>)] {
    func values(_ shape: [Int]) -> Tensor<Scalar> {
      Tensor<Int>(randomIntegers: shape, in: 1..<90, generator: RandomGenerator(seed: seed)).cast(to: Scalar.self)
    }
    return [
      ("dense", values([rows, n])), ("transposed", values([n, rows]).transposed()),
      ("part of longer rows", values([rows, n + 2])[.all, 1..<n + 1]),
      ("every other row", values([2 * rows, n])[.slice(step: 2)]), ("reversed rows", values([rows, n]).flipped([1])),
      ("a row", values([n])), ("a row from behind", values([n]).flipped([0])), ("a column", values([rows, 1])),
      ("a number", values([])),
    ]
  }

  private func compare<Scalar: NumericScalar>(
    _ rows: Int, _ n: Int, _: Scalar.Type,
    _ operations: [(
      label: String, tensors: (Tensor<Scalar>, Tensor<Scalar>) -> Tensor<Scalar>, (Scalar, Scalar) -> Scalar
    )]
  ) {
    for (left, a) in operands(rows, n, seed: 1, Scalar.self) {
      for (right, b) in operands(rows, n, seed: 2, Scalar.self) where a.rank == 2 || b.rank == 2 {
        let shape = [a, b].contains { $0.shape == [rows, n] } ? [rows, n] : nil
        guard let shape else { continue }
        let (x, y) = (a.broadcast(to: shape).scalars, b.broadcast(to: shape).scalars)
        for (label, tensors, numbers) in operations {
          let result = tensors(a, b)
          #expect(result.shape == shape)
          #expect(result.scalars == zip(x, y).map(numbers), "\(left) \(label) \(right), rows of \(n)")
        }
        #expect((a .< b).scalars == zip(x, y).map(<), "\(left) below \(right), rows of \(n)")
      }
    }
  }

  @Test(arguments: [1, 2, 3, 7, 16, 64, 65])
  func rowsOfAnyLength(_ n: Int) {
    compare(
      611, n, Float.self, [("+", { $0 + $1 }, +), ("-", { $0 - $1 }, -), ("/", { $0 / $1 }, /)])
    compare(611, n, Double.self, [("-", { $0 - $1 }, -), ("×", { $0 * $1 }, *)])
    compare(611, n, Int.self, [("-", { $0 - $1 }, &-)])
  }

  @Test func rowsOfSeveralAxes() {
    let x = numbers([5, 301, 3], seed: 1, Float.self)
    for shape in [[3], [301, 1], [5, 1, 3], [5, 301, 1], [1, 301, 3], [5, 1, 1]] {
      let y = numbers(shape, seed: 2, Float.self)
      let whole = y.broadcast(to: x.shape)
      #expect((x - y).scalars == zip(x.scalars, whole.scalars).map(-), "\(shape)")
      #expect((y - x).scalars == zip(whole.scalars, x.scalars).map(-), "\(shape)")
      let turned = x.permuted(1, 2, 0).contiguous.permuted(2, 0, 1)
      #expect((turned - y).scalars == (x - y).scalars, "\(shape), turned")
    }
  }

  @Test func rowsOfNothing() {
    #expect((Tensor<Float>(zeros: [0, 3]) + Tensor<Float>([1, 2, 3])).shape == [0, 3])
    #expect((Tensor<Float>(zeros: [4, 0]) + Tensor<Float>(zeros: [4, 1])).shape == [4, 0])
    #expect((Tensor<Float>(zeros: [0]) + Tensor<Float>(zeros: [4, 1])).shape == [4, 0])
  }
}
