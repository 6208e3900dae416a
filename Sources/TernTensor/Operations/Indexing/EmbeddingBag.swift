import TernBackend

/// What becomes of the rows of a bag.
public enum EmbeddingBagMode: String, Sendable, CaseIterable {
  /// Their sum.
  case sum
  /// Their mean.
  case mean
  /// The largest of each feature.
  case max
}

/// The sum, the mean or the maximum of rows of a table, for each bag of indices: y[b] = Σ weight[i] over the i of bag b.
///
/// Equals ``embedding(_:_:paddingIndex:maxNorm:normOrder:scalesByFrequency:file:line:)`` and a reduction, without the rows
/// in between. An empty bag gives zeros. Gradient: dL/dy[b] added to the rows of bag b, divided by their number in the mean;
/// for the maximum that of a feature goes to the first row that has it. Source: PyTorch's `embedding_bag`.
///
/// - Parameters:
///   - indices: [B, n], each row a bag; or of rank 1, all bags one after the other, with `offsets`.
///   - weight: [rows, features].
///   - offsets: where each bag begins in indices of rank 1, from 0 on and never falling; [B], or [B + 1] with
///     `includesLastOffset`.
///   - mode: what becomes of the rows of a bag.
///   - sampleWeights: a factor for each index, of the indices' shape, in sums only.
///   - includesLastOffset: whether the last offset is the end of the last bag, not the start of one more.
///   - paddingIndex: a row that belongs to no bag and receives no gradient; negative ones count from the end.
///   - maxNorm: the largest norm of a row, see ``embedding(_:_:paddingIndex:maxNorm:normOrder:scalesByFrequency:file:line:)``.
///   - normOrder: p of that norm.
///   - scalesByFrequency: whether a row's gradient is divided by how often it was asked for; not for the maximum.
/// - Returns: [B, features].
///
/// Stops for an index outside the table, and where shapes or offsets do not fit.
public func embeddingBag<Scalar: FloatingScalar>(
  _ indices: Tensor<Int>, _ weight: Tensor<Scalar>, offsets: Tensor<Int>? = nil, mode: EmbeddingBagMode = .mean,
  sampleWeights: Tensor<Scalar>? = nil, includesLastOffset: Bool = false, paddingIndex: Int? = nil,
  maxNorm: Double? = nil, normOrder: Double = 2, scalesByFrequency: Bool = false,
  file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  let name = "embeddingBag"
  check(weight.rank == 2, name, "weight \(weight.shape) is no table [rows, features]")
  let rows = weight.shape[0]
  check(mode == .sum || sampleWeights == nil, name, "weights of samples in a \(mode.rawValue): a sum is wanted")
  check(mode != .max || !scalesByFrequency, name, "no gradient of a maximum is scaled by frequency")
  if let given = sampleWeights?.shape {
    check(given == indices.shape, name, "weights of samples \(given) for indices \(indices.shape)")
  }
  let padding = paddingIndex.map { index in
    check(index >= -rows && index < rows, name, "padding index \(index) for \(rows) rows")
    return index < 0 ? index + rows : index
  }
  let starts = bagStarts(indices, offsets, includesLastOffset)
  let bags = Bags(indices, starts, rows: rows, padding: padding)
  let limited = maxNorm.flatMap { weight.detached().limitedRows(indices, to: $0, order: normOrder, name) }
  if mode == .max { return bags.maximum(weight, limited: limited) }
  return bags.sum(weight, limited: limited, sampleWeights, mode, countedIn: scalesByFrequency ? indices.scalars : nil)
}

/// Where each bag begins among the indices, and where the last one ends.
private func bagStarts(_ indices: Tensor<Int>, _ offsets: Tensor<Int>?, _ includesLast: Bool) -> [Int] {
  let name = "embeddingBag"
  guard let offsets else {
    check(indices.rank == 2, name, "indices \(indices.shape) without offsets: [B, n] is wanted")
    check(!includesLast, name, "a last offset is included, but there are no offsets")
    MemoryPool.require(count: indices.shape[0], of: 8, name, "bags of indices \(indices.shape)")
    return (0...indices.shape[0]).map { $0 * indices.shape[1] }
  }
  check(
    indices.rank == 1 && offsets.rank == 1, name,
    "indices \(indices.shape) with offsets \(offsets.shape): both of rank 1 are wanted")
  var starts = offsets.scalars
  check(!includesLast || !starts.isEmpty, name, "no offsets, the last of which is the end")
  check(starts.first ?? 0 == 0, name, "the first offset is \(starts.first ?? 0), not 0")
  if !includesLast { starts.append(indices.count) }
  for (i, pair) in zip(starts, starts.dropFirst()).enumerated() {
    check(pair.0 <= pair.1, name, "offset \(pair.1) at \(i + 1) after \(pair.0), of \(indices.count) indices")
  }
  check(starts.last! <= indices.count, name, "a last offset of \(starts.last!) for \(indices.count) indices")
  return starts
}

