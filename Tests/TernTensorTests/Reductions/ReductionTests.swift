import Foundation
import TernBackend
import TernTensor
import TernTestSupport
import Testing

@Suite struct ReductionTests {
  @Test func shapesLoseOrKeepTheAxes() {
    let x = Tensor<Float>(ones: [2, 3, 4])
    #expect(x.sum().shape == [])
    #expect(x.sum(along: 1).shape == [2, 4])
    #expect(x.sum(along: [0, -1], keepingAxes: true).shape == [1, 3, 1])
    #expect(x.sum(along: []) == x)
    #expect(x.sum(keepingAxes: true).shape == [1, 1, 1])
    #expect(x.max(along: 1).indices.shape == [2, 4])
    #expect(x.argmax(along: -1, keepingAxes: true).shape == [2, 3, 1])
    #expect(Tensor<Float>(5).sum(along: 0).item == 5)
    #expect(Tensor<Float>(5).max(along: -1).indices.item == 0)
  }

  @Test func sumsOfIntegersAreInt() {
    #expect(Tensor<Int32>([.max, .max]).sum().item == 2 * Int(Int32.max))
    #expect(Tensor<UInt8>([200, 100]).sum().item == 300)
    #expect(Tensor<Bool>([true, false, true]).sum().item == 2)
    #expect(Tensor<Int32>([70_000, 70_000]).product().item == 4_900_000_000)
    #expect(Tensor<UInt8>([200, 100, 3]).cumulativeSum(along: 0).scalars == [200, 300, 303])
  }

  @Test func nothingReducesToTheNeutralElement() {
    let empty = Tensor<Double>(zeros: [0, 3])
    #expect(empty.sum(along: 0) == Tensor(zeros: [3]))
    #expect(empty.product(along: 0) == Tensor(ones: [3]))
    #expect(empty.mean(along: 0).isNaN().all().item)
    #expect(empty.variance().item.isNaN)
    #expect(empty.logSumExp(along: 0).scalars == [-.infinity, -.infinity, -.infinity])
    #expect(empty.norm(along: 0) == Tensor(zeros: [3]))
    #expect(empty.all(along: 0) == Tensor<Bool>(ones: [3]))
    #expect(empty.any(along: 0) == Tensor<Bool>(zeros: [3]))
    #expect(empty.countNonZero().item == 0)
    #expect(empty.amax(along: 1).shape == [0])
    #expect(empty.argmin(along: 1).shape == [0])
    #expect(empty.cumulativeProduct(along: 0).shape == [0, 3])
    #expect(empty.softmax(along: 0).shape == [0, 3])
    #expect(empty.sorted(along: 1).values.shape == [0, 3])
    let variable = empty.asVariable()
    for value in [variable.product(along: 0), variable.cumulativeProduct(along: 0), variable.logSumExp(along: 0)] {
      #expect(gradients(of: value.sum(), at: [variable])[0].shape == [0, 3])
    }
  }

