import TernBackend
import TernTensor

/// Σ w[y]·max(0, margin − x[y] + x[i])ᵖ / C over the classes i ≠ y: the hinge loss of several classes.
///
/// - Parameters:
///   - scores: x, [N, C] or [C]; a single value is the score of one class.
///   - labels: y, [N] or a single value, also as [1].
///   - p: 1 or 2.
///   - margin: how much higher the score of the class should be.
///   - weight: w, [C]; 1 when `nil`.
///   - reduction: what becomes of the losses, of the labels' shape.
///
/// Stops where shapes do not fit, and for a label outside.
public func multiMargin<Scalar: FloatingScalar>(
  _ scores: Tensor<Scalar>, _ labels: Tensor<Int>, p: Int = 1, margin: Scalar = 1, weight: Tensor<Scalar>? = nil,
  reduction: LossReduction = .mean,
  file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  let operation = "multiMargin"
  check(p == 1 || p == 2, operation, "p is \(p), 1 or 2 is wanted")
  check(scores.rank <= 2, operation, "scores \(scores.shape) are not [N, C] or [C]")
  if scores.rank == 0 || scores.rank == 1 && labels.shape == [1] {
    // The score of one class, or one label as a list.
    let loss = multiMargin(
      scores.flattened(), labels.count == 1 ? labels.reshaped([]) : labels, p: p, margin: margin, weight: weight,
      reduction: reduction)
    return reduction == .none ? loss.reshaped(labels.shape) : loss
  }
  let (classes, expected) = (scores.shape[scores.rank - 1], Array(scores.shape.dropLast()))
  check(labels.shape == expected, operation, "labels \(labels.shape) for scores \(scores.shape)")
  if let weight { check(weight.shape == [classes], operation, "weight \(weight.shape) for \(classes) classes") }
  let (chosen, count) = (labels.contiguous, labels.count)
  for (i, label) in UnsafeBufferPointer(start: chosen.pointer, count: count).enumerated() {
    check(label >= 0 && label < classes, operation, "label \(label) at \(i) outside 0..<\(classes)")
  }
  withExtendedLifetime(chosen) {}
  if scores.isEmpty || weight?.node != nil || OperationObservers.isAnyoneListening {
    return composedMargin(scores, labels, p: p, margin: margin, weight: weight, reduction)
  }
  return ClassMargin(labels: chosen, isSquared: p == 2, margin: margin, weight: weight?.plain, reduction: reduction)(
    scores)
}

/// The same of recorded operations.
private func composedMargin<Scalar: FloatingScalar>(
  _ scores: Tensor<Scalar>, _ labels: Tensor<Int>, p: Int, margin: Scalar, weight: Tensor<Scalar>?,
  _ reduction: LossReduction
) -> Tensor<Scalar> {
  let place = labels.expandedAxis(at: -1)
  let right = scores.gathered(place, along: -1)
  let isOther = Tensor<Scalar>(ones: scores.shape).scattering(0, at: place, along: -1) .!= 0
  var terms = select(isOther, margin - right + scores, 0).clamped(min: 0)
  if p == 2 { terms = zeroProduct(terms, terms) }
  if let weight {
    terms = zeroProduct(terms, weight.taking(labels.flattened(), along: 0).reshaped(labels.shape + [1]))
  }
  return reduction(terms.sum(along: -1) / Scalar(scores.shape[scores.rank - 1]))
}

/// The hinge loss of several classes in one pass over the scores, and its gradient in another.
private struct ClassMargin<Scalar: FloatingScalar>: Sendable {
  let labels: Tensor<Int>
  let isSquared: Bool
  let margin: Scalar
  /// Row-major, [C].
  let weight: Tensor<Scalar>?
  let reduction: LossReduction

  private func rowGrain(_ classes: Int) -> Int { Swift.max(1, 16_384 / Swift.max(classes, 1)) }

