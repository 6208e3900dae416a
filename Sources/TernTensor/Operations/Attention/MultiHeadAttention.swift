import TernBackend

/// The weights that make queries, keys and values from the inputs of an attention of E features.
public enum AttentionProjection<Scalar: FloatingScalar>: Sendable {
  /// One below the other, [3·E, E].
  case joint(Tensor<Scalar>)
  /// Each by itself, for keys and values of other numbers of features: [E, E], [E, key features], [E, value features].
  case separate(query: Tensor<Scalar>, key: Tensor<Scalar>, value: Tensor<Scalar>)
}

/// Attention of several heads, each over its own part of the features: projections of queries, keys and values, an
/// attention a head, and a projection of the heads' results side by side.
///
/// Source: Vaswani et al. 2017, "Attention is all you need".
///
/// - Parameters:
///   - query: [L, N, E], or [N, L, E] batch first, or without a batch [L, E].
///   - key: [S, N, key features], as the query's.
///   - value: [S, N, value features], as the query's.
///   - heads: how many; divides E.
///   - projection: the weights of queries, keys and values; joint ones ask for keys and values of E features.
///   - projectionBias: [3·E].
///   - keyBias: one more key behind those of every sequence, [E] or [1, 1, E], after the projection; with a value.
///   - valueBias: the value of that key, likewise.
///   - appendsZeros: whether a key and a value of zeros follow them.
///   - outputWeight: [E, E].
///   - outputBias: [E].
///   - mask: true where a query may attend to a key: [L, S], [N·heads, L, S] or what broadcasts to [N, heads, L, S]; the
///     keys that are appended may always be attended to.
///   - bias: added to the scores, in the shapes of the mask.
///   - keyMask: true for the keys that may be attended to, [N, S].
///   - causal: whether query i sees the keys 0 … i only.
///   - batchFirst: whether the batch is the first axis, not the second.
///   - dropout: the probability that a weight is dropped.
///   - generator: where the dropped ones come from.
/// - Returns: the result in the query's shape.
///
/// Stops where the shapes do not fit.
public func multiHeadAttention<Scalar: FloatingScalar>(
  _ query: Tensor<Scalar>, _ key: Tensor<Scalar>, _ value: Tensor<Scalar>, heads: Int,
  projection: AttentionProjection<Scalar>,
  projectionBias: Tensor<Scalar>? = nil, keyBias: Tensor<Scalar>? = nil, valueBias: Tensor<Scalar>? = nil,
  appendsZeros: Bool = false, outputWeight: Tensor<Scalar>, outputBias: Tensor<Scalar>? = nil,
  mask: Tensor<Bool>? = nil, bias: Tensor<Scalar>? = nil, keyMask: Tensor<Bool>? = nil, causal: Bool = false,
  batchFirst: Bool = false, dropout: Double = 0, generator: RandomGenerator? = nil,
  file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  let call = HeadsCall(
    query, key, value, heads: heads, projection, projectionBias, outputWeight, outputBias, mask, bias, keyMask,
    causal: causal, batchFirst: batchFirst, AppendedKeys(keyBias, valueBias, zeros: appendsZeros))
  return call.projected(call.attended(dropout, generator))
}

/// As ``multiHeadAttention(_:_:_:heads:projection:projectionBias:keyBias:valueBias:appendsZeros:outputWeight:outputBias:mask:bias:keyMask:causal:batchFirst:dropout:generator:file:line:)``,
/// with the weights of every head, [N, heads, L, S] ([heads, L, S] without a batch), before any is dropped.
public func multiHeadAttentionWithWeights<Scalar: FloatingScalar>(
  _ query: Tensor<Scalar>, _ key: Tensor<Scalar>, _ value: Tensor<Scalar>, heads: Int,
  projection: AttentionProjection<Scalar>,
  projectionBias: Tensor<Scalar>? = nil, keyBias: Tensor<Scalar>? = nil, valueBias: Tensor<Scalar>? = nil,
  appendsZeros: Bool = false, outputWeight: Tensor<Scalar>, outputBias: Tensor<Scalar>? = nil,
  mask: Tensor<Bool>? = nil, bias: Tensor<Scalar>? = nil, keyMask: Tensor<Bool>? = nil, causal: Bool = false,
  batchFirst: Bool = false, dropout: Double = 0, generator: RandomGenerator? = nil,
  file: StaticString = #fileID, line: UInt = #line
) -> (output: Tensor<Scalar>, weights: Tensor<Scalar>) {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  let call = HeadsCall(
    query, key, value, heads: heads, projection, projectionBias, outputWeight, outputBias, mask, bias, keyMask,
    causal: causal, batchFirst: batchFirst, AppendedKeys(keyBias, valueBias, zeros: appendsZeros))
  let (q, k, v) = call.headed()
  let weights = call.settings.weights(q, k)
  let kept = dropout > 0 ? weights.dropped(dropout, generator) : weights
  let output = call.projected(call.settings.mean(kept, v).joiningHeads(call.batchFirst))
  return (output, call.isBatched ? weights : weights.reshaped(Array(weights.shape.dropFirst())))
}

