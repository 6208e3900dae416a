import TernNN
import TernTensor
import TernTestSupport
import Testing

/// Optimizers and schedules at the ends of what they take.
@Suite struct EdgeUpdateTests {
  /// Under a constant gradient v − (mean of d)² tends to 0, and rounding makes it negative for about half of these values.
  @Test(arguments: [0.5, 0.9]) func centeredRMSpropStaysFiniteUnderAConstantGradient(smoothing: Double) {
    let gradient = (1...64).map { Float($0) * 0.031 }
    let parameter = Parameter(Tensor<Float>(zeros: [64]))
    let wide = Parameter(Tensor<Double>(zeros: [64]))
    let optimizer = RMSprop(Parameters([parameter, wide]), smoothing: smoothing, isCentered: true)
    for _ in 1...600 {
      parameter.gradient = Tensor(gradient)
      wide.gradient = Tensor(gradient.map { Double($0) })
      optimizer.step()
    }
    // Every step goes down.
    for (index, value) in parameter.value.detached().scalars.enumerated() {
      #expect(value.isFinite && value < 0, "\(value) under a gradient of \(gradient[index])")
    }
    for (index, value) in wide.value.detached().scalars.enumerated() {
      #expect(value.isFinite && value < 0, "\(value) under a gradient of \(gradient[index])")
    }
  }

  @Test func oneCycleWithARiseOfOnePosition() {
    for length in [1, 2, 10, 100] {
      for threePhases in [false, true] {
        let schedule = OneCycleSchedule(
          maximum: 0.1, length: length, rise: 1 / Double(length), threePhases: threePhases)
        for position in 0..<length {
          let rate = schedule.learningRate(at: position, base: 1)
          #expect(rate.isFinite && rate >= 0 && rate <= 0.1, "\(rate) at \(position) of \(length)")
          #expect(schedule.momentum(at: position)!.isFinite, "\(position) of \(length)")
        }
        if length > 1 { #expect(schedule.learningRate(at: 0, base: 1) == 0.1, "the one position of the rise") }
      }
    }
  }

  @Test func aParameterListedTwiceIsRefusedByName() async {
    let slots = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      let parameter = Parameter(Tensor<Float>([1]))
      _ = SGD(Parameters([parameter, Parameter(Tensor<Float>([1])), parameter]), learningRate: 1)
    }
    expectLine("SGD: 0 and 2 are the same parameter, expected each once", in: slots?.standardErrorContent)
    let flat = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      let parameter = Parameter(Tensor<Double>([1]))
      _ = LBFGS(Parameters([parameter, parameter]))
    }
    expectLine("LBFGS: 0 and 1 are the same parameter, expected each once", in: flat?.standardErrorContent)
  }

  @Test func plateauOfNegativeMetrics() {
    let optimizer = SGD(Parameters([Parameter(Tensor<Float>([1]))]), learningRate: 1)
    let scheduler = PlateauScheduler(optimizer, factor: 0.5, patience: 1)
    for _ in 0..<4 { scheduler.step(-10) }
    #expect(optimizer.learningRates == [0.5], "a metric that stays at −10 does not improve")
    let rising = PlateauScheduler(optimizer, goal: .maximum, factor: 0.5, patience: 1)
    for _ in 0..<4 { rising.step(-10) }
    #expect(optimizer.learningRates == [0.25])
    let better = PlateauScheduler(optimizer, factor: 0.5, patience: 1)
    for metric in [-1.0, -2, -3, -4, -5] { better.step(metric) }
    #expect(optimizer.learningRates == [0.25])
  }
}

/// Parameters named by their positions.
struct Parameters: ParameterSource {
  let namedParameters: [(name: String, parameter: any AnyParameter)]

  init(_ parameters: [any AnyParameter]) {
    namedParameters = parameters.enumerated().map { ("\($0.offset)", $0.element) }
  }
}
