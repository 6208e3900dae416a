import TernTensor
import TernTestSupport
import Testing

@Suite struct ConvolutionEdgeTests {
  @Test func biasIsAddedToEveryPixel() {
    let x = numbers([2, 3, 4, 5], seed: 1, Double.self)
    let bias = Tensor<Double>([0.5, -1, 2, 4])
    for (weight, groups) in [(numbers([4, 3, 3, 3], seed: 2, Double.self), 1), (numbers([4, 3, 1, 1], seed: 2), 1)] {
      let difference = conv2D(x, weight, bias: bias, groups: groups) - conv2D(x, weight, groups: groups)
      #expect(relativeDifference(difference, bias.reshaped(4, 1, 1).broadcast(to: difference.shape)) < 1e-14)
    }
    let depthwise = numbers([6, 1, 2, 2], seed: 3, Double.self)
    let six = Tensor<Double>([1, 2, 3, 4, 5, 6])
    let difference = conv2D(x, depthwise, bias: six, groups: 3) - conv2D(x, depthwise, groups: 3)
    #expect(relativeDifference(difference, six.reshaped(6, 1, 1).broadcast(to: difference.shape)) < 1e-14)
  }

  @Test func samePaddingKeepsTheExtentsAndPutsAnOddPixelAtTheEnd() {
    let x = numbers([1, 2, 5, 6], seed: 1, Double.self)
    for (kernel, dilation) in [(3, 1), (2, 1), (4, 1), (2, 3), (3, 2)] {
      let weight = numbers([3, 2, kernel, kernel], seed: 2, Double.self)
      let reach = (kernel - 1) * dilation
      let explicit = Padding2D(top: reach / 2, bottom: reach - reach / 2, left: reach / 2, right: reach - reach / 2)
      let y = conv2D(x, weight, padding: .same, dilation: Pair(dilation))
      #expect(y.shape == [1, 3, 5, 6])
      #expect(y == conv2D(x, weight, padding: explicit, dilation: Pair(dilation)))
    }
    #expect(conv2D(x, numbers([3, 2, 3, 3]), padding: .valid).shape == [1, 3, 3, 4])
  }

  @Test func anImageWithoutABatchGivesOneWithout() {
    let x = numbers([3, 5, 6], seed: 1, Double.self)
    let weight = numbers([4, 3, 3, 3], seed: 2, Double.self)
    let y = conv2D(x, weight, padding: [1, 0])
    #expect(y.shape == [4, 5, 4])
    #expect(y == conv2D(x.expandedAxis(at: 0), weight, padding: [1, 0])[0])
    let sequence = conv1D(numbers([3, 9], seed: 1, Double.self), numbers([2, 3, 4]), stride: 2)
    #expect(sequence.shape == [2, 3])
    #expect(transposedConv1D(sequence, numbers([2, 3, 4], Double.self), stride: 2).shape == [3, 8])
    #expect(transposedConv2D(y, weight).shape == [3, 7, 6])
  }

  @Test func sequencesAreImagesOfHeightOne() {
    let x = numbers([2, 4, 11], seed: 1, Double.self)
    let weight = numbers([6, 2, 3], seed: 2, Double.self)
    let y = conv1D(x, weight, stride: 2, padding: 2, dilation: 2, groups: 2)
    let images = conv2D(
      x.expandedAxis(at: 2), weight.expandedAxis(at: 2), stride: [1, 2], padding: [0, 2], dilation: [1, 2], groups: 2)
    #expect(y == images.squeezed(2))
    #expect(conv1D(x, weight, padding: .same, groups: 2).shape == [2, 6, 11])
    for laid in everyLayout(x) {
      #expect(conv1D(laid.tensor, weight, groups: 2) == conv1D(x, weight, groups: 2), "\(laid.label)")
    }
    let check = checkGradients(at: [numbers([2, 4, 7], seed: 4), weight]) { points in
      let y = conv1D(points[0], points[1], padding: 1, groups: 2)
      return y * y
    }
    #expect(check.passes(), "\(check)")
  }

