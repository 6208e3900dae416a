import TernNN
import TernTensor
import TernTestSupport

/// Optimizers, schedules and losses of hostile settings.
let hostileTrainingTable = makeTable()

/// One step of an optimizer.
private func step(_ make: (Sequential<Float>) -> any Optimizer) {
  let model = Sequential { Dense(2, 2) }
  let optimizer = make(model)
  model(Tensor(ones: [1, 2])).sum().backward()
  optimizer.step()
}

/// A rate at a hostile position.
private func use(_ schedule: any Schedule, _ n: inout HostileNumbers) {
  _ = (schedule.learningRate(at: n.any(), base: n.real()), schedule.momentum(at: n.any()))
}

// One statement a row: a literal of closures takes the compiler minutes.
private func makeTable() -> [HostileCase] {
  var table: [HostileCase] = []
  table.add("Adafactor") { n in
    step {
      Adafactor(
        $0, learningRate: n.real(), beta2Decay: n.real(), epsilons: (n.real(), n.real()), clipping: n.real(),
        weightDecay: n.real())
    }
  }
  table.add("Adam") { n in
    step {
      Adam(
        $0, learningRate: n.real(), betas: (n.real(), n.real()), epsilon: n.real(), weightDecay: n.real(),
        amsgrad: n.flag())
    }
  }
  table.add("AdamW") { n in
    step { AdamW($0, learningRate: n.real(), betas: (0.9, n.real()), epsilon: n.real(), weightDecay: n.real()) }
  }
  table.add("Adamax") { n in step { Adamax($0, learningRate: n.real(), betas: (n.real(), 0.9), epsilon: n.real()) } }
  table.add("NAdam") { n in
    step { NAdam($0, learningRate: n.real(), weightDecay: n.real(), momentumDecay: n.real()) }
  }
  table.add("RAdam") { n in step { RAdam($0, learningRate: n.real(), betas: (n.real(), n.real())) } }
  table.add("RMSprop") { n in
    step {
      RMSprop(
        $0, learningRate: n.real(), smoothing: n.real(), epsilon: n.real(), momentum: n.real(), isCentered: n.flag())
    }
  }
  table.add("Adagrad") { n in
    step { Adagrad($0, learningRate: n.real(), rateDecay: n.real(), initialSum: n.real(), epsilon: n.real()) }
  }
  table.add("Adadelta") { n in step { Adadelta($0, learningRate: n.real(), smoothing: n.real(), epsilon: n.real()) } }
  table.add("ASGD") { n in
    step { ASGD($0, learningRate: n.real(), decay: n.real(), power: n.real(), start: n.real()) }
  }
  table.add("ScheduleFreeAdamW") { n in
    step {
      ScheduleFreeAdamW(
        $0, learningRate: n.real(), warmUpSteps: n.any(), stepPower: n.real(), ratePower: n.real())
    }
  }
  table.add("LAMB") { n in step { LAMB($0, learningRate: n.real(), betas: (n.real(), n.real()), epsilon: n.real()) } }
  table.add("SparseAdam") { n in step { SparseAdam($0, learningRate: n.real(), epsilon: n.real()) } }
  table.add("Rprop") { n in
    step {
      Rprop(
        $0, learningRate: n.real(), factors: (n.real(), n.real()), stepSizes: (n.real(), n.real()))
    }
  }
  table.add("Lion") { n in step { Lion($0, learningRate: n.real(), betas: (n.real(), n.real())) } }
  table.add("SGD with momentum") { n in
    step { SGD($0, learningRate: n.real(), momentum: n.real(), dampening: n.real(), nesterov: n.flag()) }
  }
  table.add("clipGradients") { n in
    let model = Dense(2, 2)
    if n.flag() { model(Tensor(ones: [1, 2])).sum().backward() }
    switch n.below(3) {
    case 0: _ = clipGradients(of: model, norm: n.real(), order: n.real())
    case 1: clipGradients(of: model, norm: n.real(), total: n.real())
    default: clipGradients(of: model, value: n.real())
    }
    _ = gradientNorm(of: model, order: n.real())
  }
  table.add("cyclic schedules") { n in
    switch n.below(3) {
    case 0: use(CosineRestartsSchedule(firstLength: n.any(), growth: n.any(), minimum: n.real()), &n)
    case 1:
      use(
        OneCycleSchedule(
          maximum: n.real(), length: n.any(), rise: n.real(), divisor: n.real(), finalDivisor: n.real(),
          threePhases: n.flag(), momenta: n.flag() ? nil : (n.real(), n.real())), &n)
    default:
      use(CyclicSchedule(from: n.real(), to: n.real(), lengthUp: n.any(), lengthDown: n.any()), &n)
    }
  }
  table.add("ramps") { n in
    switch n.below(4) {
    case 0: use(LinearSchedule(length: n.any(), from: n.real(), to: n.real()), &n)
    case 1: use(ConstantFactorSchedule(length: n.any(), factor: n.real()), &n)
    case 2: use(PolynomialSchedule(length: n.any(), power: n.real()), &n)
    default: use(WarmUpSchedule(length: n.any(), startFactor: n.real()), &n)
    }
  }
  table.add("schedules by factors") { n in
    switch n.below(4) {
    case 0: use(StepSchedule(size: n.any(), factor: n.real()), &n)
    case 1: use(MultiStepSchedule(milestones: n.list(), factor: n.real()), &n)
    case 2: use(ExponentialSchedule(factor: n.real()), &n)
    default: use(CosineSchedule(length: n.any(), minimum: n.real()), &n)
    }
  }
  table.add("MultiplicativeSchedule") { n in
    let factor = n.real()
    let schedule = MultiplicativeSchedule { _ in factor }
    _ = schedule.learningRate(at: n.flag() ? n.below(9) : -n.below(9), base: n.real())
  }
  table.add("ChainedSchedule") { n in
    use(ChainedSchedule(n.flag() ? [] : [StepSchedule(size: 2), ExponentialSchedule(factor: 0.5)]), &n)
  }
  table.add("SequentialSchedule of parts") { n in
    use(SequentialSchedule(n.flag() ? [] : [StepSchedule(size: 2), ConstantSchedule()], milestones: n.list()), &n)
  }
  table.add("PlateauScheduler") { n in
    let scheduler = PlateauScheduler(
      SGD(Dense(2, 2), learningRate: 0.1), factor: n.real(), patience: n.any(), cooldown: n.any(), minimum: n.real(),
      epsilon: n.real())
    for _ in 0..<3 { scheduler.step(n.real()) }
  }
  table.add("Scheduler") { n in
    let optimizer = SGD(Dense(2, 2), learningRate: 0.1)
    let scheduler = Scheduler(optimizer, n.flag() ? [] : [StepSchedule(size: n.size()), ConstantSchedule()])
    for _ in 0..<3 { scheduler.step() }
  }
  table.add("pointwise losses") { n in
    let (x, y) = (n.floats(), n.floats())
    switch n.below(6) {
    case 0: _ = meanAbsoluteError(x, y)
    case 1: _ = smoothL1(x, y, beta: Float(n.real()))
    case 2: _ = binaryCrossEntropy(logits: x, y, weight: n.flag() ? nil : n.floats(), positiveWeight: n.floats())
    case 3: _ = binaryCrossEntropy(x, y, weight: n.flag() ? nil : n.floats())
    case 4: _ = klDivergence(x, y, targetIsLogarithm: n.flag())
    default: _ = poissonNLL(x, y, isLogarithm: n.flag(), full: n.flag(), epsilon: Float(n.real()))
    }
  }
  table.add("margin losses") { n in
    let (x, y, z) = (n.floats(), n.floats(), n.floats())
    switch n.below(5) {
    case 0: _ = cosineEmbedding(x, y, z, margin: Float(n.real()))
    case 1: _ = softMargin(x, y)
    case 2: _ = multiLabelSoftMargin(x, y, weight: z)
    case 3: _ = multiMargin(x, n.integers(), p: n.any(), margin: Float(n.real()), weight: n.floats())
    default: _ = tripletMargin(x, y, z, margin: Float(n.real()), p: n.real(), epsilon: Float(n.real()))
    }
  }
  table.add("class losses") { n in
    let (x, weight) = (n.floats(), n.flag() ? nil : n.floats())
    switch n.below(4) {
    case 0: _ = crossEntropy(x, n.integers(), weight: weight, ignoring: n.any(), labelSmoothing: Float(n.real()))
    case 1: _ = crossEntropy(x, n.floats(), weight: weight, labelSmoothing: Float(n.real()))
    case 2: _ = negativeLogLikelihood(x, n.integers(), weight: weight, ignoring: n.any())
    default: _ = linearCrossEntropy(x, n.floats(), n.floats(), classWeight: weight)
    }
  }
  return table
}
