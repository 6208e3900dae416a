import Foundation
import TernNN
import TernTensor
import Testing

/// Optimizers under gradients whose squares leave the range, beside factors of 0, and with an ε of 0.
@Suite struct RangeUpdateTests {
  /// The parameter after some steps of an optimizer.
  private func moved<Scalar: FloatingScalar>(
    from start: Scalar = 0, by gradients: [Scalar], _ optimizer: (Parameters) -> any Optimizer
  ) -> Double {
    // Enough elements for whole vectors and a remainder.
    let parameter = Parameter(Tensor<Scalar>(full: [37], start))
    let running = optimizer(Parameters([parameter]))
    for gradient in gradients {
      parameter.gradient = Tensor(full: [37], gradient)
      running.step()
    }
    let values = parameter.value.detached().scalars
    #expect(values.allSatisfy { $0 == values[0] || $0.isNaN && values[0].isNaN }, "\(values)")
    return Double(values[0])
  }

  private func expect(_ found: Double, _ wanted: Double, _ what: String, within bound: Double = 1e-3) {
    #expect(found == wanted || abs(found - wanted) <= bound * abs(wanted), "\(what): \(found), not \(wanted)")
  }

  @Test func aDecayOfZeroLeavesNothingOfInfinity() {
    func check<Scalar: FloatingScalar>(_: Scalar.Type) {
      let optimizers: [(String, (Parameters) -> any Optimizer)] = [
        ("SGD", { SGD($0, learningRate: 0.1) }), ("momentum", { SGD($0, learningRate: 0.1, momentum: 0.9) }),
        ("Adam", { Adam($0) }), ("AdamW", { AdamW($0) }), ("RMSprop", { RMSprop($0) }), ("Adagrad", { Adagrad($0) }),
        ("Adadelta", { Adadelta($0) }), ("Adamax", { Adamax($0) }), ("NAdam", { NAdam($0) }), ("RAdam", { RAdam($0) }),
      ]
      for (name, optimizer) in optimizers {
        let found = moved(from: -Scalar.infinity, by: [1, 1], optimizer)
        expect(found, -.infinity, name)
      }
    }
    check(Float.self)
    check(Double.self)
  }

  @Test func factorsOfZeroBesideInfinity() {
    func check<Scalar: FloatingScalar>(_: Scalar.Type, _ huge: Scalar) {
      expect(moved(by: [Scalar.infinity]) { SGD($0, learningRate: 0) }, 0, "SGD at rest")
      // The first step is g, the second 0·g + (1 − 1)·g.
      expect(
        moved(by: [1, Scalar.infinity]) { SGD($0, learningRate: 1, momentum: 0.5, dampening: 1) }, -1.5,
        "SGD all dampened")
      expect(moved(by: [huge, huge]) { Adam($0, learningRate: 1, betas: (0, 0)) }, -2, "Adam without memory")
      expect(
        moved(by: [Scalar.infinity]) { RMSprop($0, learningRate: 1, smoothing: 1) }, -.infinity, "RMSprop all smoothed")
    }
    check(Float.self, 1e30)
    check(Double.self, 1e200)
  }

