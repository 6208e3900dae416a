import TernTensor

/// A convolution and what it is given, for comparison with loops that follow the definition.
struct ConvolutionCase: CustomStringConvertible, Sendable {
  var x: [Int]
  var weight: [Int]
  var stride: Pair = 1
  /// Top, bottom, left, right.
  var padding = [0, 0, 0, 0]
  var dilation: Pair = 1
  var groups = 1

  var description: String {
    "\(x) * \(weight), stride \(stride.vertical)×\(stride.horizontal), padding \(padding), "
      + "dilation \(dilation.vertical)×\(dilation.horizontal), \(groups) groups"
  }

  /// Every stride, padding, dilation and grouping that takes another way through the engine.
  static let all: [ConvolutionCase] = [
    ConvolutionCase(x: [2, 3, 5, 6], weight: [4, 3, 3, 3]),
    ConvolutionCase(x: [2, 3, 5, 6], weight: [4, 3, 3, 3], padding: [1, 1, 1, 1]),
    ConvolutionCase(x: [1, 1, 9, 7], weight: [5, 1, 3, 2], padding: [2, 0, 1, 3]),
    ConvolutionCase(x: [3, 4, 6, 5], weight: [7, 4, 1, 1]),
    ConvolutionCase(x: [3, 4, 6, 5], weight: [6, 2, 1, 1], groups: 2),
    ConvolutionCase(x: [2, 4, 7, 6], weight: [3, 4, 1, 1], stride: [2, 3]),
    ConvolutionCase(x: [1, 2, 4, 4], weight: [3, 2, 1, 1], padding: [1, 2, 0, 1]),
    ConvolutionCase(x: [2, 2, 8, 9], weight: [3, 2, 3, 3], stride: 2, padding: [1, 1, 1, 1]),
    ConvolutionCase(x: [2, 2, 8, 9], weight: [3, 2, 2, 4], stride: [3, 2], padding: [0, 1, 2, 1]),
    ConvolutionCase(x: [2, 2, 9, 9], weight: [3, 2, 3, 3], padding: [2, 2, 2, 2], dilation: 2),
    ConvolutionCase(
      x: [1, 2, 9, 11], weight: [2, 2, 3, 3], stride: [2, 3], padding: [1, 2, 2, 1], dilation: [3, 2]),
    ConvolutionCase(x: [1, 2, 9, 11], weight: [2, 2, 3, 2], stride: [4, 2], dilation: [2, 4]),
    ConvolutionCase(x: [2, 2, 7, 7], weight: [2, 2, 2, 2], stride: 5, padding: [3, 3, 3, 3]),
    ConvolutionCase(x: [2, 6, 5, 5], weight: [4, 3, 3, 3], padding: [1, 1, 1, 1], groups: 2),
    ConvolutionCase(x: [2, 6, 6, 5], weight: [9, 2, 3, 2], stride: 2, padding: [1, 1, 0, 0], dilation: 2, groups: 3),
    ConvolutionCase(x: [2, 5, 6, 7], weight: [5, 1, 3, 3], padding: [1, 1, 1, 1], groups: 5),
    ConvolutionCase(x: [2, 19, 6, 7], weight: [19, 1, 3, 3], stride: 2, padding: [1, 1, 1, 1], groups: 19),
    ConvolutionCase(x: [1, 3, 7, 8], weight: [6, 1, 3, 2], stride: [1, 2], padding: [0, 2, 1, 0], groups: 3),
    ConvolutionCase(x: [1, 4, 7, 8], weight: [12, 1, 2, 2], padding: [3, 3, 3, 3], dilation: [2, 3], groups: 4),
    ConvolutionCase(x: [3, 2, 1, 1], weight: [4, 2, 1, 1]),
    ConvolutionCase(x: [1, 3, 1, 12], weight: [2, 3, 1, 5], padding: [0, 0, 2, 2]),
    ConvolutionCase(x: [1, 1, 3, 3], weight: [1, 1, 3, 3]),
    ConvolutionCase(x: [3, 4, 14, 15], weight: [3, 4, 3, 3], padding: [1, 1, 1, 1]),
    ConvolutionCase(x: [4, 4, 16, 17], weight: [4, 2, 3, 3], stride: 2, padding: [1, 0, 1, 0], groups: 2),
  ]

  var outputShape: [Int] {
    let height = (x[2] + padding[0] + padding[1] - dilation.vertical * (weight[2] - 1) - 1) / stride.vertical + 1
    let width = (x[3] + padding[2] + padding[3] - dilation.horizontal * (weight[3] - 1) - 1) / stride.horizontal + 1
    return [x[0], weight[0], height, width]
  }

  func callAsFunction<Scalar: FloatingScalar>(
    _ x: Tensor<Scalar>, _ weight: Tensor<Scalar>, bias: Tensor<Scalar>? = nil
  ) -> Tensor<Scalar> {
    conv2D(
      x, weight, bias: bias, stride: stride,
      padding: Padding2D(top: padding[0], bottom: padding[1], left: padding[2], right: padding[3]),
      dilation: dilation, groups: groups)
  }

  /// Calls `body` with the positions in x, weight and y of every product of the definition.
  private func everyProduct(_ body: (Int, Int, Int) -> Void) {
    let y = outputShape
    let (perGroup, outputs) = (weight[1], weight[0] / groups)
    for n in 0..<y[0] {
      for o in 0..<y[1] {
        for i in 0..<y[2] {
          for j in 0..<y[3] {
            for c in 0..<perGroup {
              for u in 0..<weight[2] {
                for v in 0..<weight[3] {
                  let h = i * stride.vertical + u * dilation.vertical - padding[0]
                  let w = j * stride.horizontal + v * dilation.horizontal - padding[2]
                  if h < 0 || h >= x[2] || w < 0 || w >= x[3] { continue }
                  let channel = o / outputs * perGroup + c
                  body(
                    ((n * x[1] + channel) * x[2] + h) * x[3] + w,
                    ((o * perGroup + c) * weight[2] + u) * weight[3] + v, ((n * y[1] + o) * y[2] + i) * y[3] + j)
                }
              }
            }
          }
        }
      }
    }
  }

  /// y, and for a gradient of y those of x and of the weights, by the definition, in Double.
  func reference(
    _ x: [Double], _ weight: [Double], _ gradient: [Double]
  ) -> (y: [Double], x: [Double], weight: [Double]) {
    var y = [Double](repeating: 0, count: gradient.count)
    var gx = [Double](repeating: 0, count: x.count)
    var gw = [Double](repeating: 0, count: weight.count)
    everyProduct { a, b, c in
      y[c] += x[a] * weight[b]
      gx[a] += gradient[c] * weight[b]
      gw[b] += gradient[c] * x[a]
    }
    return (y, gx, gw)
  }
}

/// Numbers between -1 and 1 that look random and are always the same.
func numbers<Scalar: FloatingScalar>(_ shape: [Int], seed: Int = 1, _: Scalar.Type = Scalar.self) -> Tensor<Scalar> {
  Tensor(randomUniform: shape, in: -1..<1, generator: RandomGenerator(seed: UInt64(seed)))
}
