import Foundation
import TernBackend

/// Brings pictures to one size, see ``Image/resized(height:width:filter:region:file:line:)``.
public struct Resize: ImageTransform {
  /// Rows of the result.
  public var height: Int
  /// Columns of the result.
  public var width: Int
  /// How pixels are made.
  public var filter: ResizeFilter

  /// To a size; stops where a side is below 1.
  ///
  /// - Parameters:
  ///   - height: The height, in pixels.
  ///   - width: The width, in pixels.
  ///   - filter: The filter that pixels are taken with.
  public init(
    height: Int, width: Int, filter: ResizeFilter = .bilinear, file: StaticString = #fileID, line: UInt = #line
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    Image.checkSize(height, width, "Resize")
    (self.height, self.width, self.filter) = (height, width, filter)
  }

  /// The picture at that size.
  public func callAsFunction(_ image: Image) -> Image { image.resized(height: height, width: width, filter: filter) }
}

/// Brings the shorter side of pictures to a length, the other in proportion.
public struct ResizeShorterSide: ImageTransform {
  /// Pixels of the shorter side.
  public var length: Int
  /// How pixels are made.
  public var filter: ResizeFilter

  /// To a length; stops below 1.
  ///
  /// - Parameters:
  ///   - length: The length of the shorter side, in pixels.
  ///   - filter: The filter that pixels are taken with.
  public init(_ length: Int, filter: ResizeFilter = .bilinear, file: StaticString = #fileID, line: UInt = #line) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    Image.checkSize(length, length, "ResizeShorterSide")
    (self.length, self.filter) = (length, filter)
  }

  /// The picture at that size.
  public func callAsFunction(_ image: Image) -> Image {
    let (short, long) = (min(image.height, image.width), max(image.height, image.width))
    let other = Int(Double(length) * Double(long) / Double(short))
    return image.height < image.width
      ? image.resized(height: length, width: other, filter: filter)
      : image.resized(height: other, width: length, filter: filter)
  }
}

/// The middle of pictures, see ``Image/centerCropped(height:width:fill:file:line:)``.
public struct CenterCrop: ImageTransform {
  /// Rows of the result.
  public var height: Int
  /// Columns of the result.
  public var width: Int

  /// To a size; stops where a side is below 1.
  ///
  /// - Parameters:
  ///   - height: The height, in pixels.
  ///   - width: The width, in pixels.
  public init(height: Int, width: Int, file: StaticString = #fileID, line: UInt = #line) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    Image.checkSize(height, width, "CenterCrop")
    (self.height, self.width) = (height, width)
  }

  /// The middle of the picture.
  public func callAsFunction(_ image: Image) -> Image { image.centerCropped(height: height, width: width) }
}

/// A part of pictures, every place equally likely, of the picture padded on all sides.
public struct RandomCrop: ImageTransform {
  /// Rows of the result.
  public var height: Int
  /// Columns of the result.
  public var width: Int
  /// Pixels put around the picture before.
  public var padding: Int
  /// What they are, 0 to 1 of the maximum.
  public var fill: Double

  /// To a size; pictures that are smaller, padding included, are padded further. Stops where a side is below 1.
  ///
  /// - Parameters:
  ///   - height: The height, in pixels.
  ///   - width: The width, in pixels.
  ///   - padding: Pixels added on every side first.
  ///   - fill: The value of pixels from outside, 0 to 1.
  public init(
    height: Int, width: Int, padding: Int = 0, fill: Double = 0, file: StaticString = #fileID, line: UInt = #line
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    Image.checkSize(height, width, "RandomCrop")
    check(0...65536 ~= padding, "RandomCrop", "a padding of \(padding) pixels, expected 0 to 65536")
    (self.height, self.width, self.padding, self.fill) = (height, width, padding, fill)
  }

  /// A part of the picture.
  public func callAsFunction(_ image: Image) -> Image {
    let rows = max(height - image.height - 2 * padding, 0)
    let columns = max(width - image.width - 2 * padding, 0)
    let whole = image.padded(
      top: padding + rows, bottom: padding + rows, left: padding + columns, right: padding + columns, fill: fill)
    let top = Draw.index(below: whole.height - height + 1)
    let left = Draw.index(below: whole.width - width + 1)
    return whole.cropped(ImageRegion(top: top, left: left, height: height, width: width))
  }
}

/// A part of pictures of random area and proportion, brought to one size (Szegedy et al. 2015).
public struct RandomResizedCrop: ImageTransform {
  /// Rows of the result.
  public var height: Int
  /// Columns of the result.
  public var width: Int
  /// Which fraction of the area the part has.
  public var scale: ClosedRange<Double>
  /// Width over height of the part, evenly in its logarithm.
  public var ratio: ClosedRange<Double>
  /// How pixels are made.
  public var filter: ResizeFilter

  /// To a size; stops where a side is below 1, a scale not from 0 to 1, or a ratio not above 0.
  ///
  /// - Parameters:
  ///   - height: The height, in pixels.
  ///   - width: The width, in pixels.
  ///   - scale: The range of the share of the area.
  ///   - ratio: The range of width over height.
  ///   - filter: The filter that pixels are taken with.
  public init(
    height: Int, width: Int, scale: ClosedRange<Double> = 0.08...1, ratio: ClosedRange<Double> = 3 / 4...4 / 3,
    filter: ResizeFilter = .bilinear, file: StaticString = #fileID, line: UInt = #line
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    Image.checkSize(height, width, "RandomResizedCrop")
    check(
      scale.lowerBound >= 0 && scale.upperBound <= 1 && ratio.lowerBound > 0 && ratio.upperBound.isFinite,
      "RandomResizedCrop", "a scale of \(scale) and a ratio of \(ratio), expected 0 to 1, and more than 0")
    (self.height, self.width, self.scale, self.ratio, self.filter) = (height, width, scale, ratio, filter)
  }

  /// A part of the picture at that size.
  public func callAsFunction(_ image: Image) -> Image {
    image.resized(height: height, width: width, filter: filter, region: region(of: image))
  }

  /// The part: ten attempts, then the largest one in the middle whose proportion is allowed.
  func region(of image: Image) -> ImageRegion {
    let logarithms = log(ratio.lowerBound)...log(ratio.upperBound)
    for _ in 0..<10 {
      let area = Double(image.height * image.width) * Draw.number(scale)
      let proportion = exp(Draw.number(logarithms))
      let columns = Int((area * proportion).squareRoot().rounded(.toNearestOrEven))
      let rows = Int((area / proportion).squareRoot().rounded(.toNearestOrEven))
      guard 1...image.width ~= columns, 1...image.height ~= rows else { continue }
      let top = Draw.index(below: image.height - rows + 1)
      let left = Draw.index(below: image.width - columns + 1)
      return ImageRegion(top: top, left: left, height: rows, width: columns)
    }
    let whole = Double(image.width) / Double(image.height)
    var (rows, columns) = (image.height, image.width)
    if whole < ratio.lowerBound {
      rows = min(Int((Double(columns) / ratio.lowerBound).rounded(.toNearestOrEven)), image.height)
    } else if whole > ratio.upperBound {
      columns = min(Int((Double(rows) * ratio.upperBound).rounded(.toNearestOrEven)), image.width)
    }
    (rows, columns) = (max(rows, 1), max(columns, 1))
    return ImageRegion(
      top: (image.height - rows) / 2, left: (image.width - columns) / 2, height: rows, width: columns)
  }
}
