import TernTensor
import TernTestSupport
import Testing

@Suite struct ElementwiseTests {
  @Test(arguments: elementwiseTable.filter { $0.forms[0].allSatisfy { $0 == [2, 3] } && $0.forms.count > 1 })
  func longTensorsGiveTheSameAsTheirParts(_ row: TensorOperation) {
    let n = 70_001
    let operands = row.operands(row.forms[0].map { _ in [n] })
    let whole = row.function(operands)
    for part in [0..<17, 32_760..<32_790, n - 13..<n] {
      let expected = row.function(Operands(tensors: operands.tensors.map { $0[part].contiguous }))
      #expect(relativeDifference(whole[part], expected) <= 4e-16, "\(row.name) \(part)")
    }
  }
}

@Suite struct ElementwiseEdgeTests {
  @Test func derivativesOfSaturatedActivationsStayFinite() {
    let x = Tensor<Double>([-1000, -800, -40, 0.5, 40, 800, 1000]).asVariable()
    let functions: [(String, (Tensor<Double>) -> Tensor<Double>)] = [
      ("elu", { $0.elu() }), ("selu", { $0.selu() }), ("celu", { $0.celu(alpha: 0.5) }), ("gelu", { $0.gelu() }),
      ("gelu by tanh", { $0.gelu(approximate: .tanh) }), ("silu", { $0.silu() }), ("mish", { $0.mish() }),
      ("softplus", { $0.softplus() }), ("logSigmoid", { $0.logSigmoid() }), ("sigmoid", { $0.sigmoid() }),
      ("tanh", { $0.tanh() }), ("softSign", { $0.softSign() }), ("erf", { $0.erf() }),
      ("hardSwish", { $0.hardSwish() }),
    ]
    for (name, function) in functions {
      let first = gradients(of: function(x).sum(), at: [x], createGraph: true)[0]
      let second = gradients(of: first.sum(), at: [x])[0]
      #expect(first.scalars.allSatisfy { $0.isFinite }, "\(name): \(first.scalars)")
      #expect(second.scalars.allSatisfy { $0.isFinite }, "\(name), second order: \(second.scalars)")
    }
  }

  @Test func fusedDerivativesAreThoseOfTheGraph() {
    let x = Tensor<Double>(linspace: -3, 3, count: 101).asVariable()
    let functions: [(Tensor<Double>) -> Tensor<Double>] = [
      { $0.relu() }, { $0.leakyReLU() }, { $0.sigmoid() }, { $0.tanh() },
    ]
    for function in functions {
      let fused = gradients(of: function(x).sum(), at: [x])[0]
      let graph = gradients(of: function(x).sum(), at: [x], createGraph: true)[0]
      #expect(relativeDifference(fused, graph.detached()) < 1e-15)
    }
  }

  @Test func whatWasNotChosenSendsNoGradient() {
    let a = Tensor<Float>([.nan, 1]).asVariable()
    let b = Tensor<Float>([2, .infinity]).asVariable()
    let chosen = select(Tensor<Bool>([false, true]), a, b)
    let derivatives = gradients(of: chosen.sum(), at: [a, b])
    #expect(chosen.scalars == [2, 1])
    #expect(derivatives[0].scalars == [0, 1])
    #expect(derivatives[1].scalars == [1, 0])
  }

