import TernBackend

// Piecewise linear activations. At a kink the derivative is PyTorch's, as each says.

extension Tensor where Scalar: NumericScalar {
  /// max(x, 0); NaN stays. Derivative: 1 above 0, 0 elsewhere.
  public func relu() -> Tensor {
    unary("relu", .relu, saving: .output) { $0.gradient(before: .relu) }
  }
}

extension Tensor where Scalar: FloatingScalar {
  /// x above 0, slope·x elsewhere. Derivative: 1 above 0, the slope elsewhere.
  public func leakyReLU(slope: Scalar = 0.01) -> Tensor {
    unary("leakyReLU", .leakyReLU, slope) { d in
      if d.createGraph { return select(d.input(0) .> 0, d.gradient, zeroProduct(d.gradient, Tensor(slope))) }
      return .map("leakyReLU", .leakyReLUGrad, d.gradient, d.input(0), slope)
    }
  }

  /// min(max(x, 0), 6). Derivative: 1 between 0 and 6, 0 elsewhere and at both.
  public func relu6() -> Tensor { clamp("relu6", .relu6, 0, 6) }

  /// min(max(x, low), high). Derivative: 1 between the two, 0 elsewhere and at both.
  ///
  /// Unlike ``clamped(min:max:file:line:)``, the bounds themselves pass no gradient. Stops where low is above high.
  public func hardTanh(min low: Scalar = -1, max high: Scalar = 1, file: StaticString = #fileID, line: UInt = #line)
    -> Tensor
  {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    check(low <= high, "hardTanh", "minimum \(low) and maximum \(high), expected minimum ≤ maximum")
    return clamp("hardTanh", .hardTanh, low, high)
  }

  private func clamp(_ name: StaticString, _ kernel: UnaryKernel, _ low: Scalar, _ high: Scalar) -> Tensor {
    unary(name, kernel, low, high) { d in
      if !d.createGraph { return .map("\(name)", .hardTanhGrad, d.gradient, d.input(0), d.input(0), low, high) }
      return select((d.input(0) .> low) .&& (d.input(0) .< high), d.gradient, 0)
    }
  }

  /// min(max(x + 3, 0), 6)/6. Derivative: 1/6 between −3 and 3, 0 elsewhere and at both.
  ///
  /// The sixth of the derivative is Float's in Double too, as it is in PyTorch: 3·10⁻⁸ above.
  public func hardSigmoid() -> Tensor {
    unary("hardSigmoid", .hardSigmoid) { d in
      if !d.createGraph { return .map("hardSigmoid", .hardSigmoidGrad, d.gradient, d.input(0)) }
      return select((d.input(0) .> -3) .&& (d.input(0) .< 3), d.gradient * Scalar(Float(1) / 6), 0)
    }
  }

  /// x·min(max(x + 3, 0), 6)/6. Derivative: 0 up to −3, x/3 + ½ up to 3, 1 from there.
  public func hardSwish() -> Tensor {
    unary("hardSwish", .hardSwish) { d in
      if !d.createGraph { return .map("hardSwish", .hardSwishGrad, d.gradient, d.input(0)) }
      let x = d.input(0)
      return zeroProduct(d.gradient, select(x .<= -3, 0, select(x .>= 3, 1, x / 3 + 0.5)))
    }
  }

  /// x where it is above the threshold, `value` elsewhere. Derivative: 1 above the threshold, 0 elsewhere.
  public func thresholded(at threshold: Scalar, value: Scalar) -> Tensor {
    unary("thresholded", .threshold, threshold, value) { d in select(d.input(0) .<= threshold, 0, d.gradient) }
  }

  /// x where |x| > λ, 0 elsewhere; x itself for a negative λ. Derivative: 1 where |x| > λ, 0 elsewhere. Stops for NaN as λ.
  public func hardShrink(lambda: Scalar = 0.5, file: StaticString = #fileID, line: UInt = #line) -> Tensor {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    check(!lambda.isNaN, "hardShrink", "lambda is \(lambda), expected a number")
    if OperationObservers.isListening { return select(detached().abs() .<= lambda, 0, self) }
    return shrunk("hardShrink", .hardShrink, lambda)
  }

  /// sign(x)·max(|x| − λ, 0). Derivative: 1 where |x| > λ, 0 elsewhere. Stops for a λ below 0 and for NaN.
  public func softShrink(lambda: Scalar = 0.5, file: StaticString = #fileID, line: UInt = #line) -> Tensor {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    check(lambda >= 0, "softShrink", "lambda is \(lambda), expected at least 0")
    if OperationObservers.isListening { return self - clamped(min: -lambda, max: lambda) }
    return shrunk("softShrink", .softShrink, lambda)
  }

  /// What is 0 where |x| ≤ λ, and rises by 1 elsewhere.
  private func shrunk(_ name: StaticString, _ kernel: UnaryKernel, _ lambda: Scalar) -> Tensor {
    unary(name, kernel, lambda) { d in
      if !d.createGraph { return .map("\(name)", .shrinkGrad, d.gradient, d.input(0), lambda) }
      return select(d.input(0).detached().abs() .<= lambda, 0, d.gradient)
    }
  }

  /// x/(1 + |x|), whose limits are ±1. Derivative: 1/(1 + |x|)².
  public func softSign() -> Tensor {
    unary("softSign", .softSign) { d in
      if !d.createGraph { return .map("softSign", .softSignGrad, d.gradient, d.input(0)) }
      let derivative = (d.input(0).abs() + 1).reciprocal()
      return zeroProduct(zeroProduct(d.gradient, derivative), derivative)
    }
  }
}
