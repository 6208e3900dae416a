import TernTensor
import TernTestSupport

// Operations that answer with truths, positions or counts: they have no derivative.

let comparisonTable: [TensorOperation] = [
  .elementwise("equal", -2..<2, -2..<2, order: 0) { number(($0 * 2).round() .== ($1 * 2).round()) },
  .elementwise("not equal", -2..<2, -2..<2, order: 0) { number(($0 * 2).round() .!= ($1 * 2).round()) },
  .elementwise("less", -2..<2, -2..<2, order: 0) { number($0 .< $1) },
  .elementwise("at most", -2..<2, -2..<2, order: 0) { number($0 .<= $1) },
  .elementwise("greater", -2..<2, -2..<2, order: 0) { number($0 .> $1) },
  .elementwise("at least", -2..<2, -2..<2, order: 0) { number($0 .>= $1) },
  .elementwise("equal to a number", -2..<2, order: 0) { number($0.round() .== 1) + number($0.round() .!= 0) },
  .elementwise("between numbers", -2..<2, order: 0) { number(($0 .< 1) .&& ($0 .>= 0.5)) },
  .elementwise("outside numbers", -2..<2, order: 0) { number(($0 .<= -1) .|| ($0 .> 0.5)) },
  .elementwise("not finite", 0..<1, order: 0) {
    let x = 1 / ($0 * 3).floor() - 1 / ($0 * 2).floor()
    return number(x.isNaN()) + number(x.isInfinite()) * 2 + number(x.isFinite()) * 4
  },
  TensorOperation("and, or, either, not", masks: [[3, 4], [4]]) { x in
    let (a, b) = (x.masks[0], x.masks[1])
    return joined(number(a .&& b), number(a .|| b), number(a .^ b), number(.!a))
  },
  TensorOperation("all and any", [2, 3, 4], also: [[[]], [[0, 3, 1]]], order: 0) { x in
    let truths = x[0] .> 0
    let parts = x[0].rank == 0 ? truths.all(along: 0) : truths.all(along: 0, 2)
    return joined(number(truths.all()), number(truths.any()), number(parts), number(x[0].any(along: -1)))
  },
  TensorOperation("countNonZero", [2, 3, 4], also: [[[]], [[0, 3, 1]]], order: 0) {
    joined(number($0[0].floor().countNonZero()), number($0[0].floor().countNonZero(along: -1)))
  },
  TensorOperation("argmax and argmin", [2, 3, 4], also: [[[]], [[2, 3, 2, 2]]], order: 0) {
    joined(
      number($0[0].argmax()), number($0[0].argmin()), number($0[0].argmax(along: -1)), number($0[0].argmin(along: 0)))
  },
  TensorOperation("indices of extremes", [2, 3, 4], also: [[[]], [[2, 3, 2, 2]]], order: 0) {
    joined(number($0[0].max(along: 0).indices), number($0[0].min(along: -1).indices))
  },
  TensorOperation("indices of running extremes", [2, 3, 4], also: [[[]], [[0, 3]]], order: 0) {
    joined(number($0[0].cumulativeMax(along: 0).indices), number($0[0].cumulativeMin(along: -1).indices))
  },
  TensorOperation("argsort", [2, 5, 3], also: [[[]], [[0, 3]], [[2, 3, 2, 2]]], order: 0) {
    joined(
      number($0[0].argsort(along: 0)), number($0[0].argsort(descending: true)), number($0[0].sorted().indices))
  },
  TensorOperation("indices of topK", [2, 5, 3], also: [[[3]]], order: 0) {
    joined(number($0[0].topK(2).indices), number($0[0].topK(1, along: 0, largest: false).indices))
  },
  TensorOperation("nonZero", [2, 3, 4], also: [[[]], [[0, 3]]], order: 0) { number($0[0].floor().nonZero()) },
  TensorOperation("unique", [2, 3, 4], also: [[[]], [[0, 3]]], order: 0) {
    let (values, inverse, counts) = $0[0].round().unique()
    return joined(values, number(inverse), number(counts))
  },
  TensorOperation("unique along an axis", [2, 6, 2], order: 0) {
    let (values, inverse, counts) = $0[0].round().unique(along: 1)
    return joined(values, number(inverse), number(counts))
  },
  TensorOperation("searchSorted", [2, 6], [2, 3], order: 0) {
    let sequences = $0[0].sorted().values
    return joined(number(searchSorted(sequences, $0[1])), number(searchSorted(sequences, $0[1], right: true)))
  },
  TensorOperation("places in a sequence", indices: [TableIndices([6], below: 100), TableIndices([2, 3], below: 40)]) {
    number(searchSorted($0.indices[0], $0.indices[1]))
  },
  TensorOperation("binCounts", [8], indices: [TableIndices([8], below: 5)], order: 0) {
    joined(number($0.indices[0].binCounts()), $0.indices[0].binCounts(weights: $0[0], minimumLength: 7))
  },
  TensorOperation("oneHot", indices: [TableIndices([2, 3], below: 4)]) { number($0.indices[0].oneHot()) },
  TensorOperation("sums of whole numbers", indices: [TableIndices([2, 3, 4], below: 9)]) {
    let x = $0.indices[0]
    return joined(
      number(x.sum()), number(x.sum(along: 1)), number(x.product(along: 0, 2)), number(x.cumulativeSum(along: 1)),
      number(x.cumulativeProduct(along: 2)))
  },
  TensorOperation("whole numbers", indices: [TableIndices([2, 3], below: 9), TableIndices([3], below: 9)]) { x in
    let (a, b) = (x.indices[0], x.indices[1] + 1)
    return joined(
      number(a + b), number(a - b), number(a * b), number(fmod(a, b)), number(remainder(-a, b)),
      number(a.divided(by: b, rounding: .down)), number(a.pow(b)), number(maximum(a, b)), number(a .< b))
  },
  TensorOperation(
    "quotients of whole numbers", indices: [TableIndices([2, 3], below: 90), TableIndices([3], below: 9)]
  ) { x in
    let (a, b) = (x.indices[0], x.indices[1])
    var (quotients, remainders) = (a, a)
    quotients /= b
    remainders %= 7
    return joined(
      number(a / b), number(a % b), number(a / 4), number(a % 4), number(77 / b), number(77 % b), number(quotients),
      number(remainders))
  },
  TensorOperation(
    "products of whole numbers", indices: [TableIndices([2, 3], below: 9), TableIndices([3, 4], below: 5)]
  ) {
    number(matmul($0.indices[0], $0.indices[1]))
  },
  TensorOperation("sorted whole numbers", indices: [TableIndices([4, 6], below: 9)]) { x in
    joined(number(x.indices[0].sorted(along: 0).values), number(x.indices[0].argsort(descending: true)))
  },
  TensorOperation("matrixRank", [2, 3, 4], order: 0) { x in
    do { return number(try x[0].matrixRank()) } catch { fatalError("matrixRank: \(error)") }
  },
  TensorOperation("indices of maxPool2DWithIndices", [2, 3, 5, 4], order: 0) {
    number(maxPool2DWithIndices($0[0], kernelSize: 2, stride: 1, padding: 1).indices)
  },
  TensorOperation("indices of maxPool1DWithIndices", [2, 3, 7], order: 0) {
    number(maxPool1DWithIndices($0[0], kernelSize: 3).indices)
  },
  TensorOperation("indices of adaptiveMaxPool2DWithIndices", [2, 3, 5, 4], order: 0) {
    number(adaptiveMaxPool2DWithIndices($0[0], height: 3, width: nil).indices)
  },
]
