import TernNN
import TernTensor

/// Bags of rows of a table, and rows shortened to a norm.
enum EmbeddingBags: ConformanceFamily {
  static let name = "embedding_bag"

  static func run<Scalar: FloatingScalar>(_ arguments: Arguments<Scalar>) throws -> [AnyTensor] {
    let attributes = arguments.attributes
    let (indices, weight) = try (arguments.index(0), arguments.tensor(1))
    let padding = try attributes.int("padding_idx")
    let (most, order) = try (attributes.number("max_norm"), attributes.number("norm_type", default: 2))
    let scales = try attributes.bool("scale_grad_by_freq")
    switch arguments.operation {
    case "embedding":
      return results(
        embedding(
          indices, weight, paddingIndex: padding, maxNorm: most, normOrder: order, scalesByFrequency: scales))
    case "embedding_bag":
      let mode = attributes.string("mode") ?? "mean"
      guard let bags = EmbeddingBagMode(rawValue: mode) else { throw ConformanceError("no mode \"\(mode)\"") }
      return try results(
        embeddingBag(
          indices, weight, offsets: arguments.has(2) ? arguments.index(2) : nil, mode: bags,
          sampleWeights: arguments.optionalTensor(3), includesLastOffset: attributes.bool("include_last_offset"),
          paddingIndex: padding, maxNorm: most, normOrder: order, scalesByFrequency: scales))
    default: throw arguments.unknownOperation
    }
  }
}
