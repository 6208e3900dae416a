import TernTensor
import TernTestSupport

// What moves elements, and views.

let shapingTable: [TensorOperation] = joiningRows + takingRows + arrangingRows + viewRows

private let patches = PatchGeometry(kernel: (2, 3), dilation: (1, 2), padding: (1, 1), stride: (2, 1))

private let joiningRows: [TensorOperation] = [
  TensorOperation("concatenate", [2, 3], [2, 1], [2, 2], also: [[[2, 0], [2, 1], [2, 0]]]) {
    concatenate($0.tensors, along: 1)
  },
  TensorOperation("concatenate channels", [2, 2, 3, 2], [2, 1, 3, 2]) { concatenate($0.tensors, along: 1) },
  TensorOperation("stack", [2, 3], [2, 3], also: [[[], []], [[0, 2], [0, 2]]]) { stack($0.tensors, along: -1) },
  TensorOperation("split", [5, 2]) { x in x[0].split([1, 3, 1])[1] * x[0].split(every: 3)[0] },
  TensorOperation("chunks", [5, 3]) { $0[0].chunks(2).last! },
  TensorOperation("unstacked", [3, 4]) {
    let columns = $0[0].unstacked(along: 1)
    return stack(zip(columns, columns.reversed()).map { $0 * $1 })
  },
  TensorOperation("strided", [3, 4]) { $0[0].strided([2, 3, 2], strides: [1, 3, -2], offset: 3) },
  TensorOperation("replacingStrided", [3, 4], [2, 2]) {
    $0[0].replacingStrided(strides: [5, 1], offset: 2, with: $0[1])
  },
  TensorOperation("meshgrid", [2], [3]) { x in meshgrid(x.tensors)[0] * meshgrid(x.tensors, indexing: .ij)[1] },
]

private let takingRows: [TensorOperation] = [
  TensorOperation("gathered", [3, 4], indices: [TableIndices([2, 3], below: 4)]) {
    $0[0].gathered($0.indices[0], along: 1)
  },
  TensorOperation("gathered broadcasting", [2, 4], indices: [TableIndices([1, 3], below: 4)]) {
    $0[0].gathered(broadcasting: $0.indices[0], along: 1)
  },
  TensorOperation("scatterAdding", [2, 4], [2, 3], indices: [TableIndices([2, 3], below: 4)]) {
    $0[0].scatterAdding($0[1], at: $0.indices[0], along: 1)
  },
  TensorOperation("scattering", [3, 4], [3, 1], indices: [TableIndices([3, 1], below: 4)]) {
    $0[0].scattering($0[1], at: $0.indices[0], along: 1)
  },
  TensorOperation("scattering a number", [3, 4], indices: [TableIndices([2, 4], below: 3)]) {
    $0[0].scattering(5, at: $0.indices[0], along: 0)
  },
  TensorOperation("taking", [3, 4], indices: [TableIndices([2, 3], below: 3)]) {
    $0[0].taking($0.indices[0], along: 0)
  },
  TensorOperation("taking columns", [2, 3], also: [[[0, 3]]], indices: [TableIndices([3], below: 3)]) {
    $0[0].taking($0.indices[0], along: 1)
  },
  TensorOperation("taking none", [2, 3], indices: [TableIndices([0], below: 3)]) { $0[0].taking($0.indices[0]) },
  TensorOperation("adding slices", [3, 4], [3, 4], indices: [TableIndices([3], below: 3)]) {
    $0[0].adding($0[1], at: $0.indices[0])
  },
  TensorOperation("replacing slices", [3, 4], [4], indices: [TableIndices([2], below: 3)]) {
    $0[0].replacing($0.indices[0], with: $0[1])
  },
  TensorOperation("indexed", [3, 4, 2], indices: [TableIndices([3], below: 3)]) {
    $0[0].indexed([.at($0.indices[0]), .at(Tensor([-1, 1, 0]))])
  },
  TensorOperation("indexed apart", [3, 2, 3], indices: [TableIndices([3], below: 3)]) {
    $0[0].indexed([.at($0.indices[0]), .all, .at(Tensor([-1, 1, 0]))])
  },
  TensorOperation("indexed by a mask", [2, 4], masks: [[4]]) { $0[0].indexed([.all, .where($0.masks[0])]) },
  TensorOperation("adding at indices", [4, 2], [2], indices: [TableIndices([3], below: 4)]) {
    $0[0].adding($0[1], at: [.at($0.indices[0])])
  },
  TensorOperation("replacing at a mask", [4, 2], [2], masks: [[4]]) {
    $0[0].replacing([.where($0.masks[0])], with: $0[1])
  },
  TensorOperation("filled", [3, 4], also: [[[0, 4]]], masks: [[4]]) { $0[0].filled(with: 2, where: $0.masks[0]) },
  TensorOperation("elements", [3, 4], masks: [[3, 4]]) { $0[0].elements(where: $0.masks[0]) },
  TensorOperation("select by a mask", [3, 4], [3, 1], masks: [[4]]) { select($0.masks[0], $0[0], $0[1]) },
  TensorOperation("writing a slice", [3, 4], [2, 4]) { x in
    var result = x[0]
    result[1..<3] = x[1]
    return result
  },
  TensorOperation("writing every other column", [3, 4], [3, 1]) { x in
    var result = x[0]
    result[.all, .slice(step: 2)] = x[1]
    return result
  },
]

