import TernTensor

/// Fourier transforms of one and several axes and of parts of signals, windows and frequencies.
enum Fourier: ConformanceFamily {
  static let name = "fourier"

  static func run<Scalar: FloatingScalar>(_ arguments: Arguments<Scalar>) throws -> [AnyTensor] {
    let attributes = arguments.attributes
    let x = try arguments.tensor(0)
    let axes = try attributes.ints("dim")
    switch arguments.operation {
    case "fftfreq":
      return try results(
        Tensor<Scalar>(
          fftFrequencies: attributes.int("n", default: 1), spacing: arguments.scalar("d", default: 1)))
    case "rfftfreq":
      return try results(
        Tensor<Scalar>(
          rfftFrequencies: attributes.int("n", default: 1), spacing: arguments.scalar("d", default: 1)))
    case "fftshift": return results(x.fftShifted(along: axes))
    case "ifftshift": return results(x.ifftShifted(along: axes))
    case "stft":
      return try pair(
        x.stft(
          attributes.int("n_fft", default: 1), hop: attributes.int("hop_length"), window: arguments.optionalTensor(1),
          center: attributes.bool("center", default: true), padding: padding(attributes),
          normalized: attributes.bool("normalized"), onesided: attributes.bool("onesided", default: true)))
    default: break
    }
    if let window = try window(attributes, arguments.operation) {
      let (count, isSymmetric) = try (attributes.int("count", default: 0), attributes.bool("sym", default: true))
      return results(Tensor<Scalar>(window: window, count: count, isPeriodic: !isSymmetric))
    }
    return try transforms(arguments)
  }

  private static func transforms<Scalar: FloatingScalar>(_ arguments: Arguments<Scalar>) throws -> [AnyTensor] {
    let attributes = arguments.attributes
    let x = try arguments.tensor(0)
    func z() throws -> ComplexPair<Scalar> {
      try arguments.optionalTensor(1).map { ComplexPair(real: x, imaginary: $0) } ?? ComplexPair(x)
    }
    let isTwo = arguments.operation.hasSuffix("2")
    let (n, axis) = try (attributes.int("n"), attributes.isList("dim") ? -1 : attributes.int("dim", default: -1))
    let (sizes, axes) = try (attributes.ints("s"), attributes.ints("dim") ?? (isTwo ? [-2, -1] : nil))
    let normalization = try normalization(attributes)
    switch arguments.operation {
    case "fft":
      let isReal = !arguments.has(1)
      return try pair(
        isReal
          ? x.fft(size: n, along: axis, normalization: normalization)
          : z().fft(size: n, along: axis, normalization: normalization))
    case "ifft": return try pair(z().ifft(size: n, along: axis, normalization: normalization))
    case "rfft": return pair(x.rfft(size: n, along: axis, normalization: normalization))
    case "irfft": return try results(z().irfft(size: n, along: axis, normalization: normalization))
    case "hfft": return try results(z().hfft(size: n, along: axis, normalization: normalization))
    case "ihfft": return pair(x.ihfft(size: n, along: axis, normalization: normalization))
    case "fftn", "fft2": return try pair(z().fftn(sizes: sizes, along: axes, normalization: normalization))
    case "ifftn", "ifft2": return try pair(z().ifftn(sizes: sizes, along: axes, normalization: normalization))
    case "rfftn", "rfft2": return pair(x.rfftn(sizes: sizes, along: axes, normalization: normalization))
    case "irfftn", "irfft2": return try results(z().irfftn(sizes: sizes, along: axes, normalization: normalization))
    case "hfftn": return try results(z().hfftn(sizes: sizes, along: axes, normalization: normalization))
    case "ihfftn": return pair(x.ihfftn(sizes: sizes, along: axes, normalization: normalization))
    case "istft":
      return try results(
        z().istft(
          attributes.int("n_fft", default: 1), hop: attributes.int("hop_length"), window: arguments.optionalTensor(2),
          center: attributes.bool("center", default: true), normalized: attributes.bool("normalized"),
          onesided: attributes.has("onesided") ? attributes.bool("onesided") : nil, length: attributes.int("length")))
    case "polar": return try pair(ComplexPair(magnitude: x, phase: arguments.tensor(1)))
    case "complex": return try pair(z())
    case "magnitude": return try results(z().magnitude)
    case "angle": return try results(z().phase)
    default: throw arguments.unknownOperation
    }
  }

  private static func pair<Scalar: FloatingScalar>(_ z: ComplexPair<Scalar>) -> [AnyTensor] {
    results(z.real, z.imaginary)
  }

  private static func normalization(_ attributes: Attributes) throws -> FourierNormalization {
    switch attributes.string("norm") {
    case nil, "backward": return .backward
    case "ortho": return .ortho
    case "forward": return .forward
    default: throw ConformanceError("no normalization of this name")
    }
  }

  private static func padding<Scalar: FloatingScalar>(_ attributes: Attributes) throws -> PaddingMode<Scalar> {
    switch attributes.string("pad_mode") {
    case nil, "reflect": return .reflect
    case "constant": return .constant(0)
    case "replicate": return .replicate
    case "circular": return .circular
    default: throw ConformanceError("no padding of this name")
    }
  }

  private static func window(_ attributes: Attributes, _ name: String) throws -> SignalWindow? {
    switch name {
    case "hann": return .hann
    case "hamming": return .hamming
    case "blackman": return .blackman
    case "nuttall": return .nuttall
    case "bartlett": return .bartlett
    case "cosine": return .cosine
    case "general_hamming": return try .generalHamming(alpha: attributes.number("alpha", default: 0.54))
    case "general_cosine": return try .generalCosine(attributes.numbers("a") ?? [])
    case "exponential":
      return try .exponential(center: attributes.number("center"), decay: attributes.number("tau", default: 1))
    case "gaussian": return try .gaussian(deviation: attributes.number("std", default: 1))
    case "kaiser": return try .kaiser(beta: attributes.number("beta", default: 12))
    default: return nil
    }
  }
}
