/// What a fused operation sends to its first inputs where it has no derivative of its own: the gradients of a composition of
/// recorded operations with the same result, which are functions that have gradients themselves.
///
/// - Parameter count: how many inputs, all saved, the composition takes.
func sendComposedGradients<Scalar: FloatingScalar>(
  _ d: Derivation<Scalar>, inputs count: Int = 1, _ composition: ([Tensor<Scalar>]) -> Tensor<Scalar>
) {
  let operands = (0..<count).map { index in
    let x = d.input(index)
    if !d.wants(index) { return x.detached() }
    return d.createGraph ? x.unchanged("composition") : x.detached().asVariable()
  }
  let places = operands.indices.filter { d.wants($0) }
  let result = withGradients { composition(operands) }
  let found = gradients(
    of: result, at: places.map { operands[$0] }, gradient: d.gradient, createGraph: d.createGraph)
  for (place, gradient) in zip(places, found) { d.send(place) { gradient } }
}
