import TernBackend
import TernTensor

extension NodeCall {
  /// Attention and what goes with it.
  static let attention: [String: GraphOperator] = [
    "Attention": { try $0.floating($0.attended, $0.attended) },
    "RotaryEmbedding": { try $0.floating($0.rotated, $0.rotated) },
    "TensorScatter": { [try $0.cacheUpdated($0.scalar)] },
  ]

  // MARK: Attention

  /// softmax(s·q·kᵀ + bias)·v over heads, with keys and values of earlier calls in front.
  private func attended<Scalar: FloatingScalar>(_: Scalar.Type) throws -> [ONNXTensor] {
    let flat: [Tensor<Scalar>] = try (0..<3).map { try tensor($0) }
    let isFlat = flat[0].rank == 3
    try require(
      flat.allSatisfy { $0.rank == flat[0].rank && !$0.isEmpty } && (isFlat || flat[0].rank == 4),
      "queries, keys and values of the shapes \(flat.map(\.shape))")
    let heads = try (int("q_num_heads", 0), int("kv_num_heads", 0))
    var parts: [Tensor<Scalar>] = []
    for (index, x) in flat.enumerated() {
      guard isFlat else {
        parts.append(x)
        continue
      }
      let count = index == 0 ? heads.0 : heads.1
      try require(count > 0 && x.shape[2] % count == 0, "\(count) heads of \(x.shape)")
      parts.append(x.reshaped([x.shape[0], x.shape[1], count, x.shape[2] / count]).permuted([0, 2, 1, 3]))
    }
    let query = parts[0]
    let present = try (
      key: continued(parts[1], by: optional(4)), value: continued(parts[2], by: optional(5))
    )
    try require(has(4) == has(5), "earlier keys without earlier values")
    try require(
      present.key.shape[0] == query.shape[0] && present.value.shape[0] == query.shape[0]
        && present.key.shape[3] == query.shape[3] && present.key.shape[2] == present.value.shape[2]
        && present.key.shape[1] == present.value.shape[1] && query.shape[1] % present.key.shape[1] == 0,
      "queries \(query.shape), keys \(present.key.shape) and values \(present.value.shape)")
    let (key, value) = (
      repeated(present.key, heads: query.shape[1]), repeated(present.value, heads: query.shape[1])
    )
    let scores = [query.shape[0], query.shape[1], query.shape[2], key.shape[2]]
    try allow(scores)
    let (mask, bias) = try masks(scores, earlier: has(4) ? present.key.shape[2] - parts[1].shape[2] : 0, Scalar.self)
    let scale = Scalar(try float("scale", 1 / Double(query.shape[3]).squareRoot()))
    let cap = Scalar(try float("softcap", 0))
    let wantsScores = node.outputs.count > 3 && !node.outputs[3].isEmpty
    var result: Tensor<Scalar>
    var shown: Tensor<Scalar>?
    if cap == 0 && !wantsScores {
      result = scaledDotProductAttention(query, key, value, mask: mask, bias: bias, scale: scale)
    } else {
      let raw = matmul(query * scale, key.transposed(2, 3))
      let capped = cap > 0 ? (raw / cap).tanh() * cap : raw
      var biased = capped
      if let bias { biased = biased + bias }
      if let mask { biased = select(mask, biased, -Scalar.infinity) }
      biased = biased.broadcast(to: scores)
      let isVoid = biased.amax(along: [3], keepingAxes: true) .== -Scalar.infinity
      let weights = select(isVoid, Tensor(Scalar(0)), select(isVoid, Tensor(Scalar(0)), biased).softmax(along: 3))
      result = matmul(weights, value)
      switch try int("qk_matmul_output_mode", 0) {
      case 0: shown = raw
      case 1: shown = capped
      case 2: shown = biased
      case 3: shown = weights
      case let mode: throw error("an output of the scores in mode \(mode)")
      }
    }
    if isFlat {
      result = result.permuted([0, 2, 1, 3])
        .reshaped([query.shape[0], query.shape[2], query.shape[1] * value.shape[3]])
    }
    return [ONNXTensor(result), ONNXTensor(present.key), ONNXTensor(present.value)]
      + (shown.map { [ONNXTensor($0)] } ?? [])
  }

