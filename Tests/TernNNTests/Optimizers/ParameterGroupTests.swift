import TernTensor
import TernTestSupport
import Testing

@testable import TernNN

/// Groups of parameters with numbers of their own; expected numbers from PyTorch 2.13 in Double.
@Suite struct ParameterGroupTests {
  /// Two Dense layers with numbers that PyTorch's were given.
  static func makeNetwork() -> Sequential<Double> {
    let model = Sequential<Double> {
      Dense(3, 4)
      Tanh()
      Dense(4, 2)
    }
    for (k, parameter) in model.parameters.enumerated() {
      let parameter = parameter as! Parameter<Double>
      let values = (0..<parameter.count).map { Double(($0 * 7 + k * 3) % 11) / 11 - 0.45 }
      parameter.value = Tensor(values, shape: parameter.shape)
    }
    return model
  }

  /// Six steps with the rates halved every two and the head's gradients clipped.
  private static func train(_ model: Sequential<Double>, _ optimizer: any Optimizer, _ head: some ParameterSource)
    -> [Double]
  {
    let scheduler = Scheduler(optimizer, StepSchedule(size: 2, factor: 0.5))
    return (0..<6).map { _ in
      let loss = optimizer.step {
        let loss = crossEntropy(model(OptimizerTests.inputs), OptimizerTests.labels)
        optimizer.zeroGradients()
        loss.backward()
        clipGradients(of: head, norm: 0.1)
        return loss
      }
      scheduler.step()
      return loss.item
    }
  }

  private static func values(_ model: Sequential<Double>) -> [Double] {
    model.parameters.flatMap { ($0 as! Parameter<Double>).value.scalars }
  }

