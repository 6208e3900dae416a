import TernBackend
import TernNN
import TernTensor

extension NodeCall {
  /// Losses of classification.
  static let losses: [String: GraphOperator] = [
    "NegativeLogLikelihoodLoss": { try $0.floating($0.labelLoss, $0.labelLoss) },
    "SoftmaxCrossEntropyLoss": { try $0.floating($0.labelLoss, $0.labelLoss) },
  ]

  /// −w[label]·x[label], of the log probabilities x or of log softmax x, and log softmax x itself.
  private func labelLoss<Scalar: FloatingScalar>(_: Scalar.Type) throws -> [ONNXTensor] {
    let x: Tensor<Scalar> = try tensor(0)
    let labels = try positions(1)
    try require(
      x.rank >= 2 && !x.isEmpty && labels.shape == [x.shape[0]] + x.shape[2...],
      "labels of shape \(labels.shape) for scores of shape \(x.shape)")
    let classes = x.shape[1]
    let weight: Tensor<Scalar>? = try optional(2)
    if let weight { try require(weight.shape == [classes], "weights of shape \(weight.shape) for \(classes) classes") }
    // No label is the least number.
    let ignored = try int("ignore_index", .min)
    if let label = labels.scalars.first(where: { $0 != ignored && !(0..<classes).contains($0) }) {
      throw error("label \(label) outside of \(classes) classes")
    }
    let reduction: LossReduction
    switch try text("reduction", "mean") {
    case "mean": reduction = .mean
    case "sum": reduction = .sum
    case "none": reduction = .none
    default: throw error("the reduction \"\(try text("reduction", ""))\"")
    }
    if operation == "NegativeLogLikelihoodLoss" {
      return [ONNXTensor(negativeLogLikelihood(x, labels, weight: weight, ignoring: ignored, reduction: reduction))]
    }
    let loss = crossEntropy(x, labels, weight: weight, ignoring: ignored, reduction: reduction)
    return [ONNXTensor(loss)] + (node.outputs.count > 1 ? [ONNXTensor(x.logSoftmax(along: 1))] : [])
  }
}
