import TernBackend
import TernTensor
import TernTestSupport
import Testing

/// Convolutions of every shape, drawn at random, beside loops that follow the definition.
@Suite struct RandomGeometryTests {
  /// Whole numbers, the same ones for the same seed.
  private struct Draw {
    var state: UInt64
    mutating func callAsFunction(_ range: ClosedRange<Int>) -> Int {
      state &+= 0x9E37_79B9_7F4A_7C15
      var z = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
      z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
      return range.lowerBound + Int((z ^ (z >> 31)) % UInt64(range.count))
    }
  }

  private static func draw(_ seed: Int) -> ConvolutionCase {
    var draw = Draw(state: UInt64(seed))
    while true {
      let groups = draw(1...3)
      let perGroup = groups > 1 && draw(0...1) == 1 ? 1 : draw(1...4)
      let test = ConvolutionCase(
        x: [draw(1...2), groups * perGroup, draw(1...9), draw(1...11)],
        weight: [groups * draw(1...5), perGroup, draw(1...4), draw(1...4)], stride: Pair(draw(1...4), draw(1...4)),
        padding: [draw(0...6), draw(0...6), draw(0...6), draw(0...6)], dilation: Pair(draw(1...5), draw(1...5)),
        groups: groups)
      if test.reaches { return test }
    }
  }

  /// - Parameter precision: of the products; what they round is rounded before.
  private static func expectAgreement(_ test: ConvolutionCase, _ precision: FloatPrecision = .float32) {
    func drawn(_ shape: [Int], _ seed: Int) -> Tensor<Float> {
      let values = numbers(shape, seed: seed, Float.self)
      return precision == .float32 ? values : values.cast(to: BFloat16.self).widened
    }
    let (x, weight) = (drawn(test.x, 1).asVariable(), drawn(test.weight, 2).asVariable())
    let gradient = drawn(test.outputShape, 3)
    let y = withPrecision(precision) { test(x, weight) }
    let found = gradients(of: y, at: [x, weight], gradient: gradient)
    let expected = test.reference(x.scalars.map(\.number), weight.scalars.map(\.number), gradient.scalars.map(\.number))
    for (name, a, b) in [("y", y, expected.y), ("x", found[0], expected.x), ("weight", found[1], expected.weight)] {
      let difference = relativeDifference(a.cast(to: Double.self), Tensor(b, shape: a.shape))
      #expect(difference < 3e-6, "\(name) of \(test)")
    }
  }

  @Test(arguments: 0..<10)
  func allPassesFollowTheDefinition(_ hundred: Int) {
    for seed in 0..<100 { Self.expectAgreement(Self.draw(hundred * 100 + seed)) }
  }

  @Test(arguments: 0..<5)
  func allPassesFollowTheDefinitionInBFloat16(_ hundred: Int) {
    for seed in 0..<100 { Self.expectAgreement(Self.draw(hundred * 100 + seed), .bfloat16) }
  }

  /// An axis of which a class of pixels reaches no output, beside one whose outputs lie apart.
  @Test func pixelsThatNoOutputUsesOnOneAxis() {
    Self.expectAgreement(
      ConvolutionCase(x: [1, 1, 3, 9], weight: [1, 1, 3, 1], stride: 2, padding: [2, 2, 2, 2], dilation: [3, 1]))
    Self.expectAgreement(
      ConvolutionCase(x: [1, 1, 4, 10], weight: [1, 1, 3, 3], stride: 2, padding: [12, 12, 12, 12], dilation: 12))
    Self.expectAgreement(
      ConvolutionCase(
        x: [2, 6, 4, 10], weight: [4, 3, 3, 3], stride: [2, 4], padding: [12, 12, 8, 8], dilation: [12, 8], groups: 2))
  }

  /// The memory beside the result is what the taps read, not what lies between them.
  @Test func tapsThatLieFarApart() {
    Self.expectAgreement(
      ConvolutionCase(
        x: [1, 2, 3, 3], weight: [2, 2, 3, 3], padding: [20_000, 20_000, 20_000, 20_000], dilation: 20_000))
    Self.expectAgreement(
      ConvolutionCase(
        x: [1, 4, 3, 3], weight: [4, 1, 3, 3], padding: [20_000, 20_000, 20_000, 20_000], dilation: 20_000, groups: 4))
  }

  @Test(arguments: 0..<5)
  func transposedConvolutionsFollowTheDefinition(_ hundred: Int) {
    for seed in 0..<100 {
      var draw = Draw(state: UInt64(10_000 + hundred * 100 + seed))
      let groups = draw(1...3)
      let (inputs, outputs) = (groups * draw(1...3), draw(1...3))
      let (n, h, w, kh, kw) = (draw(1...2), draw(1...6), draw(1...6), draw(1...4), draw(1...4))
      let stride = [draw(1...4), draw(1...4)], dilation = [draw(1...5), draw(1...5)],
        padding = [draw(0...3), draw(0...3)]
      let more = [0, 1].map { draw(0...max(stride[$0], dilation[$0]) - 1) }
      let height = (h - 1) * stride[0] - 2 * padding[0] + dilation[0] * (kh - 1) + more[0] + 1
      let width = (w - 1) * stride[1] - 2 * padding[1] + dilation[1] * (kw - 1) + more[1] + 1
      if height < 1 || width < 1 { continue }
      let x = numbers([n, inputs, h, w], seed: 1, Float.self)
      let weight = numbers([inputs, outputs, kh, kw], seed: 2, Float.self)
      let bias = numbers([outputs * groups], seed: 3, Float.self)
      let y = transposedConv2D(
        x, weight, bias: bias, stride: stride, padding: padding, outputPadding: more, dilation: dilation, groups: groups
      )
      let (xs, ws, bs) = (x.scalars.map(\.number), weight.scalars.map(\.number), bias.scalars.map(\.number))
      var expected = [Double](repeating: 0, count: n * outputs * groups * height * width)
      for at in expected.indices { expected[at] = bs[at / (height * width) % (outputs * groups)] }
      for at in xs.indices {
        let (j, i, c, image) = (at % w, at / w % h, at / (w * h) % inputs, at / (w * h * inputs))
        for o in 0..<outputs {
          let channel = c / (inputs / groups) * outputs + o
          for u in 0..<kh {
            for v in 0..<kw {
              let row = i * stride[0] + u * dilation[0] - padding[0]
              let column = j * stride[1] + v * dilation[1] - padding[1]
              if row < 0 || row >= height || column < 0 || column >= width { continue }
              let to = ((image * outputs * groups + channel) * height + row) * width + column
              expected[to] += xs[at] * ws[((c * outputs + o) * kh + u) * kw + v]
            }
          }
        }
      }
      let difference = relativeDifference(
        y.cast(to: Double.self), Tensor(expected, shape: [n, outputs * groups, height, width]))
      #expect(
        difference < 3e-6, "\(x.shape), \(weight.shape), \(stride), \(padding), \(more), \(dilation), \(groups)")
    }
  }
}

extension ConvolutionCase {
  /// Whether the kernel fits into the padded image.
  fileprivate var reaches: Bool {
    x[2] + padding[0] + padding[1] > dilation.vertical * (weight[2] - 1)
      && x[3] + padding[2] + padding[3] > dilation.horizontal * (weight[3] - 1)
  }
}
