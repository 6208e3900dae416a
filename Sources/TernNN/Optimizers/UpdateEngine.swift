import TernBackend
import TernTensor

// How a step runs:
// 1. `ParameterOptimizer.step()` lets the method move on what belongs to the whole step, `willStep()`.
// 2. An elementwise method: the engine goes through the parameters of each scalar type, `UpdateList.step`.
// 3. A parameter without a gradient, or frozen, is passed over; any other counts a step, `UpdateEngine.begin`.
// 4. Its group's plan is brought up to the parameter's stage: the method's rule is worked out once per group and step.
// 5. The parameter is locked, its moments are made if there are none, and its buffers become a part of the pass.
// 6. All parts are split into chunks of elements, and threads run the rule's kernel over them.
// 7. The parameters are unlocked; readers see the new values.
// 8. A method that looks at whole parameters runs after 3 and 4 on one parameter after the other, `WholeUpdate.apply`.
// There is one base class, `ParameterOptimizer`; a method is its hyperparameters, its moments' names and an `UpdateMethod`.

/// What a method does in a step. Every method says it: nothing stands in for one that does not.
enum UpdateMethod<Options> {
  /// One formula for each element; the stage counts the parameter's own steps from 1.
  case elementwise((Options, UpdateStage) -> UpdateRule)
  /// A formula of the whole parameter.
  case whole((Options) -> any WholeUpdate)
}

/// A step of one parameter as a whole.
protocol WholeUpdate {
  /// Changes a parameter against its gradient; `slot.steps` counts this step, and nothing is recorded.
  func apply<Scalar: FloatingScalar>(to slot: ParameterSlot<Scalar>, _ gradient: Tensor<Scalar>)
}

/// What the engine asks the optimizer when a group of parameters reaches a new stage.
protocol UpdatePlanner: AnyObject {
  /// What a step does to each element of a group's parameters; none where the method takes whole parameters.
  func rule(_ group: Int, _ stage: UpdateStage) -> UpdateRule?
  /// The factor of this step in the product of momenta, where the method has one.
  func momentumFactor(_ group: Int, step: Int) -> Double?
}

/// The parameters of an optimizer with their moments, for any hyperparameters: one pass over all parameters, which knows
/// nothing of options and takes a microsecond where there is little to do.
final class UpdateEngine {
  /// Every parameter with its moments, in the order of declaration.
  let slots: [UpdateSlot]
  private let floats: UpdateList<Float>
  private let doubles: UpdateList<Double>
  /// What is done to the parameters of every group.
  private(set) var plans: [UnsafeMutablePointer<UpdatePlan>]

  init(_ entries: [(name: String, parameter: any AnyParameter)]) {
    let plan = Self.makePlan()
    plans = [plan]
    slots = entries.map { entry in
      let parameter: any AnyParameter = entry.parameter
      return UpdateEngine.slot(entry.name, parameter, plan)
    }
    floats = UpdateList(slots.compactMap { $0 as? ParameterSlot<Float> })
    doubles = UpdateList(slots.compactMap { $0 as? ParameterSlot<Double> })
  }

  deinit {
    for plan in plans { plan.deallocate() }
  }

  private static func slot(
    _ name: String, _ parameter: some AnyParameter, _ plan: UnsafeMutablePointer<UpdatePlan>
  ) -> UpdateSlot {
    let typed = parameter.typed
    return ParameterSlot(name, typed, plan)
  }

  private static func makePlan() -> UnsafeMutablePointer<UpdatePlan> {
    let plan = UnsafeMutablePointer<UpdatePlan>.allocate(capacity: 1)
    plan.initialize(to: UpdatePlan())
    return plan
  }

  /// Moves parameters to one more group with a plan of its own.
  func addGroup(_ names: Set<String>) {
    let plan = Self.makePlan()
    plans.append(plan)
    for slot in slots where names.contains(slot.name) { (slot.group, slot.plan) = (plans.count - 1, plan) }
  }

  /// An elementwise step of every parameter that has a gradient and is not frozen.
  func step(_ planner: any UpdatePlanner) {
    floats.step(self, planner)
    doubles.step(self, planner)
  }

  func zeroGradients() {
    floats.zeroGradients()
    doubles.zeroGradients()
  }

  /// Counts a step of a parameter and brings its group's plan up to it.
  func begin(_ slot: UpdateSlot, _ planner: any UpdatePlanner) {
    slot.steps += 1
    let plan = slot.plan
    if plan.pointee.hasProduct, let factor = planner.momentumFactor(slot.group, step: slot.steps) {
      slot.product *= Float(factor)
    }
    let stage = UpdateStage(step: slot.steps, product: slot.product, isFirst: slot.momentCount == 0)
    if plan.pointee.stage != stage {
      plan.pointee.stage = stage
      plan.pointee.rule = planner.rule(slot.group, stage)
    }
  }
}
