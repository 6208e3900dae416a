import TernBackend

/// γ·x̂ + β for each of `rows` slices of n elements over the last axes, of the shape of γ and β: x̂ is the slice with mean
/// 0 and variance 1, or, not centered, with a mean square of 1.
///
/// Gradients, with g = dL/dy: dL/dβ = Σ g, dL/dγ = Σ g·x̂ over the slices and
/// dL/dx = (γg − Σ γg/n − x̂·Σ(γg·x̂)/n)/√(σ² + ε), without Σ γg where not centered.
func normalizedRows<Scalar: FloatingScalar>(
  _ name: StaticString, _ x: Tensor<Scalar>, _ shape: [Int], _ rows: Int, _ n: Int, scale: Tensor<Scalar>?,
  shift: Tensor<Scalar>?, centered: Bool, epsilon: Double
) -> Tensor<Scalar> {
  let limit = withInfiniteScale(name, x, scale) { x, scale, shifts in
    normalizedRows(
      name, x, shape, rows, n, scale: scale, shift: shifts ? shift : nil, centered: centered, epsilon: epsilon)
  }
  if let limit { return limit }
  func normalized(
    _ x: Tensor<Scalar>, scale: Tensor<Scalar>?, shift: Tensor<Scalar>?, epsilon: Double
  ) -> (output: Tensor<Scalar>, statistics: Tensor<Scalar>) {
    plainRows(name, x, shape, rows, n, scale: scale, shift: shift, centered: centered, epsilon: epsilon)
  }
  let (output, statistics) = normalized(x, scale: scale, shift: shift, epsilon: epsilon)
  if rows == 0 || n == 0 { return output }
  let range = Scalar.plainInverses(epsilon: epsilon)
  if withExtendedLifetime(statistics, { areInverses(statistics.pointer + rows, rows, in: range) }) { return output }
  let axes = Array((x.rank - shape.count)..<x.rank)
  if !centered, let limit = x.infiniteSlicesAsSigns(along: axes) {
    return normalizedRows(name, limit, shape, rows, n, scale: scale, shift: shift, centered: false, epsilon: epsilon)
  }
  let inverses = statistics.narrowed(axis: 0, start: rows, length: rows).cast(to: Double.self)
  guard let slices = UnitSlices(x, along: axes, inverses: inverses, plain: range) else { return output }
  let unit = normalized(slices.near, scale: nil, shift: nil, epsilon: Double(Scalar.nextToNothing)).output
  var result = slices.normalized(unit, centered: centered)
  if let scale { result = result * scale }
  if let shift { result = result + shift }
  guard let rest = slices.rest else { return result }
  return select(slices.isChosen, result, normalized(rest, scale: scale, shift: shift, epsilon: epsilon).output)
}

/// The rows as they are, and their centers, inverse deviations and offsets [3·rows].
private func plainRows<Scalar: FloatingScalar>(
  _ name: StaticString, _ x: Tensor<Scalar>, _ shape: [Int], _ rows: Int, _ n: Int, scale: Tensor<Scalar>?,
  shift: Tensor<Scalar>?, centered: Bool, epsilon: Double
) -> (output: Tensor<Scalar>, statistics: Tensor<Scalar>) {
  let (x, scale, shift) = (x.contiguous, scale?.contiguous, shift?.contiguous)
  let output = Tensor<Scalar>(uninitialized: x.layout)
  let statistics = Tensor<Scalar>(uninitialized: [3 * rows])
  let partition = RowPartition(rows, n)
  do {
    let (out, source, gamma, beta) = (output.mutablePointer, x.pointer, scale?.pointer, shift?.pointer)
    let centers = statistics.mutablePointer
    defer { withExtendedLifetime((x, scale, shift, statistics, output)) {} }
    partition.run { _, first, count in
      let row = centers + first
      Scalar.normalizeRows(
        count, n, epsilon: epsilon, centered: centered, out + first * n, source + first * n, gamma: gamma, beta: beta,
        centers: row, inverses: row + rows, offsets: row + 2 * rows)
    }
  }
  let constant = Tensor<Scalar>(0)
  OperationArguments.note(
    name,
    [
      "axes": .integers([shape.count]), "epsilon": .number(epsilon), "isCentered": .flag(centered),
      "hasScale": .flag(scale != nil), "hasShift": .flag(shift != nil),
    ])
  let recorded = output.recorded(
    name, from: x, scale ?? constant, shift ?? constant, saving: scale == nil ? .first : [.first, .second]
  ) { [hasScale = scale != nil] d in
    if d.createGraph {
      let centers = centered ? Tensor(copying: statistics.pointer, [rows]) : nil
      sendRecordedRows(d, shape, scale: hasScale ? d.input(1) : nil, near: centers, Scalar(epsilon))
      return
    }
    let (x, g, scale) = (d.input(0), d.gradient.detached().contiguous, hasScale ? d.input(1) : nil)
    let result = Tensor<Scalar>(uninitialized: x.layout)
    let partial = d.wants(1) || d.wants(2) ? Tensor<Scalar>(uninitialized: [partition.count, 2 * n]) : nil
    do {
      let (out, gradient, source, gamma) = (result.mutablePointer, g.pointer, x.pointer, scale?.pointer)
      let (centers, sums) = (statistics.pointer, partial?.mutablePointer)
      defer { withExtendedLifetime((x, g, scale, statistics, partial, result)) {} }
      partition.run { index, first, count in
        let (row, at) = (centers + first, sums.map { $0 + index * 2 * n })
        Scalar.normalizeRowsGrad(
          count, n, centered: centered, out + first * n, gradient + first * n, source + first * n, gamma: gamma,
          centers: row, inverses: row + rows, offsets: row + 2 * rows, gammaGradients: at,
          betaGradients: at.map { $0 + n })
      }
    }
    d.send(0) { result }
    guard let partial else { return }
    let sums = Tensor<Scalar>(zeros: [2 * n])
    if partition.count > 0 { Scalar.reduce(.sum, 1, partition.count, 2 * n, sums.mutablePointer, partial.pointer) }
    d.send(1) { Tensor(copying: sums.pointer, shape) }
    d.send(2) { Tensor(copying: sums.pointer + n, shape) }
    withExtendedLifetime((partial, sums)) {}
  }
  return (recorded, statistics)
}

