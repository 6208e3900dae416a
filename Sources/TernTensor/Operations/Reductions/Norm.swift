import TernBackend

extension Tensor where Scalar: FloatingScalar {
  /// The p-norm (Σ|x|ᵖ)^(1/p) over the given axes, or over all.
  ///
  /// p = ∞ gives the greatest |x|, −∞ the least, 0 the number of elements that are not 0. Gradients are those of PyTorch:
  /// 0 at the zero vector, shared among equals for ±∞.
  /// - Parameters:
  ///   - p: the order; 2 is the Euclidean norm, which neither overflows nor underflows on the way.
  ///   - keepingAxes: leaves the axes with extent one.
  public func norm(
    _ p: Double = 2, along axes: [Int]? = nil, keepingAxes: Bool = false, file: StaticString = #fileID,
    line: UInt = #line
  ) -> Tensor {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    let reduced = ReducedAxes(axes, of: shape, "norm")
    check(
      reduced.count > 0 || Layout.product(reduced.reducedShape) == 0 || (p >= 0 && p < .infinity), "norm",
      "\(shape) has nothing to take the norm of order \(p) of")
    let kept = p == 2 ? detached().euclidean(reduced) : withoutGradients { normKeeping(p, reduced) }
    OperationArguments.note("norm", ["axes": .integers(reduced.axes), "order": .number(p)])
    return kept.dropping(reduced, unless: keepingAxes)
      .recorded("norm", from: self, saving: [.first, .output]) { d in
        d.send(0) {
          normDerivative(
            p, d.input(0), d.output.reshaped(reduced.keptShape), d.gradient.reshaped(reduced.keptShape), reduced)
        }
      }
  }

  /// The p-norm over one axis or several, see ``norm(_:along:keepingAxes:file:line:)-(_,[Int]?,_,_,_)``.
  public func norm(
    _ p: Double = 2, along first: Int, _ rest: Int..., keepingAxes: Bool = false, file: StaticString = #fileID,
    line: UInt = #line
  ) -> Tensor {
    norm(p, along: [first] + rest, keepingAxes: keepingAxes, file: file, line: line)
  }

  private func normKeeping(_ p: Double, _ reduced: ReducedAxes) -> Tensor {
    switch p {
    case 0: return (self .!= 0).cast(to: Scalar.self).reducedKeeping(.sum, reduced)
    case 1: return reducedKeeping(.sumOfAbsolutes, reduced, combine: .sum)
    case 2: return euclidean(reduced)
    case .infinity: return map(.abs).reducedKeeping(.maximum, reduced)
    case -.infinity: return map(.abs).reducedKeeping(.minimum, reduced)
    default: return powerNorm(p, reduced)
    }
  }

  /// The p-th root of the sum of p-th powers; where that leaves the range the elements are scaled first.
  private func powerNorm(_ p: Double, _ reduced: ReducedAxes) -> Tensor {
    func norm(_ x: Tensor) -> Tensor { x.map(.powScalar, Scalar(p)).reducedKeeping(.sum, reduced) }
    let magnitudes = map(.abs)
    let sums = norm(magnitudes)
    if reduced.count == 0 || sums.isWithin(Self.safeSums) { return sums.map(.powScalar, Scalar(1 / p)) }
    let safe = (sums .>= Self.safeSums.lowerBound) .&& (sums .<= Self.safeSums.upperBound)
    let decisive = magnitudes.reducedKeeping(p > 0 ? .maximum : .minimum, reduced)
    let scale = select((decisive .> 0) .&& (decisive .<= .greatestFiniteMagnitude), decisive, 1)
    let scaled = norm(magnitudes / scale).map(.powScalar, Scalar(1 / p)) * scale
    return select(safe, sums.map(.powScalar, Scalar(1 / p)), scaled)
  }

  /// The root of the sum of squares; where that leaves the range the elements are scaled first.
  private func euclidean(_ reduced: ReducedAxes) -> Tensor {
    let squares = reducedKeeping(.sumOfSquares, reduced, combine: .sum)
    if reduced.count == 0 || squares.isWithin(Self.safeSums) { return squares.map(.sqrt) }
    return withoutGradients { scaledLengths(squares, reduced) }
  }

  /// Sums that have lost nothing to the ends of the range.
  private static var safeSums: ClosedRange<Scalar> {
    Scalar.leastNormalMagnitude / Scalar.ulpOfOne...Scalar.greatestFiniteMagnitude
  }

  /// The roots of sums of squares, those of scaled elements where the sum leaves the range.
  private func scaledLengths(_ squares: Tensor, _ reduced: ReducedAxes) -> Tensor {
    let safe = (squares .>= Self.safeSums.lowerBound) .&& (squares .<= Self.safeSums.upperBound)
    let largest = map(.abs).reducedKeeping(.maximum, reduced)
    let scale = select((largest .> 0) .&& (largest .<= .greatestFiniteMagnitude), largest, 1)
    let scaled = (self / scale).reducedKeeping(.sumOfSquares, reduced, combine: .sum).map(.sqrt) * scale
    return select(safe, squares.map(.sqrt), scaled)
  }
}

