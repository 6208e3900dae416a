import TernNN
import TernTensor
import Testing

/// Tables that are learned: bags, and rows that a call shortens.
@Suite struct EmbeddingBagLayerTests {
  @Test("a call shortens the rows it takes, in the table, and only those")
  func norms() {
    let words = Embedding<Double>(3, 2, maxNorm: 1)
    let bags = EmbeddingBag<Double>(3, 2, mode: .sum, maxNorm: 1)
    let table = Tensor<Double>([3, 4, 6, 8, 0, 5]).reshaped(3, 2)
    (words.weight.value, bags.weight.value) = (table, table)
    let before = words.weight.value
    _ = words(Tensor<Int>([0, 2]))
    _ = bags(Tensor<Int>([[0, 2]]))
    let expected = Tensor<Double>([0.6, 0.8, 6, 8, 0, 1]).reshaped(3, 2)
    for weight in [words.weight, bags.weight] {
      let difference = (weight.value.detached() - expected).abs().max().item
      #expect(difference < 1e-7)
    }
    #expect(before.detached() == table)
    let once = words.weight.value.detached()
    _ = words(Tensor<Int>([0, 2, 0]))
    #expect(words.weight.value.detached() == once)
  }

  @Test("a frozen table stays, its result is shortened nevertheless")
  func frozenTables() {
    let words = Embedding<Double>(1, 2, maxNorm: 1)
    words.weight.value = Tensor<Double>([3, 4]).reshaped(1, 2)
    words.weight.isFrozen = true
    let difference = (words(Tensor<Int>([0])).flattened() - Tensor<Double>([0.6, 0.8])).abs().max().item
    #expect(difference < 1e-7)
    #expect(words.weight.value.scalars == [3, 4])
  }

  @Test("a table starts normally distributed, its padding at 0, which gets no gradient")
  func padding() {
    let bags = EmbeddingBag(4, 3, mode: .mean, paddingIndex: -1)
    #expect(bags.weight.value.detached()[3].scalars == [0, 0, 0])
    #expect(bags.weight.value.detached()[0..<3].abs().min().item > 0)
    let result = bags(Tensor<Int>([0, 3, 1, 3]), offsets: Tensor<Int>([0, 2]))
    #expect(result.detached() == bags.weight.value.detached()[0..<2])
    result.sum().backward()
    let gradient: [Float] = [1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0]
    #expect(bags.weight.gradient!.scalars == gradient)
  }

  @Test("the copy has the same settings, the state the key of PyTorch")
  func copies() {
    let bags = EmbeddingBag(
      4, 3, mode: .max, includesLastOffset: true, paddingIndex: 1, maxNorm: 2, normOrder: 1)
    let copy = bags.copy()
    let words = Tensor<Int>([0, 3, 2])
    #expect(copy(words, offsets: Tensor<Int>([0, 1, 3])) == bags(words, offsets: Tensor<Int>([0, 1, 3])))
    #expect(bags.namedParameters.map(\.name) == ["weight"])
  }
}
