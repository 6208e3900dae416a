import TernTensor
import TernTestSupport
import Testing

@testable import TernNN

/// Schedulers that cycle momentum and go on where another stopped; expected numbers from PyTorch 2.13 in Double.
@Suite struct SchedulerTests {
  private static let oneCycle = OneCycleSchedule(maximum: 0.2, length: 10)
  private static let cyclic = CyclicSchedule(from: 0.01, to: 0.1, lengthUp: 3, height: .halving)

  /// The losses of some steps, and the momentum in each.
  private static func train(
    _ model: Sequential<Double>, _ optimizer: any Optimizer, _ scheduler: any RateScheduler, steps: Int
  ) -> (losses: [Double], momenta: [Double]) {
    var found = (losses: [Double](), momenta: [Double]())
    for _ in 0..<steps {
      found.momenta.append(optimizer.momenta?.first ?? 0)
      let loss = OptimizerTests.train(model, optimizer, steps: 1)[0]
      found.losses.append(loss)
      scheduler.step(loss)
    }
    return found
  }

  private static let oneCycleMomenta = [
    0.95, 0.8999999999999999, 0.85, 0.854951556604879, 0.8688255099070633, 0.8888739533021842, 0.9111260466978157,
    0.9311744900929366,
  ]
  private static let cyclicMomenta = [
    0.9, 0.8666666666666667, 0.8333333333333334, 0.8, 0.8333333333333334, 0.8666666666666667, 0.9,
    0.8833333333333333,
  ]

  @Test func momentumIsCycledAsPyTorchCyclesIt() {
    let rows: [((Sequential<Double>) -> any Optimizer, any Schedule, losses: [Double], momenta: [Double])] = [
      (
        { SGD($0, learningRate: 0.1, momentum: 0.9) }, Self.oneCycle,
        [
          0.6051421582879396, 0.6045060972759349, 0.5887905266280018, 0.5474213393366542, 0.49989502651492024,
          0.45376543241248063, 0.4149745334724102, 0.3872884436801529,
        ], Self.oneCycleMomenta
      ),
      (
        { Adam($0, learningRate: 0.1) }, Self.oneCycle,
        [
          0.6051421582879396, 0.5961506250252364, 0.5120077573594066, 0.37671985611204595, 0.23845248101729297,
          0.15738388310639986, 0.09979132812432559, 0.06942907510269428,
        ], Self.oneCycleMomenta
      ),
      (
        { NAdam($0, learningRate: 0.1) }, Self.oneCycle,
        [
          0.6051421582879396, 0.5958760220194866, 0.5080082150435288, 0.43851025485948586, 0.44530001142462217,
          0.19928554058565784, 0.14299887205806408, 0.12005831523615602,
        ], Self.oneCycleMomenta
      ),
      (
        { SGD($0, learningRate: 0.1, momentum: 0.9) }, Self.cyclic,
        [
          0.6051421582879396, 0.6043470738578915, 0.5984081384692347, 0.5841734349057212, 0.5600014098713141,
          0.5404570856325261, 0.5276838115209164, 0.5240291215147802,
        ], Self.cyclicMomenta
      ),
      (
        { Adam($0, learningRate: 0.1) }, Self.cyclic,
        [
          0.6051421582879396, 0.5939157816460746, 0.5552470446427769, 0.48994780047259767, 0.40540444797194414,
          0.34358633488067264, 0.30570172637352316, 0.2951806840957869,
        ], Self.cyclicMomenta
      ),
    ]
    for (make, schedule, losses, momenta) in rows {
      let model = ParameterGroupTests.makeNetwork()
      let optimizer = make(model)
      let found = Self.train(model, optimizer, Scheduler(optimizer, schedule), steps: 8)
      expectClose(Tensor(found.losses), losses, within: 1e-9)
      expectClose(Tensor(found.momenta), momenta, within: 1e-15)
    }
  }

  @Test func momentaMayBeLeftAlone() {
    let schedule = OneCycleSchedule(maximum: 1, length: 5, momenta: nil)
    let optimizer = Adagrad(Dense(1, 1))
    Scheduler(optimizer, schedule).step()
    #expect(optimizer.momenta == nil)
    let warm = WarmUpSchedule(length: 2, then: Self.cyclic)
    #expect(warm.momentum(at: 1) == nil && warm.momentum(at: 2) == 0.9)
    let moving = SGD(Dense(1, 1), momentum: 0.5)
    let scheduler = Scheduler(moving, warm)
    #expect(moving.options.momentum == 0.5)
    scheduler.position = 5
    #expect(abs(moving.options.momentum - 0.8) < 1e-15)
  }

