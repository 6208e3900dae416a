import Foundation
import TernBackend
import Testing

private func run<T: FloatingKernelScalar>(
  _ kernel: (Int, Int, Int, UnsafeMutablePointer<T>, UnsafePointer<T>) -> Void, _ outer: Int, _ n: Int, _ inner: Int,
  _ x: [T], count: Int
) -> [T] {
  var out = Array(repeating: T(7), count: count)
  out.withUnsafeMutableBufferPointer { kernel(outer, n, inner, $0.baseAddress!, x) }
  return out
}

/// Holds softmax and its like, in both layouts, to their definitions in Double.
func checkSoftmax<T: FloatingKernelScalar>(_: T.Type, tolerance: Double) {
  for (outer, n, inner) in [(1, 1, 1), (2, 10, 1), (1, 3000, 1), (2, 10, 3), (1, 5, 300), (1, 700, 2)] {
    let x = noise(outer * n * inner, seed: 5).map { T($0 * 12) }
    let soft = run(T.softmax, outer, n, inner, x, count: x.count)
    let logs = run(T.logSoftmax, outer, n, inner, x, count: x.count)
    let sums = run(T.logSumExp, outer, n, inner, x, count: outer * inner)
    let running = run(T.logCumulativeSumExp, outer, n, inner, x, count: x.count)
    var inPlace = x
    inPlace.withUnsafeMutableBufferPointer { T.softmax(outer, n, inner, $0.baseAddress!, $0.baseAddress!) }
    #expect(inPlace == soft)
    for o in 0..<outer {
      for i in 0..<inner {
        let places = (0..<n).map { (o * n + $0) * inner + i }
        let sum = places.reduce(0) { $0 + exp(Double(x[$1])) }
        #expect(abs(Double(sums[o * inner + i]) - log(sum)) <= tolerance * 12)
        var part = 0.0
        for p in places {
          let exact = exp(Double(x[p])) / sum
          part += exp(Double(x[p]))
          if abs(Double(soft[p]) - exact) > tolerance * exact * (4 - log(exact))
            || abs(Double(logs[p]) - log(exact)) > tolerance * 24
            || abs(Double(running[p]) - log(part)) > tolerance * 12
          {
            Issue.record(
              "\(T.self) [\(outer), \(n), \(inner)] at \(p): \(soft[p]), \(logs[p]), \(running[p]) for \(exact)")
            return
          }
        }
      }
    }
  }
}

@Suite("Softmax kernels") struct KernelsSoftmaxTests {
  @Test("softmax, its logarithm and the logarithms of sums follow their definitions")
  func definitions() {
    checkSoftmax(Float.self, tolerance: 2e-7)
    checkSoftmax(Double.self, tolerance: 4e-15)
  }

  @Test("infinities and nan come out as in PyTorch", arguments: [1, 2])
  func infinities(inner: Int) {
    func first(_ kernel: (Int, Int, Int, UnsafeMutablePointer<Float>, UnsafePointer<Float>) -> Void, _ x: [Float])
      -> [Float]
    {
      let wide = x.flatMap { Array(repeating: $0, count: inner) }
      let out = run(kernel, 1, x.count, inner, wide, count: wide.count)
      return x.indices.map { out[$0 * inner] }
    }
    let infinity = Float.infinity
    #expect(first(Float.softmax, [-infinity, -infinity]).allSatisfy { $0.isNaN })
    #expect(first(Float.logSoftmax, [-infinity, -infinity]).allSatisfy { $0.isNaN })
    #expect(first(Float.softmax, [-infinity, 0]) == [0, 1])
    #expect(first(Float.logSoftmax, [-infinity, 0]) == [-infinity, 0])
    #expect(first(Float.softmax, [infinity, 0])[0].isNaN)
    #expect(first(Float.softmax, [.nan, 0]).allSatisfy { $0.isNaN })
    #expect(first(Float.softmax, [1000, 1000]) == [0.5, 0.5])
    #expect(first(Float.logSumExp, [-infinity, -infinity])[0] == -infinity)
    #expect(first(Float.logSumExp, [infinity, 0])[0] == infinity)
    #expect(first(Float.logSumExp, [infinity, -infinity])[0] == infinity)
    #expect(first(Float.logSumExp, [.nan, infinity])[0].isNaN)
    #expect(first(Float.logCumulativeSumExp, [-infinity, -infinity, 0]) == [-infinity, -infinity, 0])
    #expect(first(Float.logCumulativeSumExp, [0, infinity, 1]) == [0, infinity, infinity])
    #expect(first(Float.logCumulativeSumExp, [-infinity, .nan, 1])[1...].allSatisfy { $0.isNaN })
    let empty = run(Float.logSumExp, 1, 0, inner, [0], count: inner)
    #expect(empty.allSatisfy { $0 == -infinity })
  }
}

