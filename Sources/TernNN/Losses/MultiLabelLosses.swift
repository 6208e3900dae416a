import TernBackend
import TernTensor

// Losses of examples that belong to several classes at once.

/// Σ max(0, 1 − x[y] + x[i]) / C over an example's classes y and all other classes i.
///
/// - Parameters:
///   - scores: x, [N, C] or [C]; a single value is the score of one class.
///   - labels: of the same shape: an example's classes come first, and end before the first −1.
///   - reduction: what becomes of the losses, [N] or a single value.
///
/// Stops where the shapes differ, and for a label outside.
public func multiLabelMargin<Scalar: FloatingScalar>(
  _ scores: Tensor<Scalar>, _ labels: Tensor<Int>, reduction: LossReduction = .mean, file: StaticString = #fileID,
  line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  let operation = "multiLabelMargin"
  check(scores.rank <= 2, operation, "scores \(scores.shape) are not [N, C] or [C]")
  check(labels.shape == scores.shape, operation, "labels \(labels.shape) for scores \(scores.shape)")
  if scores.rank == 0 { return multiLabelMargin(scores.flattened(), labels.flattened(), reduction: reduction) }
  let (leading, classes) = (Array(scores.shape.dropLast()), scores.shape[scores.rank - 1])
  let rows = leading.first ?? 1
  let all = labels.scalars
  // Every pair of a class and another one of an example, as places among all scores.
  var (inside, outside, owners): ([Int], [Int], [Int]) = ([], [], [])
  for row in 0..<rows {
    let own = all[row * classes..<(row + 1) * classes].prefix { $0 != -1 }
    for label in own {
      check(label >= 0 && label < classes, operation, "label \(label) in example \(row) outside 0..<\(classes)")
    }
    let others = (0..<classes).filter { !own.contains($0) }
    for label in own {
      for other in others {
        inside.append(row * classes + label)
        outside.append(row * classes + other)
        owners.append(row)
      }
    }
  }
  let flat = scores.flattened()
  let terms = (1 - flat.taking(Tensor(inside), along: 0) + flat.taking(Tensor(outside), along: 0)).relu()
  let sums = Tensor<Scalar>(zeros: [rows]).adding(terms, at: Tensor(owners), along: 0)
  return reduction((sums / Scalar(classes)).reshaped(leading))
}

/// −Σ w·(y·log σ(z) + (1 − y)·log(1 − σ(z))) / C: the mean binary cross entropy of an example's classes.
///
/// - Parameters:
///   - logits: z, [.., C].
///   - target: y, 0 to 1, of the same shape.
///   - weight: w, [C]; 1 when `nil`.
///   - reduction: what becomes of the losses, [..].
///
/// Stops where the shapes do not fit.
public func multiLabelSoftMargin<Scalar: FloatingScalar>(
  _ logits: Tensor<Scalar>, _ target: Tensor<Scalar>, weight: Tensor<Scalar>? = nil, reduction: LossReduction = .mean,
  file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  requireEqualShapes("multiLabelSoftMargin", logits, target)
  check(logits.rank >= 1, "multiLabelSoftMargin", "logits of rank 0 have no classes")
  let losses = binaryCrossEntropy(logits: logits, target, weight: weight, reduction: .none)
  return reduction(losses.mean(along: -1))
}