  @Test func gradientsWhoseSquaresLeaveTheRange() {
    func check<Scalar: FloatingScalar>(_: Scalar.Type, _ huge: Scalar) {
      // A constant gradient: every step is η·m̂/√v̂ = η, in RMSprop η/√(1 − 0.99ᵗ), in Adagrad η/√t.
      let four = [Scalar](repeating: huge, count: 4)
      expect(moved(by: [huge]) { Adam($0, learningRate: 0.5) }, -0.5, "Adam")
      expect(moved(by: [-huge]) { Adam($0, learningRate: 0.5) }, 0.5, "Adam")
      expect(moved(by: [huge]) { Adam($0, learningRate: 0.5, maximize: true) }, 0.5, "Adam")
      expect(moved(by: [huge]) { Adam($0, learningRate: 0.5, amsgrad: true) }, -0.5, "AMSGrad")
      expect(moved(by: [huge]) { AdamW($0, learningRate: 0.5, weightDecay: 0) }, -0.5, "AdamW")
      expect(moved(by: [huge]) { RMSprop($0, learningRate: 0.5) }, -5, "RMSprop")
      expect(moved(by: [huge]) { Adagrad($0, learningRate: 0.5) }, -0.5, "Adagrad")
      expect(moved(by: four) { Adamax($0, learningRate: 0.5) }, -2, "Adamax")
      // d·√ε/√(0.1·d²).
      expect(moved(by: [huge]) { Adadelta($0, learningRate: 1) }, -(1e-5 as Double).squareRoot(), "Adadelta")
      // As of a gradient of 1, whose steps go with its sign alone.
      let plain = moved(by: [Double(1)]) { NAdam($0, learningRate: 0.5) }
      expect(moved(by: [huge]) { NAdam($0, learningRate: 0.5) }, plain, "NAdam")
      // What has gone through it moves on: ordinary gradients bring it back.
      let after = [huge] + [Scalar](repeating: -1, count: 3000)
      for (name, optimizer) in [
        ("Adam", { Adam($0, learningRate: 0.5, betas: (0.5, 0.5)) }),
        ("RMSprop", { RMSprop($0, learningRate: 0.5, smoothing: 0.5) }),
      ] as [(String, (Parameters) -> any Optimizer)] {
        let first = moved(by: [huge], optimizer)
        let last = moved(by: after, optimizer)
        #expect(last.isFinite && last > first + 100, "\(name): \(first), then \(last)")
      }
    }
    check(Float.self, 1e30)
    check(Float.self, 3e38)
    check(Double.self, 1e160)
    check(Double.self, 1e300)
  }

  @Test func noStepFromNothingWithoutEpsilon() {
    func check<Scalar: FloatingScalar>(_: Scalar.Type, _ tiny: Scalar) {
      let optimizers: [(String, (Parameters) -> any Optimizer)] = [
        ("Adam", { Adam($0, learningRate: 0.5, epsilon: 0) }),
        ("AdamW", { AdamW($0, learningRate: 0.5, epsilon: 0, weightDecay: 0) }),
        ("Adamax", { Adamax($0, learningRate: 0.5, epsilon: 0) }),
        ("NAdam", { NAdam($0, learningRate: 0.5, epsilon: 0) }),
        ("RAdam", { RAdam($0, learningRate: 0.5, epsilon: 0) }),
        ("RMSprop", { RMSprop($0, learningRate: 0.5, epsilon: 0) }),
        ("centered RMSprop", { RMSprop($0, learningRate: 0.5, epsilon: 0, isCentered: true) }),
        ("Adagrad", { Adagrad($0, learningRate: 0.5, epsilon: 0) }),
        ("Adadelta", { Adadelta($0, learningRate: 0.5, epsilon: 0) }),
      ]
      for (name, optimizer) in optimizers {
        expect(moved(from: 2, by: [Scalar](repeating: 0, count: 8), optimizer), 2, name)
      }
      // Squares of 0 leave the sign.
      expect(moved(by: [tiny]) { Adam($0, learningRate: 0.5, epsilon: 0) }, -0.5, "Adam")
      expect(moved(by: [-tiny]) { Adam($0, learningRate: 0.5, epsilon: 0) }, 0.5, "Adam")
      expect(moved(by: [tiny]) { Adagrad($0, learningRate: 0.5, epsilon: 0) }, -0.5, "Adagrad")
      expect(moved(by: [tiny]) { Adamax($0, learningRate: 0.5, epsilon: 0) }, -0.5, "Adamax")
    }
    check(Float.self, 1e-30)
    check(Double.self, 1e-200)
  }

