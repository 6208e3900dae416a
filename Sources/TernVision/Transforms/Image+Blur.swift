import Foundation
import TernBackend

extension Image {
  /// The picture weighted by a normal distribution around each pixel: `size` pixels (odd) a side, with the deviation
  /// `deviation`, above 0; beyond the edges it is mirrored. The values are torchvision's.
  ///
  /// Stops where the picture has fewer than (size + 1) / 2 pixels a side.
  public func blurred(size: Int, deviation: Double, file: StaticString = #fileID, line: UInt = #line) -> Image {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    check(size > 0 && size % 2 == 1, "Image.blurred", "a size of \(size), expected an odd number above 0")
    check(deviation > 0 && deviation.isFinite, "Image.blurred", "a deviation of \(deviation), expected more than 0")
    check(
      size / 2 < min(height, width), "Image.blurred",
      "a size of \(size) for \(height)×\(width) pixels, expected at most \(2 * min(height, width) - 1)")
    let half = size / 2
    let weights = (-half...half).map { exp(-0.5 * (Double($0) / deviation) * (Double($0) / deviation)) }
    let sum = weights.reduce(0, +)
    return made(
      height: height, width: width,
      Blur(weights: weights.map { $0 / sum }, height: height, width: width, channels: channels))
  }
}

private struct Blur: ImageValueMaker {
  let weights: [Double]
  let height: Int
  let width: Int
  let channels: Int

  func make<Value: ImageValue>(_ source: UnsafeBufferPointer<Value>, _ target: UnsafeMutableBufferPointer<Value>) {
    let half = weights.count / 2
    let row = width * channels
    let columns = mirrored(width, half)
    let rows = mirrored(height, half)
    var middle = [Double](repeating: 0, count: source.count)
    middle.withUnsafeMutableBufferPointer { middle in
      for y in 0..<height {
        for x in 0..<width {
          for channel in 0..<channels {
            var sum = 0.0
            for k in weights.indices {
              sum += weights[k] * Double(source[y * row + columns[x + k] * channels + channel])
            }
            middle[y * row + x * channels + channel] = sum
          }
        }
      }
      for y in 0..<height {
        for x in 0..<row {
          var sum = 0.0
          for k in weights.indices { sum += weights[k] * middle[rows[y + k] * row + x] }
          target[y * row + x] = .rounded(sum)
        }
      }
    }
  }

  /// Where the pixels of −half ..< count + half are, mirrored at the first and the last.
  private func mirrored(_ count: Int, _ half: Int) -> [Int] {
    (-half..<(count + half)).map { $0 < 0 ? -$0 : $0 >= count ? 2 * (count - 1) - $0 : $0 }
  }
}
