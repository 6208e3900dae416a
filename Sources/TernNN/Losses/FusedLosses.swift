import TernBackend
import TernTensor

// Losses whose value is one pass over the memory and whose gradient is another. Where gradients are recorded themselves,
// the derivatives are made of tensor operations.

/// Elements of one chunk, approximately.
private let grain = 16_384

extension Tensor where Scalar: FloatingScalar {
  /// This tensor's memory where it is row-major, else a row-major copy's; a constant.
  var plain: Tensor { detached().contiguous }

  /// This tensor and another of its shape in their own layout where both have the same and no gaps, else row-major; constants.
  func paired(_ other: Tensor) -> (Tensor, Tensor) {
    if layout.isDense, layout.hasLayout(of: other.layout) { return (detached(), other.detached()) }
    return (plain, other.plain)
  }

  /// A sum over the elements of this tensor and another, of the same layout without gaps: of blocks, one after the other.
  func summed(
    _ other: Tensor, _ kernel: (_ n: Int, _ x: UnsafePointer<Scalar>, _ y: UnsafePointer<Scalar>) -> Double
  ) -> Double {
    let (x, y) = (pointer, other.pointer)
    defer { withExtendedLifetime((self, other)) {} }
    if count <= grain { return count == 0 ? 0 : kernel(count, x, y) }
    let blocks = (count + grain - 1) / grain
    return withUnsafeTemporaryAllocation(of: Double.self, capacity: blocks) { sums in
      let sums = sums.baseAddress!
      Workers.run(chunks: blocks) { block in
        let first = block * grain
        (sums + block).initialize(to: kernel(Swift.min(grain, count - first), x + first, y + first))
      }
      return (0..<blocks).reduce(0) { $0 + sums[$1] }
    }
  }

  /// A new tensor from the elements of this one and another, of the same layout without gaps.
  func combined(
    _ other: Tensor,
    _ kernel: (_ n: Int, _ out: UnsafeMutablePointer<Scalar>, _ x: UnsafePointer<Scalar>, _ y: UnsafePointer<Scalar>)
      -> Void
  ) -> Tensor {
    let result = Tensor(uninitialized: layout)
    let (out, x, y) = (result.mutablePointer, pointer, other.pointer)
    defer { withExtendedLifetime((self, other, result)) {} }
    Workers.run(count: count, grain: grain) { range in
      kernel(range.count, out + range.lowerBound, x + range.lowerBound, y + range.lowerBound)
    }
    return result
  }
}

/// Σ (x − y)², or its mean. Gradients: 2(x − y), and the same with the other sign, divided by the number for the mean.
@specialized(where Scalar == Float)
func squaredError<Scalar: FloatingScalar>(_ x: Tensor<Scalar>, _ y: Tensor<Scalar>, isMean: Bool) -> Tensor<Scalar> {
  let (prediction, target) = x.paired(y)
  let count = isMean ? Double(x.count) : 1
  var value = Scalar(prediction.summed(target) { Scalar.squaredError($0, $1, $2) } / count)
  if isMean && value == .infinity { value = meanSquare(prediction, target) }
  return Tensor(value)
    .recorded("meanSquaredError", from: x, y, saving: [.first, .second]) { d in
      if d.createGraph {
        let derivative = zeroProduct(d.input(0) - d.input(1), d.gradient * Scalar(2 / count))
        d.send(0) { derivative }
        d.send(1) { -derivative }
        return
      }
      let factor = Scalar(2 / count) * d.gradient.item
      func derivative(_ factor: Scalar) -> Tensor<Scalar> {
        if factor == 0 { return Tensor(zeros: d.input(0).shape) }
        let (x, y) = d.input(0).paired(d.input(1))
        return x.combined(y) { Scalar.scaledDifference($0, $1, $2, $3, scale: factor) }
      }
      d.send(0) { derivative(factor) }
      d.send(1) { derivative(-factor) }
    }
}

/// The mean of (x − y)² where parts of it leave the range: (2m)²·(the mean of (d/m)²) with half differences d of at most m.
private func meanSquare<Scalar: FloatingScalar>(_ x: Tensor<Scalar>, _ y: Tensor<Scalar>) -> Scalar {
  withoutGradients {
    let halves = x * 0.5 - y * 0.5
    let most = halves.abs().max().item
    if !most.isFinite { return .infinity }
    return most * 2 * ((halves / most).square().mean().item * most * 2)
  }
}

