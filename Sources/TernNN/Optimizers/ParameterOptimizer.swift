import TernBackend
import TernTensor

/// The base class of the optimizers that keep moments beside each parameter: parameter groups, steps and state.
///
/// ```swift
/// let optimizer = AdamW(model, learningRate: 1e-3, weightDecay: 0.01)
/// optimizer.addGroup("no decay", where: { $1.shape.count < 2 }) { $0.weightDecay = 0 }
/// optimizer.addGroup("head", where: { name, _ in name.hasPrefix("head.") }) { $0.learningRate = 1e-2 }
/// ```
///
/// A subclass names its moments and says what one step does: to each element, all parameters in one pass, or to each
/// parameter as a whole.
public class ParameterOptimizer<Options: OptimizerOptions>: Optimizer, ParameterSource {
  /// The groups of parameters: first that of all which are in no other, then the added ones.
  @exclusivity(unchecked) public private(set) final var groups: [ParameterGroup<Options>]

  private let method: UpdateMethod<Options>
  private let engine: UpdateEngine

  init(_ source: some ParameterSource, _ options: Options, _ method: UpdateMethod<Options>) {
    let entries = source.namedParameters
    requireDistinct(entries, "\(Self.self)")
    groups = [ParameterGroup(name: "", options: options, namedParameters: entries)]
    self.method = method
    engine = UpdateEngine(entries)
    require(!entries.isEmpty, "the model has no parameters")
    set(options, 0)
  }

  /// The parameters that it changes, with their names, each once.
  public final var namedParameters: [(name: String, parameter: any AnyParameter)] { groups.flatMap(\.namedParameters) }

  /// Every parameter with its moments, in the order of declaration.
  final var slots: [UpdateSlot] { engine.slots }

  /// Stops with a line that names the method where a condition does not hold.
  final func require(_ condition: Bool, _ message: @autoclosure () -> String) {
    TernBackend.check(condition, "\(type(of: self))", message())
  }

  // MARK: Steps

  /// Changes every parameter that has a gradient and is not frozen.
  @_disfavoredOverload
  public final func step() {
    willStep()
    switch method {
    case .elementwise: engine.step(self)
    case .whole(let update):
      for slot in engine.slots {
        slot.take(update(groups[slot.group].options)) { slot in engine.begin(slot, self) }
      }
    }
  }

  /// Forgets the gradients of all parameters.
  public final func zeroGradients() { engine.zeroGradients() }

  /// In what the moments of Float parameters are kept: with ``FloatPrecision/bfloat16`` in half the memory.
  ///
  /// A step computes in Float and rounds what it keeps up or down by chance, so that small changes are not lost in the mean:
  /// keyed by the parameter's name, the step and the element, the bits are the same for any number of threads. Moments that
  /// are there are converted, to the nearest number. Parameters stay Float, and moments of Double parameters Double. To go
  /// on to the same bits, an optimizer that loads a state needs the same precision. Stops for methods that look at whole
  /// parameters (``LAMB``, ``Muon``, ``Adafactor``), or keep a copy of the parameters (``ASGD``, ``ScheduleFreeAdamW``).
  public final var momentPrecision: FloatPrecision {
    get { engine.slots.contains { $0.roundsMoments } ? .bfloat16 : .float32 }
    set {
      require(newValue == .float32 || mayRoundMoments, "moments in \(newValue) (its moments stay in Float)")
      for slot in engine.slots { slot.roundsMoments = newValue == .bfloat16 }
    }
  }

  private var mayRoundMoments: Bool {
    guard case .elementwise = method, !keepsParameters else { return false }
    return true
  }

  // MARK: What a subclass says

  /// Whether a moment is a copy or an average of the parameters, and has to be as exact as they are.
  var keepsParameters: Bool { false }

  /// Whether a method that is not elementwise changes every row of a parameter by itself.
  var changesRows: Bool { false }

  /// Stops for hyperparameters out of range.
  func check(_ options: Options) {
    require(options.learningRate >= 0, "a learning rate of \(options.learningRate)")
  }

