import TernTensor
import TernTestSupport
import Testing

@testable import TernNN

/// LBFGS against traces of `torch.optim.LBFGS` of PyTorch 2.13 in Double.
@Suite struct LBFGSTests {
  private final class Point: Module { let x = Parameter(Tensor<Double>([-1.2, 1])) }

  /// Losses at the start of each step, points after it, and the counts of iterations and evaluations.
  private static func descend(
    _ steps: Int, _ make: (Point) -> LBFGS
  ) -> (losses: [Double], points: [Double], counts: [Int]) {
    let point = Point()
    let optimizer = make(point)
    var (losses, points, counts) = ([Double](), [Double](), [Int]())
    for _ in 0..<steps {
      losses.append(step(optimizer, point).item)
      points += point.x.value.scalars
      counts += [optimizer.iterations, optimizer.evaluations]
    }
    return (losses, points, counts)
  }

  /// A step down Rosenbrock's valley, (1 − x)² + 100(y − x²)².
  @discardableResult
  private static func step(_ optimizer: LBFGS, _ point: Point) -> Tensor<Double> {
    optimizer.step {
      optimizer.zeroGradients()
      let (x, y) = (point.x.value[0], point.x.value[1])
      let (a, b) = (1 - x, y - x * x)
      let loss = a * a + 100 * b * b
      loss.backward()
      return loss
    }
  }

  private func expectTrace(
    _ found: (losses: [Double], points: [Double], counts: [Int]), _ losses: [Double], _ points: [Double],
    _ counts: [Int], sourceLocation: SourceLocation = #_sourceLocation
  ) {
    expectClose(Tensor(found.losses), losses, within: 1e-9, sourceLocation: sourceLocation)
    expectClose(Tensor(found.points), points, within: 1e-9, sourceLocation: sourceLocation)
    #expect(found.counts == counts, sourceLocation: sourceLocation)
  }

  @Test func downTheValleyBetweenWolfesConditions() {
    expectTrace(
      Self.descend(10) { LBFGS($0, maxIterations: 4, lineSearch: .strongWolfe) },
      [
        24.199999999999996, 4.121126775765638, 3.9091442795206377, 2.456257721580502, 1.6579626408971875,
        0.6529776962626517, 0.4234823024380289, 0.07798538481346325, 0.014932938650694064, 0.0008257500503591216,
      ],
      [
        -1.0288795348319695, 1.0655029516848564, -0.9431278012083242, 0.8529662725410918, -0.5160277728852024,
        0.2265458257902353, -0.2560895768966468, 0.03726198161622369, 0.21682779600948238, 0.06691881400560815,
        0.38062264334648777, 0.12491013187293636, 0.7460759093292195, 0.5450068956869687, 0.8926077474569865,
        0.7909177737724866, 0.9768773674819872, 0.9525832436377473, 0.9998139520065257, 0.9996256094716882,
      ],
      [3, 5, 7, 10, 11, 15, 13, 20, 17, 25, 19, 30, 23, 36, 26, 41, 29, 46, 33, 51])
  }

  @Test func withAShortMemory() {
    expectTrace(
      Self.descend(6) { LBFGS($0, learningRate: 0.5, maxIterations: 7, historySize: 2, lineSearch: .strongWolfe) },
      [
        24.199999999999996, 4.109005557217315, 3.543965887429799, 1.6795370739642386, 0.2911655356142348,
        0.06872133252798464,
      ],
      [
        -1.0233189538938534, 1.0595048173755865, -0.8321696936706502, 0.6492490180723788, -0.26245066458071176,
        0.03959632950715559, 0.4832105048786798, 0.21797010052337287, 0.7688824822224943, 0.5788085191657575,
        0.950528051560878, 0.9015603660609941,
      ],
      [7, 8, 14, 16, 20, 24, 27, 33, 33, 41, 40, 49])
  }

  @Test func withFewEvaluations() {
    expectTrace(
      Self.descend(8) { LBFGS($0, maxIterations: 20, maxEvaluations: 3, lineSearch: .strongWolfe) },
      [
        24.199999999999996, 4.146927102567213, 4.121126775765638, 4.084955376327375, 3.9091442795206377,
        3.423165462292753, 2.456257721580502, 1.7182079190372601,
      ],
      [
        -1.0245319303460325, 1.0716196202669255, -1.0288795348319695, 1.0655029516848564, -1.0203084803940978,
        1.0352769866467468, -0.9431278012083242, 0.8529662725410918, -0.7745797354515831, 0.5476256792320806,
        -0.5160277728852024, 0.2265458257902353, -0.21053348161068666, -0.005956525123739687, -0.1286336178709139,
        0.006898656545228532,
      ],
      [1, 3, 3, 6, 5, 9, 7, 12, 9, 15, 11, 18, 13, 22, 15, 25])
  }

  @Test func byFixedSteps() {
    expectTrace(
      Self.descend(6) { LBFGS($0, learningRate: 0.002, maxIterations: 5) },
      [
        24.199999999999996, 23.561699867809303, 23.210324559265494, 22.86211212115864, 22.517625837898045,
        22.177318754609185,
      ],
      [
        -1.197478990360473, 1.0011420467788055, -1.1961826459216054, 1.0020510293925864, -1.1949698928382753,
        1.0031681664021384, -1.1938351124600615, 1.0044725841387312, -1.192772768311604, 1.005944758331733,
        -1.1917774827414749, 1.0075665444379298,
      ],
      [5, 5, 10, 10, 15, 15, 20, 20, 25, 25, 30, 30])
  }

