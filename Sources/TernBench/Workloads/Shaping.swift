import Tern

extension Workload {
  /// What only moves elements.
  static var shaping: [Workload] {
    [
      Workload("shape/transpose_copy_2048x2048") {
        let a = random(2048, 2048)
        // Joining the axes of a transpose is a copy of it in its new order.
        return unrecorded { _ = a.transposed().flattened() }
      },
      Workload("shape/concat_2x_64x64x32x32_axis1") {
        let (a, b) = (random(64, 64, 32, 32), random(64, 64, 32, 32))
        return unrecorded { _ = concatenate([a, b], along: 1) }
      },
    ]
  }
}
