import TernBackend
import Testing

@Suite("Element kernels") struct KernelsElementsTests {
  private static func convert<A: KernelScalar, B: KernelScalar>(_ x: [A], to zero: B) -> [B] {
    var out = Array(repeating: zero, count: x.count)
    out.withUnsafeMutableBufferPointer { A.convert(x.count, $0.baseAddress!, 1, x, 1) }
    return out
  }

  private static func compare<T: KernelScalar>(_ kernel: ComparisonKernel, _ a: [T], _ b: [T]) -> [Bool] {
    var out = Array(repeating: false, count: a.count)
    out.withUnsafeMutableBufferPointer { T.compare(kernel, a.count, $0.baseAddress!, 1, a, 1, b, 1) }
    return out
  }

  private static func predicate<T: KernelScalar>(_ kernel: PredicateKernel, _ x: [T]) -> [Bool] {
    var out = Array(repeating: false, count: x.count)
    out.withUnsafeMutableBufferPointer { T.predicate(kernel, x.count, $0.baseAddress!, 1, x, 1) }
    return out
  }

  @Test("fill and copy reach every element of every layout and no other", arguments: [0, 1, 3, 17, 1000])
  func fillAndCopy(count: Int) {
    let x = (0..<count).map { Int32($0 * 3 - 5) }
    for stride in [1, 2, -1, -3] {
      var filled = Strided<Int32>(count: count, stride: stride, filler: 77)
      filled.write { Int32.fill(count, $0, stride, 5) }
      #expect(filled.values.allSatisfy { $0 == 5 })
      for source in [1, 2, -1, 0] {
        let values = source == 0 ? x.map { _ in x[0] } : x
        let from = source == 0 ? Strided([x.first ?? 0], stride: 1, filler: 0) : Strided(x, stride: source, filler: -9)
        var out = Strided<Int32>(count: count, stride: stride, filler: 77)
        from.read { x in out.write { Int32.copy(count, $0, stride, x, source) } }
        #expect(out.values == values, "strides \(stride) and \(source)")
        #expect(out.storage.indices.allSatisfy { $0 % abs(stride) == 0 || out.storage[$0] == 77 })
      }
    }
  }

  @Test(
    "a block is copied whole between any two layouts",
    arguments: [(1, 1), (3, 70), (65, 33), (40, 129), (16, 16), (33, 300)])
  func blocks(rows: Int, columns: Int) {
    checkBlocks(rows, columns, Float.self)
    checkBlocks(rows, columns, Double.self)
    checkBlocks(rows, columns, Int32.self)
    checkBlocks(rows, columns, UInt8.self)
  }

  private func checkBlocks<T: KernelScalar & Numeric>(_ rows: Int, _ columns: Int, _: T.Type) {
    let x = (0..<rows * columns * 2).map { T(exactly: $0 % 251)! }
    let blank: T = 252
    func check(_ outRow: Int, _ outColumn: Int, _ xRow: Int, _ xColumn: Int) {
      var out = Array(repeating: blank, count: rows * columns * 2)
      out.withUnsafeMutableBufferPointer {
        T.copy2D(rows, columns, $0.baseAddress!, outRow, outColumn, x, xRow, xColumn)
      }
      var expected = Array(repeating: blank, count: rows * columns * 2)
      for r in 0..<rows {
        for c in 0..<columns { expected[r * outRow + c * outColumn] = x[r * xRow + c * xColumn] }
      }
      #expect(out == expected, "\(T.self): \(outRow), \(outColumn) from \(xRow), \(xColumn)")
    }
    check(columns, 1, columns, 1)
    check(columns, 1, 1, rows)
    check(1, rows, columns, 1)
    check(1, rows, 1, rows)
    check(2 * columns, 2, 1, 2 * rows)
    check(1, 2 * rows, 2, 2 * rows)
    check(columns, 1, 0, 1)
    check(columns, 1, 1, 0)
  }

  @Test("comparisons know nan, and logic takes whatever is not zero for true")
  func comparisons() {
    let a: [Float] = [1, 2, .nan, -0.0, 0, .infinity]
    let b: [Float] = [2, 1, .nan, 0, 3, .infinity]
    let t = true
    let f = false
    #expect(Self.compare(.equal, a, b) == [f, f, f, t, f, t])
    #expect(Self.compare(.notEqual, a, b) == [t, t, t, f, t, f])
    #expect(Self.compare(.less, a, b) == [t, f, f, f, t, f])
    #expect(Self.compare(.lessOrEqual, a, b) == [t, f, f, t, t, t])
    #expect(Self.compare(.greater, a, b) == [f, t, f, f, f, f])
    #expect(Self.compare(.greaterOrEqual, a, b) == [f, t, f, t, f, t])
    #expect(Self.compare(.and, a, b) == [t, t, t, f, f, t])
    #expect(Self.compare(.or, a, b) == [t, t, t, f, t, t])
    #expect(Self.compare(.xor, a, b) == [f, f, f, f, t, f])
    #expect(Self.compare(.less, [f, t, f], [t, f, f]) == [t, f, f])
    #expect(Self.compare(.greater, [UInt8(200), 1], [UInt8(100), 2]) == [t, f])
    #expect(Self.compare(.less, [Int.min, 1], [Int.max, 1]) == [t, f])
  }

