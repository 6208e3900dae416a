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
  let norms = parameters.compactMap { parameter -> Double? in
    switch parameter {
    case let parameter as Parameter<Float>: parameter.gradient.map { $0.detached().wideNorm(order) }
    case let parameter as Parameter<Double>: parameter.gradient.map { $0.detached().norm(order).item }
    default: nil
    }
  }
  let total = norms.isEmpty ? 0 : withoutGradients { Tensor(norms).norm(order).item }
  if norm == .infinity { return total }
  if total == .infinity {
    parameters.shortenInfinite(to: norm, order)
    return total
  }
  let factor = norm / (total + 1e-6)
  // A total that is NaN goes on into the gradients, as in PyTorch.
  if factor >= 1 { return total }
  for parameter in parameters {
    switch parameter {
    case let parameter as Parameter<Float>: parameter.changeGradient { $0.scaled(by: factor) }
    case let parameter as Parameter<Double>: parameter.changeGradient { $0 * factor }
    default: break
    }
  }
  return total
}

/// Brings every element of the gradients of a model, or of some parameters, into ±limit, as `clip_grad_value_`.
public func clipGradients(
  of model: some ParameterSource, value limit: Double, file: StaticString = #fileID, line: UInt = #line
) {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  check(limit >= 0, "clipGradients", "a limit of \(limit)")
  for parameter in model.parameters {
    switch parameter {
    case let parameter as Parameter<Float>: parameter.changeGradient { $0.clamped(in: Float(limit)) }
    case let parameter as Parameter<Double>: parameter.changeGradient { $0.clamped(in: limit) }
    default: break
    }
  }
}

extension [any AnyParameter] {
  /// Brings gradients whose norm is infinite to a limit: those that are infinite share it, else all keep their directions.
  fileprivate func shortenInfinite(to norm: Double, _ order: Double) {
    let gradients = withoutGradients {
      compactMap { parameter -> Tensor<Double>? in
        switch parameter {
        case let parameter as Parameter<Float>: parameter.gradient?.detached().cast(to: Double.self)
        case let parameter as Parameter<Double>: parameter.gradient?.detached()
        default: nil
        }
      }
    }
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
    for parameter in self {
      switch parameter {
      case let parameter as Parameter<Float>:
        parameter.changeGradient { shortened($0.cast(to: Double.self)).cast(to: Float.self) }
      case let parameter as Parameter<Double>: parameter.changeGradient(shortened)
      default: break
      }
    }
  }
}

extension Tensor where Scalar == Float {
  /// The norm, also where it is beyond the range of Float.
  fileprivate func wideNorm(_ order: Double) -> Double {
    let norm = Double(self.norm(order).item)
    return norm == .infinity ? cast(to: Double.self).norm(order).item : norm
  }

  /// The product with a number that may lie below the range of Float.
  fileprivate func scaled(by factor: Double) -> Tensor {
    factor < Double(Float.leastNormalMagnitude)
      ? (cast(to: Double.self) * factor).cast(to: Float.self) : self * Float(factor)
  }
}

extension Parameter {
  fileprivate func changeGradient(_ change: (Tensor<Scalar>) -> Tensor<Scalar>) {
    if let received = gradient { gradient = withoutGradients { change(received.detached()) } }
  }
}

extension Tensor where Scalar: FloatingScalar {
  fileprivate func clamped(in limit: Scalar) -> Tensor { clamped(min: -limit, max: limit) }
}
