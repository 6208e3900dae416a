import TernBackend

/// Elements of `a` where the condition holds, of `b` elsewhere; the three shapes broadcast.
///
/// Each gradient is dL/dy where the element came from there, 0 elsewhere: what was not chosen, NaN too, does not matter.
public func select<Scalar: TensorScalar>(
  _ condition: Tensor<Bool>, _ a: Tensor<Scalar>, _ b: Tensor<Scalar>, file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  let result = Tensor.selectRows(condition, a, b, "select")
  guard a.node != nil || b.node != nil, Recording.isOn else {
    if OperationObservers.isListening {
      OperationArguments.note("select", ["condition": .tensor(condition.body)])
      OperationObservers.ended("select", from: [a.body, b.body], result.body)
    }
    return result
  }
  OperationArguments.note("select", ["condition": .tensor(condition.body)])
  return result.recorded("select", from: a, b) { [aShape = a.shape, bShape = b.shape] d in
    let zero = Tensor<Scalar>(.zero)
    d.send(0) { Tensor(body: sumGradient(select(condition, d.gradient, zero).body, to: aShape)) }
    d.send(1) { Tensor(body: sumGradient(select(condition, zero, d.gradient).body, to: bShape)) }
  }
}

/// Elements of `a` where the condition holds, `b` elsewhere.
public func select<Scalar: TensorScalar>(
  _ condition: Tensor<Bool>, _ a: Tensor<Scalar>, _ b: Scalar, file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  select(condition, a, Tensor(b), file: file, line: line)
}

/// `a` where the condition holds, elements of `b` elsewhere.
public func select<Scalar: TensorScalar>(
  _ condition: Tensor<Bool>, _ a: Scalar, _ b: Tensor<Scalar>, file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  select(condition, Tensor(a), b, file: file, line: line)
}