/// dL/dx of a p-norm y of x, with dL/dy and y over the axes that were kept.
func normDerivative<Scalar: FloatingScalar>(
  _ p: Double, _ x: Tensor<Scalar>, _ y: Tensor<Scalar>, _ gradient: Tensor<Scalar>, _ reduced: ReducedAxes
) -> Tensor<Scalar> {
  switch p {
  case 0: return Tensor(zerosLike: x)
  case 1: return zeroProduct(gradient, x.sign())
  case .infinity, -.infinity:
    let share = withoutGradients { () -> Tensor<Scalar> in
      let magnitudes = x.abs()
      let chosen = ((magnitudes .== y) .|| magnitudes.isNaN()).cast(to: Scalar.self)
      return x.sign() * (chosen / chosen.reducedKeeping(.sum, reduced))
    }
    return zeroProduct(gradient, share)
  case _ where Recording.isOn && x.requiresGradient: return zeroProduct(gradient, normDirections(p, x, y, reduced))
  default: return powerNormDerivative(p, x, y, gradient, reduced)
  }
}

/// dy/dx = sign(x)·(|x|/y)^(p−1) of a p-norm y of x, 0 where x or y is 0.
///
/// Derivative at x, of a gradient w: (p−1)/y·((|x|/y)^(p−2)·w − u·Σ(w·u)) with the result u, ordered so that no part leaves the
/// range where the whole does not, and 0 where x is 0 unless p ≥ 2. It counts y as the norm of x.
private func normDirections<Scalar: FloatingScalar>(
  _ p: Double, _ x: Tensor<Scalar>, _ y: Tensor<Scalar>, _ reduced: ReducedAxes
) -> Tensor<Scalar> {
  let value = withoutGradients { () -> Tensor<Scalar> in
    let y = y.detached()
    return powerNormDerivative(p, x.detached(), y, Tensor(1).broadcast(to: y.shape), reduced)
  }
  return value.recorded("norm", from: x, y, saving: [.first, .second, .output]) { d in
    d.send(0) {
      let (w, x, y, u) = (d.gradient, d.input(0), d.input(1), d.output)
      let along = zeroProduct(w, u).sum(along: reduced.axes, keepingAxes: true)
      if p == 2 { return overLength(w - zeroProduct(u, along), y) }
      let ratio = lengthRatio(x, y)
      let rest = w - zeroProduct(ratio, along)
      if p > 2 {
        let power = ratio.abs().pow(Scalar(p - 2))
        return overLength(zeroProduct(power, rest), y) * Scalar(p - 1)
      }
      return overLength(zeroProduct(u, rest), x) * Scalar(p - 1)
    }
  }
}

/// dL/dx for orders whose derivative is made of powers.
private func powerNormDerivative<Scalar: FloatingScalar>(
  _ p: Double, _ x: Tensor<Scalar>, _ y: Tensor<Scalar>, _ gradient: Tensor<Scalar>, _ reduced: ReducedAxes
) -> Tensor<Scalar> {
  let (x, y) = inRange(p, x, y, reduced)
  switch p {
  case 2: return zeroProduct(gradient, lengthRatio(x, y))
  case _ where !withinPowers(p, y):
    // Below 1 the inverse ratio has a power above 0, so that a length of 0 leaves no slope.
    let ratio = p < 1 ? lengthRatio(y, x.abs()).pow(Scalar(1 - p)) : lengthRatio(x.abs(), y).pow(Scalar(p - 1))
    let derivative = select(x .== 0, 0, x.sign() * ratio)
    return zeroProduct(gradient, derivative)
  case ..<1:
    let power = select(x .== 0, 0, x.sign() * x.abs().pow(Scalar(p - 1)))
    return zeroProduct(zeroProduct(power, gradient), y.pow(Scalar(1 - p)))
  case ..<2:
    let power = x.sign() * x.abs().pow(Scalar(p - 1))
    return zeroProduct(power, select(y .== 0, 0, zeroQuotient(gradient, y.pow(Scalar(p - 1)))))
  default:
    let power = x * x.abs().pow(Scalar(p - 2))
    return zeroProduct(power, select(y .== 0, 0, zeroQuotient(gradient, y.pow(Scalar(p - 1)))))
  }
}

/// x and its norm y, or multiples of both where a norm is subnormal or beyond the range: their ratios are the same, of all digits.
private func inRange<Scalar: FloatingScalar>(
  _ p: Double, _ x: Tensor<Scalar>, _ y: Tensor<Scalar>, _ reduced: ReducedAxes
) -> (x: Tensor<Scalar>, y: Tensor<Scalar>) {
  if reduced.count == 0 || y.areLengths(upTo: .greatestFiniteMagnitude) { return (x, y) }
  let scaled = x / x.powersOfTwo(reduced)
  return (scaled, select(y .== 0, 0, scaled.norm(p, along: reduced.axes, keepingAxes: true)))
}

/// Whether powers ±p of all y that are not 0 stay within the range, and with them the parts of the derivative.
private func withinPowers<Scalar: FloatingScalar>(_ p: Double, _ y: Tensor<Scalar>) -> Bool {
  let y = y.detached()
  let bits = Int((Scalar.self == Float.self ? 100 : 900) / Swift.max(1, Swift.abs(p), Swift.abs(p - 1)))
  let low = Scalar(sign: .plus, exponent: Scalar.Exponent(-bits), significand: 1)
  let high = Scalar(sign: .plus, exponent: Scalar.Exponent(bits), significand: 1)
  return ((y .== 0) .|| ((y .>= low) .&& (y .<= high))).all().item
}
