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
    result = floatingCross(x, y, at)
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

/// The cross products of tensors of one shape in any layouts.
private func floatingCross<Scalar: NumericScalar>(
  _ a: Tensor<Scalar>, _ b: Tensor<Scalar>, _ axis: Int
) -> Tensor<Scalar> {
  let result = Tensor<Scalar>(uninitialized: Layout.forResult(a.shape, a.layout, b.layout))
  var shape = a.shape
  shape.remove(at: axis)
  // From one component to the next, and from one vector to the next.
  var (between, strides) = (SIMD4<Int>.zero, [[Int]]())
  for (operand, layout) in [result.layout, a.layout, b.layout].enumerated() {
    between[operand] = layout.strides[axis]
    var others = layout.strides
    others.remove(at: axis)
    strides.append(others)
  }
  let (x, y, out) = (a.pointer, b.pointer, result.mutablePointer)
  StridedLoop(shape, strides).run(grain: StridedLoop.grain / 3) { n, offset, step in
    crossProducts(n, out + offset[0], x + offset[1], y + offset[2], between, step)
  }
  withExtendedLifetime((a, b)) {}
  return result
}

/// Cross products of n vectors: operand 0 of `between` and `step` is the result.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
private func crossProducts<Scalar: NumericScalar>(
  _ n: Int, _ out: UnsafeMutablePointer<Scalar>, _ a: UnsafePointer<Scalar>, _ b: UnsafePointer<Scalar>,
  _ between: SIMD4<Int>, _ step: SIMD4<Int>
) {
  @inline(__always) func run(_ between: SIMD4<Int>, _ step: SIMD4<Int>) {
    let (oc, ac, bc) = (between[0], between[1], between[2])
    for i in 0..<n {
      let (x, y, target) = (a + i &* step[1], b + i &* step[2], out + i &* step[0])
      let (a0, a1, a2) = (x[0], x[ac], x[2 &* ac])
      let (b0, b1, b2) = (y[0], y[bc], y[2 &* bc])
      target[0] = a1 * b2 - a2 * b1
      target[oc] = a2 * b0 - a0 * b2
      target[2 &* oc] = a0 * b1 - a1 * b0
    }
  }
  let (one, three) = (SIMD4(1, 1, 1, 0), SIMD4(3, 3, 3, 0))
  if step == one {
    run(between, one)
  } else if step == three && between == one {
    run(one, three)
  } else {
    run(between, step)
  }
}
