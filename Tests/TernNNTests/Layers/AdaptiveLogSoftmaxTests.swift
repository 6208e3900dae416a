import TernBackend
import TernTensor
import TernTestSupport
import Testing

@testable import TernNN

/// Log softmax in clusters beside torch.nn.AdaptiveLogSoftmaxWithLoss 2.13, of weights ((7k + 3) mod 11)/11 − ½.
@Suite struct AdaptiveLogSoftmaxTests {
  private func layer() -> AdaptiveLogSoftmax<Double> {
    let layer = AdaptiveLogSoftmax<Double>(8, 12, cutoffs: [3, 7], divisor: 2, headBias: true)
    for case let parameter as Parameter<Double> in layer.parameters {
      let count = parameter.value.count
      parameter.value = Self.numbers(count, 7, 3, 11, 0.5).reshaped(parameter.shape)
    }
    return layer
  }

  private let input = Self.numbers(40, 5, 1, 13, 0.4).reshaped([5, 8])

  /// ((k·factor + first) mod divisor)/divisor − shift for k from 0
  private static func numbers(_ count: Int, _ factor: Int, _ first: Int, _ divisor: Int, _ shift: Double) -> Tensor<
    Double
  > {
    var values: [Double] = []
    for k in 0..<count {
      let remainder = (k * factor + first) % divisor
      values.append(Double(remainder) / Double(divisor) - shift)
    }
    return Tensor(values)
  }

  private func expectClose(
    _ found: Tensor<Double>, _ expected: [Double], location: SourceLocation = #_sourceLocation
  ) {
    #expect(found.count == expected.count, sourceLocation: location)
    for (a, b) in zip(found.scalars, expected) { #expect(abs(a - b) < 1e-12, sourceLocation: location) }
  }

  @Test func valuesAndGradients() {
    let layer = layer()
    #expect(
      layer.namedParameters.map(\.name) == [
        "head.weight", "head.bias", "tail.0.0.weight", "tail.0.1.weight", "tail.1.0.weight", "tail.1.1.weight",
      ])
    let x = input.asVariable()
    let (found, loss) = layer(x, Tensor([0, 11, 5, 2, 4]))
    expectClose(
      found,
      [-1.6690109615709847, -3.4497871710104353, -3.9789847689062583, -2.0587233554508084, -3.3118147918155976])
    expectClose(loss, [2.893664209750817])
    expectClose(
      layer.logProbabilities(x)[1],
      [
        -1.646667337412518, -1.0760379667831474, -1.6592547499999306, -3.6651500513242707, -3.8013229693153705,
        -3.9137196635302467, -3.7659764976052625, -3.2234680356003906, -3.3345932739983564, -3.161802428480238,
        -3.3386619326124696, -3.4497871710104353,
      ])
    let cluster = layer.tail[1][0, as: Dense<Double>.self].weight
    let slopes = withGradients { gradients(of: loss, at: [x, cluster.value, layer.head.bias!.value]) }
    expectClose(slopes[0][4][..<3], [-0.014484608789964916, -0.0034058524614040513, -0.022323611825746367])
    expectClose(slopes[1][1][..<2], [-0.023342419773551025, 0.013130111122622447])
    expectClose(
      slopes[2],
      [0.0037097905931660763, 0.32307347285816446, -0.03649621223492425, -0.29537091105199, 0.005083859835583578])
    let one = layer(input[1], Tensor(11))
    #expect(one.logProbabilities.shape == [] && abs(one.loss.item - 3.4497871710104353) < 1e-12)
    let result = checkGradients(at: [input], order: 2) { layer($0[0], Tensor([0, 11, 5, 2, 4])).loss }
    #expect(result.passes(), "\(result)")
  }

  @Test func probabilitiesSumToOneAndThePredictionIsTheLargest() {
    let layer = AdaptiveLogSoftmax(16, 50, cutoffs: [5, 20], divisor: 2)
    let x = Tensor<Float>(randomNormal: [200, 16], generator: RandomGenerator(seed: 1)) * 8
    let all = layer.logProbabilities(x)
    #expect(all.shape == [200, 50])
    #expect((all.exp().sum(along: -1) - 1).abs().max().item < 1e-5)
    let best = layer.predict(x)
    #expect(best == all.argmax(along: 1))
    #expect(best.max().item >= 5 && best.min().item < 5, "rows of both kinds")
    #expect(layer.predict(x[3]) == best[3])
    let labels = remainder(Tensor<Int>(0..<200), 50)
    let expected = all.gathered(labels.expandedAxis(at: 1), along: 1).squeezed(1)
    #expect((layer(x, labels).logProbabilities - expected).abs().max().item < 1e-5)
    let copy = layer.copy()
    #expect(copy.predict(x) == best)
    #expect(layer(Tensor(zeros: [0, 16]), Tensor(zeros: [0])).logProbabilities.shape == [0])
  }

  @Test func mistakesStopWithALine() async {
    let cutoffs = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = AdaptiveLogSoftmax(8, 12, cutoffs: [7, 3])
    }
    var said = text(cutoffs?.standardErrorContent)
    #expect(said.contains("AdaptiveLogSoftmax: cutoffs [7, 3], expected rising numbers from 1 to 11"))
    let label = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = AdaptiveLogSoftmax(8, 12, cutoffs: [3], divisor: 2)(Tensor(zeros: [2, 8]), Tensor([1, 12]))
    }
    said = text(label?.standardErrorContent)
    #expect(said.contains("AdaptiveLogSoftmax: label 12 of row 1 outside 0..<12"))
    let size = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = AdaptiveLogSoftmax(8, 12, cutoffs: [3, 7])
    }
    said = text(size?.standardErrorContent)
    #expect(said.contains("AdaptiveLogSoftmax: cluster 1 has 0.5 features"))
  }
}
