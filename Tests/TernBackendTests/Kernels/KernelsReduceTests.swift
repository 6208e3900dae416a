import TernBackend
import Testing

/// The reduction by the definition, in Double.
private func naive(_ kernel: ReductionKernel, _ values: [Double]) -> Double {
  switch kernel {
  case .sum: values.reduce(0, +)
  case .product: values.reduce(1, *)
  case .maximum: values.contains { $0.isNaN } ? .nan : values.max()!
  case .minimum: values.contains { $0.isNaN } ? .nan : values.min()!
  case .sumOfSquares: values.reduce(0) { $0 + $1 * $1 }
  case .sumOfAbsolutes: values.reduce(0) { $0 + abs($1) }
  }
}

/// Holds every reduction of the current level to its definition, over rows and columns of many extents.
func checkReductions() {
  for n in [1, 2, 3, 17, 63, 64, 65, 200, 1000, 5000] {
    for (outer, inner) in [(1, 1), (3, 1), (1, 2), (2, 3), (1, 70), (2, 600)] where n * outer * inner <= 700_000 {
      let x = noise(outer * n * inner, seed: UInt64(n)).map { $0 < 0 ? $0 - 0.25 : $0 + 0.25 }
      let single = x.map { Float($0) }
      for kernel in allKernels(through: ReductionKernel.sumOfAbsolutes) {
        let double = Double.reduce(kernel, outer, n, inner, x, zero: 0)
        let float = Float.reduce(kernel, outer, n, inner, single, zero: 0)
        for o in 0..<outer {
          for i in 0..<inner {
            let exact = naive(kernel, (0..<n).map { x[(o * n + $0) * inner + i] })
            let exactSingle = naive(kernel, (0..<n).map { Double(single[(o * n + $0) * inner + i]) })
            let scale = kernel == .product ? abs(exact) * Double(n) + 1e-300 : Double(n)
            let i = o * inner + i
            let near = abs(double[i] - exact) <= 4e-15 * scale
            let nearSingle = abs(Double(float[i]) - exactSingle) <= 4e-7 * scale + (kernel == .product ? 1e-36 : 0)
            if !near || !nearSingle {
              Issue.record(
                "\(kernel.name) of [\(outer), \(n), \(inner)] at \(i): \(double[i]), \(float[i]) for \(exact)")
              return
            }
          }
        }
      }
    }
  }
}

@Suite("Reductions") struct KernelsReduceTests {
  @Test("every reduction agrees with its definition over rows and columns")
  func definitions() { checkReductions() }

  @Test("nothing to add is 0, nothing to multiply 1")
  func empty() {
    expectSame(Float.reduce(.sum, 2, 0, 1, [], zero: 9), [0, 0])
    expectSame(Float.reduce(.product, 1, 0, 3, [], zero: 9), [1, 1, 1])
    expectSame(Int.reduce(.sum, 0, 5, 1, [], zero: 9), [])
  }

  @Test("four million equal values add up without a drift")
  func accuracy() {
    let n = 4_000_000
    let x = Array(repeating: Float(0.1), count: n)
    let exact = Double(Float(0.1)) * Double(n)
    #expect(abs(Double(Float.reduce(.sum, 1, n, 1, x, zero: 0)[0]) / exact - 1) < 1e-6)
    for column in Float.reduce(.sum, 1, n / 2, 2, x, zero: 0) { #expect(abs(Double(column) * 2 / exact - 1) < 2e-6) }
  }

  @Test("nan and infinities reach the maximum and the minimum", arguments: [1, 5, 100, 3000])
  func extremes(n: Int) {
    for place in Set([0, n / 2, n - 1]) {
      for inner in [1, 3] {
        var x = noise(n * inner).map { Float($0) }
        x[place * inner] = .nan
        #expect(Float.reduce(.maximum, 1, n, inner, x, zero: 0)[0].isNaN)
        #expect(Float.reduce(.minimum, 1, n, inner, x, zero: 0)[0].isNaN)
        x[place * inner] = -.infinity
        #expect(Float.reduce(.minimum, 1, n, inner, x, zero: 0)[0] == -.infinity)
        x = x.map { _ in -.infinity }
        #expect(Float.reduce(.maximum, 1, n, inner, x, zero: 0)[0] == -.infinity)
      }
    }
  }

  @Test("integers add and multiply modulo their width")
  func integers() {
    expectSame(Int32.reduce(.sum, 1, 3, 1, [.max, 1, 1], zero: 0), [.min + 1])
    expectSame(UInt8.reduce(.sum, 2, 2, 1, [200, 100, 1, 2], zero: 0), [44, 3])
    expectSame(Int.reduce(.product, 1, 3, 2, [1, 2, 3, 4, 5, 6], zero: 0), [15, 48])
    expectSame(UInt8.reduce(.maximum, 1, 200, 1, (0..<200).map { UInt8($0) }, zero: 0), [199])
    expectSame(Int32.reduce(.maximum, 1, 3, 2, [-5, .min, -7, .min, -6, .min], zero: 0), [-5, .min])
    expectSame(Int.reduce(.minimum, 1, 1000, 1, (0..<1000).map { ($0 * 7919) % 1000 - 500 }, zero: 0), [-500])
    let many = (0..<100_000).map { Int32($0 % 1000) }
    expectSame(Int32.reduce(.sum, 1, 100_000, 1, many, zero: 0), [49_950_000])
    expectSame(Int32.reduce(.sum, 1, 50_000, 2, many, zero: 0), [24_950_000, 25_000_000])
  }
}
