import TernNN
import TernTensor

extension ONNXGraph {
  /// Pooling and resampling.
  func pooling<L: Layer>(_ layer: L, _ x: ONNXValue) -> ONNXValue? {
    typealias Scalar = L.Scalar
    switch layer {
    case let pool as MaxPool1D<Scalar>:
      return window(
        "MaxPool", pool, x, [pool.kernelSize], [pool.stride ?? pool.kernelSize], [pool.padding], [pool.dilation])
    case let pool as MaxPool2D<Scalar>:
      return window(
        "MaxPool", pool, x, pool.kernelSize.array, (pool.stride ?? pool.kernelSize).array, pool.padding.array,
        pool.dilation.array)
    case let pool as AvgPool1D<Scalar>:
      return window(
        "AveragePool", pool, x, [pool.kernelSize], [pool.stride ?? pool.kernelSize], [pool.padding],
        countsPadding: pool.countsPadding)
    case let pool as AvgPool2D<Scalar>:
      return window(
        "AveragePool", pool, x, pool.kernelSize.array, (pool.stride ?? pool.kernelSize).array, pool.padding.array,
        countsPadding: pool.countsPadding)
    case is AdaptiveAvgPool1D<Scalar>, is AdaptiveAvgPool2D<Scalar>: return adaptive("AveragePool", layer, x)
    case is AdaptiveMaxPool1D<Scalar>, is AdaptiveMaxPool2D<Scalar>: return adaptive("MaxPool", layer, x)
    case let layer as Upsample<Scalar>: return upsample(layer, x)
    default: return nil
    }
  }

  /// Windows of one size; rounding the counts up is exact where it changes none of them.
  private func window<L: Layer>(
    _ operation: String, _ layer: L, _ x: ONNXValue, _ kernel: [Int], _ stride: [Int], _ padding: [Int],
    _ dilation: [Int]? = nil, countsPadding: Bool? = nil
  ) -> ONNXValue {
    let shape = shape(of: layer, x)
    for axis in kernel.indices {
      let extent = (kernel[axis] - 1) * (dilation?[axis] ?? 1) + 1
      let count = (x.shape[axis + 2] + 2 * padding[axis] - extent) / stride[axis] + 1
      guard count == shape[axis + 2] else {
        return refuse(layer, "its last windows reach beyond the input (ceilMode)", x, shape: shape)
      }
    }
    var attributes: [String: ONNXAttribute] = [
      "kernel_shape": .ints(kernel), "strides": .ints(stride), "pads": .ints(padding + padding),
    ]
    if let dilation { attributes["dilations"] = .ints(dilation) }
    if let countsPadding { attributes["count_include_pad"] = .int(countsPadding ? 1 : 0) }
    return node(operation, [x], shape: shape, attributes)
  }

  /// Adaptive pooling, where all windows have one size.
  private func adaptive<L: Layer>(_ operation: String, _ layer: L, _ x: ONNXValue) -> ONNXValue {
    let shape = shape(of: layer, x)
    let (inputs, outputs) = (Array(x.shape.dropFirst(2)), Array(shape.dropFirst(2)))
    if outputs.allSatisfy({ $0 == 1 }) { return node("Global" + operation, [x], shape: shape) }
    guard zip(inputs, outputs).allSatisfy({ $0 % $1 == 0 }) else {
      return refuse(layer, "\(inputs) do not divide into \(outputs) windows of one size", x, shape: shape)
    }
    let kernel = zip(inputs, outputs).map { $0 / $1 }
    return node(operation, [x], shape: shape, ["kernel_shape": .ints(kernel), "strides": .ints(kernel)])
  }

  /// Nearest and linear interpolation by whole factors.
  private func upsample<Scalar>(_ layer: Upsample<Scalar>, _ x: ONNXValue) -> ONNXValue {
    let shape = shape(of: layer, x)
    let factors = zip(shape, x.shape).map { $0 % $1 == 0 ? $0 / $1 : 0 }
    guard !factors.contains(0), !layer.antialiases, layer.mode == .nearest || layer.mode == .linear else {
      return refuse(layer, "only whole factors of nearest and linear interpolation have the same form", x, shape: shape)
    }
    let scales = constant(Tensor<Float>(factors.map { Float($0) }), name: fresh("scales"))
    let isNearest = layer.mode == .nearest
    let coordinates = isNearest ? "asymmetric" : layer.alignsCorners ? "align_corners" : "half_pixel"
    let result = ONNXValue(name: fresh("resize"), shape: shape)
    add(
      "Resize", [x.name, "", scales.name], [result.name],
      [
        "mode": .string(isNearest ? "nearest" : "linear"), "coordinate_transformation_mode": .string(coordinates),
        "nearest_mode": .string("floor"),
      ])
    return result
  }
}
