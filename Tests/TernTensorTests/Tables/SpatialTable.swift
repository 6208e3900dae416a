import TernTensor
import TernTestSupport

// Convolutions, pooling and resampling.

let spatialTable: [TensorOperation] = (convolutionRows + poolingRows + resamplingRows).map { $0.within(1e-13) }

private let convolutionRows: [TensorOperation] = [
  TensorOperation("conv2D", [2, 3, 4, 5], [2, 3, 2, 3], [2], also: [[[3, 4, 5], [2, 3, 2, 3], [2]]]) {
    conv2D($0[0], $0[1], bias: $0[2], stride: [1, 2], padding: [1, 0])
  },
  TensorOperation("conv2D of 3×3", [1, 2, 4, 4], [3, 2, 3, 3]) { conv2D($0[0], $0[1], padding: 1) },
  TensorOperation("conv2D of 3×3, stride 2", [1, 2, 5, 4], [2, 2, 3, 3]) {
    conv2D($0[0], $0[1], stride: 2, padding: 1)
  },
  TensorOperation("conv2D of 1×1", [2, 3, 2, 2], [4, 3, 1, 1], [4]) { conv2D($0[0], $0[1], bias: $0[2]) },
  TensorOperation("conv2D in groups", [1, 4, 3, 4], [4, 2, 2, 2]) {
    conv2D($0[0], $0[1], dilation: [1, 2], groups: 2)
  },
  TensorOperation("conv2D by channel", [2, 3, 4, 3], [3, 1, 3, 3], [3]) {
    conv2D($0[0], $0[1], bias: $0[2], padding: .same, groups: 3)
  },
  TensorOperation("conv2D of an empty batch", [0, 2, 3, 3], [2, 2, 3, 3]) { conv2D($0[0], $0[1], padding: 1) },
  TensorOperation("conv1D", [2, 2, 6], [4, 1, 3], [4]) {
    conv1D($0[0], $0[1], bias: $0[2], stride: 2, padding: 1, groups: 2)
  },
  TensorOperation("transposedConv2D", [1, 2, 3, 2], [2, 3, 2, 2], [3]) {
    transposedConv2D($0[0], $0[1], bias: $0[2], stride: 2, padding: [1, 0], outputPadding: 1)
  },
  TensorOperation("transposedConv1D", [2, 4, 3], [4, 1, 2]) { transposedConv1D($0[0], $0[1], dilation: 2, groups: 2) },
]

private let poolingRows: [TensorOperation] = [
  TensorOperation("maxPool2D", [1, 2, 5, 4], also: [[[2, 5, 4]], [[0, 2, 4, 4]], [[2, 16, 3, 3]]]) {
    maxPool2D($0[0], kernelSize: 2, stride: [1, 2], padding: 1)
  },
  TensorOperation("maxPool2DWithIndices", [2, 2, 4, 4]) {
    maxPool2DWithIndices($0[0], kernelSize: [2, 3], dilation: [2, 1], ceilMode: true).values
  },
  TensorOperation("maxPool1D", [2, 2, 6]) { maxPool1D($0[0], kernelSize: 3, stride: 1) },
  TensorOperation("maxPool1DWithIndices", [2, 2, 6]) { maxPool1DWithIndices($0[0], kernelSize: 2).values },
  TensorOperation("avgPool2D", [1, 2, 5, 4], also: [[[2, 5, 4]], [[0, 2, 4, 4]], [[2, 16, 3, 3]]]) {
    avgPool2D($0[0], kernelSize: [2, 3], stride: 1, padding: 1, countsPadding: false)
  },
  TensorOperation("avgPool2D with a divisor", [1, 2, 4, 4]) {
    avgPool2D($0[0], kernelSize: 2, ceilMode: true, divisor: 3)
  },
  TensorOperation("avgPool1D", [2, 2, 6]) { avgPool1D($0[0], kernelSize: 3, stride: 2, padding: 1) },
  TensorOperation("lpPool2D", [1, 2, 4, 4], in: [0.5..<2]) { lpPool2D($0[0], p: 3, kernelSize: 2, stride: [1, 2]) },
  TensorOperation("lpPool1D", [2, 2, 6], in: [0.5..<2]) { lpPool1D($0[0], p: 2, kernelSize: 3, ceilMode: true) },
  TensorOperation("adaptiveAvgPool2D", [1, 2, 5, 3]) {
    joined(adaptiveAvgPool2D($0[0], height: 3, width: nil), adaptiveAvgPool2D($0[0], outputSize: [2, 2]))
  },
  TensorOperation("adaptiveMaxPool2D", [1, 2, 5, 3]) {
    joined(adaptiveMaxPool2D($0[0], height: nil, width: 2), adaptiveMaxPool2D($0[0], outputSize: [3, 2]))
  },
  TensorOperation("adaptiveMaxPool2DWithIndices", [2, 4, 5]) {
    adaptiveMaxPool2DWithIndices($0[0], height: 3, width: 2).values
  },
]

private let resamplingRows: [TensorOperation] = [
  TensorOperation("interpolate, nearest", [2, 2, 3, 2], also: [[[0, 2, 3, 2]]]) { interpolate($0[0], size: [4, 5]) },
  TensorOperation("interpolate, nearest exact", [2, 2, 4, 3]) {
    interpolate($0[0], scale: [1.5, 0.7], mode: .nearestExact)
  },
  TensorOperation("interpolate, linear", [1, 2, 3, 4]) { interpolate($0[0], size: [5, 3], mode: .linear) },
  TensorOperation("interpolate, corners aligned", [1, 2, 3, 4]) {
    interpolate($0[0], size: [1, 7], mode: .linear, alignsCorners: true)
  },
  TensorOperation("interpolate a sequence", [2, 2, 4]) { interpolate($0[0], scale: 1.7, mode: .linear) },
]
