import TernBackend

/// Attention: softmax(s·q·kᵀ + bias)·v, every query a mean of the values by how well its keys fit.
///
/// The weights never exist in whole: blocks of them are made in the cache, in the backward pass once more. A query that
/// may attend to nothing gives zeros; what a mask hides does not matter, NaN included. Gradients, with the weights p and dp = dL/dy·vᵀ: dv = pᵀ·dL/dy,
/// ds = p·(dp − Σ p·dp), dq = s·ds·k, dk = s·dsᵀ·q; the bias has ds. Source: Vaswani et al. 2017, "Attention is all you
/// need"; Dao et al. 2022, "FlashAttention".
///
/// - Parameters:
///   - queries: q, […, L, E].
///   - keys: k, […, S, E].
///   - values: v, […, S, Ev]; the leading axes of all three broadcast.
///   - mask: true where a query may attend to a key; broadcasts to […, L, S].
///   - bias: added to the scores; broadcasts to […, L, S].
///   - causal: whether query i sees the keys 0 … i only.
///   - scale: s; 1/√E when `nil`.
///   - groupedQueries: whether neighboring heads of queries share a head of keys and values: on axis −3 the queries have a
///     multiple of the keys' and values' heads.
///   - dropout: the probability that a weight is dropped, the others scaled up; 0 for none.
///   - generator: where the dropped ones come from; the task's or the global one when `nil`.
/// - Returns: […, L, Ev].
///
/// Stops where the shapes do not fit.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
public func scaledDotProductAttention<Scalar: FloatingScalar>(
  _ queries: Tensor<Scalar>, _ keys: Tensor<Scalar>, _ values: Tensor<Scalar>, mask: Tensor<Bool>? = nil,
  bias: Tensor<Scalar>? = nil, causal: Bool = false, scale: Scalar? = nil, groupedQueries: Bool = false,
  dropout: Double = 0, generator: RandomGenerator? = nil,
  file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  let name = "scaledDotProductAttention"
  check(
    queries.rank >= 2 && keys.rank >= 2 && values.rank >= 2, name,
    "queries \(queries.shape), keys \(keys.shape), values \(values.shape): matrices are wanted")
  check(
    queries.shape.last == keys.shape.last, name,
    "queries \(queries.shape) and keys \(keys.shape) differ in width "
      + "(\(queries.shape[queries.rank - 1]) ≠ \(keys.shape[keys.rank - 1]))")
  let (length, places) = (keys.shape[keys.rank - 2], values.shape[values.rank - 2])
  check(
    length == places, name, "keys \(keys.shape) and values \(values.shape) differ in number (\(length) ≠ \(places))")
  check(dropout >= 0 && dropout <= 1, name, "a dropout of \(dropout)")
  if groupedQueries { return grouped(queries, keys, values, mask, bias, causal, scale, dropout, generator) }
  let settings = AttentionSettings(mask: mask, bias: bias, isCausal: causal, scale: scale, width: queries.shape.last!)
  if dropout == 0 && mask == nil && bias == nil && keys.shape == queries.shape && values.shape == queries.shape {
    return fused(queries, keys, values, settings)
  }
  let batch = broadcastShape(
    broadcastShape(Array(queries.shape.dropLast(2)), Array(keys.shape.dropLast(2)), name),
    Array(values.shape.dropLast(2)), name)
  func spread(_ x: Tensor<Scalar>) -> Tensor<Scalar> { x.broadcast(to: batch + x.shape.suffix(2)) }
  let (q, k, v) = (spread(queries), spread(keys), spread(values))
  let scores = batch + [q.shape[q.rank - 2], length]
  for (term, shape) in [("mask", mask?.shape), ("bias", bias?.shape)] {
    guard let shape else { continue }
    check(
      broadcastShape(shape, scores, name) == scores, name, "\(term) \(shape) does not broadcast to the scores \(scores)"
    )
  }
  if dropout > 0 || bias?.node != nil && Recording.isOn {
    var weights = settings.weights(q, k)
    if dropout > 0 { weights = weights.dropped(dropout, generator) }
    return settings.mean(weights, v)
  }
  return fused(q, k, v, settings)
}

/// The weights of an attention: softmax(s·q·kᵀ + bias), zeros for a query that may attend to nothing.
///
/// Parameters as in ``scaledDotProductAttention(_:_:_:mask:bias:causal:scale:groupedQueries:dropout:generator:file:line:)``, which
/// does without them.
///
/// - Returns: […, L, S].
public func attentionWeights<Scalar: FloatingScalar>(
  _ queries: Tensor<Scalar>, _ keys: Tensor<Scalar>, mask: Tensor<Bool>? = nil, bias: Tensor<Scalar>? = nil,
  causal: Bool = false, scale: Scalar? = nil,
  file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  check(
    queries.rank >= 2 && keys.rank >= 2 && queries.shape.last == keys.shape.last, "attentionWeights",
    "queries \(queries.shape) and keys \(keys.shape) are not matrices of one width")
  return AttentionSettings(mask: mask, bias: bias, isCausal: causal, scale: scale, width: queries.shape.last!)
    .weights(queries, keys)
}

