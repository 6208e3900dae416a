import TernBackend
import Testing

@testable import TernTensor

/// bfloat16 as a type to keep numbers in.
@Suite struct BFloat16Tests {
  /// Floats around every number of bfloat16: its own bits, the ties above them and their neighbors, of every exponent and
  /// sign, infinities and NaN included.
  private static let samples: [Float] = (0..<0x10000).flatMap { upper -> [Float] in
    let lower: [UInt32] = [0, 1, 0x7FFF, 0x8000, 0x8001, 0xFFFF]
    return lower.map { Float(bitPattern: UInt32(upper) << 16 | $0) }
  }

  /// The nearest number found by its distance, the even one of two.
  private static func nearest(_ x: Float) -> UInt16 {
    if x.isNaN { return 0x7FC0 }
    let below = UInt16(x.bitPattern >> 16)
    if x.isInfinite { return below }
    let above = below + 1
    // Behind the largest finite number stands 2¹²⁸, whose place infinity has.
    func value(_ bits: UInt16) -> Double {
      bits & 0x7FFF == 0x7F80 ? 0x1p128 : Double(Float(bitPattern: UInt32(bits & 0x7FFF) << 16))
    }
    let (down, up) = (Double(x.magnitude) - value(below), value(above) - Double(x.magnitude))
    return down < up ? below : up < down ? above : below % 2 == 0 ? below : above
  }

  @Test func conversionRoundsToNearestEven() {
    let bits = Self.samples.map(Self.nearest)
    let tensor = Tensor<Float>(Self.samples)
    let single = Self.samples.map { BFloat16($0).bitPattern }
    #expect(single == bits)
    let whole = tensor.cast(to: BFloat16.self)
    whole.withUnsafeScalars { found in
      #expect(zip(found, bits).allSatisfy { $0.bitPattern == $1 })
    }
    // Elements with gaps, and numbers of Double, go another way.
    let spaced = stack([tensor, tensor], along: 1)[[.all, .index(0)]].cast(to: BFloat16.self)
    spaced.withUnsafeScalars { found in
      #expect(zip(found, bits).allSatisfy { $0.bitPattern == $1 })
    }
    let doubles = tensor.cast(to: Double.self).cast(to: BFloat16.self)
    doubles.withUnsafeScalars { found in
      #expect(zip(found, bits).allSatisfy { $0.bitPattern == $1 })
    }
  }

  @Test func everyNumberIsAFloatAndComesBack() {
    let all = (0..<0x10000).map { BFloat16(bitPattern: UInt16($0)) }
    let floats = Tensor(all).widened
    let same = zip(floats.scalars, all).allSatisfy { $0 == Float($1) || ($0.isNaN && $1.isNaN) }
    #expect(same)
    let back = floats.cast(to: BFloat16.self)
    back.withUnsafeScalars { found in
      #expect(zip(found, all).allSatisfy { $0.bitPattern == $1.bitPattern || ($0.isNaN && $1.isNaN) })
    }
  }

  @Test func otherTypesConvert() {
    let x = Tensor<BFloat16>([2.9, -3.9, 0, .infinity, .nan])
    #expect(x.cast(to: Int.self) == Tensor<Int>([2, -3, 0, .max, 0]))
    #expect(x.cast(to: Int32.self) == Tensor<Int32>([2, -3, 0, .max, 0]))
    #expect(x.cast(to: UInt8.self) == Tensor<UInt8>([2, 0, 0, 255, 0]))
    #expect(x.cast(to: Bool.self) == Tensor<Bool>([true, true, false, true, true]))
    #expect(Tensor<Int>([257, -1, 65_537]).cast(to: BFloat16.self) == Tensor<BFloat16>([256, -1, 65_536]))
    #expect(Tensor<Bool>([true, false]).cast(to: BFloat16.self) == Tensor<BFloat16>([1, 0]))
  }

