import TernBackend

extension Tensor where Scalar: FloatingScalar {
  /// The results of one operation on `input`, recorded together where it is recorded.
  ///
  /// They are packed into one vector, whose node the graph holds, and handed out as parts of it: so the derivative sees
  /// all results as functions of the input, and has derivatives itself.
  /// - Parameter derivative: from the results, their gradients (zeros for those without one) and the input, dL/d(input).
  package static func recordedParts(
    _ name: StaticString, from input: Tensor, _ parts: [Tensor],
    _ derivative:
      @escaping @Sendable (_ results: [Tensor], _ gradients: [Tensor], _ input: Tensor) -> Tensor
  ) -> [Tensor] {
    guard input.node != nil, Recording.isOn else { return parts }
    let shapes = parts.map(\.shape)
    let packed = concatenate(parts.map { $0.detached().reshaped([-1]) })
    let recorded = packed.recorded(name, from: input, saving: [.first, .output]) { d in
      d.send(0) { derivative(d.output.unpacked(shapes), d.gradient.unpacked(shapes), d.input(0)) }
    }
    return recorded.unpacked(shapes)
  }

  private func unpacked(_ shapes: [[Int]]) -> [Tensor] {
    var start = 0
    return shapes.map { shape in
      let length = Layout.product(shape)
      defer { start += length }
      return narrowed(axis: 0, start: start, length: length).reshaped(shape)
    }
  }
}