/// What goes with the scores.
struct AttentionSettings<Scalar: FloatingScalar>: Sendable {
  let mask: Tensor<Bool>?
  let bias: Tensor<Scalar>?
  let isCausal: Bool
  let scale: Scalar

  init(mask: Tensor<Bool>?, bias: Tensor<Scalar>?, isCausal: Bool, scale: Scalar?, width: Int) {
    (self.mask, self.bias, self.isCausal) = (mask, bias, isCausal)
    self.scale = scale ?? 1 / Scalar(width).squareRoot()
  }

  /// What attention is called with.
  var arguments: [String: OperationArgument] {
    var arguments: [String: OperationArgument] = ["isCausal": .flag(isCausal), "scale": .number(scale.number)]
    if let mask { arguments["mask"] = .tensor(mask.body) }
    if let bias { arguments["bias"] = .tensor(bias.body) }
    return arguments
  }

  /// The weights, made of recorded operations.
  func weights(_ q: Tensor<Scalar>, _ k: Tensor<Scalar>) -> Tensor<Scalar> {
    if mayHide(q, k) { return weightsOfVisible(q, k) }
    var scores = matmul(q, k.transposed()) * scale
    if let bias { scores = scores + bias }
    var allowed = mask
    if isCausal {
      let (rows, columns) = (scores.shape[scores.rank - 2], scores.shape[scores.rank - 1])
      let past = Tensor<Bool>(ones: [rows, columns]).lowerTriangle()
      allowed = allowed.map { $0 .&& past } ?? past
    }
    if let allowed { scores = select(allowed, scores, -.infinity) }
    if allowed == nil && bias == nil || scores.isEmpty { return scores.softmax() }
    // A row of nothing but −∞ would give NaN, and its gradient too.
    let isVoid = withoutGradients { scores.max(along: -1, keepingAxes: true).values .== -.infinity }
    return select(isVoid, 0, select(isVoid, 0, scores).softmax())
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func engine(_ q: Tensor<Scalar>, _ v: Tensor<Scalar>) -> AttentionEngine<Scalar> {
    let (queries, keys) = (q.shape[q.rank - 2], v.shape[v.rank - 2])
    let (count, hasTerms) = (Layout.product(Array(q.shape.dropLast(2))), mask != nil || bias != nil)
    let scores = hasTerms ? q.shape.dropLast(2) + [queries, keys] : []
    return AttentionEngine(
      count: count, queries: queries, keys: keys, width: q.shape[q.rank - 1],
      valueWidth: v.shape[v.rank - 1], scale: scale, isCausal: isCausal,
      mask: mask.map { ScoreTerm($0, scores: scores) }, bias: bias.map { ScoreTerm($0, scores: scores) })
  }

  /// The gradients of q, k and v from dL/dy, made of recorded operations.
  func gradients(
    _ q: Tensor<Scalar>, _ k: Tensor<Scalar>, _ v: Tensor<Scalar>, _ g: Tensor<Scalar>
  ) -> (q: Tensor<Scalar>, k: Tensor<Scalar>, v: Tensor<Scalar>) {
    if mayHide(q, k, v, g) { return gradientsOfVisible(q, k, v, g) }
    let weights = weights(q, k)
    let derivatives = matmul(g, v.transposed())
    let inner = weights * (derivatives - (weights * derivatives).sum(along: -1, keepingAxes: true)) * scale
    return (matmul(inner, k), matmul(inner.transposed(), q), matmul(weights.transposed(), g))
  }
}

extension Tensor where Scalar: FloatingScalar {
  /// Some elements zero, with a probability, the rest scaled up.
  func dropped(_ probability: Double, _ generator: RandomGenerator?) -> Tensor {
    if probability >= 1 { return zeroProduct(self, Tensor(zeros: shape)) }
    let kept = Tensor(randomBernoulli: shape, probability: 1 - probability, generator: generator)
    return zeroProduct(self, kept * Scalar(1 / (1 - probability)))
  }

  /// A new tensor of the shape […, rows, columns] whose memory is in the order of this one's.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func newMatrices(columns: Int) -> Tensor {
    if columns == shape[rank - 1] && layout.isContiguous { return Tensor(uninitialized: layout) }
    let target = Array(shape.dropLast()) + [columns]
    let keepsOrder = layout.strides.allSatisfy { $0 > 0 } && layout.strides[rank - 1] == 1
    return Tensor(uninitialized: keepsOrder ? Layout(target, order: layout.memoryOrder) : Layout(target))
  }
}

