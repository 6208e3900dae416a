import TernBackend
import TernTensor

/// What class indices ask of logits [.., C, ..]: t = w·((1 − s) at the class + s/C everywhere), zero where ignored.
///
/// Where t is 0 the logits do not matter, infinities and NaN included.
struct ClassTargets<Scalar: FloatingScalar>: Sendable {
  /// The logits' shape.
  let shape: [Int]
  private let labelShape: [Int]
  private let axis: Int
  /// Of each label, in row-major order: the place of its class in the logits, −1 where ignored.
  private let places: [Int]
  /// Of each label: w·(1 − s) of its class, 0 where ignored; [labels].
  private let labelWeights: Tensor<Scalar>
  /// Σ t over the classes of each position, of the labels' shape.
  let totals: Tensor<Scalar>
  private let weight: Tensor<Scalar>?
  private let smoothing: Scalar
  /// Σ w over the labels that count: what the mean is taken over.
  private let sum: Tensor<Scalar>
  /// Whether no label counts at all.
  private let isVoid: Bool

  init(
    _ labels: Tensor<Int>, of shape: [Int], axis: Int, weight: Tensor<Scalar>?, ignoring: Int, smoothing: Scalar,
    _ operation: String
  ) {
    let classes = shape[axis]
    var expected = shape
    expected.remove(at: axis)
    check(
      labels.shape == expected, operation, "labels \(labels.shape) for logits \(shape): \(expected) is wanted")
    check(smoothing >= 0 && smoothing <= 1, operation, "a label smoothing of \(smoothing)")
    if let weight { check(weight.shape == [classes], operation, "weight \(weight.shape) for \(classes) classes") }
    let inner = shape[(axis + 1)...].reduce(1, *)
    var places = labels.scalars
    var (chosen, kept, counted) = (weight == nil ? [] : places, [Int](), 0)
    places.withUnsafeMutableBufferPointer { places in
      for i in 0..<places.count {
        let label = places[i]
        if label == ignoring {
          if kept.isEmpty { kept = [Int](repeating: 1, count: places.count) }
          kept[i] = 0
          places[i] = -1
          if !chosen.isEmpty { chosen[i] = 0 }
          continue
        }
        check(label >= 0 && label < classes, operation, "label \(label) at \(i) outside 0..<\(classes)")
        places[i] = inner == 1 ? i * classes + label : (i / inner * classes + label) * inner + i % inner
        counted += 1
      }
    }
    self.shape = shape
    labelShape = expected
    self.axis = axis
    self.places = places
    self.smoothing = smoothing
    self.weight = weight?.detached().contiguous
    let isKept = kept.isEmpty ? Tensor<Scalar>(ones: [places.count]) : Tensor(kept).cast(to: Scalar.self)
    var weights = isKept
    if let weight = self.weight, classes > 0 {
      weights = zeroProduct(weight.taking(Tensor(chosen), along: 0), isKept)
      labelWeights = smoothing > 0 ? weights * (1 - smoothing) : weights
      totals = (labelWeights + isKept * (weight.sum() * (smoothing / Scalar(classes)))).reshaped(expected)
    } else {
      labelWeights = smoothing > 0 ? isKept * (1 - smoothing) : isKept
      totals = isKept.reshaped(expected)
    }
    sum = weight == nil ? Tensor(Scalar(counted)) : weights.sum()
    isVoid = weight == nil ? counted == 0 : sum.item == 0 && !weights.scalars.contains { $0 != 0 }
  }

  /// The losses −Σ t·x of log probabilities x, row-major in the logits' shape, reduced. Not recorded.
  func loss(_ x: Tensor<Scalar>, _ reduction: LossReduction) -> Tensor<Scalar> {
    let result = losses(x, labelWeights, weight, smoothing / Scalar(shape[axis]))
    switch reduction {
    case .mean:
      let mean = result.sum() / sum
      if !mean.item.isInfinite { return mean }
      // The sum leaves the range where its parts, divided first, may not.
      return losses(
        x, labelWeights / sum, weight.map { $0 / sum }, smoothing / Scalar(shape[axis]) / (weight == nil ? sum.item : 1)
      )
      .sum()
    case .sum: return result.sum()
    case .none: return result.reshaped(labelShape)
    }
  }

