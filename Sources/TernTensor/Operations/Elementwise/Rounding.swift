import TernBackend

// Rounding to integers, and clamping to a range.

extension Tensor where Scalar: NumericScalar {
  /// ⌊x⌋, the greatest integer that is not above x. Derivative: 0.
  public func floor() -> Tensor { step("floor", .floor) }

  /// ⌈x⌉, the least integer that is not below x. Derivative: 0.
  public func ceil() -> Tensor { step("ceil", .ceil) }

  /// x without its fraction. Derivative: 0.
  public func trunc() -> Tensor { step("trunc", .trunc) }

  /// The nearest integer; halves go to the even one. Derivative: 0.
  public func round() -> Tensor { step("round", .round) }

  /// The values clamped to [min, max]; a missing bound clamps nothing, NaN stays, and a minimum above the maximum gives the
  /// maximum everywhere. Derivative: 1 from bound to bound, both included, 0 outside.
  ///
  /// Stops when both bounds are missing.
  public func clamped(min: Scalar? = nil, max: Scalar? = nil, file: StaticString = #fileID, line: UInt = #line)
    -> Tensor
  {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    check(min != nil || max != nil, "clamped", "neither a minimum nor a maximum is given")
    guard let low = min else { return clamped(to: Scalar.least, max!) { $0 .<= max! } }
    guard let high = max else { return clamped(to: low, Scalar.greatest) { $0 .>= low } }
    return clamped(to: low, high) { ($0 .>= low) .&& ($0 .<= high) }
  }

  private func clamped(
    to low: Scalar, _ high: Scalar, passes: @escaping @Sendable (Tensor) -> Tensor<Bool>
  ) -> Tensor {
    unary("clamped", .clamp, low, high) { d in select(passes(d.input(0)), d.gradient, 0) }
  }
}

extension NumericScalar {
  /// What nothing lies below: −∞, or the least integer.
  fileprivate static var least: Self { Self(number: -.infinity) }
  /// What nothing lies above: ∞, or the greatest integer.
  fileprivate static var greatest: Self { Self(number: .infinity) }
}

extension Tensor where Scalar: FloatingScalar {
  /// Rounded to a number of decimal digits: round(x·10ᵈ)/10ᵈ; halves go to the even digit. Derivative: 0.
  ///
  /// x itself where x·10ᵈ is outside the range, infinities and NaN included.
  ///
  /// - Parameter decimals: d; negative digits are those before the point.
  public func round(decimals: Int) -> Tensor {
    if decimals == 0 { return round() }
    return detached().rounded(decimals).recorded("round", from: self, saving: []) { d in
      d.send(0) { Tensor(zerosLike: d.gradient) }
    }
  }

  private func rounded(_ decimals: Int) -> Tensor {
    var power: Scalar = 1
    // No finite number has 400 digits on one side of the point.
    for _ in 0..<Swift.min(decimals.magnitude, 400) { power *= 10 }
    if decimals < 0 {
      // Infinities and NaN stay, as they do where the power is finite.
      return power.isFinite ? (self / power).round() * power : select(isFinite(), 0, self)
    }
    // A number that the power takes out of the range has no digits so far behind the point.
    let scaled = self * power
    return power.isFinite ? select(scaled.isFinite(), scaled.round() / power, self) : copied()
  }

  /// The fraction x − trunc x, with the sign of x; NaN for infinities. Derivative: 1.
  public func frac() -> Tensor { unary("frac", .frac, saving: []) { $0.gradient } }
}