  /// What a row's terms are multiplied by.
  private func factor(_ label: Int, _ classes: Int) -> Scalar {
    (weight.map { $0.pointer[label] } ?? 1) / Scalar(classes)
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func callAsFunction(_ scores: Tensor<Scalar>) -> Tensor<Scalar> {
    let (classes, rows, x) = (scores.shape[scores.rank - 1], labels.count, scores.plain)
    let losses = Tensor<Scalar>(uninitialized: labels.shape)
    let (out, from, chosen) = (losses.mutablePointer, x.pointer, labels.pointer)
    Workers.run(count: rows, grain: rowGrain(classes)) { range in
      for row in range {
        let factor = factor(chosen[row], classes)
        out[row] = factor == 0 ? 0 : Scalar(termSum(classes, from + row * classes, chosen[row]) * Double(factor))
      }
    }
    var result = losses
    if reduction != .none {
      var sum = 0.0
      for row in 0..<rows { sum += Double(out[row]) }
      if reduction == .mean {
        sum = sum.isFinite ? sum / Double(rows) : (0..<rows).reduce(0) { $0 + Double(out[$1]) / Double(rows) }
      }
      result = Tensor(Scalar(sum))
    }
    withExtendedLifetime((losses, x)) {}
    return result.recorded("multiMargin", from: scores, saving: .first) { d in
      d.send(0) { d.createGraph ? derivatives(d.input(0), d.gradient) : gradient(d.input(0), d.gradient) }
    }
  }

  /// Σ max(0, margin − x[label] + x[i]), or of squares, over the other classes i.
  @inline(__always)
  private func termSum(_ classes: Int, _ x: UnsafePointer<Scalar>, _ label: Int) -> Double {
    let base = margin - x[label]
    func sum(_ range: Range<Int>) -> Double {
      var sums = SIMD4<Double>.zero
      var i = range.lowerBound
      while i &+ 4 <= range.upperBound {
        var terms = SIMD4(
          Double(base + x[i]), Double(base + x[i &+ 1]), Double(base + x[i &+ 2]), Double(base + x[i &+ 3]))
        terms.replace(with: 0, where: terms .< 0)
        sums += isSquared ? terms * terms : terms
        i &+= 4
      }
      var total = (sums[0] + sums[1]) + (sums[2] + sums[3])
      while i < range.upperBound {
        let term = Double(base + x[i])
        total += term < 0 ? 0 : isSquared ? term * term : term
        i &+= 1
      }
      return total
    }
    return sum(0..<label) + sum(label + 1..<classes)
  }

  /// What comes back for each row, and the step from one to the next.
  private func upstream(_ gradient: Tensor<Scalar>) -> (rows: Tensor<Scalar>, step: Int, factor: Scalar) {
    (gradient.plain, reduction == .none ? 1 : 0, reduction == .mean ? 1 / Scalar(labels.count) : 1)
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private func gradient(_ scores: Tensor<Scalar>, _ gradient: Tensor<Scalar>) -> Tensor<Scalar> {
    let (classes, rows, x) = (scores.shape[scores.rank - 1], labels.count, scores.plain)
    let (upstream, step, scale) = upstream(gradient)
    let result = Tensor<Scalar>(uninitialized: scores.shape)
    let (out, from, chosen, back) = (result.mutablePointer, x.pointer, labels.pointer, upstream.pointer)
    Workers.run(count: rows, grain: rowGrain(classes)) { range in
      for row in range {
        let (target, source, label) = (out + row * classes, from + row * classes, chosen[row])
        let factor = factor(label, classes) * (back[row * step] * scale)
        if factor == 0 {
          target.update(repeating: 0, count: classes)
          continue
        }
        let base = margin - source[label]
        var sum = 0.0
        for i in 0..<classes {
          let gap = base + source[i]
          // A term at its kink counts, as in `clamped`.
          let value = i != label && gap >= 0 ? (isSquared ? 2 * gap * factor : factor) : 0
          target[i] = value
          sum += Double(value)
        }
        target[label] = Scalar(-sum)
      }
    }
    withExtendedLifetime((x, upstream)) {}
    return result
  }

  /// The gradient made of recorded operations.
  private func derivatives(_ scores: Tensor<Scalar>, _ gradient: Tensor<Scalar>) -> Tensor<Scalar> {
    let (classes, place) = (scores.shape[scores.rank - 1], labels.expandedAxis(at: -1))
    let factors = Tensor(labels.scalars.map { factor($0, classes) }, shape: labels.shape)
    let back = (reduction == .mean ? gradient * (1 / Scalar(labels.count)) : gradient) * factors
    let gaps = margin - scores.gathered(place, along: -1) + scores
    let isOther = Tensor<Scalar>(ones: scores.shape).scattering(0, at: place, along: -1) .!= 0
    let counts = isOther .&& (gaps.detached() .>= 0)
    let terms = zeroProduct(select(counts, isSquared ? gaps * 2 : Tensor(1), 0), back.expandedAxis(at: -1))
    return terms.scattering(-terms.sum(along: -1, keepingAxes: true), at: place, along: -1)
  }
}
