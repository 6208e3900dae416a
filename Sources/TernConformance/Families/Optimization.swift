import TernNN
import TernTensor

/// Optimizers, clipping, and learning-rate schedules.
enum Optimization: ConformanceFamily {
  static let name = "optim"

  static func run<Scalar: FloatingScalar>(_ arguments: Arguments<Scalar>) throws -> [AnyTensor] {
    let attributes = arguments.attributes
    if let schedule = try schedule(arguments.operation, attributes) {
      let base = try attributes.number("base_lr", default: 0)
      let rates = try (0..<attributes.int("steps", default: 0)).map { schedule.learningRate(at: $0, base: base) }
      if let cycle = schedule as? OneCycleSchedule, cycle.momentum(at: 0) != nil {
        return results(Tensor(rates), Tensor(rates.indices.map { cycle.momentum(at: $0) ?? 0 }))
      }
      return results(Tensor(rates))
    }
    switch arguments.operation {
    case "clip_grad_norm_", "clip_grad_value_": return try clipped(arguments)
    case "reduce_lr_on_plateau": return try plateau(arguments)
    default: break
    }
    let values = try arguments.tensors()
    let model = Parameters(values.prefix(values.count / 2).map { Parameter($0) })
    let optimizer = try optimizer(arguments.operation, attributes, model, arguments.unknownOperation)
    let gradients = values.suffix(values.count / 2)
    var trajectories = model.list.map { _ in [Tensor<Scalar>]() }
    for step in 0..<(gradients.first?.shape.first ?? 0) {
      for (parameter, gradient) in zip(model.list, gradients) { parameter.gradient = gradient[step] }
      optimizer.step()
      for index in model.list.indices { trajectories[index].append(model.list[index].value.detached()) }
    }
    return trajectories.map { AnyTensor(stack($0)) }
  }

  private final class Parameters<Scalar: FloatingScalar>: Module {
    let list: [Parameter<Scalar>]
    init(_ list: [Parameter<Scalar>]) { self.list = list }
  }

  private static func clipped<Scalar: FloatingScalar>(_ arguments: Arguments<Scalar>) throws -> [AnyTensor] {
    let attributes = arguments.attributes
    let gradients = try arguments.tensors()
    let model = Parameters(gradients.map { Parameter(Tensor<Scalar>(zeros: $0.shape)) })
    for (parameter, gradient) in zip(model.list, gradients) { parameter.gradient = gradient }
    func answers() -> [AnyTensor] { model.list.map { AnyTensor($0.gradient ?? Tensor(zeros: [0])) } }
    if arguments.operation == "clip_grad_value_" {
      clipGradients(of: model, value: try attributes.number("clip_value", default: 0))
      return answers()
    }
    let total = try clipGradients(
      of: model, norm: attributes.number("max_norm", default: 0), order: attributes.number("norm_type", default: 2))
    return answers() + results(Tensor(Scalar(total)))
  }

  static func optimizer(
    _ name: String, _ attributes: Attributes, _ model: some Module, _ unknown: UnknownOperation
  ) throws -> any Optimizer {
    let decay = try attributes.number("weight_decay")
    let rate = try attributes.number("lr", default: 1e-3)
    let maximize = try attributes.bool("maximize")
    let betas = try attributes.numbers("betas") ?? [0.9, 0.999]
    let epsilon = try attributes.number("eps", default: 1e-8)
    let amsgrad = try attributes.bool("amsgrad")
    switch name {
    case "sgd":
      return try SGD(
        model, learningRate: rate, momentum: attributes.number("momentum", default: 0),
        dampening: attributes.number("dampening", default: 0), weightDecay: decay ?? 0,
        nesterov: attributes.bool("nesterov"), maximize: maximize)
    case "adam":
      return Adam(
        model, learningRate: rate, betas: (betas[0], betas[1]), epsilon: epsilon, weightDecay: decay ?? 0,
        amsgrad: amsgrad, maximize: maximize)
    case "adamw":
      return AdamW(
        model, learningRate: rate, betas: (betas[0], betas[1]), epsilon: epsilon, weightDecay: decay ?? 0.01,
        amsgrad: amsgrad, maximize: maximize)
    case "rmsprop":
      return try RMSprop(
        model, learningRate: attributes.number("lr", default: 0.01),
        smoothing: attributes.number("alpha", default: 0.99),
        epsilon: epsilon, weightDecay: decay ?? 0, momentum: attributes.number("momentum", default: 0),
        isCentered: attributes.bool("centered"), maximize: maximize)
    case "adagrad":
      return try Adagrad(
        model, learningRate: attributes.number("lr", default: 0.01),
        rateDecay: attributes.number("lr_decay", default: 0), weightDecay: decay ?? 0,
        initialSum: attributes.number("initial_accumulator_value", default: 0),
        epsilon: attributes.number("eps", default: 1e-10), maximize: maximize)
    case "adadelta":
      return try Adadelta(
        model, learningRate: attributes.number("lr", default: 1), smoothing: attributes.number("rho", default: 0.9),
        epsilon: attributes.number("eps", default: 1e-6), weightDecay: decay ?? 0, maximize: maximize)
    case "adamax":
      return try Adamax(
        model, learningRate: attributes.number("lr", default: 2e-3), betas: (betas[0], betas[1]), epsilon: epsilon,
        weightDecay: decay ?? 0, maximize: maximize)
    case "nadam":
      return try NAdam(
        model, learningRate: attributes.number("lr", default: 2e-3), betas: (betas[0], betas[1]), epsilon: epsilon,
        weightDecay: decay ?? 0, momentumDecay: attributes.number("momentum_decay", default: 4e-3),
        isDecoupled: attributes.bool("decoupled_weight_decay"), maximize: maximize)
    case "radam":
      return try RAdam(
        model, learningRate: rate, betas: (betas[0], betas[1]), epsilon: epsilon, weightDecay: decay ?? 0,
        isDecoupled: attributes.bool("decoupled_weight_decay"), maximize: maximize)
    default: throw unknown
    }
  }