  @Test func epsilonsBelowTheGradients() {
    func check<Scalar: FloatingScalar>(_: Scalar.Type, _ tiny: Scalar, _ epsilons: [Double]) {
      for epsilon in epsilons {
        let optimizers: [(String, (Parameters) -> any Optimizer)] = [
          ("Adam", { Adam($0, learningRate: 0.5, epsilon: epsilon) }),
          ("AMSGrad", { Adam($0, learningRate: 0.5, epsilon: epsilon, amsgrad: true) }),
          ("AdamW", { AdamW($0, learningRate: 0.5, epsilon: epsilon, weightDecay: 0) }),
          ("Adamax", { Adamax($0, learningRate: 0.5, epsilon: epsilon) }),
          ("Adagrad", { Adagrad($0, learningRate: 0.5, epsilon: epsilon) }),
          ("SparseAdam", { SparseAdam($0, learningRate: 0.5, epsilon: epsilon) }),
          ("ScheduleFreeAdamW", { ScheduleFreeAdamW($0, learningRate: 0.5, epsilon: epsilon) }),
        ]
        for (name, optimizer) in optimizers {
          expect(moved(by: [tiny], optimizer), -0.5, "\(name), epsilon \(epsilon)")
          expect(moved(by: [-tiny], optimizer), 0.5, "\(name), epsilon \(epsilon)")
          expect(moved(from: 2, by: [0, 0], optimizer), 2, "\(name) of nothing, epsilon \(epsilon)")
          let after = moved(by: [tiny, 1, 1], optimizer)
          #expect(after.isFinite && abs(after) < 3, "\(name), epsilon \(epsilon): \(after)")
        }
      }
    }
    check(Float.self, 1e-30, [0, 1e-45, 1e-36])
    check(Double.self, 1e-200, [0, 1e-300, 1e-210])
  }

  @Test func stepsOfLAMBAsLongAsTheParameters() {
    // A step of η times the parameter's length, in the direction of a gradient far below ε.
    let found = moved(from: 1e30, by: [1e-36 as Float]) { LAMB($0, learningRate: 0.1, weightDecay: 0) }
    expect(found, 9e29, "LAMB")
    let wide = moved(from: 1e300, by: [1e-300 as Double]) { LAMB($0, learningRate: 0.1, weightDecay: 0) }
    expect(wide, 9e299, "LAMB")
  }

  @Test func adafactorOfGradientsWhoseSquaresLeaveTheRange() {
    func check<Scalar: FloatingScalar>(_: Scalar.Type, _ huge: Scalar) {
      for shape in [[7], [3, 7]] {
        let parameter = Parameter(Tensor<Scalar>(zeros: shape))
        let optimizer = Adafactor(Parameters([parameter]), learningRate: 0.1)
        // The least length of a parameter, 10⁻³, times the rate.
        for (gradient, wanted) in [(huge, -1e-4), (1, -1e-4), (-huge, 0)] as [(Scalar, Double)] {
          parameter.gradient = Tensor(full: shape, gradient)
          optimizer.step()
          for value in parameter.value.detached().scalars {
            #expect(abs(Double(value) - wanted) < 1e-7, "\(shape), \(gradient): \(value), expected \(wanted)")
          }
        }
      }
    }
    check(Float.self, 1e30)
    check(Float.self, 3e38)
    check(Double.self, 1e200)
  }

  @Test func rpropOfGradientsWhoseProductUnderflows() {
    func check<Scalar: FloatingScalar>(_: Scalar.Type, _ tiny: Scalar) {
      // Steps of 0.1, of 1.2 times as much, and none where the sign changes.
      expect(moved(by: [tiny, tiny]) { Rprop($0, learningRate: 0.1) }, -0.22, "Rprop")
      expect(moved(by: [tiny, tiny, -tiny]) { Rprop($0, learningRate: 0.1) }, -0.22, "Rprop")
    }
    check(Float.self, 1)
    check(Float.self, 1e-30)
    check(Double.self, 1e-200)
  }

