import TernTensor
import TernTestSupport

// Order statistics, updates of places and parts, and what arranges elements anew.

let orderTable: [TensorOperation] = statisticRows + histogramRows + updateRows + partRows + arrangementRows + drawRows

private let statisticRows: [TensorOperation] = [
  TensorOperation("median", [2, 5], also: [[[2, 3, 2, 2]]]) { x in
    joined(x[0].median(), x[0].median(along: 1).values, x[0].median(along: 0, keepingAxes: true).values)
  },
  TensorOperation("nanMedian", [2, 5]) { x in joined(x[0].nanMedian(), x[0].nanMedian(along: 1).values) },
  TensorOperation("masked median", [3, 4], masks: [[3, 4]]) { $0[0].median(along: 1, mask: $0.masks[0]) },
  TensorOperation("kthValue", [2, 5], also: [[[2, 3, 2, 2]]]) { x in
    joined(x[0].kthValue(2).values, x[0].kthValue(1, along: 0).values)
  },
  TensorOperation("mode", [2, 5]) { $0[0].mode(along: 1).values },
  TensorOperation("quantile", [2, 5], also: [[[2, 3, 2, 2]]]) { x in
    joined(x[0].quantile(0.3), x[0].quantile(0.6, along: 1), x[0].quantile(0.5, along: 0, interpolation: .nearest))
  }.within(1e-14),
  TensorOperation("nanQuantile", [2, 5]) { x in joined(x[0].nanQuantile(0.3), x[0].nanQuantile(0.6, along: 1)) }
    .within(1e-14),
  TensorOperation("nanSum", [2, 5], also: [[[2, 3, 2, 2]]]) { x in joined(x[0].nanSum(), x[0].nanSum(along: 1)) }
    .within(1e-14),
  TensorOperation("nanMean", [2, 5], also: [[[2, 3, 2, 2]]]) { x in joined(x[0].nanMean(), x[0].nanMean(along: 0)) }
    .within(1e-14),
  TensorOperation("extrema", [2, 5], also: [[[2, 3, 2, 2]]]) { x in
    let (least, greatest) = x[0].extrema(along: 1)
    return joined(least, greatest, x[0].extrema().max)
  },
  TensorOperation("varianceAndMean", [3, 4], also: [[[2, 3, 2, 2]]]) { x in
    let (variance, mean) = x[0].varianceAndMean(along: [1])
    return joined(variance, mean)
  }.within(1e-13),
  TensorOperation("standardDeviationAndMean", [3, 4]) { x in
    let (deviation, mean) = x[0].standardDeviationAndMean(along: [0])
    return joined(deviation, mean)
  }.within(1e-13),
]

private let histogramRows: [TensorOperation] = [
  TensorOperation("histogram", [3, 4], also: [[[2, 3, 2, 2]]], order: 0) {
    $0[0].histogram(bins: 5, range: -2...2).values
  },
  TensorOperation("multidimensionalHistogram", [6, 2], order: 0) {
    $0[0].multidimensionalHistogram(bins: [3, 2], ranges: [-3...3, -3...3]).values
  },
  TensorOperation("bucketized", [3, 4], also: [[[2, 3, 2, 2]], [[0, 3]]], order: 0) {
    number($0[0].bucketized(at: Tensor([-1, 0, 0.5, 1])))
  },
  TensorOperation("isMember", [3, 4], order: 0) { number($0[0].isMember(of: $0[0][0])) },
  TensorOperation("uniqueConsecutive", [3, 4], order: 0) { $0[0].floor().uniqueConsecutive().values },
  TensorOperation("unraveled", indices: [TableIndices([2, 3], below: 12)]) { x in
    let parts = x.indices[0].unraveled([3, 4])
    return joined(number(parts[0]), number(parts[1]))
  },
  TensorOperation("indices of triangles", [3, 4], order: 0) { x in
    let (rows, columns) = (x[0].shape.first ?? 1, x[0].shape.last ?? 1)
    return joined(
      number(upperTriangleIndices(rows: rows, columns: columns, diagonal: 1)),
      number(lowerTriangleIndices(rows: rows, columns: columns)))
  },
  TensorOperation("broadcastShape", [3, 1], [1, 4], order: 0) { x in
    Tensor(broadcastShape(of: x.tensors.map(\.shape)).map(Double.init))
  },
]