/// Bags of rows of a table, without padding.
struct Bags: Sendable {
  /// The row of each entry, all bags one after the other.
  let entries: Tensor<Int>
  /// The place of each entry among the indices; `nil` where all are their own.
  let places: [Int]?
  /// Where each bag begins among the entries, and where the last one ends.
  let starts: [Int]

  var count: Int { starts.count - 1 }

  init(_ indices: Tensor<Int>, _ starts: [Int], rows: Int, padding: Int?) {
    let all = indices.detached().contiguous.reshaped([indices.count])
    if !all.areInside(0..<rows) {
      let i = all.scalars.firstIndex { UInt(bitPattern: $0) >= UInt(bitPattern: rows) }!
      fail("embeddingBag", "index \(all.scalars[i]) at \(i) outside the \(rows) rows")
    }
    let end = starts.last!
    guard let padding else {
      (entries, places, self.starts) = (
        end == all.count ? all : all.narrowed(axis: 0, start: 0, length: end), nil, starts
      )
      return
    }
    var (entries, places, kept): ([Int], [Int], [Int]) = ([], [], [0])
    all.withUnsafeScalars { all in
      for bag in 0..<starts.count - 1 {
        for place in starts[bag]..<starts[bag + 1] where all[place] != padding {
          entries.append(all[place])
          places.append(place)
        }
        kept.append(entries.count)
      }
    }
    (self.entries, self.places, self.starts) = (Tensor(entries), places, kept)
  }

  /// The place of an entry among the indices.
  func place(_ entry: Int) -> Int { places?[entry] ?? entry }

  /// The places of all entries.
  private var allPlaces: Tensor<Int> { places.map { Tensor($0) } ?? Tensor<Int>(0..<entries.count) }

  /// The bag of each entry.
  private var owners: [Int] { (0..<count).flatMap { [Int](repeating: $0, count: starts[$0 + 1] - starts[$0]) } }

