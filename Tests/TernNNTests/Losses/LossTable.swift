import Foundation
import TernNN
import TernTensor
import TernTestSupport
import Testing

/// A loss in its three reductions, squared, so that its second derivative is more than the loss's own.
private func rows(
  _ name: String, _ shapes: [Int]..., in ranges: [Range<Double>] = [], indices: [TableIndices] = [], order: Int = 2,
  _ loss: @escaping @Sendable (Operands, LossReduction) -> Tensor<Double>
) -> [TensorOperation] {
  [LossReduction.mean, .sum, .none].map { reduction in
    TensorOperation("\(name), \(reduction)", shapes: shapes, in: ranges, indices: indices, order: order) {
      loss($0, reduction).square()
    }.within(1e-13)
  }
}

private let weight = Tensor<Double>([0.5, 2, 1, 0.1])
private let signs = Tensor<Double>([1, -1, 1])

private let classRows: [[TensorOperation]] = [
  rows("crossEntropy", [3, 4], indices: [TableIndices([3], below: 4)]) {
    crossEntropy($0[0], $0.indices[0], reduction: $1)
  },
  rows("crossEntropy, weighted", [2, 4, 3], indices: [TableIndices([2, 3], below: 4)]) {
    crossEntropy($0[0], $0.indices[0], weight: weight, ignoring: 2, labelSmoothing: 0.2, reduction: $1)
  },
  rows("linearCrossEntropy", [5, 3], [4, 3], [4], indices: [TableIndices([5], below: 4)]) {
    linearCrossEntropy(
      $0[0], $0[1], $0.indices[0], bias: $0[2], classWeight: weight, ignoring: 2, labelSmoothing: 0.2, chunkSize: 2,
      reduction: $1)
  },
  rows("weighted meanSquaredError", [2, 3], [2, 3], [2, 3], in: [-2..<2, -2..<2, 0.5..<2]) {
    meanSquaredError($0[0], $0[1], weight: $0[2], reduction: $1)
  },
  rows("crossEntropy of probabilities", [3, 4], [3, 4]) {
    crossEntropy($0[0], $0[1].sigmoid(), weight: weight, labelSmoothing: 0.1, reduction: $1)
  },
  rows("negativeLogLikelihood", [2, 4, 3], indices: [TableIndices([2, 3], below: 4)]) {
    negativeLogLikelihood($0[0], $0.indices[0], weight: weight, ignoring: 1, reduction: $1)
  },
  rows("multiMargin", [3, 4], indices: [TableIndices([3], below: 4)]) {
    multiMargin($0[0], $0.indices[0], p: 2, margin: 2.1, weight: weight, reduction: $1)
  },
  rows("multiLabelMargin", [2, 4], indices: [TableIndices([2, 4], below: 4)]) {
    multiLabelMargin($0[0], select($0.indices[0] .== 3, -1, $0.indices[0]), reduction: $1)
  },
  rows("multiLabelSoftMargin", [2, 4], [2, 4]) { multiLabelSoftMargin($0[0], $0[1], weight: weight, reduction: $1) },
]

