import Tern

/// A layer whose `forward` is a function of the test's.
final class FunctionLayer: Layer {
  private let function: (Tensor<Float>) -> Tensor<Float>

  init(_ function: @escaping (Tensor<Float>) -> Tensor<Float>) { self.function = function }

  func forward(_ input: Tensor<Float>) -> Tensor<Float> { function(input) }
}

/// Functions of tensors [N, 4, 6] or [N, 3, 8, 10] whose operations are traced.
enum TracedFunctions {
  typealias Function = @Sendable (Tensor<Float>) -> Tensor<Float>

  /// By name, each with the shape of a sample.
  static let all: [(name: String, shape: [Int], function: Function)] =
    elements.map { ($0.0, [4, 6], $0.1) } + shapes.map { ($0.0, [4, 6], $0.1) }
    + reductions.map { ($0.0, [4, 6], $0.1) }
    + indices.map { ($0.0, [4, 6], $0.1) } + products.map { ($0.0, [4, 6], $0.1) }
    + images.map { ($0.0, [3, 8, 10], $0.1) }

  private static let elements: [(String, Function)] = [
    ("arithmetic", { x in (x + 1.5) * x - (2 - x) / (x * x + 3) }),
    ("operands", { x in x - x.transposed(1, 2).transposed(1, 2) * Tensor([1, 2, 3, 4, 5, 6]) / 7 }),
    (
      "in place",
      { x in
        var y = x
        y += 2
        y *= x
        y -= x
        y /= 3
        return y
      }
    ),
    ("scaled sums", { x in x.adding(x * x, scaledBy: 0.5).subtracting(x, scaledBy: 2) }),
    ("exponentials", { x in x.exp() + (x.abs() + 1).log() + x.expm1() + (x.abs()).log1p() + (x.abs() + 2).log2() }),
    ("logarithm of base 10", { x in (x * x + 0.5).log10() }),
    ("roots", { x in (x * x + 1).sqrt() + (x * x + 1).rsqrt() + (x * x + 1).reciprocal() + x.square() }),
    ("powers", { x in x.pow(3) + (x.abs() + 0.5).pow(1.7) + (x.abs() + 0.5).pow(x) + pow(2, x) }),
    (
      "waves",
      { x in x.sin() + x.cos() + (x * 0.3).tan() + (x.tanh() * 0.9).asin() + (x.tanh() * 0.9).acos() + x.atan() }
    ),
    (
      "hyperbolic",
      { x in x.sinh() + x.cosh() + x.tanh() + x.asinh() + (x.abs() + 1.5).acosh() + (x.tanh() * 0.5).atanh() }
    ),
    ("errors", { x in x.erf() + x.erfc() }),
    ("rounding", { x in x.floor() + x.ceil() * 2 + x.round() * 3 + x.trunc() * 5 + x.frac() + x.sign() }),
    ("pairs", { x in maximum(x, 0.5) + minimum(x, x * x) + hypot(x, x + 1) + logAddExp(x, x * 2) }),
    ("remainders", { x in fmod(x * 5, 1.5) + remainder(x * 5, 1.5) + x.divided(by: Tensor(0.7), rounding: .down) }),
    (
      "clamping",
      { x in
        x.clamped(min: -0.5, max: 0.75) + x.clamped(min: 0.1) + x.clamped(max: Tensor([0, 1, 2, 3, 4, 5]))
          + x.clamped(min: Tensor(-1), max: Tensor(1))
      }
    ),
    (
      "mixtures",
      { x in lerp(x, x * x, weight: 0.3) + addcmul(x, x, x, value: 2) + addcdiv(x, x, x * x + 1, value: 0.5) }
    ),
    (
      "choices",
      { x in
        let isLarge = (x .> 0.2) .&& .!(x .>= 1) .|| (x .< -1)
        return select(isLarge, x * 2, -1) + x.filled(with: 3, where: x .<= 0) + isLarge.cast(to: Float.self)
          + (x .== x).cast(to: Float.self) + (x .!= x).cast(to: Float.self)
      }
    ),
    (
      "activations",
      { x in
        x.relu() + x.relu6() + x.sigmoid() + x.silu() + x.gelu() + x.gelu(approximate: .tanh) + x.softplus()
          + x.softplus(beta: 2) + x.softplus(threshold: 1)
      }
    ),
    (
      "more activations",
      { x in
        x.leakyReLU(slope: 0.2) + x.elu(alpha: 0.7) + x.celu(alpha: 1.3) + x.selu() + x.mish() + x.hardSwish()
          + x.hardSigmoid() + x.hardTanh(min: -0.4, max: 0.6) + x.softSign() + x.logSigmoid()
          + x.thresholded(at: 0.1, value: 7)
      }
    ),
    ("gated", { x in x.glu(axis: 2) }),
    ("softmax", { x in x.softmax(along: 1) + x.softmax() + x.logSoftmax(along: -1) + x.softmin(along: 2) }),
    (
      "whole numbers",
      { x in
        let n = (x * 10).cast(to: Int.self)
        return (n * 3 - n / 2 + n % 4 + maximum(n, 2)).cast(to: Float.self)
      }
    ),
    (
      "finite numbers",
      { x in ((x - 0.3) / x.relu()).replacingNonFinite(nan: 1, positiveInfinity: 2, negativeInfinity: 3) }
    ),
  ]

