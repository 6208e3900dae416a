import TernBackend
import TernNN
import TernTensor
import TernTestSupport
import Testing

/// A loss of x and a target, and where both are drawn from.
private struct PointwiseCase<Scalar: FloatingScalar>: Sendable {
  let name: String
  var range: Range<Scalar> = -3..<3
  var target: Range<Scalar> = -3..<3
  var signs = false
  let loss: @Sendable (Tensor<Scalar>, Tensor<Scalar>, LossReduction) -> Tensor<Scalar>
}

private func cases<Scalar: FloatingScalar>(of: Scalar.Type) -> [PointwiseCase<Scalar>] {
  [
    PointwiseCase(name: "meanAbsoluteError") { meanAbsoluteError($0, $1, reduction: $2) },
    PointwiseCase(name: "huber") { huber($0, $1, delta: 0.75, reduction: $2) },
    PointwiseCase(name: "smoothL1") { smoothL1($0, $1, beta: 0.5, reduction: $2) },
    PointwiseCase(name: "hingeEmbedding", signs: true) { hingeEmbedding($0, $1, margin: 0.5, reduction: $2) },
    PointwiseCase(name: "marginRanking", signs: true) { marginRanking($0, $0 * 0.5, $1, margin: 0.25, reduction: $2) },
    PointwiseCase(name: "softMargin", signs: true) { softMargin($0, $1, reduction: $2) },
    PointwiseCase(name: "binaryCrossEntropy", range: 0..<1, target: 0..<1) {
      binaryCrossEntropy($0, $1, reduction: $2)
    },
    PointwiseCase(name: "klDivergence", target: 0..<1) { klDivergence($0, $1, reduction: $2) },
    PointwiseCase(name: "poissonNLL", target: 0..<4) { poissonNLL($0, $1, reduction: $2) },
  ]
}

/// The fused sums and gradients of losses of single elements are those of the losses made of operations.
@Suite struct PointwiseLossTests {
  @Test func sumsAndGradientsOfTheOperations() {
    sumsAndGradients(Float.self)
    sumsAndGradients(Double.self)
  }

  private func sumsAndGradients<Scalar: FloatingScalar>(_: Scalar.Type) {
    for item in cases(of: Scalar.self) {
      for count in [1, 7, 64, 1000, 40_001] {
        let x = Tensor<Scalar>(randomUniform: [count], in: item.range, generator: RandomGenerator(seed: 2)).asVariable()
        var y = Tensor<Scalar>(randomUniform: [count], in: item.target, generator: RandomGenerator(seed: 3))
        if item.signs { y = y.sign() }
        let size = item.loss(x.detached(), y, .none).abs().sum().item.number
        for reduction in [LossReduction.sum, .mean] {
          let what = "\(item.name) of \(count) in \(Scalar.self)"
          func loss() -> Tensor<Scalar> { item.loss(x, y, reduction) }
          func apart() -> Tensor<Scalar> {
            let terms = item.loss(x, y, .none)
            return reduction == .sum ? terms.sum() : terms.mean()
          }
          let bound = 8 * Scalar.ulpOfOne.number
          let difference = abs(loss().item.number - apart().item.number)
          #expect(difference <= bound * size / (reduction == .mean ? Double(count) : 1), "\(what)")
          let expected = gradients(of: apart() * 3, at: [x], createGraph: true)[0]
          let fused = gradients(of: loss() * 3, at: [x])[0]
          #expect(relativeDifference(fused, expected.detached()) <= 4 * bound, "gradient of \(what)")
          let graph = gradients(of: loss() * 3, at: [x], createGraph: true)[0]
          #expect(relativeDifference(graph.detached(), fused) <= 4 * bound, "recorded gradient of \(what)")
          guard expected.requiresGradient else { continue }
          let second = gradients(of: (expected * expected).sum(), at: [x])[0]
          let again = gradients(of: (graph * graph).sum(), at: [x])[0]
          #expect(relativeDifference(again, second) <= 16 * bound, "second gradient of \(what)")
        }
      }
    }
  }