  @Test func everyGroupHasABaseAndMayHaveAScheduleOfItsOwn() {
    func make() -> SGD {
      let optimizer = SGD(Dense(1, 1), learningRate: 1)
      optimizer.addGroup("bias", where: { name, _ in name == "bias" }) { $0.learningRate = 8 }
      return optimizer
    }
    let one = make()
    Scheduler(one, StepSchedule(size: 1, factor: 0.5)).step()
    #expect(one.learningRates == [0.5, 4])
    let two = make()
    Scheduler(two, [ConstantSchedule(), StepSchedule(size: 1, factor: 0.5)]).step()
    #expect(two.learningRates == [1, 4])
    let plateau = make()
    let scheduler = PlateauScheduler(plateau, factor: 0.25, patience: 0, minimum: 0.5)
    scheduler.step(1)
    scheduler.step(1)
    #expect(plateau.learningRates == [0.5, 2])
  }

  /// All optimizers, each with a schedule that goes on.
  @Test func whatIsLoadedGoesOnToTheSameBits() throws {
    let plateau: (any Optimizer) -> any RateScheduler = {
      PlateauScheduler($0, factor: 0.5, patience: 1, threshold: .absolute(0.02), cooldown: 1)
    }
    let cycle: (any Optimizer) -> any RateScheduler = { Scheduler($0, OneCycleSchedule(maximum: 0.1, length: 12)) }
    let steps: (any Optimizer) -> any RateScheduler = {
      Scheduler($0, StepSchedule(size: 2, factor: 0.5))
    }
    let rows: [(String, (Sequential<Double>) -> any Optimizer, (any Optimizer) -> any RateScheduler)] = [
      ("SGD, cycle", { SGD($0, momentum: 0.9, nesterov: true) }, cycle),
      ("SGD, plateau", { SGD($0, learningRate: 0.05) }, plateau),
      ("Adam", { Adam($0, amsgrad: true) }, cycle), ("AdamW", { AdamW($0, learningRate: 0.1) }, plateau),
      ("NAdam", { NAdam($0) }, cycle), ("RAdam", { RAdam($0) }, cycle), ("Adamax", { Adamax($0) }, cycle),
      ("RMSprop", { RMSprop($0, isCentered: true) }, cycle), ("Adagrad", { Adagrad($0, rateDecay: 0.1) }, steps),
      ("Adadelta", { Adadelta($0) }, steps),
    ]
    for (name, make, schedule) in rows {
      func start() -> (Sequential<Double>, any Optimizer, any RateScheduler) {
        let model = ParameterGroupTests.makeNetwork()
        let optimizer = make(model)
        return (model, optimizer, schedule(optimizer))
      }
      let straight = start()
      let whole = Self.train(straight.0, straight.1, straight.2, steps: 10).losses
      for stop in [0, 4, 7] {
        let first = start()
        let losses = Self.train(first.0, first.1, first.2, steps: stop).losses
        let second = start()
        try second.0.load(first.0.state)
        try second.1.load(first.1.state)
        try second.2.load(first.2.state)
        #expect(second.1.learningRates == first.1.learningRates && second.1.momenta == first.1.momenta)
        let rest = Self.train(second.0, second.1, second.2, steps: 10 - stop).losses
        #expect(losses + rest == whole, "\(name) after \(stop) steps")
        #expect(second.1.learningRates == straight.1.learningRates, "\(name) after \(stop) steps")
      }
    }
  }

  /// The bases are in the state: a scheduler made over rates that have fallen goes on from where they began.
  @Test func basesAreRestored() throws {
    let optimizer = SGD(Dense(1, 1), learningRate: 8)
    let scheduler = Scheduler(optimizer, StepSchedule(size: 1, factor: 0.5))
    scheduler.step()
    let later = Scheduler(optimizer, StepSchedule(size: 1, factor: 0.5))
    #expect(later.bases == [4])
    try later.load(scheduler.state)
    later.step()
    #expect(optimizer.learningRate == 2 && later.position == 2)
    let error = #expect(throws: StateMismatch.self) { try later.load(["position": -1, "best": 2]) }
    #expect(error?.missing == ["base.0"] && error?.unexpected == ["best"] && later.position == 2)
    let plateau = PlateauScheduler(optimizer)
    #expect(throws: StateMismatch.self) { try plateau.load(["bad_steps": .nan, "resting": 0]) }
  }

  @Test func mistakesStop() async {
    let momentum = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Scheduler(Adagrad(Dense(1, 1)), OneCycleSchedule(maximum: 1, length: 3))
    }
    let message = text(momentum?.standardErrorContent)
    #expect(message.contains("Scheduler: Adagrad has no momentum that a schedule could cycle\n"))
    let count = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Scheduler(Adagrad(Dense(1, 1)), [])
    }
    expectLine("Scheduler: 0 schedules for 1 groups", in: count?.standardErrorContent)
  }
}
