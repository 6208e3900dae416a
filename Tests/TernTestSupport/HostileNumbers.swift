package import TernTensor

/// Arguments as a caller who means harm, or errs, would give them: some small, some at the ends of what an Int holds.
package struct HostileNumbers {
  private var generator: SplitMix

  package init(seed: UInt64) { generator = SplitMix(state: seed) }

  private static let edges: [Int] = [
    .max, .max - 1, .min, .min + 1, 1 << 31, (1 << 31) - 1, 1 << 32, 1 << 40, 1 << 47, 1 << 48, 1 << 60, 1 << 62,
    -(1 << 31), -(1 << 47), -(1 << 62), 3_037_000_500,
  ]

  /// A whole number below a bound.
  package mutating func below(_ bound: Int) -> Int { Int(generator.next() % UInt64(bound)) }

  /// One of some values.
  package mutating func one<Value>(of values: [Value]) -> Value { values[below(values.count)] }

  /// Any number: half of the time one that may well be meant.
  package mutating func any() -> Int { below(2) == 0 ? below(7) - 2 : one(of: Self.edges) }

  /// A number that is not negative, half of the time a small one.
  package mutating func size() -> Int { below(2) == 0 ? 1 + below(4) : Swift.max(0, one(of: Self.edges)) }

  /// Some numbers, at most four.
  package mutating func list(_ count: Int? = nil) -> [Int] { (0..<(count ?? below(5))).map { _ in any() } }

  /// A number of floating point, of any size.
  package mutating func real() -> Double {
    one(of: [0, 1, 0.5, -1, 2, 1e-300, 1e300, -1e300, 0x1p62, 0x1p63, .infinity, -.infinity, .nan, 3.7])
  }

  package mutating func flag() -> Bool { below(2) == 0 }

  /// Extents of a tensor that can be had: small ones, or very long ones beside one of zero.
  private mutating func extents(_ rank: Int) -> [Int] {
    var shape = (0..<rank).map { _ in one(of: [1, 2, 3, 4, 4, 5, 8]) }
    if rank > 1, below(5) == 0 {
      let places = (below(rank), below(rank))
      shape = shape.map { _ in 1 + below(3) }
      shape[places.0] = one(of: [1 << 31, 1 << 40, 1 << 44])
      shape[places.1] = 0
    } else if rank > 0, below(8) == 0 {
      shape[below(rank)] = 0
    }
    return shape
  }

  /// A tensor of a rank, or of any up to 5: one in five has no elements, one in ten repeats one element beyond all memory.
  package mutating func tensor<Scalar: TensorScalar>(_: Scalar.Type, rank: Int? = nil) -> Tensor<Scalar> {
    let rank = rank ?? below(6)
    var shape = extents(rank)
    if rank > 0, below(10) == 0 {
      shape = shape.map { _ in 1 + below(3) }
      shape[below(rank)] = one(of: [1 << 31, 1 << 40])
      return Tensor<Scalar>(.one).broadcast(to: shape)
    }
    return below(3) == 0 && rank > 1
      ? Tensor(ones: shape.reversed()).permuted((0..<rank).reversed()) : Tensor(ones: shape)
  }

  package mutating func floats(_ rank: Int? = nil) -> Tensor<Float> { tensor(Float.self, rank: rank) }

  /// A tensor of whole numbers, of which one may be any.
  package mutating func integers(_ rank: Int? = nil) -> Tensor<Int> {
    let zeros = tensor(Int.self, rank: rank) - 1
    return below(2) == 0 || zeros.count != 1 ? zeros : Tensor([any()]).reshaped(zeros.shape)
  }
}
