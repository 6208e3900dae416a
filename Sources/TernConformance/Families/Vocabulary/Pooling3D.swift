import TernTensor

/// Pooling of volumes, adaptive pooling of sequences, max unpooling, fractional max pooling.
enum Pooling3D: ConformanceFamily {
  static let name = "pooling_3d"

  static func run<Scalar: FloatingScalar>(_ arguments: Arguments<Scalar>) throws -> [AnyTensor] {
    let attributes = arguments.attributes
    let x = try arguments.tensor(0)
    let wantsIndices = try attributes.bool("return_indices")
    switch arguments.operation {
    case "max_pool3d":
      let w = try Windows(attributes)
      if wantsIndices {
        let found = maxPool3DWithIndices(
          x, kernelSize: w.kernel, stride: w.stride, padding: w.padding, dilation: w.dilation, ceilMode: w.ceilMode)
        return results(found.values, found.indices)
      }
      return results(
        maxPool3D(
          x, kernelSize: w.kernel, stride: w.stride, padding: w.padding, dilation: w.dilation, ceilMode: w.ceilMode))
    case "avg_pool3d":
      let w = try Windows(attributes)
      return try results(
        avgPool3D(
          x, kernelSize: w.kernel, stride: w.stride, padding: w.padding, ceilMode: w.ceilMode,
          countsPadding: attributes.bool("count_include_pad", default: true),
          divisor: attributes.int("divisor_override")))
    case "lp_pool3d":
      let w = try Windows(attributes)
      return try results(
        lpPool3D(
          x, p: arguments.scalar("norm_type", default: 2), kernelSize: w.kernel, stride: w.stride,
          ceilMode: w.ceilMode))
    case "max_unpool1d", "max_unpool2d", "max_unpool3d": return try unpooled(arguments)
    case "fractional_max_pool2d", "fractional_max_pool3d":
      let found = try fractional(arguments)
      return wantsIndices ? results(found.values, found.indices) : results(found.values)
    case "adaptive_avg_pool1d": return try results(adaptiveAvgPool1D(x, outputSize: attributes.ints("output_size")![0]))
    case "adaptive_max_pool1d":
      let size = try attributes.ints("output_size")![0]
      if !wantsIndices { return results(adaptiveMaxPool1D(x, outputSize: size)) }
      let found = adaptiveMaxPool1DWithIndices(x, outputSize: size)
      return results(found.values, found.indices)
    case "adaptive_avg_pool3d", "adaptive_max_pool3d":
      guard let given = try attributes.optionalInts("output_size") else {
        throw ConformanceError("output_size is missing")
      }
      let sizes = given.count == 3 ? given : [given[0], given[0], given[0]]
      let (depth, height, width) = (sizes[0], sizes[1], sizes[2])
      if arguments.operation == "adaptive_avg_pool3d" {
        return results(adaptiveAvgPool3D(x, depth: depth, height: height, width: width))
      }
      if !wantsIndices { return results(adaptiveMaxPool3D(x, depth: depth, height: height, width: width)) }
      let found = adaptiveMaxPool3DWithIndices(x, depth: depth, height: height, width: width)
      return results(found.values, found.indices)
    default: throw arguments.unknownOperation
    }
  }

  /// What all poolings with a kernel are given.
  private struct Windows {
    let kernel: Triple
    let stride: Triple?
    let padding: Triple
    let dilation: Triple
    let ceilMode: Bool

    init(_ attributes: Attributes) throws {
      guard let kernel = try attributes.ints("kernel_size") else { throw ConformanceError("kernel_size is missing") }
      self.kernel = Triple(spread: kernel)
      stride = try attributes.ints("stride").flatMap { $0.isEmpty ? nil : Triple(spread: $0) }
      padding = Triple(spread: try attributes.ints("padding") ?? [0])
      dilation = Triple(spread: try attributes.ints("dilation") ?? [1])
      ceilMode = try attributes.bool("ceil_mode")
    }
  }

  private static func unpooled<Scalar: FloatingScalar>(_ arguments: Arguments<Scalar>) throws -> [AnyTensor] {
    let attributes = arguments.attributes
    let (x, indices) = try (arguments.tensor(0), arguments.index(1))
    let kernel = try attributes.ints("kernel_size") ?? [1]
    let (stride, padding) = try (attributes.ints("stride"), attributes.ints("padding") ?? [0])
    let axes = Int(arguments.operation.dropLast().suffix(1)) ?? 1
    let size = try attributes.ints("output_size").map { Array($0.suffix(axes)) }
    switch axes {
    case 1:
      return results(
        maxUnpool1D(
          x, indices: indices, kernelSize: kernel[0], stride: stride?[0], padding: padding[0], outputSize: size?[0]))
    case 2:
      return results(
        maxUnpool2D(
          x, indices: indices, kernelSize: Pair(kernel), stride: stride.map { Pair($0) }, padding: Pair(padding),
          outputSize: size))
    default:
      return results(
        maxUnpool3D(
          x, indices: indices, kernelSize: Triple(spread: kernel), stride: stride.map { Triple(spread: $0) },
          padding: Triple(spread: padding), outputSize: size))
    }
  }

  private static func fractional<Scalar: FloatingScalar>(
    _ arguments: Arguments<Scalar>
  ) throws -> (values: Tensor<Scalar>, indices: Tensor<Int>) {
    let attributes = arguments.attributes
    let (x, samples) = try (arguments.tensor(0), arguments.tensor(1))
    let kernel = try attributes.ints("kernel_size") ?? [1]
    let size = try attributes.ints("output_size")
    let ratio = try attributes.numbers("output_ratio") ?? []
    if arguments.operation == "fractional_max_pool2d" {
      guard let size else {
        return fractionalMaxPool2DWithIndices(x, kernelSize: Pair(kernel), outputRatio: ratio, samples: samples)
      }
      return fractionalMaxPool2DWithIndices(x, kernelSize: Pair(kernel), outputSize: Pair(size), samples: samples)
    }
    guard let size else {
      return fractionalMaxPool3DWithIndices(x, kernelSize: Triple(spread: kernel), outputRatio: ratio, samples: samples)
    }
    return fractionalMaxPool3DWithIndices(
      x, kernelSize: Triple(spread: kernel), outputSize: Triple(spread: size), samples: samples)
  }
}
