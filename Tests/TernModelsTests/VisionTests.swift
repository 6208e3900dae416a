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
}
