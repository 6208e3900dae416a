import TernNN
import TernTensor
import Testing

@testable import TernModels

@Suite("Networks for images")
struct VisionTests {
  @Test("ResNet, in basic blocks and in grouped bottlenecks, is torchvision's")
  func resNet() throws {
    let basic = ResNetConfiguration(isBottleneck: false, depths: [1, 1, 1, 1])
    try expectAgreement(
      "resnet-basic", { ResNet<Double>(basic, classes: 10) }, { ResNet<Float>(basic, classes: 10) })
    let grouped = ResNetConfiguration(isBottleneck: true, depths: [1, 2, 1, 1], widthPerGroup: 32, groups: 2)
    try expectAgreement(
      "resnet-bottleneck", { ResNet<Double>(grouped, classes: 7) }, { ResNet<Float>(grouped, classes: 7) })
  }

  @Test("VGG is torchvision's, with batch normalization and without")
  func vgg() throws {
    let plain = VGGConfiguration(stages: [[8], [12, 16]], hidden: 24, dropout: 0)
    try expectAgreement("vgg", { VGG<Double>(plain, classes: 10) }, { VGG<Float>(plain, classes: 10) })
    let normalized = VGGConfiguration(stages: [[8, 8], [12]], isNormalized: true, hidden: 24, dropout: 0)
    try expectAgreement("vgg-bn", { VGG<Double>(normalized, classes: 10) }, { VGG<Float>(normalized, classes: 10) })
  }

  @Test("MobileNetV2 is torchvision's")
  func mobileNetV2() throws {
    let narrow = MobileNetV2Configuration(width: 0.35, dropout: 0)
    try expectAgreement(
      "mobilenet_v2", { MobileNetV2<Double>(narrow, classes: 10) }, { MobileNetV2<Float>(narrow, classes: 10) })
  }

  @Test("MobileNetV3 is torchvision's")
  func mobileNetV3() throws {
    let small = MobileNetV3Configuration(
      blocks: [
        .init(3, 16, 16, squeezes: true, isHardSwish: false, stride: 2),
        .init(5, 40, 24, squeezes: false, isHardSwish: true), .init(5, 72, 24, squeezes: true, isHardSwish: true),
      ], hidden: 32, dropout: 0)
    try expectAgreement(
      "mobilenet_v3", { MobileNetV3<Double>(small, classes: 10) }, { MobileNetV3<Float>(small, classes: 10) })
  }

  @Test("DenseNet is torchvision's")
  func denseNet() throws {
    let small = DenseNetConfiguration(growth: 8, depths: [2, 3], stem: 16)
    try expectAgreement(
      "densenet", { DenseNet<Double>(small, classes: 10) }, { DenseNet<Float>(small, classes: 10) })
    #expect(
      DenseNet<Float>.stateName("features.denseblock1.denselayer2.norm.1.weight")
        == "features.denseblock1.denselayer2.norm1.weight")
  }

  @Test("EfficientNet is torchvision's")
  func efficientNet() throws {
    let small = EfficientNetConfiguration(
      stem: 16,
      stages: [
        .init(expansion: 1, kernel: 3, stride: 1, channels: 8, depth: 1),
        .init(expansion: 6, kernel: 5, stride: 2, channels: 16, depth: 2),
        .init(expansion: 4, kernel: 3, stride: 1, channels: 24, depth: 1),
      ], dropout: 0, stochasticDepth: 0)
    try expectAgreement(
      "efficientnet", { EfficientNet<Double>(small, classes: 10) }, { EfficientNet<Float>(small, classes: 10) })
  }

  @Test("ConvNeXt is torchvision's")
  func convNeXt() throws {
    let small = ConvNeXtConfiguration(channels: [12, 20], depths: [1, 2], stochasticDepth: 0)
    try expectAgreement("convnext", { ConvNeXt<Double>(small, classes: 10) }, { ConvNeXt<Float>(small, classes: 10) })
  }

  @Test("Vision transformers are torchvision's and timm's")
  func visionTransformer() throws {
    let small = VisionTransformerConfiguration(
      imageSize: 24, patchSize: 8, features: 32, inner: 48, layers: 2, heads: 4)
    try expectAgreement(
      "vit", { VisionTransformer<Double>(small, classes: 10) }, { VisionTransformer<Float>(small, classes: 10) })
    let wide = VisionTransformerConfiguration(imageSize: 24, patchSize: 8, features: 32, layers: 2, heads: 4)
    try expectAgreement(
      "vit-timm", { PatchTransformer<Double>(wide, classes: 10) }, { PatchTransformer<Float>(wide, classes: 10) })
    #expect(
      VisionTransformer<Float>.stateName("encoder.layers.encoder_layer_3.mlp.linear_2.bias")
        == "encoder.layers.encoder_layer_3.mlp.3.bias")
  }

  @Test("GhostNet is timm's")
  func ghostNet() throws {
    let small = GhostNetConfiguration(
      stages: [
        [.init(3, 16, 16)], [.init(3, 36, 20, stride: 2)],
        [.init(5, 40, 20, squeeze: 0.25), .init(5, 60, 24, squeeze: 0.25, stride: 2)],
      ], dropout: 0)
    try expectAgreement("ghostnet", { GhostNet<Double>(small, classes: 10) }, { GhostNet<Float>(small, classes: 10) })
  }

  @Test("U-Net is the widespread one, for odd extents too")
  func uNet() throws {
    let small = UNetConfiguration(width: 4, depth: 2)
    try expectAgreement("unet", { UNet<Double>(small, classes: 3) }, { UNet<Float>(small, classes: 3) })
  }

  @Test("The autoencoder and the networks of a DCGAN are those written in PyTorch")
  func generative() throws {
    try expectAgreement(
      "autoencoder", { Autoencoder<Double>(channels: 2, width: 4) }, { Autoencoder<Float>(channels: 2, width: 4) })
    try expectAgreement(
      "dcgan-generator", { DCGANGenerator<Double>(noise: 10, width: 4) }, { DCGANGenerator<Float>(noise: 10, width: 4) }
    )
    try expectAgreement(
      "dcgan-discriminator", { DCGANDiscriminator<Double>(width: 4) }, { DCGANDiscriminator<Float>(width: 4) })
  }
}
