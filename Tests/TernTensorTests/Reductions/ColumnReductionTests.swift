import TernTensor
import TernTestSupport
import Testing

/// Few long rows reduced to one, which workers share by columns.
@Suite struct ColumnReductionTests {
  @Test(arguments: [1, 2, 3, 4, 5, 33, 64, 65])
  func columns(_ rows: Int) {
    for inner in [40_001, 1500] {
      let x = Tensor<Float>(randomNormal: [rows, inner], generator: RandomGenerator(seed: 4))
      let values = x.scalars
      func reduced(_ start: Double, _ combine: (Double, Double) -> Double) -> [Float] {
        (0..<inner).map { column in
          Float((0..<rows).reduce(start) { combine($0, Double(values[$1 * inner + column])) })
        }
      }
      let sums = Tensor<Float>(reduced(0, +))
      #expect(relativeDifference(x.sum(along: 0), sums) < 1e-6, "sums of \(rows) × \(inner)")
      #expect(x.amax(along: [0]).scalars == reduced(-.infinity, Swift.max), "maxima of \(rows) × \(inner)")
      #expect(x.amin(along: [0]).scalars == reduced(.infinity, Swift.min), "minima of \(rows) × \(inner)")
      #expect(relativeDifference(x.product(along: 0), Tensor(reduced(1, *))) < 1e-5, "products of \(rows) × \(inner)")
      // The same bits as of a part of the columns alone.
      let part = x.narrowed(axis: 1, start: 700, length: 800)
      #expect(part.clone().sum(along: 0) == x.sum(along: 0).narrowed(axis: 0, start: 700, length: 800))
      let middle = x.reshaped([1, rows, inner]).sum(along: [0, 1], keepingAxes: true)
      #expect(middle.shape == [1, 1, inner])
      #expect(middle.flattened() == x.sum(along: 0))
    }
    let integers = Tensor<Int>(randomIntegers: [rows, 33_000], in: -9..<9, generator: RandomGenerator(seed: 4))
    #expect(integers.amax(along: [0]) == integers.transposed().clone().amax(along: [1]))
  }

  @Test func whatIsRepeatedAddsUp() {
    let x = Tensor<Double>(randomNormal: [30, 40], generator: RandomGenerator(seed: 6)).asVariable()
    let cotangent = Tensor<Double>(randomNormal: [60, 120], generator: RandomGenerator(seed: 7))
    let gradient = gradients(of: x.tiled([2, 3]), at: [x], gradient: cotangent)[0]
    var expected = Tensor<Double>(zeros: [30, 40])
    for i in 0..<2 {
      for j in 0..<3 { expected = expected + cotangent[30 * i..<30 * (i + 1), 40 * j..<40 * (j + 1)] }
    }
    #expect(relativeDifference(gradient, expected) < 1e-14)
    let repeated = gradients(
      of: x.repeatingElements(3, along: 0), at: [x], gradient: cotangent[0..<30, 0..<40].tiled([3, 1]))[0]
    #expect(repeated.shape == [30, 40])
  }
}
