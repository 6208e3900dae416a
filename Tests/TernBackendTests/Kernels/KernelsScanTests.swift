import Foundation
import TernBackend
import Testing

extension NumericKernelScalar {
  static func argReduce(_ kernel: ReductionKernel, _ outer: Int, _ n: Int, _ inner: Int, _ x: [Self]) -> [Int] {
    var out = Array(repeating: -1, count: outer * inner)
    out.withUnsafeMutableBufferPointer { argReduce(kernel, outer, n, inner, $0.baseAddress!, x) }
    return out
  }

  static func scan(_ kernel: ReductionKernel, _ outer: Int, _ n: Int, _ inner: Int, _ x: [Self]) -> ([Self], [Int]) {
    var out = x
    var indices = Array(repeating: -1, count: x.count)
    out.withUnsafeMutableBufferPointer { out in
      indices.withUnsafeMutableBufferPointer { scan(kernel, outer, n, inner, out.baseAddress!, $0.baseAddress!, x) }
    }
    return (out, indices)
  }

  static func sorted(_ x: [Self], stride: Int = 1, descending: Bool) -> ([Self], [Int]) {
    var values = x
    var indices = Array(repeating: -1, count: x.count)
    values.withUnsafeMutableBufferPointer { values in
      indices.withUnsafeMutableBufferPointer {
        sort(x.count, values.baseAddress!, $0.baseAddress!, x, stride, descending: descending)
      }
    }
    return (values, indices)
  }
}

/// A column of values beside columns of zeros.
private func widened(_ x: [Float], _ inner: Int) -> [Float] {
  var wide = Array(repeating: Float(0), count: x.count * inner)
  for i in x.indices { wide[i * inner] = x[i] }
  return wide
}

@Suite("Positions, cumulative kernels and sorting") struct KernelsScanTests {
  private let nan = Float.nan

  @Test("the first extreme wins, and the first nan before all", arguments: [1, 3])
  func positions(inner: Int) {
    func positions(_ kernel: ReductionKernel, _ x: [Float]) -> Int {
      Float.argReduce(kernel, 1, x.count, inner, widened(x, inner))[0]
    }
    #expect(positions(.maximum, [1, 3, 2, 3]) == 1)
    #expect(positions(.minimum, [1, 0, 2, 0]) == 1)
    #expect(positions(.maximum, [1, nan, 9, nan]) == 1)
    #expect(positions(.minimum, [1, nan, -9, nan]) == 1)
    #expect(positions(.maximum, [nan, .infinity]) == 0)
    #expect(positions(.maximum, [-.infinity, -.infinity]) == 0)
    #expect(positions(.minimum, [.infinity]) == 0)
    let long = (0..<1000).map { Float(($0 * 7919) % 1000) }
    #expect(positions(.maximum, long) == long.firstIndex(of: 999))
    #expect(positions(.minimum, long) == 0)
  }

  @Test("positions of integers, row by row and column by column")
  func integerPositions() {
    expectSame(Int32.argReduce(.maximum, 2, 3, 1, [.min, .min, .min, 4, 9, 9]), [0, 1])
    expectSame(Int.argReduce(.minimum, 1, 3, 2, [5, .max, 3, .max, 3, .max]), [1, 0])
    expectSame(UInt8.argReduce(.maximum, 1, 300, 1, (0..<300).map { UInt8($0 % 256) }), [255])
  }

  @Test("cumulative extremes keep the last of equals and stick at nan, as PyTorch's cummax does", arguments: [1, 2])
  func extremes(inner: Int) {
    func scan(_ kernel: ReductionKernel, _ x: [Float]) -> ([Float], [Int]) {
      let wide = widened(x, inner)
      let (values, indices) = Float.scan(kernel, 1, x.count, inner, wide)
      return (x.indices.map { values[$0 * inner] }, x.indices.map { indices[$0 * inner] })
    }
    let rising = scan(.maximum, [1, 3, 2, 3, -1, 4])
    expectSame(rising.0, [1, 3, 3, 3, 3, 4])
    expectSame(rising.1, [0, 1, 1, 3, 3, 5])
    let falling = scan(.minimum, [1, 3, 1, 0, 0, 4])
    expectSame(falling.0, [1, 1, 1, 0, 0, 0])
    expectSame(falling.1, [0, 0, 2, 3, 4, 4])
    let sticking = scan(.maximum, [1, nan, 5, nan, 7])
    #expect(sticking.0[0] == 1 && sticking.0[1...].allSatisfy { $0.isNaN })
    expectSame(sticking.1, [0, 1, 1, 3, 3])
    expectSame(scan(.maximum, [-.infinity, -.infinity]).1, [0, 1])
  }

