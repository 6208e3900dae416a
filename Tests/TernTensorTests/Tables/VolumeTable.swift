import TernTensor
import TernTestSupport

// Convolutions and pooling of volumes, unpooling, fractional pooling, and sampling at positions.

let volumeTable: [TensorOperation] = volumeConvolutionRows + volumePoolingRows + unpoolingRows + samplingRows

private let volumeConvolutionRows: [TensorOperation] = [
  TensorOperation("conv3D", [1, 2, 3, 2, 3], [2, 2, 2, 1, 2], [2]) { x in
    conv3D(x[0], x[1], bias: x[2], stride: [1, 1, 2], padding: 1)
  }.within(1e-12),
  TensorOperation("transposedConv3D", [1, 2, 2, 2, 2], [2, 1, 2, 1, 2], [1]) { x in
    transposedConv3D(x[0], x[1], bias: x[2], stride: 2, outputPadding: 1)
  }.within(1e-12),
]

private let volumePoolingRows: [TensorOperation] = [
  TensorOperation("maxPool3D", [1, 2, 2, 3, 4]) { x in
    joined(
      maxPool3D(x[0], kernelSize: 2), maxPool3DWithIndices(x[0], kernelSize: [1, 2, 2], padding: [0, 1, 1]).values)
  },
  TensorOperation("avgPool3D", [1, 2, 2, 3, 4]) { avgPool3D($0[0], kernelSize: 2, padding: 1, countsPadding: false) }
    .within(1e-13),
  TensorOperation("lpPool3D", [1, 2, 2, 2, 4], in: [0.2..<1]) { lpPool3D($0[0], p: 3, kernelSize: 2) }.within(1e-12),
  TensorOperation("adaptiveAvgPool3D", [1, 2, 3, 2, 3]) { adaptiveAvgPool3D($0[0], outputSize: [2, 1, 2]) }.within(
    1e-13),
  TensorOperation("adaptiveMaxPool3D", [1, 2, 3, 2, 3]) { x in
    joined(
      adaptiveMaxPool3D(x[0], outputSize: [2, 1, 2]),
      adaptiveMaxPool3DWithIndices(x[0], depth: 1, height: nil, width: 2).values)
  },
  TensorOperation("adaptiveAvgPool1D", [2, 3, 5]) { adaptiveAvgPool1D($0[0], outputSize: 2) }.within(1e-13),
  TensorOperation("adaptiveMaxPool1D", [2, 3, 5]) { x in
    joined(adaptiveMaxPool1D(x[0], outputSize: 2), adaptiveMaxPool1DWithIndices(x[0], outputSize: 3).values)
  },
]

private let unpoolingRows: [TensorOperation] = [
  TensorOperation("maxUnpool1D", [2, 3], order: 2) {
    maxUnpool1D($0[0], indices: Tensor<Int>([[0, 3, 4], [1, 2, 5]]), kernelSize: 2)
  },
  TensorOperation("maxUnpool2D", [1, 2, 2], order: 2) {
    maxUnpool2D($0[0], indices: Tensor<Int>([[[0, 3], [9, 14]]]), kernelSize: 2)
  },
  TensorOperation("maxUnpool3D", [1, 1, 1, 2, 2], order: 2) {
    maxUnpool3D($0[0], indices: Tensor<Int>([0, 3, 9, 30], shape: [1, 1, 1, 2, 2]), kernelSize: 2)
  },
  TensorOperation("fractionalMaxPool2D", [1, 2, 5, 5]) { x in
    let samples = Tensor<Double>([0.3, 0.7, 0.1, 0.9], shape: [1, 2, 2])
    return joined(
      fractionalMaxPool2D(x[0], kernelSize: 2, outputSize: 3, samples: samples),
      fractionalMaxPool2DWithIndices(x[0], kernelSize: 2, outputSize: [2, 3], samples: samples).values)
  },
  TensorOperation("fractionalMaxPool3D", [1, 2, 3, 4, 4]) { x in
    let samples = Tensor<Double>([0.3, 0.7, 0.1, 0.9, 0.5, 0.2], shape: [1, 2, 3])
    return joined(
      fractionalMaxPool3D(x[0], kernelSize: 2, outputSize: 2, samples: samples),
      fractionalMaxPool3DWithIndices(x[0], kernelSize: 2, outputSize: [2, 2, 3], samples: samples).values)
  },
]

private let samplingRows: [TensorOperation] = [
  TensorOperation("gridSample", [1, 2, 3, 4], [1, 2, 3, 2], in: [-1..<1, -0.9..<0.9]) { gridSample($0[0], at: $0[1]) }
    .within(1e-12),
  TensorOperation("gridSample by cubics", [1, 1, 4, 4], [1, 2, 2, 2], in: [-1..<1, -0.9..<0.9]) {
    gridSample($0[0], at: $0[1], mode: .cubic, padding: .border)
  }.within(1e-12),
  TensorOperation("affineGrid", [1, 2, 3]) { affineGrid($0[0], size: [3, 2]) }.within(1e-13),
]
