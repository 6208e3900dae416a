import TernBackend

// Steps, maxima beside NaN, and angles.

/// 0 below 0, `value` at 0, 1 above; 0 for NaN; the shapes broadcast. Derivatives: 0 at x, 1 at `value` where x is 0.
public func heaviside<Scalar: NumericScalar>(
  _ x: Tensor<Scalar>, _ value: Tensor<Scalar>, file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  let step: Tensor<Scalar> = withoutGradients { (x .> 0).cast(to: Scalar.self) }
  return select(x .== 0, value, step)
}

/// 0 below 0, a number at 0, 1 above; see ``heaviside(_:_:file:line:)``.
public func heaviside<Scalar: NumericScalar>(
  _ x: Tensor<Scalar>, _ value: Scalar, file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> { heaviside(x, Tensor(value), file: file, line: line) }

/// The greater of a and b; where one is NaN the other; the shapes broadcast. The gradient goes to the greater one, to a
/// where they are equal.
///
/// See ``maximum(_:_:file:line:)`` for NaN that stays.
public func fmax<Scalar: NumericScalar>(
  _ a: Tensor<Scalar>, _ b: Tensor<Scalar>, file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  return select((a .>= b) .|| b.isNaN(), a, b)
}

/// The smaller of a and b; where one is NaN the other; the shapes broadcast. The gradient goes to the smaller one, to a
/// where they are equal.
///
/// See ``minimum(_:_:file:line:)`` for NaN that stays.
public func fmin<Scalar: NumericScalar>(
  _ a: Tensor<Scalar>, _ b: Tensor<Scalar>, file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  return select((a .<= b) .|| b.isNaN(), a, b)
}

extension Tensor where Scalar: FloatingScalar {
  /// Degrees as radians: x·π/180. Derivative: π/180.
  public func radiansFromDegrees() -> Tensor { self * 0.0174532925199432957692 }

  /// Radians as degrees: x·180/π. Derivative: 180/π.
  public func degreesFromRadians() -> Tensor { self * 57.2957795130823208768 }

  /// The angle of a real number as one of the complex plane: π below 0, 0 elsewhere, NaN for NaN. Derivative: 0.
  public func angle() -> Tensor {
    map(.angle).recorded("angle", from: self) { d in d.send(0) { Tensor(zerosLike: d.gradient) } }
  }
}
