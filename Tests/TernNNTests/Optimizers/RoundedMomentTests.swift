import Foundation
import TernBackend
import TernNN
import TernTensor
import TernTestSupport
import Testing

/// Moments in bfloat16.
@Suite struct RoundedMomentTests {
  /// Takes steps with gradients of a fixed stream.
  static func run<Scalar: FloatingScalar>(
    _ optimizer: any Optimizer, _ parameter: Parameter<Scalar>, steps: Int
  ) -> [Scalar] {
    for step in 0..<steps {
      parameter.gradient = Tensor(
        randomNormal: parameter.shape, generator: RandomGenerator(seed: 3, stream: UInt64(step), counter: 0))
      optimizer.step()
    }
    return parameter.value.detached().scalars
  }

  static func parameter<Scalar: FloatingScalar>(_: Scalar.Type, _ count: Int) -> Parameter<Scalar> {
    Parameter(Tensor<Scalar>(randomNormal: [count], generator: RandomGenerator(seed: 9)))
  }

  /// An average that moves by less than half a last place stands still when it is rounded to the nearest number: here it
  /// would stay at 1 for ever. Rounded by chance it follows the average itself, in the mean over the elements.
  @Test func averagesFollowWhatIsBelowALastPlace() throws {
    let count = 1 << 16
    let parameter = Parameter(Tensor<Float>(zeros: [count]))
    let adam = Adam(Parameters([parameter]), betas: (0.9, 0.999))
    adam.momentPrecision = .bfloat16
    parameter.gradient = Tensor(full: [count], 1)
    // One gradient of 1 leaves the second moment at 0.001; then it decays by a thousandth a step.
    adam.step()
    parameter.gradient = Tensor(zeros: [count])
    for _ in 1...300 { adam.step() }
    let square = try #require(adam.state.tensors.first { $0.name.hasSuffix("/square") })
    let mean = Tensor<BFloat16>(body: square.body).widened.cast(to: Double.self).mean().item
    let expected = 0.001 * pow(0.999, 300)
    // A rounding's variance is at most a quarter of a squared last place, 2⁻⁸ of the number.
    let deviation = expected * 0x1p-8 * (300.0 / Double(count)).squareRoot()
    #expect(abs(mean - expected) < 4 * deviation, "\(mean), expected \(expected) ± \(deviation)")
    let nearest = (1...300).reduce(BFloat16(0.001)) { moment, _ in BFloat16(Float(moment) * 0.999) }
    #expect(Double(nearest) > 1.2 * expected, "to the nearest it would be \(nearest)")
  }

  @Test func stepsAreNearFloats() {
    func compare(_ make: (Parameter<Float>) -> any Optimizer, _ name: String) {
      let exact = Self.parameter(Float.self, 5000)
      let rounded = Self.parameter(Float.self, 5000)
      let start = exact.value.detached().scalars
      let expected = Self.run(make(exact), exact, steps: 20)
      let optimizer = make(rounded)
      Self.reduce(optimizer)
      let found = Self.run(optimizer, rounded, steps: 20)
      let moved = zip(start, expected).map { abs($0 - $1) }.max()!
      let distance = zip(found, expected).map { abs($0 - $1) }.max()!
      #expect(distance > 0 && distance < 0.02 * moved, "\(name): \(distance) of \(moved)")
    }
    compare({ SGD(Parameters([$0]), learningRate: 0.1, momentum: 0.9) }, "SGD")
    compare({ Adam(Parameters([$0]), learningRate: 0.01, amsgrad: true) }, "Adam")
    compare({ AdamW(Parameters([$0]), learningRate: 0.01) }, "AdamW")
    compare({ RMSprop(Parameters([$0]), learningRate: 0.01, momentum: 0.9) }, "RMSprop")
    compare({ Adagrad(Parameters([$0]), learningRate: 0.1) }, "Adagrad")
  }

  static func reduce(_ optimizer: any Optimizer) {
    func set<Options: OptimizerOptions>(_ optimizer: ParameterOptimizer<Options>) {
      optimizer.momentPrecision = .bfloat16
      #expect(optimizer.momentPrecision == .bfloat16)
    }
    switch optimizer {
    case let optimizer as SGD: set(optimizer)
    case let optimizer as Adam: set(optimizer)
    case let optimizer as RMSprop: set(optimizer)
    case let optimizer as Adagrad: set(optimizer)
    default: Issue.record("\(type(of: optimizer))")
    }
  }

  @Test func bitsDoNotDependOnThreadsOrOtherParameters() {
    func values(threads: Int, others: Bool) -> [UInt32] {
      let before = Workers.count
      Workers.count = threads
      defer { Workers.count = before }
      let parameter = Self.parameter(Float.self, 100_003)
      let other = Self.parameter(Float.self, 777)
      other.gradient = Tensor(full: [777], 1)
      let adam = Adam(Parameters(others ? [parameter, other] : [parameter]))
      adam.momentPrecision = .bfloat16
      return Self.run(adam, parameter, steps: 3).map(\.bitPattern)
    }
    let expected = values(threads: 1, others: false)
    #expect(values(threads: 2, others: false) == expected)
    #expect(values(threads: 1, others: true) == expected)
  }

  @Test func statesTakeHalfTheMemoryAndGoOnToTheSameBits() throws {
    let whole = Self.parameter(Float.self, 300)
    let optimizer = Adam(Parameters([whole]))
    optimizer.momentPrecision = .bfloat16
    let expected = Self.run(optimizer, whole, steps: 2)
    #expect(optimizer.state.tensors.allSatisfy { $0.dtype == .bfloat16 && $0.shape == [300] })
    #expect(optimizer.state.tensors.count == 2)

    let half = Parameter(Tensor(expected))
    let other = Adam(Parameters([half]))
    #expect(throws: StateMismatch.self) { try other.load(optimizer.state) }
    other.momentPrecision = .bfloat16
    try other.load(optimizer.state)
    #expect(Self.run(other, half, steps: 3) == Self.run(optimizer, whole, steps: 3))

    // Back to Float: exactly what was kept.
    let kept = optimizer.state.tensors.map { Tensor<BFloat16>(body: $0.body).widened.scalars }
    optimizer.momentPrecision = .float32
    #expect(optimizer.state.tensors.map { Tensor<Float>(body: $0.body).scalars } == kept)
  }

  @Test func momentsOfDoubleStayDouble() {
    let parameter = Self.parameter(Double.self, 10)
    let exact = Self.parameter(Double.self, 10)
    let optimizer = Adam(Parameters([parameter]))
    optimizer.momentPrecision = .bfloat16
    #expect(Self.run(optimizer, parameter, steps: 3) == Self.run(Adam(Parameters([exact])), exact, steps: 3))
    #expect(optimizer.state.tensors.allSatisfy { $0.dtype == .float64 })
  }

  @Test func othersAreRefusedByName() async {
    let averaged = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      ASGD(Parameters([Parameter(Tensor<Float>([1]))])).momentPrecision = .bfloat16
    }
    expectLine("ASGD: moments in bfloat16 (its moments stay in Float)", in: averaged?.standardErrorContent)
    let whole = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      LAMB(Parameters([Parameter(Tensor<Float>([1]))])).momentPrecision = .bfloat16
    }
    expectLine("LAMB: moments in bfloat16 (its moments stay in Float)", in: whole?.standardErrorContent)
  }
}
