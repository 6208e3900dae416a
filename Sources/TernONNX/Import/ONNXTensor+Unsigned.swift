import TernBackend
import TernTensor

extension ONNXTensor {
  /// Whether it has whole numbers of 64 bits without sign from 2⁶³ on, which are below 0 in Int.
  var hasLargeUnsigned: Bool {
    guard narrowType == 13, case .tensor = content, let x = tensor(Int.self), !x.isEmpty else { return false }
    return x.min().item < 0
  }

  /// Bit patterns of 64 bits without sign as numbers of another type: the nearest of floating point, the lowest bits of whole
  /// ones.
  func unsigned<Scalar: TensorScalar>(as _: Scalar.Type) -> Tensor<Scalar> {
    let words = Tensor<Int>(body: body)
    switch Scalar.dtype {
    case .float32:
      let numbers = words.scalars.map { Float(UInt(bitPattern: $0)) }
      return Tensor<Scalar>(body: Tensor(numbers, shape: shape).body)
    case .float64:
      let numbers = words.scalars.map { Double(UInt(bitPattern: $0)) }
      return Tensor<Scalar>(body: Tensor(numbers, shape: shape).body)
    default: return words.cast(to: Scalar.self)
    }
  }

  /// The bit patterns of the values as 64 bits without sign, of whole numbers modulo 2⁶⁴; `nil` where one of floating point is
  /// outside of the range, of which each machine makes something else.
  var unsignedWords: ONNXTensor? {
    func words<Scalar: FloatingScalar>(_ x: Tensor<Scalar>) -> ONNXTensor? {
      var words: [Int] = []
      words.reserveCapacity(x.count)
      for value in x.scalars {
        guard let word = UInt(exactly: value.number.rounded(.towardZero)) else { return nil }
        words.append(Int(bitPattern: word))
      }
      return ONNXTensor(Tensor(words, shape: x.shape))
    }
    switch dtype {
    case .float32: return words(Tensor<Float>(body: body))
    case .float64: return words(Tensor<Double>(body: body))
    default: return ONNXTensor(cast(to: Int.self))
    }
  }
}

extension Tensor where Scalar: NumericScalar {
  /// Bit patterns of 64 bits without sign as numbers with sign of the same order, and back: x − 2⁶³ modulo 2⁶⁴.
  var ordered: Tensor {
    guard let words = ONNXTensor(self).tensor(Int.self) else { return self }
    return Tensor(body: (words ^ Int.min).body)
  }
}

extension NodeCall {
  /// Operators for which numbers of 64 bits without sign from 2⁶³ on are as others are: those that move values, compute modulo
  /// 2⁶⁴, or compare bits; and those that look at the type themselves.
  private static let unsignedOperators: Set<String> = [
    "Identity", "Reshape", "Flatten", "Squeeze", "Unsqueeze", "Transpose", "Slice", "Concat", "Split", "Gather",
    "GatherND", "GatherElements", "Expand", "Tile", "Where", "Compress", "ReverseSequence", "DepthToSpace",
    "SpaceToDepth", "Trilu", "Pad", "OneHot", "Shape", "Size", "NonZero", "EyeLike", "Add", "Sub", "Mul", "Sum",
    "BitwiseAnd", "BitwiseOr", "BitwiseXor", "BitwiseNot", "BitShift", "Equal", "Less", "LessOrEqual", "Greater",
    "GreaterOrEqual", "Max", "Min", "Cast", "CastLike", "CumSum", "ReduceSum", "If", "Loop", "Scan",
    "SequenceConstruct",
    "SequenceAt", "SequenceInsert", "SequenceErase", "SplitToSequence", "ConcatFromSequence", "Optional",
    "OptionalHasElement", "OptionalGetElement",
  ]

  /// Whether an operand has 64 bits without sign.
  var isUnsigned: Bool { inputs.contains { $0?.narrowType == 13 } }

  /// Throws where the operator takes numbers of 64 bits without sign for others.
  func checkUnsigned() throws {
    if !isUnsigned || Self.unsignedOperators.contains(operation) { return }
    try require(
      !inputs.contains { $0?.hasLargeUnsigned ?? false }, "whole numbers from 2⁶³ on, which it does not take in Tern")
  }

  /// The first operand's bits shifted right by the second's, with zeros in front.
  func unsignedShift() throws -> ONNXTensor {
    let (a, b): (Tensor<Int>, Tensor<Int>) = (try tensor(0), try tensor(1))
    let shape = try broadcast(a.shape, b.shape)
    let words = zip(a.broadcast(to: shape).scalars, b.broadcast(to: shape).scalars).map {
      Int(bitPattern: UInt(bitPattern: $0) >> UInt(bitPattern: $1))
    }
    return ONNXTensor(Tensor(words, shape: shape))
  }
}
