import TernBackend
import TernTensor

/// The base of optimizers that keep moments beside each parameter, for any hyperparameters: one pass over all
/// parameters, which knows nothing of options and takes a microsecond where there is little to do.
public class SlotOptimizer {
  /// Every parameter with its moments, in the order of declaration.
  let slots: [UpdateSlot]
  private let floats: ParameterList<Float>
  private let doubles: ParameterList<Double>
  /// What is done to the parameters of every group.
  final var plans: [UnsafeMutablePointer<UpdatePlan>]

  init(_ entries: [(name: String, parameter: any AnyParameter)]) {
    requireDistinct(entries, "\(Self.self)")
    let plan = Self.makePlan()
    plans = [plan]
    slots = entries.map { entry in
      switch entry.parameter {
      case let parameter as Parameter<Float>: ParameterSlot(entry.name, parameter, plan)
      case let parameter as Parameter<Double>: ParameterSlot(entry.name, parameter, plan)
      default: fail("optimizer", "\(entry.name) is no parameter of the library's")
      }
    }
    floats = ParameterList(slots.compactMap { $0 as? ParameterSlot<Float> })
    doubles = ParameterList(slots.compactMap { $0 as? ParameterSlot<Double> })
    require(!entries.isEmpty, "the model has no parameters")
  }

  deinit {
    for plan in plans { plan.deallocate() }
  }

  /// A plan for one more group, which ``plans`` keeps.
  static func makePlan() -> UnsafeMutablePointer<UpdatePlan> {
    let plan = UnsafeMutablePointer<UpdatePlan>.allocate(capacity: 1)
    plan.initialize(to: UpdatePlan())
    return plan
  }

  /// What a step does to each element of a group's parameters; the stage counts the parameter's own steps from 1.
  ///
  /// Methods that do not go element by element take their steps themselves.
  func rule(_ group: Int, _ stage: UpdateStage) -> UpdateRule { .sgd(SGDUpdate()) }

  /// The factor of this step in the product of momenta, where the method has one.
  func momentumFactor(_ group: Int, step: Int) -> Double? { nil }

  /// Stops with a line that names the method where a condition does not hold.
  final func require(_ condition: Bool, _ message: @autoclosure () -> String) {
    check(condition, "\(type(of: self))", message())
  }

  /// Changes every parameter that has a gradient and is not frozen.
  @_disfavoredOverload
  public func step() {
    floats.step(self)
    doubles.step(self)
  }

  /// Forgets the gradients of all parameters.
  public final func zeroGradients() {
    floats.zeroGradients()
    doubles.zeroGradients()
  }

  /// Counts a step of a parameter and brings its group's plan up to it.
  final func begin(_ slot: UpdateSlot) {
    slot.steps += 1
    let plan = slot.plan
    if plan.pointee.hasProduct, let factor = momentumFactor(slot.group, step: slot.steps) {
      slot.product *= Float(factor)
    }
    let stage = UpdateStage(step: slot.steps, product: slot.product, isFirst: slot.momentCount == 0)
    if plan.pointee.stage != stage {
      plan.pointee.stage = stage
      plan.pointee.rule = rule(slot.group, stage)
    }
  }
}
