import TernTensor
import TernTestSupport
import Testing

/// Bags of rows beside the rows themselves, their edges and their messages. PyTorch's numbers are among the conformance cases.
@Suite struct EmbeddingBagTests {
  private let table = Tensor<Double>(randomNormal: [6, 5], generator: RandomGenerator(seed: 3))
  private let words = Tensor<Int>([4, 0, 2, 2, 5, 1, 3])

  @Test("a bag is the reduction of its rows, and so is its gradient")
  func reductions() {
    let offsets = Tensor<Int>([0, 3, 3])
    let upstream = Tensor<Double>(randomNormal: [3, 5], generator: RandomGenerator(seed: 4))
    for mode in EmbeddingBagMode.allCases {
      let (x, y) = (table.asVariable(), table.asVariable())
      let found = embeddingBag(words, x, offsets: offsets, mode: mode)
      let rows = embedding(words, y)
      func reduced(_ part: Tensor<Double>) -> Tensor<Double> {
        switch mode {
        case .sum: part.sum(along: 0)
        case .mean: part.mean(along: 0)
        case .max: part.max(along: 0).values
        }
      }
      let expected = stack([reduced(rows[0..<3]), Tensor(zeros: [5]), reduced(rows[3..<7])])
      #expect(relativeDifference(found, expected) < 1e-15, "\(mode)")
      found.backward(upstream)
      expected.backward(upstream)
      #expect(relativeDifference(x.gradient!, y.gradient!) < 1e-15, "\(mode)")
    }
  }

  @Test("of equal rows the first has the gradient of the maximum; NaN is the maximum")
  func maxima() {
    let equal = Tensor<Double>([1, 7, 1, 2]).reshaped(2, 2).asVariable()
    embeddingBag(Tensor<Int>([[1, 0]]), equal, mode: .max).backward(Tensor(ones: [1, 2]))
    let gradient: [Double] = [0, 1, 1, 0]
    #expect(equal.gradient!.scalars == gradient)
    let spoilt = Tensor<Double>([1, .nan, 3]).reshaped(3, 1)
    for order in [[0, 1, 2], [1, 0, 2], [0, 2, 1]] {
      #expect(embeddingBag(Tensor<Int>([order]), spoilt, mode: .max).item.isNaN)
    }
  }

  @Test("long lists of many features, the same on any number of threads")
  func manyEntries() {
    let generator = RandomGenerator(seed: 5)
    let large = Tensor<Float>(randomNormal: [300, 130], generator: generator)
    let entries: [Int] = (0..<4500).map { (index: Int) -> Int in (index * 7919 + index / 13) % 300 }
    let list = Tensor<Int>(entries).reshaped(500, 9)
    for mode in EmbeddingBagMode.allCases {
      let (x, y) = (large.asVariable(), large.asVariable())
      let found = embeddingBag(list, x, mode: mode)
      let rows = embedding(list, y)
      let expected = mode == .max ? rows.max(along: 1).values : mode == .sum ? rows.sum(along: 1) : rows.mean(along: 1)
      #expect(relativeDifference(found.detached(), expected.detached()) < 1e-6)
      let upstream = Tensor<Float>(randomNormal: [500, 130], generator: generator)
      found.backward(upstream)
      expected.backward(upstream)
      #expect(relativeDifference(x.gradient!, y.gradient!) < 1e-5, "\(mode)")
    }
  }

  @Test("rows that are asked for are shortened, others and short ones stay")
  func norms() {
    let long = Tensor<Double>([3, 4, 0.3, 0.4, 30, 40]).reshaped(3, 2)
    let found = embedding(Tensor<Int>([0, 1]), long, maxNorm: 1)
    let expected: [Double] = [0.6, 0.8, 0.3, 0.4]
    #expect(relativeDifference(found.flattened(), Tensor(expected)) < 1e-7)
    let largest = embeddingBag(Tensor<Int>([[2]]), long, mode: .sum, maxNorm: 4, normOrder: .infinity)
    #expect(relativeDifference(largest.flattened(), Tensor<Double>([3, 4])) < 1e-7)
    // Squares of these leave the range.
    let huge = embedding(Tensor<Int>([0]), Tensor<Double>([3e200, 4e200]).reshaped(1, 2), maxNorm: 1)
    #expect(relativeDifference(huge.flattened(), Tensor<Double>([0.6, 0.8])) < 1e-7)
  }

  @Test("empty bags, tables of no features, and no bags")
  func edges() {
    #expect(embeddingBag(Tensor<Int>(zeros: [0, 3]), table).shape == [0, 5])
    #expect(embeddingBag(Tensor<Int>(zeros: [3, 0]), table, mode: .max) == Tensor(zeros: [3, 5]))
    #expect(embeddingBag(words, Tensor<Double>(zeros: [6, 0]), offsets: Tensor<Int>([0, 2])).shape == [2, 0])
    #expect(embeddingBag(words, table, offsets: Tensor<Int>([]), mode: .sum).shape == [0, 5])
  }

  @Test func messages() async {
    let order = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = embeddingBag(Tensor<Int>([1, 2, 3]), Tensor<Float>(zeros: [4, 2]), offsets: Tensor<Int>([0, 2, 1]))
    }
    let falling = text(order?.standardErrorContent)
    #expect(falling.contains("embeddingBag: offset 1 at 2 after 2, of 3 indices"), "\(falling)")
    let outside = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = embeddingBag(Tensor<Int>([[1, 4]]), Tensor<Float>(zeros: [4, 2]))
    }
    let words = text(outside?.standardErrorContent)
    #expect(words.contains("embeddingBag: index 4 at 1 outside the 4 rows"), "\(words)")
    let weights = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = embeddingBag(Tensor<Int>([[1, 2]]), Tensor<Float>(zeros: [4, 2]), sampleWeights: Tensor(ones: [1, 2]))
    }
    let mean = text(weights?.standardErrorContent)
    #expect(mean.contains("embeddingBag: weights of samples in a mean: a sum is wanted"), "\(mean)")
  }
}
