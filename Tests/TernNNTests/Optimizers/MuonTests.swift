import TernTensor
import TernTestSupport
import Testing

@testable import TernNN

/// Muon against PyTorch 2.13, in Double.
@Suite struct MuonTests {
  private final class Matrices: Module {
    let list = [(4, 3), (2, 5)].enumerated().map { k, shape in
      Parameter(
        Tensor((0..<shape.0 * shape.1).map { Double(($0 * 7 + k * 3) % 11) / 11 - 0.45 }, shape: [shape.0, shape.1]))
    }
  }

  private static func descend(_ make: (Matrices) -> Muon) -> [Double] {
    let model = Matrices()
    let optimizer = make(model)
    for step in 0..<4 { self.step(model, optimizer, step) }
    return model.list.flatMap { $0.value.scalars }
  }

  private static func step(_ model: Matrices, _ optimizer: any Optimizer, _ step: Int) {
    for (k, parameter) in model.list.enumerated() {
      parameter.gradient = Tensor(
        (0..<parameter.count).map { Double(($0 * 5 + step * 3 + k) % 13) / 13 - 0.4 }, shape: parameter.shape)
    }
    optimizer.step()
  }

  /// What PyTorch's steps give with the iterations in Double, and what they give as they are, in bfloat16.
  @Test func fourStepsAsPyTorchTakesThem() {
    let rows: [(muon: @Sendable (Matrices) -> Muon, exact: [Double], coarse: [Double])] = [
      (
        { Muon($0) },
        [
          -0.4485894222369502, 0.18457649207145738, -0.17653349722238001, 0.4585528038886923, 0.09495279168371641,
          -0.27009168360672353, 0.3674705706007185, 0.0027918849682015217, -0.35762670979148226, 0.27503236420649685,
          -0.08709880413384169, -0.45106818298652485, -0.17773383273211443, 0.4573314078576467, 0.09425254816892732,
          -0.26924030896784035, 0.36666462910142944, 0.006106678794268902, -0.358781506751756, 0.27814122787653384,
          -0.08593412375922652, -0.4491229005644435,
        ],
        [
          -0.4485755493625965, 0.1845906579763675, -0.17655597129437614, 0.4585717293620849, 0.09496549757982381,
          -0.27008138916276314, 0.3674516284852828, 0.0028122036076942106, -0.3576576074125495, 0.2750106247667671,
          -0.0871253021907489, -0.4510830078809158, -0.1777342778160837, 0.4573176897113209, 0.09423690830885077,
          -0.2692556065199922, 0.36665103656904097, 0.006113384315133928, -0.3587920672129025, 0.2781412260297096,
          -0.08592208249960706, -0.44911498734818056,
        ]
      ),
      (
        {
          Muon(
            $0, learningRate: 0.1, weightDecay: 0.5, momentum: 0.8, nesterov: false, iterations: 3,
            rateAdjustment: .matchingAdamW)
        },
        [
          -0.3232586678295337, 0.09386469068783111, -0.1280513071824426, 0.3579686920179806, 0.05660889177160613,
          -0.27932307576255594, 0.3001105305032069, -0.0745496447789557, -0.25700074866428585, 0.16644107308331388,
          -0.10150863012471634, -0.4011843912732719, -0.16193417844969246, 0.30778292719036143, 0.028604672949664664,
          -0.2609395710552827, 0.2401804656074936, 0.07577671824405655, -0.2938479276524819, 0.26890362283402947,
          -0.051664713249747515, -0.33911653426776595,
        ],
        [
          -0.323848359375, 0.0935561874112215, -0.1281833087713068, 0.3576123952414772, 0.0566089098011363,
          -0.2796347611860795, 0.2997675932173295, -0.0745419469105114, -0.2570697780539772, 0.1661208722478693,
          -0.10145313931551846, -0.4015925341796875, -0.16185209841301673, 0.307767774743346, 0.02832659220140628,
          -0.2608491752559053, 0.24001900202960244, 0.07555458969788839, -0.29369112805084163, 0.26866788683649684,
          -0.05209384752849192, -0.33912048943654993,
        ]
      ),
      (
        { Muon($0, learningRate: 0.05, coefficients: (2, -1.5, 0.5), iterations: 12) },
        [
          -0.381802275303356, 0.0890333168470596, -0.12636544674085476, 0.42381578697043215, 0.06657256607409623,
          -0.3675979963401331, 0.3513469437159845, -0.10033938984561526, -0.27112864968640527, 0.1749773790386318,
          -0.14472846033146358, -0.5047015627163522, -0.2032165192927251, 0.34689701370510706, 0.019258436710747465,
          -0.3350388095846823, 0.27060090951741345, 0.10560484374810715, -0.34472852744935106, 0.33304135757164466,
          -0.06411681815428737, -0.3971682308503031,
        ],
        [
          -0.3819263782423568, 0.08904138866373373, -0.12612811723088702, 0.4241773237326724, 0.0666765373416113,
          -0.36762373638620344, 0.35147378724639666, -0.09996280547205154, -0.27095013989856354, 0.1745802887659929,
          -0.14536382220258337, -0.5047974864513778, -0.20335685340059045, 0.34700260291144347, 0.01907298553329185,
          -0.33512206860023086, 0.27049240323304335, 0.10569715881631746, -0.344941722286352, 0.3333107769799361,
          -0.06399441531276633, -0.39726240349475095,
        ]
      ),
    ]
    for (muon, exact, coarse) in rows {
      let found = Tensor(Self.descend(muon))
      expectClose(found, exact, within: 1e-12)
      // Three digits of steps of up to 0.1.
      expectClose(found, coarse, within: 1e-3)
    }
  }

