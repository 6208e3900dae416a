import TernNN
import TernTensor
import TernTestSupport
import Testing

/// Weights of elements, and the cross entropy of a linear layer beside that of its logits.
@Suite struct LossVariantTests {
  @Test("chunks of any size give the loss and the gradients of all logits")
  func chunks() {
    let generator = RandomGenerator(seed: 4)
    let x = Tensor<Double>(randomNormal: [11, 6], generator: generator)
    let w = Tensor<Double>(randomNormal: [7, 6], generator: generator)
    let labels = Tensor<Int>([0, 3, 6, 2, 2, 5, 1, 3, 4, 0, 6])
    let (a, b) = (x.asVariable(), w.asVariable())
    let whole = crossEntropy(linear(a, b), labels, ignoring: 3, labelSmoothing: 0.1)
    let expected = gradients(of: whole, at: [a, b])
    for size in [1, 2, 5, 11, 100] {
      let loss = linearCrossEntropy(a, b, labels, ignoring: 3, labelSmoothing: 0.1, chunkSize: size)
      #expect(relativeDifference(loss, whole) < 1e-14)
      let found = gradients(of: loss, at: [a, b])
      #expect(relativeDifference(found[0], expected[0]) < 1e-13, "\(size)")
      #expect(relativeDifference(found[1], expected[1]) < 1e-13, "\(size)")
    }
    #expect(linearCrossEntropy(x[0..<0], w, labels[0..<0], reduction: .sum).item == 0)
    #expect(linearCrossEntropy(x[0..<0], w, labels[0..<0], reduction: .none).shape == [0])
  }

  @Test("what is ignored does not matter, infinities and NaN included")
  func ignoredRows() {
    var x = Tensor<Double>(ones: [3, 2])
    x[1] = Tensor(.nan)
    let (a, b) = (x.asVariable(), Tensor<Double>([1, 2, 3, 5]).reshaped(2, 2).asVariable())
    let loss = linearCrossEntropy(a, b, Tensor<Int>([0, -100, 1]), chunkSize: 2)
    #expect(loss.item.isFinite)
    #expect(gradients(of: loss, at: [a])[0].isAllFinite)
  }

  @Test("elements of weight 0 do not matter")
  func weights() {
    let x = Tensor<Double>([1, .infinity, 4]).asVariable()
    let w = Tensor<Double>([1, 0, 3])
    let y = Tensor<Double>([0, 0, 0])
    #expect(meanSquaredError(x, y, weight: w).item == 12.25)
    #expect(meanAbsoluteError(x, y, weight: w).item == 3.25)
    #expect(huber(x, y, weight: w, reduction: .sum).item == 11)
    #expect(gradients(of: meanAbsoluteError(x, y, weight: w), at: [x])[0].scalars == [0.25, 0, 0.75])
  }

  @Test func messages() async {
    let labels = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = linearCrossEntropy(Tensor<Float>(zeros: [2, 3]), Tensor(zeros: [4, 3]), Tensor<Int>([1, 4]))
    }
    expectLine("linearCrossEntropy: label 4 at 1 outside 0..<4", in: labels?.standardErrorContent)
    let features = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = linearCrossEntropy(Tensor<Float>(zeros: [2, 3]), Tensor(zeros: [4, 5]), Tensor<Int>([1, 2]))
    }
    expectLine(
      "linearCrossEntropy: input [2, 3] and weight [4, 5] differ in features (3 ≠ 5)",
      in: features?.standardErrorContent)
    let weight = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = meanSquaredError(Tensor<Float>(zeros: [2]), Tensor(zeros: [2]), weight: Tensor(ones: [1]))
    }
    expectLine("meanSquaredError: weight [1] for prediction [2]", in: weight?.standardErrorContent)
  }
}
