import TernBackend

// The parts of floating-point numbers: sign, significand and exponent.

/// |a| with the sign of b, element by element; the shapes broadcast. Derivative at a: ±1, 0 where a is 0; at b: 0.
public func copySign<Scalar: FloatingScalar>(
  _ a: Tensor<Scalar>, _ b: Tensor<Scalar>, file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  let result = Tensor.mapSpecial("copySign", .copySign, a, b)
  return result.recordedPair(
    "copySign", a, b, firstNeeds: [.first, .second],
    { d in zeroProduct(d.gradient, copySign(Tensor(1), d.input(1).detached()) * d.input(0).sign()) },
    { Tensor(zerosLike: $0.gradient) })
}

/// |a| with the sign of a number, for every element a; see ``copySign(_:_:file:line:)``.
public func copySign<Scalar: FloatingScalar>(
  _ a: Tensor<Scalar>, _ b: Scalar, file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> { copySign(a, Tensor(b), file: file, line: line) }

/// The number next to a on the way to b, element by element; b where they are equal; the shapes broadcast.
///
/// Derivative at a: 1, 0 where they are equal; at b: 0.
public func nextAfter<Scalar: FloatingScalar>(
  _ a: Tensor<Scalar>, _ b: Tensor<Scalar>, file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  let result = Tensor.mapSpecial("nextAfter", .nextAfter, a, b)
  return result.recordedPair(
    "nextAfter", a, b, firstNeeds: [.first, .second],
    { select($0.input(0) .== $0.input(1), 0, $0.gradient) }, { Tensor(zerosLike: $0.gradient) })
}

/// x·2ⁿ, element by element, exact but for what leaves the range; the shapes broadcast. Derivative: 2ⁿ.
public func ldexp<Scalar: FloatingScalar, Exponent: IntegerScalar>(
  _ x: Tensor<Scalar>, _ exponent: Tensor<Exponent>, file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  // Beyond ±5,000 every number is 0 or infinite.
  let bounded = exponent.cast(to: Int.self).clamped(min: -5000, max: 5000)
  let shape = broadcastShape(x.shape, bounded.shape, "ldexp")
  let (a, n) = (x.broadcast(to: shape), bounded.broadcast(to: shape))
  let scaled = a.detached().scaled(by: n)
  return scaled.recorded("ldexp", from: a) { d in d.send(0) { ldexp(d.gradient, n) } }
}

/// x·2ⁿ for every element x; see ``ldexp(_:_:file:line:)``.
public func ldexp<Scalar: FloatingScalar>(
  _ x: Tensor<Scalar>, _ exponent: Int, file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> { ldexp(x, Tensor<Int>(exponent), file: file, line: line) }

extension Tensor where Scalar: FloatingScalar {
  /// x·2ⁿ of tensors of one shape.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  fileprivate func scaled(by exponent: Tensor<Int>) -> Tensor {
    let result = Tensor(uninitialized: layout.forResult)
    let (out, x, n) = (result.mutablePointer, pointer, exponent.pointer)
    let strides = [result.layout.strides, layout.strides, exponent.layout.strides]
    StridedLoop(shape, strides).run { count, offset, step in
      let (target, source, power) = (out + offset[0], x + offset[1], n + offset[2])
      for i in 0..<count {
        target[i * step[0]] = Scalar(
          sign: .plus, exponent: Scalar.Exponent(power[i * step[2]]), significand: source[i * step[1]])
      }
    }
    return result
  }

  /// Mantissas of magnitude ½ to 1 and exponents: x = m·2ⁿ. Of 0, infinities and NaN the mantissa is x, the exponent 0.
  ///
  /// Derivative of the mantissa: 2⁻ⁿ.
  public func frexp() -> (mantissa: Tensor, exponent: Tensor<Int32>) {
    let mantissa = Tensor(uninitialized: layout.forResult)
    let exponent = Tensor<Int32>(uninitialized: mantissa.layout)
    let (out, powers, x) = (mantissa.mutablePointer, exponent.mutablePointer, pointer)
    StridedLoop(shape, [mantissa.layout.strides, layout.strides]).run { n, offset, step in
      Scalar.frexp(n, out + offset[0], step[0], powers + offset[0], step[0], x + offset[1], step[1])
    }
    return (mantissa.recorded("frexp", from: self) { d in d.send(0) { ldexp(d.gradient, -exponent) } }, exponent)
  }
}
