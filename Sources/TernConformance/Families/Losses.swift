import TernNN
import TernTensor

/// Losses.
enum Losses: ConformanceFamily {
  static let name = "nn_loss"

  static func run<Scalar: FloatingScalar>(_ arguments: Arguments<Scalar>) throws -> [AnyTensor] {
    let attributes = arguments.attributes
    let x = try arguments.tensor(0)
    let reduction = try reduction(attributes)
    switch arguments.operation {
    case "cross_entropy":
      let weight = try arguments.optionalTensor(2)
      let smoothing = try arguments.scalar("label_smoothing", default: 0)
      guard try arguments.any(1).dtype == .int64 else {
        return try results(
          crossEntropy(
            x, arguments.tensor(1), weight: weight, labelSmoothing: smoothing, reduction: reduction))
      }
      return try results(
        crossEntropy(
          x, arguments.index(1), weight: weight, ignoring: attributes.int("ignore_index", default: -100),
          labelSmoothing: smoothing, reduction: reduction))
    case "nll_loss":
      return try results(
        negativeLogLikelihood(
          x, arguments.index(1), weight: arguments.optionalTensor(2),
          ignoring: attributes.int("ignore_index", default: -100), reduction: reduction))
    case "mse_loss": return try results(meanSquaredError(x, arguments.tensor(1), reduction: reduction))
    case "l1_loss": return try results(meanAbsoluteError(x, arguments.tensor(1), reduction: reduction))
    case "smooth_l1_loss":
      return try results(
        smoothL1(x, arguments.tensor(1), beta: arguments.scalar("beta", default: 1), reduction: reduction))
    case "huber_loss":
      return try results(
        huber(x, arguments.tensor(1), delta: arguments.scalar("delta", default: 1), reduction: reduction))
    case "binary_cross_entropy_with_logits":
      return try results(
        binaryCrossEntropy(
          logits: x, arguments.tensor(1), weight: arguments.optionalTensor(2),
          positiveWeight: arguments.optionalTensor(3), reduction: reduction))
    default: throw arguments.unknownOperation
    }
  }

  private static func reduction(_ attributes: Attributes) throws -> LossReduction {
    switch attributes.string("reduction") ?? "mean" {
    case "mean", "batchmean": .mean
    case "sum": .sum
    case "none": .none
    case let other: throw ConformanceError("no reduction \"\(other)\"")
    }
  }
}
