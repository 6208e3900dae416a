import TernBackend
import Testing

/// Values at which functions have corners: zeros, subnormals, powers, infinities, nan, and a spread between.
func cornerValues<T: BinaryFloatingPoint>(_: T.Type = T.self) -> [T] {
  var values: [T] = [0, 1, 0.5, 2, 3, 6, 10, 20, 50, 88, 100, 700, 1000, .infinity, .leastNonzeroMagnitude]
  values += [.leastNormalMagnitude, .leastNormalMagnitude / 4, .greatestFiniteMagnitude, 1e-6, 1e-3, 0.1, 1e5, 1e30]
  for step in 1...160 { values.append(T(step) * 0.0625 + 0.013) }
  return values + values.map { -$0 } + [.nan]
}

/// The difference of two values in units of the last place of the second; 0 for the same infinity or two nans.
func unitsApart<T: BinaryFloatingPoint>(_ value: T, _ expected: T) -> Double {
  if value.isNaN || expected.isNaN { return value.isNaN && expected.isNaN ? 0 : .infinity }
  if value == expected { return 0 }
  if value.isInfinite || expected.isInfinite { return .infinity }
  return Double(abs(value - expected) / expected.ulp)
}

/// Whether two values are the same bits, or both nan.
func identical<T: BinaryFloatingPoint>(_ a: T, _ b: T) -> Bool { a == b && a.sign == b.sign || a.isNaN && b.isNaN }

/// The kernels of a list, by raw value.
func allKernels<K: RawRepresentable<Int32>>(through last: K) -> [K] { (0...last.rawValue).map { K(rawValue: $0)! } }

/// `n` values of a fixed pseudo-random sequence in −1 ..< 1.
func noise(_ n: Int, seed: UInt64 = 1) -> [Double] {
  var state = seed &* 0x9E37_79B9_7F4A_7C15
  return (0..<n).map { _ in
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Double(Int64(bitPattern: state) >> 11) / 4_503_599_627_370_496
  }
}

/// The values laid out with a stride, the rest filled; `origin` is where element 0 stands.
struct Strided<T> {
  var storage: [T]
  let origin: Int
  let stride: Int
  let count: Int

  init(_ values: [T], stride: Int, filler: T) {
    count = values.count
    self.stride = stride
    let span = max(values.count - 1, 0) * abs(stride) + 1
    origin = stride < 0 ? span - 1 : 0
    storage = Array(repeating: filler, count: span)
    for (i, value) in values.enumerated() { storage[origin + i * stride] = value }
  }

  init(count: Int, stride: Int, filler: T) {
    self.init(Array(repeating: filler, count: count), stride: stride, filler: filler)
  }

  var values: [T] { (0..<count).map { storage[origin + $0 * stride] } }

  func read<R>(_ body: (UnsafePointer<T>) -> R) -> R {
    storage.withUnsafeBufferPointer { body($0.baseAddress! + origin) }
  }

  mutating func write<R>(_ body: (UnsafeMutablePointer<T>) -> R) -> R {
    storage.withUnsafeMutableBufferPointer { body($0.baseAddress! + origin) }
  }
}

extension NumericKernelScalar {
  /// The kernel over an array, contiguous.
  static func unary(_ kernel: UnaryKernel, _ x: [Self], _ p0: Self, _ p1: Self) -> [Self] {
    var out = x
    out.withUnsafeMutableBufferPointer { out in
      x.withUnsafeBufferPointer {
        guard let o = out.baseAddress, let x = $0.baseAddress else { return }
        unary(kernel, out.count, o, 1, x, 1, p0, p1)
      }
    }
    return out
  }

  /// The kernel over two arrays of one length, contiguous.
  static func binary(_ kernel: BinaryKernel, _ a: [Self], _ b: [Self], _ p0: Self) -> [Self] {
    var out = a
    out.withUnsafeMutableBufferPointer { out in
      a.withUnsafeBufferPointer { a in
        b.withUnsafeBufferPointer {
          guard let o = out.baseAddress else { return }
          binary(kernel, out.count, o, 1, a.baseAddress!, 1, $0.baseAddress!, 1, p0)
        }
      }
    }
    return out
  }

  /// The reduction of an array read as [outer, n, inner].
  static func reduce(_ kernel: ReductionKernel, _ outer: Int, _ n: Int, _ inner: Int, _ x: [Self], zero: Self) -> [Self]
  {
    var out = Array(repeating: zero, count: outer * inner)
    out.withUnsafeMutableBufferPointer { out in
      x.withUnsafeBufferPointer {
        guard let o = out.baseAddress else { return }
        withExtendedLifetime(x) {}
        var nothing = zero
        if let x = $0.baseAddress {
          reduce(kernel, outer, n, inner, o, x)
        } else {
          reduce(kernel, outer, n, inner, o, &nothing)
        }
      }
    }
    return out
  }
}

/// Expects two arrays to be the same; apart from `#expect`, so that long literals type-check at once.
func expectSame<T: Equatable>(_ actual: [T], _ expected: [T], _ location: SourceLocation = #_sourceLocation) {
  #expect(actual == expected, sourceLocation: location)
}