  private static let shapes: [(String, Function)] = [
    ("reshaped", { x in x.reshaped(x.shape[0], 24).reshaped([-1, 3, 8]) }),
    ("batch joined", { x in (x.reshaped([-1, 6]) * 2).reshaped([x.shape[0], 4, 6]) }),
    ("flattened", { x in x.flattened(from: 1).unflattened(1, to: [2, 12]).expandedAxis(at: 1).squeezed(1) }),
    ("permuted", { x in x.permuted(2, 0, 1).transposed(0, 1).movingAxis(2, to: 1) }),
    (
      "batch in the middle",
      { x in
        let turned = x.transposed(0, 1)
        return (turned + turned.mean(along: 0, keepingAxes: true)).reshaped([turned.shape[0], -1]).transposed()
          .reshaped([x.shape[0], 6, 4])
      }
    ),
    ("broadcast", { x in x.mean(along: 1, keepingAxes: true).broadcast(to: [x.shape[0], 5, 6]) }),
    (
      "class token",
      { x in
        let token = Tensor<Float>([1, 2, 3, 4, 5, 6], shape: [1, 1, 6])
        return concatenate([token.broadcast(to: [x.shape[0], 1, 6]), x], along: 1)
      }
    ),
    (
      "made by the program",
      { x in
        let (n, l) = (x.shape[0], x.shape[1])
        let places = Tensor<Float>((0..<l).map { Float($0) }).reshaped([1, l, 1]).broadcast(to: [n, l, 1])
        return concatenate([x, places, Tensor(full: [n, l, 1], 0.5), Tensor(zeros: [n, l, 2])], along: -1)
      }
    ),
    (
      "batch numbers",
      { x in
        let rows = Tensor<Float>((0..<x.shape[0]).map { Float($0) * 2 + 1 })
        return x * rows.reshaped([-1, 1, 1]) / Float(x.shape[0]) + x / x.shape[0]
      }
    ),
    ("joined", { x in concatenate([x, x * 2, x[.all, 0..<2]], along: 1) }),
    (
      "stacked",
      { x in stack([x, x + 1, x * x], along: 2) + stack(x.unstacked(along: 1), along: 1).expandedAxis(at: 2) }
    ),
    (
      "split",
      { x in
        let parts = x.split([1, 3], along: 1)
        let halves = x.chunks(2, along: 2)
        return concatenate([parts[1], parts[0]], along: 1) + concatenate([halves[1], halves[0]], along: -1)
      }
    ),
    (
      "sliced",
      { x in x[.all, 1..<3, .slice(0, 6, step: 2)] + x[.ellipsis, .index(0)].expandedAxis(at: -1)[.all, 0..<2] }
    ),
    ("last of all", { x in x[.all, .index(-1), 0...] + x[.all, 0, 0...] + x.selected(axis: 1, index: 2) }),
    ("new axes", { x in x[.all, .newAxis, 1..<4, .newAxis] }),
    ("flipped", { x in x.flipped([1, 2]) + x[.all, .slice(step: -1)] }),
    ("first of the batch", { x in x.selected(axis: 0, index: 0) * 2 + x }),
    ("shifted batch", { x in concatenate([x[1...], x[0..<1]], along: 0) }),
    (
      "written",
      { x in
        var y = x
        y[.all, 1] = x.selected(axis: 1, index: 2) * 10
        y[.all, .all, 3..<5] = Tensor(0.25)
        y[.all, 0, 0] = Tensor(-1)
        return y
      }
    ),
    (
      "collected",
      { x in
        var y = Tensor<Float>(zeros: [x.shape[0], 4, 6])
        for time in 0..<4 { y[.all, .index(time)] = x.selected(axis: 1, index: 3 - time) * Float(time) }
        return y
      }
    ),
    (
      "every second",
      { x in
        var y = x * 2
        y[.all, .slice(step: 2)] = x[.all, 0..<2]
        return y
      }
    ),
    (
      "padded",
      { x in
        concatenate(
          [
            x.padded([(1, 2), (0, 3)], .constant(1.5)), x.padded([(1, 2), (2, 1)], .reflect),
            x.padded([(1, 2), (0, 3)], .replicate), x.padded([(3, 0), (1, 2)], .circular),
          ], along: 1)
      }
    ),
    ("cropped", { x in x.padded([(-1, 0), (2, -3)]) }),
    ("rolled", { x in x.rolled(by: 2, along: 2) + x.rolled(by: [1, -1], along: [1, 2]) }),
    ("tiled", { x in x.tiled([1, 2, 3]) }),
    ("repeated", { x in x.repeatingElements(3, along: 2) }),
    ("triangles", { x in x.lowerTriangle() + x.upperTriangle(diagonal: 1) * 2 }),
    ("diagonal", { x in x.diagonal(axes: 1, 2) + x.diagonal(offset: 1, axes: 1, 2) }),
    ("windows", { x in x.windows(along: 2, size: 3, step: 2) }),
    (
      "grid",
      { x in
        let grids = meshgrid([Tensor<Float>([1, 2, 3, 4]), Tensor<Float>([1, 2, 3, 4, 5, 6])])
        return x * grids[0] + grids[1]
      }
    ),
  ]

