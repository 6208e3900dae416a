import Foundation
import TernBackend
import TernTensor

/// Makes the gradients of a model, or of some parameters, shorter where all of them together are longer than a limit, as `clip_grad_norm_`.
///
/// With the norm G = (Σ |g|ᵖ)^(1/p) over all gradients, each is multiplied by min(1, limit/(G + 10⁻⁶)).
///
/// - Parameters:
///   - model: whose gradients; parameters without one count for nothing.
///   - norm: the limit, at least 0.
///   - order: p, above 0; 2 is the length, infinity the largest element.
/// - Returns: G, before the gradients were shortened.
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
    case let parameter as Parameter<Float>: parameter.gradient.map { Double($0.detached().norm(order).item) }
    case let parameter as Parameter<Double>: parameter.gradient.map { $0.detached().norm(order).item }
    default: nil
    }
  }
  let total = norms.isEmpty ? 0 : withoutGradients { Tensor(norms).norm(order).item }
  let factor = norm / (total + 1e-6)
  // A total that is NaN goes on into the gradients, as in PyTorch.
  if factor >= 1 { return total }
  for parameter in parameters {
    switch parameter {
    case let parameter as Parameter<Float>: parameter.changeGradient { $0 * Float(factor) }
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

extension Parameter {
  fileprivate func changeGradient(_ change: (Tensor<Scalar>) -> Tensor<Scalar>) {
    if let received = gradient { gradient = withoutGradients { change(received.detached()) } }
  }
}

extension Tensor where Scalar: FloatingScalar {
  fileprivate func clamped(in limit: Scalar) -> Tensor { clamped(min: -limit, max: limit) }
}
