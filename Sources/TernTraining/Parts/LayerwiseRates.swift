import Foundation
import TernBackend
import TernNN

/// Learning rates that fall from the layers near the result to those near the input: rateᵢ = base·decay^(n − 1 − i) for layer i
/// of n.
///
/// ```swift
/// let optimizer = AdamW(model, learningRate: 1e-4)
/// LayerwiseRates(decay: 0.8, layers: ["embedding", "blocks.0", "blocks.1", "head"]).apply(to: optimizer)
/// ```
///
/// Every layer becomes a group of the optimizer, by its path. Schedules multiply all of them. Source: Howard & Ruder 2018,
/// "Universal language model fine-tuning for text classification".
public struct LayerwiseRates: Sendable, Equatable {
  /// Paths of layers, from the input to the result.
  public let layers: [String]
  /// What each rate is of the next layer's, above 0.
  public let decay: Double

  /// Rates of some layers. Stops for a decay that is not above 0, and without layers.
  ///
  /// - Parameters:
  ///   - decay: what each rate is of the next layer's, above 0.
  ///   - layers: paths of layers, from the input to the result.
  public init(decay: Double, layers: [String], file: StaticString = #fileID, line: UInt = #line) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    check(decay > 0 && decay.isFinite, "LayerwiseRates", "a decay of \(decay) (a finite number above 0)")
    check(!layers.isEmpty, "LayerwiseRates", "no layers")
    (self.decay, self.layers) = (decay, layers)
  }

  /// Rates of the parts of a model right below it that have parameters, in the order of its properties.
  public init(decay: Double, of model: some Module, file: StaticString = #fileID, line: UInt = #line) {
    var layers: [String] = []
    for (name, _) in model.namedParameters {
      let part = String(name.prefix { $0 != "." })
      if !layers.contains(part) { layers.append(part) }
    }
    self.init(decay: decay, layers: layers, file: file, line: line)
  }

  /// What the rate of a layer is multiplied by.
  public func factor(ofLayer index: Int) -> Double { pow(decay, Double(layers.count - 1) - Double(index)) }

  /// Makes every layer a group of the optimizer with its rate; what is in none of them keeps its own.
  ///
  /// Stops where a layer has no parameter in the optimizer that is in no other group yet.
  public func apply<Options: OptimizerOptions>(
    to optimizer: ParameterOptimizer<Options>, file: StaticString = #fileID, line: UInt = #line
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    let base = optimizer.learningRate
    for (index, layer) in layers.enumerated() {
      optimizer.addGroup(layer, where: { name, _ in name == layer || name.hasPrefix(layer + ".") }) {
        $0.learningRate = base * factor(ofLayer: index)
      }
    }
  }
}
