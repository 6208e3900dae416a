import TernBackend

/// The values of a function of several tensors, and what takes gradients of them back to the inputs, as `torch.func.vjp`.
///
/// ```swift
/// let (y, pullback) = vjp(at: [x, w]) { [matmul($0[0], $0[1])] }
/// let gradients = pullback([Tensor(ones: y[0].shape)])
/// ```
///
/// The pullback computes uᵀ·J for gradients u of the results, in the shapes of the inputs, any number of times.
///
/// - Parameters:
///   - points: the inputs; what they are recorded for is left out.
///   - function: the results from the inputs.
/// - Returns: the results, as constants, and the pullback.
public func vjp<Scalar: FloatingScalar>(
  at points: [Tensor<Scalar>], of function: ([Tensor<Scalar>]) throws -> [Tensor<Scalar>],
  file: StaticString = #fileID, line: UInt = #line
) rethrows -> (values: [Tensor<Scalar>], pullback: ([Tensor<Scalar>]) -> [Tensor<Scalar>]) {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  let inputs = points.map { $0.detached().asVariable() }
  let results = try withGradients { try function(inputs) }
  return (
    results.map { $0.detached() },
    { cotangents in pulledBack("vjp", results, to: inputs, cotangents, createGraph: false) }
  )
}

/// The value of a function of one tensor, and what takes a gradient of it back to the input, see ``vjp(at:of:file:line:)``.
public func vjp<Scalar: FloatingScalar>(
  at point: Tensor<Scalar>, of function: (Tensor<Scalar>) throws -> Tensor<Scalar>,
  file: StaticString = #fileID, line: UInt = #line
) rethrows -> (value: Tensor<Scalar>, pullback: (Tensor<Scalar>) -> Tensor<Scalar>) {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  let (values, pullback) = try vjp(at: [point]) { [try function($0[0])] }
  return (values[0], { pullback([$0])[0] })
}

/// The values of a function of several tensors and their change along a direction of the inputs, J·t, as `torch.func.jvp`.
///
/// J·t is the derivative of the linear function u ↦ uᵀ·J: two backward passes, whatever the shapes.
///
/// - Parameters:
///   - points: the inputs; what they are recorded for is left out.
///   - tangents: t, in the inputs' shapes.
///   - function: the results from the inputs.
/// - Returns: the results and J·t in their shapes, as constants.
public func jvp<Scalar: FloatingScalar>(
  at points: [Tensor<Scalar>], along tangents: [Tensor<Scalar>],
  of function: ([Tensor<Scalar>]) throws -> [Tensor<Scalar>],
  file: StaticString = #fileID, line: UInt = #line
) rethrows -> (values: [Tensor<Scalar>], tangents: [Tensor<Scalar>]) {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  checkShapes("jvp", "tangents", tangents, "inputs", points)
  let inputs = points.map { $0.detached().asVariable() }
  let results = try withGradients { try function(inputs) }
  let pushed = withGradients {
    let cotangents = results.map { Tensor<Scalar>(zeros: $0.shape).asVariable() }
    let linear = pulledBack("jvp", results, to: inputs, cotangents, createGraph: true)
    return pulledBack("jvp", linear, to: cotangents, tangents.map { $0.detached() }, createGraph: false)
  }
  return (results.map { $0.detached() }, pushed)
}

/// The value of a function of one tensor and its change along a direction, see ``jvp(at:along:of:file:line:)``.
public func jvp<Scalar: FloatingScalar>(
  at point: Tensor<Scalar>, along tangent: Tensor<Scalar>, of function: (Tensor<Scalar>) throws -> Tensor<Scalar>,
  file: StaticString = #fileID, line: UInt = #line
) rethrows -> (value: Tensor<Scalar>, tangent: Tensor<Scalar>) {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  let (values, tangents) = try jvp(at: [point], along: [tangent]) { [try function($0[0])] }
  return (values[0], tangents[0])
}

