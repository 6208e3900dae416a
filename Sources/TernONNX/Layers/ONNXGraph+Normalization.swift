import TernNN
import TernTensor

extension ONNXGraph {
  /// Normalizations, with the statistics of evaluation.
  func normalization<L: Layer>(_ layer: L, _ x: ONNXValue) -> ONNXValue? {
    typealias Scalar = L.Scalar
    switch layer {
    case let norm as BatchNorm<Scalar>:
      guard let mean = norm.runningMean, let variance = norm.runningVar else {
        return refuse(norm, "it keeps no running statistics", x)
      }
      let weight = norm.weight.map { state($0) } ?? filled(1, norm.features)
      let bias = norm.bias.map { state($0) } ?? filled(0, norm.features)
      return node(
        "BatchNormalization", [x, weight, bias, state(mean), state(variance)], shape: x.shape,
        ["epsilon": .float(norm.epsilon)])
    case let norm as LayerNorm<Scalar>:
      let weight =
        norm.weight.map { state($0) } ?? constant(Tensor<Float>(ones: norm.normalizedShape), name: fresh("ones"))
      return node(
        "LayerNormalization", [x, weight] + (norm.bias.map { [state($0)] } ?? []), shape: x.shape,
        ["axis": .int(-norm.normalizedShape.count), "epsilon": .float(norm.epsilon)])
    case let norm as GroupNorm<Scalar>:
      // Opset 18's own operator scales groups, not channels: each group is normalized as one channel.
      let count = x.shape.dropFirst().reduce(1, *)
      let groups = reshaped(x, to: [x.shape[0], norm.groups, count / norm.groups])
      let normalized = node(
        "InstanceNormalization", [groups, filled(1, norm.groups), filled(0, norm.groups)], shape: groups.shape,
        ["epsilon": .float(norm.epsilon)])
      return affine(reshaped(normalized, to: x.shape), norm.weight, norm.bias)
    case let norm as InstanceNorm<Scalar>:
      let weight = norm.weight.map { state($0) } ?? filled(1, norm.features)
      let bias = norm.bias.map { state($0) } ?? filled(0, norm.features)
      if let mean = norm.runningMean, let variance = norm.runningVar {
        return node(
          "BatchNormalization", [x, weight, bias, state(mean), state(variance)], shape: x.shape,
          ["epsilon": .float(norm.epsilon)])
      }
      return node(
        "InstanceNormalization", [x, weight, bias], shape: x.shape, ["epsilon": .float(norm.epsilon)])
    case let norm as RMSNorm<Scalar>:
      // x/√(mean of x² + ε)·γ.
      let axes = integers((0..<norm.normalizedShape.count).map { -1 - $0 })
      let shape = x.shape.dropLast(norm.normalizedShape.count) + norm.normalizedShape.map { _ in 1 }
      let mean = node("ReduceMean", [node("Mul", [x, x], shape: x.shape), axes], shape: Array(shape))
      let sum = node("Add", [mean, constant(norm.epsilon ?? Double(Scalar.ulpOfOne))], shape: mean.shape)
      let result = node("Div", [x, node("Sqrt", [sum], shape: sum.shape)], shape: x.shape)
      return norm.weight.map { node("Mul", [result, state($0)], shape: x.shape) } ?? result
    default: return nil
    }
  }

  /// One number for each channel.
  private func filled(_ value: Float, _ count: Int) -> ONNXValue {
    constant(Tensor<Float>(Array(repeating: value, count: count)), name: fresh("filled"))
  }

  /// x·γ + β, by channels along the second axis.
  private func affine<Scalar>(_ x: ONNXValue, _ weight: Parameter<Scalar>?, _ bias: Parameter<Scalar>?) -> ONNXValue {
    var x = x
    for (parameter, operation) in [(weight, "Mul"), (bias, "Add")] {
      guard let parameter else { continue }
      let shape = [parameter.count] + Array(repeating: 1, count: x.shape.count - 2)
      x = node(operation, [x, node("Reshape", [state(parameter), integers(shape)], shape: shape)], shape: x.shape)
    }
    return x
  }
}