  @Test func longSumsAreAccurate() {
    let tenths = Tensor<Float>(full: [3_000_000], 0.1)
    #expect(abs(Double(tenths.sum().item) - 3e6 * Double(Float(0.1))) < 0.02)
    #expect(tenths.mean().item == 0.1)
    let columns = Tensor<Float>(full: [200_000, 5], 0.1)
    for sum in columns.sum(along: 0).scalars { #expect(abs(Double(sum) - 2e5 * Double(Float(0.1))) < 2e-3) }
    let wide = Tensor<Double>(ones: [3, 70_000])
    #expect(wide.sum(along: 0) == Tensor(full: [70_000], 3))
    #expect(wide.sum(along: 1) == Tensor(full: [3], 70_000))
  }

  @Test(arguments: [[100_000], [100_000, 3], [2, 50_000], [3, 40_000, 2]])
  func variancesOfLongAxesDoNotCancel(_ shape: [Int]) {
    let axis = shape.count == 1 ? 0 : shape.count - 2 + (shape.count == 2 && shape[0] == 2 ? 1 : 0)
    let n = shape[axis]
    // 1e6 + i mod 7: the variance of 0 ... 6 is 4 where 7 divides n.
    let steps = Tensor<Float>((0..<n).map { Float($0 % 7) })
    let x = steps.reshaped(shape.indices.map { $0 == axis ? n : 1 }).broadcast(to: shape) + 1e6
    let mean = (0..<n).reduce(0) { $0 + Double($1 % 7) } / Double(n)
    let expected = (0..<n).reduce(0) { $0 + (Double($1 % 7) - mean) * (Double($1 % 7) - mean) } / Double(n)
    for value in x.variance(along: [axis], correction: 0).scalars {
      #expect(abs(Double(value) - expected) < 1e-6 * expected)
    }
    for value in x.mean(along: [axis]).scalars { #expect(abs(Double(value) - 1e6 - mean) < 0.07) }
  }

  @Test func varianceWithoutDegreesOfFreedomIsNaN() {
    #expect(Tensor<Double>([3]).variance().item.isNaN)
    #expect(Tensor<Double>([3]).variance(correction: 0).item == 0)
    let constant = Tensor<Double>([2, 2, 2]).asVariable()
    #expect(gradients(of: constant.standardDeviation(), at: [constant])[0].scalars == [0, 0, 0])
  }

  @Test func normsNeitherOverflowNorUnderflow() {
    #expect(Tensor<Float>([3e30, 4e30]).norm().item == 5e30)
    #expect(abs(Tensor<Float>([3e-30, 4e-30]).norm().item - 5e-30) < 1e-35)
    #expect(abs(Tensor<Double>([3e200, 4e200]).norm().item / 5e200 - 1) < 1e-15)
    #expect(Tensor<Double>([0, 0]).norm().item == 0)
    #expect(Tensor<Double>([.infinity, 1]).norm().item == .infinity)
    #expect(Tensor<Double>([.nan, 1e300]).norm().item.isNaN)
    let rows = Tensor<Double>([3e200, 4e200, 0, 0, 3, 4, 1e-200, 0], shape: [4, 2])
    let norms = rows.norm(along: 1).scalars
    #expect(abs(norms[0] / 5e200 - 1) < 1e-15)
    #expect(norms[1...] == [0, 5, 1e-200])
  }

  @Test func derivativesOfNormsAtZeroAreZero() {
    for p in [0.5, 1, 1.5, 2, 3, .infinity, -.infinity] {
      let x = Tensor<Double>(zeros: [3]).asVariable()
      #expect(gradients(of: x.norm(p), at: [x])[0].scalars == [0, 0, 0], "p = \(p)")
    }
  }

  @Test func extremesChooseTheFirstOrShare() {
    let x = Tensor<Double>([1, 3, 3, 0, 0, 2], shape: [2, 3]).asVariable()
    #expect(x.argmax().item == 1)
    #expect(x.argmin().item == 3)
    #expect(x.max(along: 1).indices.scalars == [1, 2])
    #expect(gradients(of: x.max(along: 1).values.sum(), at: [x])[0].scalars == [0, 1, 0, 0, 0, 1])
    #expect(gradients(of: x.amax(along: 1).sum(), at: [x])[0].scalars == [0, 0.5, 0.5, 0, 0, 1])
    #expect(gradients(of: x.min(), at: [x])[0].scalars == [0, 0, 0, 0.5, 0.5, 0])
    #expect(x.cumulativeMax(along: 1).indices.scalars == [0, 1, 2, 0, 1, 2])
  }

  @Test func nanIsTheExtreme() {
    let x = Tensor<Float>([1, .nan, 3, .nan])
    #expect(x.max().item.isNaN)
    #expect(x.argmax().item == 1)
    #expect(x.argmin().item == 1)
    #expect(x.sorted().indices.scalars == [0, 2, 1, 3])
    #expect(x.sorted(descending: true).indices.scalars == [1, 3, 2, 0])
    #expect(x.topK(1).values.item.isNaN)
    let variable = x.asVariable()
    #expect(gradients(of: variable.max(), at: [variable])[0].scalars == [0, 0.5, 0, 0.5])
  }

  @Test func truthOfManyElements() {
    let x = Tensor<Double>([0, .nan, 0, 0, 1, -0.0], shape: [2, 3])
    #expect(x.any(along: 1).scalars == [true, true])
    #expect(x.any(along: 0).scalars == [false, true, false])
    #expect(x.all(along: 0).scalars == [false, true, false])
    #expect(x.countNonZero(along: 0).scalars == [0, 2, 0])
    var flags = Tensor<Bool>(ones: [100_000])
    #expect(flags.all().item)
    flags[99_999] = Tensor(false)
    #expect(!flags.all().item)
    #expect(flags.countNonZero().item == 99_999)
  }

  @Test func productsWithZerosHaveDerivatives() {
    let x = Tensor<Double>([2, 0, 3, 0, 0, 5, 1, 2, 3], shape: [3, 3]).asVariable()
    let derivatives = gradients(of: x.product(along: 1).sum(), at: [x])[0]
    #expect(derivatives.scalars == [0, 6, 0, 0, 0, 0, 6, 3, 2])
    let running = gradients(of: x.cumulativeProduct(along: 1).sum(), at: [x])[0]
    #expect(running.scalars == [1, 8, 0, 1, 0, 0, 9, 4, 2])
    let twice = checkGradients(at: [x.detached()]) { $0[0].product(along: 1) + $0[0].cumulativeProduct(along: 0).sum() }
    #expect(twice.passes(), "\(twice)")
  }

  @Test func softmaxSumsToOneWithoutOverflow() {
    let x = Tensor<Float>([1000, 1001, -1000, .infinity, 1, 2, -.infinity, -.infinity, 0], shape: [3, 3])
    let y = x.softmax()
    #expect(abs(y[0].sum().item - 1) < 1e-6)
    #expect(y[1, 0].item.isNaN)
    #expect(y[2].scalars == [0, 0, 1])
    #expect(x.logSoftmax()[2].scalars == [-.infinity, -.infinity, 0])
    #expect(Tensor<Double>([-1e300, 0]).logSumExp().item == 0)
    #expect(Tensor<Float>(3).softmax(along: 0).item == 1)
  }

  @Test(arguments: [[1000], [7, 300], [300, 7], [3, 200, 40]])
  func fusedDerivativesOfSoftmaxAgreeWithTheRecorded(_ shape: [Int]) {
    let x = Tensor<Float>(randomNormal: shape, generator: RandomGenerator(seed: 3)).asVariable()
    let g = Tensor<Float>(randomNormal: shape, generator: RandomGenerator(seed: 4))
    for axis in shape.indices {
      for y in [x.softmax(along: axis), x.logSoftmax(along: axis)] {
        let fused = gradients(of: y, at: [x], gradient: g, retainGraph: true)[0]
        let recorded = gradients(of: y, at: [x], gradient: g, createGraph: true)[0].detached()
        #expect(relativeDifference(fused, recorded) < 3e-6, "axis \(axis)")
      }
    }
  }

  @Test func anyNumberOfThreadsGivesTheSameBits() {
    let x = Tensor<Float>(randomNormal: [50, 7000], generator: RandomGenerator(seed: 1))
    func all() -> [Tensor<Float>] {
      [
        x.sum(), x.sum(along: 0), x.sum(along: 1), x.mean(), x.variance(), x.variance(along: 0), x.norm(),
        x.logSumExp(),
        x.product(along: 1), x.softmax(along: 0), x.cumulativeSum(along: 1), x.sorted(along: 0).values,
      ]
    }
    let before = Workers.count
    defer { Workers.count = before }
    Workers.count = 1
    let one = all()
    for threads in [2, 3] {
      Workers.count = threads
      #expect(all() == one, "\(threads) threads")
    }
  }
}