  private static let reductions: [(String, Function)] = [
    ("sums", { x in x.sum(along: 1, keepingAxes: true) + x.sum(along: 2, keepingAxes: true) + x.sum() }),
    ("means", { x in x.mean(along: 1, 2, keepingAxes: true) * x - x.mean(along: 0) + x.mean() }),
    (
      "extremes",
      { x in
        x.amax(along: 1, keepingAxes: true) - x.amin(along: 2, keepingAxes: true)
          + x.max(along: 2, keepingAxes: true).values
          + x.min(along: 1, keepingAxes: true).values
      }
    ),
    (
      "spread",
      { x in
        x.variance(along: 2, keepingAxes: true) + x.standardDeviation(along: 1, keepingAxes: true)
          + x.variance(along: 1, 2, correction: 0, keepingAxes: true)
      }
    ),
    (
      "norms",
      { x in
        x.norm(along: 2, keepingAxes: true) + x.norm(1, along: 1, keepingAxes: true)
          + x.norm(.infinity, along: 2, keepingAxes: true) + x.norm(3, along: 2, keepingAxes: true)
      }
    ),
    ("log of sums", { x in x.logSumExp(along: 2, keepingAxes: true) + x.product(along: [1], keepingAxes: true) }),
    (
      "positions",
      { x in
        (x.argmax(along: 2, keepingAxes: true) + x.argmin(along: 1, keepingAxes: true)).cast(to: Float.self)
      }
    ),
    ("running sums", { x in x.cumulativeSum(along: 1) + x.cumulativeSum(along: -1) }),
    (
      "leading",
      { x in
        let (values, indices) = x.topK(2, along: 2)
        return values + indices.cast(to: Float.self)
      }
    ),
    (
      "sorted",
      { x in
        let (values, indices) = x.sorted(along: 1, descending: true)
        return values * 2 + indices.cast(to: Float.self)
      }
    ),
    (
      "counts",
      { x in
        (x .> 0).sum(along: 2, keepingAxes: true).cast(to: Float.self)
          + (x .> 1).any(along: 1, keepingAxes: true).cast(to: Float.self)
          + (x .> -1).all(along: 1, keepingAxes: true).cast(to: Float.self)
      }
    ),
  ]