/// Keys and values behind those of every sequence.
private struct AppendedKeys<Scalar: FloatingScalar> {
  /// [E] each.
  let bias: (key: Tensor<Scalar>, value: Tensor<Scalar>)?
  let zeros: Bool

  var count: Int { (bias == nil ? 0 : 1) + (zeros ? 1 : 0) }

  init(_ key: Tensor<Scalar>?, _ value: Tensor<Scalar>?, zeros: Bool) {
    check((key == nil) == (value == nil), "multiHeadAttention", "a bias of keys goes with one of values")
    if let key, let value { bias = (key.flattened(), value.flattened()) } else { bias = nil }
    self.zeros = zeros
  }

  /// Keys [N, heads, S, D] with those that are appended; `bias` is one of the two biases.
  func appended(to x: Tensor<Scalar>, _ bias: Tensor<Scalar>?) -> Tensor<Scalar> {
    var parts = [x]
    let shape = [x.shape[0], x.shape[1], 1, x.shape[3]]
    if let bias { parts.append(bias.reshaped([1, x.shape[1], 1, x.shape[3]]).broadcast(to: shape)) }
    if zeros { parts.append(Tensor(zeros: shape)) }
    return parts.count == 1 ? x : concatenate(parts, along: 2)
  }
}

/// What one attention of several heads is given, checked and brought into one form.
private struct HeadsCall<Scalar: FloatingScalar> {
  let query: Tensor<Scalar>, key: Tensor<Scalar>, value: Tensor<Scalar>
  let heads: Int
  let projection: AttentionProjection<Scalar>, projectionBias: Tensor<Scalar>?
  let outputWeight: Tensor<Scalar>, outputBias: Tensor<Scalar>?
  let settings: AttentionSettings<Scalar>
  let batchFirst: Bool, isBatched: Bool, isSelf: Bool
  let more: AppendedKeys<Scalar>

  init(
    _ query: Tensor<Scalar>, _ key: Tensor<Scalar>, _ value: Tensor<Scalar>, heads: Int,
    _ projection: AttentionProjection<Scalar>, _ projectionBias: Tensor<Scalar>?, _ outputWeight: Tensor<Scalar>,
    _ outputBias: Tensor<Scalar>?, _ mask: Tensor<Bool>?, _ bias: Tensor<Scalar>?, _ keyMask: Tensor<Bool>?,
    causal: Bool, batchFirst: Bool, _ more: AppendedKeys<Scalar>
  ) {
    self.more = more
    let name = "multiHeadAttention"
    check(
      (query.rank == 2 || query.rank == 3) && key.rank == query.rank && value.rank == query.rank, name,
      "query \(query.shape), key \(key.shape), value \(value.shape) are not all of rank 3, or all of rank 2")
    let features = query.shape[query.rank - 1]
    check(
      key.shape.dropLast() == value.shape.dropLast(), name,
      "key \(key.shape) and value \(value.shape): as many values as keys are wanted")
    Sizes.check(heads, name, "a number of heads of")
    check(heads >= 1 && features % heads == 0, name, "\(heads) heads for \(features) features of \(query.shape)")
    if let (k, v) = more.bias {
      check(
        k.count == features && v.count == features, name,
        "biases of \(k.count) and \(v.count) features for keys and values of \(features)")
    }
    let (keyFeatures, valueFeatures) = (key.shape[key.rank - 1], value.shape[value.rank - 1])
    switch projection {
    case .joint(let weight):
      check(
        keyFeatures == features && valueFeatures == features, name,
        "query \(query.shape), key \(key.shape), value \(value.shape): equal features are wanted")
      check(
        weight.shape == [3 * features, features], name,
        "projection \(weight.shape) for query \(query.shape), [\(3 * features), \(features)] is wanted")
    case .separate(let q, let k, let v):
      let wanted = [[features, features], [features, keyFeatures], [features, valueFeatures]]
      check(
        [q.shape, k.shape, v.shape] == wanted, name,
        "projections \(q.shape), \(k.shape), \(v.shape) for query \(query.shape), key \(key.shape), value "
          + "\(value.shape), \(wanted) are wanted")
    }
    func isSame(_ a: Tensor<Scalar>, _ b: Tensor<Scalar>) -> Bool {
      a.body.memory === b.body.memory && a.node === b.node
    }
    let isOne = isSame(query, key) && isSame(key, value)
    isSelf = isOne
    isBatched = query.rank == 3
    self.batchFirst = batchFirst && isBatched
    let wide = query.rank == 3
    func batched(_ x: Tensor<Scalar>) -> Tensor<Scalar> { wide ? x : x.expandedAxis(at: 1) }
    // What no query sees is 0 before it meets the weights, whose derivatives it would reach.
    func visible(_ x: Tensor<Scalar>) -> Tensor<Scalar> {
      let x = batched(x)
      guard let keyMask, !isOne, withoutGradients({ !x.detached().sum().item.isFinite }) else { return x }
      let rows = wide ? keyMask : keyMask.expandedAxis(at: 0)
      return select((batchFirst && wide ? rows : rows.transposed()).expandedAxis(at: 2), x, 0)
    }
    (self.query, self.key, self.value) = (batched(query), visible(key), visible(value))
    (self.projection, self.projectionBias) = (projection, projectionBias)
    (self.outputWeight, self.outputBias) = (outputWeight, outputBias)
    self.heads = heads
    let (time, batch) = self.batchFirst ? (1, 0) : (0, 1)
    let (n, l, s) = (self.query.shape[batch], self.query.shape[time], self.key.shape[time])
    check(
      self.key.shape[batch] == n, name, "query \(query.shape) and key \(key.shape) differ in the batch")
    func term<Term: TensorScalar>(_ x: Tensor<Term>) -> Tensor<Term> {
      if x.rank == 3 && x.shape[0] == Sizes.saturated(n, times: heads) {
        return x.reshaped([n, heads] + x.shape.suffix(2))
      }
      check(
        broadcastShape(x.shape, [n, heads, l, s], name) == [n, heads, l, s], name,
        "a mask or bias \(x.shape) for scores \([n, heads, l, s])")
      return x
    }
    var allowed = mask.map(term)
    if let keyMask {
      let wanted = isBatched ? [n, s] : [s]
      check(keyMask.shape == wanted, name, "key mask \(keyMask.shape), \(wanted) is wanted")
      let keys = keyMask.reshaped([n, 1, 1, s])
      allowed = allowed.map { $0 .&& keys } ?? keys
    }
    var scoreBias = bias.map(term)
    var isCausal = causal
    if more.count > 0 {
      if causal {
        let past = Tensor<Bool>(ones: [l, s]).lowerTriangle()
        (allowed, isCausal) = (allowed.map { $0 .&& past } ?? past, false)
      }
      func extended<Term: TensorScalar>(_ x: Tensor<Term>, by value: Term) -> Tensor<Term> {
        let front = Array(x.shape.dropLast())
        let wide = x.shape.last == s ? x : x.broadcast(to: front + [s])
        return concatenate([wide, Tensor(full: front + [more.count], value)], along: front.count)
      }
      allowed = allowed.map { extended($0, by: true) }
      scoreBias = scoreBias.map { extended($0, by: 0) }
    }
    settings = AttentionSettings(
      mask: allowed, bias: scoreBias, isCausal: isCausal, scale: nil, width: features / heads)
  }

