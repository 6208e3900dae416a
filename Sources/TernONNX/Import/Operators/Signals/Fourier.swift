import Foundation
import TernBackend
import TernTensor

extension NodeCall {
  /// Fourier transforms and the windows before them. Complex numbers are pairs along a last axis.
  static let fourier: [String: GraphOperator] = [
    "DFT": { try $0.floating($0.transformed, $0.transformed) },
    "STFT": { try $0.floating($0.shortTransformed, $0.shortTransformed) },
    "HannWindow": { [try $0.window([0.5, -0.5])] },
    "HammingWindow": { [try $0.window([25.0 / 46, 25.0 / 46 - 1])] },
    "BlackmanWindow": { [try $0.window([0.42, -0.5, 0.08])] },
  ]

  /// Real numbers, or pairs, as complex ones. Transforms are computed in double precision, so that what cancels is 0.
  private func complex(_ x: Tensor<Double>) throws -> ComplexPair<Double> {
    let last = x.rank - 1
    try require(x.rank >= 2 && (x.shape[last] == 1 || x.shape[last] == 2) && !x.isEmpty, "an input of shape \(x.shape)")
    let real = x.selected(axis: last, index: 0)
    return x.shape[last] == 1 ? ComplexPair(real) : ComplexPair(real: real, imaginary: x.selected(axis: last, index: 1))
  }

  private func pairs<Scalar: FloatingScalar>(_ z: ComplexPair<Double>, _: Scalar.Type) -> ONNXTensor {
    ONNXTensor(stack([z.real, z.imaginary], along: z.shape.count).cast(to: Scalar.self))
  }

  private func transformed<Scalar: FloatingScalar>(_ scalar: Scalar.Type) throws -> ONNXTensor {
    let x = try tensor(0, as: scalar).cast(to: Double.self)
    let z = try complex(x)
    let axis = try axis(opset < 20 ? int("axis", 1) : has(2) ? integer(2) : -2, x.rank)
    try require(axis < x.rank - 1, "a transform along the pairs")
    let (isInverse, isOneSided) = (try flag("inverse"), try flag("onesided"))
    let standard = isInverse && isOneSided ? 2 * (x.shape[axis] - 1) : x.shape[axis]
    let size = has(1) ? try integer(1) : standard
    try require(size >= 1, "a transform of \(size) numbers")
    var shape = x.shape
    shape[axis] = size
    try allow(shape + [2])
    switch (isInverse, isOneSided) {
    case (false, false): return pairs(z.fft(size: size, along: axis), scalar)
    case (false, true):
      try require(x.shape[x.rank - 1] == 1, "one side of the transform of complex numbers")
      return pairs(z.real.rfft(size: size, along: axis), scalar)
    case (true, false): return pairs(z.ifft(size: size, along: axis), scalar)
    case (true, true):
      let real = z.irfft(size: size, along: axis)
      return ONNXTensor(real.reshaped(real.shape + [1]).cast(to: scalar))
    }
  }

  /// Transforms of windows of a signal [N, L], [N, L, 1] or [N, L, 2], which follow each other by a step.
  private func shortTransformed<Scalar: FloatingScalar>(_ scalar: Scalar.Type) throws -> ONNXTensor {
    var x = try tensor(0, as: scalar).cast(to: Double.self)
    if x.rank == 2 { x = x.reshaped(x.shape + [1]) }
    try require(x.rank == 3, "a signal of shape \(x.shape)")
    let z = try complex(x)
    let step = try integer(1)
    let window = try optional(2, as: scalar)?.cast(to: Double.self)
    let size = has(3) ? try integer(3) : window?.count ?? x.shape[1]
    try require(
      step >= 1 && size >= 1 && size <= x.shape[1] && (window.map { $0.shape == [size] } ?? true),
      "frames of \(size), \(step) apart, of a signal of shape \(x.shape)")
    try allow([x.shape[0], (x.shape[1] - size) / step + 1, size, 2])
    func frames(_ part: Tensor<Double>) -> Tensor<Double> {
      let all = part.windows(along: 1, size: size, step: step)
      return window.map { all * $0 } ?? all
    }
    if try flag("onesided", true) {
      try require(x.shape[2] == 1, "one side of the transform of complex numbers")
      return pairs(frames(z.real).rfft(along: 2), scalar)
    }
    return pairs(ComplexPair(real: frames(z.real), imaginary: frames(z.imaginary)).fft(along: 2), scalar)
  }

  /// Σ aₖ·cos(2πk·n/N) for n = 0, 1, …; N is the size, or one less where the window is not periodic.
  private func window(_ factors: [Double]) throws -> ONNXTensor {
    let size = try integer(0)
    try require(size >= 0, "a window of \(size)")
    try allow([size])
    let period = Double(try flag("periodic", true) ? size : size - 1)
    let values = (0..<size).map { place in
      factors.enumerated().reduce(0) { $0 + $1.element * cos(2 * .pi * Double($1.offset * place) / period) }
    }
    switch try int("output_datatype", 1) {
    case 1: return ONNXTensor(Tensor(values.map { Float($0) }))
    case 11: return ONNXTensor(Tensor(values))
    case let type: throw error("elements of \(onnxTypeName(type)), which windows do not have")
    }
  }
}
