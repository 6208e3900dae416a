import Foundation
import TernBackend

/// What automatic augmentation does to pictures, each with a magnitude.
enum AugmentationOperation: CaseIterable {
  case identity, shearX, shearY, translateX, translateY, rotate, brightness, color, contrast, sharpness, posterize,
    solarize
  case autoContrast, equalize

  /// Whether its magnitude is as often negative.
  var isSigned: Bool {
    switch self {
    case .identity, .posterize, .solarize, .autoContrast, .equalize: false
    default: true
    }
  }

  /// The picture changed; shears are slopes, shifts pixels, angles degrees, factors their distance from 1, thresholds
  /// fractions of the maximum.
  func apply(_ magnitude: Double, to image: Image, _ filter: ResizeFilter = .nearest, fill: Double = 0) -> Image {
    func moved(_ shift: (x: Double, y: Double), _ shear: (x: Double, y: Double), about center: (x: Double, y: Double))
      -> Image
    {
      image.transformed(
        by: AffineMap(degrees: 0, shift: shift, shear: shear, center: center), filter: filter, fill: fill)
    }
    let middle = (x: Double(image.width) / 2, y: Double(image.height) / 2)
    let slope = atan(magnitude) * 180 / .pi
    let pixels = magnitude.rounded(.towardZero)
    switch self {
    case .identity: return image
    case .shearX: return moved((0, 0), (slope, 0), about: (0, 0))
    case .shearY: return moved((0, 0), (0, slope), about: (0, 0))
    case .translateX: return moved((pixels, 0), (0, 0), about: middle)
    case .translateY: return moved((0, pixels), (0, 0), about: middle)
    case .rotate: return image.rotated(degrees: magnitude, filter: filter, fill: fill)
    case .brightness: return image.adjustedBrightness(by: 1 + magnitude)
    case .color: return image.adjustedSaturation(by: 1 + magnitude)
    case .contrast: return image.adjustedContrast(by: 1 + magnitude)
    case .sharpness: return image.adjustedSharpness(by: 1 + magnitude)
    case .posterize: return image.posterized(bits: image.bitDepth - 8 + Int(magnitude))
    case .solarize: return image.solarized(threshold: magnitude)
    case .autoContrast: return image.autocontrasted
    case .equalize: return image.equalized
    }
  }
}

/// Some operations, drawn at random, of one magnitude (Cubuk et al. 2019), with the ranges of torchvision.
public struct RandAugment: ImageTransform {
  /// How many operations follow each other.
  public var count: Int
  /// How strong they are, 0 to `bins` − 1.
  public var magnitude: Int
  /// How many magnitudes there are.
  public var bins: Int
  /// How pixels are made where pictures are moved: `.nearest` or `.bilinear`.
  public var filter: ResizeFilter
  /// What comes from outside, 0 to 1 of the maximum.
  public var fill: Double

  /// Of a number of operations, 0 to 1000, and a magnitude below `bins`, at least 2.
  ///
  /// - Parameters:
  ///   - count: The number of operations per picture.
  ///   - magnitude: The magnitude, from 0.
  ///   - bins: The number of magnitudes.
  ///   - filter: The filter that pixels are taken with.
  ///   - fill: The value of pixels from outside, 0 to 1.
  public init(
    count: Int = 2, magnitude: Int = 9, bins: Int = 31, filter: ResizeFilter = .nearest, fill: Double = 0,
    file: StaticString = #fileID, line: UInt = #line
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    check(
      0...1000 ~= count && bins >= 2 && 0..<bins ~= magnitude, "RandAugment",
      "\(count) operations of magnitude \(magnitude) of \(bins), expected 0 to 1000 and a magnitude below at least 2")
    check(filter == .nearest || filter == .bilinear, "RandAugment", "filter \(filter), expected nearest or bilinear")
    (self.count, self.magnitude, self.bins, self.filter, self.fill) = (count, magnitude, bins, filter, fill)
  }

  /// The picture after the operations.
  public func callAsFunction(_ image: Image) -> Image {
    let all = AugmentationOperation.allCases
    var result = image
    for _ in 0..<count {
      let operation = all[Draw.index(below: all.count)]
      let strength = strength(of: operation, for: image)
      let sign: Double = operation.isSigned && Draw.chance(0.5) ? -1 : 1
      result = operation.apply(sign * strength, to: result, filter, fill: fill)
    }
    return result
  }

  /// What the magnitude is for an operation.
  func strength(of operation: AugmentationOperation, for image: Image) -> Double {
    let fraction = Double(magnitude) / Double(bins - 1)
    switch operation {
    case .shearX, .shearY: return 0.3 * fraction
    case .translateX: return 150 / 331 * Double(image.width) * fraction
    case .translateY: return 150 / 331 * Double(image.height) * fraction
    case .rotate: return 30 * fraction
    case .brightness, .color, .contrast, .sharpness: return 0.9 * fraction
    case .posterize: return 8 - (4 * fraction).rounded(.toNearestOrEven)
    case .solarize: return 1 - fraction
    case .identity, .autoContrast, .equalize: return 0
    }
  }
}

/// One operation of a magnitude, both drawn at random (Müller and Hutter 2021), with the wide ranges of torchvision.
public struct TrivialAugment: ImageTransform {
  /// How many magnitudes there are.
  public var bins: Int
  /// How pixels are made where pictures are moved: `.nearest` or `.bilinear`.
  public var filter: ResizeFilter
  /// What comes from outside, 0 to 1 of the maximum.
  public var fill: Double

  /// Of so many magnitudes, at least 2.
  ///
  /// - Parameters:
  ///   - bins: The number of magnitudes.
  ///   - filter: The filter that pixels are taken with.
  ///   - fill: The value of pixels from outside, 0 to 1.
  public init(
    bins: Int = 31, filter: ResizeFilter = .nearest, fill: Double = 0, file: StaticString = #fileID, line: UInt = #line
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    check(bins >= 2, "TrivialAugment", "\(bins) magnitudes, expected at least 2")
    check(filter == .nearest || filter == .bilinear, "TrivialAugment", "filter \(filter), expected nearest or bilinear")
    (self.bins, self.filter, self.fill) = (bins, filter, fill)
  }

  /// The picture after the operation.
  public func callAsFunction(_ image: Image) -> Image {
    let all = AugmentationOperation.allCases
    let operation = all[Draw.index(below: all.count)]
    let strength = strength(of: operation, bin: Draw.index(below: bins))
    let sign: Double = operation.isSigned && Draw.chance(0.5) ? -1 : 1
    return operation.apply(sign * strength, to: image, filter, fill: fill)
  }

  /// What a magnitude is for an operation.
  func strength(of operation: AugmentationOperation, bin: Int) -> Double {
    let fraction = Double(bin) / Double(bins - 1)
    switch operation {
    case .shearX, .shearY, .brightness, .color, .contrast, .sharpness: return 0.99 * fraction
    case .translateX, .translateY: return 32 * fraction
    case .rotate: return 135 * fraction
    case .posterize: return 8 - (6 * fraction).rounded(.toNearestOrEven)
    case .solarize: return 1 - fraction
    case .identity, .autoContrast, .equalize: return 0
    }
  }
}
