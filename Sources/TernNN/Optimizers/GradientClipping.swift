import Foundation
import TernBackend
import TernTensor

/// Makes the gradients of a model, or of some parameters, shorter where all of them together are longer than a limit, as `clip_grad_norm_`.
///
/// With the norm G = (Σ |g|ᵖ)^(1/p) over all gradients, each is multiplied by min(1, limit/(G + 10⁻⁶)). Infinite elements
/// share the limit, and leave 0 to the others. An infinite limit changes nothing.
///
/// - Parameters:
///   - model: whose gradients; parameters without one count for nothing.
///   - norm: the limit, at least 0.
///   - order: p, above 0; 2 is the length, infinity the largest element.
/// - Returns: G, before the gradients were shortened; ∞ where it leaves the range of Double.
@discardableResult
public func clipGradients(
  of model: some ParameterSource, norm: Double, order: Double = 2, file: StaticString = #fileID, line: UInt = #line
) -> Double {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  check(norm >= 0 && order > 0, "clipGradients", "a norm of \(norm) and order \(order)")
  let parameters = model.parameters
  let norms = parameters.compactMap { parameter in parameter.gradientNorm(order) }
  let total = norms.isEmpty ? 0 : withoutGradients { Tensor(norms).norm(order).item }
  if norm == .infinity { return total }
  if total == .infinity {
    parameters.shortenInfinite(to: norm, order)
    return total
  }
  let factor = norm / (total + 1e-6)
  // A total that is NaN goes on into the gradients, as in PyTorch.
  if factor >= 1 { return total }
  for parameter in parameters { parameter.scaleGradient(by: factor) }
  return total
}

/// Brings every element of the gradients of a model, or of some parameters, into ±limit, as `clip_grad_value_`.
public func clipGradients(
  of model: some ParameterSource, value limit: Double, file: StaticString = #fileID, line: UInt = #line
) {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  check(limit >= 0, "clipGradients", "a limit of \(limit)")
  for parameter in model.parameters { parameter.clampGradient(in: limit) }
}

extension [any AnyParameter] {
  /// Brings gradients whose norm is infinite to a limit: those that are infinite share it, else all keep their directions.
  fileprivate func shortenInfinite(to norm: Double, _ order: Double) {
    let gradients = withoutGradients { compactMap { parameter in parameter.wideGradient } }
    let infinite = gradients.reduce(0) { $0 + $1.isInfinite().countNonZero().item }
    // A share where elements are infinite, else what multiplies the elements once they are divided by the greatest.
    var (share, greatest, factor) = (0.0, 1.0, 0.0)
    if infinite > 0 {
      share = norm / pow(Double(infinite), 1 / order)
    } else {
      greatest = gradients.reduce(0) { $1.isEmpty ? $0 : Swift.max($0, $1.abs().max().item) }
      factor = norm / Tensor(gradients.map { ($0 / greatest).norm(order).item }).norm(order).item
    }
    func shortened(_ gradient: Tensor<Double>) -> Tensor<Double> {
      infinite > 0 ? select(gradient.isInfinite(), gradient.sign() * share, 0) : gradient / greatest * factor
    }
    for parameter in self { parameter.changeWideGradient(shortened) }
  }
}

extension AnyParameter {
  /// The norm of the gradient, also where it is beyond the range of the type; `nil` without a gradient.
  func gradientNorm(_ order: Double) -> Double? { typed.gradient?.detached().wideNorm(order) }

  fileprivate func scaleGradient(by factor: Double) { typed.changeGradient { $0.scaled(by: factor) } }

  fileprivate func clampGradient(in limit: Double) {
    typed.changeGradient { $0.clamped(min: -Scalar(limit), max: Scalar(limit)) }
  }

  /// Changes the gradient by a function of its values in Double.
  fileprivate func changeWideGradient(_ change: (Tensor<Double>) -> Tensor<Double>) {
    typed.changeGradient { change($0.cast(to: Double.self)).cast(to: Scalar.self) }
  }
}

extension Tensor where Scalar: FloatingScalar {
  /// The norm, also where it is beyond the range of the type.
  fileprivate func wideNorm(_ order: Double) -> Double {
    let norm = self.norm(order).item.number
    return norm == .infinity ? cast(to: Double.self).norm(order).item : norm
  }

  /// The product with a number that may lie below the range of the type.
  fileprivate func scaled(by factor: Double) -> Tensor {
    factor < Scalar.leastNormalMagnitude.number
      ? (cast(to: Double.self) * factor).cast(to: Scalar.self) : self * Scalar(factor)
  }
}

extension Parameter {
  fileprivate func changeGradient(_ change: (Tensor<Scalar>) -> Tensor<Scalar>) {
    if let received = gradient { gradient = withoutGradients { change(received.detached()) } }
  }
}