  /// Two tensors of the same layout without gaps are read as they are, others row-major: the values do not tell.
  @Test func layoutsDoNotMatter() {
    let shape = [7, 300, 33]
    let values = [4, 5].map { Tensor<Double>(randomNormal: shape, generator: RandomGenerator(seed: $0)) }
    func laidOut(_ order: [Int], _ x: Tensor<Double>) -> Tensor<Double> {
      x.permuted(order).contiguous.permuted(order.indices.map { order.firstIndex(of: $0)! })
    }
    typealias Loss = (Tensor<Double>, Tensor<Double>) -> Tensor<Double>
    let losses: [(String, Loss)] = [
      ("squares", { meanSquaredError($0, $1) }), ("differences", { meanAbsoluteError($0, $1) }),
      ("huber", { huber($0, $1) }), ("smoothL1", { smoothL1($0, $1, reduction: .sum) }),
    ]
    for (name, loss) in losses {
      let plain = values.map { $0.asVariable() }
      let expected = loss(plain[0], plain[1])
      let slopes = gradients(of: expected, at: plain)
      for orders in [
        [[2, 1, 0], [2, 1, 0]], [[1, 2, 0], [1, 2, 0]], [[2, 1, 0], [0, 1, 2]], [[0, 1, 2], [1, 0, 2]],
      ] {
        let inputs = zip(orders, values).map { laidOut($0, $1).asVariable() }
        #expect(inputs[0].detached() == values[0] && inputs[1].detached() == values[1])
        let found = loss(inputs[0], inputs[1])
        #expect(relativeDifference(found, expected) < 1e-13, "\(name), \(orders)")
        for (slope, right) in zip(gradients(of: found, at: inputs), slopes) {
          #expect(slope.shape == shape && relativeDifference(slope, right) < 1e-13, "\(name), \(orders)")
        }
      }
    }
  }

  @Test func differencesPushBothSides() {
    let x = Tensor<Float>([1, 2, 5]).asVariable()
    let y = Tensor<Float>([2, 2, 1]).asVariable()
    for loss in [
      meanAbsoluteError(x, y, reduction: .sum), huber(x, y, reduction: .sum), smoothL1(x, y, reduction: .sum),
    ] {
      let g = gradients(of: loss, at: [x, y])
      #expect(g[0] == Tensor([-1, 0, 1]) && g[1] == Tensor([1, 0, -1]))
    }
  }

  @Test func endsOfTheRange() {
    #expect(meanAbsoluteError(Tensor<Double>([1e308, 1e308]), Tensor([-7e307, -7e307])).item == 1.7e308)
    #expect(huber(Tensor<Float>([.infinity]), Tensor([0])).item == .infinity)
    #expect(klDivergence(Tensor<Float>([-.infinity, 0]), Tensor([0, 1])).item == 0)
    #expect(klDivergence(Tensor<Float>([0, 0]), Tensor([-1, 1])).item.isNaN)
    #expect(binaryCrossEntropy(Tensor<Float>([0, 1]), Tensor([0, 1])).item == 0)
    #expect(binaryCrossEntropy(Tensor<Float>([0, 1]), Tensor([1, 0])).item == 100)
    #expect(meanAbsoluteError(Tensor<Float>(zeros: [0]), Tensor(zeros: [0])).item.isNaN)
    #expect(meanAbsoluteError(Tensor<Float>(zeros: [0]), Tensor(zeros: [0]), reduction: .sum).item == 0)
    #expect(hingeEmbedding(Tensor<Float>([.nan, 1]), Tensor([1, 1])).item.isNaN)
    let x = Tensor<Float>([0, .nan]).asVariable()
    #expect(gradients(of: meanAbsoluteError(x, Tensor([0, 0]), reduction: .sum), at: [x])[0] == Tensor([0, 0]))
  }
}
