import TernTensor

/// Interpolation and sampling at positions.
enum ImageSampling: ConformanceFamily {
  static let name = "image_sampling"

  static func run<Scalar: FloatingScalar>(_ arguments: Arguments<Scalar>) throws -> [AnyTensor] {
    let attributes = arguments.attributes
    let x = try arguments.tensor(0)
    let aligns = try attributes.bool("align_corners")
    switch arguments.operation {
    case "interpolate": return results(try interpolated(x, attributes))
    case "grid_sample":
      let modes: [String: GridSampleMode] = ["nearest": .nearest, "bilinear": .linear, "bicubic": .cubic]
      let paddings: [String: GridSamplePadding] = ["zeros": .zeros, "border": .border, "reflection": .reflection]
      let (name, outside) = (attributes.string("mode") ?? "bilinear", attributes.string("padding_mode") ?? "zeros")
      guard let mode = modes[name], let padding = paddings[outside] else {
        throw ConformanceError("no mode \"\(name)\" or padding \"\(outside)\"")
      }
      return try results(gridSample(x, at: arguments.tensor(1), mode: mode, padding: padding, alignsCorners: aligns))
    case "affine_grid":
      guard let size = try attributes.ints("size") else { throw ConformanceError("size is missing") }
      return results(affineGrid(x, size: Array(size.dropFirst(2)), alignsCorners: aligns))
    case "channel_shuffle":
      return try results(channelShuffle(x, groups: attributes.int("groups", default: 1)))
    default: throw arguments.unknownOperation
    }
  }

  private static func interpolated<Scalar: FloatingScalar>(
    _ x: Tensor<Scalar>, _ attributes: Attributes
  ) throws -> Tensor<Scalar> {
    let modes: [String: InterpolationMode] = [
      "nearest": .nearest, "nearest-exact": .nearestExact, "linear": .linear, "bilinear": .linear,
      "trilinear": .linear, "bicubic": .cubic, "area": .area, "lanczos": .lanczos,
    ]
    let name = attributes.string("mode") ?? "nearest"
    guard let mode = modes[name] else { throw ConformanceError("no mode \"\(name)\"") }
    let aligns = try attributes.bool("align_corners")
    let antialiases = try attributes.bool("antialias")
    if let size = try attributes.ints("size") {
      return interpolate(x, size: size, mode: mode, alignsCorners: aligns, antialiases: antialiases)
    }
    guard let scale = try attributes.numbers("scale_factor") else {
      throw ConformanceError("neither size nor scale_factor")
    }
    return interpolate(
      x, scale: scale, mode: mode, alignsCorners: aligns,
      recomputesScale: try attributes.bool("recompute_scale_factor"),
      antialiases: antialiases)
  }
}
