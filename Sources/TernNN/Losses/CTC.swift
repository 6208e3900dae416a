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
  for n in 0..<batch {
    check(
      inputLengths[n] >= 0 && inputLengths[n] <= steps, operation,
      "input length \(inputLengths[n]) at \(n) outside 0...\(steps)")
    for label in rows[n] {
      check(
        label >= 0 && label < classes && label != blank, operation,
        "class \(label) in target \(n): 0..<\(classes) without the blank \(blank) is wanted")
    }
  }
  let (losses, posteriors) = alignments(
    logProbabilities.detached().cast(to: Double.self).contiguous, rows, inputLengths, blank: blank,
    zeroInfinity: zeroInfinity, wantsPosteriors: logProbabilities.requiresGradient)
  let value = losses.cast(to: Scalar.self).reshaped(isSingle ? [] : [batch])
  let weights = posteriors.cast(to: Scalar.self)
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

/// The losses of sequences [steps, batch, classes], and the posteriors of the classes at every step; without elements where
/// they are not wanted. Sequences are divided among the workers.
private func alignments(
  _ logs: Tensor<Double>, _ targets: [[Int]], _ lengths: [Int], blank: Int, zeroInfinity: Bool, wantsPosteriors: Bool
) -> (losses: Tensor<Double>, posteriors: Tensor<Double>) {
  let (batch, classes) = (targets.count, logs.shape[logs.rank - 1])
  let losses = Tensor<Double>(zeros: [batch])
  let posteriors = Tensor<Double>(zeros: wantsPosteriors ? logs.shape : [0])
  let (out, sums, values) = (losses.mutablePointer, posteriors.mutablePointer, logs.pointer)
  let states = targets.reduce(1) { Swift.max($0, 2 * $1.count + 1) }
  let work = Sizes.saturated(Sizes.saturated(states, times: lengths.max() ?? 0), times: 8)
  Workers.run(count: batch, grain: Swift.max(1, 0x4000 / Swift.max(work, 1))) { range in
    for n in range {
      let alignment = Alignment(target: targets[n], steps: lengths[n], blank: blank, stride: batch * classes)
      out[n] = alignment.run(
        values + n * classes, wantsPosteriors ? sums + n * classes : nil, zeroInfinity: zeroInfinity)
    }
  }
  withExtendedLifetime((logs, losses, posteriors)) {}
  return (losses, posteriors)
}

/// The forward and backward recursions over one sequence's alignments, in logarithms.
private struct Alignment {
  /// The target with blanks before, between and after its classes, and the same backwards.
  private let states: [Int], reversed: [Int]
  /// 1 for a state that may follow the one two before it: between different classes the blank may be left out.
  private let skips: [Double], reversedSkips: [Double]
  private let steps: Int
  private let stride: Int

  init(target: [Int], steps: Int, blank: Int, stride: Int) {
    let states = [blank] + target.flatMap { [$0, blank] }
    func skips(_ states: [Int]) -> [Double] {
      states.indices.map { $0 >= 2 && $0 % 2 == 1 && states[$0] != states[$0 - 2] ? 1 : 0 }
    }
    self.states = states
    reversed = states.reversed()
    self.skips = skips(states)
    reversedSkips = skips(reversed)
    self.steps = steps
    self.stride = stride
  }

  /// The loss; the posteriors of the classes at every step are added up.
  func run(_ logs: UnsafePointer<Double>, _ posteriors: UnsafeMutablePointer<Double>?, zeroInfinity: Bool) -> Double {
    let count = states.count
    guard steps > 0 else { return count == 1 || zeroInfinity ? 0 : .infinity }
    // Rows of the states' logarithms with two impossible states in front.
    let row = count + 2
    let memory = Tensor<Double>(full: [(steps + 3) * row], -.infinity)
    let alpha = memory.mutablePointer + 2
    let sums = alpha + steps * row
    alpha[0] = logs[states[0]]
    if count > 1 { alpha[1] = logs[states[1]] }
    for t in 1..<Swift.max(steps, 1) {
      AlignmentKernels.step(
        count, alpha + t * row, sums: sums, before: alpha + (t - 1) * row, skips: skips, logs: logs + t * stride,
        states: states)
    }
    let last = alpha + ((steps - 1) * row + count - 1)
    let (a, b) = (last[0], count > 1 ? last[-1] : -.infinity)
    let most = Swift.max(a, b)
    let total = most == -.infinity ? a + b : most + log(exp(a - most) + exp(b - most))
    // Nothing that has no alignment could have more of one: the gradient is 0.
    if total == -.infinity { return zeroInfinity ? 0 : .infinity }
    if let posteriors {
      // States from the last to the first: the probability of what follows one, alone and with its own.
      let after = sums
      var (own, next) = (sums + row, sums + 2 * row)
      after.update(repeating: -.infinity, count: count)
      for s in 0..<Swift.min(count, 2) {
        after[s] = 0
        own[s] = logs[(steps - 1) * stride + reversed[s]]
      }
      for t in (0..<steps).reversed() {
        AlignmentKernels.posteriors(
          count, posteriors + t * stride, alpha + t * row, after, total: total, states: states)
        if t == 0 { break }
        AlignmentKernels.step(
          count, next, sums: after, before: own, skips: reversedSkips, logs: logs + (t - 1) * stride,
          states: reversed)
        swap(&own, &next)
      }
    }
    withExtendedLifetime(memory) {}
    return -total
  }
}
