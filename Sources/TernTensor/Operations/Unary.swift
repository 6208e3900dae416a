import TernBackend

// What every elementwise function of one tensor shares, and the powers and exponentials the rest is written with.

extension Tensor where Scalar: FloatingScalar {
  /// A recorded function of every element.
  ///
  /// - Parameter derivative: dL/dx from what was saved.
  package func unary(
    _ name: StaticString, _ kernel: UnaryKernel, _ p0: Scalar = 0, _ p1: Scalar = 0, saving: Saving = .first,
    _ derivative: @escaping @Sendable (Derivation<Scalar>) -> Tensor
  ) -> Tensor {
    map(kernel, p0, p1).recorded(name, from: self, saving: saving) { d in d.send(0) { derivative(d) } }
  }

  /// eˣ. Derivative: eˣ.
  public func exp() -> Tensor { unary("exp", .exp, saving: .output) { $0.gradient * $0.output } }

  /// The natural logarithm; −∞ at 0, NaN below. Derivative: 1/x.
  public func log() -> Tensor { unary("log", .log) { $0.gradient / $0.input(0) } }

  /// √x; NaN below 0. Derivative: 1/(2√x).
  public func sqrt() -> Tensor { unary("sqrt", .sqrt, saving: .output) { $0.gradient / ($0.output * 2) } }

  /// 1/x. Derivative: −1/x².
  public func reciprocal() -> Tensor {
    unary("reciprocal", .reciprocal, saving: .output) { -($0.gradient * $0.output * $0.output) }
  }

  /// The hyperbolic tangent. Derivative: 1 − tanh²x.
  public func tanh() -> Tensor {
    unary("tanh", .tanh, saving: .output) { d in
      if d.createGraph { return d.gradient * (1 - d.output * d.output) }
      return .map("tanh", .tanhGrad, d.gradient, d.output)
    }
  }

  /// The logistic function 1/(1+e⁻ˣ). Derivative: y·(1−y).
  public func sigmoid() -> Tensor {
    unary("sigmoid", .sigmoid, saving: .output) { d in
      if d.createGraph { return d.gradient * d.output * (1 - d.output) }
      return .map("sigmoid", .sigmoidGrad, d.gradient, d.output)
    }
  }

  /// max(x, 0); NaN stays. Derivative: 1 above 0, 0 elsewhere.
  public func relu() -> Tensor {
    unary("relu", .relu, saving: .output) { d in
      if d.createGraph { return d.gradient * (d.output .> 0).cast(to: Scalar.self) }
      return .map("relu", .reluGrad, d.gradient, d.output)
    }
  }
}