  /// The factor of each entry's gradient, where they are not all 1: one over its bag's size, over its row's frequency.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func factors<Scalar: FloatingScalar>(_ mode: EmbeddingBagMode, countedIn indices: [Int]?, rows: Int) -> [Scalar]? {
    if mode == .sum && indices == nil { return nil }
    var factors = [Scalar](repeating: 1, count: entries.count)
    if mode == .mean {
      for bag in 0..<count {
        for k in starts[bag]..<starts[bag + 1] { factors[k] = 1 / Scalar(starts[bag + 1] - starts[bag]) }
      }
    }
    if let indices {
      let counts = frequencies(of: indices, rows: rows, "embeddingBag")
      entries.withUnsafeScalars { entries in for k in entries.indices { factors[k] /= Scalar(counts[entries[k]]) } }
    }
    return factors
  }

  /// Sums or means of a table's rows, with a factor for each index where there are some.
  func sum<Scalar: FloatingScalar>(
    _ weight: Tensor<Scalar>, limited: Tensor<Scalar>?, _ sampleWeights: Tensor<Scalar>?,
    _ mode: EmbeddingBagMode, countedIn indices: [Int]?
  ) -> Tensor<Scalar> {
    let table = (limited ?? weight.detached()).contiguous
    let (shape, samples) = (table.shape, sampleWeights?.scalars)
    let features = shape[1]
    let result = Tensor<Scalar>(uninitialized: [count, features])
    let (x, out) = (table.pointer, result.mutablePointer)
    Workers.run(count: features == 0 ? 0 : count, grain: grain(features)) { range in
      sum(range, features, out, x, samples, isMean: mode == .mean)
    }
    let isWeighted = samples != nil
    return withExtendedLifetime(table) { result }
      .recorded(
        "embeddingBag", fromAll: sampleWeights.map { [weight, $0] } ?? [weight],
        saving: isWeighted ? [.first, .second] : []
      ) { d in
        d.send(0) {
          let weights = isWeighted ? d.input(1) : nil
          let factors: [Scalar]? = factors(mode, countedIn: indices, rows: shape[0])
          if d.createGraph { return recordedTableDerivative(d.gradient, shape, weights, factors) }
          return tableDerivative(d.gradient, shape, weights?.scalars, factors)
        }
        if isWeighted { d.send(1) { sampleDerivative(d, limited) } }
      }
  }

  /// dL/d(table): the gradient of each bag times the entries' factors, added up in the entries' rows, in order.
  private func tableDerivative<Scalar: FloatingScalar>(
    _ gradient: Tensor<Scalar>, _ shape: [Int], _ samples: [Scalar]?, _ factors: [Scalar]?
  ) -> Tensor<Scalar> {
    let features = shape[1]
    let source = gradient.detached().contiguous
    let result = Tensor<Scalar>(zeros: shape)
    let (g, out) = (source.pointer, result.mutablePointer)
    if entries.isEmpty { return result }
    let width = Swift.max(64, 0x20000 / entries.count)
    var factors = factors
    if let samples { factors = (0..<entries.count).map { samples[place($0)] * (factors?[$0] ?? 1) } }
    Workers.run(chunks: (features + width - 1) / width) { [factors] panel in
      let start = panel * width
      spread(features, start..<Swift.min(start + width, features), out, g, factors)
    }
    return withExtendedLifetime(source) { result }
  }

  /// The same of recorded operations.
  private func recordedTableDerivative<Scalar: FloatingScalar>(
    _ gradient: Tensor<Scalar>, _ shape: [Int], _ weights: Tensor<Scalar>?, _ factors: [Scalar]?
  ) -> Tensor<Scalar> {
    var derivatives = gradient.taking(Tensor(owners), along: 0)
    if let factors { derivatives = zeroProduct(derivatives, Tensor(factors, shape: [factors.count, 1])) }
    if let weights {
      derivatives = zeroProduct(derivatives, weights.flattened().taking(allPlaces, along: 0).expandedAxis(at: 1))
    }
    return Tensor(zeros: shape).adding(derivatives, at: entries, along: 0)
  }

  /// dL/d(weights of samples): the scalar product of the bag's gradient and the entry's row, 0 for padding.
  private func sampleDerivative<Scalar: FloatingScalar>(
    _ d: Derivation<Scalar>, _ limited: Tensor<Scalar>?
  ) -> Tensor<Scalar> {
    let (weight, shape) = (d.input(0), d.input(1).shape)
    if !d.createGraph {
      let (table, source) = ((limited ?? weight).detached().contiguous, d.gradient.detached().contiguous)
      let result = Tensor<Scalar>(zeros: shape)
      let (x, g, out) = (table.pointer, source.pointer, result.mutablePointer)
      Workers.run(count: count, grain: grain(table.shape[1])) { range in dots(range, table.shape[1], out, g, x) }
      return withExtendedLifetime((table, source)) { result }
    }
    // Shortened rows count as the table's own in derivatives of the derivative too.
    let table = limited.map { $0 + (weight - weight.detached()) } ?? weight
    let rows = table.taking(entries, along: 0)
    let products = zeroProduct(d.gradient.taking(Tensor(owners), along: 0), rows).sum(along: 1)
    return Tensor(zeros: [Layout.product(shape)]).adding(products, at: allPlaces, along: 0).reshaped(shape)
  }

  /// The largest of each feature of each bag.
  func maximum<Scalar: FloatingScalar>(_ weight: Tensor<Scalar>, limited: Tensor<Scalar>?) -> Tensor<Scalar> {
    let table = (limited ?? weight.detached()).contiguous
    let shape = table.shape
    let features = shape[1]
    let result = Tensor<Scalar>(zeros: [count, features])
    // The row of each value, −1 in empty bags.
    let chosen = Tensor<Int>(uninitialized: [count, features])
    let (x, out, rows) = (table.pointer, result.mutablePointer, chosen.mutablePointer)
    Workers.run(count: features == 0 ? 0 : count, grain: grain(features)) { range in
      maximum(range, features, out, rows, x)
    }
    return withExtendedLifetime(table) { result }
      .recorded("embeddingBag", from: weight) { d in
        d.send(0) {
          if d.createGraph { return recordedMaximumDerivative(d.gradient, chosen, shape) }
          let source = d.gradient.detached().contiguous
          let result = Tensor<Scalar>(zeros: shape)
          let (g, out, rows) = (source.pointer, result.mutablePointer, chosen.pointer)
          let width = Swift.max(64, 0x20000 / Swift.max(count, 1))
          Workers.run(chunks: (features + width - 1) / width) { panel in
            let start = panel * width
            give(features, start..<Swift.min(start + width, features), out, g, rows)
          }
          return withExtendedLifetime((source, chosen)) { result }
        }
      }
  }

  /// The gradient of each maximum, added to the element it was taken from, of recorded operations.
  private func recordedMaximumDerivative<Scalar: FloatingScalar>(
    _ gradient: Tensor<Scalar>, _ chosen: Tensor<Int>, _ shape: [Int]
  ) -> Tensor<Scalar> {
    let places = chosen.scalars
    let filled = places.indices.filter { places[$0] >= 0 }
    let values = gradient.flattened().taking(Tensor(filled), along: 0)
    let targets = filled.map { places[$0] * shape[1] + $0 % shape[1] }
    return Tensor(zeros: [Layout.product(shape)]).adding(values, at: Tensor(targets), along: 0).reshaped(shape)
  }
}
