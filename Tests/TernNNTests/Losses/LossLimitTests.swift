import TernBackend
import TernNN
import TernTensor
import Testing

/// Losses where their inputs end: infinities, weights of 0, labels that do not count. What has no weight adds nothing.
@Suite struct LossLimitTests {
  /// Values and gradients of a loss in Float and Double, the gradients once as they are and once recorded; the recorded ones
  /// have derivatives without NaN.
  private func expect(
    _ label: String, at point: [Double], shape: [Int]? = nil, _ loss: (Tensor<Double>) -> Tensor<Double>,
    _ narrow: (Tensor<Float>) -> Tensor<Float>, value: [Double], gradient: [Double], within bound: Double = 1e-6
  ) {
    run(label, point, shape, loss, value, gradient, bound)
    run(label + ", Float", point, shape, narrow, value, gradient, bound)
  }

  private func run<Scalar: FloatingScalar>(
    _ label: String, _ point: [Double], _ shape: [Int]?, _ loss: (Tensor<Scalar>) -> Tensor<Scalar>,
    _ value: [Double], _ gradient: [Double], _ bound: Double
  ) {
    let values = Tensor<Double>(point).cast(to: Scalar.self)
    let x = (shape.map { values.reshaped($0) } ?? values).asVariable()
    let result = loss(x)
    expectSame(result, value, bound, label)
    let derivative = gradients(of: result.sum(), at: [x])[0]
    expectSame(derivative, gradient, bound, label + ", gradient")
    let y = values.reshaped(x.shape).asVariable()
    let recorded = gradients(of: loss(y).sum(), at: [y], createGraph: true)[0]
    expectSame(recorded, gradient, bound, label + ", recorded gradient")
    if recorded.requiresGradient && !gradient.contains(where: { $0.isNaN || $0.isInfinite }) {
      let second = gradients(of: recorded.sum(), at: [y])[0].cast(to: Double.self).scalars
      #expect(!second.contains { $0.isNaN }, "\(label), second order: \(second)")
    }
  }

