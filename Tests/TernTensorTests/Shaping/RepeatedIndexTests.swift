import TernTensor
import TernTestSupport
import Testing

/// A place that an index names twice keeps the last value, and that one alone has a gradient.
@Suite struct RepeatedIndexTests {
  @Test(arguments: [false, true])
  func replacingAlongAnAxis(_ createGraph: Bool) {
    let x = Tensor<Double>(zeros: [3, 2]).asVariable()
    let values = Tensor<Double>([1, 2, 3, 4, 5, 6, 7, 8], shape: [4, 2]).asVariable()
    let y = x.replacing(Tensor<Int>([1, 0, 1, 1]), with: values)
    #expect(y.scalars == [3, 4, 7, 8, 0, 0])
    let weights = Tensor<Double>([1, 10, 100, 1000, 5, 6], shape: [3, 2])
    let found = gradients(of: (y * weights).sum(), at: [x, values], createGraph: createGraph)
    #expect(found[0].scalars == [0, 0, 0, 0, 5, 6])
    #expect(found[1].scalars == [0, 0, 1, 10, 0, 0, 100, 1000])
    let columns = x.replacing(
      Tensor<Int>([1, 1]), along: 1, with: Tensor<Double>([1, 2, 3, 4, 5, 6], shape: [3, 2]).asVariable())
    #expect(columns.scalars == [0, 2, 0, 4, 0, 6])
  }

  @Test func oneValueForARepeatedIndexCountsOnce() {
    let value = Tensor<Double>(3).asVariable()
    let y = Tensor<Double>(zeros: [4]).replacing(Tensor<Int>([2, 2, 0]), with: value)
    #expect(y.scalars == [3, 0, 3, 0])
    #expect(gradients(of: y.sum(), at: [value])[0].item == 2)
  }

  @Test(arguments: [false, true])
  func scattering(_ createGraph: Bool) {
    let x = Tensor<Float>([9, 9, 9]).asVariable()
    let source = Tensor<Float>([1, 2, 3, 4]).asVariable()
    let y = x.scattering(source, at: Tensor<Int>([2, 0, 2, 2]), along: 0)
    #expect(y.scalars == [2, 9, 4])
    let found = gradients(of: (y * Tensor([10, 100, 1000])).sum(), at: [x, source], createGraph: createGraph)
    #expect(found[0].scalars == [0, 100, 0])
    #expect(found[1].scalars == [0, 10, 0, 1000])
    let rows = Tensor<Float>(zeros: [2, 2]).scattering(
      Tensor<Float>([1, 2, 3, 4], shape: [2, 2]).asVariable(), at: Tensor<Int>([0, 1, 0, 0], shape: [2, 2]), along: 0)
    #expect(rows.scalars == [3, 4, 0, 2])
  }

  @Test(arguments: [false, true])
  func assigningAtIndices(_ createGraph: Bool) {
    let whole = Tensor<Double>([1, 2, 3, 4, 5, 6], shape: [2, 3]).asVariable()
    let values = Tensor<Double>([10, 20, 30, 40, 50, 60], shape: [2, 3]).asVariable()
    var y = whole * 1
    y[.all, Tensor<Int>([0, 0, -3])] = values
    #expect(y.scalars == [30, 2, 3, 60, 5, 6])
    let found = gradients(of: (y * y).sum(), at: [whole, values], createGraph: createGraph)
    #expect(found[0].scalars == [0, 4, 6, 0, 10, 12])
    #expect(found[1].scalars == [0, 0, 60, 0, 0, 120])
    var pairs = whole * 1
    pairs[Tensor<Int>([0, 1, 0]), Tensor<Int>([2, 2, 2])] = Tensor<Double>([7, 8, 9]).asVariable()
    #expect(pairs.scalars == [1, 2, 9, 4, 5, 8])
  }

  @Test func gradientsOfBothOrders() {
    let indices = Tensor<Int>([2, 0, 2])
    let check = checkGradients(at: [Tensor([0.5, -1, 2]), Tensor([1.5, 0.25, -0.5])]) { points in
      let y = points[0].replacing(indices, with: points[1])
      let z = points[0].scattering(points[1] * points[1], at: indices, along: 0)
      return y * y * z
    }
    #expect(check.passes(), "\(check)")
  }

  @Test func infinitiesInValuesThatWereReplacedDoNoHarm() {
    let values = Tensor<Double>([.infinity, 2]).asVariable()
    let y = Tensor<Double>([1]).replacing(Tensor<Int>([0, 0]), with: values)
    let found = gradients(of: (1 / (y - 2)).sum(), at: [values])
    #expect(found[0].scalars == [0, -.infinity])
  }
}
