import TernBackend

// Activations made of exponentials. All are written so that nothing overflows on the way.

/// Which formula ``Tensor/gelu(approximate:)`` takes.
public enum GELUApproximation: Sendable {
  /// x·Φ(x), with the normal distribution itself.
  case none
  /// ½x·(1 + tanh(√(2/π)·(x + 0.044715x³))).
  case tanh
}

extension Tensor where Scalar: FloatingScalar {
  /// The logistic function 1/(1+e⁻ˣ). Derivative: y·(1−y).
  public func sigmoid() -> Tensor {
    unary("sigmoid", .sigmoid, saving: .output) { d in
      if d.createGraph { return zeroProduct(d.gradient, d.output * (1 - d.output)) }
      return .map("sigmoid", .sigmoidGrad, d.gradient, d.output)
    }
  }

  /// ln(1/(1+e⁻ˣ)). Derivative: 1/(1+eˣ).
  public func logSigmoid() -> Tensor {
    unary("logSigmoid", .logSigmoid) { d in
      if !d.createGraph { return .map("logSigmoid", .logSigmoidGrad, d.gradient, d.input(0)) }
      return zeroProduct(d.gradient, (-d.input(0)).sigmoid())
    }
  }

  /// x − tanh x, without cancellation near 0. Derivative: tanh² x.
  public func tanhShrink() -> Tensor {
    unary("tanhShrink", .tanhShrink) { d in zeroProduct(d.gradient, d.input(0).tanh().square()) }
  }

  /// ln(1+e^(βx))/β, and x itself where βx is above the threshold. Derivative: 1/(1+e^(−βx)), 1 above the threshold.
  public func softplus(beta: Scalar = 1, threshold: Scalar = 20) -> Tensor {
    unary("softplus", .softplus, beta, threshold) { d in
      let scaled = d.input(0) * beta
      return zeroProduct(d.gradient, select(scaled .> threshold, 1, scaled.sigmoid()))
    }
  }

  /// x above 0, α·(eˣ−1) elsewhere. Derivative: 1 above 0, α·eˣ elsewhere.
  ///
  /// Clevert, Unterthiner, Hochreiter: Fast and Accurate Deep Network Learning by Exponential Linear Units, 2015.
  public func elu(alpha: Scalar = 1) -> Tensor {
    unary("elu", .elu, alpha) { d in
      if !d.createGraph { return .map("elu", .eluGrad, d.gradient, d.input(0), alpha) }
      return zeroProduct(d.gradient, d.input(0).exponentialLinearDerivative(1, alpha, 1))
    }
  }

  /// λx above 0, λα·(eˣ−1) elsewhere, with λ ≈ 1.0507 and α ≈ 1.6733. Derivative: λ above 0, λα·eˣ elsewhere.
  ///
  /// Klambauer, Unterthiner, Mayr, Hochreiter: Self-Normalizing Neural Networks, 2017.
  public func selu() -> Tensor {
    unary("selu", .selu) { d in
      if !d.createGraph { return .map("selu", .seluGrad, d.gradient, d.input(0)) }
      let scale: Scalar = 1.0507009873554804934193349852946
      let alpha: Scalar = 1.6732632423543772848170429916717
      return zeroProduct(d.gradient, d.input(0).exponentialLinearDerivative(scale, scale * alpha, 1))
    }
  }

  /// x above 0, α·(e^(x/α)−1) elsewhere. Derivative: 1 above 0, e^(x/α) elsewhere.
  ///
  /// Stops when α is 0.
  public func celu(alpha: Scalar = 1, file: StaticString = #fileID, line: UInt = #line) -> Tensor {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    check(alpha != 0, "celu", "alpha is 0")
    return unary("celu", .celu, alpha) { d in
      if !d.createGraph { return .map("celu", .celuGrad, d.gradient, d.input(0), alpha) }
      return zeroProduct(d.gradient, d.input(0).exponentialLinearDerivative(1, 1, alpha))
    }
  }

  /// `above` where x is above 0, `factor`·e^(x/scale) elsewhere; nothing overflows where it is not chosen.
  private func exponentialLinearDerivative(_ above: Scalar, _ factor: Scalar, _ scale: Scalar) -> Tensor {
    // The second derivative at 0 is that from above, 0.
    let negative = select(self .>= 0, 0, self)
    let power = (scale == 1 ? negative : negative / scale).exp()
    return select(self .> 0, above, factor == 1 ? power : power * factor)
  }