  /// The schedule of that name; `nil` where it is something else, or not there.
  static func schedule(_ name: String, _ attributes: Attributes) throws -> (any Schedule)? {
    let gamma = try attributes.number("gamma", default: 0.1)
    switch name {
    case "step_lr": return try StepSchedule(size: attributes.int("step_size", default: 1), factor: gamma)
    case "multi_step_lr": return try MultiStepSchedule(milestones: attributes.ints("milestones") ?? [], factor: gamma)
    case "exponential_lr": return ExponentialSchedule(factor: gamma)
    case "cosine_annealing_lr":
      return try CosineSchedule(
        length: attributes.int("T_max", default: 1), minimum: attributes.number("eta_min", default: 0))
    case "linear_lr":
      return try LinearSchedule(
        length: attributes.int("total_iters", default: 5), from: attributes.number("start_factor", default: 1.0 / 3),
        to: attributes.number("end_factor", default: 1))
    case "constant_lr":
      return try ConstantFactorSchedule(
        length: attributes.int("total_iters", default: 5), factor: attributes.number("factor", default: 1.0 / 3))
    case "polynomial_lr":
      return try PolynomialSchedule(
        length: attributes.int("total_iters", default: 5), power: attributes.number("power", default: 1))
    case "cosine_annealing_warm_restarts":
      return try CosineRestartsSchedule(
        firstLength: attributes.int("T_0", default: 1), growth: attributes.int("T_mult", default: 1),
        minimum: attributes.number("eta_min", default: 0))
    case "one_cycle_lr": return try oneCycle(attributes)
    case "cyclic_lr":
      let height: CyclicSchedule.Height =
        switch attributes.string("mode") ?? "triangular" {
        case "triangular2": .halving
        case "exp_range": try .shrinking(factor: attributes.number("gamma", default: 1))
        default: .constant
        }
      return try CyclicSchedule(
        from: attributes.number("base_lr_cycle", default: 0), to: attributes.number("max_lr", default: 0),
        lengthUp: attributes.int("step_size_up", default: 2000), lengthDown: attributes.int("step_size_down"),
        height: height, momenta: attributes.bool("cycle_momentum") ? (0.8, 0.9) : nil)
    case "sequential_lr":
      let parts = try (attributes.objects("schedulers") ?? []).map { part in
        let type = part.string("type") ?? ""
        guard let found = try schedule(type, part) else { throw ConformanceError("no schedule \"\(type)\"") }
        return found
      }
      return try SequentialSchedule(parts, milestones: attributes.ints("milestones") ?? [])
    default: return nil
    }
  }

  private static func oneCycle(_ attributes: Attributes) throws -> OneCycleSchedule {
    let momenta = try (
      low: attributes.number("base_momentum", default: 0.85), high: attributes.number("max_momentum", default: 0.95)
    )
    return try OneCycleSchedule(
      maximum: attributes.number("max_lr", default: 0), length: attributes.int("total_steps", default: 1),
      rise: attributes.number("pct_start", default: 0.3),
      shape: attributes.string("anneal_strategy") == "linear" ? .linear : .cosine,
      divisor: attributes.number("div_factor", default: 25),
      finalDivisor: attributes.number("final_div_factor", default: 1e4), threePhases: attributes.bool("three_phase"),
      momenta: attributes.bool("cycle_momentum", default: true) ? momenta : nil)
  }

  private static func plateau<Scalar: FloatingScalar>(_ arguments: Arguments<Scalar>) throws -> [AnyTensor] {
    let attributes = arguments.attributes
    let amount = try attributes.number("threshold", default: 1e-4)
    let optimizer = try SGD(
      Parameters([Parameter(Tensor<Scalar>(zeros: [1]))]), learningRate: attributes.number("base_lr", default: 0))
    let scheduler = try PlateauScheduler(
      optimizer, goal: attributes.string("mode") == "max" ? .maximum : .minimum,
      factor: attributes.number("factor", default: 0.1), patience: attributes.int("patience", default: 10),
      threshold: attributes.string("threshold_mode") == "abs" ? .absolute(amount) : .relative(amount),
      cooldown: attributes.int("cooldown", default: 0), minimum: attributes.number("min_lr", default: 0),
      epsilon: attributes.number("eps", default: 1e-8))
    let rates = try arguments.tensor(0).scalars.map { metric in
      defer { scheduler.step(Double(metric)) }
      return optimizer.learningRate
    }
    return results(Tensor(rates))
  }
}
