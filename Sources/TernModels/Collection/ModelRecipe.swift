import TernBackend
import TernNN
import TernTensor

/// A network of the collection as it is made: from images, or from tokens.
public enum CollectionModel<Scalar: FloatingScalar> {
  /// From images [N, channels, H, W], or other tensors of numbers.
  case layer(any Layer<Scalar>)
  /// From tokens [N, L].
  case tokens(any TokenModel<Scalar>)

  /// The network.
  public var module: any Module {
    switch self {
    case .layer(let layer): layer
    case .tokens(let model): model
    }
  }

  /// The network's name for a name in a published file of its weights, which may be an older one or leave a prefix out, and
  /// `nil` for what the network has not; `nil` where all names are the network's.
  ///
  /// ```swift
  /// try made.module.load(from: "model.safetensors", renaming: made.renaming)
  /// ```
  public var renaming: ((String) -> String?)? {
    (type(of: module) as? any PublishedNames.Type).map { type in { type.stateName($0) } }
  }
}

/// A network from tokens [N, L] to numbers for each of them.
public protocol TokenModel<Scalar>: Module {
  /// Float or Double.
  associatedtype Scalar: FloatingScalar

  /// How many tokens there are; they are 0 ..< vocabulary.
  var vocabulary: Int { get }
  /// The longest sequence.
  var longestSequence: Int { get }
  /// Whether the results are scores of the next token.
  var predictsTokens: Bool { get }
  /// What the network makes of the tokens, [N, L, …].
  func callAsFunction(_ tokens: Tensor<Int>, file: StaticString, line: UInt) -> Tensor<Scalar>
}

extension TokenModel {
  /// Why the network cannot take the tokens; `nil` where it can.
  package func refusal(of tokens: Tensor<Int>) -> String? {
    guard tokens.rank == 2, tokens.count > 0 else { return "tokens \(tokens.shape) are not [N, L]" }
    if tokens.shape[1] > longestSequence {
      return "\(tokens.shape[1]) tokens in a row are more than the network's \(longestSequence)"
    }
    guard let wrong = tokens.scalars.first(where: { $0 < 0 || $0 >= vocabulary }) else { return nil }
    return "token \(wrong) is not one of the \(vocabulary)"
  }
}

/// A network whose published files name parts of the state otherwise than it does.
protocol PublishedNames: Module {
  /// The network's name for a name of a file; `nil` for what it has not.
  static func stateName(_ name: String) -> String?
}

/// How a network of the collection is made.
enum ModelRecipe: Sendable {
  case resNet(ResNetConfiguration)
  case vgg(VGGConfiguration)
  case mobileNetV2(MobileNetV2Configuration)
  case mobileNetV3(MobileNetV3Configuration)
  case denseNet(DenseNetConfiguration)
  case efficientNet(EfficientNetConfiguration)
  case convNeXt(ConvNeXtConfiguration)
  case visionTransformer(VisionTransformerConfiguration)
  case patchTransformer(VisionTransformerConfiguration)
  case ghostNet(GhostNetConfiguration)
  case uNet(UNetConfiguration)
  case gpt2(GPT2Configuration)
  case bert(BERTConfiguration)
  case lstmLanguageModel(LSTMLanguageModelConfiguration)
  case autoencoder
  case dcganGenerator
  case dcganDiscriminator

  /// Whether the network has no classes.
  var hasNoClasses: Bool {
    switch self {
    case .gpt2, .bert, .lstmLanguageModel, .autoencoder, .dcganGenerator, .dcganDiscriminator: true
    default: false
    }
  }

  /// Whether its input is noise instead of an image.
  var takesNoise: Bool { if case .dcganGenerator = self { true } else { false } }

  /// Whether its weights are those of one size of images.
  var hasOneSize: Bool {
    switch self {
    case .visionTransformer, .patchTransformer: true
    default: false
    }
  }

  /// The least height and width of images, of which every layer leaves something.
  var leastSize: Int {
    switch self {
    case .vgg, .convNeXt: 32
    case .denseNet: 29
    case .uNet: 16
    case .autoencoder: 25
    case .dcganDiscriminator: 64
    default: 1
    }
  }

  /// The network; `nil` numbers are those of the published one.
  func make<Scalar: FloatingScalar>(classes: Int?, channels: Int?, of _: Scalar.Type) -> CollectionModel<Scalar> {
    let published = (classes: classes, channels: channels)
    let (classes, channels) = (classes ?? 1000, channels ?? 3)
    switch self {
    case .ghostNet(let configuration):
      return .layer(GhostNet<Scalar>(configuration, classes: classes, channels: channels))
    case .uNet(let configuration):
      return .layer(UNet<Scalar>(configuration, classes: published.classes ?? 2, channels: channels))
    case .lstmLanguageModel(let configuration): return .tokens(LSTMLanguageModel<Scalar>(configuration))
    case .autoencoder: return .layer(Autoencoder<Scalar>(channels: published.channels ?? 1))
    case .dcganGenerator: return .layer(DCGANGenerator<Scalar>(channels: channels))
    case .dcganDiscriminator: return .layer(DCGANDiscriminator<Scalar>(channels: channels))
    case .resNet(let configuration):
      return .layer(ResNet<Scalar>(configuration, classes: classes, channels: channels))
    case .vgg(let configuration):
      return .layer(VGG<Scalar>(configuration, classes: classes, channels: channels))
    case .mobileNetV2(let configuration):
      return .layer(MobileNetV2<Scalar>(configuration, classes: classes, channels: channels))
    case .mobileNetV3(let configuration):
      return .layer(MobileNetV3<Scalar>(configuration, classes: classes, channels: channels))
    case .denseNet(let configuration):
      return .layer(DenseNet<Scalar>(configuration, classes: classes, channels: channels))
    case .efficientNet(let configuration):
      return .layer(EfficientNet<Scalar>(configuration, classes: classes, channels: channels))
    case .convNeXt(let configuration):
      return .layer(ConvNeXt<Scalar>(configuration, classes: classes, channels: channels))
    case .visionTransformer(let configuration):
      return .layer(VisionTransformer<Scalar>(configuration, classes: classes, channels: channels))
    case .patchTransformer(let configuration):
      return .layer(PatchTransformer<Scalar>(configuration, classes: classes, channels: channels))
    case .gpt2(let configuration): return .tokens(GPT2<Scalar>(configuration))
    case .bert(let configuration): return .tokens(BERT<Scalar>(configuration))
    }
  }
}
