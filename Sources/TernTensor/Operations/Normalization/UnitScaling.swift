import TernBackend

// A normalization of s·x with s²·ε is that of x with ε. Slices whose deviation has no inverse within the range, or none
// that derivatives can be made of, are brought near 1 by powers of 2 first, which rounds nothing.

extension FloatingScalar {
  /// The inverse deviations that derivatives can be made of. Large ones leave the range only where ε is 0: it bounds them.
  static func plainInverses(epsilon: Double) -> ClosedRange<Double> {
    let (least, most) = Self.self == Float.self ? (0x1p-60, 0x1p24) : (0x1p-400, 0x1p200)
    return least...(epsilon > 0 ? .greatestFiniteMagnitude : most)
  }

  /// What stands for ε beside a mean square near 1.
  static var nextToNothing: Self { Self.self == Float.self ? 1e-30 : 0x1p-900 }
}

/// Whether all `count` inverse deviations are in a range; NaN is in none.
@specialized(where Number == Float)
@specialized(where Number == Double)
func areInverses<Number: BinaryFloatingPoint>(
  _ inverses: UnsafePointer<Number>, _ count: Int, in range: ClosedRange<Double>
) -> Bool {
  (0..<count).allSatisfy { range.contains(Double(inverses[$0])) }
}

/// Slices over some axes that are brought near 1.
struct UnitSlices<Scalar: FloatingScalar> {
  /// Which slices are, their axes kept.
  let isChosen: Tensor<Bool>
  /// The powers of 2 that these are multiplied by.
  let factors: Tensor<Scalar>
  private let x: Tensor<Scalar>
  private let axes: [Int]

  /// The slices of x whose inverse deviations, of the shape with these axes kept, are not `plain`; `nil` where none of
  /// finite numbers is.
  init?(_ x: Tensor<Scalar>, along axes: [Int], inverses: Tensor<Double>, plain: ClosedRange<Double>) {
    let largest = withoutGradients { x.detached().abs().amax(along: axes, keepingAxes: true) }
    let chosen = zip(inverses.scalars, largest.scalars).map {
      $1.isFinite && !plain.contains($0)
    }
    if !chosen.contains(true) { return nil }
    isChosen = Tensor(chosen, shape: largest.shape)
    let reach: Scalar.Exponent = Scalar.self == Float.self ? 126 : 1022
    factors = Tensor(
      zip(chosen, largest.scalars).map { isChosen, size in
        let exponent = isChosen && size > 0 ? Swift.max(-reach - 1, Swift.min(reach, 0 - size.exponent)) : 0
        return Scalar(sign: .plus, exponent: exponent, significand: 1)
      }, shape: largest.shape)
    self.x = x
    self.axes = axes
  }

  /// The chosen slices near 1, and 0 in place of the others.
  var near: Tensor<Scalar> { select(isChosen, x, 0) * factors }

  /// x̂ of the chosen slices from the normalized `near`: 0 in slices of equal values, where it is 0/0.
  func normalized(_ unit: Tensor<Scalar>, centered: Bool) -> Tensor<Scalar> {
    let isFlat = withoutGradients { () -> Tensor<Bool> in
      let values = near.detached()
      let most = values.amax(along: axes, keepingAxes: true)
      return centered
        ? most .== values.amin(along: axes, keepingAxes: true) : values.abs().amax(along: axes, keepingAxes: true) .== 0
    }
    return select(isFlat, 0, unit)
  }

  /// The other slices, with ±1 in place of the chosen ones; `nil` where there are no others.
  var rest: Tensor<Scalar>? {
    if isChosen.all().item { return nil }
    guard let axis = axes.last(where: { x.shape[$0] > 1 }) else { return select(isChosen, 0, x) }
    let signs = Tensor((0..<x.shape[axis]).map { Scalar($0 % 2 == 0 ? 1 : -1) })
      .reshaped(x.shape.indices.map { $0 == axis ? x.shape[axis] : 1 })
    return select(isChosen, signs, x)
  }
}