  @Test("comparisons and selections agree on every layout", arguments: [0, 1, 3, 17, 1000])
  func layouts(count: Int) {
    let a = noise(count)
    let b = noise(count, seed: 4)
    for (so, sa, sb) in [(1, 1, 1), (1, 1, 0), (1, 0, 1), (2, 1, 1), (-1, 2, -1)] {
      let left = sa == 0 ? a.map { _ in a[0] } : a
      let right = sb == 0 ? b.map { _ in b[0] } : b
      let x = sa == 0 ? Strided([a.first ?? 0], stride: 1, filler: 0) : Strided(a, stride: sa, filler: .nan)
      let y = sb == 0 ? Strided([b.first ?? 0], stride: 1, filler: 0) : Strided(b, stride: sb, filler: .nan)
      var less = Strided(count: count, stride: so, filler: false)
      x.read { x in y.read { y in less.write { Double.compare(.less, count, $0, so, x, sa, y, sb) } } }
      #expect(less.values == zip(left, right).map { $0 < $1 }, "strides \(so), \(sa), \(sb)")
      var out = Strided<Double>(count: count, stride: so, filler: 77)
      less.read { condition in
        x.read { x in y.read { y in out.write { Double.select(count, $0, so, condition, so, x, sa, y, sb) } } }
      }
      #expect(out.values == zip(left, right).map { min($0, $1) }, "strides \(so), \(sa), \(sb)")
    }
  }

  @Test("predicates tell nan, infinity and zero apart")
  func predicates() {
    let x: [Double] = [0, -0.0, 1, .nan, .infinity, -.infinity, .greatestFiniteMagnitude]
    #expect(Self.predicate(.isNaN, x) == [false, false, false, true, false, false, false])
    #expect(Self.predicate(.isInfinite, x) == [false, false, false, false, true, true, false])
    #expect(Self.predicate(.isFinite, x) == [true, true, true, false, false, false, true])
    #expect(Self.predicate(.not, x) == [true, true, false, false, false, false, false])
    #expect(Self.predicate(.isNonZero, x) == [false, false, true, true, true, true, true])
    #expect(Self.predicate(.isFinite, [Int.max, 0]) == [true, true])
    #expect(Self.predicate(.isNaN, [UInt8(0)]) == [false])
    #expect(Self.predicate(.not, [true, false]) == [false, true])
  }

  @Test("conversions truncate, saturate and keep what they can")
  func conversions() {
    let x: [Float] = [1.9, -1.9, .nan, .infinity, -.infinity, 3e9, -3e9, 255.5, 0, -0.5]
    expectSame(Self.convert(x, to: Int32(0)), [1, -1, 0, .max, .min, .max, .min, 255, 0, 0])
    expectSame(Self.convert(x, to: 0), [1, -1, 0, .max, .min, 3_000_000_000, -3_000_000_000, 255, 0, 0])
    expectSame(Self.convert(x, to: UInt8(0)), [1, 0, 0, 255, 0, 255, 0, 255, 0, 0])
    expectSame(Self.convert(x, to: false), [true, true, true, true, true, true, true, true, false, true])
    expectSame(
      Self.convert([1e300, -1e300, 9.3e18, 2147483647.5, 1e-300], to: Int32(0)), [.max, .min, .max, .max, 0])
    expectSame(Self.convert([1e300, -1e300, 9.3e18], to: 0), [.max, .min, .max])
    expectSame(Self.convert([0.1, 1e300], to: Float(0)), [0.1, .infinity])
    expectSame(Self.convert([Int.max, -1, 256], to: UInt8(0)), [255, 255, 0])
    expectSame(Self.convert([1 << 40 | 5, -1, 1 << 31], to: Int32(0)), [5, -1, .min])
    expectSame(Self.convert([Int(16_777_217), -3], to: Float(0)), [16_777_216, -3])
    expectSame(Self.convert([true, false], to: Float(7)), [1, 0])
    expectSame(Self.convert([true, false], to: UInt8(7)), [1, 0])
    expectSame(Self.convert([UInt8(255), 3], to: -1), [255, 3])
    expectSame(Self.convert([Int32(-3), 0], to: false), [true, false])
    var out = Array(repeating: Int32(9), count: 7)
    out.withUnsafeMutableBufferPointer { Double.convert(3, $0.baseAddress! + 6, -3, [1.5, 0, 2.5, 0, 3.5], 2) }
    expectSame(out, [3, 9, 9, 2, 9, 9, 1])
  }

  @Test("gathering and scattering follow the index")
  func gatherAndScatter() {
    let x: [Int] = [10, 11, 12, 13, 14, 15]
    var gathered = [0, 0, 0, 0]
    gathered.withUnsafeMutableBufferPointer { Int.gather(4, $0.baseAddress!, x, 2, [2, 0, 1, 2]) }
    #expect(gathered == [14, 10, 12, 14])
    var out = Array(repeating: 0, count: 6)
    out.withUnsafeMutableBufferPointer { Int.scatter(4, $0.baseAddress!, 2, [2, 0, 1, 2], x) }
    #expect(out == [11, 0, 12, 0, 13, 0])
  }
}
