import TernTensor
import TernTestSupport
import Testing

/// Convolutions of volumes beside loops that follow the definition.
@Suite struct VolumeConvolutionTests {
  /// A convolution of volumes; the padding is front, back, top, bottom, left, right.
  private struct Case: CustomStringConvertible {
    var x: [Int], weight: [Int]
    var stride: [Int] = [1, 1, 1]
    var padding = [0, 0, 0, 0, 0, 0]
    var dilation: [Int] = [1, 1, 1]
    var groups = 1

    var description: String {
      "\(x) * \(weight), stride \(stride), padding \(padding), dilation \(dilation), \(groups) groups"
    }

    var out: [Int] {
      (0..<3).map { axis in
        let padded: Int = x[2 + axis] + padding[2 * axis] + padding[2 * axis + 1]
        let room: Int = padded - dilation[axis] * (weight[2 + axis] - 1) - 1
        return room < 0 ? 0 : room / stride[axis] + 1
      }
    }

    var sides: Padding3D {
      Padding3D(
        front: padding[0], back: padding[1], top: padding[2], bottom: padding[3], left: padding[4], right: padding[5])
    }

    /// Every product of the convolution: its places in the result, the input and the weights.
    func visit(_ body: (_ y: Int, _ x: Int, _ w: Int) -> Void) {
      let (out, perGroup, outputs) = (self.out, weight[1], weight[0] / groups)
      let places: [[(Int, Int, Int)]] = (0..<3).map { axis in
        var places: [(Int, Int, Int)] = []
        for i in 0..<out[axis] {
          for u in 0..<weight[2 + axis] {
            let from: Int = i * stride[axis] + u * dilation[axis] - padding[2 * axis]
            if from >= 0 && from < x[2 + axis] { places.append((i, from, u)) }
          }
        }
        return places
      }
      for n in 0..<x[0] {
        for o in 0..<weight[0] {
          for c in 0..<perGroup {
            let channel: Int = o / outputs * perGroup + c
            for a in places[0] {
              for b in places[1] {
                for d in places[2] {
                  let y: Int = (((n * weight[0] + o) * out[0] + a.0) * out[1] + b.0) * out[2] + d.0
                  let from: Int = (((n * x[1] + channel) * x[2] + a.1) * x[3] + b.1) * x[4] + d.1
                  let w: Int = (((o * perGroup + c) * weight[2] + a.2) * weight[3] + b.2) * weight[4] + d.2
                  body(y, from, w)
                }
              }
            }
          }
        }
      }
    }
  }

  private struct Draw {
    var state: UInt64
    mutating func callAsFunction(_ range: ClosedRange<Int>) -> Int {
      state &+= 0x9E37_79B9_7F4A_7C15
      var z = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
      z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
      return range.lowerBound + Int((z ^ (z >> 31)) % UInt64(range.count))
    }
  }

  private static func draw(_ seed: Int) -> Case {
    var draw = Draw(state: UInt64(seed))
    while true {
      let groups = draw(1...3)
      let perGroup = groups > 1 && draw(0...1) == 1 ? 1 : draw(1...3)
      let test = Case(
        x: [draw(1...2), groups * perGroup, draw(1...5), draw(1...6), draw(1...5)],
        weight: [groups * draw(1...3), perGroup, draw(1...3), draw(1...3), draw(1...3)],
        stride: [draw(1...3), draw(1...3), draw(1...3)],
        padding: [draw(0...3), draw(0...3), draw(0...3), draw(0...3), draw(0...3), draw(0...3)],
        dilation: [draw(1...3), draw(1...3), draw(1...2)], groups: groups)
      if !test.out.contains(0) { return test }
    }
  }

  private static func expectAgreement<Scalar: FloatingScalar>(_ test: Case, _ limit: Double, _: Scalar.Type) {
    let x = numbers(test.x, seed: 1, Scalar.self)
    let weight = numbers(test.weight, seed: 2, Scalar.self)
    let gradient = numbers([test.x[0], test.weight[0]] + test.out, seed: 3, Scalar.self)
    let (xs, ws, gs) = (x.scalars.map(\.number), weight.scalars.map(\.number), gradient.scalars.map(\.number))
    var expected = [
      [Double](repeating: 0, count: gs.count), [Double](repeating: 0, count: xs.count),
      [Double](repeating: 0, count: ws.count),
    ]
    test.visit { y, x, w in
      expected[0][y] += xs[x] * ws[w]
      expected[1][x] += gs[y] * ws[w]
      expected[2][w] += gs[y] * xs[x]
    }
    func expect(_ name: String, _ found: Tensor<Scalar>, _ place: Int) {
      let difference = relativeDifference(found.cast(to: Double.self), Tensor(expected[place], shape: found.shape))
      #expect(difference < limit, "\(name) of \(test)")
    }
    let (a, b) = (x.asVariable(), weight.asVariable())
    let y = conv3D(a, b, stride: test.stride, padding: test.sides, dilation: test.dilation, groups: test.groups)
    let found = gradients(of: y, at: [a, b], gradient: gradient)
    expect("y", y, 0)
    expect("gradient of x", found[0], 1)
    expect("gradient of the weights", found[1], 2)
    // Transposed, the gradient of x is the result for x the gradient; the output padding is what the strides leave over.
    let left: [Int] = (0..<3).map { axis in
      let padded: Int = test.x[2 + axis] + test.padding[2 * axis] + test.padding[2 * axis + 1]
      return (padded - test.dilation[axis] * (test.weight[2 + axis] - 1) - 1) % test.stride[axis]
    }
    let transposed = transposedConv3D(
      gradient, weight, stride: test.stride, padding: test.sides, outputPadding: left, dilation: test.dilation,
      groups: test.groups)
    expect("transposed", transposed, 1)
  }

