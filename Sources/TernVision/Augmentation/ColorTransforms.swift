import Foundation
import TernBackend

/// Changes brightness, contrast, saturation and hue at random, in a random order.
public struct ColorJitter: ImageTransform {
  /// Factors are drawn from 1 − brightness (at least 0) to 1 + brightness; contrast and saturation likewise.
  public var brightness: Double
  /// See ``brightness``.
  public var contrast: Double
  /// See ``brightness``.
  public var saturation: Double
  /// The hue is turned by −hue to hue of the circle.
  public var hue: Double

  /// Of these strengths, at least 0; the hue's at most 0.5.
  ///
  /// - Parameters:
  ///   - brightness: The strength of the change of brightness.
  ///   - contrast: The strength of the change of contrast.
  ///   - saturation: The strength of the change of saturation.
  ///   - hue: The strength of the change of hue.
  public init(
    brightness: Double = 0, contrast: Double = 0, saturation: Double = 0, hue: Double = 0,
    file: StaticString = #fileID, line: UInt = #line
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    let strengths = [brightness, contrast, saturation, hue]
    check(
      strengths.allSatisfy { $0 >= 0 && $0.isFinite } && hue <= 0.5, "ColorJitter",
      "strengths \(strengths), expected at least 0, of the hue at most 0.5")
    (self.brightness, self.contrast, self.saturation, self.hue) = (brightness, contrast, saturation, hue)
  }

  /// The picture in other colors.
  public func callAsFunction(_ image: Image) -> Image {
    var image = image
    for step in Draw.order(4) {
      switch step {
      case 0 where brightness > 0: image = image.adjustedBrightness(by: factor(brightness))
      case 1 where contrast > 0: image = image.adjustedContrast(by: factor(contrast))
      case 2 where saturation > 0: image = image.adjustedSaturation(by: factor(saturation))
      case 3 where hue > 0: image = image.adjustedHue(by: Draw.number(-hue...hue))
      default: break
      }
    }
    return image
  }

  private func factor(_ strength: Double) -> Double { Draw.number(max(1 - strength, 0)...1 + strength) }
}

/// Blurs pictures with a random deviation, see ``Image/blurred(size:deviation:file:line:)``.
public struct GaussianBlur: ImageTransform {
  /// Pixels a side, odd.
  public var size: Int
  /// From where the deviation is drawn.
  public var deviation: ClosedRange<Double>

  /// Of a size and a deviation above 0.
  ///
  /// - Parameters:
  ///   - size: The size of the kernel, in pixels.
  ///   - deviation: The range of the standard deviation, in pixels.
  public init(
    size: Int, deviation: ClosedRange<Double> = 0.1...2, file: StaticString = #fileID, line: UInt = #line
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    check(
      size > 0 && size % 2 == 1 && deviation.lowerBound > 0 && deviation.upperBound.isFinite, "GaussianBlur",
      "a size of \(size) and a deviation of \(deviation), expected an odd number, and more than 0")
    (self.size, self.deviation) = (size, deviation)
  }

  /// The picture blurred.
  public func callAsFunction(_ image: Image) -> Image {
    image.blurred(size: size, deviation: Draw.number(deviation))
  }
}

/// Fills a random rectangle with a probability (Zhong et al. 2017).
public struct RandomErasing: ImageTransform {
  /// Of being erased.
  public var probability: Double
  /// Which fraction of the area is erased.
  public var scale: ClosedRange<Double>
  /// Height over width, evenly in its logarithm.
  public var ratio: ClosedRange<Double>
  /// What takes the place, 0 to 1 of the maximum; `nil` for random values.
  public var fill: Double?

  /// With a probability, 0 to 1; stops for scales not from 0 to 1, ratios not above 0.
  ///
  /// - Parameters:
  ///   - probability: The probability.
  ///   - scale: The range of the share of the area.
  ///   - ratio: The range of width over height.
  ///   - fill: The value of erased pixels, 0 to 1; noise where it is nil.
  public init(
    _ probability: Double = 0.5, scale: ClosedRange<Double> = 0.02...0.33, ratio: ClosedRange<Double> = 0.3...3.3,
    fill: Double? = 0, file: StaticString = #fileID, line: UInt = #line
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    checkProbability(probability, "RandomErasing")
    check(
      scale.lowerBound >= 0 && scale.upperBound <= 1 && ratio.lowerBound > 0 && ratio.upperBound.isFinite,
      "RandomErasing", "a scale of \(scale) and a ratio of \(ratio), expected 0 to 1, and more than 0")
    (self.probability, self.scale, self.ratio, self.fill) = (probability, scale, ratio, fill)
  }

  /// The picture, or the picture with a rectangle filled.
  public func callAsFunction(_ image: Image) -> Image {
    guard Draw.chance(probability) else { return image }
    let logarithms = log(ratio.lowerBound)...log(ratio.upperBound)
    for _ in 0..<10 {
      let area = Double(image.height * image.width) * Draw.number(scale)
      let proportion = exp(Draw.number(logarithms))
      let rows = Int((area * proportion).squareRoot().rounded(.toNearestOrEven))
      let columns = Int((area / proportion).squareRoot().rounded(.toNearestOrEven))
      guard 1..<image.height ~= rows, 1..<image.width ~= columns else { continue }
      let region = ImageRegion(
        top: Draw.index(below: image.height - rows + 1), left: Draw.index(below: image.width - columns + 1),
        height: rows, width: columns)
      return image.erased(region, fill: fill)
    }
    return image
  }
}

extension Image {
  /// The picture with a region filled, 0 to 1 of the maximum; with random values, of opacity too, where `fill` is `nil`.
  public func erased(
    _ region: ImageRegion, fill: Double? = 0, file: StaticString = #fileID, line: UInt = #line
  ) -> Image {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    checkRegion(region, "Image.erased")
    let (stride, first) = (width * channels, region.left * channels)
    func erase<Value: ImageValue>(_ values: inout [Value]) {
      let value = fill.map { Value.rounded($0 * Double(Value.max)) }
      for row in region.top..<(region.top + region.height) {
        for place in (row * stride + first)..<(row * stride + first + region.width * channels) {
          values[place] = value ?? Value(truncatingIfNeeded: Draw.index(below: Int(Value.max) + 1))
        }
      }
    }
    var result = self
    switch values {
    case .bytes(var bytes):
      erase(&bytes)
      result.values = .bytes(bytes)
    case .words(var words):
      erase(&words)
      result.values = .words(words)
    }
    return result
  }
}
