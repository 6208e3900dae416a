import TernBackend
import TernTensor
import TernTestSupport
import Testing

@Suite struct ProductTests {
  /// Σₖ a[i, k]·b[k, j], written out.
  private func reference(_ a: [Double], _ b: [Double], _ m: Int, _ k: Int, _ n: Int) -> [Double] {
    (0..<m * n).map { at in (0..<k).reduce(0) { $0 + a[at / n * k + $1] * b[$1 * n + at % n] } }
  }

  @Test(arguments: [(1, 1, 1), (1, 70, 300), (300, 70, 1), (65, 17, 40), (130, 300, 70), (1, 0, 4), (4, 0, 1)])
  func sizesOfEveryKind(_ m: Int, _ k: Int, _ n: Int) {
    let a = Tensor<Double>(randomNormal: [m, k], generator: RandomGenerator(seed: 1))
    let b = Tensor<Double>(randomNormal: [k, n], generator: RandomGenerator(seed: 2))
    let expected = Tensor(reference(a.scalars, b.scalars, m, k, n), shape: [m, n])
    for x in everyLayout(a) {
      for y in everyLayout(b) {
        #expect(relativeDifference(matmul(x.tensor, y.tensor), expected) < 1e-13, "\(x.label) · \(y.label)")
      }
    }
  }

  @Test func integersMultiplyAndWrap() {
    let a = Tensor<Int>([1, 2, 3, 4, 5, 6], shape: [2, 3])
    let b = Tensor<Int>([1, 0, 2, 1, 0, 3], shape: [3, 2])
    for x in everyLayout(a) {
      for y in everyLayout(b) {
        #expect(matmul(x.tensor, y.tensor).scalars == [5, 11, 14, 23], "\(x.label) · \(y.label)")
      }
    }
    #expect(matmul(Tensor<Int32>([1 << 20, 5]), Tensor<Int32>([1 << 20, 1])).item == 5)
    #expect(matmul(Tensor<Int>(ones: [4, 2, 3]), Tensor<Int>(ones: [3, 2])) == Tensor<Int>(full: [4, 2, 2], 3))
  }

  @Test func whatIsNotFinitePropagates() {
    let a = Tensor<Float>([1, .infinity, .nan, 2], shape: [2, 2])
    let product = matmul(a, Tensor<Float>(eye: 2)).scalars
    #expect(product[0].isNaN && product[1] == .infinity && product[2].isNaN && product[3].isNaN)
    let vector = matmul(a, Tensor<Float>([1, 0])).scalars
    #expect(vector[0].isNaN && vector[1].isNaN)
  }

  @Test func aBetaOfZeroIgnoresTheInput() {
    let (a, b) = (Tensor<Double>(ones: [2, 3]), Tensor<Double>(ones: [3, 1]))
    let input = Tensor<Double>(full: [2, 1], .nan).asVariable()
    let result = addmm(input, a, b, beta: 0)
    #expect(result.scalars == [3, 3])
    #expect(gradients(of: result.sum(), at: [input])[0].scalars == [0, 0])
    #expect(addmm(Tensor(7), Tensor<Double>(zeros: [2, 0]), Tensor(zeros: [0, 1]), beta: 2).scalars == [14, 14])
  }

  @Test func transposedOperandsAreNotCopied() {
    let a = Tensor<Float>(ones: [3, 4])
    #expect(MatrixOperand(a).tensor.pointer == a.pointer)
    #expect(MatrixOperand(a.transposed()).tensor.pointer == a.pointer)
    #expect(MatrixOperand(a[.all, .slice(1, 3)]).tensor.pointer == a.pointer + 1)
    #expect(MatrixOperand(a[.slice(step: 2)].transposed()).leading == 8)
    #expect(MatrixOperand(a[.all, .slice(step: 2)]).tensor.pointer != a.pointer)
    #expect(MatrixOperand(a.broadcast(to: [5, 3, 4])).starts([5]) == [0, 0, 0, 0, 0])
  }

  @Test func equationsOfEveryKind() {
    let a = Tensor<Double>((0..<6).map(Double.init), shape: [2, 3])
    let s = Tensor<Double>((0..<9).map(Double.init), shape: [3, 3])
    #expect(einsum("ij->ji", a) == a.transposed())
    #expect(einsum("ba", a) == a.transposed())
    #expect(einsum("ii", s).item == 12)
    #expect(einsum("ii->i", s).scalars == [0, 4, 8])
    #expect(einsum("ij,ij->", a, a).item == 55)
    #expect(einsum("ij , kj", a, a) == matmul(a, a.transposed()))
    #expect(einsum("i...->...", a) == a.sum(along: 0))
    #expect(einsum("...,...->...", a, Tensor(2)) == a * 2)
    #expect(einsum("a,b,c->cba", Tensor([1, 2]), Tensor([3]), Tensor([5, 7])).scalars == [15, 30, 21, 42])
  }

  @Test func anyNumberOfThreadsGivesTheSameBits() {
    let a = Tensor<Float>(randomNormal: [6, 150, 200], generator: RandomGenerator(seed: 1))
    let b = Tensor<Float>(randomNormal: [200, 170], generator: RandomGenerator(seed: 2))
    func all() -> [Tensor<Float>] {
      [
        matmul(a, b), matmul(a.transposed(), a), matmul(a[0], b), matmul(b, b[0..<170, .index(0)]),
        matmul(a[0, 0], b), dot(b.flattened(), b.flattened()),
      ]
    }
    let before = Workers.count
    defer { Workers.count = before }
    Workers.count = 1
    let one = all()
    for threads in [2, 3] {
      Workers.count = threads
      #expect(all() == one, "\(threads) threads")
    }
  }
}

@Suite struct ProductMessageTests {
  @Test func batchesThatDiffer() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = matmul(Tensor<Float>(zeros: [2, 3, 4]), Tensor<Float>(zeros: [3, 4, 5]))
    }
    let message = text(result?.standardErrorContent)
    #expect(message.contains("matmul: shapes do not broadcast: [2] and [3] (2 ≠ 3)"))
  }

  @Test func inputsOfAnotherWidth() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = linear(Tensor<Float>(zeros: [2, 5]), Tensor<Float>(zeros: [4, 3]))
    }
    let message = text(result?.standardErrorContent)
    #expect(message.contains("linear: input [2, 5] for weight [4, 3] (5 ≠ 3)"))
  }

  @Test func labelsOfDifferentExtents() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = einsum("ij,jk->ik", Tensor<Float>(zeros: [2, 3]), Tensor<Float>(zeros: [4, 2]))
    }
    let message = text(result?.standardErrorContent)
    #expect(message.contains("einsum: ij,jk->ik: label j has extents 3 and 4"))
  }

  @Test func equationsThatDoNotFit() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = einsum("ijk->i", Tensor<Float>(zeros: [2, 3]))
    }
    let message = text(result?.standardErrorContent)
    #expect(message.contains("einsum: ijk->i: \"ijk\" names 3 axes of a tensor of rank 2"))
  }
}