private let updateRows: [TensorOperation] = [
  TensorOperation("lerp", [2, 3], [3], [2, 1], also: [[[2, 3, 2, 2], [2, 3, 2, 2], [3, 1, 1]]]) { x in
    lerp(x[0], x[1], weight: x[2]) + lerp(x[0], x[1], weight: 0.25)
  }.within(1e-14),
  TensorOperation("addcmul", [2, 3], [3], [2, 1]) { addcmul($0[0], $0[1], $0[2], value: 0.5) }.within(1e-14),
  TensorOperation("addcdiv", [2, 3], [3], [2, 1], in: [-1..<1, -1..<1, 1..<2]) {
    addcdiv($0[0], $0[1], $0[2], value: 0.5)
  }.within(1e-14),
  TensorOperation("scatterReducing", [3, 4], [2, 4], indices: [TableIndices([2, 4], below: 3)]) { x in
    let (source, index) = (x[1], x.indices[0])
    return joined(
      x[0].scatterReducing(source, at: index, along: 0, by: .sum),
      x[0].scatterReducing(source, at: index, along: 0, by: .mean, includingSelf: false),
      x[0].scatterReducing(source, at: index, along: 0, by: .maximum))
  }.within(1e-13),
  TensorOperation("reducing", [3, 4], [2, 4], indices: [TableIndices([2], below: 3)]) { x in
    joined(
      x[0].reducing(x[1], at: x.indices[0], by: .mean), x[0].reducing(x[1], at: x.indices[0], by: .product),
      x[0].reducing(x[1], at: x.indices[0], by: .minimum, includingSelf: false))
  }.within(1e-13),
  TensorOperation("replacingElements", [3, 4], [2, 2], indices: [TableIndices([2, 2], below: 12)]) {
    $0[0].replacingElements(at: $0.indices[0], with: $0[1])
  },
  TensorOperation("replacingElements by a mask", [3, 4], [12], masks: [[3, 4]]) {
    $0[0].replacingElements(where: $0.masks[0], with: $0[1])
  },
  TensorOperation("addingElements", [3, 4], [2, 2], indices: [TableIndices([2, 2], below: 12)]) {
    $0[0].addingElements($0[1], at: $0.indices[0])
  },
]

private let partRows: [TensorOperation] = [
  TensorOperation("reducingSegments", [6, 2]) { x in
    let lengths = Tensor<Int>([2, 0, 3])
    return joined(
      x[0].reducingSegments(lengths: lengths, by: .sum, initial: 2),
      x[0].reducingSegments(lengths: lengths, by: .mean, initial: 0),
      x[0].reducingSegments(offsets: Tensor<Int>([0, 2, 6]), by: .product),
      x[0].reducingSegments(offsets: Tensor<Int>([0, 2, 6]), by: .maximum))
  },
  TensorOperation("replacingSlice", [3, 6], [3, 2]) {
    $0[0].replacingSlice(axis: 1, from: 1, to: 5, step: 2, with: $0[1])
  },
  TensorOperation("replacingSelected", [3, 4], [3]) { $0[0].replacingSelected(axis: 1, index: 2, with: $0[1]) },
  TensorOperation("replacingDiagonal", [3, 4], [3]) { $0[0].replacingDiagonal(offset: 1, with: $0[1]) },
  TensorOperation("windows", [2, 7], also: [[[2, 3, 4, 2]]]) { $0[0].windows(along: 1, size: 3, step: 2) },
  TensorOperation("diagonalMatrices", [2, 3]) { joined($0[0].diagonalMatrices(), $0[0].diagonalMatrices(offset: -1)) },
]

private let arrangementRows: [TensorOperation] = [
  TensorOperation("blockDiagonal", [2, 3], [1, 2]) { blockDiagonal($0.tensors) },
  TensorOperation("rotated", [2, 3], also: [[[2, 3, 2, 2]]]) {
    joined($0[0].rotated(), $0[0].rotated(quarterTurns: 2))
  },
  TensorOperation("cartesianProduct", [2], [3]) { cartesianProduct($0.tensors) },
  TensorOperation("combinations", [4]) { joined($0[0].combinations(), $0[0].combinations(of: 2, repeating: true)) },
  TensorOperation("stacks", [2, 3], [2, 3], also: [[[3], [3]]]) { x in
    joined(horizontalStack(x.tensors), verticalStack(x.tensors), depthStack(x.tensors), columnStack(x.tensors))
  },
  TensorOperation("atLeast", [3], also: [[[]], [[2, 3]]]) { $0[0].atLeast(rank: 2) },
  TensorOperation("orders of memory", [2, 3, 2, 2]) { x in
    joined(x[0].clone(), x[0].asContiguous(), x[0].asChannelsLast())
  },
]

// Draws depend on the parameters alone, with the generator in one state; their derivatives are not those of the values
// drawn, and are tested beside the formulas.
private let drawRows: [TensorOperation] = [
  TensorOperation("randomGamma", [2, 3], in: [0.5..<3], order: 0) {
    Tensor(randomGamma: $0[0], generator: RandomGenerator(seed: 5))
  },
  TensorOperation("randomBeta", [2, 3], [2, 3], in: [0.5..<3, 0.5..<3], order: 0) {
    Tensor(randomBeta: $0[0], $0[1], generator: RandomGenerator(seed: 5))
  },
  TensorOperation("randomDirichlet", [2, 3], in: [0.5..<3], order: 0) {
    Tensor(randomDirichlet: $0[0], generator: RandomGenerator(seed: 5))
  },
]