/// The fused operation: q, k and v have the same leading axes.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
private func fused<Scalar: FloatingScalar>(
  _ q: Tensor<Scalar>, _ k: Tensor<Scalar>, _ v: Tensor<Scalar>, _ settings: AttentionSettings<Scalar>
) -> Tensor<Scalar> {
  let engine = settings.engine(q, v)
  let statistics = Tensor<Scalar>(uninitialized: [2, engine.count, engine.queries])
  var out = q.newMatrices(columns: engine.valueWidth)
  engine.forward(
    MatrixStack(q.operand), MatrixStack(k.operand), MatrixStack(v.operand), MatrixStack(out),
    statistics: statistics.mutablePointer)
  if settings.mayHide(out) {
    out = withoutGradients { settings.mean(settings.weightsOfVisible(q.detached(), k.detached()), v.detached()) }
  }
  let constants = AttentionSettings(
    mask: settings.mask, bias: settings.bias?.detached(), isCausal: settings.isCausal, scale: settings.scale, width: 1)
  OperationArguments.note("scaledDotProductAttention", settings.arguments)
  return out.recorded(
    "scaledDotProductAttention", from: q, k, v, saving: [.first, .second, .third, .output, .asOperands, .roundedOutput]
  ) { d in
    let (q, k, v, g) = (d.input(0), d.input(1), d.input(2), d.gradient)
    if d.createGraph {
      let derivatives = constants.gradients(q, k, v, g)
      d.send(0) { derivatives.q }
      d.send(1) { derivatives.k }
      d.send(2) { derivatives.v }
      return
    }
    var (dq, dk) = (q.newMatrices(columns: q.shape[q.rank - 1]), k.newMatrices(columns: k.shape[k.rank - 1]))
    var dv = v.newMatrices(columns: v.shape[v.rank - 1])
    constants.engine(q, v).backward(
      ReadMatrices(q.operand), ReadMatrices(k.operand), ReadMatrices(v.operand), ReadMatrices(d.output),
      MatrixStack(g.operand),
      statistics: statistics.pointer, MatrixStack(dq), MatrixStack(dk), MatrixStack(dv))
    if constants.mayHide(dq, dk, dv) { (dq, dk, dv) = constants.gradientsOfVisible(q, k, v, g) }
    d.send(0) { dq }
    d.send(1) { dk }
    d.send(2) { dv }
  }
}

/// Attention in which several heads of queries share one of keys and values, on axis −3.
private func grouped<Scalar: FloatingScalar>(
  _ queries: Tensor<Scalar>, _ keys: Tensor<Scalar>, _ values: Tensor<Scalar>, _ mask: Tensor<Bool>?,
  _ bias: Tensor<Scalar>?, _ causal: Bool, _ scale: Scalar?, _ dropout: Double, _ generator: RandomGenerator?
) -> Tensor<Scalar> {
  let name = "scaledDotProductAttention"
  check(
    queries.rank >= 3 && keys.rank >= 3 && values.rank >= 3, name,
    "queries \(queries.shape), keys \(keys.shape), values \(values.shape) have no axis of heads")
  let heads = queries.shape[queries.rank - 3]
  let shared = Swift.max(keys.shape[keys.rank - 3], values.shape[values.rank - 3])
  check(shared > 0 && heads % shared == 0, name, "\(heads) heads of queries for \(shared) of keys and values")
  // Heads are split into [shared, group] on two axes; keys and values repeat along the second.
  func split<Other: TensorScalar>(_ x: Tensor<Other>) -> Tensor<Other> {
    if x.rank < 3 { return x }
    let own = x.shape[x.rank - 3]
    check(own == 1 || own == heads, name, "a term \(x.shape) of the scores for \(heads) heads")
    return x.reshaped(x.shape.dropLast(3) + (own == 1 ? [1, 1] : [shared, heads / shared]) + x.shape.suffix(2))
  }
  func repeated(_ x: Tensor<Scalar>) -> Tensor<Scalar> {
    let own = x.shape[x.rank - 3]
    check(own > 0 && shared % own == 0, name, "keys \(keys.shape) and values \(values.shape) differ in heads")
    if own == shared { return x.expandedAxis(at: x.rank - 2) }
    let front = Array(x.shape.dropLast(2))
    return x.expandedAxis(at: x.rank - 2).broadcast(to: front + [shared / own] + x.shape.suffix(2))
      .reshaped(front.dropLast() + [shared, 1] + x.shape.suffix(2))
  }
  let q = queries.reshaped(queries.shape.dropLast(3) + [shared, heads / shared] + queries.shape.suffix(2))
  let result = scaledDotProductAttention(
    q, repeated(keys), repeated(values), mask: mask.map(split), bias: bias.map(split), causal: causal, scale: scale,
    dropout: dropout, generator: generator)
  return result.flattened(from: result.rank - 4, to: result.rank - 3)
}