  @Test func selectionTakesEveryType() {
    let condition = Tensor<Bool>([true, false, true])
    #expect(select(condition, Tensor<Int>([1, 2, 3]), 0).scalars == [1, 0, 3])
    #expect(select(condition, false, condition).scalars == [false, false, false])
    #expect(
      select(condition, Tensor<UInt8>([1, 2], shape: [2, 1]), 9).scalars == [1, 9, 1, 2, 9, 2])
  }

  @Test func nanPassesThroughOrNotAsItShould() {
    let x = Tensor<Float>([.nan])
    for (name, y) in [
      ("relu", x.relu()), ("clamped", x.clamped(min: 0, max: 1)), ("maximum", maximum(x, Tensor([1]))),
      ("minimum", minimum(Tensor([1]), x)), ("relu6", x.relu6()), ("round", x.round()), ("abs", x.abs()),
      ("floor", x.floor()), ("frac", x.frac()), ("leakyReLU", x.leakyReLU()), ("elu", x.elu()), ("gelu", x.gelu()),
    ] {
      #expect(y.item.isNaN, "\(name)")
    }
    #expect(x.sign().item == 0)
    #expect(x.pow(0).item == 1)
    #expect(x.replacingNonFinite(nan: 3).item == 3)
    #expect(
      Tensor<Float>([.infinity, -.infinity]).replacingNonFinite(negativeInfinity: 5).scalars == [
        .greatestFiniteMagnitude, 5,
      ])
    #expect(Tensor<Float>([.infinity, -.infinity, 1, .nan]).isInfinite().scalars == [true, true, false, false])
    #expect(Tensor<Float>([.infinity, -.infinity, 1, .nan]).isFinite().scalars == [false, false, true, false])
    #expect(Tensor<Int>([1]).isFinite().scalars == [true])
  }

  @Test func derivativesAtNaNAndAtTheOrigin() {
    let x = Tensor<Double>([.nan]).asVariable()
    let undefined = [x.elu(), x.selu(), x.celu(), x.hardSwish(), x.silu(), x.gelu()]
    for y in undefined { #expect(gradients(of: y.sum(), at: [x])[0].item.isNaN) }
    let clamped = [x.relu6(), x.hardTanh(), x.clamped(min: 0, max: 1), x.hardSigmoid(), x.leakyReLU(slope: 0)]
    for y in clamped { #expect(gradients(of: y.sum(), at: [x])[0].item == 0) }
    let (a, b) = (Tensor<Double>(0).asVariable(), Tensor<Double>(0).asVariable())
    #expect(gradients(of: atan2(a, b), at: [a, b]).map(\.item) == [0, 0])
  }

  @Test func roundingGoesToTheEvenNeighbor() {
    let x = Tensor<Double>([-2.5, -1.5, -0.5, 0.5, 1.5, 2.5])
    #expect(x.round().scalars == [-2, -2, 0, 0, 2, 2])
    #expect(Tensor<Double>([0.25, 0.35, -0.25]).round(decimals: 1).scalars == [0.2, 0.4, -0.2])
    #expect(Tensor<Double>([125, 135, -15]).round(decimals: -1).scalars == [120, 140, -20])
  }

  @Test func roundingToMoreDigitsThanThereAre() {
    let values: [Double] = [3.14159, -2.5e300, 1e-300, .infinity, -.infinity, 0]
    for decimals in [309, 400, 1_000_000_000, Int.max] {
      #expect(Tensor(values).round(decimals: decimals).scalars == values, "\(decimals)")
    }
    for decimals in [-400, -1_000_000_000, Int.min] {
      #expect(Tensor(values).round(decimals: decimals).scalars == [0, 0, 0, .infinity, -.infinity, 0], "\(decimals)")
    }
    #expect(Tensor<Float>([3e38, 1.25, .infinity]).round(decimals: 1).scalars == [3e38, 1.2, .infinity])
    #expect(Tensor<Double>([.nan]).round(decimals: 309).item.isNaN)
    #expect(Tensor<Double>([127, 150, 250]).round(decimals: -2).scalars == [100, 200, 200])
  }

  @Test func integersDivideAsPythonAndAsSwift() {
    let a = Tensor<Int32>([7, -7, 7, -7])
    let b = Tensor<Int32>([2, 2, -2, -2])
    #expect(a.divided(by: b, rounding: .towardZero).scalars == [3, -3, -3, 3])
    #expect(a.divided(by: b, rounding: .down).scalars == [3, -4, -4, 3])
    #expect(fmod(a, b).scalars == [1, -1, 1, -1])
    #expect(remainder(a, b).scalars == [1, 1, -1, -1])
    #expect(remainder(7, b).scalars == [1, 1, -1, -1])
    #expect(fmod(a, 3).scalars == [1, -1, 1, -1])
    let c = Tensor<Double>([5.5, -5.5])
    #expect(remainder(c, 2).scalars == [1.5, 0.5])
    #expect(fmod(c, 2).scalars == [1.5, -1.5])
    #expect(c.divided(by: 2, rounding: .down).scalars == [2, -3])
    #expect(c.divided(by: 0, rounding: .down).scalars == [.infinity, -.infinity])
  }

  @Test func integersHavePowersExtremaAndBounds() {
    let x = Tensor<Int>([-3, 0, 2])
    #expect(x.pow(3).scalars == [-27, 0, 8])
    #expect(pow(2, Tensor<Int>([0, 1, 10])).scalars == [1, 2, 1024])
    #expect(x.pow(Tensor<Int>([2, 0, 5])).scalars == [9, 1, 32])
    #expect(x.abs().scalars == [3, 0, 2])
    #expect(x.sign().scalars == [-1, 0, 1])
    #expect(x.square().scalars == [9, 0, 4])
    #expect(x.clamped(min: -1).scalars == [-1, 0, 2])
    #expect(x.clamped(max: 1).scalars == [-3, 0, 1])
    #expect(x.clamped(min: 1, max: 0).scalars == [0, 0, 0])
    #expect(maximum(x, -1).scalars == [-1, 0, 2])
    #expect(minimum(x, Tensor<Int>([-5, 1], shape: [2, 1])).scalars == [-5, -5, -5, -3, 0, 1])
    #expect(x.adding(x, scaledBy: 3).scalars == [-12, 0, 8])
    #expect(Tensor<UInt8>([200]).clamped(max: 100).scalars == [100])
    #expect(x.floor() == x && x.round() == x)
  }

  @Test func preluTakesOneWeightOrOneForEachChannel() {
    let x = Tensor<Double>([-1, 2, -3, 4, -5, 6], shape: [1, 3, 2]).asVariable()
    let weight = Tensor<Double>([0.5, 0.25, 2]).asVariable()
    let y = x.prelu(weight)
    #expect(y.scalars == [-0.5, 2, -0.75, 4, -10, 6])
    let derivatives = gradients(of: y.sum(), at: [x, weight])
    #expect(derivatives[0].scalars == [0.5, 1, 0.25, 1, 2, 1])
    #expect(derivatives[1].scalars == [-1, -3, -5])
    #expect(Tensor<Double>(-2).prelu(Tensor(0.5)).scalars == [-1])
  }

  @Test func gluMultipliesAHalfWithTheGateOfTheOther() {
    let x = Tensor<Double>([1, 2, 0, 100, 3, 4, -100, 0], shape: [2, 4])
    #expect(relativeDifference(x.glu(), Tensor([0.5, 2, 0, 2], shape: [2, 2])) < 1e-15)
    #expect(x.glu(axis: 0).shape == [1, 4])
  }
}