/// The derivatives of all results of a function by all inputs, ∂yᵢ/∂xⱼ, as `torch.func.jacrev`: [result's shape…, input's
/// shape…].
///
/// By rows, a backward pass for each element of the result, where it has no more than the input; else by columns, two
/// for each of the input's.
///
/// - Parameters:
///   - point: the input; where it is recorded and `createGraph` is set, the answer depends on what it came from.
///   - createGraph: records the answer, so that it has derivatives; by rows then.
///   - chunkSize: how many rows or columns are kept beside the answer before they go into it, at least 1: the memory beside the
///     answer and the function's graph. About 16 MB of them when `nil`. The bits do not depend on it.
///   - function: the result from the input.
public func jacobian<Scalar: FloatingScalar>(
  at point: Tensor<Scalar>, createGraph: Bool = false, chunkSize: Int? = nil,
  of function: (Tensor<Scalar>) throws -> Tensor<Scalar>, file: StaticString = #fileID, line: UInt = #line
) rethrows -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  return try jacobian(at: [point], createGraph: createGraph, chunkSize: chunkSize) { try function($0[0]) }[0]
}

/// The derivatives of all results of a function of several tensors, one answer for each input, see
/// ``jacobian(at:createGraph:chunkSize:of:file:line:)``.
public func jacobian<Scalar: FloatingScalar>(
  at points: [Tensor<Scalar>], createGraph: Bool = false, chunkSize: Int? = nil,
  of function: ([Tensor<Scalar>]) throws -> Tensor<Scalar>, file: StaticString = #fileID, line: UInt = #line
) rethrows -> [Tensor<Scalar>] {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  checkChunkSize("jacobian", chunkSize)
  let inputs = points.map { $0.requiresGradient && createGraph ? $0 : $0.detached().asVariable() }
  let result = try withGradients { try function(inputs) }
  let shapes = points.map { result.shape + $0.shape }
  let (rows, columns) = (result.count, points.reduce(0) { $0 + $1.count })
  if rows == 0 || columns == 0 || !result.requiresGradient { return shapes.map { Tensor(zeros: $0) } }
  if createGraph { return recordedJacobian(result, inputs, shapes) }
  return rows <= columns
    ? jacobianByRows(result, inputs, shapes, chunkSize) : jacobianByColumns(result, inputs, shapes, chunkSize)
}

private func checkChunkSize(_ operation: String, _ chunkSize: Int?) {
  check(chunkSize.map { $0 >= 1 } ?? true, operation, "a chunk of \(chunkSize ?? 0) rows (at least 1)")
}

/// A row for each element of the result, recorded.
private func recordedJacobian<Scalar: FloatingScalar>(
  _ result: Tensor<Scalar>, _ inputs: [Tensor<Scalar>], _ shapes: [[Int]]
) -> [Tensor<Scalar>] {
  var rows = inputs.map { _ in [Tensor<Scalar>]() }
  for index in 0..<result.count {
    let found = gradients(
      of: result, at: inputs, gradient: basis(index, result.shape), retainGraph: true, createGraph: true)
    for (input, row) in found.enumerated() { rows[input].append(row) }
  }
  return zip(rows, shapes).map { stack($0, along: 0).reshaped($1) }
}

/// A row for each element of the result.
private func jacobianByRows<Scalar: FloatingScalar>(
  _ result: Tensor<Scalar>, _ inputs: [Tensor<Scalar>], _ shapes: [[Int]], _ chunkSize: Int?
) -> [Tensor<Scalar>] {
  var matrices = inputs.map { Tensor<Scalar>(zeros: [result.count, $0.count]) }
  for chunk in chunks(of: result.count, inputs.reduce(0) { $0 + $1.count }, chunkSize, Scalar.self) {
    var rows = inputs.map { _ in [Tensor<Scalar>]() }
    for index in chunk {
      let found = gradients(of: result, at: inputs, gradient: basis(index, result.shape), retainGraph: true)
      for (input, row) in found.enumerated() { rows[input].append(row.detached().flattened()) }
    }
    withoutGradients {
      for input in inputs.indices where inputs[input].count > 0 {
        matrices[input][chunk] = stack(rows[input], along: 0)
      }
    }
  }
  return zip(matrices, shapes).map { $0.reshaped($1) }
}

