/// Memory of an operand as kernels of products read it: of Float, or of bfloat16 where the processor multiplies it.
///
/// Images of bfloat16 have an even number of channels: the last is 0 where there is one more.
package struct OperandPointer: @unchecked Sendable {
  private let raw: UnsafeRawPointer
  package let inBFloat16: Bool

  package init(_ pointer: UnsafePointer<Float>) { (raw, inBFloat16) = (UnsafeRawPointer(pointer), false) }
  package init(_ pointer: UnsafePointer<BFloat16>) { (raw, inBFloat16) = (UnsafeRawPointer(pointer), true) }

  private init(_ raw: UnsafeRawPointer, _ inBFloat16: Bool) { (self.raw, self.inBFloat16) = (raw, inBFloat16) }

  /// The memory from element `count` on.
  package func advanced(by count: Int) -> OperandPointer {
    OperandPointer(raw + count * (inBFloat16 ? 2 : 4), inBFloat16)
  }

  /// Channels of a pixel in memory.
  package func pixel(_ channels: Int) -> Int { inBFloat16 ? (channels + 1) / 2 * 2 : channels }

  /// The elements, known to be Float.
  var floats: UnsafePointer<Float> { raw.assumingMemoryBound(to: Float.self) }
  /// The elements, known to be bfloat16.
  var halves: UnsafePointer<UInt16> { raw.assumingMemoryBound(to: UInt16.self) }
}
