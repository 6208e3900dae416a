import TernBackend

extension Tensor where Scalar: FloatingScalar {
  /// The exponential Σ Aᵏ/k! of every matrix […, n, n].
  ///
  /// By scaling and squaring with a Padé approximant (Higham, The scaling and squaring method for the matrix exponential
  /// revisited, 2005). Gradient: the upper right block of the exponential of [[Aᵀ, g], [0, Aᵀ]] (Al-Mohy and Higham, 2009).
  /// A matrix with a NaN or an infinity gives NaN.
  public func matrixExponential(file: StaticString = #fileID, line: UInt = #line) -> Tensor {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    requireSquare("matrixExponential")
    let result = withoutGradients { exponentialRaw() }
    let n = rows
    return result.recorded("matrixExponential", from: self, saving: .first) { d in
      d.send(0) {
        let flipped = d.input(0).transposed()
        let gradient = d.gradient.broadcast(to: flipped.shape)
        let upper = concatenate([flipped, gradient], along: -1)
        let lower = concatenate([Tensor(zeros: flipped.shape), flipped], along: -1)
        return concatenate([upper, lower], along: -2).matrixExponential()
          .narrowed(axis: -2, start: 0, length: n).narrowed(axis: -1, start: n, length: n)
      }
    }
  }

  private func exponentialRaw() -> Tensor {
    if isEmpty { return detached() }
    let norms = norm(1, along: -2).amax(along: -1)
    let largest = norms.max().item.number
    let approximant = Pade.choose(largest, Scalar.self)
    // Every matrix is halved as often as its own norm asks.
    let halvings = norms.scalars.map { norm -> Int in
      let ratio = norm.number / approximant.bound
      if !ratio.isFinite || ratio <= 1 { return 0 }
      return ratio.significand == 1 ? Int(ratio.exponent) : Int(ratio.exponent) + 1
    }
    let factors = Tensor<Scalar>(
      halvings.map { Scalar(sign: .plus, exponent: Scalar.Exponent(-$0), significand: 1) }, shape: batch)
    var result = approximant.value(detached() * factors.expandedAxis(at: -1).expandedAxis(at: -1))
    let counts = Tensor<Int>(halvings, shape: batch).expandedAxis(at: -1).expandedAxis(at: -1)
    for round in 0..<(halvings.max() ?? 0) { result = select(counts .> round, matmul(result, result), result) }
    return result
  }
}

/// The diagonal Padé approximant of exp of one degree.
private struct Pade {
  let degree: Int
  /// The 1-norm up to which it is as precise as the scalars.
  let bound: Double

  /// Degrees and bounds for Double (Higham, table 2.3) and for Float (there 3.1, and expm's single precision).
  static func choose<Scalar: FloatingScalar>(_ norm: Double, _: Scalar.Type) -> Pade {
    let list =
      Scalar.self == Double.self
      ? [
        (3, 1.495585217958292e-2), (5, 2.539398330063230e-1), (7, 9.504178996162932e-1), (9, 2.097847961257068),
        (13, 5.371920351148152),
      ] : [(3, 4.258730016922831e-1), (5, 1.880152677804762), (7, 3.925724783138660)]
    let (degree, bound) = list.first { norm <= $0.1 } ?? list.last!
    return Pade(degree: degree, bound: bound)
  }

  /// Coefficients of the numerator, b₀ … b_degree, scaled to whole numbers.
  private var coefficients: [Double] {
    var list = [1.0]
    for j in 0..<degree { list.append(list[j] * Double(degree - j) / Double((2 * degree - j) * (j + 1))) }
    return list.map { $0 / list[degree] }
  }

  /// (V − U)⁻¹·(V + U), U the odd powers of the numerator and V the even ones.
  func value<Scalar: FloatingScalar>(_ a: Tensor<Scalar>) -> Tensor<Scalar> {
    let b = coefficients.map { Scalar($0) }
    let identity = Tensor<Scalar>(eye: a.rows)
    let squared = matmul(a, a)
    var (power, odd, even) = (identity, identity * b[1], identity * b[0])
    if degree == 13 {
      let (fourth, sixth) = (matmul(squared, squared), matmul(squared, matmul(squared, squared)))
      odd =
        matmul(sixth, sixth * b[13] + fourth * b[11] + squared * b[9]) + sixth * b[7] + fourth * b[5] + squared * b[3]
        + odd
      even =
        matmul(sixth, sixth * b[12] + fourth * b[10] + squared * b[8]) + sixth * b[6] + fourth * b[4] + squared * b[2]
        + even
    } else {
      for k in stride(from: 2, to: degree, by: 2) {
        power = k == 2 ? squared : matmul(power, squared)
        odd = odd + power * b[k + 1]
        even = even + power * b[k]
      }
    }
    odd = matmul(a, odd)
    return LUFactors(even - odd).solution(even + odd, transposed: false)
  }
}