  /// The heads' results side by side.
  func attended(_ dropout: Double, _ generator: RandomGenerator?) -> Tensor<Scalar> {
    if isSelf, more.count == 0, case .joint(let projection) = projection, dropout == 0,
      settings.bias?.node == nil || !Recording.isOn
    {
      return packedAttention(
        linear(query, projection, bias: projectionBias), heads: heads, batchFirst: batchFirst, settings)
    }
    let (q, k, v) = headed()
    return scaledDotProductAttention(
      q, k, v, mask: settings.mask, bias: settings.bias, causal: settings.isCausal, dropout: dropout,
      generator: generator
    ).joiningHeads(batchFirst)
  }

  /// The projections of queries, keys and values, [N, heads, L, D] and [N, heads, S, D], with the keys that are appended.
  func headed() -> (Tensor<Scalar>, Tensor<Scalar>, Tensor<Scalar>) {
    let (q, k, v) = projections()
    return (q, more.appended(to: k, more.bias?.key), more.appended(to: v, more.bias?.value))
  }

  private func projections() -> (Tensor<Scalar>, Tensor<Scalar>, Tensor<Scalar>) {
    let features = query.shape[2]
    let lengths = [features, features, features]
    func headed(_ x: Tensor<Scalar>) -> Tensor<Scalar> { x.heads(heads, batchFirst) }
    let weights: [Tensor<Scalar>]
    switch projection {
    case .joint(let weight):
      if isSelf {
        let parts = linear(query, weight, bias: projectionBias).split(lengths, along: 2)
        return (headed(parts[0]), headed(parts[1]), headed(parts[2]))
      }
      weights = weight.split(lengths, along: 0)
    case .separate(let q, let k, let v): weights = [q, k, v]
    }
    let biases = projectionBias?.split(lengths, along: 0)
    return (
      headed(linear(query, weights[0], bias: biases?[0])), headed(linear(key, weights[1], bias: biases?[1])),
      headed(linear(value, weights[2], bias: biases?[2]))
    )
  }

  func projected(_ x: Tensor<Scalar>) -> Tensor<Scalar> {
    let result = linear(x, outputWeight, bias: outputBias)
    return isBatched ? result : result.reshaped([result.shape[0], result.shape[2]])
  }
}
