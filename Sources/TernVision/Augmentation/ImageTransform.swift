import TernBackend
import TernTensor

/// What makes a picture of another one. A random one draws from the task's generator, see ``Random/withSample(_:stage:_:file:line:)``.
///
///     let transform = ImageTransforms {
///       RandomResizedCrop(height: 224, width: 224)
///       RandomHorizontalFlip()
///       ColorJitter(brightness: 0.4, contrast: 0.4, saturation: 0.4, hue: 0.1)
///     }
///     let seen = transform(picture)
public protocol ImageTransform: Sendable {
  /// The picture that takes the place of `image`.
  func callAsFunction(_ image: Image) -> Image
}

/// Transforms one after the other. Each has random numbers of its own, which depend on those before it in the list only by
/// their count: a stage that draws more or less changes no other.
public struct ImageTransforms: ImageTransform {
  /// What is done, the first first.
  public let stages: [any ImageTransform]

  /// The stages in their order.
  ///
  /// - Parameter stages: The stages.
  public init(_ stages: [any ImageTransform]) { self.stages = stages }

  /// The stages in their order.
  ///
  /// - Parameter stages: The stages.
  public init(@ImageTransformBuilder _ stages: () -> [any ImageTransform]) { self.init(stages()) }

  /// The picture after all stages.
  public func callAsFunction(_ image: Image) -> Image {
    if stages.isEmpty { return image }
    let state = Random.generator.claim()
    var image = image
    for (number, stage) in stages.enumerated() {
      let generator = RandomGenerator(seed: state.seed, stream: state.draws, counter: UInt64(number))
      image = Random.with(generator) { stage(image) }
    }
    return image
  }
}

/// Lists transforms in braces.
@resultBuilder
public enum ImageTransformBuilder {
  /// One transform.
  public static func buildExpression(_ stage: any ImageTransform) -> [any ImageTransform] { [stage] }
  /// Transforms one after the other.
  public static func buildBlock(_ parts: [any ImageTransform]...) -> [any ImageTransform] { parts.flatMap { $0 } }
  /// Transforms behind an `if`.
  public static func buildOptional(_ part: [any ImageTransform]?) -> [any ImageTransform] { part ?? [] }
  /// Transforms behind an `if` that holds.
  public static func buildEither(first: [any ImageTransform]) -> [any ImageTransform] { first }
  /// Transforms behind an `else`.
  public static func buildEither(second: [any ImageTransform]) -> [any ImageTransform] { second }
  /// Transforms of a `for`.
  public static func buildArray(_ parts: [[any ImageTransform]]) -> [any ImageTransform] { parts.flatMap { $0 } }
}

/// Random numbers of a transform.
enum Draw {
  /// A number of a range, evenly.
  static func number(_ range: ClosedRange<Double>) -> Double {
    let unit = Double(next() >> 11) * 0x1p-53
    return range.lowerBound + (range.upperBound - range.lowerBound) * unit
  }

  /// A whole number from 0 to below `count`.
  static func index(below count: Int) -> Int { RandomGenerator.index(below: count, next()) }

  /// True with a probability.
  static func chance(_ probability: Double) -> Bool { Double(next() >> 11) * 0x1p-53 < probability }

  /// A random order of 0 ..< count.
  static func order(_ count: Int) -> [Int] { Random.generator.permutation(count) }

  private static func next() -> UInt64 { Random.generator.next() }
}