  /// x·Φ(x) with the distribution function Φ of the normal distribution, or its approximation by tanh.
  ///
  /// Derivative: Φ(x) + x·φ(x), or that of the approximation. Hendrycks, Gimpel: Gaussian Error Linear Units, 2016.
  public func gelu(approximate: GELUApproximation = .none) -> Tensor {
    switch approximate {
    case .none:
      unary("gelu", .gelu, saving: [.first, .asOperands]) { d in
        if !d.createGraph { return d.mapWithInput("gelu", .geluGrad) }
        let x = d.input(0).beforeFlat
        let distribution = (x * -0.707106781186547524401).erfc() * 0.5
        let density = (x.square() * -0.5).exp() * 0.398942280401432677940
        return zeroProduct(d.gradient, distribution + x * density)
      }
    case .tanh:
      // ½(1 + tanh u) is the logistic function of 2u.
      unary("gelu", .geluTanh, saving: [.first, .asOperands]) { d in
        if !d.createGraph { return d.mapWithInput("gelu", .geluTanhGrad) }
        let x = d.input(0).beforeFlat
        let square = x.square()
        let gate = (x * (square * 0.0713548162726002527220 + 1.59576912160573071176)).sigmoid()
        let derivative = square * 0.214064448817800758166 + 1.59576912160573071176
        return zeroProduct(d.gradient, gate + x * (gate * (1 - gate)) * derivative)
      }
    }
  }

  /// What activations are flat or straight beyond: the value within ±1000, so that derivatives are those there.
  private var beforeFlat: Tensor { clamped(min: -1000, max: 1000) }

  /// x/(1+e⁻ˣ), also called swish. Derivative: s + x·s·(1−s) with s = 1/(1+e⁻ˣ).
  public func silu() -> Tensor {
    unary("silu", .silu, saving: [.first, .asOperands]) { d in
      if !d.createGraph { return d.mapWithInput("silu", .siluGrad) }
      let x = d.input(0).beforeFlat
      let gate = x.sigmoid()
      return zeroProduct(d.gradient, gate * (x * (1 - gate) + 1))
    }
  }

  /// x·tanh(ln(1+eˣ)). Derivative: t + x·s·(1−t²) with t the tanh and s = 1/(1+e⁻ˣ).
  ///
  /// Misra: Mish: A Self Regularized Non-Monotonic Activation Function, 2019.
  public func mish() -> Tensor {
    unary("mish", .mish, saving: [.first, .asOperands]) { d in
      if !d.createGraph { return d.mapWithInput("mish", .mishGrad) }
      let x = d.input(0).beforeFlat
      let gate = x.softplus().tanh()
      return zeroProduct(d.gradient, gate + x * (x.sigmoid() * (1 - gate.square())))
    }
  }

  /// The first half of an axis times the logistic function of the second: a·σ(b).
  ///
  /// Stops when the extent of the axis is odd. Dauphin, Fan, Auli, Grangier: Language Modeling with Gated Convolutional
  /// Networks, 2016.
  public func glu(axis: Int = -1, file: StaticString = #fileID, line: UInt = #line) -> Tensor {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    let axis = resolve(axis: axis, rank: rank, "glu")
    check(shape[axis] % 2 == 0, "glu", "axis \(axis) of \(shape) cannot be halved")
    let half = shape[axis] / 2
    @Sendable func halves(_ x: Tensor) -> (value: Tensor, gate: Tensor) {
      (x.narrowed(axis: axis, start: 0, length: half), x.narrowed(axis: axis, start: half, length: half))
    }
    @Sendable func composed(_ x: Tensor) -> Tensor {
      let (value, gate) = halves(x)
      return zeroProduct(value, gate.sigmoid())
    }
    if OperationObservers.isListening { return composed(self) }
    let (value, gate) = halves(detached())
    return Tensor.map("glu", .glu, value, gate).recorded("glu", from: self, saving: .first) { d in
      if d.createGraph { return sendComposedGradients(d) { composed($0[0]) } }
      d.send(0) { d.input(0).detached().gluGradient(d.gradient.detached(), axis: axis) }
    }
  }

  /// g·σ(gate) beside g·value·σ′(gate), the halves of x along an axis being value and gate.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private func gluGradient(_ g: Tensor, axis: Int) -> Tensor {
    let result = Tensor(uninitialized: layout.forResult)
    let (strides, half) = (result.layout.strides, g.shape[axis])
    let (toGate, ofGate) = (half * strides[axis], half * layout.strides[axis])
    let (out, x, gradient) = (result.mutablePointer, pointer, g.pointer)
    StridedLoop(g.shape, [strides, g.layout.strides, layout.strides]).run { n, at, step in
      let (target, from, value) = (out + at[0], gradient + at[1], x + at[2])
      Scalar.binary(.glu, n, target, step[0], from, step[1], value + ofGate, step[2], 1)
      Scalar.ternary(
        .gluGrad, n, target + toGate, step[0], from, step[1], value, step[2], value + ofGate, step[2], 1, 0)
    }
    return result
  }
}
