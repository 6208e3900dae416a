import TernTensor

/// Normalizations.
enum Normalization: ConformanceFamily {
  static let name = "nn_norm"

  static func run<Scalar: FloatingScalar>(_ arguments: Arguments<Scalar>) throws -> [AnyTensor] {
    let attributes = arguments.attributes
    let x = try arguments.tensor(0)
    let epsilon = try arguments.scalar("eps", default: 1e-5)
    let shape = try attributes.ints("normalized_shape") ?? []
    switch arguments.operation {
    case "batch_norm":
      return try batch(arguments, x, training: attributes.bool("training"), epsilon)
    case "instance_norm":
      return try instance(arguments, x, epsilon)
    case "layer_norm":
      return try results(
        layerNorm(
          x, normalizedShape: shape, scale: arguments.optionalTensor(1), shift: arguments.optionalTensor(2),
          epsilon: epsilon))
    case "group_norm":
      return try results(
        groupNorm(
          x, groups: attributes.int("num_groups", default: 1), scale: arguments.optionalTensor(1),
          shift: arguments.optionalTensor(2), epsilon: epsilon))
    case "rms_norm":
      return try results(
        rmsNorm(x, normalizedShape: shape, scale: arguments.optionalTensor(1), epsilon: arguments.scalar("eps")))
    case "local_response_norm":
      return try results(
        localResponseNorm(
          x, size: attributes.int("size", default: 1), alpha: arguments.scalar("alpha", default: 1e-4),
          beta: arguments.scalar("beta", default: 0.75), k: arguments.scalar("k", default: 1)))
    case "normalize":
      return try results(
        x.normalized(
          order: attributes.number("p", default: 2), along: attributes.ints("dim") ?? [1],
          epsilon: arguments.scalar("eps", default: 1e-12)))
    default: throw arguments.unknownOperation
    }
  }

  private static func batch<Scalar: FloatingScalar>(
    _ arguments: Arguments<Scalar>, _ x: Tensor<Scalar>, training: Bool, _ epsilon: Scalar
  ) throws -> [AnyTensor] {
    let (scale, shift) = try (arguments.optionalTensor(3), arguments.optionalTensor(4))
    guard training else {
      return try results(
        batchNorm(
          x, mean: arguments.tensor(1), variance: arguments.tensor(2), scale: scale, shift: shift, epsilon: epsilon))
    }
    let (output, mean, variance, count) = batchNorm(x, scale: scale, shift: shift, epsilon: epsilon)
    return try results(output) + moved(arguments, mean, variance, count)
  }

  private static func instance<Scalar: FloatingScalar>(
    _ arguments: Arguments<Scalar>, _ x: Tensor<Scalar>, _ epsilon: Scalar
  ) throws -> [AnyTensor] {
    guard try arguments.attributes.bool("use_input_stats", default: true) else {
      return try batch(arguments, x, training: false, epsilon)
    }
    let (output, mean, variance, count) = try instanceNorm(
      x, scale: arguments.optionalTensor(3), shift: arguments.optionalTensor(4), epsilon: epsilon)
    return try results(output) + moved(arguments, mean.mean(along: 0), variance.mean(along: 0), count)
  }

  /// The running statistics of inputs 1 and 2 after a batch, where they are given.
  private static func moved<Scalar: FloatingScalar>(
    _ arguments: Arguments<Scalar>, _ mean: Tensor<Scalar>, _ variance: Tensor<Scalar>, _ count: Int
  ) throws -> [AnyTensor] {
    guard let runningMean = try arguments.optionalTensor(1), let runningVar = try arguments.optionalTensor(2) else {
      return []
    }
    let momentum = try arguments.scalar("momentum", default: 0.1)
    let unbiased = variance * (Scalar(count) / Scalar(count - 1))
    return results(
      runningMean * (1 - momentum) + mean * momentum, runningVar * (1 - momentum) + unbiased * momentum)
  }
}
