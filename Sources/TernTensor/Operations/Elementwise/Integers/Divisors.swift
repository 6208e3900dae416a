import TernBackend

/// The greatest common divisor of elements, not negative; 0 of two zeros; the shapes broadcast.
///
/// What is the magnitude of the least number alone wraps to it.
@specialized(where Scalar == Int)
@specialized(where Scalar == Int32)
@specialized(where Scalar == UInt8)
public func gcd<Scalar: IntegerScalar>(
  _ a: Tensor<Scalar>, _ b: Tensor<Scalar>, file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  return .mapPairs(a, b, to: Scalar.self, "gcd") { Scalar(truncatingIfNeeded: divisor($0, $1)) }
}

/// The greatest common divisors of elements and a number; see ``gcd(_:_:file:line:)``.
public func gcd<Scalar: IntegerScalar>(
  _ a: Tensor<Scalar>, _ b: Scalar, file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> { gcd(a, Tensor(b), file: file, line: line) }

/// The least common multiple of elements, not negative; 0 where either is; wraps; the shapes broadcast.
@specialized(where Scalar == Int)
@specialized(where Scalar == Int32)
@specialized(where Scalar == UInt8)
public func lcm<Scalar: IntegerScalar>(
  _ a: Tensor<Scalar>, _ b: Tensor<Scalar>, file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  return .mapPairs(a, b, to: Scalar.self, "lcm") { a, b in
    let common = divisor(a, b)
    if common == 0 { return 0 }
    let multiple = Scalar(truncatingIfNeeded: a.magnitude / common &* b.magnitude)
    return multiple < 0 ? 0 &- multiple : multiple
  }
}

/// The least common multiples of elements and a number; see ``lcm(_:_:file:line:)``.
public func lcm<Scalar: IntegerScalar>(
  _ a: Tensor<Scalar>, _ b: Scalar, file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> { lcm(a, Tensor(b), file: file, line: line) }

/// Stein's algorithm: shifts and differences.
@inline(__always)
private func divisor<Scalar: IntegerScalar>(_ a: Scalar, _ b: Scalar) -> Scalar.Magnitude {
  var (x, y) = (a.magnitude, b.magnitude)
  if x == 0 { return y }
  if y == 0 { return x }
  let shift = Swift.min(x.trailingZeroBitCount, y.trailingZeroBitCount)
  x >>= Scalar.Magnitude(x.trailingZeroBitCount)
  while y != 0 {
    y >>= Scalar.Magnitude(y.trailingZeroBitCount)
    if x > y { swap(&x, &y) }
    y -= x
  }
  return x << Scalar.Magnitude(shift)
}
