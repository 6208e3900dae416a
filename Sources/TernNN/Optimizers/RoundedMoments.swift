import TernBackend
import TernTensor

/// The moments of one parameter in bfloat16: widened block by block for a step, and rounded again by chance.
///
/// An average that moves by less than half a unit of its last place would stand still if it were rounded to the nearest
/// number; rounded up with the probability of what is cut off, its mean is the average itself. Which way each goes is
/// decided by the Philox stream of the parameter's name, the step and the moment, at the element's own position, so that
/// neither the threads nor the other parameters matter.
///
/// Source: Gupta et al. 2015, "Deep learning with limited numerical precision".
struct RoundedMoments: BitwiseCopyable {
  private static var blockLength: Int { 1024 }

  let first, second, third: UnsafeMutablePointer<BFloat16>?
  let seed: UInt64
  let step: UInt64

  /// Runs `body` on one block of a range after the other, with its moments in Float: (from, count, first, second, third).
  func forEachBlock(
    from: Int, count: Int,
    _ body: (Int, Int, UnsafeMutablePointer<Float>?, UnsafeMutablePointer<Float>?, UnsafeMutablePointer<Float>?) -> Void
  ) {
    let length = Self.blockLength
    withUnsafeTemporaryAllocation(of: Float.self, capacity: 3 * length) { buffer in
      let wide = buffer.baseAddress!
      for start in stride(from: from, to: from + count, by: length) {
        let n = Swift.min(length, from + count - start)
        let a = widen(first, start, n, wide)
        let b = widen(second, start, n, wide + length)
        let c = widen(third, start, n, wide + 2 * length)
        body(start, n, a, b, c)
        round(a, first, 0, start, n)
        round(b, second, 1, start, n)
        round(c, third, 2, start, n)
      }
    }
  }

  private func widen(
    _ moment: UnsafeMutablePointer<BFloat16>?, _ start: Int, _ n: Int, _ out: UnsafeMutablePointer<Float>
  ) -> UnsafeMutablePointer<Float>? {
    guard let moment else { return nil }
    BFloat16.convert(n, out, 1, moment + start, 1)
    return out
  }

  private func round(
    _ wide: UnsafeMutablePointer<Float>?, _ moment: UnsafeMutablePointer<BFloat16>?, _ index: UInt64, _ start: Int,
    _ n: Int
  ) {
    guard let wide, let moment else { return }
    BFloat16Kernels.roundStochastically(n, moment + start, wide, seed: seed, stream: step * 4 + index, first: start)
  }

  /// A number for a parameter's name: FNV-1a of its UTF-8.
  static func seed(of name: String) -> UInt64 {
    name.utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
  }
}
