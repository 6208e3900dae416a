import TernTensor
import TernTestSupport
import Testing

/// Sums and products of integers and of what is true, in Int, along every axis and in every layout.
@Suite struct IntegerSumTests {
  private func expectSums<Scalar: IntegerScalar>(_ shape: [Int], _: Scalar.Type) {
    let wide = Tensor<Int>(randomIntegers: shape, in: 0..<256, generator: RandomGenerator(seed: 3))
    let x = Scalar.isSigned ? (wide - 128).cast(to: Scalar.self) : wide.cast(to: Scalar.self)
    let values = x.cast(to: Double.self)
    for axes in [nil, [], [0], [1], [2], [0, 1], [0, 2], [1, 2], [0, 1, 2]] as [[Int]?] {
      let expected = values.sum(along: axes).cast(to: Int.self)
      for laid in everyLayout(x) {
        #expect(laid.tensor.sum(along: axes) == expected, "\(shape), \(String(describing: axes)), \(laid.label)")
      }
    }
    #expect(x.sum(along: 1, keepingAxes: true).shape == [shape[0], 1, shape[2]])
  }

  @Test func sumsOfIntegers() {
    for shape in [[2, 3, 4], [1, 700, 1], [3, 130, 600], [5, 0, 2], [1, 70_000, 2], [200_000, 1, 1]] {
      expectSums(shape, UInt8.self)
      expectSums(shape, Int32.self)
      expectSums(shape, Int.self)
    }
  }

  @Test func sumsBeyondTheTypeAndWrappingBeyondInt() {
    #expect(Tensor<UInt8>(full: [100_000], 255).sum().item == 25_500_000)
    #expect(
      Tensor<Int32>(full: [100_000, 2], .max).sum(along: 0).scalars == [214_748_364_700_000, 214_748_364_700_000])
    #expect(Tensor<Int32>(full: [70_000], .min).sum().item == -150_323_855_360_000)
    #expect(Tensor<Int>([.max, 1]).sum().item == .min)
  }

  @Test func productsOfIntegers() {
    let x = Tensor<UInt8>([1, 2, 3, 4, 5, 6], shape: [2, 3])
    #expect(x.product().item == 720)
    #expect(x.product(along: 0).scalars == [4, 10, 18])
    #expect(x.product(along: 1, keepingAxes: true).scalars == [6, 120])
    #expect(Tensor<Int32>([-2, 3, .max]).product().item == -6 * Int(Int32.max))
    #expect(Tensor<Int32>([]).product().item == 1)
    #expect(Tensor<Int>([.max, 2]).product().item == -2)
  }

  @Test func countsOfWhatIsTrue() {
    let x = Tensor<Int>(randomIntegers: [3, 5000, 7], in: 0..<2, generator: RandomGenerator(seed: 5))
    let mask = x .== 1
    for axes in [nil, [0], [1], [2], [0, 2]] as [[Int]?] {
      for laid in everyLayout(mask, filler: true) {
        #expect(laid.tensor.sum(along: axes) == x.sum(along: axes), "\(laid.label)")
      }
    }
    #expect(Tensor<Bool>(ones: [300_000]).sum().item == 300_000)
  }
}
