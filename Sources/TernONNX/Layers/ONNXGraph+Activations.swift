import TernNN
import TernTensor

extension ONNXGraph {
  /// Functions of elements, and of runs along an axis.
  func activation<L: Layer>(_ layer: L, _ x: ONNXValue) -> ONNXValue? {
    typealias Scalar = L.Scalar
    func node(_ operation: String, _ inputs: [ONNXValue], _ attributes: [String: ONNXAttribute] = [:]) -> ONNXValue {
      self.node(operation, inputs, shape: x.shape, attributes)
    }
    switch layer {
    case is ReLU<Scalar>: return node("Relu", [x])
    case is Sigmoid<Scalar>: return node("Sigmoid", [x])
    case is Tanh<Scalar>: return node("Tanh", [x])
    case is SiLU<Scalar>: return node("Mul", [x, node("Sigmoid", [x])])
    case is ReLU6<Scalar>: return node("Clip", [x, constant(0), constant(6)])
    case let layer as HardTanh<Scalar>: return node("Clip", [x, constant(layer.low), constant(layer.high)])
    case is HardSigmoid<Scalar>: return hardSigmoid(x)
    case is HardSwish<Scalar>: return node("Mul", [x, hardSigmoid(x)])
    case is SoftSign<Scalar>: return node("Softsign", [x])
    case is Mish<Scalar>: return node("Mul", [x, node("Tanh", [node("Softplus", [x])])])
    case is SELU<Scalar>: return node("Selu", [x])
    case is LogSigmoid<Scalar>: return node("Neg", [node("Softplus", [node("Neg", [x])])])
    case is TanhShrink<Scalar>: return node("Sub", [x, node("Tanh", [x])])
    case let layer as LeakyReLU<Scalar>: return node("LeakyRelu", [x], ["alpha": .float(layer.slope)])
    case let layer as RReLU<Scalar>:
      return node("LeakyRelu", [x], ["alpha": .float((layer.lower + layer.upper) / 2)])
    case let layer as ELU<Scalar>: return node("Elu", [x], ["alpha": .float(layer.alpha)])
    case let layer as CELU<Scalar>: return node("Celu", [x], ["alpha": .float(layer.alpha)])
    case let layer as HardShrink<Scalar>: return node("Shrink", [x], ["lambd": .float(layer.lambda)])
    case let layer as SoftShrink<Scalar>:
      return node("Shrink", [x], ["lambd": .float(layer.lambda), "bias": .float(layer.lambda)])
    case let layer as Threshold<Scalar>:
      let isAbove = node("Greater", [x, constant(layer.threshold)])
      return node("Where", [isAbove, x, constant(layer.value)])
    case let layer as PReLU<Scalar>:
      let slope = state(layer.weight)
      guard layer.weight.count > 1 else { return node("PRelu", [x, slope]) }
      // One slope for each channel, along the second axis.
      let shape = [layer.weight.count] + Array(repeating: 1, count: x.shape.count - 2)
      return node("PRelu", [x, self.node("Reshape", [slope, integers(shape)], shape: shape)])
    case let layer as SoftPlus<Scalar>:
      // log(1 + e^βx)/β; beyond the threshold the layer gives x itself, which differs by less than e^−βx/β.
      guard layer.threshold >= 15 else {
        return refuse(layer, "its threshold is \(layer.threshold), expected at least 15", x)
      }
      guard layer.beta != 1 else { return node("Softplus", [x]) }
      return node("Div", [node("Softplus", [node("Mul", [x, constant(layer.beta)])]), constant(layer.beta)])
    case let layer as GELU<Scalar>: return gelu(x, layer.approximate)
    case let layer as Softmax<Scalar>: return node("Softmax", [x], ["axis": .int(layer.axis)])
    case let layer as LogSoftmax<Scalar>: return node("LogSoftmax", [x], ["axis": .int(layer.axis)])
    case let layer as Softmin<Scalar>: return node("Softmax", [node("Neg", [x])], ["axis": .int(layer.axis)])
    case is Softmax2D<Scalar>: return node("Softmax", [x], ["axis": .int(-3)])
    case let layer as GLU<Scalar>:
      let shape = shape(of: layer, x)
      let halves = [ONNXValue(name: fresh("half"), shape: shape), ONNXValue(name: fresh("half"), shape: shape)]
      add("Split", [x.name], halves.map(\.name), ["axis": .int(layer.axis), "num_outputs": .int(2)])
      return self.node("Mul", [halves[0], self.node("Sigmoid", [halves[1]], shape: shape)], shape: shape)
    default: return nil
    }
  }

  private func hardSigmoid(_ x: ONNXValue) -> ONNXValue {
    node("HardSigmoid", [x], shape: x.shape, ["alpha": .float(1 / 6), "beta": .float(0.5)])
  }

  /// x/2·(1 + erf(x/√2)), or x/2·(1 + tanh(√(2/π)·(x + 0.044715x³))): opset 18 has no operator of its own.
  private func gelu(_ x: ONNXValue, _ approximation: GELUApproximation) -> ONNXValue {
    func node(_ operation: String, _ inputs: [ONNXValue]) -> ONNXValue { self.node(operation, inputs, shape: x.shape) }
    let inner: ONNXValue
    switch approximation {
    case .none: inner = node("Erf", [node("Mul", [x, constant(0.5.squareRoot())])])
    case .tanh:
      let cube = node("Mul", [node("Mul", [x, x]), x])
      let sum = node("Add", [x, node("Mul", [cube, constant(0.044715)])])
      inner = node("Tanh", [node("Mul", [sum, constant((2 / Double.pi).squareRoot())])])
    }
    return node("Mul", [node("Mul", [x, constant(0.5)]), node("Add", [inner, constant(1)])])
  }
}