/// Σ −(y·ln σ(z) + (1 − y)·ln(1 − σ(z))), or its mean, of a constant y. Gradient: σ(z) − y, divided by the number for the
/// mean.
@specialized(where Scalar == Float)
func logisticLoss<Scalar: FloatingScalar>(_ z: Tensor<Scalar>, _ y: Tensor<Scalar>, isMean: Bool) -> Tensor<Scalar> {
  let (logits, target) = (z.plain, y.plain)
  let count = isMean ? Double(z.count) : 1
  var value = Scalar(logits.summed(target) { Scalar.binaryCrossEntropy($0, $1, $2) } / count)
  if isMean && value == .infinity {
    value = withoutGradients { binaryCrossEntropy(logits: logits, target, reduction: .none).mean().item }
  }
  return Tensor(value)
    .recorded("binaryCrossEntropy", from: z, saving: .first) { d in
      d.send(0) {
        if d.createGraph {
          let z = d.input(0)
          // σ(z) − y as it does not cancel where σ(z) is near 1.
          let derivative = zeroProduct(1 - target, z.sigmoid()) - zeroProduct(target, (-z).sigmoid())
          return zeroProduct(derivative, d.gradient * Scalar(1 / count))
        }
        let factor = Scalar(1 / count) * d.gradient.item
        if factor == 0 { return Tensor(zeros: target.shape) }
        return d.input(0).plain.combined(target) { Scalar.binaryCrossEntropyGrad($0, $1, $2, $3, scale: factor) }
      }
    }
}

/// ln Σ eᶻ − z[label] of rows of logits [N, C], their sum, or their mean over the labels that count.
///
/// Gradient: softmax(z), less 1 at the label; 0 in rows whose label is ignored or whose loss is not used, whatever they hold.
@specialized(where Scalar == Float)
func labelLoss<Scalar: FloatingScalar>(
  _ logits: Tensor<Scalar>, _ labels: Tensor<Int>, ignoring: Int, _ reduction: LossReduction
) -> Tensor<Scalar> {
  let (rows, classes) = (logits.shape[0], logits.shape[1])
  let (z, labels) = (logits.plain, labels.contiguous)
  var kept = 0
  for row in 0..<rows where labels.pointer[row] != ignoring {
    let label = labels.pointer[row]
    check(label >= 0 && label < classes, "crossEntropy", "label \(label) at \(row) outside 0..<\(classes)")
    kept += 1
  }
  let chunkRows = Swift.max(1, grain / Swift.max(classes, 1))
  let losses = Tensor<Scalar>(uninitialized: [rows])
  let statistics = Tensor<Scalar>(uninitialized: [2 * rows])
  do {
    let (out, most, x, chosen) = (losses.mutablePointer, statistics.mutablePointer, z.pointer, labels.pointer)
    defer { withExtendedLifetime((losses, statistics, z, labels)) {} }
    Workers.run(count: rows, grain: chunkRows) { range in
      let first = range.lowerBound
      Scalar.crossEntropy(
        range.count, classes, losses: out + first, largest: most + first, inverses: most + rows + first,
        x + first * classes, labels: chosen + first, ignored: ignoring)
    }
  }
  var result = losses
  var factor: Scalar = 1
  if reduction != .none {
    var sum = 0.0
    for row in 0..<rows { sum += Double(losses.pointer[row]) }
    if reduction == .mean {
      sum = sum.isFinite ? sum / Double(kept) : (0..<rows).reduce(0) { $0 + Double(losses.pointer[$1]) / Double(kept) }
      factor = kept == 0 ? 0 : 1 / Scalar(kept)
    }
    result = Tensor(Scalar(sum))
  }
  withExtendedLifetime((labels, losses)) {}
  return
    result
    .recorded("crossEntropy", from: logits, saving: .first) { [factor] d in
      d.send(0) {
        if d.createGraph {
          return labelDerivatives(d.input(0), labels, ignoring: ignoring, upstream: d.gradient * factor)
        }
        let (g, z) = (d.gradient.plain, d.input(0).plain)
        let derivatives = Tensor<Scalar>(uninitialized: z.layout)
        let (out, x, most, chosen) = (derivatives.mutablePointer, z.pointer, statistics.pointer, labels.pointer)
        let (scale, step) = (g.pointer, reduction == .none ? 1 : 0)
        defer { withExtendedLifetime((g, z, derivatives, statistics, labels)) {} }
        Workers.run(count: rows, grain: chunkRows) { range in
          let first = range.lowerBound
          Scalar.crossEntropyGrad(
            range.count, classes, out + first * classes, x + first * classes, largest: most + first,
            inverses: most + rows + first, labels: chosen + first, ignored: ignoring, scale: scale + first * step,
            step: step, factor: factor)
        }
        return derivatives
      }
    }
}

/// The gradient of `labelLoss` made of recorded operations.
///
/// - Parameter upstream: what comes back for each row, or one value for all.
private func labelDerivatives<Scalar: FloatingScalar>(
  _ logits: Tensor<Scalar>, _ labels: Tensor<Int>, ignoring: Int, upstream: Tensor<Scalar>
) -> Tensor<Scalar> {
  let classes = logits.shape[1]
  var target = [Scalar](repeating: 0, count: logits.count)
  var isKept = [Scalar](repeating: 1, count: logits.shape[0])
  for (row, label) in labels.scalars.enumerated() {
    if label == ignoring { isKept[row] = 0 } else { target[row * classes + label] = 1 }
  }
  let factors = upstream.rank == 0 ? upstream : upstream.reshaped(-1, 1)
  let counts = (Tensor(isKept).reshaped(-1, 1) * factors.detached()) .!= 0
  let derivatives = select(counts, logits, 0).softmax(along: 1) - Tensor(target, shape: logits.shape)
  return select((Tensor(isKept) .> 0).reshaped(-1, 1), derivatives * factors, 0)
}
