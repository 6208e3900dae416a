import TernBackend
import TernTensor
import TernTestSupport
import Testing

/// Local response normalization in closed form, value by value in Double.
private struct LocalResponseReference {
  var output: [Double], derivative: [Double]

  /// - Parameter x: row-major [N, C, ..], as `g` is.
  init(_ x: Tensor<Double>, _ g: Tensor<Double>, size: Int, alpha: Double, beta: Double, k: Double) {
    let (values, gradient, channels) = (x.scalars, g.scalars, x.shape[1])
    let inner = x.shape.dropFirst(2).reduce(1, *)
    let places = values.indices.map { (index: $0, channel: $0 / inner % channels) }
    func window(_ channel: Int, _ before: Int, _ after: Int) -> Range<Int> {
      max(-before, -channel)..<min(after, channels - 1 - channel) + 1
    }
    let (before, after) = (size / 2, (size - 1) / 2)
    let sums = places.map { index, channel in
      window(channel, before, after).reduce(0) { $0 + values[index + $1 * inner] * values[index + $1 * inner] }
    }
    let s = sums.map { k + alpha / Double(size) * $0 }
    output = places.map { index, _ in values[index] * power(s[index], -beta) }
    let terms = places.map { index, _ in gradient[index] * values[index] * power(s[index], -beta - 1) }
    derivative = places.map { index, channel in
      let sum = window(channel, after, before).reduce(0) { $0 + terms[index + $1 * inner] }
      return gradient[index] * power(s[index], -beta) - 2 * alpha * beta / Double(size) * values[index] * sum
    }
  }
}

private func power(_ x: Double, _ p: Double) -> Double { Tensor(x).pow(Tensor(p)).item }

/// The same values, the channels last in memory.
private func last<Scalar: FloatingScalar>(_ x: Tensor<Scalar>) -> Tensor<Scalar> {
  x.movingAxis(1, to: -1).contiguous.movingAxis(-1, to: 1)
}

/// The largest difference, each relative to the expected value.
private func off(_ actual: [Double], _ expected: [Double]) -> Double {
  zip(actual, expected).map { $0 == $1 ? 0 : abs($0 - $1) / abs($1) }.reduce(0) { $1 <= $0 ? $0 : $1 }
}

/// Holds result and gradient of both layouts to the closed form.
private func compare<Scalar: FloatingScalar>(
  _ shape: [Int], size: Int, alpha: Double = 0.5, beta: Double = 0.75, k: Double = 2, scale: Double = 1,
  within bound: Double, _: Scalar.Type
) {
  let count = shape.reduce(1, *)
  // Values that both types have.
  func numbers(_ seed: Int, _ scale: Double) -> Tensor<Scalar> {
    Tensor(scattered(count, seed: seed).map { Scalar(Double(Float($0)) * scale) }, shape: shape)
  }
  let (x, g) = (numbers(1, scale), numbers(2, 1))
  let (factor, power, summand) = (Scalar(alpha), Scalar(beta), Scalar(k))
  let expected = LocalResponseReference(
    x.cast(to: Double.self), g.cast(to: Double.self), size: size, alpha: factor.number, beta: power.number,
    k: summand.number)
  let largest = expected.derivative.map(abs).max() ?? 1
  // A power multiplies the rounding of its base by the exponent.
  let bound = bound * max(1, abs(beta))
  for (layout, x) in [("row-major", x), ("channels last", last(x))] {
    let variable = x.asVariable()
    let output = localResponseNorm(variable, size: size, alpha: factor, beta: power, k: summand)
    let derivative = gradients(of: output, at: [variable], gradient: g)[0]
    let label = "\(Scalar.self) \(shape) \(layout), size \(size), β \(beta), k \(k), scale \(scale)"
    let (first, second) = (
      off(output.scalars.map(\.number), expected.output),
      distance(derivative.scalars.map(\.number), expected.derivative) / largest
    )
    #expect(first < bound, "\(label): the result is off by \(first)")
    #expect(second < bound, "\(label): the gradient is off by \(second)")
  }
}

