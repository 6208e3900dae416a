import TernBackend
import TernTensor
import TernTestSupport
import Testing

extension ConvolutionCase {
  /// Shapes that the direct kernels split into tiles, bands and chunks in different ways.
  static let direct: [ConvolutionCase] =
    [
      ConvolutionCase(x: [7, 1, 28, 28], weight: [6, 1, 5, 5], padding: [2, 2, 2, 2]),
      ConvolutionCase(x: [7, 6, 14, 14], weight: [16, 6, 5, 5]),
      ConvolutionCase(x: [5, 6, 14, 14], weight: [16, 6, 5, 5], padding: [2, 2, 2, 2]),
      ConvolutionCase(x: [3, 1, 28, 28], weight: [32, 1, 3, 3], padding: [1, 1, 1, 1]),
      ConvolutionCase(x: [3, 3, 32, 32], weight: [16, 3, 3, 3], padding: [1, 1, 1, 1]),
      ConvolutionCase(x: [2, 3, 56, 56], weight: [64, 3, 7, 7], stride: 2, padding: [3, 3, 3, 3]),
      ConvolutionCase(x: [1, 3, 27, 31], weight: [33, 3, 7, 7], stride: [2, 3], padding: [3, 3, 3, 3]),
      ConvolutionCase(x: [65, 5, 9, 7], weight: [17, 5, 2, 2]),
      ConvolutionCase(x: [1, 19, 27, 31], weight: [7, 19, 4, 4], padding: [1, 2, 2, 1]),
      ConvolutionCase(x: [2, 20, 13, 15], weight: [37, 20, 3, 3], padding: [2, 2, 2, 2], dilation: 2),
      ConvolutionCase(x: [2, 5, 27, 31], weight: [9, 5, 5, 5], stride: 2, padding: [4, 4, 4, 4], dilation: 2),
      ConvolutionCase(x: [2, 4, 12, 12], weight: [3, 4, 3, 3], stride: 3, padding: [1, 1, 1, 1], dilation: 3),
      ConvolutionCase(x: [7, 24, 9, 9], weight: [40, 24, 1, 1]),
      ConvolutionCase(x: [9, 72, 16, 16], weight: [12, 72, 1, 1]),
      ConvolutionCase(x: [3, 256, 14, 14], weight: [64, 256, 1, 1]),
      ConvolutionCase(x: [5, 16, 13, 14], weight: [32, 16, 1, 1], stride: 2),
      ConvolutionCase(x: [3, 12, 11, 10], weight: [18, 4, 3, 3], padding: [1, 1, 1, 1], groups: 3),
      ConvolutionCase(x: [3, 12, 11, 10], weight: [40, 6, 2, 3], stride: 2, groups: 2),
      ConvolutionCase(x: [4, 8, 12, 12], weight: [6, 4, 1, 1], groups: 2),
      ConvolutionCase(x: [2, 2, 1, 900], weight: [5, 2, 1, 9], padding: [0, 0, 4, 4]),
      ConvolutionCase(x: [2, 19, 70, 5], weight: [33, 19, 9, 1], padding: [4, 4, 0, 0]),
      ConvolutionCase(x: [1, 64, 3, 700], weight: [8, 64, 3, 3], padding: [1, 1, 1, 1]),
      ConvolutionCase(x: [1, 2, 4, 4], weight: [3, 2, 2, 2], padding: [4, 4, 4, 4]),
      ConvolutionCase(x: [3, 2, 5, 5], weight: [1, 2, 5, 5]),
      ConvolutionCase(x: [3, 96, 28, 28], weight: [96, 1, 3, 3], padding: [1, 1, 1, 1], groups: 96),
      ConvolutionCase(x: [7, 20, 16, 16], weight: [20, 1, 3, 3], stride: 2, padding: [1, 1, 1, 1], groups: 20),
      ConvolutionCase(x: [2, 36, 27, 31], weight: [36, 1, 5, 5], padding: [2, 2, 2, 2], groups: 36),
      ConvolutionCase(x: [2, 17, 27, 31], weight: [17, 1, 5, 5], stride: 2, padding: [2, 1, 0, 2], groups: 17),
      ConvolutionCase(x: [2, 12, 9, 11], weight: [12, 1, 4, 2], padding: [1, 2, 1, 0], dilation: 2, groups: 12),
      ConvolutionCase(x: [2, 33, 9, 11], weight: [33, 1, 3, 3], stride: [1, 2], padding: [3, 0, 1, 1], groups: 33),
      ConvolutionCase(x: [16, 40, 27, 31], weight: [40, 1, 5, 5], stride: 2, padding: [2, 2, 1, 2], groups: 40),
      ConvolutionCase(x: [65, 16, 5, 5], weight: [16, 1, 3, 3], stride: 3, padding: [1, 1, 1, 1], groups: 16),
      ConvolutionCase(x: [1, 8, 1, 1], weight: [8, 1, 3, 3], padding: [1, 1, 1, 1], groups: 8),
    ] + large

