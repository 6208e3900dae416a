import TernTensor

extension OperationExporters {
  /// Activations, and the softmax family.
  static let activations: [String: Exporter] = [
    "relu": same("Relu"), "sigmoid": same("Sigmoid"), "softSign": same("Softsign"), "selu": same("Selu"),
    "prelu": { x in x.node("PRelu", [x.x, x.y]) },
    "silu": { x in x.node("Mul", [x.x, x.node("Sigmoid", [x.x])]) },
    "relu6": { x in x.node("Clip", [x.x, x.constant(0), x.constant(6)]) },
    "hardTanh": { x throws(Refusal) in x.node("Clip", [x.x, try x.scalar("first"), try x.scalar("second")]) },
    "hardSigmoid": { x in hardSigmoid(x) },
    "hardSwish": { x in x.node("Mul", [x.x, hardSigmoid(x)]) },
    "mish": { x in x.node("Mul", [x.x, x.node("Tanh", [x.node("Softplus", [x.x])])]) },
    "tanhShrink": { x in x.node("Sub", [x.x, x.node("Tanh", [x.x])]) },
    "logSigmoid": { x in x.node("Neg", [x.node("Softplus", [x.node("Neg", [x.x])])]) },
    "leakyReLU": { x throws(Refusal) in x.node("LeakyRelu", [x.x], ["alpha": .float(try x.number("first"))]) },
    "elu": { x throws(Refusal) in x.node("Elu", [x.x], ["alpha": .float(try x.number("first"))]) },
    "celu": { x throws(Refusal) in x.node("Celu", [x.x], ["alpha": .float(try x.number("first"))]) },
    "softplus": { x throws(Refusal) in
      // Beyond the threshold the function is x itself, which differs by less than e^−threshold/β.
      let (beta, threshold) = (try x.number("first"), try x.number("second"))
      let scaled = beta == 1 ? x.x : x.node("Mul", [x.x, x.constant(beta)])
      let smooth = x.node("Softplus", [scaled])
      let result = beta == 1 ? smooth : x.node("Div", [smooth, x.constant(beta)])
      if threshold >= 15 { return result }
      return x.node("Where", [x.node("Greater", [scaled, x.constant(threshold)]), x.x, result])
    },
    "thresholded": { x throws(Refusal) in
      let isAbove = x.node("Greater", [x.x, try x.scalar("first")])
      return x.node("Where", [isAbove, x.x, try x.scalar("second")])
    },
    "gelu": { x in
      // x/2·(1 + erf(x/√2)), or x/2·(1 + tanh(√(2/π)·(x + 0.044715x³))): opset 18 has no operator of its own.
      let inner: String
      if x.flag("isApproximate") {
        let cube = x.node("Mul", [x.node("Mul", [x.x, x.x]), x.x])
        let sum = x.node("Add", [x.x, x.node("Mul", [cube, x.constant(0.044715)])])
        inner = x.node("Tanh", [x.node("Mul", [sum, x.constant((2 / Double.pi).squareRoot())])])
      } else {
        inner = x.node("Erf", [x.node("Mul", [x.x, x.constant(0.5.squareRoot())])])
      }
      return x.node("Mul", [x.node("Mul", [x.x, x.constant(0.5)]), x.node("Add", [inner, x.constant(1)])])
    },
    "softmax": { x throws(Refusal) in x.node("Softmax", [x.x], ["axis": .int(try x.integer("axis"))]) },
    "logSoftmax": { x throws(Refusal) in x.node("LogSoftmax", [x.x], ["axis": .int(try x.integer("axis"))]) },
  ]

  private static func hardSigmoid(_ x: TracedOperation) -> String {
    x.node("HardSigmoid", [x.x], ["alpha": .float(1 / 6), "beta": .float(0.5)])
  }
}
