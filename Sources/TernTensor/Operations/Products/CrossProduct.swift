import TernBackend

/// The cross product of vectors of three elements along an axis: (a₁b₂ − a₂b₁, a₂b₀ − a₀b₂, a₀b₁ − a₁b₀).
///
/// The shapes broadcast, except along the axis, where both have three elements. Integers wrap. Gradients: b × g and g × a.
/// - Parameter axis: along which the vectors lie, of the broadcast shape.
public func cross<Scalar: NumericScalar>(
  _ a: Tensor<Scalar>, _ b: Tensor<Scalar>, along axis: Int = -1, file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  let shape = broadcastShape(a.shape, b.shape, "cross")
  let at = resolve(axis: axis, rank: shape.count, "cross")
  func extent(_ x: Tensor<Scalar>) -> Int {
    let place = at - (shape.count - x.rank)
    return place < 0 ? 1 : x.shape[place]
  }
  check(
    extent(a) == 3 && extent(b) == 3, "cross",
    "vectors of three elements expected along axis \(axis): \(a.shape) × \(b.shape)")
  let (x, y) = (a.detached().broadcast(to: shape), b.detached().broadcast(to: shape))
  let result: Tensor<Scalar>
  if Scalar.self == Float.self || Scalar.self == Double.self {
    result = floatingCross(x.contiguous, y.contiguous, at)
  } else {
    func part(_ x: Tensor<Scalar>, _ index: Int) -> Tensor<Scalar> { x.selected(axis: at, index: index) }
    func component(_ i: Int, _ j: Int) -> Tensor<Scalar> { part(x, i) * part(y, j) - part(x, j) * part(y, i) }
    result = stack([component(1, 2), component(2, 0), component(0, 1)], along: at)
  }
  let back = at - shape.count
  return result.recordedPair(
    "cross", a, b, firstNeeds: .second, secondNeeds: .first,
    { cross($0.input(1), $0.gradient, along: back) }, { cross($0.gradient, $0.input(0), along: back) })
}

/// The cross products of dense tensors of one shape.
private func floatingCross<Scalar: NumericScalar>(
  _ a: Tensor<Scalar>, _ b: Tensor<Scalar>, _ axis: Int
) -> Tensor<Scalar> {
  let result = Tensor<Scalar>(uninitialized: a.shape)
  if result.isEmpty { return result }
  let inner = Layout.product(Array(a.shape[(axis + 1)...]))
  let (x, y, out) = (a.pointer, b.pointer, result.mutablePointer)
  Workers.run(count: Layout.product(Array(a.shape[..<axis])), grain: Swift.max(1, 0x4000 / inner)) { range in
    for block in range {
      let start = 3 * block * inner
      crossProducts(x + start, y + start, out + start, inner)
    }
  }
  withExtendedLifetime((a, b)) {}
  return result
}

/// Cross products of `count` vectors [3, count].
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
private func crossProducts<Scalar: NumericScalar>(
  _ a: UnsafePointer<Scalar>, _ b: UnsafePointer<Scalar>, _ out: UnsafeMutablePointer<Scalar>, _ count: Int
) {
  for i in 0..<count {
    let (a0, a1, a2) = (a[i], a[count + i], a[2 * count + i])
    let (b0, b1, b2) = (b[i], b[count + i], b[2 * count + i])
    out[i] = a1 * b2 - a2 * b1
    out[count + i] = a2 * b0 - a0 * b2
    out[2 * count + i] = a0 * b1 - a1 * b0
  }
}
