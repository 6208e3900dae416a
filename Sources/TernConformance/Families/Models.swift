import TernNN
import TernTensor

/// Whole trainings: networks of layers, a loss, an optimizer, some steps, and the network in evaluation.
enum Models: ConformanceFamily {
  static let name = "models"

  static func run<Scalar: FloatingScalar>(_ arguments: Arguments<Scalar>) throws -> [AnyTensor] {
    guard arguments.operation == "train" else { throw arguments.unknownOperation }
    let attributes = arguments.attributes
    let names = try attributes.strings("input_names") ?? []
    let inputs = Dictionary(zip(names, arguments.inputs), uniquingKeysWith: { first, _ in first })
    func input(_ name: String) throws -> AnyTensor {
      guard let tensor = inputs[name] ?? nil else { throw ConformanceError("\(name) is not there") }
      return tensor
    }
    let model: Sequential<Scalar> = try sequence(attributes, "layers")
    try model.load(model.state.map { try StateEntry($0.name, input($0.name)) })
    guard let settings = try attributes.object("optimizer"), let loss = try attributes.object("loss") else {
      throw ConformanceError("optimizer or loss is missing")
    }
    let kind = settings.string("type") ?? ""
    let optimizer = try Optimization.optimizer(kind, settings, model, UnknownOperation(name: "train with \(kind)"))
    let scheduler = try attributes.object("schedule").flatMap {
      try Optimization.schedule($0.string("type") ?? "", $0)
    }.map { Scheduler(optimizer, $0) }

    let x: Tensor<Scalar> = try input("batches_x").typed() ?? Tensor(zeros: [0])
    let y = try input("batches_y")
    var losses: [Tensor<Scalar>] = []
    for step in 0..<(try attributes.int("steps", default: 0)) {
      let value: Tensor<Scalar> = try compare(model(x[step]), y, step, loss)
      optimizer.zeroGradients()
      value.backward()
      if let limit = try attributes.number("clip_grad_norm") { clipGradients(of: model, norm: limit) }
      optimizer.step()
      scheduler?.step()
      losses.append(value.detached())
    }
    let evaluated: Tensor<Scalar> = try input("eval_x").typed() ?? Tensor(zeros: [0])
    let answer = model.with(.evaluation) { withoutGradients { model(evaluated) } }
    let state = Dictionary(model.state.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    return try (attributes.strings("output_names") ?? []).map { name in
      switch name {
      case "losses": return AnyTensor(stack(losses))
      case "eval_logits": return AnyTensor(answer)
      default:
        if let tensor = state[name]?.tensor(Scalar.self) { return AnyTensor(tensor) }
        if let tensor = state[name]?.tensor(Int.self) { return AnyTensor(tensor) }
        throw ConformanceError("the model has no \(name)")
      }
    }
  }

  private static func compare<Scalar: FloatingScalar>(
    _ answer: Tensor<Scalar>, _ targets: AnyTensor, _ step: Int, _ loss: Attributes
  ) throws -> Tensor<Scalar> {
    let target: AnyTensor =
      switch targets {
      case .int(let labels): .int(labels[step])
      case .float(let values): .float(values[step])
      case .double(let values): .double(values[step])
      default: throw ConformanceError("targets of \(targets.dtype)")
      }
    let arguments = Arguments<Scalar>(
      operation: loss.string("type") ?? "", attributes: loss, inputs: [AnyTensor(answer), target])
    guard let value: Tensor<Scalar> = try Losses.run(arguments).first?.typed() else {
      throw ConformanceError("the loss is of another type")
    }
    return value
  }

  private static func sequence<Scalar: FloatingScalar>(
    _ attributes: Attributes, _ name: String
  ) throws -> Sequential<Scalar> {
    Sequential<Scalar>(try (attributes.objects(name) ?? []).map { try layer($0) })
  }

  private static func layer<Scalar: FloatingScalar>(_ a: Attributes) throws -> any Layer<Scalar> {
    let type = a.string("type") ?? ""
    switch type {
    case "linear":
      return try Dense<Scalar>(
        a.int("in_features", default: 0), a.int("out_features", default: 0), bias: a.bool("bias", default: true))
    case "conv2d":
      return try Conv2D<Scalar>(
        a.int("in_channels", default: 0), a.int("out_channels", default: 0), kernelSize: pair(a, "kernel_size", 1),
        stride: pair(a, "stride", 1),
        padding: Padding2D(pair(a, "padding", 0).vertical, pair(a, "padding", 0).horizontal),
        dilation: pair(a, "dilation", 1), groups: a.int("groups", default: 1), bias: a.bool("bias", default: true))
    case "batch_norm1d", "batch_norm2d":
      let features = try a.int("num_features", default: 0)
      let epsilon = try a.number("eps", default: 1e-5)
      // Null is the average over all batches, absence the default.
      let momentum = try a.names.contains("momentum") ? a.number("momentum") : 0.1
      let affine = try a.bool("affine", default: true)
      if type == "batch_norm1d" {
        return BatchNorm1d<Scalar>(features, epsilon: epsilon, momentum: momentum, affine: affine)
      }
      return BatchNorm2d<Scalar>(features, epsilon: epsilon, momentum: momentum, affine: affine)
    case "layer_norm":
      return try LayerNorm<Scalar>(
        normalizedShape: a.ints("normalized_shape") ?? [], epsilon: a.number("eps", default: 1e-5), affine: true,
        bias: true)
    case "relu": return ReLU<Scalar>()
    case "sigmoid": return Sigmoid<Scalar>()
    case "tanh": return Tanh<Scalar>()
    case "gelu": return GELU<Scalar>()
    case "max_pool2d":
      return try MaxPool2D<Scalar>(
        pair(a, "kernel_size", 1), stride: stride(a), padding: pair(a, "padding", 0), ceilMode: a.bool("ceil_mode"))
    case "avg_pool2d":
      return try AvgPool2D<Scalar>(
        pair(a, "kernel_size", 1), stride: stride(a), padding: pair(a, "padding", 0), ceilMode: a.bool("ceil_mode"))
    case "adaptive_avg_pool2d": return try AdaptiveAvgPool2D<Scalar>(pair(a, "output_size", 1))
    case "flatten": return Flatten<Scalar>()
    case "dropout": return try Dropout<Scalar>(a.number("p", default: 0.5))
    case "residual":
      let shortcut: Sequential<Scalar>? = a.has("shortcut") ? try sequence(a, "shortcut") : nil
      return try Residual<Scalar>(sequence(a, "body") as Sequential<Scalar>, shortcut: shortcut)
    case "ghost": return try Ghost<Scalar>(primary: sequence(a, "primary"), cheap: sequence(a, "cheap"))
    default: throw UnknownOperation(name: "train with \(type)")
    }
  }

  private static func pair(_ attributes: Attributes, _ name: String, _ missing: Int) throws -> Pair {
    try attributes.ints(name).map { Pair($0) } ?? Pair(missing)
  }

  private static func stride(_ attributes: Attributes) throws -> Pair? {
    attributes.has("stride") ? try pair(attributes, "stride", 1) : nil
  }

  /// Features p = primary(x) and cheap(p) beside each other.
  private final class Ghost<Scalar: FloatingScalar>: Layer {
    let primary: Sequential<Scalar>
    let cheap: Sequential<Scalar>

    init(primary: Sequential<Scalar>, cheap: Sequential<Scalar>) {
      self.primary = primary
      self.cheap = cheap
    }

    func forward(_ x: Tensor<Scalar>) -> Tensor<Scalar> {
      let features = primary(x)
      return concatenate([features, cheap(features)], along: 1)
    }
  }
}

extension StateEntry {
  fileprivate init(_ name: String, _ tensor: AnyTensor) throws {
    switch tensor {
    case .float(let values): self.init(name: name, values)
    case .double(let values): self.init(name: name, values)
    case .int(let values): self.init(name: name, values)
    default: throw ConformanceError("\(name) is of \(tensor.dtype)")
    }
  }
}