  private static func fit(_ model: Sequential<Double>, _ optimizer: LBFGS, steps: Int) -> [Double] {
    (0..<steps).map { _ in
      optimizer.step {
        optimizer.zeroGradients()
        var loss = crossEntropy(model(OptimizerTests.inputs), OptimizerTests.labels)
        for case let parameter as Parameter<Double> in model.parameters {
          loss = loss + 0.01 * (parameter.value * parameter.value).sum()
        }
        loss.backward()
        return loss
      }.item
    }
  }

  @Test func networksArriveWherePyTorchsDo() {
    let rows: [(LBFGS.LineSearch, [Double], [Double])] = [
      (
        .strongWolfe,
        [
          0.6271723235771958, 0.20115864319564153, 0.15883490272398615, 0.15139928147210077, 0.14692630793920092,
          0.14449949160168565,
        ],
        [
          0.8512723971781441, -0.8494671977398499, 0.8547764003335425, 0.8458651890884427, -0.85260644070925,
          0.8495131992409223, -0.8533503538002912, -0.8481192626410009,
        ]
      ),
      (
        .fixed,
        [
          0.6271723235771958, 0.3052366310024309, 0.16504392881416147, 0.15802237388442525, 0.15253387017059145,
          0.15110927968264987,
        ],
        [
          1.1526567123458245, -1.103886557129202, 0.46761726376126794, 0.4709139274516135, -1.1376419738227823,
          1.10336880752496, -0.48366750149279725, -0.44554419684371344,
        ]
      ),
    ]
    for (search, losses, head) in rows {
      let model = ParameterGroupTests.makeNetwork()
      let optimizer =
        search == .strongWolfe
        ? LBFGS(model, maxIterations: 5, lineSearch: search)
        : LBFGS(model, learningRate: 0.5, maxIterations: 4, historySize: 3, lineSearch: search)
      expectClose(Tensor(Self.fit(model, optimizer, steps: 6)), losses, within: 1e-9)
      expectClose((model[2] as! Dense<Double>).weight.value, head, within: 1e-9)
    }
  }

  @Test func aLoadedStateGoesOnToTheSameBits() throws {
    func make(_ model: Sequential<Double>) -> LBFGS {
      LBFGS(model, maxIterations: 3, historySize: 4, lineSearch: .strongWolfe)
    }
    let straight = ParameterGroupTests.makeNetwork()
    let whole = Self.fit(straight, make(straight), steps: 6)
    for stop in [0, 1, 3] {
      let first = ParameterGroupTests.makeNetwork()
      let optimizer = make(first)
      let start = Self.fit(first, optimizer, steps: stop)
      let (model, state) = (first.state, optimizer.state)
      _ = Self.fit(first, optimizer, steps: 2)
      let second = ParameterGroupTests.makeNetwork()
      try second.load(model)
      let resumed = make(second)
      try resumed.load(state)
      #expect(start + Self.fit(second, resumed, steps: 6 - stop) == whole, "after \(stop) steps")
      #expect(
        (second.parameters[0] as! Parameter<Double>).value == (straight.parameters[0] as! Parameter<Double>).value)
    }
  }

  @Test func aStateThatDoesNotFitChangesNothing() {
    let model = ParameterGroupTests.makeNetwork()
    let optimizer = LBFGS(model, maxIterations: 3)
    _ = Self.fit(model, optimizer, steps: 1)
    var state = optimizer.state
    #expect(state.tensors.map(\.name).prefix(2) == ["0.weight/direction", "0.bias/direction"])
    #expect(state.scalars["history"] == 1)
    state.scalars["history"] = 1e15
    state.scalars["step"] = nil
    state.tensors[1] = StateEntry(name: "0.bias/direction", Tensor<Double>(zeros: [5]))
    do {
      try optimizer.load(state)
      Issue.record("nothing was thrown")
    } catch {
      #expect(error.missing.contains("step") && error.missing.contains("0.bias/moved.1"))
      #expect(error.mismatched == ["0.bias/direction [5] of float64 for [4] of float64"])
    }
    #expect(optimizer.iterations == 2)
  }

  @Test func frozenParametersStayAndFloatsLearn() {
    let layer = Dense<Float>(2, 1)
    layer.weight.value = Tensor([0.5, -0.5], shape: [1, 2])
    layer.bias?.value = Tensor([3])
    layer.bias?.isFrozen = true
    let inputs = Tensor<Float>([1, 0, 0, 1, 1, 1], shape: [3, 2])
    let targets = Tensor<Float>([5, 6, 8], shape: [3, 1])
    let optimizer = LBFGS(layer, lineSearch: .strongWolfe)
    for _ in 0..<3 {
      optimizer.step {
        optimizer.zeroGradients()
        let loss = meanSquaredError(layer(inputs), targets)
        loss.backward()
        return loss
      }
    }
    #expect(layer.bias?.value.scalars == [3])
    expectClose(layer.weight.value, [2, 3], within: 1e-5)
  }

  @Test func mistakesStop() async {
    let step = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      LBFGS(Dense(1, 1)).step()
    }
    expectLine(
      "LBFGS: step takes a closure that works the loss out: step { …; return loss }", in: step?.standardErrorContent)
    let history = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = LBFGS(Dense(1, 1), historySize: 0)
    }
    expectLine("LBFGS: 20 iterations, a history of 0", in: history?.standardErrorContent)
  }
}