/// A column for each element of the inputs.
private func jacobianByColumns<Scalar: FloatingScalar>(
  _ result: Tensor<Scalar>, _ inputs: [Tensor<Scalar>], _ shapes: [[Int]], _ chunkSize: Int?
) -> [Tensor<Scalar>] {
  let cotangent = Tensor<Scalar>(zeros: result.shape).asVariable()
  let linear = withGradients { gradients(of: result, at: inputs, gradient: cotangent, createGraph: true) }
  return inputs.indices.map { input in
    guard linear[input].requiresGradient, inputs[input].count > 0 else { return Tensor(zeros: shapes[input]) }
    var matrix = Tensor<Scalar>(zeros: [result.count, inputs[input].count])
    for chunk in chunks(of: inputs[input].count, result.count, chunkSize, Scalar.self) {
      let columns = chunk.map { index in
        gradients(
          of: linear[input], at: [cotangent], gradient: basis(index, inputs[input].shape), retainGraph: true)[0]
          .detached().flattened()
      }
      withoutGradients { matrix[.all, chunk] = stack(columns, along: 1) }
    }
    return matrix.reshaped(shapes[input])
  }
}

/// The rows of each chunk of `count` rows with `length` elements each.
private func chunks<Scalar: FloatingScalar>(
  of count: Int, _ length: Int, _ chunkSize: Int?, _: Scalar.Type
) -> [Range<Int>] {
  let size = chunkSize ?? Swift.max(1, (1 << 24) / Swift.max(length * MemoryLayout<Scalar>.stride, 1))
  return stride(from: 0, to: count, by: Swift.min(size, count)).map {
    $0..<Swift.min($0 + Swift.min(size, count), count)
  }
}

/// The second derivatives of a function, ∂²L/∂xᵢ∂xⱼ, as `torch.func.hessian`: [shape…, shape…].
///
/// - Parameters:
///   - point: the input; what it is recorded for is left out.
///   - chunkSize: how many rows are kept beside the answer before they go into it, at least 1, as in
///     ``jacobian(at:createGraph:chunkSize:of:file:line:)``.
///   - function: from the input to a single value.
/// - Complexity: a backward pass through the gradient for each element.
public func hessian<Scalar: FloatingScalar>(
  at point: Tensor<Scalar>, chunkSize: Int? = nil, of function: (Tensor<Scalar>) throws -> Tensor<Scalar>,
  file: StaticString = #fileID, line: UInt = #line
) rethrows -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  return try hessian(at: [point], chunkSize: chunkSize) { try function($0[0]) }[0][0]
}

/// The second derivatives of a function of several tensors: row i has ∂²L/∂xᵢ∂xⱼ for every j.
public func hessian<Scalar: FloatingScalar>(
  at points: [Tensor<Scalar>], chunkSize: Int? = nil, of function: ([Tensor<Scalar>]) throws -> Tensor<Scalar>,
  file: StaticString = #fileID, line: UInt = #line
) rethrows -> [[Tensor<Scalar>]] {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  checkChunkSize("hessian", chunkSize)
  let (inputs, first) = try recordedGradients("hessian", points, function)
  return zip(points, first).map { point, gradient in
    let shapes = points.map { point.shape + $0.shape }
    guard gradient.requiresGradient, gradient.count > 0 else { return shapes.map { Tensor(zeros: $0) } }
    return jacobianByRows(gradient, inputs, shapes, chunkSize)
  }
}