  /// Where the options have the momentum that schedules cycle.
  var momentum: WritableKeyPath<Options, Double>? { nil }

  /// The names of the moments that each parameter has.
  func momentNames(_ options: Options) -> [String] { [] }

  /// The moments of a parameter of some shape, with their own shapes.
  func moments(_ options: Options, of shape: [Int]) -> [(name: String, shape: [Int])] {
    momentNames(options).map { ($0, shape) }
  }

  /// What each moment is before the first step.
  func momentStart(_ options: Options) -> MomentStart { .value(0) }

  /// The factor of this step in the product of momenta, where the method has one.
  func momentumFactor(_ options: Options, step: Int) -> Double? { nil }

  /// What the method counts for a whole group, at least 0; saved beside the learning rate.
  func progress(_ options: Options) -> [(name: String, number: Double)] { [] }

  /// Takes up one number of ``progress(_:)``.
  func restore(_ name: String, _ number: Double, _ options: inout Options) {}

  /// Ends a load that succeeded.
  func didLoad() {}

  /// Moves on what belongs to a step of all parameters.
  func willStep() {}

  // MARK: Groups

  /// The hyperparameters of the default group. Stops for hyperparameters out of range.
  public final var options: Options {
    get { groups[0].options }
    set { set(newValue, 0) }
  }

  /// The hyperparameters of a group. Stops where there is no such group, and for hyperparameters out of range.
  public final subscript(group name: String) -> Options {
    get { groups[index(of: name)].options }
    set { set(newValue, index(of: name)) }
  }

  /// Moves the parameters matched by `isChosen` into a new group whose hyperparameters start as a copy of the default group's;
  /// `change` edits the copy.
  ///
  /// Asked are the parameters that are in no other group yet: what was added first has them. What they have learned
  /// so far stays. Stops where the name is taken or nothing is chosen, and for hyperparameters out of range.
  public final func addGroup(
    _ name: String, where isChosen: (String, any AnyParameter) -> Bool, options change: (inout Options) -> Void,
    file: StaticString = #fileID, line: UInt = #line
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    require(!groups.contains { $0.name == name }, "there is a group \"\(name)\" already")
    let chosen = groups[0].parameters(where: isChosen).namedParameters
    require(!chosen.isEmpty, "no parameter is in the group \"\(name)\"")
    var options = groups[0].options
    change(&options)
    check(options)
    let names = Set(chosen.map(\.name))
    engine.addGroup(names)
    groups[0].namedParameters.removeAll { names.contains($0.name) }
    groups.append(ParameterGroup(name: name, options: options, namedParameters: chosen))
    replan(groups.count - 1)
  }

  private func index(of name: String) -> Int {
    guard let index = groups.firstIndex(where: { $0.name == name }) else {
      fail("\(type(of: self))", "there is no group \"\(name)\"")
    }
    return index
  }

  final func set(_ options: Options, _ index: Int) {
    check(options)
    groups[index].options = options
    replan(index)
  }

  /// Plans the steps of a group anew.
  private func replan(_ index: Int) {
    let options = groups[index].options
    let plan = engine.plans[index]
    plan.pointee.momentCount = momentNames(options).count
    plan.pointee.momentStart = momentStart(options)
    plan.pointee.hasProduct = momentumFactor(options, step: 1) != nil
    // No step is the zeroth: the next works the rule out.
    plan.pointee.stage.step = 0
  }

  /// The length of a step of every group.
  public final var learningRates: [Double] {
    // A key path of generic types is looked up each time it is used.
    get { groups.map { $0.options.learningRate } }
    set { setAll(newValue, \.learningRate) }
  }

  /// The momentum, or β₁, of every group; `nil` where the method has none.
  public final var momenta: [Double]? {
    get { momentum.map { path in groups.map { $0.options[keyPath: path] } } }
    set { if let momentum, let newValue { setAll(newValue, momentum) } }
  }

