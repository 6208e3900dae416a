import Tern

/// Parameters of some shapes, with gradients.
private final class Parameters<Scalar: FloatingScalar>: CopyableModule {
  let list: [Parameter<Scalar>]

  convenience init(copying other: Parameters) { self.init(other.list.map(\.shape)) }

  init(_ shapes: [[Int]]) {
    list = shapes.map { Parameter(Tensor(randomNormal: $0)) }
    for parameter in list { parameter.gradient = Tensor(randomNormal: parameter.shape) }
  }
}

/// Optimizers, clipping and moving averages, one step alone, with the parameters of a size: 200 small ones (1e3), those of
/// a perceptron of four layers of 1,024 (1e5), one of 10⁷ (1e7).
enum VocabularyOptimizers {
  private typealias Method<Scalar: FloatingScalar> = (name: String, make: (Parameters<Scalar>) -> () -> Void)

  private static func shapes(_ size: String) -> [[Int]] {
    switch size {
    case "1e3": (0..<200).map { $0 % 2 == 0 ? [16, 16] : [16] }
    case "1e5": (0..<8).map { $0 % 2 == 0 ? [1024, 1024] : [1024] }
    default: [[3200, 3125]]
    }
  }

  static func workloads<Scalar: FloatingScalar>(_: Scalar.Type, size: String, suffix: String) -> [Workload] {
    methods(Scalar.self).compactMap { name, make in
      if size == "1e7" && name == "muon" { return nil }
      let shapes = shapes(size).filter { name != "muon" || $0.count == 2 }
      return Workload("vocabulary/step_\(name)/\(suffix)") { make(Parameters(shapes)) }
    }
  }

  private static func methods<Scalar: FloatingScalar>(_: Scalar.Type) -> [Method<Scalar>] {
    func step(_ name: String, _ make: @escaping (Parameters<Scalar>) -> any Optimizer) -> Method<Scalar> {
      (
        name,
        {
          let optimizer = make($0)
          return { optimizer.step() }
        }
      )
    }
    return [
      step("sgd") { SGD($0) }, step("sgd_momentum") { SGD($0, momentum: 0.9) },
      step("sgd_nesterov") { SGD($0, momentum: 0.9, weightDecay: 1e-4, nesterov: true) },
      step("adam") { Adam($0) }, step("adam_amsgrad") { Adam($0, amsgrad: true) },
      step("adam_decay") { Adam($0, weightDecay: 0.01) }, step("adamw") { AdamW($0) }, step("nadam") { NAdam($0) },
      step("radam") { RAdam($0) }, step("adamax") { Adamax($0) }, step("adagrad") { Adagrad($0) },
      step("adadelta") { Adadelta($0) }, step("rmsprop") { RMSprop($0) },
      step("rmsprop_momentum") { RMSprop($0, momentum: 0.9) },
      step("rmsprop_centered") { RMSprop($0, isCentered: true) },
      step("rmsprop_centered_momentum") { RMSprop($0, momentum: 0.9, isCentered: true) }, step("rprop") { Rprop($0) },
      step("asgd") { ASGD($0) }, step("lion") { Lion($0) }, step("lamb") { LAMB($0) },
      step("adafactor") { Adafactor($0) }, step("muon") { Muon($0) },
      step("schedule_free_adamw") { ScheduleFreeAdamW($0) },
      (
        "lbfgs",
        { model in
          let optimizer = LBFGS(model, learningRate: 1e-3, maxIterations: 4, historySize: 10)
          let gradients = (0..<5).map { _ in model.list.map { Tensor<Scalar>(randomNormal: $0.shape) } }
          let loss = Tensor<Scalar>(1)
          var turn = 0
          return {
            optimizer.step {
              turn = (turn + 1) % gradients.count
              for (parameter, gradient) in zip(model.list, gradients[turn]) { parameter.gradient = gradient }
              return loss
            }
          }
        }
      ),
      ("clip_norm", { model in { clipGradients(of: model, norm: 1) } }),
      ("clip_norm_inside", { model in { clipGradients(of: model, norm: 1e9) } }),
      ("clip_value", { model in { clipGradients(of: model, value: 0.5) } }),
      (
        "exponential_average",
        { model in
          let average = AveragedModel(model, average: .exponential(decay: 0.999))
          return { average.update(with: model) }
        }
      ),
      (
        "mean_average",
        { model in
          let average = AveragedModel(model)
          return { average.update(with: model) }
        }
      ),
      ("zero_gradients", { model in { model.zeroGradients() } }),
    ]
  }
}