  /// Losses of every label, reduced; the mean divides before it adds where their sum leaves the range. Not recorded.
  func reduced(_ losses: Tensor<Scalar>, _ reduction: LossReduction) -> Tensor<Scalar> {
    switch reduction {
    case .mean:
      let mean = losses.sum() / sum
      return mean.item.isInfinite ? (losses / sum).sum() : mean
    case .sum: return losses.sum()
    case .none: return losses.reshaped(labelShape)
    }
  }

  /// −Σ t·x of every label, for weights of the labels, and of the classes times a factor where there is smoothing.
  private func losses(
    _ x: Tensor<Scalar>, _ labelWeights: Tensor<Scalar>, _ weight: Tensor<Scalar>?, _ factor: Scalar
  ) -> Tensor<Scalar> {
    let picked = Tensor<Scalar>(uninitialized: [places.count])
    pick(x.pointer, labelWeights.pointer, picked.mutablePointer)
    let losses = withExtendedLifetime((x, labelWeights)) { picked }
    if smoothing == 0 { return losses }
    let weighted = weight.map { zeroProduct(x, $0.reshaped(classShape)) } ?? x
    let all = weighted.sum(along: axis).contiguous.flattened() * factor
    // Zero times an infinite loss would be NaN: what is ignored is taken out, not multiplied.
    return losses - select(isKept, all, Tensor(0))
  }

  /// What comes back from the reduced loss, for each position: the labels' shape, or one value for all. The mean of
  /// nothing sends nothing.
  func perPosition(_ gradient: Tensor<Scalar>, _ reduction: LossReduction) -> Tensor<Scalar> {
    reduction != .mean ? gradient : isVoid ? Tensor(0) : gradient / sum
  }

  /// softmax(z)·factors − t·upstream of recorded operations, for the factors upstream·Σ t.
  func recordedDerivatives(_ logits: Tensor<Scalar>, _ upstream: Tensor<Scalar>) -> Tensor<Scalar> {
    let factors = alongClasses(upstream * totals)
    let counted = select(factors.detached() .!= 0, logits, 0)
    return counted.softmax(along: axis) * factors - dense * alongClasses(upstream)
  }

  /// Values of the labels' shape, or one for all, beside the logits.
  func alongClasses(_ values: Tensor<Scalar>) -> Tensor<Scalar> {
    values.rank == 0 ? values : values.expandedAxis(at: axis)
  }

  /// t in full, of the logits' shape.
  var dense: Tensor<Scalar> {
    var negative = Tensor<Scalar>(zeros: shape)
    subtract(Tensor(1), from: &negative)
    return -negative
  }

  /// derivatives ← derivatives − upstream·t; derivatives are row-major in the logits' shape. Not recorded.
  func subtract(_ upstream: Tensor<Scalar>, from derivatives: inout Tensor<Scalar>) {
    let factors = upstream.detached().broadcast(to: labelShape).contiguous
    if smoothing > 0 {
      let spread = weight.map { $0 * (smoothing / Scalar(shape[axis])) } ?? Tensor(smoothing / Scalar(shape[axis]))
      let kept = select(isKept.reshaped(labelShape), upstream.detached(), Tensor(0))
      derivatives =
        (derivatives - alongClasses(kept) * (weight == nil ? spread : spread.reshaped(classShape))).contiguous
    }
    derivatives.makeUnique()
    place(factors.pointer, labelWeights.pointer, derivatives.mutablePointer)
    withExtendedLifetime(factors) {}
  }

  private var classShape: [Int] { shape.indices.map { $0 == axis ? shape[axis] : 1 } }

  private var isKept: Tensor<Bool> { Tensor(places) .>= 0 }

  /// losses[i] = −labelWeights[i]·x[places[i]], 0 where the weight is 0.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private func pick(
    _ x: UnsafePointer<Scalar>, _ labelWeights: UnsafePointer<Scalar>, _ losses: UnsafeMutablePointer<Scalar>
  ) {
    for (i, place) in places.enumerated() {
      losses[i] = place < 0 || labelWeights[i] == 0 ? 0 : -labelWeights[i] * x[place]
    }
  }

  /// derivatives[places[i]] −= factors[i]·labelWeights[i], where the weight is not 0.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private func place(
    _ factors: UnsafePointer<Scalar>, _ labelWeights: UnsafePointer<Scalar>, _ derivatives: UnsafeMutablePointer<Scalar>
  ) {
    for (i, place) in places.enumerated() where place >= 0 && labelWeights[i] != 0 {
      derivatives[place] -= factors[i] * labelWeights[i]
    }
  }
}
