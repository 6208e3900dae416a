import TernBackend
import TernNN
import TernTensor

/// A network of the collection under the name of the function that makes it in Python.
public struct CollectionEntry: Sendable {
  /// The function's name there: `resnet18`.
  public let name: String
  /// The package that has it: `torchvision`, `timm` or `transformers`; `nil` where none does.
  public let package: String?
  /// What it is, in a few words.
  public let summary: String
  /// The shape of one input, the batch included: [1, 3, 224, 224], or [1, tokens].
  public let inputShape: [Int]
  /// Whether inputs are tokens.
  public let takesTokens: Bool
  let recipe: ModelRecipe

  init(
    _ name: String, _ package: String?, _ summary: String, input: [Int] = [1, 3, 224, 224], takesTokens: Bool = false,
    _ recipe: ModelRecipe
  ) {
    (self.name, self.package, self.summary) = (name, package, summary)
    (self.inputShape, self.takesTokens, self.recipe) = (input, takesTokens, recipe)
  }

  /// Makes the network, untrained.
  ///
  /// - Parameters:
  ///   - classes: how many classes have a score; those of the published network when `nil`.
  ///   - channels: channels of the images; those of the published network when `nil`.
  ///   - scalar: Float or Double.
  public func make<Scalar: FloatingScalar>(
    classes: Int? = nil, channels: Int? = nil, of scalar: Scalar.Type = Float.self,
    file: StaticString = #fileID, line: UInt = #line
  ) -> CollectionModel<Scalar> {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    if let refusal = refusal(classes: classes, channels: channels) { fail("ModelCollection", refusal) }
    return recipe.make(classes: classes, channels: channels, of: scalar)
  }

  /// Why the network cannot have so many classes or channels; `nil` where it can.
  package func refusal(classes: Int?, channels: Int?) -> String? {
    if let classes, classes < 1 { return "\(name) with \(classes) classes" }
    if let channels, channels < 1 { return "\(name) for \(channels) channels" }
    if takesTokens, channels != nil { return "\(name) takes tokens, which have no channels" }
    if recipe.hasNoClasses, classes != nil { return "\(name) has no classes" }
    return nil
  }

  /// The shape of one sample, without the batch, where images have so many channels, height and width, or so many tokens
  /// are in a row; `nil` numbers are those of ``inputShape``.
  package func sampleShape(channels: Int?, size: Int?) -> [Int] {
    var shape = Array(inputShape.dropFirst())
    // Noise has its own width.
    if let channels, !takesTokens, !recipe.takesNoise { shape[0] = channels }
    if let size { for axis in shape.indices.dropFirst(takesTokens ? 0 : 1) { shape[axis] = size } }
    return shape
  }

  /// Why the network cannot take images of this height and width; `nil` where it can.
  package func refusal(size: Int) -> String? {
    let least = recipe.leastSize
    if recipe.hasOneSize, size != inputShape[2] {
      return "\(name) takes images of \(inputShape[2])×\(inputShape[3]) alone"
    }
    return size < least ? "\(name) takes images of \(least)×\(least) at least" : nil
  }
}

/// The networks of the collection, by name.
///
/// ```swift
/// if case .layer(let model) = ModelCollection["resnet18"]?.make(classes: 10, of: Float.self) {
///   print(model.parameterCount)  // 11181642
/// }
/// ```
public enum ModelCollection {
  /// All networks, family by family.
  public static let all: [CollectionEntry] = [
    CollectionEntry("resnet18", "torchvision", "residual network of 18 layers", .resNet(.resNet18)),
    CollectionEntry("resnet34", "torchvision", "residual network of 34 layers", .resNet(.resNet34)),
    CollectionEntry("resnet50", "torchvision", "residual network of 50 layers in bottlenecks", .resNet(.resNet50)),
    CollectionEntry("resnet101", "torchvision", "residual network of 101 layers in bottlenecks", .resNet(.resNet101)),
    CollectionEntry("wide_resnet50_2", "torchvision", "ResNet-50, twice as wide inside", .resNet(.wideResNet50x2)),
    CollectionEntry("vgg11", "torchvision", "11 layers of 3×3 convolutions and dense layers", .vgg(.vgg11)),
    CollectionEntry("vgg11_bn", "torchvision", "VGG-11 with batch normalization", .vgg(.vgg11Normalized)),
    CollectionEntry("vgg13", "torchvision", "13 layers of 3×3 convolutions and dense layers", .vgg(.vgg13)),
    CollectionEntry("vgg13_bn", "torchvision", "VGG-13 with batch normalization", .vgg(.vgg13Normalized)),
    CollectionEntry("vgg16", "torchvision", "16 layers of 3×3 convolutions and dense layers", .vgg(.vgg16)),
    CollectionEntry("vgg16_bn", "torchvision", "VGG-16 with batch normalization", .vgg(.vgg16Normalized)),
    CollectionEntry("mobilenet_v2", "torchvision", "inverted residual blocks", .mobileNetV2(.standard)),
    CollectionEntry("mobilenet_v3_large", "torchvision", "inverted residual blocks by search", .mobileNetV3(.large)),
    CollectionEntry("mobilenet_v3_small", "torchvision", "the same, smaller", .mobileNetV3(.small)),
    CollectionEntry("densenet121", "torchvision", "blocks whose layers see all before them", .denseNet(.denseNet121)),
    CollectionEntry("efficientnet_b0", "torchvision", "inverted residual blocks, scaled together", .efficientNet(.b0)),
    CollectionEntry("convnext_tiny", "torchvision", "7×7 depthwise convolutions and dense layers", .convNeXt(.tiny)),
    CollectionEntry("vit_b_16", "torchvision", "transformer over patches of 16×16", .visionTransformer(.base16)),
    CollectionEntry("vit_tiny_patch16_224", "timm", "transformer over patches, small", .patchTransformer(.tiny16)),
    CollectionEntry("ghostnet_100", "timm", "bottlenecks of cheap features", .ghostNet(.standard)),
    CollectionEntry("unet", nil, "scores of every pixel", input: [1, 3, 96, 96], .uNet(.standard)),
    CollectionEntry(
      "gpt2", "transformers", "foretells the next token", input: [1, 64], takesTokens: true, .gpt2(.small)),
    CollectionEntry(
      "gpt2_medium", "transformers", "GPT-2 of 24 blocks", input: [1, 64], takesTokens: true, .gpt2(.medium)),
    CollectionEntry(
      "bert_base_uncased", "transformers", "encodes text", input: [1, 64], takesTokens: true, .bert(.base)),
    CollectionEntry(
      "lstm_language_model", nil, "recurrent layers that foretell the next token", input: [1, 35], takesTokens: true,
      .lstmLanguageModel(.standard)),
    CollectionEntry("autoencoder", nil, "images from a code of 64 values", input: [1, 1, 28, 28], .autoencoder),
    CollectionEntry("dcgan_generator", nil, "images from noise", input: [1, 100, 1, 1], .dcganGenerator),
    CollectionEntry(
      "dcgan_discriminator", nil, "images told from made ones", input: [1, 3, 64, 64], .dcganDiscriminator),
  ]

  /// The network of a name; `nil` for one that is not in the collection.
  public static subscript(name: String) -> CollectionEntry? { all.first { $0.name == name } }
}
