import TernTensor
import Testing

@testable import TernNN

@Suite("Stochastic depth and caches of keys and values")
struct StochasticDepthTests {
  @Test("Whole samples are dropped, the others divided by what stays, and the gradient has the same factors")
  func samples() {
    let layer = StochasticDepth<Double>(0.25, generator: RandomGenerator(seed: 3))
    let x = Tensor<Double>(ones: [4000, 2, 3]).asVariable()
    let y = layer(x)
    let rows = y.detached().reshaped([4000, 6])
    let first = rows[.all, .index(0)].scalars
    let scale = 1 / 0.75
    let kept = first.allSatisfy { $0 == 0 || $0 == scale }
    #expect(kept)
    for column in 1..<6 { #expect(rows[.all, .index(column)].scalars == first) }
    let dropped = first.count { $0 == 0 }
    // Within four standard deviations of 1000.
    #expect(abs(dropped - 1000) < 110)
    y.sum().backward()
    #expect(x.gradient?.scalars == y.detached().scalars)
    layer.eval()
    #expect(layer(x).scalars == x.scalars)
    let ones = Tensor<Float>(ones: [3, 2])
    #expect(StochasticDepth<Float>(1)(ones).scalars == [0, 0, 0, 0, 0, 0])
    #expect(StochasticDepth<Float>(0)(ones).scalars == [1, 1, 1, 1, 1, 1])
  }

  @Test("A cache gives back all positions it was given, past the memory it began with")
  func cache() {
    let cache = KeyValueCache<Double>()
    let keys = Tensor<Double>(randomNormal: [2, 3, 150, 4], generator: RandomGenerator(seed: 1))
    let values = Tensor<Double>(randomNormal: [2, 3, 150, 5], generator: RandomGenerator(seed: 2))
    var position = 0
    for length in [1, 60, 1, 1, 1, 1, 70, 15] {
      let added = position..<(position + length)
      let all = cache.append(
        keys[.all, .all, .slice(added.lowerBound, added.upperBound)],
        values[.all, .all, .slice(added.lowerBound, added.upperBound)])
      position += length
      #expect(all.keys.scalars == keys[.all, .all, .slice(0, position)].scalars)
      #expect(all.values.scalars == values[.all, .all, .slice(0, position)].scalars)
      #expect(cache.count == position)
    }
  }
}
