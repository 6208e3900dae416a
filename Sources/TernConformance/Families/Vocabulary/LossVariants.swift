import TernNN
import TernTensor

/// Weights of elements, shapes that broadcast, and the cross entropy of a linear layer.
enum LossVariants: ConformanceFamily {
  static let name = "loss_variants"

  static func run<Scalar: FloatingScalar>(_ arguments: Arguments<Scalar>) throws -> [AnyTensor] {
    let attributes = arguments.attributes
    let x = try arguments.tensor(0)
    let reduction: LossReduction =
      switch attributes.string("reduction") ?? "mean" {
      case "sum": .sum
      case "none": .none
      default: .mean
      }
    switch arguments.operation {
    case "linear_cross_entropy":
      let (weight, bias, classWeight) = try (
        arguments.tensor(1), arguments.optionalTensor(3), arguments.optionalTensor(4)
      )
      let smoothing = try arguments.scalar("label_smoothing", default: 0)
      guard try arguments.any(2).dtype == .int64 else {
        return try results(
          linearCrossEntropy(
            x, weight, arguments.tensor(2), bias: bias, classWeight: classWeight, labelSmoothing: smoothing,
            reduction: reduction))
      }
      return try results(
        linearCrossEntropy(
          x, weight, arguments.index(2), bias: bias, classWeight: classWeight,
          ignoring: attributes.int("ignore_index", default: -100), labelSmoothing: smoothing,
          chunkSize: attributes.int("chunk"), reduction: reduction))
    case "mse_loss":
      return try results(meanSquaredError(x, arguments.tensor(1), weight: arguments.tensor(2), reduction: reduction))
    case "l1_loss":
      return try results(meanAbsoluteError(x, arguments.tensor(1), weight: arguments.tensor(2), reduction: reduction))
    case "huber_loss":
      return try results(
        huber(
          x, arguments.tensor(1), weight: arguments.tensor(2), delta: arguments.scalar("delta", default: 1),
          reduction: reduction))
    case "soft_margin_loss": return try results(softMargin(x, arguments.tensor(1), reduction: reduction))
    case "multilabel_margin_loss": return try results(multiLabelMargin(x, arguments.index(1), reduction: reduction))
    case "multilabel_soft_margin_loss":
      return try results(
        multiLabelSoftMargin(x, arguments.tensor(1), weight: arguments.optionalTensor(2), reduction: reduction))
    default: return try Losses.run(arguments)
    }
  }
}
