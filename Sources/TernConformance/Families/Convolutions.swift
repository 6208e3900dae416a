import TernTensor

/// Convolutions and transposed convolutions.
enum Convolutions: ConformanceFamily {
  static let name = "nn_conv"

  static func run<Scalar: FloatingScalar>(_ arguments: Arguments<Scalar>) throws -> [AnyTensor] {
    let attributes = arguments.attributes
    let (x, weight, bias) = try (arguments.tensor(0), arguments.tensor(1), arguments.optionalTensor(2))
    let stride = try attributes.ints("stride") ?? [1]
    let dilation = try attributes.ints("dilation") ?? [1]
    let outputPadding = try attributes.ints("output_padding") ?? [0]
    let groups = try attributes.int("groups", default: 1)
    switch arguments.operation {
    case "conv1d":
      return try results(
        conv1D(
          x, weight, bias: bias, stride: stride[0], padding: padding1D(attributes), dilation: dilation[0],
          groups: groups))
    case "conv2d":
      return try results(
        conv2D(
          x, weight, bias: bias, stride: Pair(stride), padding: padding2D(attributes), dilation: Pair(dilation),
          groups: groups))
    case "conv_transpose1d":
      return try results(
        transposedConv1D(
          x, weight, bias: bias, stride: stride[0], padding: padding1D(attributes), outputPadding: outputPadding[0],
          dilation: dilation[0], groups: groups))
    case "conv_transpose2d":
      return try results(
        transposedConv2D(
          x, weight, bias: bias, stride: Pair(stride), padding: padding2D(attributes),
          outputPadding: Pair(outputPadding), dilation: Pair(dilation), groups: groups))
    default: throw arguments.unknownOperation
    }
  }

  private static func padding1D(_ attributes: Attributes) throws -> Padding1D {
    if let word = attributes.string("padding") { return word == "same" ? .same : .valid }
    return Padding1D(try attributes.ints("padding")?[0] ?? 0)
  }

  private static func padding2D(_ attributes: Attributes) throws -> Padding2D {
    if let word = attributes.string("padding") { return word == "same" ? .same : .valid }
    let amounts = Pair(try attributes.ints("padding") ?? [0])
    return Padding2D(amounts.vertical, amounts.horizontal)
  }
}

extension Pair {
  /// From a list of one number for both axes, or of two.
  init(_ numbers: [Int]) { self.init(numbers[0], numbers[numbers.count - 1]) }
}