private let numberRows: [[TensorOperation]] = [
  rows("meanSquaredError", [3, 2], [3, 2]) { meanSquaredError($0[0], $0[1], reduction: $1) },
  rows("meanAbsoluteError", [3, 2], [3, 2]) { meanAbsoluteError($0[0], $0[1], reduction: $1) },
  rows("huber", [3, 2], [3, 2]) { huber($0[0], $0[1], delta: 0.75, reduction: $1) },
  rows("smoothL1", [3, 2], [3, 2]) { smoothL1($0[0], $0[1], beta: 0.35, reduction: $1) },
  rows("binaryCrossEntropy of logits", [3, 4], [3, 4]) {
    binaryCrossEntropy(logits: $0[0], $0[1], weight: weight, positiveWeight: weight * 2, reduction: $1)
  },
  rows("binaryCrossEntropy", [3, 4], [3, 4], in: [0.1..<0.9, 0.1..<0.9]) {
    binaryCrossEntropy($0[0], $0[1], weight: weight, reduction: $1)
  },
  rows("klDivergence", [3, 4], [3, 4], in: [-2..<0, 0.1..<0.9]) { klDivergence($0[0], $0[1], reduction: $1) },
  rows("klDivergence of logarithms", [3, 4], [3, 4]) {
    klDivergence($0[0], $0[1], targetIsLogarithm: true, reduction: $1)
  },
  rows("poissonNLL", [3, 4], [3, 4], in: [-1..<1, 1.1..<3]) { poissonNLL($0[0], $0[1], full: true, reduction: $1) },
  rows("poissonNLL of rates", [3, 4], [3, 4], in: [0.5..<2, 0..<3]) {
    poissonNLL($0[0], $0[1], isLogarithm: false, reduction: $1)
  },
  rows("gaussianNLL", [3, 4], [3, 4], [3, 1], in: [-1..<1, -1..<1, 0.5..<2]) {
    gaussianNLL($0[0], $0[1], variance: $0[2], full: true, reduction: $1)
  },
  rows("ctcLoss", [5, 2, 4], indices: [TableIndices([2, 2], below: 3)], order: 1) {
    ctcLoss($0[0].logSoftmax(), $0.indices[0] + 1, inputLengths: [5, 4], targetLengths: [2, 1], reduction: $1)
  },
]

private let marginRows: [[TensorOperation]] = [
  rows("hingeEmbedding", [3]) { hingeEmbedding($0[0], signs, margin: 0.95, reduction: $1) },
  rows("softMargin", [3], [3]) { softMargin($0[0], $0[1], reduction: $1) },
  rows("marginRanking", [3, 2], [3, 2]) {
    marginRanking($0[0], $0[1], signs.reshaped(3, 1), margin: 5, reduction: $1)
  },
  rows("tripletMargin", [3, 4], [3, 4], [3, 4], in: [0..<1, 2..<3, 4..<5]) {
    tripletMargin($0[0], $0[1], $0[2], margin: 30, swap: true, reduction: $1)
  },
  rows("tripletMargin of another distance", [3, 4], [3, 4], [3, 4]) {
    tripletMargin($0[0], $0[1], $0[2], margin: 30, reduction: $1) { ($0 - $1).square().sum(along: -1) }
  },
  rows("cosineEmbedding", [3, 4], [3, 4]) { cosineEmbedding($0[0], $0[1], signs, margin: -0.9, reduction: $1) },
]

private let lossTable = (classRows + numberRows + marginRows).flatMap { $0 }

/// Every loss, differentiated and on every layout. A new one joins with a row.
@Suite struct LossTableTests {
  @Test("gradients of both orders agree with finite differences", arguments: lossTable)
  func gradients(_ loss: TensorOperation) { #expect(loss.wrongGradients == []) }

  @Test("layouts of operands, of indices and of gradients change nothing", arguments: lossTable)
  func layouts(_ loss: TensorOperation) { #expect(loss.layoutFailures == []) }

  @Test("every public loss has a row")
  func completeness() throws {
    let here = URL(filePath: #filePath).deletingLastPathComponent()
    let sources = here.appending(path: "../../../Sources/TernNN/Losses").standardizedFileURL
    // The penalty is of a model; modules are called.
    let missing = try operationsWithoutRow(sources: sources, tables: here)
    #expect(missing == ["l2Penalty", "callAsFunction"])
  }

  @Test("every operation that records itself does so in a row")
  func records() throws {
    let sources = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../../Sources/TernNN")
    // Dropout draws its mask in the order of memory: it is another function on every layout.
    let missing = try operationsNeverRecorded(sources: sources.standardizedFileURL, table: lossTable)
    #expect(missing == ["dropout"])
  }
}