  /// Of matrices large enough for their symmetry to be used, at even and odd sizes, beside the formula.
  @Test func largeMatricesFollowTheFormula() {
    func iterated(_ direction: Tensor<Double>) -> Tensor<Double> {
      var x = direction / direction.norm()
      for _ in 0..<2 {
        let gram = mm(x, x.transposed())
        x = 3.4445 * x + mm(-4.775 * gram + 2.0315 * mm(gram, gram), x)
      }
      return x
    }
    func moved<Scalar: FloatingScalar>(_ gradient: Tensor<Scalar>, _ precision: FloatPrecision) -> Tensor<Double> {
      let parameter = Parameter(Tensor<Scalar>(zeros: gradient.shape))
      let optimizer = Muon(
        Parameters([parameter]), learningRate: 1, weightDecay: 0, momentum: 0, nesterov: false, iterations: 2,
        precision: precision)
      parameter.gradient = gradient
      optimizer.step()
      return -parameter.value.detached().cast(to: Double.self)
    }
    for shape in [[513, 520], [1030, 1026], [512, 640]] {
      let gradient = Tensor<Double>(randomNormal: shape, generator: RandomGenerator(seed: 3))
      let isTall = shape[0] > shape[1]
      let wanted =
        (isTall ? iterated(gradient.transposed()).transposed() : iterated(gradient))
        * Swift.max(1, Double(shape[0]) / Double(shape[1])).squareRoot()
      let scale = wanted.abs().max().item
      func error(_ found: Tensor<Double>) -> Double { (found - wanted).abs().max().item / scale }
      #expect(error(moved(gradient, .bfloat16)) < 1e-13)
      let narrow = gradient.cast(to: Float.self)
      #expect(error(moved(narrow, .float32)) < 1e-5)
      let coarse = error(moved(narrow, .bfloat16))
      #expect(coarse > 1e-5 && coarse < 2e-2)
    }
  }

  @Test func theDirectionIsCloseToOrthogonal() {
    let layer = Dense<Double>(3, 3, bias: false)
    layer.weight.value = Tensor(zeros: [3, 3])
    layer.weight.gradient = Tensor([1e-3, 0, 0, 0, -2e-3, 0, 0, 0, 4e-3], shape: [3, 3])
    Muon(layer, learningRate: 1, coefficients: (15.0 / 8, -10.0 / 8, 3.0 / 8), iterations: 20).step()
    expectClose(layer.weight.value, [-1, 0, 0, 0, 1, 0, 0, 0, -1], within: 1e-9)
    layer.weight.gradient = Tensor(zeros: [3, 3])
    Muon(layer, learningRate: 1, weightDecay: 0.5).step()
    expectClose(layer.weight.value, [-0.5, 0, 0, 0, 0.5, 0, 0, 0, -0.5], within: 1e-9)
  }

  @Test func togetherWithAnotherItGoesOnToTheSameBits() throws {
    func make(_ model: Sequential<Double>) -> CombinedOptimizer {
      CombinedOptimizer([
        Muon(model.parameters { $1.shape.count == 2 }, learningRate: 0.02),
        AdamW(model.parameters { $1.shape.count != 2 }, learningRate: 0.03),
      ])
    }
    let straight = OptimizerTests.makeModel()
    let whole = OptimizerTests.train(straight, make(straight), steps: 6)
    let first = OptimizerTests.makeModel()
    let optimizer = make(first)
    #expect(optimizer.learningRates == [0.02, 0.03] && optimizer.momenta == [0.95, 0.9])
    let start = OptimizerTests.train(first, optimizer, steps: 3)
    let (model, state) = (first.state, optimizer.state)
    #expect(state.tensors.map(\.name).contains("0/3.weight/momentum"))
    _ = OptimizerTests.train(first, optimizer, steps: 1)
    let second = OptimizerTests.makeModel()
    try second.load(model)
    let resumed = make(second)
    try resumed.load(state)
    #expect(start + OptimizerTests.train(second, resumed, steps: 3) == whole)

    var wrong = state
    wrong.scalars["0/learning_rate"] = 7
    wrong.scalars["1/learning_rate"] = nil
    do {
      try resumed.load(wrong)
      Issue.record("nothing was thrown")
    } catch { #expect(error.missing == ["learning_rate"]) }
    #expect(resumed.learningRates == [0.02, 0.03])
    resumed.learningRates = [1, 2]
    #expect(resumed.parts.map(\.learningRate) == [1, 2])
  }

  @Test func vectorsAreRefused() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Muon(Dense(2, 3))
    }
    expectLine("Muon: bias of shape [3] is no matrix", in: result?.standardErrorContent)
  }

  @Test func hyperparametersOutOfRangeAreNamed() async {
    let momentum = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Muon(Dense(2, 3, bias: false), momentum: 1)
    }
    expectLine("Muon: momentum 1.0 outside 0..<1", in: momentum?.standardErrorContent)
    let decay = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Muon(Dense(2, 3, bias: false), weightDecay: -1)
    }
    expectLine("Muon: weight decay -1.0", in: decay?.standardErrorContent)
  }
}