  @Test("running sums and products, in Double for Float")
  func sums() {
    expectSame(Int32.scan(.sum, 1, 4, 1, [1, 2, 3, 4]).0, [1, 3, 6, 10])
    expectSame(Int.scan(.product, 2, 2, 2, [1, 2, 3, 4, 5, 6, 7, 8]).0, [1, 2, 3, 8, 5, 6, 35, 48])
    expectSame(UInt8.scan(.sum, 1, 3, 1, [200, 100, 1]).0, [200, 44, 45])
    expectSame(Double.scan(.product, 1, 3, 1, [2, .infinity, 0]).0[...1].map { $0 }, [2, .infinity])
    let n = 300_000
    let sums = Float.scan(.sum, 1, n, 1, Array(repeating: 0.1, count: n)).0
    #expect(abs(Double(sums[n - 1]) / (Double(Float(0.1)) * Double(n)) - 1) < 1e-7)
    let columns = Float.scan(.sum, 1, n / 3, 3, Array(repeating: 0.1, count: n)).0
    #expect(columns[n - 1] == sums[n / 3 - 1])
    var alone: [Float] = [1, 2, 3]
    alone.withUnsafeMutableBufferPointer { Float.scan(.sum, 1, 3, 1, $0.baseAddress!, nil, $0.baseAddress!) }
    #expect(alone == [1, 3, 6])
  }

  @Test("a kernel without a cumulative form stops with its name")
  func unavailable() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Float.scan(.sumOfSquares, 1, 1, 1, [1])
    }
    #expect(
      result.map { String(decoding: $0.standardErrorContent, as: UTF8.self).contains("no cumulative form") } == true)
  }

  @Test("scattered additions meet in order, and integers wrap")
  func scatterAdd() {
    var out: [Float] = [1, 0, 0, 0, 0]
    out.withUnsafeMutableBufferPointer {
      Float.scatterReduce(.sum, 4, $0.baseAddress!, 2, [0, 2, 0, 1], [1, 2, 3, 4])
    }
    #expect(out == [5, 0, 4, 0, 2])
    var bytes: [UInt8] = [250]
    bytes.withUnsafeMutableBufferPointer { UInt8.scatterReduce(.sum, 2, $0.baseAddress!, 1, [0, 0], [5, 5]) }
    #expect(bytes == [4])
  }

  @Test(
    "sorting is stable, nan last, and tells where each value was",
    arguments: [0, 1, 2, 15, 17, 100, 200, 1023, 1024, 5000])
  func sorting(n: Int) {
    // Few different values, so that many are equal.
    var x = noise(n).map { Float(($0 * 20).rounded()) }
    for i in stride(from: 3, to: n, by: 50) { x[i] = i % 3 == 0 ? .nan : -0.0 }
    for descending in [false, true] {
      let (values, indices) = Float.sorted(x, descending: descending)
      let expected = (0..<n).sorted {
        let (a, b) = (x[$0], x[$1])
        if a.isNaN || b.isNaN {
          if a.isNaN && b.isNaN { return $0 < $1 }
          return descending ? a.isNaN : b.isNaN
        }
        return a == b ? $0 < $1 : descending ? a > b : a < b
      }
      #expect(indices == expected)
      #expect(zip(values, indices).allSatisfy { identical($0, x[$1]) })
    }
  }

  @Test("every scalar type sorts by its own order")
  func sortingTypes() {
    let doubles = cornerValues(Double.self).filter { !$0.isNaN }
    expectSame(
      Double.sorted(doubles, descending: false).0.map { abs($0) == 0 ? 0 : $0 },
      doubles.sorted().map { abs($0) == 0 ? 0 : $0 })
    let floats = cornerValues(Float.self).filter { !$0.isNaN }
    expectSame(Float.sorted(floats, descending: true).0, floats.sorted(by: >))
    expectSame(Int32.sorted([3, .min, -1, .max, 0], descending: false).0, [.min, -1, 0, 3, .max])
    expectSame(Int.sorted([3, .min, -1, .max, 0], descending: true).0, [.max, 3, 0, -1, .min])
    let integers = (0..<3000).map { ($0 * 7919) % 3001 - 1500 }
    expectSame(Int.sorted(integers, descending: false).0, integers.sorted())
    expectSame(UInt8.sorted([200, 3, 200, 1], descending: true).1, [0, 2, 1, 3])
    var flags = [true, true, true]
    var places = [0, 0, 0]
    flags.withUnsafeMutableBufferPointer { flags in
      places.withUnsafeMutableBufferPointer {
        Bool.sort(
          3, flags.baseAddress!, $0.baseAddress!, [true, false, false, true, true, false], 2, descending: false)
      }
    }
    #expect(flags == [false, true, true] && places == [1, 0, 2])
  }
}
