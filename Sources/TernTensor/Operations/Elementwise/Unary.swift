import TernBackend

// What every elementwise function of one tensor shares, and the functions that integers have too.

extension Tensor where Scalar: NumericScalar {
  /// A recorded function of every element.
  ///
  /// - Parameter derivative: dL/dx from what was saved.
  package func unary(
    _ name: StaticString, _ kernel: UnaryKernel, _ p0: Scalar = 0, _ p1: Scalar = 0, saving: Saving = .first,
    _ derivative: @escaping @Sendable (Derivation<Scalar>) -> Tensor
  ) -> Tensor {
    OperationArguments.note(
      name,
      ["first": .number(p0.number), "second": .number(p1.number), "isApproximate": .flag(kernel == .geluTanh)])
    return map(kernel, p0, p1).recorded(name, from: self, saving: saving) { d in d.send(0) { derivative(d) } }
  }

  /// A recorded function that is constant between its steps: its derivative is 0 everywhere.
  package func step(_ name: StaticString, _ kernel: UnaryKernel) -> Tensor {
    unary(name, kernel, saving: []) { Tensor(zerosLike: $0.gradient) }
  }

  /// |x|. Derivative: the sign of x, 0 at 0.
  public func abs() -> Tensor { unary("abs", .abs) { zeroProduct($0.gradient, $0.input(0).sign()) } }

  /// −1, 0 or 1: the sign of x; 0 for NaN. Derivative: 0.
  public func sign() -> Tensor { step("sign", .sign) }

  /// x². Derivative: 2x.
  public func square() -> Tensor { unary("square", .square) { zeroProduct($0.gradient, $0.input(0)) * 2 } }
}

extension Tensor where Scalar: FloatingScalar {
  /// √x; NaN below 0. Derivative: 1/(2√x), infinite at 0.
  public func sqrt() -> Tensor { unary("sqrt", .sqrt, saving: .output) { zeroQuotient($0.gradient, $0.output * 2) } }

  /// 1/√x; ∞ at 0, NaN below. Derivative: −½·x^(−3/2).
  public func rsqrt() -> Tensor {
    unary("rsqrt", .rsqrt, saving: .output) { d in
      let y = d.output
      return zeroProduct(d.gradient, y * y * y) * -0.5
    }
  }

  /// 1/x. Derivative: −1/x².
  public func reciprocal() -> Tensor {
    unary("reciprocal", .reciprocal, saving: .output) { -zeroProduct(zeroProduct($0.gradient, $0.output), $0.output) }
  }

  /// The values where they are finite, and these in place of NaN, ∞ and −∞. Derivative: 1 where finite, 0 elsewhere.
  ///
  /// - Parameters:
  ///   - nan: instead of NaN.
  ///   - positiveInfinity: instead of ∞; the greatest finite number where left out.
  ///   - negativeInfinity: instead of −∞; the least finite number where left out.
  public func replacingNonFinite(
    nan: Scalar = 0, positiveInfinity: Scalar? = nil, negativeInfinity: Scalar? = nil
  ) -> Tensor {
    let high = positiveInfinity ?? .greatestFiniteMagnitude
    let low = negativeInfinity ?? -.greatestFiniteMagnitude
    let result = mapRows(to: Scalar.self) { n, out, so, x, sx, _ in
      Scalar.replaceNonFinite(n, out, so, x, sx, nan: nan, high: high, low: low)
    }
    OperationArguments.note(
      "replacingNonFinite", ["nan": .number(nan.number), "high": .number(high.number), "low": .number(low.number)])
    return result.recorded("replacingNonFinite", from: self, saving: .first) { d in
      d.send(0) { select(d.input(0).isFinite(), d.gradient, 0) }
    }
  }
}
