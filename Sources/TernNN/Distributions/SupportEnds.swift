import TernTensor

// What distributions share at the ends of their supports and of the range of numbers.

extension Tensor where Scalar: FloatingScalar {
  /// ln(1 + t²), also where t² leaves the range.
  func log1pSquare() -> Tensor {
    // From here on 1 + t² rounds to t².
    let bound = 1 / Scalar.ulpOfOne
    let isFar = detached().abs() .> bound
    guard isFar.any().item else { return square().log1p() }
    let near = inside(.!isFar, else: 0).square().log1p()
    return select(isFar, inside(isFar, else: 1).abs().log() * 2, near)
  }

  /// tan(π·(p − ½)) for 0 ≤ p ≤ 1: −∞ at 0, ∞ at 1, and the digits of small p.
  func tangentOfProbability() -> Tensor {
    let π = Scalar(3.14159265358979323846)
    let p = asProbability()
    let (isLow, isHigh) = (p .< 0.25, p .> 0.75)
    let middle = ((p.inside(.!(isLow .|| isHigh), else: 0.5) - 0.5) * π).tan()
    let low = -(p.inside(isLow, else: 0.25) * π).tan().reciprocal()
    let high = ((1 - p.inside(isHigh, else: 0.75)) * π).tan().reciprocal()
    return select(isLow, low, select(isHigh, high, middle))
  }

  /// These numbers with 0 in place of −0, whose reciprocal would be −∞.
  var withPositiveZero: Tensor { self + 0 }

  /// These numbers, NaN where they are not in 0 ... 1.
  func asProbability() -> Tensor {
    let isInside = (self .>= 0) .&& (self .<= 1)
    return isInside.all().item ? self : select(isInside, self, Scalar.nan)
  }

  /// These numbers, NaN where those of another tensor are; the axes that only the other one has, its last `axes`, count together.
  func keepingNaN(of other: Tensor, lastAxes axes: Int) -> Tensor {
    let other = other.detached()
    var isNumber = other .== other
    if isNumber.all().item { return self }
    if axes > 0 { isNumber = isNumber.all(along: Array(-axes..<0)) }
    return select(isNumber, self, Scalar.nan)
  }
}
