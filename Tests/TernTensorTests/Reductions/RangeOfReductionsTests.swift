import TernBackend
import TernTensor
import TernTestSupport
import Testing

/// Sums, means and deviations whose value is in the range of their type, though what they are made of is not.
@Suite struct RangeOfReductionsTests {
  /// A tensor with the values along an axis of its own, repeated beside and around it.
  private func spread<Scalar: FloatingScalar>(_ values: [Scalar], _ outer: Int, _ inner: Int) -> Tensor<Scalar> {
    Tensor(values, shape: [1, values.count, 1]).broadcast(to: [outer, values.count, inner]).contiguous
  }

  @Test func sumsAreTheSameAlongEveryAxis() {
    let values: [Float] = [1e8, 1, -1e8, 0]
    for (outer, inner) in [(1, 1), (1, 5), (3, 1), (2, 70), (7, 3), (1, 600)] {
      let x = spread(values, outer, inner)
      for laid in everyLayout(x) {
        #expect(laid.tensor.sum(along: 1).scalars.allSatisfy { $0 == 1 }, "\(outer), \(inner), \(laid.label)")
        #expect(laid.tensor.mean(along: 1).scalars.allSatisfy { $0 == 0.25 }, "\(outer), \(inner), \(laid.label)")
      }
    }
    #expect(Tensor<Float>(values).sum().item == 1)
  }

  /// |computed − s| ≤ 2⁻²⁴·|s| + 3·2⁻²⁴·Σ|x|, as the documentation says.
  @Test func sumsOfFloatAreWithinTheirBound() {
    for (outer, n, inner) in [
      (1, 100_000, 1), (2, 40_000, 3), (1, 3000, 70), (70, 999, 1), (1, 127, 65), (3, 20_000, 33), (1, 200_001, 1),
    ] {
      let x = Tensor<Float>(randomUniform: [outer, n, inner], in: -1..<1, generator: RandomGenerator(seed: UInt64(n)))
      let large = Tensor<Float>(randomUniform: [outer, n, 1], generator: RandomGenerator(seed: 3))
      let y = x * select(large .< 0.01, 1e7, Tensor(1))
      let wide = y.cast(to: Double.self)
      let (exact, bound) = (wide.sum(along: 1), wide.abs().sum(along: 1))
      let found = y.sum(along: 1).cast(to: Double.self)
      let allowed = exact.abs() * 0x1p-24 + bound * 0x1.8p-23
      #expect(((found - exact).abs() .<= allowed).all().item, "\(outer), \(n), \(inner)")
      if outer == 1 && inner == 1 {
        // The sums of the parts are not rounded.
        #expect(abs(Double(y.sum().item) - exact.item) <= allowed.item)
      }
    }
  }

