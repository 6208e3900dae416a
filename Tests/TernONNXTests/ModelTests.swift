import Foundation
import SwiftProtobuf
import Tern
import TernMessages
import TernModels
import Testing

@testable import TernONNX

/// The networks of the collection, small.
@Suite("The collection in ONNX")
struct ModelTests {
  static let images: [(name: String, shape: [Int], make: @Sendable () -> any Layer<Float>)] = [
    ("resnet", [3, 32, 40], { ResNet(ResNetConfiguration(isBottleneck: false, depths: [1, 1, 1, 1]), classes: 10) }),
    (
      "resnet of bottlenecks", [3, 32, 32],
      {
        ResNet(
          ResNetConfiguration(isBottleneck: true, depths: [1, 2, 1, 1], widthPerGroup: 32, groups: 2), classes: 7)
      }
    ),
    ("vgg", [3, 32, 36], { VGG(VGGConfiguration(stages: [[8], [12, 16]], hidden: 24), classes: 10) }),
    (
      "vgg normalized", [3, 32, 32],
      { VGG(VGGConfiguration(stages: [[8, 8], [12]], isNormalized: true, hidden: 24), classes: 10) }
    ),
    ("mobilenet_v2", [3, 40, 32], { MobileNetV2(MobileNetV2Configuration(width: 0.35), classes: 10) }),
    (
      "mobilenet_v3", [3, 32, 32],
      {
        MobileNetV3(
          MobileNetV3Configuration(
            blocks: [
              .init(3, 16, 16, squeezes: true, isHardSwish: false, stride: 2),
              .init(5, 40, 24, squeezes: false, isHardSwish: true),
              .init(5, 72, 24, squeezes: true, isHardSwish: true),
            ], hidden: 32), classes: 10)
      }
    ),
    ("densenet", [3, 32, 33], { DenseNet(DenseNetConfiguration(growth: 8, depths: [2, 3], stem: 16), classes: 10) }),
    (
      "efficientnet", [3, 32, 32],
      {
        EfficientNet(
          EfficientNetConfiguration(
            stem: 16,
            stages: [
              .init(expansion: 1, kernel: 3, stride: 1, channels: 8, depth: 1),
              .init(expansion: 6, kernel: 5, stride: 2, channels: 16, depth: 2),
            ]), classes: 10)
      }
    ),
    ("convnext", [3, 32, 32], { ConvNeXt(ConvNeXtConfiguration(channels: [12, 20], depths: [1, 2]), classes: 10) }),
    (
      "vit", [3, 24, 24],
      {
        VisionTransformer(
          VisionTransformerConfiguration(imageSize: 24, patchSize: 8, features: 32, inner: 48, layers: 2, heads: 4),
          classes: 10)
      }
    ),
    (
      "vit of timm", [3, 24, 24],
      {
        PatchTransformer(
          VisionTransformerConfiguration(imageSize: 24, patchSize: 8, features: 32, layers: 2, heads: 4), classes: 10)
      }
    ),
    (
      "ghostnet", [3, 32, 32],
      {
        GhostNet(
          GhostNetConfiguration(
            stages: [
              [.init(3, 16, 16)], [.init(3, 36, 20, stride: 2)],
              [.init(5, 40, 20, squeeze: 0.25), .init(5, 60, 24, squeeze: 0.25, stride: 2)],
            ]), classes: 10)
      }
    ),
    ("unet", [3, 21, 26], { UNet(UNetConfiguration(width: 4, depth: 2), classes: 3) }),
    ("autoencoder", [2, 28, 28], { Autoencoder(channels: 2, width: 4) }),
    ("dcgan generator", [10, 1, 1], { DCGANGenerator(noise: 10, width: 4) }),
    ("dcgan discriminator", [3, 64, 64], { DCGANDiscriminator(width: 4) }),
  ]

  static let texts: [(name: String, make: @Sendable () -> any TokenModel<Float>)] = [
    ("gpt2", { GPT2(GPT2Configuration(vocabulary: 67, positions: 24, features: 32, layers: 2, heads: 4)) }),
    (
      "bert",
      { BERT(BERTConfiguration(vocabulary: 67, positions: 24, features: 32, inner: 48, layers: 2, heads: 4)) }
    ),
    (
      "lstm language model",
      { LSTMLanguageModel(LSTMLanguageModelConfiguration(vocabulary: 67, features: 12, hidden: 16, layers: 2)) }
    ),
  ]

  @Test("Networks for images go out, normalizations folded into convolutions", arguments: images.map { $0.name })
  func image(name: String) throws {
    let (_, shape, make) = Self.images.first { $0.name == name }!
    func export<L: Layer<Float>>(_ layer: L) throws {
      // What begins at zero, such as a classifier, would hide all that is before it.
      for parameter in layer.typedParameters where parameter.value.abs().max().item == 0 {
        let values = (0..<parameter.count).map { (index: Int) -> Float in Float(index * 7 % 11 - 5) / 10 }
        parameter.value = Tensor(values, shape: parameter.shape)
      }
      let model = try ONNXModel(exporting: layer, sampleShape: shape)
      let graph = try Onnx_ModelProto(serializedBytes: model.bytes()).graph
      expectWhole(graph, name)
      let names = Set(graph.initializer.map { $0.name })
      for (parameter, value) in layer.namedParameters where value.shape.count > 1 {
        #expect(names.contains(parameter), "\(name): \(parameter)")
      }
      // What is put together or comes from a transposed convolution is normalized by itself.
      if name != "densenet" && name != "dcgan generator" {
        #expect(!graph.node.contains { $0.opType == "BatchNormalization" })
      }
      try writeForCheck("model " + name, model, shape, layer)
    }
    try export(make())
  }

  @Test("Networks for text go out, from tokens", arguments: texts.map { $0.name })
  func text(name: String) throws {
    let make = Self.texts.first { $0.name == name }!.make
    func export(_ network: some TokenModel<Float>) throws {
      let run = { (tokens: Tensor<Int>) in network(tokens, file: #fileID, line: #line) }
      let tokens = Tensor<Int>((0..<11).map { $0 * 5 % 67 }, shape: [1, 11])
      let model = try ONNXModel(exporting: network, inputs: "input", outputs: "output", examples: tokens) { tokens in
        network(tokens, file: #fileID, line: #line)
      }
      let graph = try Onnx_ModelProto(serializedBytes: model.bytes()).graph
      expectWhole(graph, name)
      #expect(graph.input[0].type.tensorType.elemType == 7)
      guard let folder = ProcessInfo.processInfo.environment["TERN_ONNX_CHECK"] else { return }
      let path = "\(folder)/model_\(name.split(separator: " ").joined(separator: "_"))"
      try model.write(to: path + ".onnx")
      for batch in [1, 3, 64] {
        let x = Tensor<Int>((0..<batch * 11).map { $0 * 31 % 67 }, shape: [batch, 11])
        let y = network.with(.evaluation) { withoutGradients { run(x) } }
        try NPZFile.write([("x", StoredArray(x)), ("y", StoredArray(y))], to: "\(path).\(batch).npz")
      }
    }
    try export(make())
  }
}
