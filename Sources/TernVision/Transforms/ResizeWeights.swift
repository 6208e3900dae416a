import Foundation

/// How a pixel of a resized picture is made of those it covers.
public enum ResizeFilter: Sendable, Hashable, CaseIterable {
  /// The pixel in whose area the middle of the new one lies.
  case nearest
  /// The mean of the area that the new pixel covers.
  case area
  /// A triangle: 1 − |x|, as wide as the new pixels where the picture shrinks.
  case bilinear
  /// Cubic convolution with a = −1/2 (Keys 1981), as wide as the new pixels where the picture shrinks.
  case bicubic
  /// sinc(x) · sinc(x/3), as wide as the new pixels where the picture shrinks.
  case lanczos

  /// How far the filter reaches to both sides.
  var support: Double {
    switch self {
    case .nearest, .area: 0.5
    case .bilinear: 1
    case .bicubic: 2
    case .lanczos: 3
    }
  }

  func weight(_ x: Double) -> Double {
    switch self {
    case .nearest, .area: return x > -0.5 && x <= 0.5 ? 1 : 0
    case .bilinear: return max(1 - abs(x), 0)
    case .bicubic:
      let (x, a) = (abs(x), -0.5)
      if x < 1 { return ((a + 2) * x - (a + 3)) * x * x + 1 }
      return x < 2 ? (((x - 5) * x + 8) * x - 4) * a : 0
    case .lanczos:
      func sinc(_ x: Double) -> Double { x == 0 ? 1 : sin(x * .pi) / (x * .pi) }
      return x >= -3 && x < 3 ? sinc(x) * sinc(x / 3) : 0
    }
  }
}

/// The weights of a side's old pixels for each new one, as Pillow has them.
struct ResizeWeights {
  /// The first old pixel of each new one.
  var first: [Int32] = []
  /// How many old pixels each new one is made of.
  var counts: [Int32] = []
  /// The most of them.
  let taps: Int
  /// `taps` for each new pixel; their sum is 1.
  var weights: [Double]

  /// From `length` pixels to `count`.
  init(_ filter: ResizeFilter, from length: Int, to count: Int) {
    let scale = Double(length) / Double(count)
    let widening = max(scale, 1)
    let support = filter.support * widening
    taps = min(Int(support.rounded(.up)) * 2 + 1, length)
    weights = [Double](repeating: 0, count: taps * count)
    first.reserveCapacity(count)
    counts.reserveCapacity(count)
    for pixel in 0..<count {
      let center = (Double(pixel) + 0.5) * scale
      let low = max(Int(center - support + 0.5), 0)
      let high = min(Int(center + support + 0.5), length)
      var sum = 0.0
      for place in low..<high {
        let weight = filter.weight((Double(place) - center + 0.5) / widening)
        weights[pixel * taps + place - low] = weight
        sum += weight
      }
      if sum != 0 { for k in 0..<(high - low) { weights[pixel * taps + k] /= sum } }
      first.append(Int32(low))
      counts.append(Int32(high - low))
    }
  }

  /// The weights as whole numbers of 22 bits behind the point, rounded.
  var fixed: [Int32] { weights.map { Int32($0 * 4_194_304 + ($0 < 0 ? -0.5 : 0.5)) } }
}