  /// So many weights that their gradients are summed in blocks of the outputs, whole or not, with and without groups.
  static let large: [ConvolutionCase] = [
    ConvolutionCase(x: [2, 300, 5, 6], weight: [96, 300, 3, 3], padding: [1, 1, 1, 1]),
    ConvolutionCase(x: [1, 259, 7, 7], weight: [72, 259, 3, 3], padding: [1, 1, 1, 1]),
    ConvolutionCase(x: [3, 600, 4, 4], weight: [128, 300, 3, 3], stride: 2, padding: [1, 1, 1, 1], groups: 2),
  ]

  /// y and the gradients of x, the weights and a bias in Float, and how far each is from the same in Double.
  func passes() -> (values: [Tensor<Float>], errors: [Double]) {
    let points = [numbers(x, seed: 1, Float.self), numbers(weight, seed: 2), numbers([weight[0]], seed: 3)]
    let gradient = numbers(outputShape, seed: 4, Float.self)
    func run<Scalar: FloatingScalar>(_ points: [Tensor<Scalar>], _ gradient: Tensor<Scalar>) -> [Tensor<Scalar>] {
      let variables = points.map { $0.asVariable() }
      let y = self(variables[0], variables[1], bias: variables[2])
      return [y.detached()] + gradients(of: y, at: variables, gradient: gradient)
    }
    let found = run(points, gradient)
    let expected = run(points.map { $0.cast(to: Double.self) }, gradient.cast(to: Double.self))
    return (found, zip(found, expected).map { relativeDifference($0.cast(to: Double.self), $1) })
  }
}

@Suite struct DirectConvolutionTests {
  @Test(arguments: ConvolutionCase.direct)
  func singlePrecisionAgreesWithDouble(_ test: ConvolutionCase) {
    let errors = test.passes().errors
    #expect(errors.allSatisfy { $0 < 1.5e-6 }, "\(errors)")
  }

  @Test func bfloat16AgreesWithDoubleOnAnyNumberOfThreads() {
    let winograd = [
      ConvolutionCase(x: [4, 64, 12, 13], weight: [66, 64, 3, 3], padding: [1, 1, 1, 1]),
      ConvolutionCase(x: [4, 65, 12, 12], weight: [64, 65, 3, 3], padding: [1, 1, 1, 1]),
    ]
    let threads = Workers.count
    defer { Workers.count = threads }
    for test in ConvolutionCase.large + winograd {
      let runs = [1, 2, 3].map { count in
        Workers.count = count
        return withPrecision(.bfloat16) { test.passes() }
      }
      #expect(runs[0].errors.allSatisfy { $0 < 0x1p-7 }, "\(test): \(runs[0].errors)")
      // Float's products have other bits.
      #expect(runs[0].values[0] != test.passes().values[0], "\(test)")
      #expect(runs[0].values == runs[1].values && runs[0].values == runs[2].values, "\(test)")
    }
  }

