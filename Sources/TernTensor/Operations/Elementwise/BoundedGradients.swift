import TernBackend

// Gradients that pass where a value is between bounds, in one pass.

extension NumericScalar {
  /// g where x is between two bounds, both included, and 0 elsewhere.
  @specialized(where Self == Float)
  @specialized(where Self == Double)
  static func gradient(_ g: Tensor<Self>, from low: Self, to high: Self, _ x: Tensor<Self>) -> Tensor<Self> {
    .mapPairs(g, x, to: Self.self, "clamped") { g, x in (x >= low) && (x <= high) ? g : 0 }
  }

  /// g where x is between two bounds and equals neither, and 0 elsewhere.
  @specialized(where Self == Float)
  @specialized(where Self == Double)
  static func gradient(_ g: Tensor<Self>, above low: Self, below high: Self, _ x: Tensor<Self>) -> Tensor<Self> {
    .mapPairs(g, x, to: Self.self, "clamped") { g, x in (x > low) && (x < high) ? g : 0 }
  }
}
