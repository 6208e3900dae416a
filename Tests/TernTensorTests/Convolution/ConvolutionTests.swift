import TernBackend
import TernTensor
import TernTestSupport
import Testing

@Suite struct ConvolutionTests {
  @Test(arguments: ConvolutionCase.all)
  func allThreePassesFollowTheDefinition(_ test: ConvolutionCase) {
    let x = numbers(test.x, seed: 1, Double.self).asVariable()
    let weight = numbers(test.weight, seed: 2, Double.self).asVariable()
    let gradient = numbers(test.outputShape, seed: 3, Double.self)
    let y = test(x, weight)
    #expect(y.shape == test.outputShape)
    let found = gradients(of: (y * gradient).sum(), at: [x, weight])
    let expected = test.reference(x.scalars, weight.scalars, gradient.scalars)
    #expect(relativeDifference(y, Tensor(expected.y, shape: test.outputShape)) < 1e-14)
    #expect(relativeDifference(found[0], Tensor(expected.x, shape: test.x)) < 1e-14)
    #expect(relativeDifference(found[1], Tensor(expected.weight, shape: test.weight)) < 1e-14)
  }

  @Test(arguments: ConvolutionCase.all)
  func singlePrecisionIsAccurate(_ test: ConvolutionCase) {
    let x = numbers(test.x, seed: 1, Float.self).asVariable()
    let weight = numbers(test.weight, seed: 2, Float.self).asVariable()
    let gradient = numbers(test.outputShape, seed: 3, Float.self)
    let y = test(x, weight)
    let found = gradients(of: (y * gradient).sum(), at: [x, weight])
    let expected = test.reference(x.scalars.map(\.number), weight.scalars.map(\.number), gradient.scalars.map(\.number))
    func error(_ a: Tensor<Float>, _ b: [Double]) -> Double {
      relativeDifference(a.cast(to: Double.self), Tensor(b, shape: a.shape))
    }
    #expect(error(y, expected.y) < 1e-6)
    #expect(error(found[0], expected.x) < 1e-6)
    #expect(error(found[1], expected.weight) < 1e-6)
  }

  @Test(arguments: ConvolutionCase.all)
  func everyLayoutOfInputAndWeightsGivesTheSame(_ test: ConvolutionCase) {
    let x = numbers(test.x, seed: 1, Double.self)
    let weight = numbers(test.weight, seed: 2, Double.self)
    let expected = test(x, weight)
    for laid in everyLayout(x) {
      #expect(relativeDifference(test(laid.tensor, weight), expected) < 1e-14, "x \(laid.label)")
    }
    for laid in everyLayout(weight) {
      #expect(relativeDifference(test(x, laid.tensor), expected) < 1e-14, "weight \(laid.label)")
    }
    let repeated = broadcastLayout(x)!.tensor
    #expect(relativeDifference(test(repeated, weight), test(repeated.contiguous, weight)) < 1e-14)
    let gradient = numbers(test.outputShape, seed: 3, Double.self)
    let variables = [x.asVariable(), weight.asVariable()]
    let derivatives = gradients(of: (test(variables[0], variables[1]) * gradient).sum(), at: variables)
    for laid in everyLayout(gradient) {
      let y = test(variables[0], variables[1])
      let found = gradients(of: y, at: variables, gradient: laid.tensor)
      #expect(relativeDifference(found[0], derivatives[0]) < 1e-14, "gradient \(laid.label)")
      #expect(relativeDifference(found[1], derivatives[1]) < 1e-14, "gradient \(laid.label)")
    }
  }

  @Test(arguments: ConvolutionCase.all.filter { $0.x.reduce(1, *) < 700 })
  func gradientsOfBothOrders(_ test: ConvolutionCase) {
    let check = checkGradients(at: [
      numbers(test.x, seed: 1), numbers(test.weight, seed: 2), numbers([test.weight[0]], seed: 3),
    ]) { points in
      let y = test(points[0], points[1], bias: points[2])
      return y * y
    }
    #expect(check.passes(), "\(check)")
  }

  @Test func resultsLieChannelsLast() {
    let y = conv2D(numbers([2, 3, 5, 6], Float.self), numbers([4, 3, 3, 3]), padding: 1)
    #expect(y.layout.strides == [120, 1, 24, 4])
    #expect(y.shape == [2, 4, 5, 6])
  }

  @Test func oneAndManyThreadsGiveTheSameBits() {
    let threads = Workers.count
    defer { Workers.count = threads }
    for test in ConvolutionCase.all + [ConvolutionCase(x: [20, 16, 30, 30], weight: [8, 16, 3, 3])] {
      let x = numbers(test.x, seed: 1, Float.self).asVariable()
      let weight = numbers(test.weight, seed: 2, Float.self).asVariable()
      let gradient = numbers(test.outputShape, seed: 3, Float.self)
      let runs = [1, 2, 3].map { count in
        Workers.count = count
        let y = test(x, weight)
        return [y] + gradients(of: y, at: [x, weight], gradient: gradient)
      }
      #expect(runs[0] == runs[1], "\(test)")
      #expect(runs[0] == runs[2], "\(test)")
    }
  }

  @Test func aLongSumStaysAccurate() {
    // 64 images of 28 × 28: each weight's gradient is a sum of 50,176 products of numbers far from zero.
    let test = ConvolutionCase(x: [64, 1, 28, 28], weight: [1, 1, 2, 2], padding: [1, 0, 1, 0])
    let x = numbers(test.x, seed: 1, Float.self) + 3
    let weight = numbers(test.weight, seed: 2, Float.self).asVariable()
    let gradient = numbers(test.outputShape, seed: 3, Float.self) + 2
    let found = gradients(of: test(x, weight), at: [weight], gradient: gradient)[0]
    let expected = test.reference(
      x.scalars.map(\.number), weight.scalars.map(\.number), gradient.scalars.map(\.number)
    ).weight
    #expect(relativeDifference(found.cast(to: Double.self), Tensor(expected, shape: test.weight)) < 1e-6)
  }
}
