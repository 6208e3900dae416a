import TernBackend

// Exponentials, logarithms, and the error function.

extension Tensor where Scalar: FloatingScalar {
  /// eˣ. Derivative: eˣ.
  public func exp() -> Tensor { unary("exp", .exp, saving: .output) { zeroProduct($0.gradient, $0.output) } }

  /// eˣ − 1, accurate near 0. Derivative: eˣ.
  public func expm1() -> Tensor { unary("expm1", .expm1) { zeroProduct($0.gradient, $0.input(0).exp()) } }

  /// The natural logarithm; −∞ at 0, NaN below. Derivative: 1/x.
  public func log() -> Tensor { unary("log", .log) { zeroQuotient($0.gradient, $0.input(0)) } }

  /// ln(1 + x), accurate near 0; −∞ at −1, NaN below. Derivative: 1/(1 + x).
  public func log1p() -> Tensor { unary("log1p", .log1p) { zeroQuotient($0.gradient, $0.input(0) + 1) } }

  /// The logarithm to base 2; −∞ at 0, NaN below. Derivative: 1/(x·ln 2).
  public func log2() -> Tensor {
    unary("log2", .log2) { zeroQuotient($0.gradient, $0.input(0) * 0.693147180559945309417) }
  }

  /// The logarithm to base 10; −∞ at 0, NaN below. Derivative: 1/(x·ln 10).
  public func log10() -> Tensor {
    unary("log10", .log10) { zeroQuotient($0.gradient, $0.input(0) * 2.30258509299404568402) }
  }

  /// The error function 2/√π ∫₀ˣ e^(−t²) dt. Derivative: 2/√π·e^(−x²).
  public func erf() -> Tensor { unary("erf", .erf) { zeroProduct($0.gradient, $0.input(0).bell) } }

  /// 1 − erf(x), accurate in the upper tail. Derivative: −2/√π·e^(−x²).
  public func erfc() -> Tensor { unary("erfc", .erfc) { -(zeroProduct($0.gradient, $0.input(0).bell)) } }

  /// 2/√π·e^(−x²)
  private var bell: Tensor { (-square()).exp() * 1.12837916709551257390 }
}