private let arrangingRows: [TensorOperation] = [
  TensorOperation("padded", [2, 3], also: [[[2, 3, 2, 2]]]) { $0[0].padded([(1, 2), (-1, 1)], .constant(3)) },
  TensorOperation("reflected", [2, 4]) { $0[0].padded([(2, 3)], .reflect) },
  TensorOperation("replicated", [2, 3]) { $0[0].padded([(1, 0), (2, 1)], .replicate) },
  TensorOperation("circular", [2, 3]) { $0[0].padded([(2, 1)], .circular) },
  TensorOperation("rolled", [3, 4], also: [[[0, 4]]]) { $0[0].rolled(by: [1, -2], along: [0, 1]) },
  TensorOperation("rolled whole", [3, 4], also: [[[]]]) { $0[0].rolled(by: 5) },
  TensorOperation("tiled", [2, 3], also: [[[]], [[0, 3]]]) { $0[0].tiled([2, 1, 2]) },
  TensorOperation("repeating elements", [2, 3], also: [[[2, 0]]]) { $0[0].repeatingElements(2, along: 1) },
  TensorOperation("repeating by counts", [3, 2], indices: [TableIndices([3], below: 3)]) {
    $0[0].repeatingElements($0.indices[0], along: 0)
  },
  TensorOperation("flipped", [2, 3, 2], also: [[[0, 1, 3]]]) { $0[0].flipped([0, 2]) },
  TensorOperation("lowerTriangle", [2, 3, 4]) { $0[0].lowerTriangle(diagonal: 1) },
  TensorOperation("upperTriangle", [3, 3]) { $0[0].upperTriangle(diagonal: -1) },
  TensorOperation("diagonalMatrix", [3]) { $0[0].diagonalMatrix(offset: -1) },
  TensorOperation("diagonal", [2, 3, 4]) { $0[0].diagonal(offset: 1, axes: 2, 1) },
  TensorOperation("unfolded", [2, 2, 3, 4]) { $0[0].unfolded(patches) },
  TensorOperation("folded", [1, 12, 4]) { $0[0].folded(into: (3, 4), patches) }.within(1e-14),
  TensorOperation("pixelShuffle", [2, 8, 2, 3], also: [[[4, 2, 1]]]) { pixelShuffle($0[0], upscaleFactor: 2) },
  TensorOperation("pixelUnshuffle", [2, 2, 4, 2]) { pixelUnshuffle($0[0], downscaleFactor: 2) },
  TensorOperation("channelShuffle", [2, 6, 2, 1]) { channelShuffle($0[0], groups: 3) },
]

private let viewRows: [TensorOperation] = [
  TensorOperation("reshaped", [2, 3, 4], also: [[[2, 0]], [[1]]]) {
    $0[0].reshaped($0[0].count == 24 ? [6, 4] : [$0[0].count])
  },
  TensorOperation("flattened", [2, 3, 2, 2], also: [[[0, 3, 2]]]) { $0[0].flattened(from: 1) },
  TensorOperation("flattened whole", [2, 3], also: [[[]]]) { $0[0].flattened() },
  TensorOperation("unflattened", [2, 6, 2]) { $0[0].unflattened(1, to: [2, -1]) },
  TensorOperation("squeezed", [2, 1, 3, 1]) { joined($0[0].squeezed(), $0[0].squeezed(1)) },
  TensorOperation("expandedAxis", [2, 3], also: [[[]]]) { $0[0].expandedAxis(at: -1) },
  TensorOperation("broadcast", [2, 1, 3], also: [[[1]]]) { $0[0].broadcast(to: [4, 2, 5, 3]) },
  TensorOperation("permuted", [2, 3, 2, 2], also: [[[2, 0, 1, 2]]]) { $0[0].permuted(2, 0, 3, 1) },
  TensorOperation("transposed", [2, 3, 4]) { joined($0[0].transposed(), $0[0].transposed(0, 2)) },
  TensorOperation("contiguous", [2, 3, 4]) { $0[0].transposed().contiguous },
  TensorOperation("movingAxis", [2, 3, 4]) {
    joined($0[0].movingAxis(0, to: -1), $0[0].movingAxes([2, 0], to: [0, 1]))
  },
  TensorOperation("narrowed", [2, 5]) { $0[0].narrowed(axis: 1, start: 1, length: 3) },
  TensorOperation("selected", [2, 3, 4]) { $0[0].selected(axis: 1, index: -1) },
  TensorOperation("sliced", [4, 3, 5]) { $0[0][.slice(step: -2), 1, .slice(1, 4)] },
  TensorOperation("a row", [4, 3]) { $0[0][2] },
  TensorOperation("rows", [4, 3]) { $0[0][1..<3] },
  TensorOperation("new axes", [2, 3], also: [[[]]]) { $0[0][.newAxis, .ellipsis, .newAxis] },
]