  private func setAll(_ values: [Double], _ path: WritableKeyPath<Options, Double>) {
    require(values.count == groups.count, "\(values.count) values for \(groups.count) groups")
    for (index, value) in values.enumerated() {
      var options = groups[index].options
      options[keyPath: path] = value
      set(options, index)
    }
  }

  // MARK: State

  /// The moments by name, the steps of each parameter, and the learning rate and momentum of each group.
  public final var state: OptimizerState {
    var tensors: [StateEntry] = []
    var scalars: [String: Double] = [:]
    for group in groups {
      scalars[group.prefix + "learning_rate"] = group.options.learningRate
      if let momentum { scalars[group.prefix + "momentum"] = group.options[keyPath: momentum] }
      for (name, number) in progress(group.options) { scalars[group.prefix + name] = number }
    }
    for slot in slots {
      scalars["\(slot.name)/step"] = Double(slot.steps)
      let options = groups[slot.group].options
      if slot.plan.pointee.hasProduct { scalars["\(slot.name)/product"] = Double(slot.product) }
      for (moment, body) in zip(moments(options, of: slot.shape), slot.bodies) {
        tensors.append(StateEntry(name: "\(slot.name)/\(moment.name)", body: body))
      }
    }
    return OptimizerState(tensors: tensors, scalars: scalars)
  }

  /// Restores a state; everything is checked first.
  ///
  /// - Throws: ``StateMismatch`` with all that does not fit.
  public final func load(_ state: OptimizerState) throws(StateMismatch) {
    var reader = StateReader(state)
    var restored = groups.map(\.options)
    for (index, group) in groups.enumerated() {
      restored[index].learningRate = reader.number(group.prefix + "learning_rate", in: 0..<Double.infinity)
      for (name, _) in progress(restored[index]) {
        restore(name, reader.number(group.prefix + name, in: 0..<Double.infinity), &restored[index])
      }
      guard let momentum else { continue }
      // What the program itself chose is right, whatever it is.
      let own = restored[index][keyPath: momentum]
      restored[index][keyPath: momentum] = reader.number(group.prefix + "momentum", in: 0..<max(1, own.nextUp))
    }
    var found: [(steps: Int, product: Float, bodies: [TensorBody])] = []
    for slot in slots {
      let options = restored[slot.group]
      let steps = reader.count("\(slot.name)/step")
      let product = slot.plan.pointee.hasProduct ? reader.number("\(slot.name)/product") : 1
      let bodies = moments(options, of: slot.shape).compactMap { moment in
        reader.tensor("\(slot.name)/\(moment.name)", moment.shape, slot.momentType, isNeeded: steps > 0)
      }
      found.append((steps, Float(product), bodies))
    }
    try reader.finish()
    for index in groups.indices {
      groups[index].options = restored[index]
      replan(index)
    }
    for (slot, found) in zip(slots, found) { (slot.steps, slot.product, slot.bodies) = found }
    didLoad()
  }
}

/// What a method has to see at once.
package enum UpdateGrain {
  /// Rows of a parameter along its first axis: no row's change depends on another row, nor on its place.
  case rows
  /// A whole parameter.
  case parameters
  /// All parameters.
  case all
}

/// An optimizer that tells what it has to see at once.
package protocol GrainedOptimizer: Optimizer {
  var grain: UpdateGrain { get }
}

extension ParameterOptimizer: GrainedOptimizer {
  package var grain: UpdateGrain {
    guard case .elementwise = method else { return changesRows ? .rows : .parameters }
    // What is rounded by chance depends on where the element is in the parameter.
    return momentPrecision == .float32 ? .rows : .parameters
  }
}

extension ParameterOptimizer: UpdatePlanner {
  func rule(_ group: Int, _ stage: UpdateStage) -> UpdateRule? {
    switch method {
    case .elementwise(let rule): rule(groups[group].options, stage)
    case .whole: nil
    }
  }

  func momentumFactor(_ group: Int, step: Int) -> Double? { momentumFactor(groups[group].options, step: step) }
}
