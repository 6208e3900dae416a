import Foundation
import TernBackend
import TernTensor
import TernTestSupport
import Testing

@testable import TernNN

/// Optimizers on a whole network; their formulas are held to PyTorch's in the conformance cases.
@Suite struct OptimizerTests {
  static let inputs: Tensor<Double> = {
    var x = (0..<12).map { Double($0) * 0.25 - 1.3 }
    x[5] = 2
    x[9] = -0.7
    return Tensor(x, shape: [4, 3])
  }()
  static let labels = Tensor<Int>([0, 1, 1, 0])

  static func makeModel() -> Sequential<Double> {
    let model = Sequential<Double> {
      Dense(3, 4)
      BatchNorm1d(4)
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

  static func train(_ model: Sequential<Double>, _ optimizer: any Optimizer, steps: Int) -> [Double] {
    (0..<steps).map { _ in
      let loss = crossEntropy(model(inputs), labels)
      optimizer.zeroGradients()
      loss.backward()
      optimizer.step()
      return loss.item
    }
  }

  /// From PyTorch 2.13: eight steps of this network with `SGD(lr=0.1, momentum=0.9, weight_decay=1e-2, nesterov=True)`.
  @Test func nesterovTakesANetworkWherePyTorchTakesIt() {
    let model = Self.makeModel()
    let losses = Self.train(
      model, SGD(model, learningRate: 0.1, momentum: 0.9, weightDecay: 1e-2, nesterov: true), steps: 8)
    expectClose(
      Tensor(losses),
      [
        0.72456037490047, 0.6997521884656452, 0.666611150963258, 0.627303387502485, 0.5848872289870157,
        0.5417577247171839, 0.49455230657661187, 0.43711325264523826,
      ], within: 1e-13)
    expectClose(
      (model[3] as! Dense<Double>).weight.value,
      [
        -0.4679946259324037, 0.40528368446306645, -0.12177232378702255, -0.4811081900835503, 0.30106690368373823,
        -0.30864131895068125, 0.48198477706045817, 0.1384670759941846,
      ], within: 1e-13)
    expectClose(
      (model[1] as! BatchNorm1d<Double>).runningVar!.value,
      [0.49097745597463555, 0.49910623972775015, 0.4955472531258142, 0.5932896167888911], within: 1e-13)
    model.eval()
    expectClose(
      model(Self.inputs),
      [
        -0.16903143005864957, -0.6327629859090647, -0.6855957991335937, -0.21491783117721217, -0.6890124298392644,
        -0.0728743155404094, -0.42703944682952694, -0.41695863666101285,
      ], within: 1e-13)
  }

  /// From PyTorch 2.13: eight steps with `AdamW(lr=0.05, amsgrad=True)`.
  @Test func adamWTakesANetworkWherePyTorchTakesIt() {
    let model = Self.makeModel()
    let losses = Self.train(model, AdamW(model, learningRate: 0.05, amsgrad: true), steps: 8)
    expectClose(
      Tensor(losses),
      [
        0.72456037490047, 0.6740572620056152, 0.633766052132285, 0.5919904457751836, 0.5464481447501502,
        0.4972350335316046, 0.44394652297388776, 0.38720665712218083,
      ], within: 1e-12)
    expectClose(
      (model[3] as! Dense<Double>).weight.value,
      [
        -0.23880437691885448, 0.6521336827806044, -0.1381002471013601, -0.8090125731205561, 0.06676680539991715,
        -0.552532983480167, 0.509339217221172, 0.4558828210553689,
      ], within: 1e-11)
  }

  static let kinds: [(String, @Sendable (Sequential<Double>) -> any Optimizer)] = [
    ("SGD", { SGD($0, learningRate: 0.1) }),
    ("SGD with momentum", { SGD($0, learningRate: 0.1, momentum: 0.9, dampening: 0.1) }),
    ("Adam", { Adam($0, learningRate: 0.01, weightDecay: 0.1) }),
    ("AdamW", { AdamW($0, learningRate: 0.01, amsgrad: true) }),
  ]

  @Test(arguments: kinds.indices) func aLoadedStateGoesOnToTheSameBits(index: Int) throws {
    let (name, make) = Self.kinds[index]
    let straight = Self.makeModel()
    let whole = Self.train(straight, make(straight), steps: 6)

    let first = Self.makeModel()
    let optimizer = make(first)
    let start = Self.train(first, optimizer, steps: 3)
    let (model, state) = (first.state, optimizer.state)
    _ = Self.train(first, optimizer, steps: 2)

    let second = Self.makeModel()
    try second.load(model)
    let resumed = make(second)
    try resumed.load(state)
    #expect(start + Self.train(second, resumed, steps: 3) == whole, "\(name)")
  }

  @Test func theStateNamesMomentsByParameter() {
    let model = Self.makeModel()
    let optimizer = Adam(model)
    _ = Self.train(model, optimizer, steps: 2)
    #expect(optimizer.state.tensors.prefix(3).map(\.name) == ["0.weight/mean", "0.weight/square", "0.bias/mean"])
    #expect(optimizer.state.scalars["3.bias/step"] == 2)
    #expect(optimizer.state.scalars["learning_rate"] == 1e-3)
  }

  @Test func aStateThatDoesNotFitChangesNothing() {
    let model = Self.makeModel()
    let optimizer = SGD(model, learningRate: 0.1, momentum: 0.9)
    _ = Self.train(model, optimizer, steps: 1)
    var state = optimizer.state
    state.scalars["0.bias/step"] = nil
    state.scalars["learning_rate"] = 7
    state.tensors[0] = StateEntry(name: "0.weight/momentum", Tensor<Double>(zeros: [1]))
    state.tensors.append(StateEntry(name: "9.weight/momentum", Tensor<Double>(0)))
    do {
      try optimizer.load(state)
      Issue.record("nothing was thrown")
    } catch {
      #expect(error.missing == ["0.bias/step"])
      #expect(error.unexpected == ["9.weight/momentum"])
      #expect(error.mismatched == ["0.weight/momentum [1] of float64 for [4, 3] of float64"])
    }
    #expect(optimizer.learningRate == 0.1)
  }

  @Test func whatIsFrozenOrHasNoGradientStays() {
    let model = Self.makeModel()
    let (dense, head) = (model[0] as! Dense<Double>, model[3] as! Dense<Double>)
    dense.freeze()
    let before = (dense.weight.value.scalars, head.weight.value.scalars, head.bias!.value.scalars)
    let optimizer = SGD(model, learningRate: 0.1, weightDecay: 0.5)
    crossEntropy(model(Self.inputs), Self.labels).backward()
    head.bias?.gradient = nil
    optimizer.step()
    #expect(dense.weight.value.scalars == before.0 && head.bias?.value.scalars == before.2)
    #expect(head.weight.value.scalars != before.1)
    optimizer.zeroGradients()
    #expect(model.parameters.allSatisfy { ($0 as? Parameter<Double>)?.gradient == nil })
  }

  @Test func parametersLyingOtherwiseThanTheirGradientsAreUpdatedAlike() {
    let values = Tensor<Double>.spread([4, 3])
    let derivatives = Tensor<Double>.spread([4, 3], from: 40)
    func updated(_ value: Tensor<Double>, _ gradient: Tensor<Double>) -> [Double] {
      let layer = Dense<Double>(3, 4, bias: false)
      layer.weight.value = value
      let optimizer = Adam(layer, learningRate: 0.1)
      for _ in 0..<3 {
        layer.weight.gradient = gradient
        optimizer.step()
      }
      return layer.weight.value.scalars
    }
    let expected = updated(values, derivatives)
    for value in everyLayout(values) {
      for derivative in everyLayout(derivatives) {
        #expect(updated(value.tensor, derivative.tensor) == expected, "\(value.label), \(derivative.label)")
      }
    }
  }

  /// Parameters of all sizes, many of them small, one of several chunks.
  private final class Mixed<Scalar: FloatingScalar>: Module {
    let list: [Parameter<Scalar>]
    let gradients: [Tensor<Scalar>]

    init(_: Scalar.Type) {
      let generator = RandomGenerator(seed: 5)
      let counts = [1, 70_001, 3, 0, 64, 33_000, 17] + (1...40).map { $0 }
      func values(_ n: Int) -> Tensor<Scalar> { Tensor(randomNormal: [n], generator: generator) }
      list = counts.map { Parameter(values($0)) }
      gradients = counts.map(values)
    }

    /// The values after some steps; parameter 4 has no gradient in the first.
    func run(_ optimizer: any Optimizer, threads: Int) -> [[Scalar]] {
      let before = Workers.count
      Workers.count = threads
      defer { Workers.count = before }
      for step in 0..<3 {
        for (index, parameter) in list.enumerated() {
          parameter.gradient = step == 0 && index == 4 ? nil : gradients[index]
        }
        optimizer.step()
      }
      return list.map(\.value.scalars)
    }
  }

  /// Against the formulas of the papers in Double, value by value.
  @Test(arguments: [1, 2]) func allParametersAreUpdatedInOnePass(threads: Int) {
    func reference(_ model: Mixed<Float>, _ step: (inout [Double], Double, Int) -> Double) -> [[Double]] {
      model.list.indices.map { index in
        zip(model.list[index].value.scalars, model.gradients[index].scalars).map { value, gradient in
          var (result, moments) = (Double(value), [0.0, 0.0])
          for count in 1...(index == 4 ? 2 : 3) { result -= step(&moments, Double(gradient) + 0.01 * result, count) }
          return result
        }
      }
    }
    let momentum = Mixed(Float.self)
    let expectedMomentum = reference(momentum) { moments, derivative, _ in
      moments[0] = 0.9 * moments[0] + derivative
      return 0.1 * moments[0]
    }
    let adam = Mixed(Float.self)
    let expectedAdam = reference(adam) { moments, derivative, count in
      moments[0] = 0.9 * moments[0] + 0.1 * derivative
      moments[1] = 0.999 * moments[1] + 0.001 * derivative * derivative
      let (mean, square) = (moments[0] / (1 - pow(0.9, Double(count))), moments[1] / (1 - pow(0.999, Double(count))))
      return 0.1 * mean / (square.squareRoot() + 1e-8)
    }
    let rows = [
      (
        "SGD",
        momentum.run(SGD(momentum, learningRate: 0.1, momentum: 0.9, weightDecay: 0.01), threads: threads),
        expectedMomentum
      ), ("Adam", adam.run(Adam(adam, learningRate: 0.1, weightDecay: 0.01), threads: threads), expectedAdam),
    ]
    for (name, found, expected) in rows {
      for index in found.indices {
        let worst = zip(found[index], expected[index]).map { Swift.abs(Double($0) - $1) }.max() ?? 0
        #expect(worst < 2e-6, "\(name), parameter \(index): off by \(worst)")
      }
    }
  }

  @Test func oneAndTwoThreadsUpdateToTheSameBits() {
    func compare<Scalar: FloatingScalar>(_: Scalar.Type) {
      let kinds: [(any Module) -> any Optimizer] = [
        { SGD($0, learningRate: 0.1, momentum: 0.9, nesterov: true) }, { AdamW($0, learningRate: 0.1, amsgrad: true) },
      ]
      for make in kinds {
        let models = [Mixed(Scalar.self), Mixed(Scalar.self)]
        let values = models.indices.map { models[$0].run(make(models[$0]), threads: $0 + 1) }
        #expect(values[0] == values[1], "\(type(of: make(models[0])))")
      }
    }
    compare(Float.self)
    compare(Double.self)
  }

  /// A value read before a step keeps its elements; one read while steps run has all of a step or nothing.
  @Test func readersSeeWholeSteps() async {
    final class Model: Module, @unchecked Sendable {
      let weight = Parameter(Tensor<Float>(zeros: [50_000]))
    }
    let model = Model()
    model.weight.gradient = Tensor(ones: [50_000])
    let optimizer = SGD(model, learningRate: 1)
    let first = model.weight.value
    let reader = Task.detached {
      var mixed = 0
      for _ in 0..<200 {
        let values = model.weight.value.detached()
        if values.amax().item != values.amin().item { mixed += 1 }
      }
      return mixed
    }
    for _ in 0..<200 { optimizer.step() }
    #expect(await reader.value == 0)
    #expect(model.weight.value.scalars.allSatisfy { $0 == -200 })
    #expect(first.scalars.allSatisfy { $0 == 0 })
  }

  @Test func gradientsAreClippedByTheirCommonLength() {
    let layer = Dense<Double>(1, 2)
    layer.weight.gradient = Tensor([3, 0], shape: [2, 1])
    layer.bias?.gradient = Tensor([0, -4])
    #expect(clipGradients(of: layer, norm: 10) == 5)
    #expect(layer.bias?.gradient?.scalars == [0, -4])
    #expect(clipGradients(of: layer, norm: 1) == 5)
    expectClose(layer.weight.gradient!, [0.6, 0], within: 1e-6)
    expectClose(layer.bias!.gradient!, [0, -0.8], within: 1e-6)
    #expect(abs(clipGradients(of: layer, norm: 1, order: .infinity) - 0.8) < 1e-6)
    clipGradients(of: layer, value: 0.5)
    expectClose(layer.bias!.gradient!, [0, -0.5], within: 0)
    layer.bias?.gradient = Tensor([.nan, 0])
    #expect(clipGradients(of: layer, norm: 1).isNaN)
    #expect(layer.weight.gradient?.scalars.allSatisfy(\.isNaN) == true)
    layer.zeroGradients()
    #expect(clipGradients(of: layer, norm: 1) == 0)
  }

  // torch.nn.utils.get_total_norm and clip_grads_with_norm_
  @Test func severalModelsAreClippedByOneLength() {
    let (actor, critic) = (Dense<Double>(1, 1, bias: false), Dense<Float>(1, 1, bias: false))
    actor.weight.gradient = Tensor([[3]])
    critic.weight.gradient = Tensor([[-4]])
    #expect(gradientNorm(of: actor) == 3 && gradientNorm(of: critic, order: .infinity) == 4)
    clipGradients(of: actor, norm: 5, total: 5 - 1e-6)
    #expect(actor.weight.gradient?.item == 3)
    for model in [actor, critic] as [any Module] { clipGradients(of: model, norm: 1, total: 5) }
    #expect(abs(actor.weight.gradient!.item - 3 / 5.000001) < 1e-15)
    #expect(abs(critic.weight.gradient!.item + 4 / 5.000001) < 1e-7)
    clipGradients(of: actor, norm: .infinity, total: .infinity)
    #expect(actor.weight.gradient!.item > 0.5)
    clipGradients(of: actor, norm: 1, total: .infinity)
    #expect(actor.weight.gradient?.item == 0)
    clipGradients(of: critic, norm: 1, total: .nan)
    #expect(critic.weight.gradient?.item.isNaN == true)
    #expect(gradientNorm(of: Dense(2, 2)) == 0)
  }

  @Test func numbersOutOfRangeStop() async {
    let nesterov = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = SGD(Dense(1, 1), learningRate: 0.1, nesterov: true)
    }
    expectLine(
      "SGD: Nesterov's step needs momentum and no dampening: momentum 0.0, dampening 0.0",
      in: nesterov?.standardErrorContent)
    let betas = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Adam(Dense(1, 1), betas: (0.9, 1))
    }
    expectLine("Adam: betas 0.9 and 1.0 outside 0..<1", in: betas?.standardErrorContent)
    let empty = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = AdamW(ReLU())
    }
    expectLine("AdamW: the model has no parameters", in: empty?.standardErrorContent)
  }
}

