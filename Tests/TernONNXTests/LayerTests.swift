import Foundation
import SwiftProtobuf
import Tern
import TernMessages
import Testing

@testable import TernONNX

/// Every layer of the library that goes out, by itself.
@Suite("Layers in ONNX")
struct LayerTests {
  static let layers: [(name: String, shape: [Int], make: @Sendable () -> any Layer<Float>)] = [
    ("Dense", [7], { Dense(7, 5) }), ("Dense of rows", [3, 7], { Dense(7, 5, bias: false) }),
    ("Conv1D", [4, 11], { Conv1D(4, 6, kernelSize: 3, stride: 2, padding: 1) }),
    ("Conv2D", [4, 9, 10], { Conv2D(4, 6, kernelSize: 3, stride: 2, padding: 1, groups: 2) }),
    ("Conv2D same", [4, 9, 10], { Conv2D(4, 6, kernelSize: 4, padding: .same, dilation: 2) }),
    ("Conv3D", [2, 5, 6, 7], { Conv3D(2, 3, kernelSize: 3, stride: 2, padding: 1) }),
    ("ConvTranspose1D", [4, 6], { ConvTranspose1D(4, 3, kernelSize: 4, stride: 2, padding: 1) }),
    ("ConvTranspose2D", [4, 5, 6], { ConvTranspose2D(4, 3, kernelSize: 3, stride: 3, padding: 1, outputPadding: 2) }),
    ("ConvTranspose3D", [2, 3, 4, 3], { ConvTranspose3D(2, 3, kernelSize: 3, stride: 2) }),
    ("BatchNorm1d", [6, 5], { BatchNorm1d(6) }), ("BatchNorm2d", [6, 3, 4], { BatchNorm2d(6, affine: false) }),
    ("BatchNorm3d", [3, 2, 3, 4], { BatchNorm3d(3) }),
    ("LayerNorm", [4, 6], { LayerNorm(4, 6) }), ("GroupNorm", [6, 4, 5], { GroupNorm(groups: 3, 6) }),
    ("InstanceNorm1d", [5, 7], { InstanceNorm1d(5) }),
    ("InstanceNorm2d", [5, 4, 3], { InstanceNorm2d(5, affine: true) }),
    ("InstanceNorm2d with statistics", [5, 4, 3], { InstanceNorm2d(5, tracking: true) }),
    ("RMSNorm", [4, 6], { RMSNorm(6) }), ("LocalResponseNorm", [7, 4, 4], { LocalResponseNorm(5) }),
    ("MaxPool1D", [3, 11], { MaxPool1D(3, stride: 2, padding: 1) }),
    ("MaxPool2D", [3, 9, 10], { MaxPool2D(3, stride: 2, padding: 1, dilation: 2, ceilMode: true) }),
    ("MaxPool3D", [2, 5, 6, 7], { MaxPool3D(2) }), ("AvgPool1D", [3, 11], { AvgPool1D(4, stride: 3, ceilMode: true) }),
    ("AvgPool2D", [3, 9, 10], { AvgPool2D(3, stride: 2, padding: 1, ceilMode: true, countsPadding: false) }),
    ("AvgPool3D", [2, 5, 6, 7], { AvgPool3D(2, stride: 1) }),
    ("AdaptiveAvgPool1D", [3, 11], { AdaptiveAvgPool1D(4) }),
    ("AdaptiveAvgPool2D", [3, 9, 10], { AdaptiveAvgPool2D(4) }),
    ("AdaptiveMaxPool1D", [3, 11], { AdaptiveMaxPool1D(4) }),
    ("AdaptiveMaxPool2D", [3, 9, 10], { AdaptiveMaxPool2D(5) }),
    ("AdaptiveAvgPool3D", [2, 5, 6, 7], { AdaptiveAvgPool3D(2) }),
    ("LPPool2D", [3, 8, 8], { LPPool2D(p: 2, kernelSize: 2) }),
    ("Upsample nearest", [3, 5, 6], { Upsample(scale: 3) }),
    ("Upsample linear", [3, 5, 6], { Upsample(size: [7, 11], mode: .linear, alignsCorners: true) }),
    ("Upsample cubic", [3, 5, 6], { Upsample(scale: 2, mode: .cubic) }),
    ("ZeroPad2D", [3, 5, 6], { ZeroPad2D(2) }), ("ReflectionPad2D", [3, 5, 6], { ReflectionPad2D(2) }),
    ("ReplicationPad1D", [3, 5], { ReplicationPad1D(2) }), ("CircularPad2D", [3, 5, 6], { CircularPad2D(1) }),
    ("ConstantPad2D", [3, 5, 6], { ConstantPad2D(1, value: 0.5) }),
    ("PixelShuffle", [8, 3, 4], { PixelShuffle(2) }), ("PixelUnshuffle", [2, 4, 6], { PixelUnshuffle(2) }),
    ("ChannelShuffle", [6, 4, 4], { ChannelShuffle(3) }), ("Unfold", [3, 6, 7], { Unfold(3, stride: 2) }),
    ("PReLU", [4, 5], { PReLU(channels: 4) }), ("RReLU", [5], { RReLU() }), ("GLU", [6, 4], { GLU(axis: 1) }),
    ("Softmax2D", [4, 3, 2], { Softmax2D() }), ("Bilinear similar", [6], { Dense(6, 6) }),
    ("StochasticDepth", [5], { StochasticDepth(0.3) }), ("AlphaDropout", [5], { AlphaDropout(0.3) }),
    ("RNN", [7, 5], { RNN(5, 4, layers: 2, activation: .relu, batchFirst: true) }),
    ("RNN both ways", [7, 5], { RNN(5, 4, batchFirst: true, bidirectional: true) }),
    ("GRU", [7, 5], { GRU(5, 4, layers: 2, batchFirst: true, bidirectional: true) }),
    ("LSTM", [7, 5], { LSTM(5, 4, layers: 2, bias: false, batchFirst: true) }),
    ("LSTM with projections", [4, 5], { LSTM(5, 6, projectionSize: 3, batchFirst: true) }),
    ("MultiHeadAttention", [5, 12], { MultiHeadAttention(12, heads: 3, batchFirst: true) }),
    (
      "TransformerEncoderLayer", [5, 12], { TransformerEncoderLayer(12, heads: 3, innerFeatures: 16, batchFirst: true) }
    ),
    ("SqueezeExcitation", [8, 5, 5], { SqueezeExcitation(8, reduced: 4) }),
    ("GhostBottleneck", [4, 10, 8], { GhostBottleneck(4, 9, 6, stride: 2, squeeze: 0.25) }),
  ]

  @Test("Every layer goes out", arguments: layers.map { $0.name })
  func layer(name: String) throws {
    let (_, shape, make) = Self.layers.first { $0.name == name }!
    func export<L: Layer<Float>>(_ layer: L) throws {
      // Running statistics that are not those of the beginning.
      withoutGradients { for _ in 0..<3 { _ = layer(Tensor(randomNormal: [4] + shape)) } }
      let model = try ONNXModel(exporting: layer, sampleShape: shape)
      let graph = try Onnx_ModelProto(serializedBytes: model.bytes()).graph
      expectWhole(graph, name)
      let names = Set(graph.initializer.map { $0.name })
      for (parameter, value) in layer.namedParameters where value.shape.count > 1 && !parameter.contains("_l") {
        #expect(names.contains(parameter), "\(name): \(parameter)")
      }
      try writeForCheck("layer " + name, model, shape, layer)
    }
    try export(make())
  }
}
