import Foundation
import TernBackend
import TernTensor

/// Connectionist temporal classification: −log of the probability of all alignments of a target with a sequence.
///
/// An alignment names a class or the blank at every step; repeated classes count once, blanks not at all. Gradient at
/// the log probabilities: −(posterior of the class at the step). It has no second derivative.
///
/// - Parameters:
///   - logProbabilities: [T, N, C] or [T, C], logarithms that sum to one over the classes.
///   - targets: [N, S] with rows padded, or the targets one after the other; [S] for a single sequence.
///   - inputLengths: how many of the T steps of each sequence count.
///   - targetLengths: how long each target is.
///   - blank: the class that stands for none.
///   - zeroInfinity: a target longer than its sequence can say costs 0, not infinity. It has no gradient in either case.
///   - reduction: `.mean` divides each loss by its target's length and takes the mean; `.none` gives [N], or a single
///     value for [T, C].
///
/// Stops where shapes, lengths or classes do not fit. Source: Graves et al. 2006, "Connectionist temporal
/// classification".
public func ctcLoss<Scalar: FloatingScalar>(
  _ logProbabilities: Tensor<Scalar>, _ targets: Tensor<Int>, inputLengths: [Int], targetLengths: [Int],
  blank: Int = 0, zeroInfinity: Bool = false, reduction: LossReduction = .mean,
  file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  let operation = "ctcLoss"
  check(
    logProbabilities.rank == 3 || logProbabilities.rank == 2, operation,
    "log probabilities \(logProbabilities.shape) are not [T, N, C] or [T, C]")
  let isSingle = logProbabilities.rank == 2
  let shape = logProbabilities.shape
  let (steps, batch, classes) = (shape[0], isSingle ? 1 : shape[1], shape[shape.count - 1])
  check(blank >= 0 && blank < classes, operation, "blank \(blank) outside 0..<\(classes)")
  check(
    inputLengths.count == batch && targetLengths.count == batch, operation,
    "\(inputLengths.count) input lengths and \(targetLengths.count) target lengths for a batch of \(batch)")
  let rows = targetRows(targets, targetLengths, operation)
  let values = logProbabilities.detached().cast(to: Double.self).scalars
  var losses = [Double](repeating: 0, count: batch)
  var posteriors = [Double](repeating: 0, count: values.count)
  for n in 0..<batch {
    check(
      inputLengths[n] >= 0 && inputLengths[n] <= steps, operation,
      "input length \(inputLengths[n]) at \(n) outside 0...\(steps)")
    for label in rows[n] {
      check(
        label >= 0 && label < classes && label != blank, operation,
        "class \(label) in target \(n): 0..<\(classes) without the blank \(blank) is wanted")
    }
    let alignment = Alignment(
      target: rows[n], steps: inputLengths[n], blank: blank, classes: classes, start: n * classes,
      stride: batch * classes)
    losses[n] = alignment.run(values, &posteriors, zeroInfinity: zeroInfinity)
  }
  let value = Tensor(losses).cast(to: Scalar.self).reshaped(isSingle ? [] : [batch])
  let weights = Tensor(posteriors).cast(to: Scalar.self).reshaped(shape)
  let perSequence = value.recorded("ctcLoss", from: logProbabilities) { d in
    check(!d.createGraph, "ctcLoss", "has no second derivative")
    d.send(0) { -zeroProduct(weights, d.gradient.rank == 0 ? d.gradient : d.gradient.expandedAxis(at: -1)) }
  }
  switch reduction {
  case .none: return perSequence
  case .sum: return perSequence.sum()
  case .mean:
    let lengths = Tensor(targetLengths.map { Scalar(Swift.max($0, 1)) }).reshaped(perSequence.shape)
    return (perSequence / lengths).mean()
  }
}