@Suite("Moments") struct KernelsMomentsTests {
  private func moments<T: FloatingKernelScalar>(_ outer: Int, _ n: Int, _ inner: Int, _ x: [T])
    -> ([T], [T])
  {
    var mean = Array(repeating: T(7), count: outer * inner)
    var m2 = mean
    mean.withUnsafeMutableBufferPointer { mean in
      m2.withUnsafeMutableBufferPointer { T.moments(outer, n, inner, mean.baseAddress!, $0.baseAddress!, x) }
    }
    return (mean, m2)
  }

  @Test("a mean of ten thousand costs the deviations nothing", arguments: [(1, 1), (2, 1), (1, 3), (2, 200)])
  func cancellation(outer: Int, inner: Int) {
    for n in [1, 2, 63, 64, 65, 1000, 1025, 3000] {
      for offset in [0.0, 1e4, -1e6] {
        let x = noise(outer * n * inner, seed: UInt64(n)).map { Float($0 + offset) }
        let (mean, m2) = moments(outer, n, inner, x)
        let double = moments(outer, n, inner, x.map { Double($0) })
        for o in 0..<outer {
          for i in 0..<inner {
            let values = (0..<n).map { Double(x[(o * n + $0) * inner + i]) }
            let exactMean = values.reduce(0, +) / Double(n)
            let exact = values.reduce(0) { $0 + ($1 - exactMean) * ($1 - exactMean) }
            let place = o * inner + i
            let near = abs(Double(mean[place]) - exactMean) <= 1e-7 * max(abs(exactMean), 1)
            let nearSquares = abs(Double(m2[place]) - exact) <= 2e-6 * exact + 1e-12
            let nearDouble =
              abs(double.1[place] - exact) <= 1e-8 * exact + 1e-12
              && abs(double.0[place] - exactMean) <= 1e-15 * max(abs(exactMean), 1) * 100
            if !near || !nearSquares || !nearDouble {
              Issue.record(
                "[\(outer), \(n), \(inner)] around \(offset): \(mean[place]), \(m2[place]) for \(exactMean), \(exact)")
              return
            }
          }
        }
      }
    }
  }

  @Test("one value far from the rest costs nothing either")
  func outlier() {
    var x = noise(5000).map { Float($0) }
    x[0] = 1e6
    x[2048] = -1e6
    let exactMean = x.reduce(0) { $0 + Double($1) } / 5000
    let exact = x.reduce(0) { $0 + (Double($1) - exactMean) * (Double($1) - exactMean) }
    let (mean, m2) = moments(1, 5000, 1, x)
    #expect(abs(Double(mean[0]) - exactMean) < 1e-7 * (exact / 5000).squareRoot())
    #expect(abs(Double(m2[0]) / exact - 1) < 2e-6)
  }

  @Test("no values have no mean; one value has no deviation; nan stays")
  func edges() {
    #expect(moments(1, 0, 1, [Float(0)]).0[0].isNaN)
    #expect(moments(1, 1, 2, [Float(3), 4]) == ([3, 4], [0, 0]))
    #expect(moments(1, 3, 1, [1, 3, 5]) == ([Float(3)], [8]))
    #expect(moments(1, 3, 1, [1, Double.nan, 5]).0[0].isNaN)
  }
}