  /// Keys or values behind those of earlier calls.
  private func continued<Scalar: FloatingScalar>(
    _ new: Tensor<Scalar>, by past: Tensor<Scalar>?
  ) throws -> Tensor<Scalar> {
    guard let past else { return new }
    try require(
      past.rank == 4 && past.shape[..<2] == new.shape[..<2] && past.shape[3] == new.shape[3],
      "earlier keys or values of shape \(past.shape) for \(new.shape)")
    try allow([new.shape[0], new.shape[1], past.shape[2] + new.shape[2], new.shape[3]])
    return concatenate([past, new], along: 2)
  }

  /// Each head of keys or values for as many heads of queries as share it.
  private func repeated<Scalar: FloatingScalar>(_ x: Tensor<Scalar>, heads: Int) -> Tensor<Scalar> {
    let (batch, own, length, width) = (x.shape[0], x.shape[1], x.shape[2], x.shape[3])
    if own == heads { return x }
    return x.reshaped([batch, own, 1, length, width]).broadcast(to: [batch, own, heads / own, length, width])
      .reshaped([batch, heads, length, width])
  }

  /// Where a query may attend to a key, and what is added to the scores.
  private func masks<Scalar: FloatingScalar>(
    _ scores: [Int], earlier: Int, _: Scalar.Type
  ) throws -> (Tensor<Bool>?, Tensor<Scalar>?) {
    let (queries, keys) = (scores[2], scores[3])
    var mask: Tensor<Bool>?
    var bias: Tensor<Scalar>?
    func restrict(_ allowed: Tensor<Bool>) { mask = mask.map { $0 .&& allowed } ?? allowed }
    if has(3) {
      let given = try value(3)
      let gap = keys - (given.shape.last ?? 0)
      try require(given.rank >= 1 && given.rank <= 4 && gap >= 0, "a mask of shape \(given.shape) for \(scores)")
      let amounts = [(before: Int, after: Int)](repeating: (0, 0), count: given.rank - 1) + [(0, gap)]
      var shape = given.shape
      shape[given.rank - 1] = keys
      try require(try broadcast(shape, scores) == scores, "a mask of shape \(given.shape) for \(scores)")
      if given.dtype == .bool {
        restrict(Tensor<Bool>(body: given.body).padded(amounts, .constant(false)))
      } else {
        bias = try tensor(3, as: Scalar.self).padded(amounts, .constant(-.infinity))
      }
    }
    let lengths = has(6) ? try positions(6) : nil
    if let lengths {
      try require(lengths.shape == [scores[0]] && !has(4), "lengths of shape \(lengths.shape) for \(scores)")
      restrict(Tensor(0..<keys) .< lengths.reshaped([scores[0], 1, 1, 1]))
    }
    let (left, right) = (try int("left_window_size", -1), try int("right_window_size", -1))
    let isCausal = try flag("is_causal")
    if isCausal || left >= 0 || right >= 0 {
      // The position of every query among the keys.
      let rows = Tensor(0..<queries).reshaped([queries, 1])
      let place = lengths.map { $0.reshaped([scores[0], 1, 1, 1]) - queries + rows } ?? (rows + earlier)
      let distance = place - Tensor(0..<keys)
      if isCausal { restrict(distance .>= 0) }
      if left >= 0 { restrict(distance .<= left) }
      if right >= 0 { restrict(distance .>= -Swift.min(right, 1 << 40)) }
    }
    return (mask, bias)
  }

  // MARK: Positions