  @Test func movesAsEveryType() {
    let x = Tensor<BFloat16>([[1, 2, 3], [4, 5, 6]])
    #expect(x.dtype == .bfloat16 && x.dtype.byteCount == 2)
    #expect(x.transposed() == Tensor<BFloat16>([[1, 4], [2, 5], [3, 6]]))
    #expect(x.transposed().scalars.map { Float($0) } == [1, 4, 2, 5, 3, 6])
    #expect(x[1] == Tensor<BFloat16>([4, 5, 6]))
    #expect(x[[.all, .slice(1, 3)]] == Tensor<BFloat16>([[2, 3], [5, 6]]))
    #expect(x.flipped([1]) == Tensor<BFloat16>([[3, 2, 1], [6, 5, 4]]))
    #expect(x.reshaped(3, 2) == Tensor<BFloat16>([[1, 2], [3, 4], [5, 6]]))
    #expect(x.taking(Tensor<Int>([1, 0, 1]), along: 0)[2] == x[1])
    #expect(x.gathered(Tensor<Int>([[2], [0]]), along: 1) == Tensor<BFloat16>([[3], [4]]))
    #expect(concatenate([x, x], along: 1).shape == [2, 6])
    #expect(stack([x, x]).shape == [2, 2, 3])
    #expect(select(Tensor<Bool>([true, false, true]), x, 0) == Tensor<BFloat16>([[1, 0, 3], [4, 0, 6]]))
    #expect(Tensor<BFloat16>(zeros: [2]) == Tensor<BFloat16>([0, 0]))
    #expect(Tensor<BFloat16>(ones: [2]) == Tensor<BFloat16>([1, 1]))
    #expect(Tensor<BFloat16>(full: [2], 1.5) == Tensor<BFloat16>([1.5, 1.5]))
    var changed = x
    changed[0] = Tensor<BFloat16>([7, 8, 9])
    #expect(changed[0] == Tensor<BFloat16>([7, 8, 9]) && x[0] == Tensor<BFloat16>([1, 2, 3]))
  }

  @Test func largeTransposesMoveEveryElement() {
    let x = Tensor<Int>(0..<12_000).cast(to: BFloat16.self).reshaped(100, 120)
    let y = x.transposed().copied()
    #expect(y.transposed() == x)
    #expect(y.widened == x.widened.transposed())
  }

  @Test func comparesAsNumbers() {
    let (a, b) = (Tensor<BFloat16>([0, 1, .nan, -2]), Tensor<BFloat16>([-0.0, 1.5, .nan, -2]))
    #expect((a .== b) == Tensor<Bool>([true, false, false, true]))
    #expect((a .!= b) == Tensor<Bool>([false, true, true, false]))
    #expect(a.isNaN() == Tensor<Bool>([false, false, true, false]))
    #expect(Tensor<BFloat16>([.infinity, 1]).isInfinite() == Tensor<Bool>([true, false]))
    #expect(a.isFinite() == Tensor<Bool>([true, true, false, true]))
    #expect(BFloat16.nan != BFloat16.nan && !(BFloat16.nan <= 1) && BFloat16(0) == BFloat16(-0.0))
    #expect(BFloat16(1) < 2 && BFloat16(-1) > -2 && BFloat16(0).hashValue == BFloat16(-0.0).hashValue)
  }

  @Test func sortsAsNumbers() {
    let x = Tensor<Float>([3, .nan, -0.0, 0, -.infinity, 1.5, -7]).cast(to: BFloat16.self)
    let sorted = x.sorted(along: 0)
    #expect(sorted.indices.scalars == [4, 6, 2, 3, 5, 0, 1])
    let (least, last) = (sorted.values[0].item, sorted.values[6].item)
    #expect(Float(least) == -Float.infinity && last.isNaN)
  }

  @Test func arithmeticWidens() {
    let (a, b) = (Tensor<BFloat16>([1, 256]), Tensor<BFloat16>([0.0078125, 1]))
    let (wideA, wideB): (Tensor<Float>, Tensor<Float>) = (a.widened, b.widened)
    let sum = wideA + wideB
    #expect(sum == Tensor<Float>([1.0078125, 257]))
    let (difference, product, quotient) = (wideA - wideB, wideA * wideB, wideA / wideB)
    #expect(difference == Tensor<Float>([0.9921875, 255]))
    #expect(product == Tensor<Float>([0.0078125, 256]))
    #expect(quotient == Tensor<Float>([128, 256]))
    let (total, mean): (Float, Float) = (a.sum().item, a.mean().item)
    #expect(total == 257 && mean == 128.5)
    let matrix = a.reshaped(1, 2)
    let inner: Tensor<Float> = matmul(matrix, b.reshaped(2, 1))
    #expect(inner.item == 256.0078125)
  }

  @Test func printsTheFewestDigits() {
    #expect(BFloat16(3.14159).description == "3.14")
    #expect(Tensor<BFloat16>([0.1, 22.5, -4]).description == "[ 0.1 22.5 -4. ]")
    #expect(Tensor<BFloat16>([1, .nan, .infinity]).description == "[ 1. nan inf]")
    for upper in stride(from: 1, to: 0x7F80, by: 7) {
      let x = BFloat16(bitPattern: UInt16(upper))
      let read = BFloat16(Double(x.description)!)
      #expect(read == x, "\(x.bitPattern) is written \(x.description)")
    }
  }
}
