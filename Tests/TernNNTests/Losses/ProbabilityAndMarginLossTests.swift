import Foundation
import TernTensor
import TernTestSupport
import Testing

@testable import TernNN

/// Losses of probabilities and margins against closed forms.
@Suite struct ProbabilityAndMarginLossTests {
  @Test func binaryCrossEntropyOfProbabilities() {
    let loss = binaryCrossEntropy(Tensor<Double>([0.25, 0.5, 1, 0]), Tensor([1, 0, 1, 1]), reduction: .none)
    expectClose(loss, [log(4), log(2), 0, 100], within: 1e-15)
  }

  @Test func divergenceOfEqualDistributionsIsZero() {
    let p = Tensor<Double>([0.5, 0.25, 0.25, 0])
    #expect(klDivergence(Tensor([log(0.5), log(0.25), log(0.25), -3]), p, reduction: .sum).item == 0)
    let target = Tensor<Double>([0.3, 0.6, 0.1])
    let x = Tensor<Double>([-1, -0.5, -2])
    let expected = zip(target.scalars, x.scalars).map { $0 * (log($0) - $1) }
    expectClose(klDivergence(x, target, reduction: .none), expected, within: 1e-15)
    expectClose(klDivergence(x, target.log(), targetIsLogarithm: true, reduction: .none), expected, within: 1e-15)
  }

  @Test func likelihoodsOfCountsAndNumbers() {
    let x = Tensor<Double>([0.5, 1.5, 2.5]), y = Tensor<Double>([0, 1, 4])
    expectClose(
      poissonNLL(x, y, reduction: .none), [exp(0.5), exp(1.5) - 1.5, exp(2.5) - 10], within: 1e-14)
    let stirling = 4 * log(4) - 4 + 0.5 * log(8 * Double.pi)
    expectClose(
      poissonNLL(x, y, isLogarithm: false, full: true, epsilon: 0, reduction: .none),
      [0.5, 1.5 - log(1.5), 2.5 - 4 * log(2.5) + stirling], within: 1e-14)
    expectClose(
      gaussianNLL(x, y, variance: Tensor([1, 4, 0]), full: true, epsilon: 0.25, reduction: .none),
      [
        0.5 * (0.25 + log(2 * Double.pi)), 0.5 * (log(4) + 0.0625 + log(2 * Double.pi)),
        0.5 * (log(0.25) + 9 + log(2 * Double.pi)),
      ], within: 1e-14)
  }

  @Test func margins() {
    let x = Tensor<Double>([2, 0.5, 3]), sign = Tensor<Double>([1, -1, -1])
    expectClose(hingeEmbedding(x, sign, reduction: .none), [2, 0.5, 0], within: 0)
    expectClose(
      marginRanking(x, Tensor([1, 2, 1]), sign, margin: 0.25, reduction: .none), [0, 0, 2.25], within: 0)
    let a = Tensor<Double>([[0, 0]]), p = Tensor<Double>([[3, 4]]), n = Tensor<Double>([[0, 1]])
    expectClose(tripletMargin(a, p, n, epsilon: 0, reduction: .none), [5], within: 1e-15)
    expectClose(tripletMargin(a, p, n, p: 1, epsilon: 0, reduction: .none), [7], within: 1e-15)
    expectClose(
      tripletMargin(a, p, Tensor([[6, 8]]), epsilon: 0, swap: true, reduction: .none), [1], within: 1e-15)
    let rows = Tensor<Double>([[1, 0], [1, 0], [1, 0]]), others = Tensor<Double>([[1, 1], [1, 1], [-1, 0]])
    let half = 0.5.squareRoot()
    expectClose(
      cosineEmbedding(rows, others, sign, margin: 0.5, reduction: .none), [1 - half, half - 0.5, 0], within: 1e-11)
    expectClose(
      multiMargin(Tensor<Double>([[0.1, 0.5, 2]]), Tensor<Int>([1]), weight: Tensor([1, 3, 1]), reduction: .none),
      [(0.6 + 2.5) * 3 / 3], within: 1e-15)
    expectClose(
      multiMargin(Tensor<Double>([0.1, 0.5, 2]), Tensor<Int>(1), p: 2), [(0.36 + 6.25) / 3], within: 1e-15)
  }

