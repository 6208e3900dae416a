import TernTensor

/// Pooling and interpolation.
enum Pooling: ConformanceFamily {
  static let name = "nn_pool"

  static func run<Scalar: FloatingScalar>(_ arguments: Arguments<Scalar>) throws -> [AnyTensor] {
    let attributes = arguments.attributes
    let x = try arguments.tensor(0)
    switch arguments.operation {
    case "max_pool1d", "max_pool2d": return try maximum(x, arguments.operation, attributes)
    case "avg_pool1d":
      let windows = try Windows(attributes)
      return try results(
        avgPool1D(
          x, kernelSize: windows.kernel.horizontal, stride: windows.stride?.horizontal,
          padding: windows.padding.horizontal, ceilMode: windows.ceilMode,
          countsPadding: attributes.bool("count_include_pad", default: true)))
    case "avg_pool2d":
      let windows = try Windows(attributes)
      return try results(
        avgPool2D(
          x, kernelSize: windows.kernel, stride: windows.stride, padding: windows.padding, ceilMode: windows.ceilMode,
          countsPadding: attributes.bool("count_include_pad", default: true),
          divisor: attributes.int("divisor_override")))
    case "lp_pool2d":
      let windows = try Windows(attributes)
      return try results(
        lpPool2D(
          x, p: arguments.scalar("norm_type", default: 2), kernelSize: windows.kernel, stride: windows.stride,
          ceilMode: windows.ceilMode))
    case "adaptive_avg_pool2d", "adaptive_max_pool2d": return try adaptive(x, arguments.operation, attributes)
    case "interpolate": return results(try resampled(x, attributes))
    case "pixel_shuffle":
      return try results(pixelShuffle(x, upscaleFactor: attributes.int("upscale_factor", default: 1)))
    case "pixel_unshuffle":
      return try results(pixelUnshuffle(x, downscaleFactor: attributes.int("downscale_factor", default: 1)))
    default: throw arguments.unknownOperation
    }
  }

  /// What all poolings with a kernel are given.
  private struct Windows {
    let kernel: Pair
    let stride: Pair?
    let padding: Pair
    let dilation: Pair
    let ceilMode: Bool

    init(_ attributes: Attributes) throws {
      guard let kernel = try attributes.ints("kernel_size") else { throw ConformanceError("kernel_size is missing") }
      self.kernel = Pair(kernel)
      stride = try attributes.ints("stride").flatMap { $0.isEmpty ? nil : Pair($0) }
      padding = Pair(try attributes.ints("padding") ?? [0])
      dilation = Pair(try attributes.ints("dilation") ?? [1])
      ceilMode = try attributes.bool("ceil_mode")
    }
  }

  private static func maximum<Scalar: FloatingScalar>(
    _ x: Tensor<Scalar>, _ operation: String, _ attributes: Attributes
  ) throws -> [AnyTensor] {
    let w = try Windows(attributes)
    let indices = try attributes.bool("return_indices")
    if operation == "max_pool1d" {
      let (kernel, stride) = (w.kernel.horizontal, w.stride?.horizontal)
      let (padding, dilation) = (w.padding.horizontal, w.dilation.horizontal)
      if !indices {
        return results(
          maxPool1D(
            x, kernelSize: kernel, stride: stride, padding: padding, dilation: dilation, ceilMode: w.ceilMode))
      }
      let found = maxPool1DWithIndices(
        x, kernelSize: kernel, stride: stride, padding: padding, dilation: dilation, ceilMode: w.ceilMode)
      return results(found.values, found.indices)
    }
    if !indices {
      return results(
        maxPool2D(
          x, kernelSize: w.kernel, stride: w.stride, padding: w.padding, dilation: w.dilation, ceilMode: w.ceilMode))
    }
    let found = maxPool2DWithIndices(
      x, kernelSize: w.kernel, stride: w.stride, padding: w.padding, dilation: w.dilation, ceilMode: w.ceilMode)
    return results(found.values, found.indices)
  }

  private static func adaptive<Scalar: FloatingScalar>(
    _ x: Tensor<Scalar>, _ operation: String, _ attributes: Attributes
  ) throws -> [AnyTensor] {
    guard let sizes = try attributes.optionalInts("output_size") else {
      throw ConformanceError("output_size is missing")
    }
    let (height, width) = (sizes[0], sizes[sizes.count - 1])
    if operation == "adaptive_avg_pool2d" { return results(adaptiveAvgPool2D(x, height: height, width: width)) }
    if try !attributes.bool("return_indices") { return results(adaptiveMaxPool2D(x, height: height, width: width)) }
    let found = adaptiveMaxPool2DWithIndices(x, height: height, width: width)
    return results(found.values, found.indices)
  }

  private static func resampled<Scalar: FloatingScalar>(
    _ x: Tensor<Scalar>, _ attributes: Attributes
  ) throws -> Tensor<Scalar> {
    let modes: [String: InterpolationMode] = [
      "nearest": .nearest, "nearest-exact": .nearestExact, "linear": .linear, "bilinear": .linear,
    ]
    let name = attributes.string("mode") ?? "nearest"
    guard let mode = modes[name] else { throw ConformanceError("no mode \"\(name)\"") }
    let aligns = try attributes.bool("align_corners")
    if let size = try attributes.ints("size") { return interpolate(x, size: size, mode: mode, alignsCorners: aligns) }
    guard let scale = try attributes.numbers("scale_factor") else {
      throw ConformanceError("neither size nor scale_factor")
    }
    return interpolate(x, scale: scale, mode: mode, alignsCorners: aligns)
  }
}