  @Test(arguments: 0..<4) func followsTheDefinition(_ part: Int) {
    for seed in 0..<60 {
      Self.expectAgreement(Self.draw(part * 60 + seed), 3e-6, Float.self)
      Self.expectAgreement(Self.draw(part * 60 + seed), 1e-13, Double.self)
    }
  }

  @Test("the algorithms of larger images, too")
  func largerVolumes() {
    Self.expectAgreement(
      Case(x: [1, 16, 4, 24, 24], weight: [32, 16, 3, 3, 3], padding: [1, 1, 1, 1, 1, 1]), 6e-6, Float.self)
    Self.expectAgreement(
      Case(x: [1, 32, 3, 12, 14], weight: [32, 1, 3, 3, 3], padding: [1, 1, 1, 1, 1, 1], groups: 32), 3e-6, Float.self)
    Self.expectAgreement(
      Case(x: [1, 16, 5, 17, 16], weight: [16, 16, 3, 3, 3], stride: [2, 2, 2], padding: [1, 1, 1, 1, 1, 1]), 6e-6,
      Float.self)
    Self.expectAgreement(Case(x: [2, 8, 6, 9, 9], weight: [8, 8, 1, 1, 1], stride: [2, 1, 1]), 3e-6, Float.self)
  }

  @Test("the padding of six sides is zeros around the volume")
  func sides() {
    let x = numbers([1, 2, 3, 4, 3], seed: 4, Double.self)
    let weight = numbers([2, 2, 2, 3, 2], seed: 5, Double.self)
    let sides = Padding3D(front: 2, back: 0, top: 1, bottom: 2, left: 0, right: 3)
    let expected = conv3D(x.padded([(2, 0), (1, 2), (0, 3)]), weight)
    #expect(relativeDifference(conv3D(x, weight, padding: sides), expected) < 1e-14)
  }

  @Test func gradientsOfBothOrders() {
    let result = checkGradients(at: [
      numbers([1, 4, 3, 3, 2], seed: 6), numbers([2, 2, 2, 2, 2], seed: 7), numbers([2], seed: 8),
    ]) { points in
      conv3D(points[0], points[1], bias: points[2], stride: [1, 2, 1], padding: [1, 1, 0], groups: 2)
    }
    #expect(result.passes(), "\(result)")
    let transposed = checkGradients(at: [
      numbers([1, 2, 2, 2, 2], seed: 6), numbers([2, 1, 2, 1, 2], seed: 7), numbers([2], seed: 8),
    ]) { points in
      transposedConv3D(points[0], points[1], bias: points[2], stride: [2, 1, 2], padding: [1, 0, 0], groups: 2)
    }
    #expect(transposed.passes(), "\(transposed)")
  }

  @Test("numbers, variables, arrays and triples stand for sizes")
  func triples() {
    let x = Tensor<Float>(ones: [1, 1, 6, 6, 6])
    let weight = Tensor<Float>(ones: [1, 1, 2, 2, 2])
    let step = 2
    #expect(conv3D(x, weight, stride: step).shape == [1, 1, 3, 3, 3])
    #expect(conv3D(x, weight, stride: [1, step, 3]).shape == [1, 1, 5, 3, 2])
    #expect(conv3D(x, weight, padding: Triple(0, 1, 2)).shape == [1, 1, 5, 7, 9])
    #expect(conv3D(x, weight, padding: .same).shape == x.shape)
    #expect(conv3D(x, weight, padding: .valid, dilation: Triple(step)).shape == [1, 1, 4, 4, 4])
    let triple: Triple = [1, 2, 3]
    #expect(triple == Triple(1, 2, 3) && triple.depth == 1 && triple.vertical == 2 && triple.horizontal == 3)
  }

  @Test func messages() async {
    let channels = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = conv3D(Tensor<Float>(zeros: [2, 3, 4, 4, 4]), Tensor(zeros: [8, 4, 3, 3, 3]))
    }
    expectLine(
      "conv3D: input [2, 3, 4, 4, 4] has 3 channels, weight [8, 4, 3, 3, 3] wants 4",
      in: channels?.standardErrorContent)
    let rank = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = conv3D(Tensor<Float>(zeros: [4, 4, 4]), Tensor(zeros: [8, 4, 3, 3, 3]))
    }
    expectLine(
      "conv3D: input [4, 4, 4] is neither [batch, channels, depth, height, width] nor [channels, depth, height, width]",
      in: rank?.standardErrorContent)
    let kernel = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = conv3D(Tensor<Float>(zeros: [1, 1, 2, 4, 4]), Tensor(zeros: [1, 1, 3, 3, 3]), padding: [0, 1, 1])
    }
    expectLine(
      "conv3D: kernel 3×3×3 is larger than the padded input (3×3×3 > 2×6×6)", in: kernel?.standardErrorContent)
    let two = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = conv3D(Tensor<Float>(zeros: [1, 1, 2, 4, 4]), Tensor(zeros: [1, 1, 1, 1, 1]), stride: [1, 2])
    }
    expectLine(
      "Triple: [1, 2] does not have three numbers: depth, the vertical and the horizontal one",
      in: two?.standardErrorContent)
    let output = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = transposedConv3D(Tensor<Float>(zeros: [1, 1, 2, 2, 2]), Tensor(zeros: [1, 1, 2, 2, 2]), outputPadding: 1)
    }
    expectLine(
      "transposedConv3D: output padding 1×1×1 is not below stride or dilation (1 ≥ 1)",
      in: output?.standardErrorContent)
  }
}
