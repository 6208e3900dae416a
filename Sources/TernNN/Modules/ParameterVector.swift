import TernBackend
import TernTensor

extension ParameterSource {
  /// All values in one vector, parameter after parameter in row-major order, as `parameters_to_vector`; a constant.
  ///
  /// - Parameter type: the scalar type of the vector.
  public func parameterVector<Scalar: FloatingScalar>(
    as type: Scalar.Type = Float.self, file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor<Scalar> {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    let parts = parameters.map { $0.value(as: Scalar.self).flattened() }
    return parts.isEmpty ? Tensor(zeros: [0]) : withoutGradients { concatenate(parts) }
  }

  /// Sets all values from one vector, as `vector_to_parameters`; frozen parameters too.
  ///
  /// Stops where the vector has another count than the parameters together.
  public func setParameters<Scalar: FloatingScalar>(
    from vector: Tensor<Scalar>, file: StaticString = #fileID, line: UInt = #line
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    let parameters = parameters
    let counts = parameters.map { $0.count }
    let total = counts.reduce(0, +)
    check(
      vector.shape == [total], "setParameters",
      "a vector of shape \(vector.shape) for \(total) values, expected [\(total)]")
    if parameters.isEmpty { return }
    withoutGradients {
      for (parameter, part) in zip(parameters, vector.detached().split(counts)) {
        let values = part.reshaped(parameter.shape)
        func set(_ parameter: some AnyParameter) { parameter.typed.setConverted(values) }
        set(parameter)
      }
    }
  }

  /// The norm of each gradient by the parameters' names; parameters without one are left out.
  ///
  /// - Parameter order: p of (Σ |g|ᵖ)^(1/p), above 0; infinity is the largest element.
  public func gradientNorms(
    order: Double = 2, file: StaticString = #fileID, line: UInt = #line
  ) -> [(name: String, norm: Double)] {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    check(order > 0, "gradientNorms", "an order of \(order)")
    return namedParameters.compactMap { entry in
      let parameter: any AnyParameter = entry.parameter
      return parameter.gradientNorm(order).map { (entry.name, $0) }
    }
  }

  /// The norm of all gradients together, as `get_total_norm`: (Σ |g|ᵖ)^(1/p); 0 without gradients.
  ///
  /// - Parameter order: p, above 0; infinity is the largest element.
  public func totalGradientNorm(order: Double = 2, file: StaticString = #fileID, line: UInt = #line) -> Double {
    let norms = gradientNorms(order: order, file: file, line: line).map { $0.norm }
    return norms.isEmpty ? 0 : withoutGradients { Tensor(norms).norm(order).item }
  }
}

extension Parameter {
  fileprivate func setConverted<Other: FloatingScalar>(_ values: Tensor<Other>) { value = values.cast(to: Scalar.self) }
}