  @Test func oneAndManyThreadsGiveTheSameBits() {
    let threads = Workers.count
    defer { Workers.count = threads }
    for test in ConvolutionCase.direct {
      let runs = [1, 2, 3].map { count in
        Workers.count = count
        return test.passes().values
      }
      #expect(runs[0] == runs[1], "\(test)")
      #expect(runs[0] == runs[2], "\(test)")
    }
  }

  @Test func gradientsMadeTogetherHaveTheBitsOfThoseMadeApart() {
    for test in ConvolutionCase.direct where test.groups == test.x[1] {
      let (x, weight) = (numbers(test.x, seed: 1, Float.self), numbers(test.weight, seed: 2, Float.self))
      let gradient = numbers(test.outputShape, seed: 3, Float.self)
      let (a, b) = (x.asVariable(), weight.asVariable())
      let together = gradients(of: test(a, b), at: [a, b], gradient: gradient)
      #expect(together[0] == gradients(of: test(a, weight), at: [a], gradient: gradient)[0], "\(test)")
      #expect(together[1] == gradients(of: test(x, b), at: [b], gradient: gradient)[0], "\(test)")
    }
  }

  @Test func everyLevelOfTheCPUIsRight() async {
    await #expect(processExitsWith: .success) {
      for level in CPULevel.allCases {
        CPULevel.select(level)
        for test in ConvolutionCase.direct {
          let errors = test.passes().errors
          if !errors.allSatisfy({ $0 < 1.5e-6 }) { fail("\(level)", "\(test): \(errors)") }
        }
      }
    }
  }

  @Test func everyLayoutGivesTheSame() {
    let tests = ConvolutionCase.direct.filter { $0.x.reduce(1, *) < 20_000 }
    for test in tests {
      let x = numbers(test.x, seed: 1, Float.self)
      let weight = numbers(test.weight, seed: 2, Float.self)
      let expected = test(x, weight)
      for laid in everyLayout(x) { #expect(test(laid.tensor, weight) == expected, "\(test): x \(laid.label)") }
      for laid in everyLayout(weight) { #expect(test(x, laid.tensor) == expected, "\(test): weight \(laid.label)") }
      let variables = [x.asVariable(), weight.asVariable()]
      let gradient = numbers(test.outputShape, seed: 3, Float.self)
      let derivatives = gradients(of: test(variables[0], variables[1]), at: variables, gradient: gradient)
      for laid in everyLayout(gradient) {
        let found = gradients(of: test(variables[0], variables[1]), at: variables, gradient: laid.tensor)
        #expect(found == derivatives, "\(test): gradient \(laid.label)")
      }
    }
  }

  @Test func aValueThatIsNotANumberStaysInItsWindow() {
    var x = numbers([1, 3, 9, 9], seed: 1, Float.self)
    x[0, 1, 4, 4] = Tensor(.nan)
    for weight in [numbers([5, 3, 3, 3], seed: 2, Float.self), numbers([5, 3, 1, 1], seed: 2, Float.self)] {
      let y = conv2D(x, weight, padding: .same)
      let reach = weight.shape[2] / 2
      for i in 0..<9 {
        for j in 0..<9 {
          let isNear = abs(i - 4) <= reach && abs(j - 4) <= reach
          for o in 0..<5 { #expect(y[0, o, i, j].item.isNaN == isNear) }
        }
      }
    }
  }

  @Test func transposedConvolutionsAddTheirBias() {
    for (inputs, outputs, groups) in [(5, 7, 1), (6, 6, 6), (6, 4, 2)] {
      let x = numbers([2, inputs, 6, 7], seed: 1, Float.self)
      let weight = numbers([inputs, outputs / groups, 3, 3], seed: 2, Float.self)
      let bias = numbers([outputs], seed: 3, Float.self)
      for step in 1...4 {
        let found = transposedConv2D(x, weight, bias: bias, stride: Pair(step), groups: groups)
        let expected = transposedConv2D(
          x.cast(to: Double.self), weight.cast(to: Double.self), bias: bias.cast(to: Double.self), stride: Pair(step),
          groups: groups)
        #expect(relativeDifference(found.cast(to: Double.self), expected) < 1e-6, "\(inputs) \(outputs) \(step)")
      }
    }
  }
}
