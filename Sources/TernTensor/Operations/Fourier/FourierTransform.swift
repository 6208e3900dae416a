import TernBackend

/// Which direction of a transform of length n is divided: backward by n, both by √n, forward by n.
public enum FourierNormalization: Sendable {
  case backward, ortho, forward
}

/// One transform along an axis; recorded.
struct FourierStep<Scalar: FloatingScalar>: Sendable {
  let kind: FourierKind
  let n: Int
  /// From the end, so that it holds for what has more axes, too.
  let axis: Int
  let isBackward: Bool
  let scale: Scalar
  let name: StaticString

  /// The parts of the result, or the real result alone, of parts whose extent along the axis is what the step takes.
  func callAsFunction(_ real: Tensor<Scalar>, _ imaginary: Tensor<Scalar>?) -> [Tensor<Scalar>] {
    let at = real.rank + axis
    var shape = real.shape
    shape[at] = kind == .realToHalf ? n / 2 + 1 : n
    let isReal = kind == .halfToReal
    // Parts of one dense layout are read as they are, and the result's have the same order of axes.
    let isDense = real.layout.isDense && imaginary.map { $0.layout.hasLayout(of: real.layout) } ?? true
    let order = isDense ? real.layout.memoryOrder : Array(shape.indices)
    let place = order.firstIndex(of: at)!
    let result = Tensor<Scalar>(
      uninitialized: isReal ? Layout(shape, order: order) : Layout([2] + shape, order: [0] + order.map { $0 + 1 }))
    if !result.isEmpty {
      let (x, y) =
        isDense
        ? (real.detached(), imaginary?.detached()) : (real.detached().contiguous, imaginary?.detached().contiguous)
      let out = result.mutablePointer
      let size = Layout.product(shape)
      FourierEngine(kind: kind, n: n, isBackward: isBackward, scale: scale).run(
        outer: order[..<place].reduce(1) { $0 * shape[$1] }, inner: order[(place + 1)...].reduce(1) { $0 * shape[$1] },
        x.pointer, y?.pointer, out, isReal ? nil : out + size)
      withExtendedLifetime((x, y)) {}
    }
    let recorded: Tensor<Scalar>
    if let imaginary {
      recorded = result.recorded(name, from: real, imaginary) { d in
        let parts = adjoint(d.gradient)
        d.send(0) { parts[0] }
        d.send(1) { parts[1] }
      }
    } else {
      recorded = result.recorded(name, from: real) { d in
        let gradient = d.gradient
        d.send(0) { adjoint(gradient)[0] }
      }
    }
    if isReal { return [recorded] }
    return [recorded.selected(axis: 0, index: 0), recorded.selected(axis: 0, index: 1)]
  }

  /// The gradients of the parts from that of the result: the transform the other way.
  private func adjoint(_ gradient: Tensor<Scalar>) -> [Tensor<Scalar>] {
    func part(_ index: Int) -> Tensor<Scalar> { gradient.selected(axis: 0, index: index) }
    switch kind {
    case .complex:
      let back = FourierStep(kind: .complex, n: n, axis: axis, isBackward: !isBackward, scale: scale, name: name)
      return back(part(0), part(1))
    case .realToHalf:
      // What occurs twice in a whole spectrum is here once.
      let weights = counts(gradient.rank - 1, once: 1, twice: 0.5)
      let back = FourierStep(kind: .halfToReal, n: n, axis: axis, isBackward: true, scale: scale, name: name)
      return back(part(0) * weights, part(1) * weights)
    case .halfToReal:
      let weights = counts(gradient.rank, once: 1, twice: 2)
      let back = FourierStep(kind: .realToHalf, n: n, axis: axis, isBackward: false, scale: scale, name: name)
      return back(gradient, nil).map { $0 * weights }
    }
  }

  /// A weight for each row of a half spectrum: of those that a whole one has once, and of the others.
  private func counts(_ rank: Int, once: Scalar, twice: Scalar) -> Tensor<Scalar> {
    let half = n / 2 + 1
    let values = (0..<half).map { $0 == 0 || 2 * $0 == n ? once : twice }
    return Tensor(values).reshaped([half] + [Int](repeating: 1, count: -axis - 1))
  }
}

extension Tensor where Scalar: FloatingScalar {
  /// Cut off or continued with zeros along an axis.
  func fitted(to extent: Int, along axis: Int) -> Tensor {
    let own = shape[axis]
    if own == extent { return self }
    if own > extent { return narrowed(axis: axis, start: 0, length: extent) }
    return padded([(0, extent - own)] + [(before: Int, after: Int)](repeating: (0, 0), count: rank - 1 - axis))
  }
}

/// The factor of a transform of `count` elements in all.
func fourierScale<Scalar: FloatingScalar>(
  _ count: Int, _ normalization: FourierNormalization, isBackward: Bool, _: Scalar.Type
) -> Scalar {
  switch (normalization, isBackward) {
  case (.backward, false), (.forward, true): return 1
  case (.ortho, _): return Scalar(1 / Double(count).squareRoot())
  case (.backward, true), (.forward, false): return Scalar(1 / Double(count))
  }
}

/// The axes of a transform and its length along each.
struct FourierAxes {
  let axes: [Int]
  let extents: [Int]

  /// - Parameters:
  ///   - sizes: a length an axis, −1 for that of the tensor; `half` says that the last axis holds half a spectrum.
  init(_ shape: [Int], _ sizes: [Int]?, _ axes: [Int]?, half: Bool, _ name: String) {
    let rank = shape.count
    let chosen: [Int]
    if let axes {
      chosen = resolve(axes: axes, rank: rank, name)
    } else {
      let count = sizes?.count ?? rank
      check(count <= rank, name, "\(count) sizes for \(shape)")
      chosen = Array(rank - count..<rank)
    }
    check(!chosen.isEmpty, name, "no axes of \(shape)")
    check(sizes == nil || sizes!.count == chosen.count, name, "\(sizes?.count ?? 0) sizes for \(chosen.count) axes")
    var extents = chosen.map { shape[$0] }
    if half { extents[extents.count - 1] = 2 * (extents[extents.count - 1] - 1) }
    for (place, size) in (sizes ?? []).enumerated() where size != -1 { extents[place] = size }
    for (axis, extent) in zip(chosen, extents) {
      Sizes.check(extent, name, "a length of")
      check(extent > 0, name, "a transform of \(extent) elements along axis \(axis) of \(shape)")
    }
    (self.axes, self.extents) = (chosen, extents)
  }

  var count: Int { extents.reduce(1) { Sizes.saturated($0, times: $1) } }
}