  @Test func listsOfParametersAreSources() async {
    let (model, same) = (Self.makeNetwork(), Self.makeNetwork())
    let (whole, list) = (
      Adam(model, learningRate: 0.1), Adam(same[0].parameters + same[2].parameters, learningRate: 0.1)
    )
    #expect(list.groups[0].namedParameters.map(\.name) == ["0", "1", "2", "3"])
    #expect(Self.train(model, whole, model) == Self.train(same, list, same.parameters))
    #expect(Self.values(model) == Self.values(same))
    #expect(SGD(model.parameters { $1.shape.count == 1 }.parameters, learningRate: 1).parameters.count == 2)
    let twice = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      let model = ParameterGroupTests.makeNetwork()
      _ = SGD(model.parameters + model.parameters, learningRate: 0.1)
    }
    expectLine("SGD: 0 and 4 are the same parameter, expected each once", in: twice?.standardErrorContent)
  }

  @Test func gradientDescentWithThreeGroups() {
    let model = Self.makeNetwork()
    let optimizer = SGD(model, learningRate: 0.1, momentum: 0.9, weightDecay: 0.1, nesterov: true)
    optimizer.addGroup("head", where: { name, _ in name.hasPrefix("2.") }) {
      $0.learningRate = 0.5
      $0.momentum = 0.5
    }
    optimizer.addGroup("vectors", where: { $1.shape.count == 1 }) {
      $0.weightDecay = 0
      $0.nesterov = false
    }
    #expect(
      optimizer.groups.map { $0.namedParameters.map(\.name) } == [["0.weight"], ["2.weight", "2.bias"], ["0.bias"]])
    expectClose(
      Tensor(Self.train(model, optimizer, optimizer.groups[1])),
      [
        0.6051421582879396, 0.5905641377932276, 0.5733376051385803, 0.5639718932098234, 0.5539240697691056,
        0.5486519119218753,
      ], within: 1e-13)
    expectClose(
      Tensor(Self.values(model)),
      [
        -0.4973991231646357, 0.1993083712882946, -0.22970336775804906, 0.5103715534435046, 0.059373005750464565,
        -0.16350286136022832, 0.2551308864560453, -0.006262734582671427, -0.37946983111148724, 0.18029005670807632,
        -0.11200566604190296, -0.4602729904250709, -0.1665380696829239, 0.44165156448321385, 0.10179518943046499,
        -0.25871540792551495, 0.25097239313313285, -0.24725009037100107, 0.26519259432055553, 0.037921543812428106,
        -0.4420417752569414, 0.25383868975458074, -0.06094601342958788, -0.3607629136078286, 0.2911974952144897,
        -0.021064920487725996,
      ], within: 1e-13)
    expectClose(Tensor(optimizer.learningRates), [0.0125, 0.0625, 0.0125], within: 1e-17)
    #expect(optimizer.learningRate == optimizer.options.learningRate)
  }

  @Test func adamWithThreeGroups() {
    let model = Self.makeNetwork()
    let optimizer = AdamW(model, learningRate: 0.02, weightDecay: 0.1)
    optimizer.addGroup("head", where: { name, _ in name.hasPrefix("2.") }) {
      $0.learningRate = 0.05
      ($0.beta1, $0.beta2) = (0.8, 0.9)
    }
    optimizer.addGroup("vectors", where: { $1.shape.count == 1 }) { _ in }
    optimizer[group: "vectors"].weightDecay = 0
    optimizer[group: "vectors"].epsilon = 1e-3
    #expect(optimizer[group: "vectors"].epsilon == 1e-3 && optimizer.options.epsilon == 1e-8)
    expectClose(
      Tensor(Self.train(model, optimizer, optimizer.groups[1])),
      [
        0.6051421582879396, 0.5727784583337994, 0.5400244551184369, 0.523053394884066, 0.5061494067371345,
        0.49777471406302926,
      ], within: 1e-12)
    expectClose(
      Tensor(Self.values(model)),
      [
        -0.5168567773913844, 0.25466065615306627, -0.2457521751819862, 0.5258191223228137, 0.025237253096556264,
        -0.19648486213774266, 0.2977050861827769, -0.058730657527444996, -0.4252169363646711, 0.20536309304391964,
        -0.15561914180876013, -0.5168246386460403, -0.13006291397778205, 0.3975731094210257, 0.1308859142789529,
        -0.20846806847149052, 0.26740516637947725, -0.4381011422824206, 0.34872006488431084, 0.17540720704897633,
        -0.5264595034383347, 0.4470340504568639, -0.07179991147656624, -0.613119707596701, 0.43177788258021915,
        -0.06552864742804156,
      ], within: 1e-12)
  }

  @Test func everyGroupsNumbersAreInTheState() throws {
    func make(_ model: Sequential<Double>) -> SGD {
      let optimizer = SGD(model, learningRate: 0.1, momentum: 0.9)
      optimizer.addGroup("still", where: { $1.shape.count == 1 }) { $0.momentum = 0 }
      return optimizer
    }
    let straight = Self.makeNetwork()
    let whole = OptimizerTests.train(straight, make(straight), steps: 5)
    let first = Self.makeNetwork()
    let optimizer = make(first)
    let start = OptimizerTests.train(first, optimizer, steps: 2)
    var state = optimizer.state
    #expect(state.tensors.map(\.name) == ["0.weight/momentum", "2.weight/momentum"])
    #expect(state.scalars["groups/still/momentum"] == 0 && state.scalars["momentum"] == 0.9)
    let second = Self.makeNetwork()
    try second.load(first.state)
    let resumed = make(second)
    resumed.learningRates = [7, 8]
    try resumed.load(state)
    #expect(resumed.learningRates == [0.1, 0.1])
    #expect(start + OptimizerTests.train(second, resumed, steps: 3) == whole)

    state.scalars["groups/other/learning_rate"] = state.scalars.removeValue(forKey: "groups/still/learning_rate")
    do {
      try resumed.load(state)
      Issue.record("nothing was thrown")
    } catch {
      #expect(error.missing == ["groups/still/learning_rate"])
      #expect(error.unexpected == ["groups/other/learning_rate"])
    }
  }

  @Test func countsThatAreNoneAreRefused() {
    for wrong in [Double.nan, .infinity, -1, 0.5, 1e300] {
      let optimizer = SGD(Self.makeNetwork())
      var state = optimizer.state
      state.scalars["0.bias/step"] = wrong
      do {
        try optimizer.load(state)
        Issue.record("\(wrong) was taken")
      } catch { #expect(error.mismatched == ["0.bias/step \(wrong) for a count"]) }
    }
  }

  /// A movement begins with the whole gradient where momentum is switched on later, too.
  @Test func momentumMayBeSwitchedOnAndOff() {
    let layer = Dense<Double>(1, 1, bias: false)
    layer.weight.value = Tensor([[0]])
    let optimizer = SGD(layer, learningRate: 1, dampening: 0.5)
    var values: [Double] = []
    for momentum in [0, 0.5, 0.5, 0] {
      optimizer.options.momentum = momentum
      layer.weight.gradient = Tensor([[1]])
      optimizer.step()
      values += layer.weight.value.scalars
    }
    #expect(values == [-1, -2, -3, -4])
  }

  @Test func mistakesStop() async {
    let none = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      SGD(Dense(1, 1)).addGroup("head", where: { name, _ in name == "head" }) { $0.momentum = 1 }
    }
    expectLine("SGD: no parameter is in the group \"head\"", in: none?.standardErrorContent)
    let twice = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      let optimizer = SGD(Dense(1, 1))
      optimizer.addGroup("a", where: { name, _ in name == "bias" }) { $0.momentum = 1 }
      optimizer.addGroup("a", where: { name, _ in name == "weight" }) { $0.momentum = 1 }
    }
    expectLine("SGD: there is a group \"a\" already", in: twice?.standardErrorContent)
    let range = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      Adam(Dense(1, 1)).addGroup("a", where: { name, _ in name == "bias" }) { $0.learningRate = -1 }
    }
    expectLine("Adam: a learning rate of -1.0", in: range?.standardErrorContent)
    let unknown = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Adam(Dense(1, 1))[group: "b"]
    }
    expectLine("Adam: there is no group \"b\"", in: unknown?.standardErrorContent)
  }
}
