import TernTensor

/// Runs one case in the precision of its tensors and compares results and gradients.
struct CaseRunner<Scalar: FloatingScalar> {
  let family: any ConformanceFamily.Type
  let manifest: Manifest
  let test: ConformanceCase

  /// What does not agree, a line each; empty when the case passes.
  func disagreements() throws -> [String] {
    var inputs = try manifest.tensors(test.inputs)
    var variables: [Int: Tensor<Scalar>] = [:]
    for index in inputs.indices where index < test.gradients?.count ?? 0 && test.gradients?[index] != nil {
      guard let input: Tensor<Scalar> = inputs[index]?.typed() else { continue }
      let variable = input.asVariable()
      variables[index] = variable
      inputs[index] = AnyTensor(variable)
    }
    let outputs = try family.run(
      Arguments<Scalar>(operation: test.operation, attributes: test.attributes, inputs: inputs))
    var lines = try compare("output", outputs, test.outputs)
    guard let expected = test.gradients, let cotangents = test.cotangents, lines.isEmpty else { return lines }

    let loss = weightedSum(outputs, try manifest.tensors(cotangents))
    let order = variables.keys.sorted()
    let needsSecond = test.secondGradients != nil
    let first = differentiate(loss, order.map { variables[$0]! }, createGraph: needsSecond)
    lines += try compare("gradient", spread(first, order, expected.count), expected)

    if let tangents = test.tangents, let second = test.secondGradients {
      let derivatives = spread(first, order, expected.count)
      let sum = weightedSum(derivatives, try manifest.tensors(tangents))
      let curvatures = differentiate(sum, order.map { variables[$0]! }, createGraph: false)
      lines += try compare("second order", spread(curvatures, order, expected.count), second)
    }
    return lines
  }

  /// Σ ⟨tensor, weight⟩ over those that have a weight.
  private func weightedSum(_ tensors: [AnyTensor?], _ weights: [AnyTensor?]) -> Tensor<Scalar>? {
    var sum: Tensor<Scalar>?
    for (tensor, weight) in zip(tensors, weights) {
      guard let tensor: Tensor<Scalar> = tensor?.typed(), let weight: Tensor<Scalar> = weight?.typed() else { continue }
      let product = (tensor * weight).sum()
      sum = sum.map { $0 + product } ?? product
    }
    return sum
  }

  /// Gradients at the variables; zeros where nothing depends on them.
  private func differentiate(
    _ sum: Tensor<Scalar>?, _ variables: [Tensor<Scalar>], createGraph: Bool
  ) -> [Tensor<Scalar>] {
    guard let sum, sum.requiresGradient else { return variables.map { Tensor(zeros: $0.shape) } }
    return gradients(of: sum, at: variables, createGraph: createGraph)
  }

  private func spread(_ tensors: [Tensor<Scalar>], _ places: [Int], _ count: Int) -> [AnyTensor?] {
    var list = [AnyTensor?](repeating: nil, count: count)
    for (tensor, place) in zip(tensors, places) { list[place] = AnyTensor(tensor) }
    return list
  }

  private func compare(
    _ what: String, _ actual: [AnyTensor?], _ expected: [TensorReference?]
  ) throws -> [String] {
    if actual.count != expected.count {
      return ["\(actual.count) \(what)s, expected \(expected.count)"]
    }
    var lines: [String] = []
    for (index, reference) in expected.enumerated() {
      guard let reference else { continue }
      guard let tensor = actual[index] else {
        lines.append("\(what) \(index) is missing")
        continue
      }
      var wanted = try manifest.tensor(reference)
      if what == "output" {
        let input = try test.inputs.first.flatMap { $0 }.map(manifest.tensor)
        wanted = withLimits(wanted, of: test.operation, at: input)
      }
      if let problem = test.tolerance.disagreement(tensor, wanted) {
        lines.append("\(what) \(index) \(problem)")
      }
    }
    return lines
  }
}

extension CaseRunner where Scalar == Double {
  /// Runs a case in single precision where its tensors are, else in double precision.
  static func run(
    _ test: ConformanceCase, of manifest: Manifest, _ family: any ConformanceFamily.Type
  ) throws -> [String] {
    let tensors = try manifest.tensors(test.inputs) + manifest.tensors(test.outputs)
    if tensors.contains(where: { $0?.dtype == .float32 }) {
      return try CaseRunner<Float>(family: family, manifest: manifest, test: test).disagreements()
    }
    return try CaseRunner<Double>(family: family, manifest: manifest, test: test).disagreements()
  }
}