  /// Pairs of features turned by an angle that depends on their position.
  private func rotated<Scalar: FloatingScalar>(_: Scalar.Type) throws -> ONNXTensor {
    let given: Tensor<Scalar> = try tensor(0)
    var (cos, sin): (Tensor<Scalar>, Tensor<Scalar>) = (try tensor(1), try tensor(2))
    try require(given.rank == 3 || given.rank == 4, "an input of shape \(given.shape)")
    var x = given
    if given.rank == 3 {
      let heads = try int("num_heads", 0)
      try require(heads > 0 && given.shape[2] % heads == 0, "\(heads) heads of \(given.shape)")
      x = given.reshaped([given.shape[0], given.shape[1], heads, given.shape[2] / heads])
    } else {
      x = given.permuted([0, 2, 1, 3])
    }
    let (batch, length, heads, width) = (x.shape[0], x.shape[1], x.shape[2], x.shape[3])
    let named = try int("rotary_embedding_dim", 0)
    let turned = named == 0 ? width : named
    try require(turned > 0 && turned <= width && turned % 2 == 0, "\(turned) turned features of \(width)")
    if has(3) {
      let places = try positions(3)
      try require(
        cos.rank == 2 && sin.shape == cos.shape && places.shape == [batch, length],
        "tables \(cos.shape) and \(sin.shape) for positions \(places.shape) of \([batch, length])")
      let flat = try checked(places.reshaped([places.count]), extent: cos.shape[0])
      (cos, sin) = (cos.taking(flat, along: 0), sin.taking(flat, along: 0))
    }
    try require(
      cos.count == batch * length * (turned / 2) && sin.count == cos.count && cos.shape.last == turned / 2,
      "tables \(cos.shape) and \(sin.shape) for \([batch, length, turned / 2])")
    let shape = [batch, length, 1, turned / 2]
    (cos, sin) = (cos.reshaped(shape), sin.reshaped(shape))
    let head = x.narrowed(axis: 3, start: 0, length: turned)
    let isInterleaved = try flag("interleaved")
    let pairs =
      isInterleaved
      ? head.reshaped([batch, length, heads, turned / 2, 2])
      : head.reshaped([batch, length, heads, 2, turned / 2]).permuted([0, 1, 2, 4, 3])
    let (a, b) = (pairs.selected(axis: 4, index: 0), pairs.selected(axis: 4, index: 1))
    let (real, imaginary) = (cos * a - sin * b, sin * a + cos * b)
    let joined =
      isInterleaved
      ? stack([real, imaginary], along: 4).reshaped([batch, length, heads, turned])
      : concatenate([real, imaginary], along: 3)
    let whole =
      turned == width
      ? joined : concatenate([joined, x.narrowed(axis: 3, start: turned, length: width - turned)], along: 3)
    return ONNXTensor(given.rank == 3 ? whole.reshaped(given.shape) : whole.permuted([0, 2, 1, 3]))
  }

  // MARK: Caches

  /// A cache with new entries from a place on that each example of the batch has of its own.
  private func cacheUpdated<Scalar: TensorScalar>(_: Scalar.Type) throws -> ONNXTensor {
    let (cache, update): (Tensor<Scalar>, Tensor<Scalar>) = (try tensor(0), try tensor(1))
    let axis = try axis(int("axis", -2), cache.rank)
    var shape = cache.shape
    shape[axis] = update.rank == cache.rank ? update.shape[axis] : 0
    let (extent, length) = (cache.shape[axis], shape[axis])
    try require(
      axis > 0 && update.shape == shape && length <= extent && !update.isEmpty,
      "an update of shape \(update.shape) for a cache of shape \(cache.shape)")
    let starts = has(2) ? try positions(2) : Tensor<Int>(zeros: [shape[0]])
    try require(starts.shape == [shape[0]], "places of shape \(starts.shape)")
    let mode = try text("mode", "linear")
    try require(mode == "linear" || mode == "circular", "the mode \"\(mode)\"")
    let isCircular = mode == "circular"
    for start in starts.scalars {
      let last = isCircular ? 1 << 40 : extent - length
      try require(start >= 0 && start <= last, "writes from place \(start) of \(extent)")
    }
    var wide = [Int](repeating: 1, count: cache.rank)
    wide[0] = shape[0]
    var line = [Int](repeating: 1, count: cache.rank)
    line[axis] = extent
    let difference = Tensor(0..<extent).reshaped(line) - starts.reshaped(wide)
    let source = isCircular ? remainder(difference, Tensor(extent)) : difference
    let isNew = (source .>= 0) .&& (source .< length)
    let places = select(isNew, source, 0).broadcast(to: cache.shape)
    return ONNXTensor(select(isNew, update.gathered(places, along: axis), cache))
  }
}