  @Test func signsOfTheLargestGradientsChange() {
    func check<Scalar: FloatingScalar>(_: Scalar.Type, _ huge: Scalar) {
      for (name, optimizer) in [
        ("Adam", { Adam($0, learningRate: 0.5) }), ("Adamax", { Adamax($0, learningRate: 0.5) }),
        ("NAdam", { NAdam($0, learningRate: 0.5) }),
        ("ScheduleFreeAdamW", { ScheduleFreeAdamW($0, learningRate: 0.5) }),
      ] as [(String, (Parameters) -> any Optimizer)] {
        let found = moved(by: [huge, huge, -huge, 1, -1], optimizer)
        #expect(found.isFinite && abs(found) < 3, "\(name): \(found)")
      }
    }
    check(Float.self, 3e38)
    check(Double.self, 1.5e308)
  }

  @Test func muonOfNothingAndOfMuch() {
    func check<Scalar: FloatingScalar>(_: Scalar.Type, _ huge: Scalar) {
      func moved(_ gradient: Tensor<Scalar>) -> Tensor<Scalar> {
        let parameter = Parameter(Tensor<Scalar>(zeros: [2, 2]))
        let optimizer = Muon(
          Parameters([parameter]), learningRate: 1, weightDecay: 0, momentum: 0, nesterov: false, epsilon: 0)
        parameter.gradient = gradient
        optimizer.step()
        return parameter.value.detached()
      }
      #expect(moved(Tensor(zeros: [2, 2])).scalars == [0, 0, 0, 0])
      let (large, plain) = (moved(Tensor(full: [2, 2], huge)).scalars, moved(Tensor(full: [2, 2], 1)).scalars)
      for (a, b) in zip(large, plain) { expect(Double(a), Double(b), "Muon") }
    }
    check(Float.self, 3e38)
    check(Double.self, 1.5e308)
  }

  @Test func gradientsWhoseNormLeavesTheRange() {
    func check<Scalar: FloatingScalar>(_: Scalar.Type, _ huge: Scalar, _ length: (Double) -> Double) {
      let parameters = [Parameter(Tensor<Scalar>([0])), Parameter(Tensor<Scalar>([0]))]
      func clipped(_ gradients: [Scalar], _ norm: Double, _ order: Double = 2) -> (Double, [Double]) {
        for (parameter, gradient) in zip(parameters, gradients) { parameter.gradient = Tensor([gradient]) }
        let total = clipGradients(of: Parameters(parameters), norm: norm, order: order)
        return (total, parameters.map { Double($0.gradient!.item) })
      }
      func same(_ found: (Double, [Double]), _ total: Double, _ values: [Double], _ what: String) {
        expect(found.0, total, what)
        for (a, b) in zip(found.1, values) { expect(a, b, what) }
      }
      let (half, size) = (0.5.squareRoot(), Double(huge))
      same(clipped([huge, huge], 1), length(2.0.squareRoot()), [half, half], "order 2")
      same(clipped([huge, -huge], 1, 1), length(2), [0.5, -0.5], "order 1")
      same(clipped([huge, huge], 1, .infinity), size, [1, 1], "order ∞")
      same(clipped([huge, huge], 1e-10), length(2.0.squareRoot()), [1e-10 * half, 1e-10 * half], "a small limit")
      same(clipped([huge, huge], 0), length(2.0.squareRoot()), [0, 0], "a limit of 0")
      same(clipped([.infinity, 1], .infinity), .infinity, [.infinity, 1], "no limit")
      same(clipped([-.infinity, 1], 2), .infinity, [-2, 0], "an infinite element")
      same(clipped([.infinity, .infinity], 1), .infinity, [half, half], "infinite elements")
      same(clipped([.infinity, 1], 0), .infinity, [0, 0], "an infinite element and a limit of 0")
      #expect(clipped([.nan, 1], 1).1.allSatisfy { $0.isNaN })
    }
    check(Float.self, 3e38) { $0 * 3e38 }
    check(Double.self, 1.5e308) { $0 * 1.5e308 }
    // Of one parameter.
    let parameter = Parameter(Tensor<Float>([0, 0]))
    parameter.gradient = [3e38, 3e38]
    expect(clipGradients(of: Parameters([parameter]), norm: 1), 2.0.squareRoot() * 3e38, "one parameter")
    for value in parameter.gradient!.scalars { expect(Double(value), 0.5.squareRoot(), "one parameter") }
  }

