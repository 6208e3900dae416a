import TernTensor
import TernTestSupport
import Testing

@testable import TernNN

/// Losses against closed forms; PyTorch's numbers are in the conformance cases.
@Suite struct LossTests {
  @Test func crossEntropyOfEqualLogitsIsTheLogarithmOfTheirNumber() {
    let loss = crossEntropy(Tensor<Double>(zeros: [3, 10]), Tensor<Int>([0, 5, 9]))
    expectClose(loss, [2.302585092994046], within: 1e-15)
  }

  @Test func theDerivativeIsTheDifferenceOfProbabilities() {
    let logits = Tensor<Double>([1, 2, 3, 0, 0, 0], shape: [2, 3]).asVariable()
    crossEntropy(logits, Tensor<Int>([2, 0])).backward()
    let p = Tensor<Double>([1, 2, 3]).softmax().scalars
    expectClose(
      logits.gradient!, [p[0] / 2, p[1] / 2, (p[2] - 1) / 2, -1.0 / 3, 1.0 / 6, 1.0 / 6], within: 1e-16)
  }

  @Test func logitsFarApartDoNotOverflow() {
    let logits = Tensor<Float>([1e4, -1e4, 0, 0], shape: [2, 2]).asVariable()
    let loss = crossEntropy(logits, Tensor<Int>([1, 0]), reduction: .none)
    expectClose(loss, [2e4, 0.6931472], within: 1e-6)
    loss.sum().backward()
    expectClose(logits.gradient!, [1, -1, -0.5, 0.5], within: 1e-6)
  }

  @Test func whatIsIgnoredCountsForNothing() {
    let logits = Tensor<Double>([.infinity, 0, 1, 2, 3, 5], shape: [3, 2]).asVariable()
    let loss = crossEntropy(logits, Tensor<Int>([-1, 0, 1]), ignoring: -1)
    let alone = crossEntropy(Tensor<Double>([1, 2, 3, 5], shape: [2, 2]), Tensor<Int>([0, 1]))
    expectClose(loss, alone.scalars, within: 1e-16)
    #expect(crossEntropy(Tensor<Double>(zeros: [1, 2]), Tensor<Int>([-100])).item.isNaN)
    #expect(crossEntropy(Tensor<Double>(zeros: [1, 2]), Tensor<Int>([-100]), reduction: .sum).item == 0)
  }

  @Test func anEmptyBatchIsNaNOrZero() {
    #expect(crossEntropy(Tensor<Float>(zeros: [0, 4]), Tensor<Int>(zeros: [0])).item.isNaN)
    #expect(crossEntropy(Tensor<Float>(zeros: [0, 4]), Tensor<Int>(zeros: [0]), reduction: .sum).item == 0)
    #expect(crossEntropy(Tensor<Float>(zeros: [0, 4]), Tensor<Int>(zeros: [0]), reduction: .none).shape == [0])
  }

  @Test func regressionLossesByHand() {
    let (x, y) = (Tensor<Double>([0, 2, -3]), Tensor<Double>([0.5, 0, 0]))
    expectClose(meanSquaredError(x, y), [(0.25 + 4 + 9) / 3], within: 1e-15)
    expectClose(meanAbsoluteError(x, y), [5.5 / 3], within: 1e-15)
    expectClose(huber(x, y, reduction: .none), [0.125, 1.5, 2.5], within: 1e-15)
    expectClose(smoothL1(x, y, beta: 0.5, reduction: .none), [0.25, 1.75, 2.75], within: 1e-15)
    expectClose(smoothL1(x, y, beta: 0, reduction: .none), [0.5, 2, 3], within: 0)
    expectClose(
      binaryCrossEntropy(logits: Tensor<Double>([0, 1000, -1000]), Tensor([1, 1, 1]), reduction: .none),
      [0.6931471805599453, 0, 1000], within: 1e-15)
  }

  @Test func thePenaltyIsOfWeightsAlone() {
    let model = Sequential<Double> {
      Dense(2, 2)
      BatchNorm1d(2)
    }
    let dense = model[0] as! Dense<Double>
    dense.weight.value = Tensor([1, 2, 3, 4], shape: [2, 2])
    let penalty = l2Penalty(model, lambda: 0.7, batchSize: 211)
    expectClose(penalty, [0.7 / 422 * 30], within: 1e-16)
    penalty.backward()
    expectClose(dense.weight.gradient!, [1, 2, 3, 4].map { $0 * 0.7 / 211 }, within: 1e-16)
    #expect(dense.bias?.gradient == nil)
  }

  @Test func aPenaltyOfAnotherTypeStops() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      let penalty: Tensor<Double> = l2Penalty(Dense(2, 1), lambda: 0.7, batchSize: 1)
      _ = penalty
    }
    expectLine("l2Penalty: weight is of float32, the penalty of float64", in: result?.standardErrorContent)
  }

  @Test func aLabelOutsideStops() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = crossEntropy(Tensor<Float>(zeros: [4, 10]), Tensor<Int>([1, 2, 3, 10]))
    }
    expectLine("crossEntropy: label 10 at 3 outside 0..<10", in: result?.standardErrorContent)
  }

  @Test func shapesThatDoNotFitStop() async {
    let labels = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = crossEntropy(Tensor<Float>(zeros: [4, 10]), Tensor<Int>(zeros: [5]))
    }
    expectLine("crossEntropy: labels [5] for logits [4, 10]: [4] is wanted", in: labels?.standardErrorContent)
    let weight = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = crossEntropy(Tensor<Float>(zeros: [4, 10]), Tensor<Int>(zeros: [4]), weight: Tensor(ones: [4]))
    }
    expectLine("crossEntropy: weight [4] for 10 classes", in: weight?.standardErrorContent)
    let target = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = meanSquaredError(Tensor<Float>(zeros: [4, 1]), Tensor(zeros: [4]))
    }
    expectLine("meanSquaredError: prediction [4, 1] and target [4] differ", in: target?.standardErrorContent)
  }
}
