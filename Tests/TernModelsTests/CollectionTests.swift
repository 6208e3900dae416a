import TernNN
import TernTensor
import Testing

@testable import TernModels

@Suite("The collection")
struct CollectionTests {
  /// Parameters, and multiply–adds in billions at the size of the published input, as torchvision has them; timm's as
  /// PyTorch's FlopCounterMode counts.
  private static let published: [(name: String, parameters: Int, billions: Double?)] = [
    ("resnet18", 11_689_512, 1.814), ("resnet34", 21_797_672, 3.664), ("resnet50", 25_557_032, 4.089),
    ("resnet101", 44_549_160, 7.801), ("wide_resnet50_2", 68_883_240, 11.398), ("vgg11", 132_863_336, 7.609),
    ("vgg11_bn", 132_868_840, 7.609), ("vgg13", 133_047_848, 11.308), ("vgg13_bn", 133_053_736, 11.308),
    ("vgg16", 138_357_544, 15.47), ("vgg16_bn", 138_365_992, 15.47), ("mobilenet_v2", 3_504_872, 0.301),
    ("mobilenet_v3_large", 5_483_032, 0.217), ("mobilenet_v3_small", 2_542_856, 0.057),
    ("densenet121", 7_978_856, 2.834), ("efficientnet_b0", 5_288_548, 0.386), ("convnext_tiny", 28_589_128, 4.456),
    ("vit_b_16", 86_567_656, 17.564), ("vit_tiny_patch16_224", 5_717_416, 1.254), ("ghostnet_100", 5_182_508, 0.141),
    ("unet", 31_037_698, nil),
    ("gpt2", 124_439_808, nil),
    ("gpt2_medium", 354_823_168, nil), ("bert_base_uncased", 109_482_240, nil),
    ("lstm_language_model", 13_987_678, nil), ("autoencoder", 210_369, nil),
    ("dcgan_generator", 3_576_704, nil), ("dcgan_discriminator", 2_765_568, nil),
  ]

  @Test("Every network has its published parameters", arguments: published.map(\.name).filter { !isSlow($0) })
  func parameters(name: String) throws {
    let expected = try #require(Self.published.first { $0.name == name })
    let entry = try #require(ModelCollection[name])
    #expect(entry.make(of: Float.self).module.parameterCount == expected.parameters)
  }

  /// Networks that differ from another in what counts little here, and start slowly.
  private static func isSlow(_ name: String) -> Bool {
    ["vgg11", "vgg13", "vgg13_bn", "vgg16", "gpt2_medium"].contains(name)
  }

  @Test("Names are different, and every network of the list has numbers to be held to")
  func names() {
    #expect(Set(ModelCollection.all.map(\.name)).count == ModelCollection.all.count)
    #expect(ModelCollection.all.map(\.name) == Self.published.map(\.name))
    #expect(ModelCollection["resnet19"] == nil)
  }

  @Test("Networks of images take other numbers of classes and channels, and can be copied")
  func otherSizes() throws {
    for name in [
      "resnet18", "mobilenet_v2", "mobilenet_v3_small", "densenet121", "efficientnet_b0", "convnext_tiny",
      "ghostnet_100",
    ] {
      guard case .layer(let model) = try #require(ModelCollection[name]).make(classes: 5, channels: 1, of: Float.self)
      else { throw Unexpected(name: name) }
      model.eval()
      let input = Tensor<Float>(randomNormal: [1, 1, 64, 64], generator: RandomGenerator(seed: 1))
      let (own, copied) = outputs(model, input)
      #expect(own.shape == [1, 5])
      #expect(own.scalars == copied.scalars, "\(name)")
    }
  }

  @Test(
    "Multiply–adds are as published",
    arguments: [
      "resnet18", "mobilenet_v2", "mobilenet_v3_large", "mobilenet_v3_small", "densenet121", "efficientnet_b0",
      "convnext_tiny", "vit_tiny_patch16_224", "ghostnet_100",
    ])
  func multiplyAdds(name: String) throws {
    let expected = try #require(Self.published.first { $0.name == name }?.billions)
    guard case .layer(let model) = try #require(ModelCollection[name]).make(of: Float.self) else {
      throw Unexpected(name: name)
    }
    let found = counted(model)
    #expect(found.uncounted == [])
    #expect(abs(Double(found.multiplyAdds) / 1e9 - expected) <= 0.0005 + 1e-9, "\(name): \(found.multiplyAdds)")
  }

  private func counted(_ model: some Layer<Float>) -> ModelCost { cost(of: model, input: [1, 3, 224, 224]) }

  private func outputs(_ model: some Layer<Float>, _ input: Tensor<Float>) -> (Tensor<Float>, Tensor<Float>) {
    let copy = model.copy()
    return withoutGradients { (model(input), copy(input)) }
  }
}

struct Unexpected: Error {
  let name: String
}
