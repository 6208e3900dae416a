import TernTensor

/// Convolutions of volumes, and transposed ones.
enum Convolutions3D: ConformanceFamily {
  static let name = "convolution_3d"

  static func run<Scalar: FloatingScalar>(_ arguments: Arguments<Scalar>) throws -> [AnyTensor] {
    let attributes = arguments.attributes
    let (x, weight, bias) = try (arguments.tensor(0), arguments.tensor(1), arguments.optionalTensor(2))
    let stride = Triple(spread: try attributes.ints("stride") ?? [1])
    let dilation = Triple(spread: try attributes.ints("dilation") ?? [1])
    let groups = try attributes.int("groups", default: 1)
    switch arguments.operation {
    case "conv3d":
      return try results(
        conv3D(
          x, weight, bias: bias, stride: stride, padding: padding(attributes), dilation: dilation, groups: groups))
    case "conv_transpose3d":
      return try results(
        transposedConv3D(
          x, weight, bias: bias, stride: stride, padding: padding(attributes),
          outputPadding: Triple(spread: attributes.ints("output_padding") ?? [0]), dilation: dilation, groups: groups))
    default: throw arguments.unknownOperation
    }
  }

  private static func padding(_ attributes: Attributes) throws -> Padding3D {
    if let word = attributes.string("padding") { return word == "same" ? .same : .valid }
    return Triple(spread: try attributes.ints("padding") ?? [0]).padding3D
  }
}

extension Triple {
  /// From a list of one number for all axes, or of three.
  init(spread numbers: [Int]) { self = numbers.count == 3 ? numbers.triple : Triple(numbers[0]) }
}