/// How rows are split for the workers, by size alone.
private struct RowPartition {
  let rows: Int, n: Int, length: Int

  /// - Parameter n: the elements of a row.
  init(_ rows: Int, _ n: Int) {
    (self.rows, self.n) = (rows, n)
    // Sums over the rows of a chunk run in the scalar type: their chains are to stay short.
    length = Swift.min(128, Swift.max(16, 65_536 / Swift.max(n, 1)))
  }

  var count: Int { (rows + length - 1) / length }

  /// Calls `body` with the index of a chunk, its first row and how many there are, on the workers.
  func run(_ body: (_ index: Int, _ first: Int, _ count: Int) -> Void) {
    let count = count
    if rows * n <= 16_384 {
      for index in 0..<count { body(index, index * length, Swift.min(length, rows - index * length)) }
    } else {
      Workers.run(chunks: count) { body($0, $0 * length, Swift.min(length, rows - $0 * length)) }
    }
  }
}

extension Tensor where Scalar: FloatingScalar {
  /// A row-major copy of memory.
  fileprivate init(copying values: UnsafePointer<Scalar>, _ shape: [Int]) {
    self.init(shape: shape) { out in out.update(from: values, count: Layout.product(shape)) }
  }
}

/// The gradients of `normalizedRows` made of recorded operations.
///
/// - Parameter near: constants close to the means of the slices; `nil` where they are not centered.
private func sendRecordedRows<Scalar: FloatingScalar>(
  _ d: Derivation<Scalar>, _ shape: [Int], scale: Tensor<Scalar>?, near: Tensor<Scalar>?, _ epsilon: Scalar
) {
  let (x, g) = (d.input(0), d.gradient)
  let axes = Array((x.rank - shape.count)..<x.rank)
  let others = Array(0..<x.rank - shape.count)
  let inverseCount = 1 / Scalar(Layout.product(shape))
  var centered = x
  if let near {
    // A constant close to the mean goes first, so that nothing cancels.
    let first = x - near.reshaped(x.shape.enumerated().map { $0 < others.count ? $1 : 1 })
    centered = first - first.sum(along: axes, keepingAxes: true) * inverseCount
  }
  let (sized, size) = centered.inRangeOfSquares(along: axes)
  let root = ((sized * sized).sum(along: axes, keepingAxes: true) * inverseCount + size * size * epsilon).rsqrt()
  let (standard, inverse) = (sized * root, root * size)
  d.send(0) {
    let scaledGradient = scale.map { g * $0 } ?? g
    let products = (scaledGradient * standard).sum(along: axes, keepingAxes: true) * inverseCount
    let projected = scaledGradient - standard * products
    return (near == nil ? projected : projected - scaledGradient.sum(along: axes, keepingAxes: true) * inverseCount)
      * inverse
  }
  d.send(1) { others.isEmpty ? g * standard : (g * standard).sum(along: others) }
  d.send(2) { others.isEmpty ? g : g.sum(along: others) }
}

extension Tensor where Scalar: FloatingScalar {
  /// This tensor with large numbers of their signs in place of infinities and 0 beside them, constants; `nil` where none is
  /// infinite. Slices over the axes that hold NaN stay.
  fileprivate func infiniteSlicesAsSigns(along axes: [Int]) -> Tensor? {
    if !hasInfinity { return nil }
    let (isChosen, signs) = withoutGradients { () -> (Tensor<Bool>, Tensor) in
      let values = detached()
      let isInfinite = values.isInfinite()
      let hasInfinity = isInfinite.any(along: axes, keepingAxes: true)
      let isNumber = .!values.isNaN().any(along: axes, keepingAxes: true)
      return (hasInfinity .&& isNumber, select(isInfinite, values.sign() * 0x1p20, 0))
    }
    return isChosen.any().item ? select(isChosen, signs, self) : nil
  }

  /// The tensor times constants, powers of 2 for the slices over some axes that are large, so that squares do not
  /// overflow, and these constants.
  func inRangeOfSquares(along axes: [Int]) -> (values: Tensor, scale: Tensor) {
    if isEmpty { return (self, Tensor(1)) }
    let largest = withoutGradients { detached().abs().amax(along: axes, keepingAxes: true) }
    let limit = Scalar(0x1p40)
    if !(largest .> limit).any().item { return (self, Tensor(1)) }
    let scale = Tensor(
      largest.scalars.map {
        $0 > limit && $0.isFinite ? 1 / Scalar(sign: .plus, exponent: $0.exponent, significand: 1) : 1
      },
      shape: largest.shape)
    return (self * scale, scale)
  }
}