  @Test func plateauFromInfinity() {
    let optimizer = SGD(Parameters([Parameter(Tensor<Float>([1]))]), learningRate: 1)
    for threshold in [PlateauScheduler.Threshold.relative(1e-4), .absolute(1e-4), .relative(0)] {
      let falling = PlateauScheduler(optimizer, factor: 0.5, patience: 0, threshold: threshold)
      for metric in [Double.infinity, 5, 4] { falling.step(metric) }
      #expect(falling.best == 4)
      let rising = PlateauScheduler(optimizer, goal: .maximum, factor: 0.5, patience: 0, threshold: threshold)
      for metric in [-Double.infinity, 5, 6] { rising.step(metric) }
      #expect(rising.best == 6)
      #expect(optimizer.learningRates == [1])
    }
    let best = PlateauScheduler(optimizer, factor: 0.5, patience: 0)
    for metric in [-Double.infinity, -Double.infinity] { best.step(metric) }
    #expect(optimizer.learningRates == [0.5], "nothing is below −∞")
  }

  @Test func theFootOfCyclesThatGrow() {
    let schedule = CyclicSchedule(from: 0.1, to: 0.2, lengthUp: 2000, height: .shrinking(factor: 1.1))
    #expect(schedule.learningRate(at: 100_000, base: 1) == 0.1)
    #expect(schedule.momentum(at: 100_000) == 0.9)
    #expect(schedule.learningRate(at: 102_000, base: 1) == .infinity)
    let flat = CyclicSchedule(from: 0.1, to: 0.1, lengthUp: 2000, height: .shrinking(factor: 1.1))
    #expect(flat.learningRate(at: 102_000, base: 1) == 0.1)
  }

  @Test func ratesOfZeroUnderFactorsBeyondTheRange() {
    let schedules: [any Schedule] = [
      StepSchedule(size: 1, factor: 2), ExponentialSchedule(factor: 2),
      MultiStepSchedule(milestones: [1, 2], factor: 1e300),
      FactorSchedule { _ in .infinity }, MultiplicativeSchedule { _ in 2 }, PolynomialSchedule(length: 5, power: -1),
    ]
    for schedule in schedules {
      #expect(schedule.learningRate(at: 5000, base: 0) == 0, "\(schedule)")
      #expect(schedule.learningRate(at: 5000, base: 1) == .infinity, "\(schedule)")
    }
    let product = ChainedSchedule([ExponentialSchedule(factor: 2), ExponentialSchedule(factor: 0)])
    #expect(product.learningRate(at: 5000, base: 1) == 0)
  }

  @Test func ratesAtTheEndOfTheirLines() {
    for length in [1, 2, 3, 10, 1000] {
      for start in [0.1, 0.3, 1 / 3.0, 1] {
        let line = LinearSchedule(length: length, from: start, to: 0)
        for position in [length, length + 1, 5000] where position >= length {
          #expect(line.learningRate(at: position, base: 1e-3) == 0, "\(position) of \(length) from \(start)")
        }
      }
      // A scheduler goes one position past the last step.
      for shape in [OneCycleSchedule.Shape.cosine, .linear] {
        for rise in [0, 0.3, 1] {
          let cycle = OneCycleSchedule(maximum: 1, length: length, rise: rise, shape: shape)
          let (rate, momentum) = (cycle.learningRate(at: length, base: 1), cycle.momentum(at: length)!)
          #expect(abs(rate - 4e-6) < 1e-12, "\(rate) after \(length) positions")
          #expect(abs(momentum - 0.95) < 1e-12, "\(momentum) after \(length) positions")
        }
      }
    }
  }
}