/// The targets as lists, from padded rows or from one list.
private func targetRows(_ targets: Tensor<Int>, _ lengths: [Int], _ operation: String) -> [[Int]] {
  let all = targets.scalars
  check(
    lengths.allSatisfy { $0 >= 0 && $0 <= all.count }, operation,
    "target lengths \(lengths) for targets \(targets.shape)")
  if targets.rank == 2 {
    let width = targets.shape[1]
    check(
      targets.shape[0] == lengths.count && lengths.allSatisfy { $0 <= width }, operation,
      "targets \(targets.shape) for target lengths \(lengths)")
    return lengths.indices.map { Array(all[$0 * width..<$0 * width + lengths[$0]]) }
  }
  check(
    targets.rank == 1 && lengths.reduce(0, +) <= all.count, operation,
    "targets \(targets.shape) for target lengths \(lengths)")
  var start = 0
  return lengths.map { length in
    defer { start += length }
    return Array(all[start..<start + length])
  }
}

/// The forward and backward recursions over one sequence's alignments, in logarithms.
private struct Alignment {
  /// The target with blanks before, between and after its classes.
  private let states: [Int]
  private let steps: Int
  private let start: Int, stride: Int

  init(target: [Int], steps: Int, blank: Int, classes: Int, start: Int, stride: Int) {
    states = [blank] + target.flatMap { [$0, blank] }
    self.steps = steps
    self.start = start
    self.stride = stride
  }

  /// Whether the state may follow the one two before it: between different classes the blank may be left out.
  private func skips(_ s: Int) -> Bool { s >= 2 && s % 2 == 1 && states[s] != states[s - 2] }

  /// The loss; the posteriors of the classes at every step are added up.
  func run(_ logs: [Double], _ posteriors: inout [Double], zeroInfinity: Bool) -> Double {
    let count = states.count
    guard steps > 0 else { return count == 1 || zeroInfinity ? 0 : .infinity }
    func log(_ t: Int, _ s: Int) -> Double { logs[start + t * stride + states[s]] }
    var alpha = [Double](repeating: -.infinity, count: steps * count)
    alpha[0] = log(0, 0)
    if count > 1 { alpha[1] = log(0, 1) }
    for t in 1..<max(steps, 1) where t < steps {
      let before = (t - 1) * count
      for s in 0..<count {
        var terms = (alpha[before + s], s >= 1 ? alpha[before + s - 1] : -.infinity, -Double.infinity)
        if skips(s) { terms.2 = alpha[before + s - 2] }
        alpha[t * count + s] = addLogs(terms) + log(t, s)
      }
    }
    let last = (steps - 1) * count
    let total = addLogs((alpha[last + count - 1], count > 1 ? alpha[last + count - 2] : -.infinity, -.infinity))
    // Nothing that has no alignment could have more of one: the gradient is 0.
    if total == -.infinity { return zeroInfinity ? 0 : .infinity }
    // beta: the probability of what follows a state.
    var beta = [Double](repeating: -.infinity, count: count)
    beta[count - 1] = 0
    if count > 1 { beta[count - 2] = 0 }
    for t in Swift.stride(from: steps - 1, through: 0, by: -1) {
      if t < steps - 1 {
        let next = beta
        for s in 0..<count {
          var terms = (next[s] + log(t + 1, s), -Double.infinity, -Double.infinity)
          if s + 1 < count { terms.1 = next[s + 1] + log(t + 1, s + 1) }
          if s + 2 < count && skips(s + 2) { terms.2 = next[s + 2] + log(t + 1, s + 2) }
          beta[s] = addLogs(terms)
        }
      }
      for s in 0..<count {
        posteriors[start + t * stride + states[s]] += exp(alpha[t * count + s] + beta[s] - total)
      }
    }
    return -total
  }
}

/// log(eᵃ + eᵇ + eᶜ).
private func addLogs(_ x: (Double, Double, Double)) -> Double {
  let most = Swift.max(x.0, x.1, x.2)
  return most == -.infinity ? x.0 + x.1 + x.2 : most + log(exp(x.0 - most) + exp(x.1 - most) + exp(x.2 - most))
}
