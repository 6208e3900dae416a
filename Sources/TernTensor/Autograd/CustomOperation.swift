import TernBackend

/// An operation with a derivative of your own.
///
/// ```swift
/// let cube = customOperation("cube", x) { $0[0] * $0[0] * $0[0] } backward: { gradient, inputs, _ in
///   [gradient * inputs[0] * inputs[0] * 3]
/// }
/// ```
///
/// - Parameters:
///   - name: for messages.
///   - inputs: what it is computed from.
///   - forward: the result from the inputs, which it sees as constants.
///   - backward: from dL/d(result), the inputs and the result, dL/d(input) for each input, in its shape; `nil` for none.
///     Made of tensor operations it has derivatives itself. It must not capture recorded tensors.
///
/// Stops when `backward` returns another number of gradients, or one of another shape.
public func customOperation<Scalar: FloatingScalar>(
  _ name: StaticString, _ inputs: Tensor<Scalar>...,
  forward: ([Tensor<Scalar>]) throws -> Tensor<Scalar>,
  backward:
    @escaping @Sendable (_ gradient: Tensor<Scalar>, _ inputs: [Tensor<Scalar>], _ result: Tensor<Scalar>) ->
    [Tensor<Scalar>?],
  file: StaticString = #fileID, line: UInt = #line
) rethrows -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  check(inputs.count < 63, "\(name)", "\(inputs.count) inputs are too many")
  let result = try OperationObservers.inside {
    try withoutGradients { try forward(inputs.map { $0.detached() }) }.detached()
  }
  let saving = inputs.indices.reduce(Saving.output) { $0.union(.input($1)) }
  let shapes = inputs.map(\.shape)
  return result.recorded(name, fromAll: inputs, saving: saving, isComposite: true) { d in
    let gradients = backward(d.gradient, shapes.indices.map { d.input($0) }, d.output)
    check(
      gradients.count == shapes.count, "\(name)",
      "backward returned \(gradients.count) gradients for \(shapes.count) inputs")
    for (index, gradient) in gradients.enumerated() {
      guard let gradient else { continue }
      check(
        gradient.shape == shapes[index], "\(name)",
        "backward returned a gradient \(gradient.shape) for input \(index) of shape \(shapes[index])")
      d.send(index) { gradient }
    }
  }
}
