import TernTensor
import Testing

private let inf = Double.infinity

/// Operations whose parts leave the range though their results do not.
@Suite("Operations at the ends of the range") struct RangeEndTests {
  private func derivatives<Scalar: FloatingScalar>(
    _ name: String, at x: [Double], value: [Double], first: [Double], units: Double = 64,
    _ function: (Tensor<Scalar>) -> Tensor<Scalar>
  ) {
    let found = sumDerivatives(at: [x]) { (x: [Tensor<Scalar>]) in function(x[0]) }
    expectClose(found.value, value, "\(name) of \(x)", units: units)
    expectClose(found.fused[0], first, "\(name) of \(x): derivatives", units: units)
    expectClose(found.recorded[0], first, "\(name) of \(x): recorded derivatives", units: units)
    let isNumber = found.second[0].scalars.allSatisfy { !$0.isNaN }
    #expect(isNumber, "\(name) of \(x): second derivatives \(found.second[0].scalars)")
  }

  @Test func evenlySpacedNumbersAcrossTheRange() {
    #expect(Tensor<Float>(linspace: -3e38, 3e38, count: 3).scalars == [-3e38, 0, 3e38])
    #expect(Tensor<Float>(linspace: 3e38, -3e38, count: 2).scalars == [3e38, -3e38])
    #expect(Tensor<Double>(linspace: -1.5e308, 1.5e308, count: 3).scalars == [-1.5e308, 0, 1.5e308])
    #expect(Tensor<Double>(linspace: 0, inf, count: 3).scalars == [0, inf, inf])
    #expect(Tensor<Double>(linspace: 0, 1, count: 5).scalars == [0, 0.25, 0.5, 0.75, 1])
  }