  private func expectSame<Scalar: FloatingScalar>(
    _ found: Tensor<Scalar>, _ expected: [Double], _ bound: Double, _ label: String
  ) {
    let numbers = found.cast(to: Double.self).scalars
    #expect(numbers.count == expected.count, "\(label): \(numbers)")
    for (a, b) in zip(numbers, expected) {
      #expect(
        a == b || a.isNaN && b.isNaN || abs(a - b) <= bound * max(1, abs(b)), "\(label): \(numbers), not \(expected)")
    }
  }

  private let inf = Double.infinity

  @Test func labelsThatDoNotCount() {
    let labels = Tensor<Int>([-100, -100])
    let point: [Double] = [1, 2, -inf, -inf]
    let zeros: [Double] = [0, 0, 0, 0]
    expect(
      "all ignored", at: point, shape: [2, 2], { crossEntropy($0, labels) }, { crossEntropy($0, labels) },
      value: [.nan], gradient: zeros)
    expect(
      "all ignored, weights", at: point, shape: [2, 2], { crossEntropy($0, labels, weight: [1, 2]) },
      { crossEntropy($0, labels, weight: [1, 2]) }, value: [.nan], gradient: zeros)
    expect(
      "all ignored, smoothing", at: point, shape: [2, 2], { crossEntropy($0, labels, labelSmoothing: 0.1) },
      { crossEntropy($0, labels, labelSmoothing: 0.1) }, value: [.nan], gradient: zeros)
    expect(
      "all ignored, likelihood", at: point, shape: [2, 2], { negativeLogLikelihood($0, labels) },
      { negativeLogLikelihood($0, labels) }, value: [.nan], gradient: zeros)
    expect(
      "all of weight 0", at: point, shape: [2, 2], { crossEntropy($0, Tensor<Int>([1, 1]), weight: [1, 0]) },
      { crossEntropy($0, Tensor<Int>([1, 1]), weight: [1, 0]) }, value: [.nan], gradient: zeros)
  }

  @Test func rowsOfNothing() {
    // ln 2 and ±1/2 in the row that counts, nothing in the one that does not.
    let labels = Tensor<Int>([0, -100])
    for hidden in [-inf, .nan, inf] {
      let point: [Double] = [3, 3, hidden, hidden]
      let derivatives: [Double] = [-0.5, 0.5, 0, 0]
      expect(
        "ignored row of \(hidden)", at: point, shape: [2, 2], { crossEntropy($0, labels) },
        { crossEntropy($0, labels) }, value: [0.6931471805599453], gradient: derivatives)
      expect(
        "ignored row of \(hidden), weights", at: point, shape: [2, 2], { crossEntropy($0, labels, weight: [1, 1]) },
        { crossEntropy($0, labels, weight: [1, 1]) }, value: [0.6931471805599453], gradient: derivatives)
      expect(
        "ignored row of \(hidden), smoothing", at: point, shape: [2, 2],
        { crossEntropy($0, labels, labelSmoothing: 0.5) }, { crossEntropy($0, labels, labelSmoothing: 0.5) },
        value: [0.6931471805599453], gradient: [-0.25, 0.25, 0, 0])
      let mask = Tensor<Bool>([true, false])
      let all = Tensor<Int>([0, 1])
      expect(
        "masked row of \(hidden)", at: point, shape: [2, 2],
        { select(mask, crossEntropy($0, all, reduction: .none), 0) },
        { select(mask, crossEntropy($0, all, reduction: .none), 0) }, value: [0.6931471805599453, 0],
        gradient: derivatives)
      expect(
        "masked row of \(hidden), weights", at: point, shape: [2, 2],
        { select(mask, crossEntropy($0, all, weight: [1, 2], reduction: .none), 0) },
        { select(mask, crossEntropy($0, all, weight: [1, 2], reduction: .none), 0) },
        value: [0.6931471805599453, 0], gradient: derivatives)
      expect(
        "weight 0 of \(hidden)", at: point, shape: [2, 2], { negativeLogLikelihood($0, all, weight: [2, 0]) },
        { negativeLogLikelihood($0, all, weight: [2, 0]) }, value: [-3], gradient: [-1, 0, 0, 0])
      let target: [Double] = [1, 0, 0, 0]
      let soft = Tensor(target, shape: [2, 2])
      let narrow = soft.cast(to: Float.self)
      expect(
        "soft target of nothing beside \(hidden)", at: point, shape: [2, 2],
        { crossEntropy($0, soft, reduction: .sum) }, { crossEntropy($0, narrow, reduction: .sum) },
        value: [0.6931471805599453], gradient: derivatives)
    }
  }

  @Test func manyRows() {
    // Rows long and short, enough of them for every way through the kernel.
    for (rows, classes) in [(40, 3), (40, 17), (5, 3), (3, 300)] {
      var z = [Float](repeating: 1, count: rows * classes)
      var labels = [Int](repeating: 1, count: rows)
      for row in stride(from: 0, to: rows, by: 2) {
        for c in 0..<classes { z[row * classes + c] = row % 4 == 0 ? .nan : -.infinity }
        if row % 4 == 0 { labels[row] = -100 }
      }
      let x = Tensor(z, shape: [rows, classes]).asVariable()
      let losses = crossEntropy(x, Tensor(labels), reduction: .none)
      let odd = Tensor<Bool>((0..<rows).map { $0 % 2 == 1 })
      let derivatives = gradients(of: select(odd, losses, 0).sum(), at: [x])[0].scalars
      for (i, derivative) in derivatives.enumerated() {
        let expected: Float = i / classes % 2 == 0 ? 0 : 1 / Float(classes) - (i % classes == 1 ? 1 : 0)
        #expect(abs(derivative - expected) < 1e-6, "\(rows) by \(classes), \(i): \(derivative)")
      }
    }
  }

  @Test func softTargetsOfNothing() {
    // −(½·ln ½ + ½·ln ½) over the two classes that are there; the third has the probability 0.
    let target: [Double] = [0.5, 0.5, 0]
    let soft = Tensor(target)
    let narrow = soft.cast(to: Float.self)
    expect(
      "soft target 0", at: [2, 2, -inf], { crossEntropy($0, soft) }, { crossEntropy($0, narrow) },
      value: [0.6931471805599453], gradient: [0, 0, 0])
    let uniform = Tensor<Double>([0.25, 0.25, 0.5])
    let uniformNarrow = uniform.cast(to: Float.self)
    expect(
      "soft target of weight 0", at: [2, 2, -inf], { crossEntropy($0, uniform, weight: [1, 1, 0]) },
      { crossEntropy($0, uniformNarrow, weight: [1, 1, 0]) }, value: [0.34657359027997264], gradient: [0, 0, 0])
    expect(
      "smoothing, weight 0", at: [2, 2, -inf], { crossEntropy($0, Tensor(0), weight: [1, 1, 0], labelSmoothing: 0.3) },
      { crossEntropy($0, Tensor(0), weight: [1, 1, 0], labelSmoothing: 0.3) }, value: [0.6238324625039507],
      gradient: [-0.35, 0.35, 0])
  }

  @Test func logitsAtTheEnds() {
    let target: [Double] = [0, 1, 0, 1, 0.25]
    let y = Tensor(target)
    let narrow = y.cast(to: Float.self)
    let point: [Double] = [-inf, inf, inf, -inf, inf]
    let value: [Double] = [0, 0, inf, inf, inf]
    let derivatives: [Double] = [0, 0, 1, -1, 0.75]
    expect(
      "logits", at: point, { binaryCrossEntropy(logits: $0, y, reduction: .none) },
      { binaryCrossEntropy(logits: $0, narrow, reduction: .none) }, value: value, gradient: derivatives)
    expect(
      "logits, weights", at: point, { binaryCrossEntropy(logits: $0, y, weight: Tensor(2), reduction: .none) },
      { binaryCrossEntropy(logits: $0, narrow, weight: Tensor(2), reduction: .none) }, value: value,
      gradient: derivatives.map { $0 * 2 })
    for (i, z) in point.enumerated() {
      expect(
        "logit \(z) for \(target[i])", at: [z],
        { binaryCrossEntropy(logits: $0, Tensor([target[i]]), reduction: .sum) },
        { binaryCrossEntropy(logits: $0, Tensor([Float(target[i])]), reduction: .sum) }, value: [value[i]],
        gradient: [derivatives[i]])
    }
    for hidden in [inf, -inf, .nan] {
      expect(
        "logit \(hidden) of weight 0", at: [0, hidden],
        { binaryCrossEntropy(logits: $0, [1, 0.5], weight: [1, 0], reduction: .sum) },
        { binaryCrossEntropy(logits: $0, [1, 0.5], weight: [1, 0], reduction: .sum) },
        value: [0.6931471805599453], gradient: [-0.5, 0])
      expect(
        "labels of weight 0 beside \(hidden)", at: [0, hidden],
        { multiLabelSoftMargin($0, [1, 0.5], weight: [1, 0], reduction: .sum) },
        { multiLabelSoftMargin($0, [1, 0.5], weight: [1, 0], reduction: .sum) },
        value: [0.34657359027997264], gradient: [-0.25, 0])
    }
    expect(
      "positive weight 0", at: [-inf], { binaryCrossEntropy(logits: $0, [1], positiveWeight: Tensor(0)) },
      { binaryCrossEntropy(logits: $0, [1], positiveWeight: Tensor(0)) }, value: [0], gradient: [0])
    expect(
      "probability nan of weight 0", at: [0.5, .nan],
      { binaryCrossEntropy($0, [1, 0.5], weight: [1, 0], reduction: .sum) },
      { binaryCrossEntropy($0, [1, 0.5], weight: [1, 0], reduction: .sum) }, value: [0.6931471805599453],
      gradient: [-2, 0])
  }

  @Test func distributions() {
    expect(
      "divergence, target 0", at: [-inf, -1], { klDivergence($0, [0, 1], reduction: .none) },
      { klDivergence($0, [0, 1], reduction: .none) }, value: [0, 1], gradient: [0, -1])
    let target: [Double] = [-inf, -inf, 0]
    let logs = Tensor(target)
    let narrow = logs.cast(to: Float.self)
    expect(
      "divergence, log target −∞", at: [-inf, -2, -1],
      { klDivergence($0, logs, targetIsLogarithm: true, reduction: .none) },
      { klDivergence($0, narrow, targetIsLogarithm: true, reduction: .none) }, value: [0, 0, 1], gradient: [0, 0, -1])
    expect(
      "divergence, at the log target", at: [-inf, -1000],
      { klDivergence(Tensor([-inf, -3]), $0, targetIsLogarithm: true, reduction: .none) },
      { klDivergence(Tensor([-.infinity, -3]), $0, targetIsLogarithm: true, reduction: .none) }, value: [0, 0],
      gradient: [0, 0])
    expect(
      "Poisson", at: [-inf, -inf, inf], { poissonNLL($0, [0, 2, 3], reduction: .none) },
      { poissonNLL($0, [0, 2, 3], reduction: .none) }, value: [0, inf, inf], gradient: [0, -2, inf])
    expect(
      "Poisson, rates", at: [inf, 2, inf],
      { poissonNLL($0, [0, 0, 3], isLogarithm: false, epsilon: 0, reduction: .none) },
      { poissonNLL($0, [0, 0, 3], isLogarithm: false, epsilon: 0, reduction: .none) }, value: [inf, 2, inf],
      gradient: [1, 1, 1])
    expect(
      "Gauss", at: [inf, 1e15], { gaussianNLL($0, [0, 0], variance: [1, 1], reduction: .none) },
      { gaussianNLL($0, [0, 0], variance: [1, 1], reduction: .none) }, value: [inf, 5e29], gradient: [inf, 1e15])
  }

  @Test func poissonRateOfNothing() {
    expect(
      "Poisson, rate 0 for 0", at: [0], { poissonNLL($0, [0], isLogarithm: false, epsilon: 0) },
      { poissonNLL($0, [0], isLogarithm: false, epsilon: 0) }, value: [0], gradient: [1])
  }

  @Test func variancesAtTheEnds() {
    expect(
      "variance", at: [inf, 0], { gaussianNLL([0, 0], [1, 0], variance: $0, epsilon: 1, reduction: .none) },
      { gaussianNLL([0, 0], [1, 0], variance: $0, epsilon: 1, reduction: .none) }, value: [inf, 0],
      gradient: [0, 0.5])
  }

  @Test func regressionAtTheEnds() {
    let point: [Double] = [inf, -inf, 1e30, 0.5, 2]
    let zeros: [Double] = [0, 0, 0, 0, 0]
    let y = Tensor(zeros)
    let narrow = y.cast(to: Float.self)
    expect(
      "huber", at: point, { huber($0, y, delta: 2, reduction: .none) },
      { huber($0, narrow, delta: 2, reduction: .none) },
      value: [inf, inf, 2e30, 0.125, 2], gradient: [2, -2, 2, 0.5, 2])
    expect(
      "smooth", at: point, { smoothL1($0, y, beta: 2, reduction: .none) },
      { smoothL1($0, narrow, beta: 2, reduction: .none) }, value: [inf, inf, 1e30, 0.0625, 1],
      gradient: [1, -1, 1, 0.25, 1])
    expect(
      "smooth, absolute", at: point, { smoothL1($0, y, beta: 0, reduction: .none) },
      { smoothL1($0, narrow, beta: 0, reduction: .none) }, value: [inf, inf, 1e30, 0.5, 2],
      gradient: [1, -1, 1, 1, 1])
    expect(
      "squares", at: [inf, 1], { select([false, true], meanSquaredError($0, [0, 0], reduction: .none), 0) },
      { select([false, true], meanSquaredError($0, [0, 0], reduction: .none), 0) }, value: [0, 1], gradient: [0, 2])
    // The squares' sum leaves Float's range, their mean does not.
    let large = Tensor<Float>(full: [300], 1e19)
    #expect(abs(meanSquaredError(large, Tensor(zeros: [300])).item / 1e38 - 1) < 1e-6)
  }

  @Test func marginsAtTheEnds() {
    expect(
      "soft margin", at: [inf, -inf, inf, -inf], { softMargin($0, [1, 1, -1, -1], reduction: .none) },
      { softMargin($0, [1, 1, -1, -1], reduction: .none) }, value: [0, inf, inf, 0], gradient: [0, -1, 1, 0])
    expect(
      "ranking", at: [inf, -inf], { marginRanking($0, [0, 0], [1, 1], reduction: .none) },
      { marginRanking($0, [0, 0], [1, 1], reduction: .none) }, value: [0, inf], gradient: [0, -1])
    expect(
      "hinge", at: [inf, -inf, inf], { hingeEmbedding($0, [-1, -1, 1], reduction: .none) },
      { hingeEmbedding($0, [-1, -1, 1], reduction: .none) }, value: [0, inf, inf], gradient: [0, -1, 1])
    for p in [1, 2] {
      expect(
        "several classes", at: [inf, 0, -inf], { multiMargin($0, Tensor(0), p: p) },
        { multiMargin($0, Tensor(0), p: p) },
        value: [0], gradient: [0, 0, 0])
      expect(
        "several classes, weight 0", at: [-inf, 0], { multiMargin($0, Tensor(0), p: p, weight: [0, 1]) },
        { multiMargin($0, Tensor(0), p: p, weight: [0, 1]) }, value: [0], gradient: [0, 0])
    }
    expect(
      "several classes, wrong", at: [0, inf], { multiMargin($0, Tensor(0)) }, { multiMargin($0, Tensor(0)) },
      value: [inf], gradient: [-0.5, 0.5])
    expect(
      "several labels", at: [inf, -inf, -inf], { multiLabelMargin($0, Tensor([0, -1, -1])) },
      { multiLabelMargin($0, Tensor([0, -1, -1])) }, value: [0], gradient: [0, 0, 0])
  }

  @Test func cosinesOfLongVectors() {
    let long: [Float] = [3e25, 4e25]
    let x = Tensor(long).asVariable()
    let loss = cosineEmbedding(x, Tensor([4, 3]), Tensor(1))
    #expect(abs(loss.item - 0.04) < 1e-6)
    // −(b/(|a|·|b|) − cos·a/|a|²) with a = (3, 4)·10²⁵, b = (4, 3).
    let derivatives = gradients(of: loss, at: [x])[0].scalars
    #expect(abs(derivatives[0] * 5e25 + 0.224) < 1e-5)
    #expect(abs(derivatives[1] * 5e25 - 0.168) < 1e-5)
    let middle: [Float] = [3e14, 4e14]
    #expect(abs(cosineEmbedding(Tensor(middle), Tensor(middle), Tensor(1)).item) < 1e-6)
  }

  @Test func sequencesThatCannotBe() {
    func gradientOfLosses(_ z: Tensor<Double>, _ uses: [Bool]) -> [Double] {
      let x = z.asVariable()
      let losses = ctcLoss(
        x.logSoftmax(), Tensor([[1, 1, 2], [1, 2, 0]]), inputLengths: [3, 3], targetLengths: [3, 2], reduction: .none)
      #expect(losses[0].item == .infinity)
      return gradients(of: select(Tensor(uses), losses, 0).sum(), at: [x])[0].scalars
    }
    let z = Tensor<Double>(randomNormal: [3, 2, 4], generator: RandomGenerator(seed: 3))
    let derivatives = gradientOfLosses(z, [false, true])
    for (i, derivative) in derivatives.enumerated() {
      #expect(derivative.isFinite && (i / 4 % 2 == 1 || derivative == 0))
    }
    #expect(derivatives.contains { $0 != 0 })
    #expect(gradientOfLosses(z, [true, true]) == derivatives)
    var broken = z.scalars
    broken[10] = .nan
    let x = Tensor(broken, shape: [3, 2, 4]).asVariable()
    let losses = ctcLoss(
      x, Tensor([[1, 2], [1, 2]]), inputLengths: [3, 3], targetLengths: [2, 2], reduction: .none)
    #expect(losses[0].item.isNaN)
    let unused = gradients(of: losses[1], at: [x])[0].scalars
    #expect(!unused.contains { $0.isNaN })
  }
}
