import TernBackend
import TernNN

/// How the gradients of a step are kept short.
public enum GradientClipping: Sendable, Equatable {
  /// Their norm over all parameters, of an order: 2 is the length; see `clipGradients(of:norm:order:file:line:)`.
  case norm(Double, order: Double = 2)
  /// Every element, to ± a limit.
  case value(Double)

  /// Clips the gradients of a model, an optimizer or some parameters; returns their norm before, where it is worked out.
  @discardableResult
  public func apply(to source: some ParameterSource, file: StaticString = #fileID, line: UInt = #line) -> Double? {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    switch self {
    case .norm(let limit, let order): return clipGradients(of: source, norm: limit, order: order)
    case .value(let limit):
      clipGradients(of: source, value: limit)
      return nil
    }
  }
}
