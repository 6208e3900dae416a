/// The positions along an axis of the input with one remainder modulo the stride, and the taps that reach them.
struct StridePhase {
  let remainder: Int
  /// How many positions there are.
  let count: Int
  /// The outputs that a position contributes to: output = position / stride + offset, ascending.
  let offsets: [Int]
  /// The taps in the order of the offsets: a later tap reaches an earlier output.
  let taps: [Int]

  /// From one of the taps to the next, below zero.
  var tapStep: Int { taps.count > 1 ? taps[1] - taps[0] : -1 }
  /// From one of the offsets to the next.
  var spacing: Int { offsets.count > 1 ? offsets[1] - offsets[0] : 1 }

  /// The taps as a slice.
  var slice: AxisIndex {
    taps.isEmpty ? .slice(0, 0) : .slice(taps[0], nil, step: taps.count > 1 ? tapStep : -taps[0] - 1)
  }

  /// The phases of an axis; the first has the most positions.
  static func all(_ extent: Int, _ kernel: Int, _ stride: Int, _ dilation: Int, _ padding: Int) -> [StridePhase] {
    (0..<Swift.min(stride, extent)).map { remainder in
      let taps = (0..<kernel).reversed().filter { (remainder + padding - $0 * dilation) % stride == 0 }
      return StridePhase(
        remainder: remainder, count: (extent - remainder + stride - 1) / stride,
        offsets: taps.map { (remainder + padding - $0 * dilation) / stride }, taps: taps)
    }
  }
}
