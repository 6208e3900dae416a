import TernTensor

/// The limits at −∞ and ∞ of functions for which PyTorch answers NaN there (∞·0 or ∞/∞ on the way), by operation.
private let limits: [String: (below: Double, above: Double)] = [
  "silu": (0, .infinity), "mish": (0, .infinity), "hardswish": (0, .infinity), "softsign": (-1, 1),
]

/// What a case expects, with a function's limit in the place of a NaN that PyTorch gives for an infinite input.
func withLimits(_ expected: AnyTensor, of operation: String, at input: AnyTensor?) -> AnyTensor {
  guard let (below, above) = limits[operation], let input else { return expected }
  func replaced<Scalar: FloatingScalar>(_ values: Tensor<Scalar>, _ inputs: Tensor<Scalar>) -> Tensor<Scalar> {
    guard values.shape == inputs.shape else { return values }
    let scalars = zip(values.scalars, inputs.scalars).map { value, x in
      value.isNaN && x.isInfinite ? Scalar(x < 0 ? below : above) : value
    }
    return Tensor(scalars, shape: values.shape)
  }
  switch (expected, input) {
  case (.float(let values), .float(let inputs)): return .float(replaced(values, inputs))
  case (.double(let values), .double(let inputs)): return .double(replaced(values, inputs))
  default: return expected
  }
}
