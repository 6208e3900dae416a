import Tern
import Testing

@testable import TernTraining

/// Percentiles found by counting, against sorting.
@Suite struct OrderStatisticsTests {
  private func expected(_ values: [Double], _ percentage: Double) -> Double {
    let sorted = values.sorted { $1.isNaN ? !$0.isNaN : $0 < $1 }
    let place = percentage / 100 * Double(sorted.count - 1)
    let below = min(Int(place), sorted.count - 1)
    let fraction = place - Double(below)
    return fraction == 0
      ? sorted[below] : sorted[below] + (sorted[min(below + 1, sorted.count - 1)] - sorted[below]) * fraction
  }

  private func check<Scalar: FloatingScalar>(_ values: Tensor<Scalar>, _ name: String) {
    let percentages = [0, 0.01, 15, 37.5, 50, 85, 99.99, 100]
    let all = values.contiguous.scalars.map(\.number)
    for (found, percentage) in zip(percentiles(of: values, at: percentages), percentages) {
      let wanted = expected(all, percentage)
      #expect(found == wanted || (found.isNaN && wanted.isNaN), "\(name), \(percentage) %: \(found), not \(wanted)")
    }
  }

  @Test func everyPercentileIsThatOfTheSortedValues() {
    for count in [1, 2, 5, 4095, 4096, 4097, 300_000] {
      let generator = RandomGenerator(seed: UInt64(count))
      check(Tensor<Float>(randomNormal: [count], generator: generator), "Float \(count)")
      check(Tensor<Double>(randomNormal: [count], generator: generator) * 1e-200, "Double \(count)")
      check(Tensor<Float>(randomNormal: [count], generator: generator).relu(), "zeros \(count)")
    }
    let values = Tensor<Float>(randomNormal: [64, 10, 20], generator: RandomGenerator(seed: 1))
    check(values.permuted([2, 0, 1]), "permuted")
    check(values[0..., 1..<9], "a slice")
    check((values * 3).round(), "many equal ones")
    check(Tensor<Float>(zeros: [5000]) - 2, "one value")
    let special: [Float] = [.nan, -.nan, .infinity, -.infinity, 0, -0, .leastNonzeroMagnitude, -1, 1]
    check(Tensor<Float>((0..<9000).map { special[$0 * 7 % 9] }), "special values")
    check(Tensor<Double>((0..<9000).map { Double(special[$0 * 5 % 9]) }), "special values, Double")
  }

  @Test func aSampleIsWithinOneInAHundred() {
    let count = OrderStatistics.exactLimit + 12_345
    let values = Tensor<Float>(randomNormal: [count], generator: RandomGenerator(seed: 8)) + 3
    let sample = values.sampledForStatistics
    #expect(sample.count == OrderStatistics.sampleCount && values[0..<1000].sampledForStatistics.count == 1000)
    let percentages = [5.0, 15, 50, 85, 95]
    for (found, exact) in zip(percentiles(of: sample, at: percentages), percentiles(of: values, at: percentages)) {
      #expect(abs(found - exact) <= 0.01 * abs(exact), "\(found), exactly \(exact)")
    }
  }

  @Test func flatSharesAreThoseOfComparingEveryValue() {
    let values = Tensor<Double>(randomNormal: [7, 5, 3, 11], generator: RandomGenerator(seed: 2))
    let shapes = [values, values.permuted([1, 0, 3, 2]), values.reshaped(7, 165), values.reshaped(1155)]
    for x in shapes {
      for ends in [Saturation.tanh, .relu, .sigmoid, Saturation(high: -3), Saturation()] {
        var flat = Tensor<Bool>(zeros: x.shape)
        if let low = ends.low { flat = flat .|| (x .<= low) }
        if let high = ends.high { flat = flat .|| (x .>= high) }
        let units = x.rank < 2 ? flat : flat.all(along: (0..<x.rank).filter { $0 != 1 })
        let found = ends.shares(of: x)
        #expect(found.values == Double(flat.countNonZero().item) / Double(flat.count))
        #expect(found.units == Double(units.countNonZero().item) / Double(units.count))
      }
    }
  }
}
