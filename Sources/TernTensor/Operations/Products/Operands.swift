import TernBackend

// What products read in reduced precision: Floats rounded to bfloat16, or bfloat16 itself where a backward pass waits.

extension Tensor {
  /// The tensor as a matrix product reads it in the precision that holds here: as it is, where the product rounds on the
  /// way too, else as a constant of rounded values whose memory is in the same order.
  @inline(__always)
  package var operand: Tensor { operand(roundedByProduct: true) }

  /// The tensor as what computes products by itself reads it: as it is, or as a constant of rounded values.
  ///
  /// - Parameter roundedByProduct: whether a matrix product reads it, which rounds where it has the instruction.
  @inline(__always)
  func operand(roundedByProduct: Bool) -> Tensor {
    guard FloatPrecision.roundsOperands(of: Scalar.self) else { return self }
    return roundedByProduct && BFloat16Products.isAvailable ? self : rounded
  }

  /// The memory of an operand, known to be of Float or bfloat16.
  var operandPointer: OperandPointer {
    if Scalar.self == BFloat16.self {
      return OperandPointer(UnsafeRawPointer(pointer).assumingMemoryBound(to: BFloat16.self))
    }
    return OperandPointer(floats(pointer))
  }

  /// The nearest numbers that bfloat16 has.
  private var rounded: Tensor {
    let source = Tensor<Float>(body: body.detached)
    return Tensor(body: source.spread { $0.roundedToBFloat16 }.body)
  }

  /// Memory of bfloat16 with the values rounded; this tensor's own where it is not of Float.
  var savedOperand: TensorMemory {
    guard Scalar.self == Float.self else { return body.memory }
    return Tensor<Float>(body: body.detached).roundedOnce.body.memory
  }
}

extension Tensor where Scalar == Float {
  /// The values in bfloat16: those that wait already, where the whole of the same memory was rounded before.
  var roundedOnce: Tensor<BFloat16> {
    guard layout.isContiguous, let whole = body.memory.whole else { return spread { $0.cast(to: BFloat16.self) } }
    let memory = whole.rounded { reshaped([count]).cast(to: BFloat16.self).body.memory }
    return Tensor<BFloat16>(body: TensorBody(memory)).reshaped(shape)
  }

  /// Applies a map of elements to those in memory: what is repeated by broadcasting is mapped once.
  fileprivate func spread<Result>(_ map: (Tensor) -> Tensor<Result>) -> Tensor<Result> {
    guard !isEmpty, layout.strides.contains(0) else { return map(self) }
    var single = self
    for axis in 0..<rank where layout.strides[axis] == 0 && shape[axis] > 1 {
      single = single.narrowed(axis: axis, start: 0, length: 1)
    }
    return single.shape == shape ? map(self) : map(single).broadcast(to: shape)
  }

  fileprivate var roundedToBFloat16: Tensor {
    let dense = layout.isDense ? self : copied(layout.forResult)
    let result = Tensor(uninitialized: dense.layout)
    let (out, x) = (result.mutablePointer, dense.pointer)
    Workers.run(count: count, grain: StridedLoop.grain) { range in
      BFloat16Kernels.round(range.count, out + range.lowerBound, x + range.lowerBound)
    }
    withExtendedLifetime(dense) {}
    return result
  }
}

extension Derivation where Scalar: FloatingScalar {
  /// A kernel's results for the gradient and the first input, which is widened part by part where it waits in bfloat16.
  func mapWithInput(_ name: String, _ kernel: BinaryKernel) -> Tensor<Scalar> {
    guard Scalar.self == Float.self, let x = firstOperand, x.layout.isDense, gradient.layout.hasLayout(of: x.layout)
    else { return .map(name, kernel, gradient, input(0)) }
    let (result, gradient, part) = (Tensor<Float>(uninitialized: x.layout), gradient.detached(), 4096)
    let (out, g, source) = (result.mutablePointer, floats(gradient.pointer), x.pointer)
    Workers.run(count: x.count, grain: StridedLoop.grain) { range in
      withScratch(part, of: Float.self) { widened in
        for first in stride(from: range.lowerBound, to: range.upperBound, by: part) {
          let count = Swift.min(part, range.upperBound - first)
          BFloat16.convert(count, widened, 1, source + first, 1)
          Float.binary(kernel, count, out + first, 1, g + first, 1, widened, 1, 0)
        }
      }
    }
    withExtendedLifetime((x, gradient)) {}
    return Tensor(body: result.body)
  }
}
