import TernTensor
import TernTestSupport

/// Every reduction, over one axis, some and all.
let reductionTable: [TensorOperation] = extremeRows + sumRows.map { $0.within(1e-14) }

private let sumRows: [TensorOperation] = [
  TensorOperation("sum", [2, 3, 4], also: [[[]], [[0, 3]], [[2, 3, 2, 2]]]) { $0[0].sum() },
  TensorOperation("sum of one axis", [2, 3, 4], also: [[[2, 0]], [[0, 3]], [[2, 3, 2, 2]]]) { $0[0].sum(along: 1) },
  TensorOperation("sum of two axes", [2, 3, 4], also: [[[0, 3]], [[2, 3, 2, 2]]]) {
    $0[0].sum(along: 0, -1, keepingAxes: true)
  },
  TensorOperation("sum of no axis", [2, 3]) { $0[0].sum(along: []) },
  TensorOperation("mean", [2, 3, 4], also: [[[]], [[2, 3, 2, 2]]]) { $0[0].mean() },
  TensorOperation("mean of two axes", [2, 3, 4]) { $0[0].mean(along: 1, 2) },
  TensorOperation("product", [2, 3], also: [[[]], [[0, 3]]]) { $0[0].product() },
  TensorOperation("product of one axis", [2, 3, 4], also: [[[0, 3]], [[2, 0]]]) { $0[0].product(along: 1) },
  TensorOperation("product of two axes", [2, 3, 2]) { $0[0].product(along: 2, 0, keepingAxes: true) },
  TensorOperation("variance", [2, 3, 4]) { $0[0].variance() },
  TensorOperation("biased variance", [2, 3, 4]) { $0[0].variance(along: 0, 2, correction: 0) },
  TensorOperation("standard deviation", [2, 3, 4]) { $0[0].standardDeviation(along: 1, keepingAxes: true) },
  TensorOperation("logSumExp", [2, 3, 4], also: [[[]], [[2, 3, 2, 2]]]) { $0[0].logSumExp() },
  TensorOperation("logSumExp of two axes", [2, 3, 4]) { $0[0].logSumExp(along: 0, 1) },
  TensorOperation("softmax", [2, 3, 4], also: [[[]], [[0, 3]], [[2, 3, 2, 2]]]) { $0[0].softmax(along: -1) },
  TensorOperation("softmax of the middle", [2, 3, 4], also: [[[2, 3, 2, 2]]]) { $0[0].softmax(along: 1) },
  TensorOperation("softmin", [2, 3, 4]) { $0[0].softmin(along: 0) },
  TensorOperation("logSoftmax", [2, 3, 4], also: [[[]], [[0, 3]], [[2, 3, 2, 2]]]) { $0[0].logSoftmax(along: -1) },
  TensorOperation("logSoftmax of the middle", [2, 3, 4], also: [[[2, 3, 2, 2]]]) { $0[0].logSoftmax(along: 1) },
  TensorOperation("norm 2", [2, 3, 4], also: [[[0, 3]], [[2, 3, 2, 2]]]) { $0[0].norm(along: 1) },
  TensorOperation("norm 1", [2, 3, 4]) { $0[0].norm(1, along: 0, 2) },
  TensorOperation("norm 3", [2, 3, 4]) { $0[0].norm(3, along: 1, keepingAxes: true) },
  TensorOperation("norm 1.5", [2, 3, 4], also: [[[]]]) { $0[0].norm(1.5) },
  TensorOperation("norm 0.5", [2, 3]) { $0[0].norm(0.5, along: 1) },
  TensorOperation("norm -1", [2, 3]) { $0[0].norm(-1, along: 1) },
  TensorOperation("norm ∞", [2, 3, 4]) { $0[0].norm(.infinity, along: 1, 2) },
  TensorOperation("norm -∞", [2, 3, 4]) { $0[0].norm(-.infinity, along: 2) },
  TensorOperation("cumulativeSum", [2, 3, 4], also: [[[0, 3]], [[2, 3, 2, 2]]]) { $0[0].cumulativeSum(along: 1) },
  TensorOperation("cumulativeProduct", [2, 3, 4]) { $0[0].cumulativeProduct(along: 1) },
  TensorOperation("logCumulativeSumExp", [2, 3, 4]) { $0[0].logCumulativeSumExp(along: 1) },
  TensorOperation("recurrence", [2, 3, 2], [2, 3, 2]) { .recurrence($0[0], $0[1], along: 1, reversed: false) },
  TensorOperation("recurrence from the end", [4, 3], [4, 3]) { .recurrence($0[0], $0[1], along: 0, reversed: true) },
]

/// What takes elements as they are.
private let extremeRows: [TensorOperation] = [
  TensorOperation("max", [3, 4], also: [[[]]]) { $0[0].max() },
  TensorOperation("min", [3, 4], also: [[[]]]) { $0[0].min() },
  TensorOperation("amax", [2, 3, 4], also: [[[2, 3, 2, 2]]]) { $0[0].amax(along: 0, 2) },
  TensorOperation("amin", [2, 3, 4]) { $0[0].amin(along: 1, keepingAxes: true) },
  TensorOperation("max of one axis", [2, 3, 4], also: [[[0, 3]], [[2, 3, 2, 2]]]) { $0[0].max(along: 1).values },
  TensorOperation("min of one axis", [2, 3, 4]) { $0[0].min(along: -1, keepingAxes: true).values },
  TensorOperation("cumulativeMax", [2, 3, 4], also: [[[]], [[0, 3]]]) { $0[0].cumulativeMax(along: -1).values },
  TensorOperation("cumulativeMin", [2, 3, 4]) { $0[0].cumulativeMin(along: 0).values },
  TensorOperation("sorted", [2, 5, 3], also: [[[0, 3]], [[2, 3, 2, 2]]]) { $0[0].sorted(along: 1).values },
  TensorOperation("topK", [2, 5, 3]) { $0[0].topK(2, along: 1).values },
]
