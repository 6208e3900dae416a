import Foundation
import TernTensor
import TernTestSupport
import Testing

@testable import TernNN

/// Schedules at their corners; whole runs are in the conformance cases.
@Suite struct ScheduleFormTests {
  @Test func linesAndPowersEndWhereTheySay() {
    let line = LinearSchedule(length: 4, from: 0.5, to: 1)
    #expect([0, 2, 4, 9].map { line.learningRate(at: $0, base: 2) } == [1, 1.5, 2, 2])
    let start = ConstantFactorSchedule(length: 2, factor: 0.25)
    #expect([0, 1, 2].map { start.learningRate(at: $0, base: 4) } == [1, 1, 4])
    let power = PolynomialSchedule(length: 2, power: 2)
    #expect([0, 1, 2, 5].map { power.learningRate(at: $0, base: 4) } == [4, 1, 0, 0])
  }

  @Test func partsBeginAtTheirOwnStart() {
    let parts = SequentialSchedule(
      [LinearSchedule(length: 2, from: 0.5), StepSchedule(size: 1, factor: 0.5)], milestones: [2])
    #expect((0..<5).map { parts.learningRate(at: $0, base: 8) } == [4, 6, 8, 4, 2])
  }

  @Test func cosinesStartAgain() {
    let schedule = CosineRestartsSchedule(firstLength: 2, growth: 2, minimum: 1)
    for (position, expected) in [(0, 3.0), (1, 2), (2, 3), (4, 2), (6, 3), (10, 2), (14, 3)] {
      #expect(abs(schedule.learningRate(at: position, base: 3) - expected) < 1e-15, "at \(position)")
    }
  }

  @Test func oneCycleRisesAndFalls() {
    let schedule = OneCycleSchedule(
      maximum: 1, length: 11, rise: 5.0 / 11, shape: .linear, divisor: 5, finalDivisor: 2, momenta: (0.8, 0.9))
    for (position, rate, momentum) in [(0, 0.2, 0.9), (4, 1, 0.8), (10, 0.1, 0.9)] {
      #expect(abs(schedule.learningRate(at: position, base: 7) - rate) < 1e-12)
      #expect(abs((schedule.momentum(at: position) ?? 0) - momentum) < 1e-12)
    }
  }

  @Test func cyclesAreTriangles() {
    let schedule = CyclicSchedule(from: 1, to: 3, lengthUp: 2, lengthDown: 1, height: .halving)
    #expect((0..<7).map { schedule.learningRate(at: $0, base: 0) } == [1, 2, 3, 1, 1.5, 2, 1])
  }

  @Test func aPlateauLowersTheRate() {
    final class One: Module { let weight = Parameter(Tensor<Float>([1])) }
    let optimizer = SGD(One(), learningRate: 1)
    let scheduler = PlateauScheduler(optimizer, factor: 0.5, patience: 1, cooldown: 1, minimum: 0.2)
    var rates: [Double] = []
    for metric in [3, 2, 2, 2, 2, 2, 2, 2, 2, 2, 1.0] {
      scheduler.step(metric)
      rates.append(optimizer.learningRate)
    }
    #expect(rates == [1, 1, 1, 0.5, 0.5, 0.5, 0.25, 0.25, 0.25, 0.2, 0.2])
    #expect(scheduler.best == 1)
  }

  // torch.optim.lr_scheduler: LambdaLR, MultiplicativeLR and ChainedScheduler.
  @Test func factorsOfOnesOwn() {
    let factor = FactorSchedule { 1 / Double($0 + 1) }
    #expect([0, 1, 3].map { factor.learningRate(at: $0, base: 2) } == [2, 1, 0.5])
    let product = MultiplicativeSchedule { $0 % 2 == 0 ? 0.5 : 0.75 }
    let expected = [2, 1.5, 0.75, 0.5625, 0.28125, 0.2109375]
    #expect((0..<6).map { product.learningRate(at: $0, base: 2) } == expected)
    // In any order, and through a scheduler that is set back.
    #expect([5, 0, 3, 3].map { product.learningRate(at: $0, base: 2) } == [0.2109375, 2, 0.5625, 0.5625])
  }

  @Test func severalAtOnce() {
    let both = ChainedSchedule([ConstantFactorSchedule(length: 2, factor: 0.1), ExponentialSchedule(factor: 0.9)])
    let expected = [0.005, 0.0045, 0.0405, 0.03645, 0.032805]
    for (position, rate) in expected.enumerated() {
      #expect(abs(both.learningRate(at: position, base: 0.05) - rate) < 1e-17, "at \(position)")
    }
    #expect(both.momentum(at: 3) == nil)
    let cycled = ChainedSchedule([
      OneCycleSchedule(maximum: 1, length: 11, momenta: (0.8, 0.9)), FactorSchedule { _ in 0.5 },
    ])
    #expect(cycled.momentum(at: 0) == 0.9)
    #expect(cycled.learningRate(at: 3, base: 7) == 0.5 * cycled.parts[0].learningRate(at: 3, base: 7))
  }

  @Test func mistakesStop() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = SequentialSchedule([ConstantSchedule()], milestones: [3])
    }
    let message = text(result?.standardErrorContent)
    #expect(message.contains("SequentialSchedule: 1 milestones for 1 schedules"))
  }
}
