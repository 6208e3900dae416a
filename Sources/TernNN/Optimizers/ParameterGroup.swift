import TernBackend
import TernTensor

/// What has parameters: a module, a choice of its parameters, a group of an optimizer.
public protocol ParameterSource {
  /// The parameters with their names, each once.
  var namedParameters: [(name: String, parameter: any AnyParameter)] { get }
}

extension ParameterSource {
  /// The parameters, each once.
  public var parameters: [any AnyParameter] { namedParameters.map(\.parameter) }

  /// Those parameters for which `isChosen` holds, under their names:
  /// `Muon(model.parameters { $1.shape.count == 2 })`.
  public func parameters(where isChosen: (String, any AnyParameter) -> Bool) -> ParameterSelection {
    ParameterSelection(namedParameters: namedParameters.filter { isChosen($0.name, $0.parameter) })
  }
}

/// Parameters in a list, as ``ParameterSource/parameters`` gives them, named by their places: `SGD(model.parameters)`,
/// `Adam(encoder.parameters + decoder.parameters)`. A saved state knows them by these names.
extension [any AnyParameter]: ParameterSource {
  /// The parameters with their places as names.
  public var namedParameters: [(name: String, parameter: any AnyParameter)] {
    enumerated().map { (String($0.offset), $0.element) }
  }
}

/// Stops where a source lists a parameter twice: an update would count its gradient for both.
func requireDistinct(_ entries: [(name: String, parameter: any AnyParameter)], _ operation: @autoclosure () -> String) {
  var names: [ObjectIdentifier: String] = [:]
  for (name, parameter) in entries {
    if let first = names.updateValue(name, forKey: ObjectIdentifier(parameter)) {
      fail(operation(), "\(first) and \(name) are the same parameter, expected each once")
    }
  }
}

/// Some of a module's parameters, under the names they have there.
public struct ParameterSelection: ParameterSource, Sendable {
  /// The parameters with their names, each once.
  public let namedParameters: [(name: String, parameter: any AnyParameter)]

  package init(namedParameters: [(name: String, parameter: any AnyParameter)]) {
    self.namedParameters = namedParameters
  }
}

/// An optimizer's hyperparameters. Each parameter group has its own copy.
public protocol OptimizerOptions: Sendable {
  /// The length of a step.
  var learningRate: Double { get set }
}

/// Parameters that an optimizer updates with the same hyperparameters.
public struct ParameterGroup<Options: OptimizerOptions>: ParameterSource, Sendable {
  /// Its name; empty for the first, which holds what is in no other.
  public let name: String
  /// The hyperparameters.
  public internal(set) var options: Options
  /// The parameters with their names.
  public internal(set) var namedParameters: [(name: String, parameter: any AnyParameter)]

  /// The prefix of its names in a saved state.
  var prefix: String { name.isEmpty ? "" : "groups/\(name)/" }
}
