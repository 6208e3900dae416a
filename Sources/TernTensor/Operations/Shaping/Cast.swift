import TernBackend

extension Tensor {
  /// The values converted to another scalar type.
  ///
  /// Floating-point numbers become integers by dropping the fraction, clamped to the type's range, NaN becomes 0; to Bool,
  /// everything but zero is true. Between Float and Double the conversion is part of the graph.
  public func cast<Target: TensorScalar>(to _: Target.Type) -> Tensor<Target> {
    if Target.self == Scalar.self { return Tensor<Target>(body: unchanged("cast").body) }
    var result = mapRows(to: Target.self) { n, out, so, x, sx, _ in Scalar.convert(n, out, so, x, sx) }
    if let node, Recording.isOn, Target.self is any FloatingScalar.Type {
      result.body.node = CastNode<Scalar, Target>(node)
    }
    if OperationObservers.isListening { OperationObservers.ended("cast", from: [body], result.body) }
    return result
  }
}

private final class CastNode<Source: TensorScalar, Target: TensorScalar>: Node, @unchecked Sendable {
  override var title: StaticString { "cast" }

  override func propagate(_ gradient: consuming TensorBody, _ pass: BackwardPass) {
    if pass.wants(first) { pass.send(Tensor<Target>(body: gradient).cast(to: Source.self).body, to: first) }
  }
}
