import Synchronization
import TernBackend

/// A variable of the graph: gradients that reach it are added up until they are cleared.
package final class VariableNode: Node, @unchecked Sendable {
  private let accumulated = Mutex<TensorBody?>(nil)

  package init() { super.init(nil) }

  package override var title: StaticString { "variable" }
  package override var isLeaf: Bool { true }

  /// The sum of the gradients that arrived.
  package var gradient: TensorBody? {
    get { accumulated.withLock { $0 } }
    set { accumulated.withLock { $0 = newValue } }
  }

  func accumulate(_ gradient: TensorBody) {
    accumulated.withLock { sum in
      guard let old = sum else {
        sum = gradient
        return
      }
      sum = nil
      var owned = old
      sumGradients(&owned, gradient)
      sum = owned
    }
  }
}

extension Tensor where Scalar: FloatingScalar {
  /// The same values as a new variable: what is computed from it is recorded, and ``backward(_:retainGraph:createGraph:file:line:)``
  /// leaves a gradient in ``gradient``.
  public func asVariable(file: StaticString = #fileID, line: UInt = #line) -> Tensor {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    return Tensor(body: body.with(node: VariableNode()))
  }

  /// Whether operations on this tensor are recorded.
  public var requiresGradient: Bool { node != nil }

  /// The gradient that backward passes have added up at this variable; `nil` before the first, and for what is not one.
  public var gradient: Tensor? {
    (node as? VariableNode)?.gradient.map(Tensor.init(body:))
  }

  /// Runs the graph backwards from this tensor and adds dL/dv to the gradient of every variable v it depends on.
  ///
  /// - Parameters:
  ///   - gradient: dL/d(this tensor), of its shape; may be left out where it has one element: then 1.
  ///   - retainGraph: keeps what the derivatives need, so that backward can run again; otherwise it is freed on the way.
  ///   - createGraph: records the gradients themselves, so that they have derivatives; keeps the graph too.
  ///
  /// Stops when the tensor was not recorded, or when an earlier backward freed its graph.
  public func backward(
    _ gradient: Tensor? = nil, retainGraph: Bool = false, createGraph: Bool = false, file: StaticString = #fileID,
    line: UInt = #line
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    let (node, gradient) = root(gradient, "backward")
    _ = BackwardPass.run(
      from: [(node, gradient)], targets: nil, retainGraph: retainGraph || createGraph, createGraph: createGraph)
  }

  fileprivate func root(_ gradient: Tensor?, _ operation: String) -> (Node, TensorBody) {
    guard let node else {
      fail(
        operation,
        "\(shape.isEmpty ? "a scalar" : "\(shape)") was not computed from any variable, or was computed without recording"
      )
    }
    if let gradient {
      check(gradient.shape == shape, operation, "gradient \(gradient.shape) for a tensor of shape \(shape)")
      return (node, gradient.body)
    }
    check(count == 1, operation, "\(shape) has \(count) elements: pass the gradient to start from, of the same shape")
    return (node, Tensor(full: shape, 1).body)
  }
}

extension Tensor {
  /// The same values as a constant: nothing computed from it reaches back to what this was computed from.
  public func detached() -> Tensor {
    Tensor(body: body.detached)
  }
}

/// The gradients of `result` at some tensors, touching no variable's own gradient.
///
/// - Parameters:
///   - result: what is differentiated, L.
///   - variables: variables or intermediate results; the answer has dL/dv for each, of its shape (zeros where L does not depend on it).
///   - gradient: dL/d(result); may be left out where it has one element.
///   - retainGraph: keeps the graph for another run.
///   - createGraph: records the gradients, so that they have derivatives; keeps the graph too.
public func gradients<Scalar: FloatingScalar>(
  of result: Tensor<Scalar>, at variables: [Tensor<Scalar>], gradient: Tensor<Scalar>? = nil,
  retainGraph: Bool = false, createGraph: Bool = false,
  file: StaticString = #fileID, line: UInt = #line
) -> [Tensor<Scalar>] {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  let (node, start) = result.root(gradient, "gradients")
  let nodes = variables.map { variable -> Node in
    guard let node = variable.node else {
      fail(
        "gradients", "\(variable.shape.isEmpty ? "a scalar" : "a tensor of shape \(variable.shape)") is not a variable")
    }
    return node
  }
  let found = BackwardPass.run(
    from: [(node, start)], targets: nodes, retainGraph: retainGraph || createGraph, createGraph: createGraph)
  return zip(variables, nodes).map { variable, node in
    // Two operands of a sum have one gradient: each answer is a result of its own.
    found[ObjectIdentifier(node)].map { Tensor(body: $0).unchanged("gradient") } ?? Tensor(zeros: variable.shape)
  }
}

/// The gradient of a function of one tensor at a point.
public func gradient<Scalar: FloatingScalar>(
  at point: Tensor<Scalar>, createGraph: Bool = false, of function: (Tensor<Scalar>) throws -> Tensor<Scalar>,
  file: StaticString = #fileID, line: UInt = #line
) rethrows -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  return try valueAndGradient(at: point, createGraph: createGraph, of: function).gradient
}

/// The value of a function of one tensor at a point, and its gradient there.
///
/// - Parameters:
///   - point: where; when it is recorded already and `createGraph` is set, the gradient depends on what it came from.
///   - function: from a tensor to a single value.
public func valueAndGradient<Scalar: FloatingScalar>(
  at point: Tensor<Scalar>, createGraph: Bool = false, of function: (Tensor<Scalar>) throws -> Tensor<Scalar>,
  file: StaticString = #fileID, line: UInt = #line
) rethrows -> (value: Tensor<Scalar>, gradient: Tensor<Scalar>) {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  let variable = point.requiresGradient && createGraph ? point : point.detached().asVariable()
  let value = try withGradients { try function(variable) }
  guard value.requiresGradient else { return (value, Tensor(zeros: point.shape)) }
  let derivative = gradients(of: value, at: [variable], retainGraph: createGraph, createGraph: createGraph)[0]
  return (createGraph ? value : value.detached(), derivative)
}
