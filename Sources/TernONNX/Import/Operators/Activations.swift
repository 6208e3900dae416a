import TernBackend
import TernNN
import TernTensor

extension NodeCall {
  /// Activation functions.
  static let activations: [String: GraphOperator] = {
    var table: [String: GraphOperator] = [
      "Relu": { [try $0.relu($0.numeric)] },
      "PRelu": { [try $0.prelu($0.numeric)] },
      "Dropout": { try $0.dropped($0.scalar) },
      "Softmax": { try $0.floating($0.softmax, $0.softmax) },
      "LogSoftmax": { try $0.floating($0.softmax, $0.softmax) },
      "Hardmax": { try $0.floating($0.softmax, $0.softmax) },
    ]
    for name in [
      "Sigmoid", "Tanh", "LeakyRelu", "Elu", "Selu", "Celu", "HardSigmoid", "HardSwish", "Softplus", "Softsign",
      "ThresholdedRelu", "Mish", "Gelu", "Swish", "Shrink",
    ] {
      table[name] = { try $0.floating($0.activation, $0.activation) }
    }
    return table
  }()

  private func relu<Scalar: NumericScalar>(_: Scalar.Type) throws -> ONNXTensor {
    ONNXTensor(try tensor(0, as: Scalar.self).relu())
  }

  private func activation<Scalar: FloatingScalar>(_: Scalar.Type) throws -> ONNXTensor {
    let x: Tensor<Scalar> = try tensor(0)
    func number(_ name: String, _ standard: Double) throws -> Scalar { Scalar(try float(name, standard)) }
    let y: Tensor<Scalar>
    switch operation {
    case "Sigmoid": y = x.sigmoid()
    case "Tanh": y = x.tanh()
    case "LeakyRelu": y = x.leakyReLU(slope: try number("alpha", 0.01))
    case "Elu": y = x.elu(alpha: try number("alpha", 1))
    case "Selu":
      let alpha = try number("alpha", 1.67326319217681884765625)
      y = x.elu(alpha: alpha) * (try number("gamma", 1.05070102214813232421875))
    case "Celu":
      let alpha = try number("alpha", 1)
      try require(alpha != 0, "an alpha of 0")
      y = maximum(x, Tensor(0)) + minimum((x / alpha).expm1() * alpha, Tensor(0))
    case "HardSigmoid":
      let scaled = x * (try number("alpha", 0.2)) + (try number("beta", 0.5))
      y = scaled.clamped(min: 0, max: 1)
    case "HardSwish": y = x.hardSwish()
    case "Softplus": y = x.softplus(beta: 1, threshold: Scalar.self == Float.self ? 20 : 40)
    case "Softsign": y = x.softSign()
    case "ThresholdedRelu": y = x.thresholded(at: try number("alpha", 1), value: 0)
    case "Mish": y = x.mish()
    case "Gelu": y = x.gelu(approximate: try text("approximate", "none") == "tanh" ? .tanh : .none)
    case "Swish": y = x * (x * (try number("alpha", 1))).sigmoid()
    case "Shrink":
      let (limit, bias) = (try number("lambd", 0.5), try number("bias", 0))
      let inner = select(x .< -limit, x + bias, Scalar.zero)
      y = select(x .> limit, x - bias, inner)
    default: throw error("is no activation")
    }
    return ONNXTensor(y)
  }

  /// max(x, 0) + slope · min(x, 0); the slope broadcasts to x.
  private func prelu<Scalar: NumericScalar>(_: Scalar.Type) throws -> ONNXTensor {
    let x: Tensor<Scalar> = try tensor(0)
    var slope: Tensor<Scalar> = try tensor(1)
    // Before version 7 a list of slopes was one for each channel.
    if opset < 7, slope.rank == 1, x.rank > 1, slope.shape[0] == x.shape[1] {
      slope = slope.reshaped([slope.count] + [Int](repeating: 1, count: x.rank - 2))
    }
    try require(try broadcast(x.shape, slope.shape) == x.shape, "slopes of shape \(slope.shape) for \(x.shape)")
    let zero = Tensor(Scalar.zero)
    return ONNXTensor(select(x .< zero, slope * x, x))
  }

  /// Softmax along one axis; before version 13 over all axes from one on, as rows of a matrix.
  private func softmax<Scalar: FloatingScalar>(_: Scalar.Type) throws -> ONNXTensor {
    let x: Tensor<Scalar> = try tensor(0)
    let half = try value(0).narrowType
    // In half precision each step is rounded, as NumPy and ONNX's reference do.
    func rounded(_ x: Tensor<Scalar>) -> Tensor<Scalar> { Tensor(body: ONNXTensor(x).narrowed(to: half).body) }
    func steps(_ x: Tensor<Scalar>, _ axis: Int) -> Tensor<Scalar> {
      if x.isEmpty { return x }
      let powers = rounded(rounded(x - x.amax(along: [axis], keepingAxes: true)).exp())
      return powers / rounded(powers.sum(along: [axis], keepingAxes: true))
    }
    func along(_ x: Tensor<Scalar>, _ axis: Int) -> Tensor<Scalar> {
      switch operation {
      case "Softmax": return half == 0 ? x.softmax(along: axis) : steps(x, axis)
      case "LogSoftmax": return x.logSoftmax(along: axis)
      default:
        let length = x.shape[axis]
        if x.isEmpty { return x }
        let places = Tensor(0..<length).reshaped([length] + [Int](repeating: 1, count: x.rank - 1 - axis))
        return (x.argmax(along: axis, keepingAxes: true) .== places).cast(to: Scalar.self)
      }
    }
    if opset >= 13 {
      let axis = try axis(int("axis", -1), x.rank)
      return ONNXTensor(along(x, axis))
    }
    let first = try int("axis", 1)
    try require(first >= -x.rank && first <= x.rank, "axis \(first) of a tensor of rank \(x.rank)")
    let axis = first < 0 ? first + x.rank : first
    let rows = x.shape[..<axis].reduce(1, *)
    if x.isEmpty { return ONNXTensor(x) }
    return ONNXTensor(along(x.reshaped([rows, x.count / rows]), 1).reshaped(x.shape))
  }

  /// The input in evaluation; in training some elements are 0 and the others larger.
  private func dropped<Scalar: TensorScalar>(_: Scalar.Type) throws -> [ONNXTensor] {
    let x: Tensor<Scalar> = try tensor(0)
    let ratio = opset < 12 ? try float("ratio", 0.5) : has(1) ? try number(1) : 0.5
    try require(ratio >= 0 && ratio < 1, "a ratio of \(ratio)")
    let isTraining = has(2) ? try condition(value(2), "training_mode") : false
    let whole = [ONNXTensor(x), ONNXTensor(Tensor<Bool>(full: x.shape, true))]
    guard isTraining || run.isTraining, ratio > 0 else { return whole }
    try require(run.isTraining, "drops at random, which a network does after train()")
    let factors = dropout(Tensor<Float>(ones: x.shape), probability: ratio)
    let keeps = factors .!= 0
    switch Scalar.dtype {
    case .float32: return [ONNXTensor(Tensor<Float>(body: x.body) * factors), ONNXTensor(keeps)]
    case .float64: return [ONNXTensor(Tensor<Double>(body: x.body) * factors.cast(to: Double.self)), ONNXTensor(keeps)]
    default: throw error("\(Scalar.dtype) is not one of its types")
    }
  }
}
