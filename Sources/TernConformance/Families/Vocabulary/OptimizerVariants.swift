import TernNN
import TernTensor

/// The optimizers beyond PyTorch's older ones: trajectories of parameters under given gradients.
enum OptimizerVariants: ConformanceFamily {
  static let name = "optimizer_variants"

  static func run<Scalar: FloatingScalar>(_ arguments: Arguments<Scalar>) throws -> [AnyTensor] {
    let values = try arguments.tensors()
    let model = Parameters(values.prefix(values.count / 2).map { Parameter($0) })
    let optimizer = try optimizer(arguments.operation, arguments.attributes, model, arguments.unknownOperation)
    let evaluates = try arguments.attributes.bool("evaluates")
    let gradients = values.suffix(values.count / 2)
    var trajectories = model.list.map { _ in [Tensor<Scalar>]() }
    for step in 0..<(gradients.first?.shape.first ?? 0) {
      for (parameter, gradient) in zip(model.list, gradients) { parameter.gradient = gradient[step] }
      optimizer.step()
      if evaluates { (optimizer as? ScheduleFreeAdamW)?.eval() }
      for index in model.list.indices { trajectories[index].append(model.list[index].value.detached()) }
      if evaluates { (optimizer as? ScheduleFreeAdamW)?.train() }
    }
    if arguments.operation == "ASGD.ax", let averaging = optimizer as? ASGD {
      return averaging.averages.compactMap { $0.tensor(Scalar.self) }.map { AnyTensor($0) }
    }
    return trajectories.map { AnyTensor(stack($0)) }
  }

  private final class Parameters<Scalar: FloatingScalar>: Module {
    let list: [Parameter<Scalar>]
    init(_ list: [Parameter<Scalar>]) { self.list = list }
  }

  private static func optimizer(
    _ name: String, _ attributes: Attributes, _ model: some Module, _ unknown: UnknownOperation
  ) throws -> any Optimizer {
    let decay = try attributes.number("weight_decay")
    let maximize = try attributes.bool("maximize")
    let betas = try attributes.numbers("betas")
    func rate(_ usual: Double) throws -> Double { try attributes.number("lr", default: usual) }
    func pair(_ usual: (Double, Double)) -> (Double, Double) { betas.map { ($0[0], $0[1]) } ?? usual }
    switch name {
    case "Rprop":
      let factors = try attributes.numbers("etas") ?? [0.5, 1.2]
      let sizes = try attributes.numbers("step_sizes") ?? [1e-6, 50]
      return try Rprop(
        model, learningRate: rate(0.01), factors: (factors[0], factors[1]), stepSizes: (sizes[0], sizes[1]),
        maximize: maximize)
    case "ASGD", "ASGD.ax":
      return try ASGD(
        model, learningRate: rate(0.01), decay: attributes.number("lambd", default: 1e-4),
        power: attributes.number("alpha", default: 0.75), start: attributes.number("t0", default: 1e6),
        weightDecay: decay ?? 0, maximize: maximize)
    case "Adafactor":
      let epsilons = try attributes.numbers("eps")
      return try Adafactor(
        model, learningRate: rate(0.01), beta2Decay: attributes.number("beta2_decay", default: -0.8),
        epsilons: (epsilons?[0], epsilons?[1] ?? 1e-3), clipping: attributes.number("d", default: 1),
        weightDecay: decay ?? 0, maximize: maximize)
    case "SparseAdam":
      return try SparseAdam(
        model, learningRate: rate(1e-3), betas: pair((0.9, 0.999)), epsilon: attributes.number("eps", default: 1e-8),
        maximize: maximize)
    case "Lion":
      return try Lion(
        model, learningRate: rate(1e-4), betas: pair((0.9, 0.99)), weightDecay: decay ?? 0, maximize: maximize)
    case "LAMB":
      return try LAMB(
        model, learningRate: rate(1e-3), betas: pair((0.9, 0.999)), epsilon: attributes.number("eps", default: 1e-6),
        weightDecay: decay ?? 0.01, maximize: maximize)
    case "ScheduleFreeAdamW":
      return try ScheduleFreeAdamW(
        model, learningRate: rate(0.0025), betas: pair((0.9, 0.999)), epsilon: attributes.number("eps", default: 1e-8),
        weightDecay: decay ?? 0, warmUpSteps: attributes.int("warmup_steps", default: 0),
        stepPower: attributes.number("r", default: 0), ratePower: attributes.number("weight_lr_power", default: 2),
        maximize: maximize)
    default: throw unknown
    }
  }
}
