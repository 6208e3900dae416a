import TernTensor
import TernTestSupport

let normalizationTable: [TensorOperation] = [
  TensorOperation("batchNorm", [4, 3], [3], [3], also: [[[3, 3, 2], [3], [3]], [[2, 3, 2, 2], [3], [3]]]) {
    batchNorm($0[0], scale: $0[1], shift: $0[2], epsilon: 1e-2).output.square()
  },
  TensorOperation(
    "statistics of batchNorm", [4, 3], also: [[[3, 3, 2]], [[2, 3, 2, 2]], [[2, 20, 3, 3]]], order: 0
  ) {
    let (_, mean, variance, _) = batchNorm($0[0])
    return joined(mean, variance)
  },
  TensorOperation("batchNorm, plain", [3, 3, 2]) { batchNorm($0[0], epsilon: 1e-2).output.square() },
  TensorOperation("batchNorm, scaled", [3, 3, 2], [3]) {
    batchNorm($0[0], scale: $0[1], epsilon: 1e-2).output.square()
  },
  TensorOperation("batchNorm, shifted", [3, 3, 2], [3]) {
    batchNorm($0[0], shift: $0[1], epsilon: 1e-2).output.square()
  },
  TensorOperation("batchNorm and a sum, rectified", [2, 3, 2, 2], [3], [3], [2, 3, 2, 2]) {
    batchNorm($0[0], scale: $0[1], shift: $0[2], epsilon: 1e-2, adding: $0[3], activation: .relu).output.square()
  },
  TensorOperation(
    "batchNorm, evaluation", [2, 3, 2, 2], [3], [3], [3], [3], also: [[[4, 3], [3], [3], [3], [3]]],
    in: [-2..<2, -1..<1, 0.5..<2, -2..<2, -1..<1]
  ) {
    batchNorm($0[0], mean: $0[1], variance: $0[2], scale: $0[3], shift: $0[4]).square()
  },
  TensorOperation("layerNorm", [2, 4, 3], [4, 3], [4, 3]) {
    layerNorm($0[0], normalizedShape: [4, 3], scale: $0[1], shift: $0[2], epsilon: 1e-2).square()
  },
  TensorOperation("layerNorm of the last axis", [2, 3, 5], [5], also: [[[0, 5], [5]], [[5], [5]]]) {
    layerNorm($0[0], normalizedShape: [5], scale: $0[1], epsilon: 1e-2).square()
  },
  TensorOperation("rmsNorm", [2, 4, 3], [4, 3]) {
    rmsNorm($0[0], normalizedShape: [4, 3], scale: $0[1], epsilon: 1e-2).square()
  },
  TensorOperation("groupNorm", [2, 4, 3], [4], [4], also: [[[1, 4, 2, 2], [4], [4]], [[3, 4], [4], [4]]]) {
    groupNorm($0[0], groups: 2, scale: $0[1], shift: $0[2], epsilon: 1e-2).square()
  },
  TensorOperation("instanceNorm", [2, 3, 4], [3], [3], also: [[[1, 3, 2, 3], [3], [3]]]) {
    instanceNorm($0[0], scale: $0[1], shift: $0[2], epsilon: 1e-1).output.square()
  },
  TensorOperation("localResponseNorm", [2, 4, 3], also: [[[1, 3, 2, 2]]]) {
    localResponseNorm($0[0], size: 3, alpha: 0.5, k: 2).square()
  },
  TensorOperation("localResponseNorm of an even size", [2, 5, 3], also: [[[3, 4]], [[0, 3, 2]], [[2, 1, 4]]]) {
    localResponseNorm($0[0], size: 4, alpha: 0.5, beta: 0.6, k: 2).square()
  },
  TensorOperation("normalized", [2, 4, 3], also: [[[0, 4]]]) { $0[0].normalized(along: 1).square() },
  TensorOperation("normalized of order 3", [2, 4, 3], in: [1..<4]) { $0[0].normalized(order: 3, along: 1, 2).square() },
].map { $0.within(1e-13) }