private func compareBoth(
  _ shape: [Int], size: Int, alpha: Double = 0.5, beta: Double = 0.75, k: Double = 2, scale: Double = 1
) {
  compare(shape, size: size, alpha: alpha, beta: beta, k: k, scale: scale, within: 1e-13, Double.self)
  compare(shape, size: size, alpha: alpha, beta: beta, k: k, scale: scale, within: 1e-6, Float.self)
}

/// Windows, exponents and magnitudes of all kinds.
private func compareAll() {
  for size in [1, 2, 3, 4, 5, 9, 40] {
    for shape in [[2, 5, 3], [3, 7], [1, 1, 4], [2, 18, 3, 7], [70, 3, 2, 2]] { compareBoth(shape, size: size) }
  }
  for beta in [0.5, 0.6, 0.75, 1, 2, -1.5, 12.25, 20] { compareBoth([3, 6, 5, 4], size: 3, beta: beta) }
  // Sums around 1e-20 and 1e20, whose powers with β + 1 Float still has.
  for (scale, k) in [(1e-10, 0.0), (1e-3, 1e-6), (1e3, 1), (1e10, 0)] {
    for beta in [0.6, 0.75] { compareBoth([2, 5, 4], size: 3, beta: beta, k: k, scale: scale) }
  }
}

/// One pass over the data against the closed form, in both layouts and at every level of the CPU.
@Suite struct LocalResponseNormTests {
  @Test func resultAndGradientAreThoseOfTheFormula() { compareAll() }

  // Processes of their own, so that no other test sees the level change.

