import Foundation
import TernBackend

extension BFloat16: TensorScalar {
  /// `bfloat16`
  public static var dtype: DType { .bfloat16 }
  /// 0.
  public static var zero: BFloat16 { BFloat16(bitPattern: 0) }
  /// 1.
  public static var one: BFloat16 { BFloat16(bitPattern: 0x3F80) }
}

extension BFloat16: CustomStringConvertible {
  /// The fewest digits that tell the number apart from others of its type: `3.14` for the nearest to π, 3.140625.
  public var description: String { "\(shortest)" }

  /// The decimal number with the fewest digits that rounds to this one: four do always.
  var shortest: Double {
    let value = Double(self)
    guard isFinite, value != 0 else { return value.isNaN ? .nan : value }
    for digits in 0..<4 {
      let candidate = Double(String(format: "%.\(digits)e", value))!
      if BFloat16(candidate) == self { return candidate }
    }
    return value
  }
}

// Arithmetic is Float's: operands are widened by name, and every result is a tensor of Float. Operators of two tensors of
// bfloat16 would take the type checker beyond its limit in formulas of Float.

extension Tensor where Scalar == BFloat16 {
  /// The numbers as Float, exactly.
  public var widened: Tensor<Float> { cast(to: Float.self) }

  /// The sum of all elements as Float.
  public func sum() -> Tensor<Float> { widened.sum() }
  /// The mean of all elements as Float.
  public func mean() -> Tensor<Float> { widened.mean() }
}

/// The matrix product of two tensors of bfloat16 as Float: products are exact, sums Float's.
///
/// Shapes and gradients as ``matmul(_:_:file:line:)-(Tensor<Scalar>,_,_,_)`` of Float, of the widened operands.
public func matmul(
  _ a: Tensor<BFloat16>, _ b: Tensor<BFloat16>, file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Float> {
  matmul(a.widened, b.widened, file: file, line: line)
}