  @Test func sumsOfManyPartsAreNotRounded() {
    var values = [Float](repeating: 0, count: 300_000)
    (values[0], values[5], values[299_999]) = (1e8, 1, -1e8)
    #expect(Tensor<Float>(values).sum().item == 1)
    #expect(Tensor<Float>(values, shape: [1, 300_000]).sum(along: 1).scalars == [1])
    #expect(
      Tensor<Float>(values, shape: [300_000, 1]).broadcast(to: [300_000, 2]).contiguous.sum(along: 0).scalars == [1, 1])
  }

  @Test func oneAndManyThreadsGiveTheSameBits() {
    let threads = Workers.count
    defer { Workers.count = threads }
    let x = Tensor<Float>(randomNormal: [500, 1300], generator: RandomGenerator(seed: 5))
    func all() -> [[Float]] {
      [x.sum(), x.mean(along: 0), x.sum(along: 1), x.standardDeviation(along: 0), x.standardDeviation()].map(\.scalars)
    }
    Workers.count = 1
    let alone = all()
    Workers.count = threads
    #expect(all() == alone)
  }

  @Test func meansThatDoNotOverflow() {
    #expect(Tensor<Float>([3e38, 3e38]).mean().item == 3e38)
    #expect(Tensor<Float>([3e38, 3e38, -3e38]).sum().item == 3e38)
    let rows = Tensor<Float>([3e38, 3e38, 1e-30, 3e-30, 1, 2], shape: [3, 2])
    #expect(rows.mean(along: 1).scalars == [3e38, 2e-30, 1.5])
    #expect(rows.transposed().contiguous.mean(along: 0, keepingAxes: true).scalars == [3e38, 2e-30, 1.5])
    #expect(Tensor<Double>([1.5e308, 1.5e308]).mean().item == 1.5e308)
    #expect(Tensor<Double>([1.5e308, 1.5e308, -1.5e308]).sum().item == 1.5e308)
    #expect(
      Tensor<Double>([1.5e308, 1.5e308, -1.5e308, 1e-300, 2, 3], shape: [2, 3]).sum(along: 1).scalars == [1.5e308, 5])
    #expect(Tensor<Float>([3e38, 3e38]).sum().item == .infinity)
    #expect(Tensor<Float>([.infinity, 1]).mean().item == .infinity)
    #expect(Tensor<Double>([.infinity, -.infinity]).mean().item.isNaN)
    #expect(Tensor<Float>([]).mean().item.isNaN)
    let x = Tensor<Float>([3e38, 3e38]).asVariable()
    #expect(gradients(of: x.mean(), at: [x])[0].scalars == [0.5, 0.5])
  }

  @Test func deviationsOfTinyAndHugeValues() {
    func expectDeviation<Scalar: FloatingScalar>(_ values: [Scalar], _ expected: Scalar) {
      for x in [Tensor(values), Tensor(values, shape: [values.count, 1]).broadcast(to: [values.count, 3]).contiguous] {
        for found in x.standardDeviation(along: 0).scalars {
          #expect(abs(found / expected - 1) < 4 * .ulpOfOne, "\(values)")
        }
      }
      #expect(abs(Tensor(values).standardDeviation().item / expected - 1) < 4 * .ulpOfOne, "\(values)")
    }
    expectDeviation([1e-30, 3e-30] as [Float], 1.4142135e-30)
    expectDeviation([1e30, 3e30] as [Float], 1.4142135e30)
    expectDeviation([-3e38, 3e38, 0] as [Float], 3e38)
    expectDeviation([1, 3] as [Float], 1.4142135)
    expectDeviation([1e-200, 3e-200], 1.4142135623730951e-200)
    expectDeviation([1e200, 3e200], 1.4142135623730951e200)
    expectDeviation([1.5e308, -1.5e308, 0], 1.5e308)
    #expect(Tensor<Float>([2, 2, 2]).standardDeviation().item == 0)
    #expect(Tensor<Float>([0, 0]).standardDeviation().item == 0)
    #expect(Tensor<Float>([5]).standardDeviation().item.isNaN)
    #expect(Tensor<Float>([5]).standardDeviation(correction: 0).item == 0)
    #expect(Tensor<Float>([1, .nan]).standardDeviation().item.isNaN)
    let mixed = Tensor<Float>([1e-30, 3e-30, 1e30, 3e30, 1, 3, 7, 7], shape: [4, 2]).standardDeviation(along: 1)
    let wanted: [Float] = [1.4142135e-30, 1.4142135e30, 1.4142135, 0]
    for (a, b) in zip(mixed.scalars, wanted) { #expect(abs(a - b) <= 1e-6 * b) }
    let (two, four) = (Tensor<Float>([1e19, 3e19]), Tensor<Float>([-1.5e19, 1.5e19, 1.5e19, -1.5e19]))
    // 1e19 and 3e19 are no Floats: the variances, in fractions, of what they are rounded to.
    #expect(two.variance().item == 2.0000001e38)
    #expect(Tensor<Float>([-3e19, 3e19, 3e19, -3e19]).variance(correction: 0).item == .infinity)
    #expect(four.variance(correction: 0).item == 2.2500001e38)
  }

  @Test func derivativesOfDeviationsOfTinyHugeAndEqualValues() {
    for scale: Float in [1e-30, 1, 1e30] {
      let x = Tensor<Float>([1 * scale, 3 * scale]).asVariable()
      for createGraph in [false, true] {
        let derivative = gradients(of: x.standardDeviation(), at: [x], createGraph: createGraph)[0].scalars
        #expect(abs(derivative[0] + 0.70710677) < 1e-6 && abs(derivative[1] - 0.70710677) < 1e-6, "\(scale)")
      }
    }
    let equal = Tensor<Double>([2, 2, 2]).asVariable()
    let first = gradients(of: equal.standardDeviation(), at: [equal], createGraph: true)[0]
    #expect(first.scalars == [0, 0, 0])
    #expect(gradients(of: (first * Tensor([1, 2, 3])).sum(), at: [equal])[0].scalars == [0, 0, 0])
    let check = checkGradients(at: [Tensor([0.5, -1, 2, 0.25, 3, 1], shape: [2, 3])]) { x in
      x[0].standardDeviation(along: 1) * x[0].standardDeviation(correction: 0)
    }
    #expect(check.passes(), "\(check)")
  }

  @Test func normalizationOfHugeValues() {
    let wanted: [Float] = [-1, 1, 1, -1]
    func expectClose(_ y: Tensor<Float>, _ name: String) {
      for (a, b) in zip(y.scalars, wanted) { #expect(abs(a - b) < 1e-5, "\(name): \(y.scalars)") }
    }
    let rows = Tensor<Float>([1e25, 3e25, 5e25, 1e25], shape: [2, 2])
    expectClose(layerNorm(rows, normalizedShape: [2]), "layerNorm")
    let images = Tensor<Float>([1e25, 3e25, 3e25, 1e25], shape: [1, 1, 2, 2])
    expectClose(batchNorm(images).output, "batchNorm")
    expectClose(instanceNorm(images).output, "instanceNorm")
    expectClose(groupNorm(images, groups: 1), "groupNorm")
    expectClose(batchNorm(Tensor<Float>([1e25, 3e25, 3e25, 1e25], shape: [4, 1])).output, "batchNorm of columns")
    let wide = Tensor<Float>([1e25, 3e25, 3e25, 1e25], shape: [4, 1]).broadcast(to: [4, 300]).contiguous
    #expect(batchNorm(wide).output.scalars.allSatisfy { abs(abs($0) - 1) < 1e-5 })
    let rms = rmsNorm(Tensor<Float>([-2e25, 2e25, 2e25, -2e25], shape: [1, 4]), normalizedShape: [4])
    expectClose(rms, "rmsNorm")
    // Constant channels beside them stay as they are.
    let mixed = Tensor<Float>([1e25, 0, 3e25, 0, 3e25, 0, 1e25, 0], shape: [4, 2])
    let y = batchNorm(mixed).output
    expectClose(y[.all, 0], "beside a constant")
    #expect(y[.all, 1].scalars == [0, 0, 0, 0])
    let x = Tensor<Float>([1e25, 3e25, 6e25, 1e25], shape: [1, 4]).asVariable()
    let weights = Tensor<Float>([1, -2, 3, 0.5])
    let fused = gradients(of: (layerNorm(x, normalizedShape: [4]) * weights).sum(), at: [x])[0]
    let composed = gradients(of: (layerNorm(x, normalizedShape: [4]) * weights).sum(), at: [x], createGraph: true)[0]
    #expect(relativeDifference(fused * 1e25, composed * 1e25) < 1e-5)
    #expect(fused.scalars.allSatisfy { $0 != 0 && $0.isFinite })
  }
}
