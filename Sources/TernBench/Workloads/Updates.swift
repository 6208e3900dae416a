import Tern

/// Parameters of the given counts, with gradients.
private final class Parameters: Module {
  let list: [Parameter<Float>]

  init(_ counts: [Int]) {
    list = counts.map { Parameter(random($0)) }
    for parameter in list { parameter.gradient = random(parameter.count) }
  }
}

extension Workload {
  /// An optimizer's part of a step by itself.
  static var updates: [Workload] {
    let small = [40, 20, 60, 3, 3, 1]
    return [
      Workload("update/sgd_6_small") {
        let model = Parameters(small)
        let optimizer = SGD(model, learningRate: 0.01)
        return { optimizer.step() }
      },
      Workload("update/clear_6_small") {
        let model = Parameters(small)
        let optimizer = SGD(model, learningRate: 0.01)
        let gradients = model.list.map { Tensor<Float>(zeros: $0.shape) }
        return {
          for (parameter, gradient) in zip(model.list, gradients) { parameter.gradient = gradient }
          optimizer.zeroGradients()
        }
      },
      Workload("update/adam_8400000") {
        let optimizer = Adam(Parameters([2_100_000, 4_200_000, 2_095_000, 2048, 1952, 1000]))
        return { optimizer.step() }
      },
      Workload("update/sgd_momentum_8400000") {
        let optimizer = SGD(Parameters([2_100_000, 4_200_000, 2_095_000, 2048, 1952, 1000]), momentum: 0.9)
        return { optimizer.step() }
      },
    ]
  }
}
