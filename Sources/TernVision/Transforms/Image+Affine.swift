import Foundation
import TernBackend

/// Where each pixel of a turned, scaled, sheared or shifted picture comes from:
/// x' = a·x + b·y + c, y' = d·x + e·y + f, in pixels from the top left corner.
public struct AffineMap: Sendable, Hashable {
  /// a, b, c, d, e, f.
  public var coefficients: [Double]

  /// A map by its six coefficients.
  ///
  /// - Parameter coefficients: The coefficients.
  public init(_ coefficients: [Double], file: StaticString = #fileID, line: UInt = #line) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    check(
      coefficients.count == 6 && coefficients.allSatisfy { abs($0) < 1e9 }, "AffineMap",
      "coefficients \(coefficients), expected six finite numbers")
    self.coefficients = coefficients
  }

  /// The map of a picture that is sheared, then turned clockwise, scaled, and shifted, as torchvision's `affine` does.
  ///
  /// - Parameters:
  ///   - degrees: the angle, clockwise.
  ///   - shift: pixels to the right and down.
  ///   - scale: the factor, above 0.
  ///   - shear: degrees along x and along y.
  ///   - center: what stays where it is, but for the shift.
  public init(
    degrees: Double, shift: (x: Double, y: Double) = (0, 0), scale: Double = 1, shear: (x: Double, y: Double) = (0, 0),
    center: (x: Double, y: Double), file: StaticString = #fileID, line: UInt = #line
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    check(scale > 0 && scale.isFinite, "AffineMap", "a scale of \(scale), expected a finite number above 0")
    let radians = Double.pi / 180
    let (angle, sx, sy) = (degrees * radians, shear.x * radians, shear.y * radians)
    let a = cos(angle - sy) / cos(sy)
    let b = -cos(angle - sy) * tan(sx) / cos(sy) - sin(angle)
    let c = sin(angle - sy) / cos(sy)
    let d = -sin(angle - sy) * tan(sx) / cos(sy) + cos(angle)
    let inverse = [d / scale, -b / scale, -c / scale, a / scale]
    let (x, y) = (-center.x - shift.x, -center.y - shift.y)
    self.init([
      inverse[0], inverse[1], inverse[0] * x + inverse[1] * y + center.x, inverse[2], inverse[3],
      inverse[2] * x + inverse[3] * y + center.y,
    ])
  }
}

extension Image {
  /// The picture turned counterclockwise about its middle, of the same size; what comes from outside is `fill`, 0 to 1 of
  /// the maximum. The values are those of Pillow's `rotate`.
  ///
  /// - Parameters:
  ///   - filter: `.nearest` or `.bilinear`.
  public func rotated(
    degrees: Double, filter: ResizeFilter = .nearest, fill: Double = 0, file: StaticString = #fileID, line: UInt = #line
  ) -> Image {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    check(degrees.isFinite, "Image.rotated", "an angle of \(degrees) degrees")
    // Whole turns are exact.
    let turn = degrees.truncatingRemainder(dividingBy: 360)
    if turn == 0 { return self }
    if abs(turn) == 180 { return turned(quarters: 2) }
    if height == width, abs(turn) == 90 || abs(turn) == 270 { return turned(quarters: Int(turn / 90)) }
    let map = AffineMap(degrees: -turn, center: (Double(width) / 2, Double(height) / 2))
    return transformed(by: map, filter: filter, fill: fill)
  }

  /// The picture whose pixels come from where `map` says, of the same size; what comes from outside is `fill`, 0 to 1 of the
  /// maximum.
  ///
  /// - Parameters:
  ///   - filter: `.nearest` or `.bilinear`; stops for others.
  public func transformed(
    by map: AffineMap, filter: ResizeFilter = .nearest, fill: Double = 0, file: StaticString = #fileID,
    line: UInt = #line
  ) -> Image {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    check(
      filter == .nearest || filter == .bilinear, "Image.transformed", "filter \(filter), expected nearest or bilinear")
    check(0...1 ~= fill, "Image.transformed", "a fill of \(fill), expected 0 to 1")
    let warp = Warp(
      map: map.coefficients, isSmooth: filter == .bilinear, fill: fill, height: height, width: width, channels: channels
    )
    // Where colors are mixed, those of transparent pixels do not count.
    if format.hasAlpha && warp.isSmooth {
      return premultiplied.made(height: height, width: width, warp).unpremultiplied
    }
    return made(height: height, width: width, warp)
  }
}

private struct Warp: ImageValueMaker {
  let map: [Double]
  let isSmooth: Bool
  let fill: Double
  let height: Int
  let width: Int
  let channels: Int

  func make<Value: ImageValue>(_ source: UnsafeBufferPointer<Value>, _ target: UnsafeMutableBufferPointer<Value>) {
    let background = Value.rounded(fill * Double(Value.max))
    var place = 0
    for row in 0..<height {
      for column in 0..<width {
        let (x, y) = (Double(column) + 0.5, Double(row) + 0.5)
        let (fromX, fromY) = (map[0] * x + map[1] * y + map[2], map[3] * x + map[4] * y + map[5])
        let isInside = fromX >= 0 && fromX < Double(width) && fromY >= 0 && fromY < Double(height)
        for channel in 0..<channels {
          let value: Value
          if !isInside {
            value = background
          } else if isSmooth {
            value = smooth(source, fromX - 0.5, fromY - 0.5, channel)
          } else {
            value = source[(Int(fromY) * width + Int(fromX)) * channels + channel]
          }
          target[place] = value
          place += 1
        }
      }
    }
  }

  private func smooth<Value: ImageValue>(
    _ source: UnsafeBufferPointer<Value>, _ x: Double, _ y: Double, _ channel: Int
  ) -> Value {
    let (left, top) = (x.rounded(.down), y.rounded(.down))
    let (dx, dy) = (x - left, y - top)
    func value(_ row: Int, _ column: Int) -> Double {
      Double(source[(min(max(row, 0), height - 1) * width + min(max(column, 0), width - 1)) * channels + channel])
    }
    let (row, column) = (Int(top), Int(left))
    let upper = value(row, column) + (value(row, column + 1) - value(row, column)) * dx
    let lower = value(row + 1, column) + (value(row + 1, column + 1) - value(row + 1, column)) * dx
    return Value.rounded(upper + (lower - upper) * dy - 0.5)
  }
}
