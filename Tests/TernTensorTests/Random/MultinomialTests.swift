import TernTensor
import TernTestSupport
import Testing

/// Categories come by their weights.
@Suite struct MultinomialTests {
  private let weights: [Double] = [4, 0, 1, 3, 2]

  @Test func withReplacement() {
    let w = Tensor<Float>(weights.map { Float($0) })
    let drawn = w.multinomial(40_000, replacing: true, generator: RandomGenerator(seed: 1)).scalars
    for (category, weight) in weights.enumerated() {
      let fraction = Double(drawn.count { $0 == category }) / 40_000
      #expect(abs(fraction - weight / 10) < 0.01 && (weight > 0 || fraction == 0), "\(category): \(fraction)")
    }
  }

  @Test func withoutReplacementInTheOrderOfDrawing() {
    let w = Tensor<Double>(weights).broadcast(to: [30_000, 5])
    let drawn = w.multinomial(4, generator: RandomGenerator(seed: 2))
    #expect(drawn.shape == [30_000, 4])
    let rows = drawn.scalars
    var pairs: [[Int]: Int] = [:]
    for row in 0..<30_000 {
      let four = Array(rows[4 * row..<4 * row + 4])
      #expect(Set(four) == [0, 2, 3, 4])
      pairs[Array(four[0..<2]), default: 0] += 1
    }
    // P(i, then j) = wᵢ/Σ · wⱼ/(Σ − wᵢ).
    for i in [0, 2, 3, 4] {
      for j in [0, 2, 3, 4] where i != j {
        let expected = weights[i] / 10 * weights[j] / (10 - weights[i])
        let found = Double(pairs[[i, j]] ?? 0) / 30_000
        #expect(abs(found - expected) < 0.012, "\(i), \(j): \(found), expected \(expected)")
      }
    }
  }

  @Test func fewAndManyWithoutReplacementAgree() {
    let w = Tensor<Float>(randomUniform: [3, 1000], generator: RandomGenerator(seed: 4))
    let all = w.multinomial(1000, generator: RandomGenerator(seed: 5))
    for count in [1, 2, 7, 249, 251] {
      let some = w.multinomial(count, generator: RandomGenerator(seed: 5))
      #expect(some == all[0..., 0..<count], "\(count)")
    }
    for row in 0..<3 { #expect(Set(all[row].scalars).count == 1000) }
  }

  @Test func layoutsAndRange() {
    let w = Tensor<Double>(randomUniform: [4, 6], generator: RandomGenerator(seed: 6))
    let expected = w.multinomial(3, generator: RandomGenerator(seed: 7))
    let permuted = w.transposed().copied().transposed()
    #expect(permuted.multinomial(3, generator: RandomGenerator(seed: 7)) == expected)
    // Weights near the ends of the range.
    let huge = Tensor<Double>([.greatestFiniteMagnitude, .greatestFiniteMagnitude])
    let both = huge.multinomial(1000, replacing: true, generator: RandomGenerator(seed: 8))
    #expect(abs(both.cast(to: Double.self).mean().item - 0.5) < 0.06)
    let tiny = Tensor<Double>([0, .leastNonzeroMagnitude, 0])
    #expect(tiny.multinomial(50, replacing: true).scalars == [Int](repeating: 1, count: 50))
    #expect(tiny.multinomial(1).scalars == [1])
    #expect(Tensor<Float>(ones: [0, 3]).multinomial(2).shape == [0, 2])
  }

  @Test func mistakesStopWithALine() async {
    func message(_ result: ExitTest.Result?) -> String { text(result?.standardErrorContent) }
    let negative = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Tensor<Float>([1, -1]).multinomial(1)
    }
    #expect(message(negative).contains("multinomial: a weight is -1.0, expected a finite number, at least 0"))
    let zeros = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Tensor<Float>(zeros: [2, 3]).multinomial(1, replacing: true)
    }
    #expect(message(zeros).contains("multinomial: the weights of row 0 are all 0"))
    let many = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Tensor<Float>([1, 1]).multinomial(3)
    }
    #expect(message(many).contains("multinomial: 3 of 2 categories without replacement"))
    let few = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Tensor<Float>([1, 0, 0]).multinomial(2)
    }
    #expect(message(few).contains("multinomial: 2 categories without replacement where 1 have a weight above 0"))
  }
}
