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
    default: return try probabilitiesAndMargins(x, arguments, reduction)
    }
  }

  private static func probabilitiesAndMargins<Scalar: FloatingScalar>(
    _ x: Tensor<Scalar>, _ arguments: Arguments<Scalar>, _ reduction: LossReduction
  ) throws -> [AnyTensor] {
    let attributes = arguments.attributes
    switch arguments.operation {
    case "binary_cross_entropy":
      return try results(
        binaryCrossEntropy(x, arguments.tensor(1), weight: arguments.optionalTensor(2), reduction: reduction))
    case "kl_div":
      let isMeanOfRows = attributes.string("reduction") == "batchmean"
      let divergence = try klDivergence(
        x, arguments.tensor(1), targetIsLogarithm: attributes.bool("log_target"),
        reduction: isMeanOfRows ? .sum : reduction)
      return results(isMeanOfRows ? divergence / Scalar(x.shape[0]) : divergence)
    case "poisson_nll_loss":
      return try results(
        poissonNLL(
          x, arguments.tensor(1), isLogarithm: attributes.bool("log_input", default: true),
          full: attributes.bool("full"), epsilon: arguments.scalar("eps", default: 1e-8), reduction: reduction))
    case "gaussian_nll_loss":
      return try results(
        gaussianNLL(
          x, arguments.tensor(1), variance: arguments.tensor(2), full: attributes.bool("full"),
          epsilon: arguments.scalar("eps", default: 1e-6), reduction: reduction))
    case "hinge_embedding_loss":
      return try results(
        hingeEmbedding(x, arguments.tensor(1), margin: arguments.scalar("margin", default: 1), reduction: reduction))
    case "margin_ranking_loss":
      return try results(
        marginRanking(
          x, arguments.tensor(1), arguments.tensor(2), margin: arguments.scalar("margin", default: 0),
          reduction: reduction))
    case "triplet_margin_loss":
      return try results(
        tripletMargin(
          x, arguments.tensor(1), arguments.tensor(2), margin: arguments.scalar("margin", default: 1),
          p: attributes.number("p", default: 2), epsilon: arguments.scalar("eps", default: 1e-6),
          swap: attributes.bool("swap"), reduction: reduction))
    case "cosine_embedding_loss":
      return try results(
        cosineEmbedding(
          x, arguments.tensor(1), arguments.tensor(2), margin: arguments.scalar("margin", default: 0),
          reduction: reduction))
    case "multi_margin_loss":
      return try results(
        multiMargin(
          x, arguments.index(1), p: attributes.int("p", default: 1), margin: arguments.scalar("margin", default: 1),
          weight: arguments.optionalTensor(2), reduction: reduction))
    case "ctc_loss":
      return try results(
        ctcLoss(
          x.logSoftmax(along: -1), arguments.index(1), inputLengths: arguments.index(2).scalars,
          targetLengths: arguments.index(3).scalars, blank: attributes.int("blank", default: 0),
          zeroInfinity: attributes.bool("zero_infinity"), reduction: reduction))
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
