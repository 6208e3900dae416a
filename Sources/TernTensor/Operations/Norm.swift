import TernBackend

extension Tensor where Scalar: FloatingScalar {
  /// The p-norm (Σ|x|ᵖ)^(1/p) over the given axes, or over all.
  ///
  /// p = ∞ gives the greatest |x|, −∞ the least, 0 the number of elements that are not 0. Gradients are those of PyTorch:
  /// 0 at the zero vector, shared among equals for ±∞.
  /// - Parameters:
  ///   - p: the order; 2 is the Euclidean norm, which neither overflows nor underflows on the way.
  ///   - keepingAxes: leaves the axes with extent one.
  public func norm(_ p: Double = 2, along axes: [Int]? = nil, keepingAxes: Bool = false) -> Tensor {
    let reduced = ReducedAxes(axes, of: shape, "norm")
    check(
      reduced.count > 0 || Layout.product(reduced.reducedShape) == 0 || (p >= 0 && p < .infinity), "norm",
      "\(shape) has nothing to take the norm of order \(p) of")
    let kept = withoutGradients { normKeeping(p, reduced) }
    return kept.dropping(reduced, unless: keepingAxes)
      .recorded("norm", from: self, saving: [.first, .output]) { d in
        d.send(0) {
          normSlope(
            p, d.input(0), d.output.reshaped(reduced.keptShape), d.gradient.reshaped(reduced.keptShape), reduced)
        }
      }
  }

  /// The p-norm over one axis or several, see ``norm(_:along:keepingAxes:)-(_,[Int]?,_)``.
  public func norm(_ p: Double = 2, along first: Int, _ rest: Int..., keepingAxes: Bool = false) -> Tensor {
    norm(p, along: [first] + rest, keepingAxes: keepingAxes)
  }

  private func normKeeping(_ p: Double, _ reduced: ReducedAxes) -> Tensor {
    switch p {
    case 0: return (self .!= 0).cast(to: Scalar.self).reducedKeeping(.sum, reduced)
    case 1: return reducedKeeping(.sumOfAbsolutes, reduced, combine: .sum)
    case 2: return euclidean(reduced)
    case .infinity: return map(.abs).reducedKeeping(.maximum, reduced)
    case -.infinity: return map(.abs).reducedKeeping(.minimum, reduced)
    default: return map(.abs).map(.powScalar, Scalar(p)).reducedKeeping(.sum, reduced).map(.powScalar, Scalar(1 / p))
    }
  }

  /// The root of the sum of squares; where that leaves the range the elements are scaled first.
  private func euclidean(_ reduced: ReducedAxes) -> Tensor {
    let squares = reducedKeeping(.sumOfSquares, reduced, combine: .sum)
    let safe = (squares .>= Scalar.leastNormalMagnitude / Scalar.ulpOfOne) .&& (squares .<= .greatestFiniteMagnitude)
    if safe.all().item || reduced.count == 0 { return squares.map(.sqrt) }
    let largest = map(.abs).reducedKeeping(.maximum, reduced)
    let scale = select((largest .> 0) .&& (largest .<= .greatestFiniteMagnitude), largest, 1)
    let scaled = (self / scale).reducedKeeping(.sumOfSquares, reduced, combine: .sum).map(.sqrt) * scale
    return select(safe, squares.map(.sqrt), scaled)
  }
}

/// dL/dx of a p-norm y of x, with dL/dy and y over the axes that were kept.
func normSlope<Scalar: FloatingScalar>(
  _ p: Double, _ x: Tensor<Scalar>, _ y: Tensor<Scalar>, _ gradient: Tensor<Scalar>, _ reduced: ReducedAxes
) -> Tensor<Scalar> {
  switch p {
  case 0: return Tensor(zerosLike: x)
  case 1: return gradient * x.sign()
  case 2: return gradient * select(y .== 0, 0, x / y)
  case .infinity, -.infinity:
    let share = withoutGradients { () -> Tensor<Scalar> in
      let magnitudes = x.abs()
      let chosen = ((magnitudes .== y) .|| magnitudes.isNaN()).cast(to: Scalar.self)
      return x.sign() * (chosen / chosen.reducedKeeping(.sum, reduced))
    }
    return gradient * share
  case ..<1:
    let power = select(x .== 0, 0, x.sign() * x.abs().pow(Scalar(p - 1)))
    return power * gradient * y.pow(Scalar(1 - p))
  case ..<2:
    let power = x.sign() * x.abs().pow(Scalar(p - 1))
    return power * select(y .== 0, 0, gradient / y.pow(Scalar(p - 1)))
  default:
    let power = x * x.abs().pow(Scalar(p - 2))
    return power * select(y .== 0, 0, gradient / y.pow(Scalar(p - 1)))
  }
}
