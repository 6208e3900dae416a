import TernBackend
import TernTensor

/// What changes parameters against their gradients, one step at a time.
public protocol Optimizer: AnyObject {
  /// The length of a step; schedules change it.
  var learningRate: Double { get set }

  /// Changes every parameter that has a gradient and is not frozen.
  func step()

  /// Forgets the gradients of all parameters.
  func zeroGradients()

  /// What a later optimizer of the same kind over the same model needs to go on to the same bits.
  var state: OptimizerState { get }

  /// Takes over a state; everything is checked first.
  ///
  /// - Throws: ``StateMismatch`` with all that does not fit.
  func load(_ state: OptimizerState) throws(StateMismatch)
}

/// The moments of an optimizer under the parameters' names, and its numbers.
public struct OptimizerState: Sendable {
  /// Moments, as `features.0.weight/momentum`.
  public var tensors: [StateEntry]
  /// Counts and rates.
  public var numbers: [String: Double]

  /// A state of moments and numbers.
  public init(tensors: [StateEntry], numbers: [String: Double]) {
    self.tensors = tensors
    self.numbers = numbers
  }
}

/// What optimizers share that keep moments beside each parameter: names, steps, and state.
///
/// A subclass names its moments and says what one step does to each element; all parameters take it in one pass.
public class ParameterOptimizer: Optimizer {
  /// The length of a step.
  public var learningRate: Double
  /// Every parameter with its moments, in the order of declaration.
  private let slots: [UpdateSlot]
  private let floats: ParameterList<Float>
  private let doubles: ParameterList<Double>

  /// The names of the moments that each parameter has.
  var momentNames: [String] { [] }
  /// What each moment is before the first step.
  var momentStart: Double { 0 }

  init(_ entries: [(name: String, parameter: any AnyParameter)], learningRate: Double) {
    check(!entries.isEmpty, "\(type(of: self))", "the model has no parameters")
    check(learningRate >= 0, "\(type(of: self))", "a learning rate of \(learningRate)")
    self.learningRate = learningRate
    slots = entries.map { entry in
      switch entry.parameter {
      case let parameter as Parameter<Float>: ParameterSlot(entry.name, parameter)
      case let parameter as Parameter<Double>: ParameterSlot(entry.name, parameter)
      default: fail("optimizer", "\(entry.name) is no parameter of the library's")
      }
    }
    floats = ParameterList(slots.compactMap { $0 as? ParameterSlot<Float> })
    doubles = ParameterList(slots.compactMap { $0 as? ParameterSlot<Double> })
  }

  /// What a step does to each element of a parameter; `step` counts the parameter's own from 1.
  func rule(step: Int) -> UpdateRule {
    fail("\(type(of: self))", "has no update")
  }

  /// Changes every parameter that has a gradient and is not frozen.
  public func step() {
    var known: (step: Int, rule: UpdateRule)?
    func ruleOnce(step: Int) -> UpdateRule {
      if let known, known.step == step { return known.rule }
      let rule = rule(step: step)
      known = (step, rule)
      return rule
    }
    let momentCount = momentNames.count
    floats.step(momentCount: momentCount, momentStart: momentStart, ruleOnce)
    doubles.step(momentCount: momentCount, momentStart: momentStart, ruleOnce)
  }

  /// Forgets the gradients of all parameters.
  public func zeroGradients() {
    floats.zeroGradients()
    doubles.zeroGradients()
  }

  /// The moments by name, the steps of each parameter, and the learning rate.
  public var state: OptimizerState {
    var tensors: [StateEntry] = []
    var numbers = ["learning_rate": learningRate]
    for slot in slots {
      numbers["\(slot.name)/step"] = Double(slot.steps)
      for (name, body) in zip(momentNames, slot.bodies) {
        tensors.append(StateEntry(name: "\(slot.name)/\(name)", body: body))
      }
    }
    return OptimizerState(tensors: tensors, numbers: numbers)
  }

  /// Takes over a state; everything is checked first.
  public func load(_ state: OptimizerState) throws(StateMismatch) {
    var mismatch = StateMismatch()
    let given = Dictionary(state.tensors.map { ($0.name, $0) }, uniquingKeysWith: { _, last in last })
    var known: Set<String> = []
    var counts: [Int] = []
    for slot in slots {
      let count = Int(state.numbers["\(slot.name)/step"] ?? -1)
      if count < 0 { mismatch.missing.append("\(slot.name)/step") }
      counts.append(Swift.max(count, 0))
      for name in momentNames {
        let key = "\(slot.name)/\(name)"
        known.insert(key)
        guard let moment = given[key] else {
          if count > 0 { mismatch.missing.append(key) }
          continue
        }
        if moment.shape != slot.shape || moment.dtype != slot.dtype {
          mismatch.mismatched.append("\(key) \(moment.shape) of \(moment.dtype) for \(slot.shape) of \(slot.dtype)")
        }
      }
    }
    guard let rate = state.numbers["learning_rate"] else {
      mismatch.missing.append("learning_rate")
      throw mismatch
    }
    mismatch.unexpected = state.tensors.map(\.name).filter { !known.contains($0) }
    if !mismatch.isEmpty { throw mismatch }
    learningRate = rate
    for (slot, count) in zip(slots, counts) {
      slot.steps = count
      slot.bodies = momentNames.compactMap { given["\(slot.name)/\($0)"]?.body }
    }
  }
}