/// The product of the second derivatives of a function and a direction, H·v, without the matrix.
///
/// H·v is the gradient of ∇L·v.
///
/// - Parameters:
///   - point: the input; what it is recorded for is left out.
///   - direction: v, in the input's shape.
///   - function: from the input to a single value.
/// - Returns: the value, its gradient, and H·v.
public func hessianVectorProduct<Scalar: FloatingScalar>(
  at point: Tensor<Scalar>, along direction: Tensor<Scalar>, of function: (Tensor<Scalar>) throws -> Tensor<Scalar>,
  file: StaticString = #fileID, line: UInt = #line
) rethrows -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  return try hessianVectorProduct(at: [point], along: [direction]) { try function($0[0]) }[0]
}

/// The product of the second derivatives of a function of several tensors and a direction in all of them.
public func hessianVectorProduct<Scalar: FloatingScalar>(
  at points: [Tensor<Scalar>], along directions: [Tensor<Scalar>],
  of function: ([Tensor<Scalar>]) throws -> Tensor<Scalar>,
  file: StaticString = #fileID, line: UInt = #line
) rethrows -> [Tensor<Scalar>] {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  checkShapes("hessianVectorProduct", "directions", directions, "inputs", points)
  let (inputs, first) = try recordedGradients("hessianVectorProduct", points, function)
  return pulledBack("hessianVectorProduct", first, to: inputs, directions.map { $0.detached() }, createGraph: false)
}

/// Inputs as variables, and the recorded gradients of a single value at them.
private func recordedGradients<Scalar: FloatingScalar>(
  _ operation: String, _ points: [Tensor<Scalar>], _ function: ([Tensor<Scalar>]) throws -> Tensor<Scalar>
) rethrows -> (inputs: [Tensor<Scalar>], gradients: [Tensor<Scalar>]) {
  let inputs = points.map { $0.detached().asVariable() }
  let value = try withGradients { try function(inputs) }
  check(value.count == 1, operation, "a function with a result of shape \(value.shape) (a single value)")
  guard value.requiresGradient else { return (inputs, points.map { Tensor(zeros: $0.shape) }) }
  return (inputs, withGradients { gradients(of: value, at: inputs, createGraph: true) })
}

/// Σ over results of uᵀ·J, in the inputs' shapes; what does not depend on an input gives zeros.
private func pulledBack<Scalar: FloatingScalar>(
  _ operation: String, _ results: [Tensor<Scalar>], to inputs: [Tensor<Scalar>], _ cotangents: [Tensor<Scalar>],
  createGraph: Bool
) -> [Tensor<Scalar>] {
  checkShapes(operation, "gradients", cotangents, "results", results)
  let recorded = zip(results, cotangents).filter { $0.0.requiresGradient }
  if recorded.isEmpty { return inputs.map { Tensor(zeros: $0.shape) } }
  if recorded.count == 1 {
    return gradients(
      of: recorded[0].0, at: inputs, gradient: recorded[0].1, retainGraph: true, createGraph: createGraph)
  }
  // Several results go back together, as the sum of their products.
  let total = withGradients {
    recorded.dropFirst().reduce((recorded[0].0 * recorded[0].1).sum()) { $0 + ($1.0 * $1.1).sum() }
  }
  return gradients(of: total, at: inputs, retainGraph: true, createGraph: createGraph)
}

/// 1 at an element, 0 elsewhere.
private func basis<Scalar: FloatingScalar>(_ index: Int, _ shape: [Int]) -> Tensor<Scalar> {
  var values = [Scalar](repeating: 0, count: shape.reduce(1, *))
  values[index] = 1
  return Tensor(values, shape: shape)
}

/// Stops unless tensors have the shapes of others.
private func checkShapes<Scalar: FloatingScalar>(
  _ operation: String, _ name: String, _ tensors: [Tensor<Scalar>], _ otherName: String, _ others: [Tensor<Scalar>]
) {
  check(
    tensors.map(\.shape) == others.map(\.shape), operation,
    "\(name) \(tensors.map(\.shape)) for \(otherName) \(others.map(\.shape))")
}
