import TernBackend
import TernTensor
import TernTestSupport
import Testing

/// Max pooling in Float over windows that do not overlap, against the general one in Double.
@Suite struct MaxPoolingBytesTests {
  /// Shape, kernel, stride.
  static let cases: [([Int], Pair, Pair)] = [
    ([2, 32, 28, 28], 2, 2), ([3, 6, 28, 28], 2, 2), ([1, 1, 27, 31], 2, 2), ([7, 3, 27, 71], 2, 2),
    ([2, 35, 9, 10], 3, 3), ([2, 16, 11, 9], 2, 3), ([1, 5, 8, 8], [1, 2], [2, 2]), ([2, 4, 6, 6], 1, 1),
    ([2, 4, 6, 6], 1, 2), ([65, 1, 5, 5], 5, 5), ([1, 17, 40, 40], 16, 20), ([1, 2, 4, 40], [2, 2], [3, 2]),
  ]

  @Test(arguments: cases)
  func agreesWithDouble(_ shape: [Int], _ kernel: Pair, _ stride: Pair) {
    var values = numbers(shape, seed: 1, Float.self)
    // Equal values, too.
    values = (values * 4).floor()
    for laid in everyLayout(values) {
      let x = laid.tensor.asVariable()
      let y = maxPool2D(x, kernelSize: kernel, stride: stride)
      let double = values.cast(to: Double.self).asVariable()
      let expected = maxPool2D(double, kernelSize: kernel, stride: stride)
      #expect(y.cast(to: Double.self) == expected, "\(laid.label)")
      for gradient in everyLayout(numbers(y.shape, seed: 2, Float.self)).map(\.tensor) {
        let found = gradients(of: y, at: [x], gradient: gradient, retainGraph: true)[0]
        let derivative = gradients(
          of: expected, at: [double], gradient: gradient.cast(to: Double.self), retainGraph: true)[0]
        #expect(found.cast(to: Double.self) == derivative, "\(laid.label)")
      }
    }
  }

  @Test func theFirstOfEqualsAndTheLastNaNWin() {
    let values: [Float] = [
      .nan, 1, 2, 2, .nan, 0, 2, 1, -.infinity, -.infinity, 3, .infinity, -.infinity, -.infinity, 5, 4,
    ]
    for channels in [1, 3, 16, 19] {
      let x = Tensor<Float>(values, shape: [1, 1, 4, 4]).broadcast(to: [2, channels, 4, 4]).copied().asVariable()
      let y = maxPool2D(x, kernelSize: 2)
      let derivative = gradients(of: y, at: [x], gradient: Tensor(ones: y.shape))[0]
      for n in 0..<2 {
        for c in 0..<channels {
          #expect(y[n, c].scalars.map { "\($0)" } == ["nan", "2.0", "-inf", "inf"])
          #expect(derivative[n, c].scalars == [0, 0, 1, 0, 1, 0, 0, 0, 1, 0, 0, 1, 0, 0, 0, 0])
        }
      }
    }
  }

  @Test func gradientsOfGradientsPickTheSamePlaces() {
    let values = numbers([2, 3, 6, 8], seed: 1, Float.self)
    func second<Scalar: FloatingScalar>(_ values: Tensor<Scalar>) -> Tensor<Scalar> {
      let x = values.asVariable()
      let y = maxPool2D(x * x, kernelSize: 2)
      let first = gradients(of: (y * y).sum(), at: [x], createGraph: true)[0]
      return gradients(of: (first * first).sum(), at: [x])[0]
    }
    let expected = second(values.cast(to: Double.self))
    #expect(relativeDifference(second(values).cast(to: Double.self), expected) < 1e-6)
  }

  @Test func everyLevelAndNumberOfThreadsGivesTheSameBits() async {
    await #expect(processExitsWith: .success) {
      for (shape, kernel, stride) in MaxPoolingBytesTests.cases {
        let x = numbers(shape, seed: 1, Float.self)
        var seen: [Tensor<Float>]?
        for level in CPULevel.allCases {
          for threads in 1...2 {
            CPULevel.select(level)
            Workers.count = threads
            let variable = x.asVariable()
            let y = maxPool2D(variable, kernelSize: kernel, stride: stride)
            let found = [y.detached(), gradients(of: y, at: [variable], gradient: y.detached() * 2)[0]]
            if let seen, seen != found { fail("\(level), \(threads) threads", "\(shape)") }
            seen = found
          }
        }
      }
    }
  }
}
