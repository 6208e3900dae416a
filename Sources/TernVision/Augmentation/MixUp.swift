import TernBackend
import TernData
import TernTensor

/// A batch with each sample mixed with the one before it: λ·x + (1 − λ)·x', and the labels as probabilities likewise, with one
/// λ of a Beta(α, α) distribution for the batch (Zhang et al. 2017). As torchvision's `MixUp`.
///
///     let loader = DataLoader(train.mappingBatches { MixUp(classes: 10)($0) }, batchSize: 64, shuffle: true)
///     for batch in loader { loss = crossEntropy(model(batch.inputs), batch.labels) … }
public struct MixUp: Sendable {
  /// How many classes there are.
  public var classes: Int
  /// α of the distribution of λ.
  public var alpha: Double

  /// Of so many classes, with α above 0.
  ///
  /// - Parameters:
  ///   - classes: The number of classes.
  ///   - alpha: The parameter of the beta distribution of shares.
  public init(classes: Int, alpha: Double = 1, file: StaticString = #fileID, line: UInt = #line) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    checkMixing(classes, alpha, "MixUp")
    (self.classes, self.alpha) = (classes, alpha)
  }

  /// The batch mixed; stops for labels that are no classes.
  public func callAsFunction<Scalar: FloatingScalar>(
    _ batch: LabeledBatch<Scalar, Int>, file: StaticString = #fileID, line: UInt = #line
  ) -> LabeledBatch<Scalar, Scalar> {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    let fraction = mixingFraction(alpha)
    return LabeledBatch(
      inputs: mixed(batch.inputs, fraction), labels: mixed(probabilities(batch.labels, classes, "MixUp"), fraction))
  }
}

/// A batch with a rectangle of each sample replaced by that of the one before it, and the labels mixed as probabilities by the
/// areas, with one rectangle for the batch (Yun et al. 2019). As torchvision's `CutMix`.
public struct CutMix: Sendable {
  /// How many classes there are.
  public var classes: Int
  /// α of the distribution of the area that stays.
  public var alpha: Double

  /// Of so many classes, with α above 0.
  ///
  /// - Parameters:
  ///   - classes: The number of classes.
  ///   - alpha: The parameter of the beta distribution of shares.
  public init(classes: Int, alpha: Double = 1, file: StaticString = #fileID, line: UInt = #line) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    checkMixing(classes, alpha, "CutMix")
    (self.classes, self.alpha) = (classes, alpha)
  }

  /// The batch [N, C, H, W] mixed; stops for other shapes, and for labels that are no classes.
  public func callAsFunction<Scalar: FloatingScalar>(
    _ batch: LabeledBatch<Scalar, Int>, file: StaticString = #fileID, line: UInt = #line
  ) -> LabeledBatch<Scalar, Scalar> {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    check(batch.inputs.rank == 4, "CutMix", "inputs of shape \(batch.inputs.shape), expected [N, C, H, W]")
    let (height, width) = (batch.inputs.shape[2], batch.inputs.shape[3])
    let side = (1 - mixingFraction(alpha)).squareRoot() / 2
    let (x, y) = (Draw.index(below: max(width, 1)), Draw.index(below: max(height, 1)))
    let (halfWidth, halfHeight) = (Int(side * Double(width)), Int(side * Double(height)))
    let columns = max(x - halfWidth, 0)..<min(x + halfWidth, width)
    let rows = max(y - halfHeight, 0)..<min(y + halfHeight, height)
    var inputs = batch.inputs
    if !rows.isEmpty && !columns.isEmpty {
      inputs[0..., 0..., rows, columns] = batch.inputs.rolled(by: 1, along: 0)[0..., 0..., rows, columns]
    }
    let kept = 1 - Double(rows.count * columns.count) / Double(max(height * width, 1))
    return LabeledBatch(inputs: inputs, labels: mixed(probabilities(batch.labels, classes, "CutMix"), kept))
  }
}

private func checkMixing(_ classes: Int, _ alpha: Double, _ operation: String) {
  check(
    classes > 0 && alpha > 0 && alpha.isFinite, operation,
    "\(classes) classes and an α of \(alpha), expected at least 1, and a finite number above 0")
}

/// λ of Beta(α, α).
private func mixingFraction(_ alpha: Double) -> Double {
  Tensor<Double>(randomBeta: Tensor([alpha]), Tensor([alpha])).item
}

/// The classes as probabilities [N, classes].
private func probabilities<Scalar: FloatingScalar>(
  _ labels: Tensor<Int>, _ classes: Int, _ operation: String
) -> Tensor<Scalar> {
  if let label = labels.scalars.first(where: { !(0..<classes ~= $0) }) {
    fail(operation, "label \(label) is not in 0 ..< \(classes)")
  }
  return labels.oneHot(classes: classes).cast(to: Scalar.self)
}

/// λ·x + (1 − λ)·(the sample before x).
private func mixed<Scalar: FloatingScalar>(_ values: Tensor<Scalar>, _ fraction: Double) -> Tensor<Scalar> {
  values * Scalar(fraction) + values.rolled(by: 1, along: 0) * Scalar(1 - fraction)
}
