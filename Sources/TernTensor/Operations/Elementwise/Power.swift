import TernBackend

extension Tensor where Scalar: NumericScalar {
  /// xᵖ, element by element; the shapes broadcast.
  ///
  /// Floating-point: NaN for a negative x and a p that is not whole; 0⁰ is 1. Integers wrap; a negative p leaves the
  /// whole part. Derivatives: p·xᵖ⁻¹ at x (0 where p is 0), xᵖ·ln x at p (0 where x is 0 and p is not negative).
  public func pow(_ exponent: Tensor, file: StaticString = #fileID, line: UInt = #line) -> Tensor {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    guard node != nil || exponent.node != nil, Recording.isOn else {
      let result = Tensor.map("pow", .pow, self, exponent)
      if OperationObservers.isListening { OperationObservers.ended("pow", from: [body, exponent.body], result.body) }
      return result
    }
    return powRecorded(exponent)
  }

  /// xᵖ for every element x; of integers with a negative p the whole part, 0 for 0. Derivative: p·xᵖ⁻¹, 0 where p is 0.
  public func pow(_ exponent: Scalar, file: StaticString = #fileID, line: UInt = #line) -> Tensor {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    return unary("pow", .powScalar, exponent) { d in
      if exponent == 0 { return Tensor(zerosLike: d.gradient) }
      if exponent == 1 { return d.gradient }
      return zeroProduct(d.gradient, d.input(0).pow(exponent - 1) * exponent)
    }
  }

  private func powRecorded(_ exponent: Tensor) -> Tensor {
    switch Scalar.dtype {
    case .float32: Tensor(body: power(Tensor<Float>(body: body), Tensor<Float>(body: exponent.body)).body)
    case .float64: Tensor(body: power(Tensor<Double>(body: body), Tensor<Double>(body: exponent.body)).body)
    default: fail("pow", "\(dtype) has no gradients")
    }
  }
}

extension Tensor where Scalar: FloatingScalar {
  // Disfavored, so that 1 / 3 is a third.

  /// xᵖ for every element x and a whole p. Derivative: p·xᵖ⁻¹, 0 where p is 0.
  @_disfavoredOverload
  public func pow(_ exponent: Int, file: StaticString = #fileID, line: UInt = #line) -> Tensor {
    pow(Scalar(exponent), file: file, line: line)
  }
}

extension Tensor<Float> {
  /// xᵖ for every element x, p rounded to `Float`. Derivative: p·xᵖ⁻¹, 0 where p is 0.
  @_disfavoredOverload
  public func pow(_ exponent: Double, file: StaticString = #fileID, line: UInt = #line) -> Tensor {
    pow(Float(exponent), file: file, line: line)
  }
}

/// bᵖ for every element p. Derivative: bᵖ·ln b, 0 where b is 0 and p is not negative.
public func pow<Scalar: NumericScalar>(
  _ base: Scalar, _ exponent: Tensor<Scalar>, file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  return Tensor(base).pow(exponent)
}

/// The recorded power, which needs logarithms.
private func power<Scalar: FloatingScalar>(_ x: Tensor<Scalar>, _ p: Tensor<Scalar>) -> Tensor<Scalar> {
  .combine(
    "pow", .pow, x, p, firstNeeds: [.first, .second], secondNeeds: [.first, .second, .output],
    { d in
      let (x, p) = (d.input(0), d.input(1))
      if d.createGraph { return zeroProduct(d.gradient, powerDerivative(x, p)) }
      return select(p .== 0, 0, zeroProduct(d.gradient, zeroProduct(p, x.pow(p - 1))))
    },
    { d in
      let (x, p) = (d.input(0), d.input(1))
      if d.createGraph { return zeroProduct(d.gradient, powerGrowth(x, p)) }
      return select((x .== 0) .&& (p .>= 0), 0, zeroProduct(d.gradient, zeroProduct(d.output, x.log())))
    })
}

// The derivatives of a power, whose own ones are products of one infinite factor: a sum of two would be ∞ − ∞ at 0.

/// p·xᵖ⁻¹, 0 where p is 0. Derivatives: p·(p − 1)·xᵖ⁻² and `mixedDerivative`.
private func powerDerivative<Scalar: FloatingScalar>(_ x: Tensor<Scalar>, _ p: Tensor<Scalar>) -> Tensor<Scalar> {
  let (xShape, pShape) = (x.shape, p.shape)
  return withoutGradients { () -> Tensor<Scalar> in
    let (x, p) = (x.detached(), p.detached())
    return select(p .== 0, 0, zeroProduct(p, x.pow(p - 1)))
  }
  .recorded("pow", from: x, p, saving: [.first, .second]) { d in
    let (x, p) = (d.input(0), d.input(1))
    d.send(0) { zeroProduct(d.gradient, zeroProduct(p * (p - 1), x.pow(p - 2))).summed(to: xShape) }
    d.send(1) { zeroProduct(d.gradient, mixedDerivative(x, p)).summed(to: pShape) }
  }
}

/// xᵖ·ln x, 0 where x is 0 and p is not negative. Derivatives: `mixedDerivative` and xᵖ·ln² x, 0 where this is.
private func powerGrowth<Scalar: FloatingScalar>(_ x: Tensor<Scalar>, _ p: Tensor<Scalar>) -> Tensor<Scalar> {
  let (xShape, pShape) = (x.shape, p.shape)
  let isFlat = withoutGradients { (x.detached() .== 0) .&& (p.detached() .>= 0) }
  return withoutGradients { () -> Tensor<Scalar> in
    let (x, p) = (x.detached(), p.detached())
    return select(isFlat, 0, zeroProduct(x.pow(p), x.log()))
  }
  .recorded("pow", from: x, p, saving: [.first, .second]) { d in
    let (x, p) = (d.input(0), d.input(1))
    d.send(0) { zeroProduct(d.gradient, mixedDerivative(x, p)).summed(to: xShape) }
    d.send(1) {
      select(isFlat, 0, zeroProduct(d.gradient, zeroProduct(x.pow(p), x.log().square()))).summed(to: pShape)
    }
  }
}

/// xᵖ⁻¹·(1 + p·ln x); where x is 0, −∞ for a p between 0 and 1, ∞ for one below 0 and 0 for others.
private func mixedDerivative<Scalar: FloatingScalar>(_ x: Tensor<Scalar>, _ p: Tensor<Scalar>) -> Tensor<Scalar> {
  let isFlat = (x .== 0) .&& ((p .== 0) .|| (p .>= 1))
  return select(isFlat, 0, zeroProduct(zeroProduct(p, x.log()) + 1, x.pow(p - 1)))
}
