import TernBackend
import TernTensor
import TernTestSupport
import Testing

@Suite struct BatchNormTests {
  private let x = Tensor<Double>([1, 4, -2, 0.5, 3, 3, 2, 0, 7, -1, 8, 0.25], shape: [2, 2, 3])
  private let scale = Tensor<Double>([2, -0.5])
  private let shift = Tensor<Double>([0.25, 1])
  private let weights = Tensor<Double>((1...12).map { Double($0) / 4 }, shape: [2, 2, 3])

  @Test func threeValues() {
    let (output, mean, variance, count) = batchNorm(Tensor<Float>([1, 3, 5], shape: [3, 1]))
    #expect(distance(output.scalars.map(Double.init), [-1.224742, 0, 1.224742]) < 2e-6)
    #expect(mean.item == 3 && count == 3)
    #expect(abs(variance.item - 8 / 3) < 1e-6)
  }

  @Test func trainingAsPyTorch() {
    let inputs = [x, scale, shift].map { $0.asVariable() }
    let (output, mean, variance, count) = batchNorm(inputs[0], scale: inputs[1], shift: inputs[2])
    #expect(
      distance(
        output.scalars,
        [
          -0.442819907336, 1.63563981467, -2.52127962934, 1.3048800302, 0.879466034571, 0.879466034571, 0.25,
          -1.13563981467, 3.71409953668, 1.56012842758, 0.0286380433061, 1.34742142977,
        ]) < 1e-10)
    let derivatives = gradients(of: output, at: inputs, gradient: weights).map(\.scalars)
    #expect(
      distance(
        derivatives[0],
        [
          -0.62353799974, -0.658178745692, -0.0692823232867, 0.161337391235, 0.131114420069, 0.0885730205055,
          0.346409953668, 0.658178745692, 0.346410369359, -0.101302063182, -0.0994971205172, -0.18022564811,
        ]) < 1e-10)
    #expect(distance(derivatives[1], [1.73204976834, 0.510496794759]) < 1e-10)
    #expect(distance(derivatives[2], [7.5, 12]) < 1e-12)
    // A tenth of the batch's, the variance unbiased.
    #expect(distance((mean * 0.1).scalars, [0.2, 0.229166666667]) < 1e-11)
    let unbiased = variance * (Double(count) / Double(count - 1))
    #expect(distance((unbiased * 0.1 + 0.9).scalars, [1.9, 1.93604166667]) < 1e-10)
    #expect(!mean.requiresGradient && !variance.requiresGradient)
  }

  @Test func evaluationAsPyTorch() {
    let inputs = [x, Tensor([1, -2]), Tensor([4, 0.5]), scale, shift].map { $0.asVariable() }
    let output = batchNorm(
      inputs[0], mean: inputs[1], variance: inputs[2], scale: inputs[3], shift: inputs[4])
    #expect(
      distance(
        output.scalars,
        [
          0.25, 3.24999625001, -2.74999625001, -0.767749275562, -2.53549855112, -2.53549855112, 1.24999875,
          -0.749998750002, 6.24999250001, 0.292900289775, -6.07099710225, -0.590974348006,
        ]) < 1e-10)
    let derivatives = gradients(of: output, at: inputs, gradient: weights).map(\.scalars)
    #expect(
      distance(
        derivatives[0],
        [
          0.249999687501, 0.499999375001, 0.749999062502, -0.707099710225, -0.883874637781, -1.06064956534,
          1.7499978125, 1.9999975, 2.24999718751, -1.76774927556, -1.94452420312, -2.12129913067,
        ]) < 1e-10)
    #expect(distance(derivatives[1], [-7.49999062502, 8.4851965227]) < 1e-10)
    #expect(distance(derivatives[2], [-1.56249414064, 37.4755351312]) < 1e-9)
    #expect(distance(derivatives[3], [6.24999218751, 74.9525692838]) < 1e-10)
    #expect(distance(derivatives[4], [7.5, 12]) < 1e-12)
  }

  /// Shapes for every way of reading the memory and of splitting it: wide and narrow rows, several at once, many panels,
  /// short and long segments, one channel, segments in parts.
  @Test(arguments: [
    [5, 3, 1], [300, 7, 1], [1024, 3, 1], [130, 70, 1], [70, 2100, 1], [4, 3, 100], [9, 5, 4], [640, 3, 5],
    [3, 40, 70],
    [2, 1, 9], [700, 1, 250], [1, 2, 150_000], [2, 3, 1],
  ])
  func closedForms(_ extents: [Int]) {
    let (n, channels, positions) = (extents[0], extents[1], extents[2])
    let values = scattered(n * channels * positions).enumerated().map {
      $1 * 2 + Double($0 / positions % channels % 7)
    }
    let weights = scattered(values.count, seed: 2)
    let (scale, shift) = (scattered(channels, seed: 3), scattered(channels, seed: 4))
    let expected = BatchNormReference(
      values, n: n, channels: channels, positions: positions, scale: scale, shift: shift, epsilon: 1e-3,
      gradient: weights)
    func compare<Scalar: FloatingScalar>(_: Scalar.Type, within bound: Double) {
      func tensor(_ numbers: [Double], _ shape: [Int]) -> Tensor<Scalar> {
        Tensor(numbers.map { Scalar($0) }, shape: shape)
      }
      let whole = tensor(values, extents)
      let channelsLast = whole.permuted(0, 2, 1).contiguous.permuted(0, 2, 1)
      for (label, x) in [("row-major", whole), ("channels last", channelsLast)] {
        let inputs = [x, tensor(scale, [channels]), tensor(shift, [channels])].map { $0.asVariable() }
        let (output, mean, variance, count) = batchNorm(
          inputs[0], scale: inputs[1], shift: inputs[2], epsilon: 1e-3)
        let derivatives = gradients(of: output, at: inputs, gradient: tensor(weights, extents))
        let size = Double(n * positions)
        func check(_ name: String, _ actual: Tensor<Scalar>, _ expected: [Double], _ scale: Double = 1) {
          let off = distance(actual.scalars.map { Double($0) }, expected) / scale
          #expect(off < bound, "\(name) of \(extents) \(label) in \(Scalar.self) is off by \(off)")
        }
        #expect(count == n * positions)
        check("output", output, expected.output, 4)
        check("mean", mean, expected.mean, 4)
        check("variance", variance, expected.variance)
        check("input's gradient", derivatives[0], expected.inputGradient, 4)
        check("scale's gradient", derivatives[1], expected.scaleGradient, size.squareRoot())
        check("shift's gradient", derivatives[2], expected.shiftGradient, size.squareRoot())
      }
    }
    compare(Double.self, within: 1e-12)
    compare(Float.self, within: 1e-5)
  }

  @Test func everyLayoutGivesTheSame() {
    for shape in [[4, 3], [3, 4, 5], [2, 3, 2, 4], [2, 3, 2, 1, 2]] {
      let values = Tensor(scattered(shape.reduce(1, *)), shape: shape)
      let weights = Tensor(scattered(values.count, seed: 2), shape: shape)
      let (scale, shift) = (Tensor(scattered(shape[1])), Tensor(scattered(shape[1], seed: 3)))
      func results(_ x: Tensor<Double>, _ weights: Tensor<Double>) -> [[Double]] {
        let inputs = [x, scale, shift].map { $0.asVariable() }
        let output = batchNorm(inputs[0], scale: inputs[1], shift: inputs[2]).output
        let frozen = batchNorm(inputs[0], mean: scale, variance: shift.square(), scale: inputs[1], shift: inputs[2])
        return
          ([output, frozen] + gradients(of: output, at: inputs, gradient: weights)
          + gradients(of: frozen, at: inputs, gradient: weights)).map(\.scalars)
      }
      let expected = results(values, weights)
      for (layout, gradientLayout) in zip(everyLayout(values), everyLayout(weights).reversed()) {
        for (actual, expected) in zip(results(layout.tensor, gradientLayout.tensor), expected) {
          #expect(distance(actual, expected) < 1e-12, "\(shape) \(layout.label)")
        }
      }
      if let layout = broadcastLayout(values) {
        let actual = results(layout.tensor, weights)
        let expected = results(layout.tensor.contiguous, weights)
        #expect(zip(actual, expected).allSatisfy { distance($0, $1) < 1e-12 }, "\(shape) \(layout.label)")
      }
    }
  }

  @Test func resultsLieAsTheInputDoes() {
    let x = Tensor<Double>.scattered(2, 3, 4, 5).permuted(0, 3, 1, 2)
    let variable = x.asVariable()
    let output = batchNorm(variable).output
    #expect(output.layout.hasLayout(of: x.layout))
    #expect(gradients(of: output.sum(), at: [variable])[0].layout.hasLayout(of: x.layout))
  }

  @Test func largeMeansDoNotCancel() {
    for shape in [[64, 4], [8, 4, 32], [3, 4, 400], [512, 4]] {
      let count = shape.reduce(1, *)
      let values = Tensor(
        (0..<4).map { seed in scattered(count, seed: seed + 1) }.reduce([Double](repeating: 1e4, count: count)) {
          zip($0, $1).map(+)
        }.map { Float($0) }, shape: shape)
      let weights = Tensor(scattered(count, seed: 9).map { Float($0) }, shape: shape)
      for layout in everyLayout(values) {
        let (single, double) = (layout.tensor.asVariable(), values.cast(to: Double.self).asVariable())
        let (actual, expected) = (batchNorm(single), batchNorm(double))
        let output = distance(actual.output.scalars.map(Double.init), expected.output.scalars)
        #expect(output < 1e-5, "\(shape) \(layout.label): output")
        let closed = gradients(of: actual.output, at: [single], gradient: weights, retainGraph: true)[0]
        let exact = gradients(of: expected.output, at: [double], gradient: weights.cast(to: Double.self))[0]
        let derivatives = distance(closed.scalars.map(Double.init), exact.scalars)
        #expect(derivatives < 1e-5, "\(shape) \(layout.label): gradient")
        let recorded = gradients(of: actual.output, at: [single], gradient: weights, createGraph: true)[0]
        #expect(relativeDifference(recorded, closed) < 1e-5, "\(shape) \(layout.label): recorded gradient")
      }
    }
  }

  @Test func oneAndTwoThreadsGiveTheSameBits() {
    let threads = Workers.count
    defer { Workers.count = threads }
    for shape in [[8, 6, 50, 50], [4096, 48], [2, 2, 70_000]] {
      let values = Tensor(scattered(shape.reduce(1, *)).map { Float($0) }, shape: shape)
      let last = values.movingAxis(1, to: -1).contiguous.movingAxis(-1, to: 1)
      for x in [values, last] {
        let results = [1, 2, 5].map { count -> [[Float]] in
          Workers.count = count
          let inputs = [x, Tensor(ones: [shape[1]]), Tensor(zeros: [shape[1]])].map { $0.asVariable() }
          let (output, mean, variance, _) = batchNorm(inputs[0], scale: inputs[1], shift: inputs[2])
          return ([output, mean, variance] + gradients(of: (output * output * x).sum(), at: inputs)).map(\.scalars)
        }
        #expect(results[0] == results[1] && results[1] == results[2], "\(shape)")
      }
    }
  }

  @Test func notANumberStaysInItsChannel() {
    for shape in [[6, 3], [300, 3], [2, 3, 4, 4], [2, 3, 70]] {
      let clean = Tensor(scattered(shape.reduce(1, *)), shape: shape)
      for bad in [Double.nan, .infinity] {
        var values = clean
        values[0, 1] = Tensor(full: Array(shape.dropFirst(2)), bad)
        for layout in everyLayout(values) {
          let (x, good) = (layout.tensor.asVariable(), clean.asVariable())
          let (actual, expected) = (batchNorm(x).output, batchNorm(good).output)
          let derivative = gradients(of: actual, at: [x], gradient: clean)[0]
          let goodDerivative = gradients(of: expected, at: [good], gradient: clean)[0]
          for channel in [0, 2] {
            #expect(
              distance(actual[.all, .index(channel)].scalars, expected[.all, .index(channel)].scalars) < 1e-12,
              "\(layout.label)")
            #expect(
              distance(derivative[.all, .index(channel)].scalars, goodDerivative[.all, .index(channel)].scalars)
                < 1e-12,
              "\(layout.label)")
          }
          #expect(actual[.all, .index(1)].scalars.allSatisfy { $0.isNaN }, "\(layout.label)")
        }
      }
    }
  }

  @Test func aConstantChannelIsTheShift() {
    let x = Tensor<Double>(full: [3, 2, 2], 5).asVariable()
    let output = batchNorm(x, shift: Tensor([1, 2])).output
    #expect(output.scalars == [1, 1, 2, 2, 1, 1, 2, 2, 1, 1, 2, 2])
    let derivative = gradients(of: output, at: [x], gradient: .scattered(3, 2, 2))[0]
    #expect(derivative.scalars.allSatisfy { $0.isFinite })
  }

  @Test func noImages() {
    for shape in [[0, 3], [0, 3, 4, 4], [2, 3, 0], [2, 0, 4]] {
      let channels = shape[1]
      let inputs = [Tensor<Double>(zeros: shape), Tensor(ones: [channels]), Tensor(ones: [channels])]
        .map { $0.asVariable() }
      let (output, mean, variance, count) = batchNorm(inputs[0], scale: inputs[1], shift: inputs[2])
      let frozen = batchNorm(
        inputs[0], mean: Tensor(zeros: [channels]), variance: Tensor(ones: [channels]), scale: inputs[1],
        shift: inputs[2])
      #expect(count == 0 && output.shape == shape && frozen.shape == shape)
      #expect(mean.scalars.allSatisfy { $0.isNaN } && variance.shape == [channels])
      for result in [output, frozen] {
        for record in [false, true] {
          let derivatives = gradients(of: result.sum(), at: inputs, retainGraph: true, createGraph: record)
          #expect(derivatives.map(\.shape) == [shape, [channels], [channels]])
          #expect(derivatives.allSatisfy { $0.scalars.allSatisfy { $0 == 0 } }, "\(shape)")
        }
      }
    }
  }
}