  @Test func nothingInGivesNothingOrZeros() {
    let weight = numbers([4, 3, 3, 3], seed: 2, Double.self).asVariable()
    let empty = Tensor<Double>(zeros: [0, 3, 5, 5]).asVariable()
    let y = conv2D(empty, weight, padding: 1)
    #expect(y.shape == [0, 4, 5, 5])
    let found = gradients(of: y.sum(), at: [empty, weight])
    #expect(found[0].shape == [0, 3, 5, 5])
    #expect(found[1] == Tensor(zeros: [4, 3, 3, 3]))
    let none = conv2D(Tensor<Double>(zeros: [2, 0, 3, 3]), Tensor(zeros: [2, 0, 1, 1]), bias: Tensor([5, 7]))
    #expect(
      none.scalars == (0..<2).flatMap { _ in [Double](repeating: 5, count: 9) + [Double](repeating: 7, count: 9) })
  }

  @Test func infinitiesAndNaNReachOnlyWhatTheyTouch() {
    var x = Tensor<Float>(ones: [1, 1, 4, 4])
    x[0, 0, 0, 0] = Tensor(.infinity)
    x[0, 0, 3, 3] = Tensor(.nan)
    let y = conv2D(x, Tensor(ones: [1, 1, 2, 2])).scalars
    #expect(y[0] == .infinity && y[8].isNaN)
    #expect(y[1..<8].allSatisfy { $0 == 4 })
  }

  @Test(arguments: ConvolutionCase.all)
  func transposedConvolutionIsTheAdjoint(_ test: ConvolutionCase) {
    guard test.padding[0] == test.padding[1], test.padding[2] == test.padding[3] else { return }
    let x = numbers(test.x, seed: 1, Double.self)
    let weight = numbers(test.weight, seed: 2, Double.self)
    let g = numbers(test.outputShape, seed: 3, Double.self)
    let lost = [2, 3].map { axis in
      let s = axis == 2 ? test.stride.vertical : test.stride.horizontal
      let d = axis == 2 ? test.dilation.vertical : test.dilation.horizontal
      return (test.x[axis] + 2 * test.padding[axis == 2 ? 0 : 2] - d * (test.weight[axis] - 1) - 1) % s
    }
    let back = transposedConv2D(
      g, weight, stride: test.stride, padding: Padding2D(test.padding[0], test.padding[2]),
      outputPadding: Pair(lost[0], lost[1]), dilation: test.dilation, groups: test.groups)
    #expect(back.shape == test.x)
    let forward = (test(x, weight) * g).sum().item
    #expect(abs((back * x).sum().item - forward) < 1e-12 * Swift.max(1, abs(forward)))
  }

  @Test(arguments: [1, 3])
  func transposedConvolutionHasGradientsOfBothOrders(groups: Int) {
    let check = checkGradients(at: [
      numbers([2, 3, 3, 2], seed: 1), numbers([3, 2, 3, 2], seed: 2), numbers([2 * groups], seed: 3),
    ]) { points in
      let y = transposedConv2D(
        points[0], points[1], bias: points[2], stride: [2, 3], padding: [1, 0], outputPadding: [1, 2], groups: groups)
      return y * y
    }
    #expect(check.passes(), "\(check)")
  }

  @Test func transposedConvolutionOfValuesWorkedOutByHand() {
    let x = Tensor<Double>([1, 2, 3, 4], shape: [1, 1, 2, 2])
    let weight = Tensor<Double>([1, 10, 100, 1000], shape: [1, 1, 2, 2])
    let y = transposedConv2D(x, weight, bias: Tensor([0.5]))
    #expect(y.shape == [1, 1, 3, 3])
    #expect(y.scalars == [1.5, 12.5, 20.5, 103.5, 1234.5, 2040.5, 300.5, 3400.5, 4000.5])
    let wide = transposedConv2D(x, weight, stride: 2, outputPadding: 1)
    #expect(wide.shape == [1, 1, 5, 5])
    #expect(wide.scalars[0..<5] == [1, 10, 2, 20, 0] && wide.scalars[20..<25] == [0, 0, 0, 0, 0])
  }
}
