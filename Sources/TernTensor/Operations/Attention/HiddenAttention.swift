import TernBackend

// Attention whose inputs are not finite everywhere: what a mask, the order of causes or a bias of −∞ hides does not show,
// NaN included; what a query sees shows as ever. Made of recorded operations, for the rare case alone.

extension AttentionSettings {
  /// Whether some of the tensors hold infinities or NaN that may have to stay hidden.
  func mayHide(_ tensors: Tensor<Scalar>...) -> Bool {
    guard mask != nil || isCausal || bias != nil else { return false }
    return withoutGradients { tensors.contains { !$0.detached().sum().item.isFinite } }
  }

  /// Where a query may look at a key; `nil` for everywhere.
  private func allowed(_ scores: [Int]) -> Tensor<Bool>? {
    var result = mask
    if isCausal {
      let past = Tensor<Bool>(ones: Array(scores.suffix(2))).lowerTriangle()
      result = result.map { $0 .&& past } ?? past
    }
    guard let bias else { return result }
    let open = bias.detached() .!= -.infinity
    return result.map { $0 .&& open } ?? open
  }

  /// The weights; scores of hidden keys are −∞ and have the derivative 0, whatever the keys are.
  func weightsOfVisible(_ q: Tensor<Scalar>, _ k: Tensor<Scalar>) -> Tensor<Scalar> {
    var scores = matmul(q.withFiniteValues, k.withFiniteValues.transposed()) * scale
    // What a query sees is as it is.
    let correction = withoutGradients {
      let (q, k) = (q.detached(), k.detached())
      let isBroken = q.hasBrokenRows .|| k.hasBrokenRows.transposed()
      return select(isBroken, matmul(q, k.transposed()) * scale - scores.detached(), 0)
    }
    scores = scores + correction
    if let bias { scores = scores + bias }
    if let allowed = allowed(scores.shape) { scores = select(allowed, scores, -.infinity) }
    if scores.isEmpty { return scores.softmax() }
    let isVoid = withoutGradients { scores.max(along: -1, keepingAxes: true).values .== -.infinity }
    return select(isVoid, 0, select(isVoid, 0, scores).softmax())
  }

  /// weights·v, where a weight of 0 leaves nothing of a value.
  func mean(_ weights: Tensor<Scalar>, _ v: Tensor<Scalar>) -> Tensor<Scalar> {
    if !mayHide(v) { return matmul(weights, v) }
    let values = v.detached()
    let extra = withoutGradients {
      let weighs = (weights.detached() .!= 0).cast(to: Scalar.self)
      func meets(_ condition: Tensor<Bool>) -> Tensor<Bool> { matmul(weighs, condition.cast(to: Scalar.self)) .> 0 }
      let (up, down) = (meets(values .== .infinity), meets(values .== -.infinity))
      let one = select(up, Scalar.infinity, select(down, -.infinity, Tensor<Scalar>(zeros: up.shape)))
      return select(meets(values.isNaN()) .|| (up .&& down), .nan, one)
    }
    let shown = extra.recorded("scaledDotProductAttention", from: weights, saving: .first) { d in
      d.send(0) { d.input(0).meeting(d.gradient, values) }
    }
    return matmul(weights, v.withFiniteValues) + shown
  }

  /// The gradients of q, k and v from dL/dy, made of recorded operations; no query to which nothing comes back matters.
  func gradientsOfVisible(
    _ q: Tensor<Scalar>, _ k: Tensor<Scalar>, _ v: Tensor<Scalar>, _ g: Tensor<Scalar>
  ) -> (q: Tensor<Scalar>, k: Tensor<Scalar>, v: Tensor<Scalar>) {
    var weights = weightsOfVisible(q, k)
    let isUnused = withoutGradients {
      (g.detached() .== 0).all(along: -1, keepingAxes: true) .&& weights.detached().hasBrokenRows
    }
    weights = select(isUnused, 0, weights)
    let shown = withoutGradients { weights.detached().meeting(g.detached(), v.detached()) }
    let derivatives = matmul(g, v.withFiniteValues.transposed()) + shown
    let inner =
      zeroProduct(weights, derivatives - zeroProduct(weights, derivatives).sum(along: -1, keepingAxes: true)) * scale
    return (
      matmul(inner, k.withFiniteValues), matmul(inner.transposed(), q.withFiniteValues),
      matmul(weights.transposed(), g)
    )
  }
}

extension Tensor where Scalar: FloatingScalar {
  /// 0 in place of infinities and NaN; the derivative is 1 everywhere.
  fileprivate var withFiniteValues: Tensor {
    let values = detached()
    return select(values.isFinite(), values, 0).recorded("scaledDotProductAttention", from: self) { d in
      d.send(0) { d.gradient }
    }
  }

  /// Which rows hold infinities or NaN, […, rows, 1].
  fileprivate var hasBrokenRows: Tensor<Bool> { .!isFinite().all(along: -1, keepingAxes: true) }

  /// Of weights: NaN where one is not 0 and a derivative that is not 0 meets a value that is not finite, 0 elsewhere.
  fileprivate func meeting(_ derivatives: Tensor, _ values: Tensor) -> Tensor {
    let broken = (.!values.isFinite()).cast(to: Scalar.self)
    let meets = matmul((derivatives .!= 0).cast(to: Scalar.self), broken.transposed()) .> 0
    return select(meets .&& (self .!= 0), .nan, Tensor(zeros: shape))
  }
}
