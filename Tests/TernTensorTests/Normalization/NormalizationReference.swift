import TernTensor

/// Batch normalization of [N, C, positions] in closed form, value by value in Double.
struct BatchNormReference {
  var output: [Double], mean: [Double], variance: [Double]
  var inputGradient: [Double], scaleGradient: [Double], shiftGradient: [Double]

  /// - Parameter values: row-major [n, channels, positions], as `gradient` is.
  init(
    _ values: [Double], n: Int, channels: Int, positions: Int, scale: [Double], shift: [Double], epsilon: Double,
    gradient: [Double]
  ) {
    output = values
    inputGradient = values
    (mean, variance, scaleGradient, shiftGradient) = ([], [], [], [])
    let count = Double(n * positions)
    for channel in 0..<channels {
      let places = (0..<n).flatMap { image in
        (0..<positions).map { (image * channels + channel) * positions + $0 }
      }
      let μ = places.reduce(0) { $0 + values[$1] } / count
      let variance = places.reduce(0) { $0 + (values[$1] - μ) * (values[$1] - μ) } / count
      let σ = (variance + epsilon).squareRoot()
      var (sum, products) = (0.0, 0.0)
      for place in places {
        let standard = (values[place] - μ) / σ
        output[place] = scale[channel] * standard + shift[channel]
        sum += gradient[place]
        products += gradient[place] * standard
      }
      for place in places {
        let standard = (values[place] - μ) / σ
        inputGradient[place] = scale[channel] / σ * (gradient[place] - (sum + standard * products) / count)
      }
      mean.append(μ)
      self.variance.append(variance)
      scaleGradient.append(products)
      shiftGradient.append(sum)
    }
  }
}

/// Numbers between −1 and 1 that look random and are the same every time.
func scattered(_ count: Int, seed: Int = 1) -> [Double] {
  var state = UInt64(truncatingIfNeeded: seed) &* 0x9E37_79B9_7F4A_7C15 | 1
  return (0..<count).map { _ in
    state ^= state << 13
    state ^= state >> 7
    state ^= state << 17
    return Double(state >> 11) * 0x1p-52 - 1
  }
}

extension Tensor where Scalar == Double {
  /// Numbers between −1 and 1 that look random and are the same every time.
  static func scattered(_ shape: Int..., seed: Int = 1) -> Tensor {
    Tensor(TernTensorTests.scattered(shape.reduce(1, *), seed: seed), shape: shape)
  }
}

/// The largest distance of two lists of one length; infinite where a NaN meets a number.
func distance(_ a: [Double], _ b: [Double]) -> Double {
  guard a.count == b.count else { return .infinity }
  return zip(a, b).map { $0 == $1 || ($0.isNaN && $1.isNaN) ? 0 : abs($0 - $1) }
    .map { $0.isNaN ? .infinity : $0 }.max() ?? 0
}