  @Test func theBaselineKernelsAreRight() async {
    await #expect(processExitsWith: .success) {
      CPULevel.select(.baseline)
      #expect(CPULevel.current == .baseline)
      compareAll()
    }
  }

  @Test(.enabled(if: CPULevel.supported != .baseline)) func theAVX2KernelsAreRight() async {
    await #expect(processExitsWith: .success) {
      CPULevel.select(.avx2)
      #expect(CPULevel.current == .avx2)
      compareAll()
    }
  }

  @Test(arguments: [[64, 32, 6, 6], [2, 40, 37, 41], [3, 300, 9, 20], [5, 300], [1, 20_000], [1, 4000, 3, 7]])
  func sizesThatAreCut(_ shape: [Int]) {
    for size in [4, 5] { compareBoth(shape, size: size) }
  }

  @Test func longWindowsLoseNoDigits() { compareBoth([1, 3000, 2], size: 2500, alpha: 100) }

  @Test func theResultLiesAsTheInputDoes() {
    for values in [Tensor<Double>.scattered(3, 4, 2, 5), .scattered(3, 4, 2)] {
      for layout in everyLayout(values) where layout.tensor.layout.isDense {
        let x = layout.tensor.asVariable()
        let output = localResponseNorm(x, size: 3)
        let derivative = gradients(of: output, at: [x], gradient: values)[0]
        #expect(output.layout.hasLayout(of: layout.tensor.layout), "\(layout.label)")
        #expect(derivative.layout.hasLayout(of: layout.tensor.layout), "\(layout.label)")
      }
    }
  }

  @Test func everyLayoutHasTheSameGradient() {
    let (values, g) = (Tensor<Double>.scattered(3, 5, 2, 3), Tensor<Double>.scattered(3, 5, 2, 3, seed: 2))
    let expected = LocalResponseReference(values, g, size: 4, alpha: 1, beta: 0.75, k: 1).derivative
    for layout in everyLayout(values) {
      for gradient in everyLayout(g) {
        let x = layout.tensor.asVariable()
        let output = localResponseNorm(x, size: 4, alpha: 1)
        let derivative = gradients(of: output, at: [x], gradient: gradient.tensor)[0]
        #expect(distance(derivative.scalars, expected) < 1e-13, "\(layout.label), gradient \(gradient.label)")
      }
    }
  }

  @Test func theFusedGradientIsTheRecordedOne() {
    for (size, beta) in [(1, 0.75), (2, 0.75), (4, 0.6), (5, 1), (11, 0.75)] {
      for layout in everyLayout(.scattered(2, 6, 3, 2)) {
        let (x, g) = (layout.tensor.asVariable(), Tensor<Double>.scattered(2, 6, 3, 2, seed: 2))
        let output = localResponseNorm(x, size: size, alpha: 0.5, beta: beta)
        let fused = gradients(of: output, at: [x], gradient: g, retainGraph: true)
        let recorded = gradients(of: output, at: [x], gradient: g, createGraph: true)
        #expect(relativeDifference(fused[0], recorded[0]) < 1e-13, "size \(size), β \(beta), \(layout.label)")
      }
    }
  }

  @Test func oneAndTwoThreadsGiveTheSameBits() {
    let threads = Workers.count
    defer { Workers.count = threads }
    for shape in [[64, 32, 14, 14], [2, 64, 50, 50], [3000, 48]] {
      let values = Tensor(scattered(shape.reduce(1, *)).map { Float($0) }, shape: shape)
      for (x, beta) in [(values, Float(0.75)), (last(values), 0.75), (values, 0.6), (last(values), 0.6)] {
        let results = [1, 2, 5].map { count -> [[Float]] in
          Workers.count = count
          let variable = x.asVariable()
          let output = localResponseNorm(variable, size: 5, alpha: 1, beta: beta)
          return ([output] + gradients(of: output, at: [variable], gradient: values)).map(\.scalars)
        }
        #expect(results[0] == results[1] && results[1] == results[2], "\(shape), β \(beta)")
      }
    }
  }

  // The result is not a number where the window holds one that is not; the gradient, where it holds such a result.
  @Test func notANumberStaysInItsWindows() {
    let clean = Tensor<Double>.scattered(7, 9, 3, 2)
    let g = Tensor<Double>.scattered(7, 9, 3, 2, seed: 2)
    var values = clean
    values[3, 4, 1, 1] = Tensor(.nan)
    for (size, beta) in [(3, 0.75), (4, 0.6)] {
      let good = LocalResponseReference(clean, g, size: size, alpha: 1, beta: beta, k: 1)
      let (before, after) = (size / 2, (size - 1) / 2)
      func places(_ channels: ClosedRange<Int>) -> [Int] { channels.map { ((3 * 9 + $0) * 3 + 1) * 2 + 1 } }
      // Windows that hold channel 4, and windows that hold one of those channels.
      let reached = places(4 - after...4 + before)
      let touched = places(4 - after - before...4 + before + after)
      for layout in everyLayout(values) {
        let x = layout.tensor.asVariable()
        let output = localResponseNorm(x, size: size, alpha: 1, beta: beta)
        let derivative = gradients(of: output, at: [x], gradient: g)[0]
        for (actual, expected, bad) in [
          (output.scalars, good.output, reached), (derivative.scalars, good.derivative, touched),
        ] {
          #expect(actual.indices.filter { actual[$0].isNaN } == bad, "size \(size), \(layout.label)")
          let rest = actual.indices.filter { !bad.contains($0) }
          #expect(distance(rest.map { actual[$0] }, rest.map { expected[$0] }) < 1e-13, "\(layout.label)")
        }
      }
    }
  }

  @Test func sumsOfNothingAndBelowAndWithoutEnd() {
    for beta in [Float(0.75), 0.6] {
      let zeros = localResponseNorm(Tensor<Float>(zeros: [1, 3]), size: 3, beta: beta, k: 0)
      #expect(zeros.scalars.allSatisfy { $0.isNaN }, "0·0^-β: \(zeros.scalars)")
      let negative = localResponseNorm(Tensor<Float>([[1, 2]]), size: 1, alpha: 0, beta: beta, k: -1)
      #expect(negative.scalars.allSatisfy { $0.isNaN }, "the power of -1: \(negative.scalars)")
      let infinite = localResponseNorm(Tensor<Float>([[1, .infinity, 2, 3]]), size: 2, beta: beta)
      #expect(infinite.scalars[0] == localResponseNorm(Tensor<Float>([[1]]), size: 2, beta: beta).item)
      #expect(infinite.scalars[1].isNaN && infinite.scalars[2] == 0 && infinite.scalars[3] > 0)
    }
    let whole = localResponseNorm(Tensor<Float>([[1, 2]]), size: 1, alpha: 0, beta: 2, k: -2)
    #expect(whole.scalars == [0.25, 0.5])
  }
}
