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
    let norm: Double? =
      switch parameter {
      case let parameter as Parameter<Float>: parameter.gradient.map(length)
      case let parameter as Parameter<Double>: parameter.gradient.map(length)
      default: nil
      }
    return norm.map { ParameterStatistic(name: name, value: $0) }
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
    ratio = model.namedParameters.filter { !$0.parameter.isFrozen }.compactMap { name, parameter in
      switch parameter {
      case let parameter as Parameter<Float>: (name, UpdateMonitor.ratio(parameter))
      case let parameter as Parameter<Double>: (name, UpdateMonitor.ratio(parameter))
      default: nil
      }
    }
  }

  private static func ratio<Scalar: FloatingScalar>(_ parameter: Parameter<Scalar>) -> () -> Double {
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

/// √Σx².
private func length<Scalar: FloatingScalar>(_ values: Tensor<Scalar>) -> Double {
  // In Double, where squares of small numbers are not lost.
  withoutGradients { values.detached().cast(to: Double.self).norm().item }
}