  @Test func stepsAcrossTheRange() {
    let step: Float = 0x1p126
    let narrow = Tensor<Float>(rangeFrom: -3 * step, to: 3 * step, by: step).scalars
    #expect(narrow == [-3 * step, -2 * step, -step, 0, step, 2 * step])
    let wide = Tensor<Double>(rangeFrom: -1.5e308, to: 1.5e308, by: 1e308).scalars
    #expect(wide.count == 3)
    for (value, wanted) in zip(wide, [-1.5e308, -0.5e308, 0.5e308]) { #expect(isClose(value, wanted), "\(wide)") }
    let falling = Tensor<Double>(rangeFrom: 1.5e308, to: -1.5e308, by: -1e308).scalars
    for (value, wanted) in zip(falling, [1.5e308, 0.5e308, -0.5e308]) { #expect(isClose(value, wanted), "\(falling)") }
  }

  @Test func slopesBesideAFactorOfZero() {
    func check<Scalar: FloatingScalar>(_: Scalar.Type) {
      derivatives("(x·0)^½", at: [4], value: [0], first: [0]) { (x: Tensor<Scalar>) in (x * 0).sqrt() }
      derivatives("(0 + 0·x)^½", at: [4], value: [0], first: [0]) { (x: Tensor<Scalar>) in
        Tensor<Scalar>([0]).adding(x, scaledBy: 0).sqrt()
      }
      derivatives("(0 − 0·x)^½", at: [4], value: [0], first: [0]) { (x: Tensor<Scalar>) in
        Tensor<Scalar>([0]).subtracting(x, scaledBy: 0).sqrt()
      }
      // Above the size that takes the quick way.
      let many = [Double](repeating: 4, count: 40_000)
      derivatives("(0 + 0·x)^½", at: many, value: many.map { _ in 0 }, first: many.map { _ in 0 }) {
        (x: Tensor<Scalar>) in Tensor<Scalar>(zeros: [40_000]).adding(x, scaledBy: 0).sqrt()
      }
    }
    check(Float.self)
    check(Double.self)
  }

  @Test func sharesOfLargeLogarithmsOfSums() {
    func check<Scalar: FloatingScalar>(_: Scalar.Type, _ sizes: [Double]) {
      for size in sizes {
        for x in [size, -size] {
          let y = Scalar(x)
          derivatives("logSumExp", at: [x, x], value: [Double(y)], first: [0.5, 0.5]) { (x: Tensor<Scalar>) in
            x.logSumExp()
          }
          // Of yᵢ over i + 1 equal terms each has 1/(i + 1): 1 + ½ + ⅓, ½ + ⅓ and ⅓.
          derivatives(
            "logCumulativeSumExp", at: [x, x, x], value: [x, x, x], first: [11.0 / 6, 5.0 / 6, 1.0 / 3]
          ) { (x: Tensor<Scalar>) in x.logCumulativeSumExp(along: 0) }
        }
      }
    }
    check(Float.self, [1e8, 1e30, 3e38])
    check(Double.self, [1e17, 1e200, 1.5e308])
    // Behind small terms, and before them.
    derivatives(
      "logCumulativeSumExp", at: [-inf, 0, 0, 1e30, 1e30, 0], value: [-inf, 0, 0.6931471805599453, 1e30, 1e30, 1e30],
      first: [0, 1.5, 0.5, 2, 1, 0]
    ) { (x: Tensor<Double>) in x.logCumulativeSumExp(along: 0) }
    derivatives(
      "logSumExp", at: [1e4, 1e4 - 1], value: [10000.313261687518], first: [0.7310585786300049, 0.2689414213699951]
    ) {
      (x: Tensor<Float>) in x.logSumExp()
    }
  }

  @Test func negativeNormsOfRowsBesideSmallOnes() {
    func check<Scalar: FloatingScalar>(_: Scalar.Type) {
      let tiny = 1e-30
      derivatives(
        "norm −1", at: [0, 1, tiny, tiny], value: [0, tiny / 2], first: [0, 0, 0.25, 0.25]
      ) { (x: Tensor<Scalar>) in x.reshaped([2, 2]).norm(-1, along: 1) }
    }
    check(Float.self)
    check(Double.self)
  }

  @Test func directionsOfVectorsLongerThanTheRange() {
    func check<Scalar: FloatingScalar>(_: Scalar.Type, _ size: Double) {
      let half = 0.5.squareRoot()
      let unit = Tensor<Scalar>([Scalar(size), Scalar(size)]).normalized(along: 0)
      expectClose(unit, [half, half], "normalized")
      let a = Tensor<Scalar>([Scalar(size), Scalar(size), 3, 4]).reshaped([2, 2])
      let b = Tensor<Scalar>([1, 1, 4, 3]).reshaped([2, 2])
      expectClose(cosineSimilarity(a, b, along: 1), [1, 0.96], "cosineSimilarity")
      expectClose(a.normalized(along: 1), [half, half, 0.6, 0.8], "normalized rows")
      let lone = Tensor<Scalar>([.infinity, 1]).normalized(along: 0)
      expectClose(lone, [1, 0], "normalized")
    }
    check(Float.self, 3e38)
    check(Double.self, 1.5e308)
  }

  @Test func mixedDerivativeOfPowersAtAnExponentOfZero() {
    func check<Scalar: FloatingScalar>(_: Scalar.Type) {
      let x = Tensor<Scalar>([2, 4]).asVariable()
      let p = Tensor<Scalar>([0, 0]).asVariable()
      let y = x.pow(p)
      let slope = gradients(of: y.sum(), at: [x], createGraph: true)[0]
      expectClose(slope, [0, 0], "dy/dx")
      expectClose(gradients(of: slope.sum(), at: [p])[0], [0.5, 0.25], "d²y/dxdp")
      let other = gradients(of: x.pow(p).sum(), at: [p], createGraph: true)[0]
      expectClose(gradients(of: other.sum(), at: [x])[0], [0.5, 0.25], "d²y/dpdx")
    }
    check(Float.self)
    check(Double.self)
  }

  @Test func acoshBelowOneHasNoDerivative() {
    func check<Scalar: FloatingScalar>(_: Scalar.Type) {
      let x = Tensor<Scalar>([-1e20, -2, 0.5, 2]).asVariable()
      let y = x.acosh()
      for record in [false, true] {
        let found = gradients(of: y.sum(), at: [x], retainGraph: true, createGraph: record)[0].detached().scalars
        #expect(found[0].isNaN && found[1].isNaN && found[2].isNaN, "\(found)")
        #expect(isClose(found[3], 1 / 3.0.squareRoot()), "\(found)")
      }
    }
    check(Float.self)
    check(Double.self)
  }

  @Test func celuOfQuotientsNextToNothing() {
    let small = Tensor<Float>([-1e-30, -2, 3])
    expectClose(small.celu(alpha: 1e30), [-1e-30, -2, 3], "celu")
    expectClose(Tensor<Double>([-1e-200]).celu(alpha: 1e200), [-1e-200], "celu")
    expectClose(Tensor<Float>([-1, -2]).celu(), [-0.6321205588285577, -0.8646647167633873], "celu")
  }

  @Test func windowNormsWhosePowersLeaveTheRange() {
    func check<Scalar: FloatingScalar>(_: Scalar.Type, _ sizes: [Double]) {
      for size in sizes {
        let units = 256.0
        derivatives("lpPool2D", at: [size, 0, 0, 0], value: [size], first: [1, 0, 0, 0], units: units) {
          (x: Tensor<Scalar>) in lpPool2D(x.reshaped([1, 1, 2, 2]), p: 2, kernelSize: 2)
        }
        // A window of 3 and 4 parts beside one of 3 and 4.
        derivatives(
          "lpPool1D", at: [3 * size, 4 * size, 3, 4], value: [5 * size, 5], first: [0.6, 0.8, 0.6, 0.8], units: units
        ) { (x: Tensor<Scalar>) in lpPool1D(x.reshaped([1, 1, 4]), p: 2, kernelSize: 2) }
      }
      derivatives("lpPool1D", at: [inf, 0, 1, 0], value: [inf, 1], first: [1, 0, 1, 0]) { (x: Tensor<Scalar>) in
        lpPool1D(x.reshaped([1, 1, 4]), p: 2, kernelSize: 2)
      }
      derivatives("lpPool1D of order ∞", at: [3, -5, 1, 2], value: [5, 2], first: [0, -1, 0, 1]) {
        (x: Tensor<Scalar>) in lpPool1D(x.reshaped([1, 1, 4]), p: .infinity, kernelSize: 2)
      }
      derivatives("lpPool1D of order −∞", at: [3, -5, 1, -2], value: [3, 1], first: [1, 0, 1, 0]) {
        (x: Tensor<Scalar>) in lpPool1D(x.reshaped([1, 1, 4]), p: -.infinity, kernelSize: 2)
      }
      // Windows of zeros only, whose powers are as small as those that are lost.
      derivatives("lpPool1D", at: [0, 0, sizes[1], 0], value: [0, sizes[1]], first: [0, 0, 1, 0], units: 256) {
        (x: Tensor<Scalar>) in lpPool1D(x.reshaped([1, 1, 4]), p: 2, kernelSize: 2)
      }
      // The last window has one element of two, which counts twice.
      let cut = Tensor<Scalar>([Scalar(sizes[0]), 0, Scalar(sizes[0])]).reshaped([1, 1, 3])
      expectClose(
        lpPool1D(cut, p: 2, kernelSize: 2, ceilMode: true), [sizes[0], sizes[0] * 2.0.squareRoot()], "truncated window",
        units: units)
    }
    let units = 256.0
    check(Float.self, [1e20, 1e-30])
    check(Double.self, [1e200, 1e-200])
  }
}
