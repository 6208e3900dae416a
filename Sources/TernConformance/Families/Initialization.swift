import TernNN
import TernTensor

/// The spreads that parameters start with.
enum Initialization: ConformanceFamily {
  static let name = "init"

  static func run<Scalar: FloatingScalar>(_ arguments: Arguments<Scalar>) throws -> [AnyTensor] {
    let attributes = arguments.attributes
    if arguments.operation == "calculate_gain" {
      let kind = try nonlinearity(attributes.string("nonlinearity"), slope: attributes.number("param"))
      return numbers(kind.gain)
    }
    guard let shape = try attributes.ints("shape") else { throw ConformanceError("shape is missing") }
    let (fanIn, fanOut) = fans(of: shape)
    if arguments.operation == "calculate_fan_in_and_fan_out" { return numbers(Double(fanIn), Double(fanOut)) }
    let gain = try attributes.number("gain", default: 1)
    let kind = try nonlinearity(
      attributes.string("nonlinearity") ?? "leaky_relu", slope: attributes.number("a", default: 0))
    let mode = attributes.string("mode") == "fan_out" ? FanMode.fanOut : .fanIn
    let initializer: Initializer
    switch arguments.operation {
    case "xavier_uniform": initializer = .xavierUniform(gain: gain)
    case "xavier_normal": initializer = .xavierNormal(gain: gain)
    case "kaiming_uniform": initializer = .kaimingUniform(nonlinearity: kind, mode: mode)
    case "kaiming_normal": initializer = .kaimingNormal(nonlinearity: kind, mode: mode)
    default: throw arguments.unknownOperation
    }
    let isXavier = arguments.operation.hasPrefix("xavier")
    return numbers(Double(fanIn), Double(fanOut), isXavier ? gain : kind.gain, initializer.spread(of: shape))
  }

  private static func numbers(_ values: Double...) -> [AnyTensor] { values.map { AnyTensor(Tensor($0)) } }

  private static func nonlinearity(_ name: String?, slope: Double?) throws -> Nonlinearity {
    switch name {
    case "sigmoid": .sigmoid
    case "tanh": .tanh
    case "relu": .relu
    case "leaky_relu": .leakyReLU(slope: slope ?? 0.01)
    case "selu": .selu
    case let name? where name == "linear" || name.hasPrefix("conv"): .linear
    case let name: throw ConformanceError("no nonlinearity \(name ?? "at all")")
    }
  }
}