  private static let indices: [(String, Function)] = [
    ("taken", { x in x.taking(Tensor<Int>([3, 0, 0, 2]), along: 1) }),
    ("gathered", { x in x.gathered(x.argsort(along: 2), along: 2) }),
    (
      "looked up",
      { x in
        let table = Tensor<Float>((0..<24).map { Float($0) * 0.5 }, shape: [8, 3])
        let words = (x.abs() * 3).cast(to: Int.self).clamped(min: 0, max: 7)
        return embedding(words, table) + table.taking(words, along: 0)
      }
    ),
    ("indexed", { x in x.selected(axis: 1, index: 1) + x.indexed([.all, .at(Tensor<Int>([2])), .all]).squeezed(1) }),
    (
      "scattered",
      { x in
        let places = x.argsort(along: 2)
        return x.scattering(x * 2, at: places, along: 2) + x.scatterAdding(x, at: places, along: 2)
      }
    ),
    (
      "replaced",
      { x in
        x.replacing(Tensor<Int>([0, 2]), along: 1, with: x[.all, 0..<2] * 3)
          + x.adding(Tensor(5), at: Tensor<Int>([1]), along: 1)
      }
    ),
  ]

  private static let products: [(String, Function)] = [
    (
      "matrix product",
      { x in matmul(x, x.transposed()) + matmul(x, Tensor(randomNormal: [6, 4], generator: .init(seed: 3))) }
    ),
    ("vector product", { x in matmul(x, Tensor<Float>([1, -1, 2, 0.5, 3, -2])) }),
    ("linear", { x in linear(x, Tensor(randomNormal: [5, 6], generator: .init(seed: 4)), bias: Tensor(zeros: [5])) }),
    ("sum of products", { x in einsum("bij,bkj->bik", x, x * 2) }),
    (
      "attention",
      { x in
        let mask = Tensor<Bool>(ones: [4, 4]).upperTriangle(diagonal: 0)
        return scaledDotProductAttention(x, x + 1, x * 2, causal: true) + scaledDotProductAttention(x, x, x, mask: mask)
          + scaledDotProductAttention(x, x, x, bias: Tensor(full: [4, 4], 0.25), scale: 0.3)
      }
    ),
    (
      "normalized",
      { x in
        layerNorm(x, normalizedShape: [6], scale: Tensor([1, 2, 3, 4, 5, 6])) + rmsNorm(x, normalizedShape: [4, 6])
          + groupNorm(x, groups: 2, scale: Tensor([1, 2, 3, 4])) + instanceNorm(x).output
      }
    ),
  ]

  private static let images: [(String, Function)] = [
    (
      "convolution",
      { x in
        let weight = Tensor<Float>(randomNormal: [4, 3, 3, 3], generator: .init(seed: 5))
        return conv2D(x, weight, bias: Tensor([1, 2, 3, 4]), stride: 2, padding: 1)
      }
    ),
    (
      "transposed convolution",
      { x in
        let weight = Tensor<Float>(randomNormal: [3, 2, 3, 3], generator: .init(seed: 6))
        return transposedConv2D(x, weight, stride: 2, padding: 1, outputPadding: 1)
      }
    ),
    ("maxima", { x in maxPool2D(x, kernelSize: 3, stride: 2, padding: 1) }),
    ("maxima rounded up", { x in maxPool2D(x, kernelSize: 3, stride: 2, ceilMode: true) }),
    (
      "averages",
      { x in
        avgPool2D(x, kernelSize: 3, stride: 2, padding: 1)
          + avgPool2D(x, kernelSize: 3, stride: 2, padding: 1, countsPadding: false)
      }
    ),
    ("averages rounded up", { x in avgPool2D(x, kernelSize: 3, stride: 2, ceilMode: true) }),
    ("adaptive", { x in adaptiveAvgPool2D(x, outputSize: 3) + adaptiveMaxPool2D(x, outputSize: 3) }),
    ("interpolated", { x in interpolate(x, scale: 2) + interpolate(x, scale: 2, mode: .linear) }),
    (
      "interpolated to a size",
      { x in
        interpolate(x, size: [5, 7]) + interpolate(x, size: [5, 7], mode: .linear, alignsCorners: true)
          + interpolate(x, size: [5, 7], mode: .cubic)
      }
    ),
    ("shuffled", { x in pixelUnshuffle(x, downscaleFactor: 2) }),
    ("shuffled back", { x in pixelShuffle(concatenate([x, x * 2, x * 3, x * 4], along: 1), upscaleFactor: 2) }),
    ("local response", { x in localResponseNorm(x, size: 3) + localResponseNorm(x, size: 2, alpha: 0.1) }),
    (
      "squeezed",
      { x in
        let weights = x.mean(along: 2, 3).sigmoid()
        return x * weights.expandedAxis(at: 2).expandedAxis(at: 3)
      }
    ),
  ]
}
