import Foundation
import TernBackend

/// Exchanges left and right with a probability.
public struct RandomHorizontalFlip: ImageTransform {
  /// Of the exchange.
  public var probability: Double

  /// With a probability, 0 to 1.
  ///
  /// - Parameter probability: The probability.
  public init(_ probability: Double = 0.5, file: StaticString = #fileID, line: UInt = #line) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    checkProbability(probability, "RandomHorizontalFlip")
    self.probability = probability
  }

  /// The picture, or its mirror image.
  public func callAsFunction(_ image: Image) -> Image {
    Draw.chance(probability) ? image.flippedHorizontally : image
  }
}

/// Exchanges top and bottom with a probability.
public struct RandomVerticalFlip: ImageTransform {
  /// Of the exchange.
  public var probability: Double

  /// With a probability, 0 to 1.
  ///
  /// - Parameter probability: The probability.
  public init(_ probability: Double = 0.5, file: StaticString = #fileID, line: UInt = #line) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    checkProbability(probability, "RandomVerticalFlip")
    self.probability = probability
  }

  /// The picture, or its mirror image.
  public func callAsFunction(_ image: Image) -> Image { Draw.chance(probability) ? image.flippedVertically : image }
}

/// Makes pictures gray, of as many channels as they have, with a probability.
public struct RandomGrayscale: ImageTransform {
  /// Of becoming gray.
  public var probability: Double

  /// With a probability, 0 to 1.
  ///
  /// - Parameter probability: The probability.
  public init(_ probability: Double = 0.1, file: StaticString = #fileID, line: UInt = #line) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    checkProbability(probability, "RandomGrayscale")
    self.probability = probability
  }

  /// The picture, or its brightness.
  public func callAsFunction(_ image: Image) -> Image { Draw.chance(probability) ? image.grayscale : image }
}

extension Image {
  /// The brightness in place of every color; the format stays.
  public var grayscale: Image {
    format.isColor ? converted(to: format.hasAlpha ? .grayAlpha : .gray).converted(to: format) : self
  }
}

/// Turns, shifts, scales and shears pictures at random, about their middle.
public struct RandomAffine: ImageTransform {
  /// The angle, clockwise.
  public var degrees: ClosedRange<Double>
  /// The most that is shifted, as fractions of width and height.
  public var shift: (x: Double, y: Double)
  /// The factor.
  public var scale: ClosedRange<Double>
  /// Degrees of shear along x and along y.
  public var shear: (x: ClosedRange<Double>, y: ClosedRange<Double>)
  /// How pixels are made: `.nearest` or `.bilinear`.
  public var filter: ResizeFilter
  /// What comes from outside, 0 to 1 of the maximum.
  public var fill: Double

  /// Within ranges, evenly; stops where shifts are not 0 to 1, scales not above 0, or another filter is asked for.
  ///
  /// - Parameters:
  ///   - degrees: The range of the angle, in degrees.
  ///   - shift: The greatest shift, as a share of the width and the height.
  ///   - scale: The range of the scale.
  ///   - shear: The ranges of the shear, in degrees.
  ///   - filter: The filter that pixels are taken with.
  ///   - fill: The value of pixels from outside, 0 to 1.
  public init(
    degrees: ClosedRange<Double>, shift: (x: Double, y: Double) = (0, 0), scale: ClosedRange<Double> = 1...1,
    shear: (x: ClosedRange<Double>, y: ClosedRange<Double>) = (0...0, 0...0), filter: ResizeFilter = .nearest,
    fill: Double = 0, file: StaticString = #fileID, line: UInt = #line
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    check(
      0...1 ~= shift.x && 0...1 ~= shift.y && scale.lowerBound > 0 && scale.upperBound.isFinite, "RandomAffine",
      "shifts of \(shift.x), \(shift.y) and a scale of \(scale), expected 0 to 1, and more than 0")
    check(filter == .nearest || filter == .bilinear, "RandomAffine", "filter \(filter), expected nearest or bilinear")
    (self.degrees, self.shift, self.scale, self.shear) = (degrees, shift, scale, shear)
    (self.filter, self.fill) = (filter, fill)
  }

  /// The picture moved.
  public func callAsFunction(_ image: Image) -> Image {
    let (width, height) = (Double(image.width), Double(image.height))
    let angle = Draw.number(degrees)
    let x = Draw.number(-shift.x * width...shift.x * width).rounded(.toNearestOrEven)
    let y = Draw.number(-shift.y * height...shift.y * height).rounded(.toNearestOrEven)
    let map = AffineMap(
      degrees: angle, shift: (x, y), scale: Draw.number(scale), shear: (Draw.number(shear.x), Draw.number(shear.y)),
      center: (width / 2, height / 2))
    return image.transformed(by: map, filter: filter, fill: fill)
  }
}

/// Turns pictures at random about their middle, counterclockwise.
public struct RandomRotation: ImageTransform {
  /// The angle.
  public var degrees: ClosedRange<Double>
  /// How pixels are made: `.nearest` or `.bilinear`.
  public var filter: ResizeFilter
  /// What comes from outside, 0 to 1 of the maximum.
  public var fill: Double

  /// Within a range, evenly; stops for another filter.
  ///
  /// - Parameters:
  ///   - degrees: The range of the angle, in degrees.
  ///   - filter: The filter that pixels are taken with.
  ///   - fill: The value of pixels from outside, 0 to 1.
  public init(
    _ degrees: ClosedRange<Double>, filter: ResizeFilter = .nearest, fill: Double = 0,
    file: StaticString = #fileID, line: UInt = #line
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    check(filter == .nearest || filter == .bilinear, "RandomRotation", "filter \(filter), expected nearest or bilinear")
    (self.degrees, self.filter, self.fill) = (degrees, filter, fill)
  }

  /// The picture turned.
  public func callAsFunction(_ image: Image) -> Image {
    image.rotated(degrees: Draw.number(degrees), filter: filter, fill: fill)
  }
}

func checkProbability(_ probability: Double, _ operation: String) {
  check(0...1 ~= probability, operation, "a probability of \(probability), expected 0 to 1")
}
