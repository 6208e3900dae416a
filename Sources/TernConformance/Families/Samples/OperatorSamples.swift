import TernData
import TernTensor

/// PyTorch's operators as its own sample inputs call them: under their full names, `linalg.eigh` or `nn.functional.pad`,
/// tensors in the order of the parameters, everything else under the parameters' names.
enum OperatorSamples: ConformanceFamily {
  static let name = "operator_samples"

  static func run<Scalar: FloatingScalar>(_ arguments: Arguments<Scalar>) throws -> [AnyTensor] {
    do {
      return try results(of: arguments)
    } catch {
      // Whole numbers and truth values that PyTorch would make floating-point numbers of by itself.
      guard let promoted = arguments.promoted else { throw error }
      return try results(of: promoted)
    }
  }

  private static func results<Scalar: FloatingScalar>(of arguments: Arguments<Scalar>) throws -> [AnyTensor] {
    let call = try renamed(arguments)
    if let found = try creation(call) { return found }
    if let found = try shape(call) ?? part(call) { return found }
    if let found = try reduction(call) ?? masked(call) ?? element(call) { return found }
    if let found = try factorization(call) ?? layer(call) { return found }
    let short = shortName(call.operation)
    guard let family = families[short] else { throw arguments.unknownOperation }
    return try family.run(call.with(operation: short))
  }

  /// The operator without the name of its module.
  static func shortName(_ name: String) -> String {
    for module in ["nn.functional.", "linalg.", "special.", "fft.", "signal.windows."] where name.hasPrefix(module) {
      return String(name.dropFirst(module.count))
    }
    return name
  }

  /// Other names of operators, and of parameters.
  private static func renamed<Scalar: FloatingScalar>(_ arguments: Arguments<Scalar>) throws -> Arguments<Scalar> {
    let names = [
      "trapz": "trapezoid", "split_with_sizes": "split", "broadcast_to": "expand", "linalg.cholesky_ex": "cholesky",
      "linalg.inv_ex": "linalg.inv", "linalg.ldl_factor_ex": "linalg.ldl_factor", "linalg.solve_ex": "linalg.solve",
      "linalg.lu_factor_ex": "linalg.lu_factor", "special.modified_bessel_i0": "i0",
      "special.modified_bessel_i1": "special.i1", "view": "reshape", "swapdims": "transpose", "svd": "linalg.svd",
      "fft.hfft2": "fft.hfftn", "fft.ihfft2": "fft.ihfftn", "pinverse": "linalg.pinv", "zero_": "zeros_like",
      "nn.functional.upsample_nearest": "nn.functional.interpolate",
    ]
    var attributes = arguments.attributes
    switch arguments.operation {
    case "fft.hfft2" where !attributes.has("dim"), "fft.ihfft2" where !attributes.has("dim"):
      attributes = attributes.with("dim", .array([.integer(-2), .integer(-1)]))
    case "nn.functional.upsample_bilinear":
      attributes = attributes.with("mode", .string("bilinear")).with("align_corners", .bool(true))
      return arguments.with(operation: "nn.functional.interpolate", attributes: attributes)
    case "grid_sampler_2d", "grid_sampler_3d":
      let modes = try ["bilinear", "nearest", "bicubic"].dropFirst(
        max(0, attributes.int("interpolation_mode", default: 0)))
      let paddings = try ["zeros", "border", "reflection"].dropFirst(max(0, attributes.int("padding_mode", default: 0)))
      attributes = attributes.with("mode", .string(modes.first ?? ""))
      attributes = attributes.with("padding_mode", .string(paddings.first ?? ""))
      return arguments.with(operation: "nn.functional.grid_sample", attributes: attributes)
    case "split_with_sizes": attributes = attributes.renamed("split_sizes", to: "split_size_or_sections")
    case "split": attributes = attributes.renamed("split_size", to: "split_size_or_sections")
    case "view": attributes = attributes.renamed("size", to: "shape")
    case "swapaxes": attributes = attributes.renamed("axis0", to: "dim0").renamed("axis1", to: "dim1")
    default: break
    }
    if let isUnbiased = attributes.json("unbiased") {
      attributes = attributes.with("correction", .integer(isUnbiased == .bool(true) ? 1 : 0))
    }
    return arguments.with(operation: names[arguments.operation] ?? arguments.operation, attributes: attributes)
  }

  /// A name such as "float64" of the attribute `dtype`.
  static func typeName(_ attributes: Attributes) throws -> String? {
    attributes.string("dtype") == nil ? try attributes.object("dtype")?.string("dtype") : attributes.string("dtype")
  }
}
