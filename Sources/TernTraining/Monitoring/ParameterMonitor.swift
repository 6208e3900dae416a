import TernBackend
import TernNN
import TernTensor

/// A number of a parameter.
public struct ParameterStatistic: Sendable, Hashable {
  /// The parameter's name.
  public var name: String
  /// The number.
  public var value: Double
}

/// The length √Σg² of each parameter's gradient, in the order of declaration; parameters without one are left out.
public func gradientNorms(of model: some ParameterSource, file: StaticString = #fileID, line: UInt = #line)
  -> [ParameterStatistic]
{
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  return model.namedParameters.compactMap { name, parameter in
    gradientLength(parameter).map { ParameterStatistic(name: name, value: $0) }
  }
}

/// How far each parameter moved since a moment, in proportion to its size then: |Δw|/|w|, lengths of all its values.
///
/// ```swift
/// let monitor = UpdateMonitor(model)
/// optimizer.step()
/// for parameter in monitor.ratios { print(parameter.name, parameter.value) }
/// ```
///
/// Keeping the values costs no copy at that moment; the step that follows makes one, since they are still wanted.
public final class UpdateMonitor {
  private let ratio: [(name: String, value: () -> Double)]

  /// Remembers the values of the parameters that are not frozen.
  public init(_ model: some ParameterSource, file: StaticString = #fileID, line: UInt = #line) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    ratio = model.namedParameters.filter { !$0.parameter.isFrozen }.map { name, parameter in
      (name, UpdateMonitor.ratio(parameter))
    }
  }

  private static func ratio(_ parameter: some AnyParameter) -> () -> Double {
    let parameter = parameter.typed
    let before = withoutGradients { parameter.value }
    return {
      withoutGradients {
        let change = length(parameter.value - before)
        return change == 0 ? 0 : change / length(before)
      }
    }
  }

  /// |Δw|/|w| of each parameter, in the order of declaration: 0 for one that did not move, infinity for one that was 0.
  public var ratios: [ParameterStatistic] { ratio.map { ParameterStatistic(name: $0.name, value: $0.value()) } }
}

private func gradientLength(_ parameter: some AnyParameter) -> Double? {
  parameter.typed.gradient.map { length($0) }
}

/// √Σx².
private func length<Scalar: FloatingScalar>(_ values: Tensor<Scalar>) -> Double {
  // In Double, where squares of small numbers are not lost.
  withoutGradients { values.detached().cast(to: Double.self).norm().item }
}
