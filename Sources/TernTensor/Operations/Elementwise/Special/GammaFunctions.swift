import TernBackend

// The logarithm of the gamma function and its derivatives. Largest errors over 2,000 numbers of all sizes and signs, in
// units in the last place of Double (of Float: 0.51): lgamma 2.5, digamma 2.4, polygamma 2.6.

extension Tensor where Scalar: FloatingScalar {
  /// ln |Γ(x)|; ∞ at 0, at the negative whole numbers and at −∞. Derivative: ``digamma()``.
  public func lgamma() -> Tensor {
    mapSpecial(.lgamma, above: 0, else: GammaValues.lgamma)
      .recorded("lgamma", from: self, saving: .first) { d in
        d.send(0) { zeroProduct(d.gradient, d.input(0).digamma()) }
      }
  }

  /// ψ(x) = Γ'(x)/Γ(x); ∓∞ at ±0, NaN at the negative whole numbers and −∞. Derivative: ψ'(x).
  public func digamma() -> Tensor {
    mapSpecial(.digamma, above: 0, else: GammaValues.digamma)
      .recorded("digamma", from: self, saving: .first) { d in
        d.send(0) { zeroProduct(d.gradient, d.input(0).polygamma(1)) }
      }
  }

  /// ψ⁽ⁿ⁾(x), the n-th derivative of the digamma function: (−1)ⁿ⁺¹·n!·Σ (x+k)⁻ⁿ⁻¹. Derivative: ψ⁽ⁿ⁺¹⁾(x).
  ///
  /// At 0 and the negative whole numbers ∞ where n is odd, −∞ where it is even and not 0. Stops when n is negative.
  /// - Parameter order: n; 0 is ``digamma()``.
  public func polygamma(_ order: Int, file: StaticString = #fileID, line: UInt = #line) -> Tensor {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    check(order >= 0 && order < Int.max, "polygamma", "order \(order), expected at least 0 and less than \(Int.max)")
    if order == 0 { return digamma() }
    func value(_ x: Double) -> Double { GammaValues.polygamma(order, x) }
    let values = order == 1 ? mapSpecial(.trigamma, above: 1e-30, else: value) : mapValues(value)
    return values.recorded("polygamma", from: self, saving: .first) { d in
      d.send(0) { zeroProduct(d.gradient, d.input(0).polygamma(order + 1)) }
    }
  }

  /// The logarithm of the multivariate gamma function: p(p−1)/4·ln π + Σ ln |Γ(x − j/2)| over j from 0 to p − 1.
  ///
  /// Derivative: Σ ψ(x − j/2).
  /// - Parameter dimensions: p, from 1 to 65,536; stops for any other number.
  public func multivariateLGamma(dimensions: Int, file: StaticString = #fileID, line: UInt = #line) -> Tensor {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    check(
      (1...65_536).contains(dimensions), "multivariateLGamma", "\(dimensions) dimensions, expected 1 to 65536")
    let constant = 0.25 * Double(dimensions) * Double(dimensions - 1) * 1.14472988584940017414
    let values = withoutGradients {
      let x = detached().cast(to: Double.self)
      var total = x.mapSpecial(.lgamma, above: 0, else: GammaValues.lgamma) + constant
      for j in stride(from: 1, to: dimensions, by: 1) {
        total += (x - 0.5 * Double(j)).mapSpecial(.lgamma, above: 0, else: GammaValues.lgamma)
      }
      return total.cast(to: Scalar.self)
    }
    return values.recorded("multivariateLGamma", from: self, saving: .first) { d in
      d.send(0) {
        var total = d.input(0).digamma()
        for j in stride(from: 1, to: dimensions, by: 1) { total += (d.input(0) - Scalar(j) * 0.5).digamma() }
        return zeroProduct(d.gradient, total)
      }
    }
  }
}

/// Hurwitz' zeta function Σ (q + k)⁻ˢ over k ≥ 0, element by element; the shapes broadcast. Derivative at q: −s·ζ(s+1, q).
///
/// ∞ where s is 1 and where q is 0 or a negative whole number; NaN for a smaller s, and for a negative q where s is not
/// whole. There is no derivative at s: a pass that wants it stops. Within 4 units in the last place of Double.
public func zeta<Scalar: FloatingScalar>(
  _ s: Tensor<Scalar>, _ q: Tensor<Scalar>, file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  return Tensor.zetaValues(s, q).recordedPair(
    "zeta", s, q, secondNeeds: [.first, .second],
    { _ in fail("zeta", "there is no derivative at s; detach it: zeta(s.detached(), q)") },
    { d in
      let s = d.input(0)
      return -zeroProduct(d.gradient, zeroProduct(s, zeta(s + 1, d.input(1))))
    })
}

/// Hurwitz' zeta function of a tensor of exponents and a number; see ``zeta(_:_:file:line:)``.
public func zeta<Scalar: FloatingScalar>(
  _ s: Tensor<Scalar>, _ q: Scalar, file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> { zeta(s, Tensor(q), file: file, line: line) }

/// Hurwitz' zeta function of an exponent and a tensor; see ``zeta(_:_:file:line:)``.
public func zeta<Scalar: FloatingScalar>(
  _ s: Scalar, _ q: Tensor<Scalar>, file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> { zeta(Tensor(s), q, file: file, line: line) }

extension Tensor where Scalar: FloatingScalar {
  /// The zeta function of all pairs, in blocks; the shapes broadcast.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  fileprivate static func zetaValues(_ s: Tensor, _ q: Tensor) -> Tensor {
    let shape = broadcastShape(s.shape, q.shape, "zeta")
    let result = Tensor(uninitialized: Layout.forResult(shape, s.layout, q.layout))
    let strides = [
      result.layout.strides, broadcastStrides(s.layout, to: shape), broadcastStrides(q.layout, to: shape),
    ]
    let (out, x, y, block) = (result.mutablePointer, s.pointer, q.pointer, 64)
    StridedLoop(shape, strides).run(grain: Self.specialGrain) { n, offset, step in
      withScratch(3 * block, of: Double.self) { values in
        for start in stride(from: 0, to: n, by: block) {
          let count = Swift.min(block, n - start)
          for i in 0..<count {
            values[i] = Double(x[offset[1] + (start + i) * step[1]])
            values[block + i] = Double(y[offset[2] + (start + i) * step[2]])
          }
          GammaValues.zeta(count, values, values + block, into: values + 2 * block)
          for i in 0..<count { out[offset[0] + (start + i) * step[0]] = Scalar(values[2 * block + i]) }
        }
      }
    }
    return result
  }
}