  @Test func theOnlyAlignmentsAreCounted() {
    // Two steps and one class: "a-", "-a" and "aa" say it.
    let p = Tensor<Double>([[0.6, 0.4], [0.3, 0.7]])
    let loss = ctcLoss(p.log(), Tensor<Int>([1]), inputLengths: [2], targetLengths: [1], reduction: .none)
    expectClose(loss, [-log(0.4 * 0.3 + 0.6 * 0.7 + 0.4 * 0.7)], within: 1e-15)
    // The same class twice wants a blank between: three steps are too few for nothing else.
    let q = Tensor<Double>([[0.1, 0.9], [0.8, 0.2], [0.5, 0.5]])
    let twice = ctcLoss(q.log(), Tensor<Int>([1, 1]), inputLengths: [3], targetLengths: [2], reduction: .none)
    expectClose(twice, [-log(0.9 * 0.8 * 0.5)], within: 1e-15)
    let impossible = { (zero: Bool) in
      ctcLoss(
        q.log(), Tensor<Int>([1, 1]), inputLengths: [2], targetLengths: [2], zeroInfinity: zero, reduction: .none)
    }
    #expect(impossible(false).item == .infinity && impossible(true).item == 0)
    let logits = Tensor<Double>.spread([4, 2, 3])
    let check = checkGradients(at: [logits], order: 1) {
      ctcLoss($0[0].logSoftmax(), Tensor<Int>([[1, 2], [2, 0]]), inputLengths: [4, 3], targetLengths: [2, 1])
    }
    #expect(check.passes(), "\(check)")
  }

  @Test("losses and gradients of long targets are those of sums over paths in probabilities")
  func longAlignments() {
    let (steps, batch, classes) = (40, 3, 7)
    let logits = Tensor<Double>(
      randomNormal: [steps, batch, classes], generator: RandomGenerator(seed: 4)
    ).asVariable()
    let targets: [[Int]] = [[1, 1, 2, 3, 6, 6, 5], [], [4, 2, 4, 2, 2, 1, 3, 5, 6, 1, 1, 2]]
    let lengths = [40, 31, 25]
    let losses = ctcLoss(
      logits.logSoftmax(along: -1), Tensor<Int>(targets.flatMap { $0 }), inputLengths: lengths,
      targetLengths: targets.map(\.count), reduction: .none)
    // The same recursion in probabilities, of recorded operations.
    let p = logits.softmax(along: -1)
    var expected: [Tensor<Double>] = []
    for (n, target) in targets.enumerated() {
      let states = [0] + target.flatMap { [$0, 0] }
      var paths = states.indices.map { $0 < 2 ? p[0, n, states[$0]] : Tensor<Double>(0) }
      for t in 1..<lengths[n] {
        paths = states.indices.map { s in
          var sum = paths[s]
          if s > 0 { sum = sum + paths[s - 1] }
          if s > 1 && states[s] != 0 && states[s] != states[s - 2] { sum = sum + paths[s - 2] }
          return sum * p[t, n, states[s]]
        }
      }
      expected.append(-(states.count > 1 ? paths[states.count - 1] + paths[states.count - 2] : paths[0]).log())
    }
    let other = stack(expected)
    expectClose(losses, other.scalars, within: 1e-10)
    let (one, two) = (gradients(of: losses.sum(), at: [logits])[0], gradients(of: other.sum(), at: [logits])[0])
    #expect((one - two).abs().max().item <= 1e-10)
  }

  @Test func mistakesStop() async {
    let classes = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = multiMargin(Tensor<Float>(zeros: [2, 3]), Tensor<Int>([0, 3]))
    }
    let first = text(classes?.standardErrorContent)
    #expect(first.contains("multiMargin: label 3 at 1 outside 0..<3"))
    let blank = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = ctcLoss(Tensor<Float>(zeros: [2, 3]), Tensor<Int>([0]), inputLengths: [2], targetLengths: [1])
    }
    let second = text(blank?.standardErrorContent)
    #expect(second.contains("ctcLoss: class 0 in target 0: 0..<3 without the blank 0 is wanted"))
    let outside = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = binaryCrossEntropy(Tensor<Float>([1.5]), Tensor<Float>([1]))
    }
    let third = text(outside?.standardErrorContent)
    #expect(third.contains("binaryCrossEntropy: probabilities from 1.5 to 1.5, outside 0...1"))
  }
}