/// Learning rates; PyTorch's numbers are in the conformance cases.
@Suite struct ScheduleTests {
  private func rates(_ schedule: any Schedule, _ count: Int, base: Double = 1) -> [Double] {
    (0..<count).map { schedule.learningRate(at: $0, base: base) }
  }

  @Test func ratesByHand() {
    #expect(rates(ConstantSchedule(), 3, base: 0.5) == [0.5, 0.5, 0.5])
    #expect(rates(StepSchedule(size: 2, factor: 0.5), 5) == [1, 1, 0.5, 0.5, 0.25])
    #expect(rates(MultiStepSchedule(milestones: [3, 1], factor: 0.5), 5) == [1, 0.5, 0.5, 0.25, 0.25])
    #expect(rates(ExponentialSchedule(factor: 0.5), 3) == [1, 0.5, 0.25])
    expectClose(
      Tensor(rates(CosineSchedule(length: 4, minimum: 0.2), 5)), [1, 0.8828427124746191, 0.6, 0.3171572875253809, 0.2],
      within: 1e-15)
    expectClose(
      Tensor(rates(WarmUpSchedule(length: 4, startFactor: 0.2, then: StepSchedule(size: 1, factor: 0.5)), 7)),
      [0.2, 0.4, 0.6, 0.8, 1, 0.5, 0.25], within: 1e-15)
  }

  @Test func aSchedulerMovesItsOptimizerAndGoesOnWhereAnotherStopped() {
    func make() -> (SGD, Scheduler) {
      let optimizer = SGD(Dense(1, 1), learningRate: 0.4)
      return (optimizer, Scheduler(optimizer, WarmUpSchedule(length: 2, startFactor: 0.5)))
    }
    let (optimizer, scheduler) = make()
    #expect(optimizer.learningRate == 0.2)
    scheduler.step()
    #expect(abs(optimizer.learningRate - 0.3) < 1e-16)
    scheduler.step()
    #expect(optimizer.learningRate == 0.4)
    let (later, resumed) = make()
    resumed.position = scheduler.position
    #expect(later.learningRate == 0.4)
  }
}
