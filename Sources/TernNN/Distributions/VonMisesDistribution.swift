import Foundation
import TernBackend
import TernTensor

/// Distributions of angles around a mean, density e^(κ·cos(x − μ))/(2π·I₀(κ)); draws lie in −π ..< π.
///
/// Angles are in radians and count modulo 2π: ln p is that of one turn.
public struct VonMisesDistribution<Scalar: FloatingScalar>: Distribution {
  /// μ, the mean angles.
  public let mean: Tensor<Scalar>
  /// κ: 0 would be uniform, large ones are almost normal with the variance 1/κ.
  public let concentration: Tensor<Scalar>

  /// Distributions of these mean angles and concentrations, which broadcast.
  ///
  /// Stops for a mean that is not finite and a concentration that is not above 0.
  ///
  /// - Parameters:
  ///   - mean: μ, the mean angles in radians.
  ///   - concentration: κ, the concentrations.
  public init(
    mean: Tensor<Scalar>, concentration: Tensor<Scalar>, file: StaticString = #fileID, line: UInt = #line
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    mean.require("VonMisesDistribution", "mean", "a finite number") { $0.isFinite() }
    concentration.requirePositive("VonMisesDistribution", "concentration")
    (self.mean, self.concentration) = broadcastParameters(mean, concentration, "VonMisesDistribution")
  }

  /// The shape of the parameters.
  public var batchShape: [Int] { mean.shape }
  /// The shape of one draw.
  public var eventShape: [Int] { [] }
  /// The circular variance 1 − I₁(κ)/I₀(κ), 0 to 1.
  public var variance: Tensor<Scalar> { missingLength.cast(to: Scalar.self) }
  /// ln(2π·I₀(κ)) − κ·I₁(κ)/I₀(κ)
  public var entropy: Tensor<Scalar> {
    let κ = concentration.cast(to: Double.self)
    return (κ.scaledBesselI0().log() + κ * missingLength + 2 * halfLogTwoPi).cast(to: Scalar.self)
  }

  /// 1 − I₁(κ)/I₀(κ): the difference from 1 of the length of the mean of the unit vectors, without cancellation for large κ.
  fileprivate var missingLength: Tensor<Double> {
    let κ = concentration.cast(to: Double.self)
    let isLarge = κ.detached() .> 1000
    let small = κ.inside(.!isLarge, else: 1)
    let (i0, i1) = (small.scaledBesselI0(), small.scaledBesselI1())
    // 1/(2κ) + 1/(8κ²) + 1/(8κ³) + 25/(128κ⁴) + 13/(32κ⁵)
    let t = κ.inside(isLarge, else: 1000).reciprocal()
    let tail: Tensor<Double> = (t * 0.40625 + 0.1953125) * t + 0.125
    let series: Tensor<Double> = (((tail * t + 0.125) * t) + 0.5) * t
    return select(isLarge, series, (i0 - i1) / i0)
  }

  /// A draw of shape + batchShape + eventShape.
  ///
  /// Source: Best & Fisher 1979, "Efficient simulation of the von Mises distribution"; a wrapped normal distribution, which
  /// differs by less than 10⁻⁷, for κ above 10⁷.
  public func draw(_ shape: [Int], from generator: RandomGenerator?) -> Tensor<Scalar> {
    let generator = generator ?? Random.generator
    let whole = shape + batchShape
    let proposals = concentration.detached().cast(to: Double.self).scalars.map(Proposal.init)
    let count = Sizes.product(whole, "sample", "the shape")
    var angles = [Double](repeating: 0, count: count)
    var waiting = Array(0..<count)
    while !waiting.isEmpty {
      let uniform = Tensor<Double>(randomUniform: [3, waiting.count], generator: generator).scalars
      var rejected: [Int] = []
      for (place, index) in waiting.enumerated() {
        let (a, b) = (uniform[place], uniform[waiting.count + place])
        let side = uniform[2 * waiting.count + place]
        if let angle = proposals[index % proposals.count].angle(a, b, side) {
          angles[index] = angle
        } else {
          rejected.append(index)
        }
      }
      waiting = rejected
    }
    let turned = Tensor<Double>(angles, shape: whole) + mean.detached().cast(to: Double.self)
    return (remainder(turned + .pi, 2 * .pi) - .pi).cast(to: Scalar.self)
  }

  /// ln p of values that broadcast with batchShape.
  public func logDensity(at value: Tensor<Scalar>) -> Tensor<Scalar> {
    // cos x − 1 = −2·sin²(x/2)
    let power = concentration * ((value - mean) * 0.5).sin().square() * -2
    return power - concentration.scaledBesselI0().log() - Scalar(2 * halfLogTwoPi)
  }
}

/// The rejection sampler of one concentration.
private struct Proposal {
  let concentration: Double
  let r: Double

  init(_ concentration: Double) {
    self.concentration = concentration
    let τ = 1 + (1 + 4 * concentration * concentration).squareRoot()
    let ρ = (τ - (2 * τ).squareRoot()) / (2 * concentration)
    r = concentration < 1e-5 ? 1 / concentration + concentration : (1 + ρ * ρ) / (2 * ρ)
  }

  /// The angle of three uniform numbers, or `nil` where they are rejected.
  func angle(_ a: Double, _ b: Double, _ side: Double) -> Double? {
    if concentration > 1e7 { return (-2 * log1p(-a) / concentration).squareRoot() * cos(2 * .pi * b) }
    if concentration < 1e-9 { return .pi * (2 * a - 1) }
    let z = cos(.pi * a)
    let f = (1 + r * z) / (r + z)
    let c = concentration * (r - f)
    guard c * (2 - c) > b || log(c / b) + 1 - c >= 0 else { return nil }
    let angle = acos(Swift.min(Swift.max(f, -1), 1))
    return side < 0.5 ? -angle : angle
  }
}

/// ∫ p·ln(p/q): ln(I₀(κ_q)/I₀(κₚ)) + A(κₚ)·(κₚ − κ_q·cos(μₚ − μ_q)) with A = I₁/I₀.
public func klDivergence<Scalar: FloatingScalar>(
  _ p: VonMisesDistribution<Scalar>, _ q: VonMisesDistribution<Scalar>, file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  let (κp, κq) = (p.concentration.cast(to: Double.self), q.concentration.cast(to: Double.self))
  let missing = p.missingLength
  let turn = ((p.mean - q.mean).cast(to: Double.self) * 0.5).sin().square() * 2
  let normalizers = κq.scaledBesselI0().log() - κp.scaledBesselI0().log()
  let moved: Tensor<Double> = missing + (1 - missing) * turn
  return (normalizers + κq * moved - κp * missing).cast(to: Scalar.self)
}
