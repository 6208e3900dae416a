import TernBackend
import TernTensor

// A linear layer and the cross entropy of its logits, of which only those of some rows exist at a time.

/// Cross entropy of the logits x·Wᵀ + b against class indices, without all logits at once: those of a chunk of rows are
/// computed, used and dropped, in the backward pass once more.
///
/// Equals ``crossEntropy(_:_:weight:ignoring:labelSmoothing:reduction:file:line:)`` of a linear layer's result, up to rounding.
/// Gradients: with the logits' gradient dz, dx = dz·W, dW = dzᵀ·x, db = Σ dz; gradients of gradients use all logits.
///
/// - Parameters:
///   - input: x, [N, E] or [E].
///   - weight: W, [C, E]; or [C, d₁, .., E] for logits [N, C, d₁, ..], which are computed in whole.
///   - labels: [N], [N, d₁, ..] or a single value; classes 0 ..< C, or `ignoring`.
///   - bias: b, of the shape of the weight without E.
///   - classWeight: a weight of each class, [C]; 1 when `nil`.
///   - ignoring: positions with this label count for nothing.
///   - labelSmoothing: 0 to 1.
///   - chunkSize: rows of a chunk, at least 1; so many that a chunk has about 2²² logits when `nil`.
///   - reduction: what becomes of the losses.
///
/// Stops where shapes do not fit and for a label outside.
public func linearCrossEntropy<Scalar: FloatingScalar>(
  _ input: Tensor<Scalar>, _ weight: Tensor<Scalar>, _ labels: Tensor<Int>, bias: Tensor<Scalar>? = nil,
  classWeight: Tensor<Scalar>? = nil, ignoring: Int = -100, labelSmoothing: Scalar = 0, chunkSize: Int? = nil,
  reduction: LossReduction = .mean,
  file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  checkLinear(input, weight, bias)
  check(chunkSize ?? 1 >= 1, "linearCrossEntropy", "chunks of \(chunkSize ?? 0) rows")
  if weight.rank > 2 || input.rank == 1 {
    return crossEntropy(
      linearLogits(input, weight, bias), labels, weight: classWeight, ignoring: ignoring,
      labelSmoothing: labelSmoothing, reduction: reduction)
  }
  let (rows, classes) = (input.shape[0], weight.shape[0])
  check(
    labels.shape == [rows], "linearCrossEntropy", "labels \(labels.shape) for input \(input.shape), [\(rows)] is wanted"
  )
  // Checks the labels too.
  let targets = ClassTargets(
    labels, of: [rows, classes], axis: 1, weight: classWeight, ignoring: ignoring, smoothing: labelSmoothing,
    "linearCrossEntropy")
  let size = chunkSize ?? Swift.max(128, 0x40_0000 / Swift.max(classes, 1))
  let settings = ClassSettings(weight: classWeight?.detached(), ignoring: ignoring, smoothing: labelSmoothing)
  let chunks = stride(from: 0, to: rows, by: size).map { $0..<Swift.min($0 + size, rows) }
  let losses = withoutGradients {
    let (x, w, b) = (input.detached().contiguous, weight.detached(), bias?.detached())
    let parts = chunks.map { range in
      crossEntropy(
        linear(x[range], w, bias: b), labels[range], weight: settings.weight, ignoring: ignoring,
        labelSmoothing: labelSmoothing, reduction: .none)
    }
    return parts.isEmpty ? Tensor<Scalar>(zeros: [0]) : concatenate(parts, along: 0)
  }
  let hasBias = bias != nil
  let labels = labels.contiguous
  return targets.reduced(losses, reduction)
    .recorded(
      "linearCrossEntropy", fromAll: [input, weight] + (bias.map { [$0] } ?? []), saving: [.first, .second, .third]
    ) { d in
      let (x, w, b) = (d.input(0), d.input(1), hasBias ? d.input(2) : nil)
      let upstream = targets.perPosition(d.gradient, reduction)
      if d.createGraph {
        let derivatives = targets.recordedDerivatives(linear(x, w, bias: b), upstream)
        d.send(0) { matmul(derivatives, w) }
        d.send(1) { matmul(derivatives.transposed(), x) }
        if hasBias { d.send(2) { derivatives.sum(along: 0) } }
        return
      }
      let each = upstream.detached().broadcast(to: [rows]).contiguous
      let (source, matrix) = (x.detached().contiguous, w.detached())
      var (dx, dw): ([Tensor<Scalar>], Tensor<Scalar>) = ([], Tensor(zeros: matrix.shape))
      var db = Tensor<Scalar>(zeros: [classes])
      for range in chunks {
        let z = linear(source[range], matrix, bias: b?.detached())
        let derivatives = settings.derivatives(z, labels[range], each[range])
        if d.wants(0) { dx.append(matmul(derivatives, matrix)) }
        if d.wants(1) { dw.accumulateGEMM(derivatives.transposed().operand, source[range].operand, beta: 1) }
        if hasBias && d.wants(2) { db = db + derivatives.sum(along: 0) }
      }
      d.send(0) { dx.isEmpty ? Tensor(zeros: source.shape) : concatenate(dx, along: 0) }
      d.send(1) { dw }
      if hasBias { d.send(2) { db } }
    }
}

/// Cross entropy of the logits x·Wᵀ + b against probabilities, as large as the logits themselves, which exist in whole.
///
/// Parameters as in ``linearCrossEntropy(_:_:_:bias:classWeight:ignoring:labelSmoothing:chunkSize:reduction:file:line:)``, the
/// probabilities of the shape of the logits, see ``crossEntropy(_:_:weight:labelSmoothing:reduction:file:line:)``.
public func linearCrossEntropy<Scalar: FloatingScalar>(
  _ input: Tensor<Scalar>, _ weight: Tensor<Scalar>, _ probabilities: Tensor<Scalar>, bias: Tensor<Scalar>? = nil,
  classWeight: Tensor<Scalar>? = nil, labelSmoothing: Scalar = 0, reduction: LossReduction = .mean,
  file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  checkLinear(input, weight, bias)
  return crossEntropy(
    linearLogits(input, weight, bias), probabilities, weight: classWeight, labelSmoothing: labelSmoothing,
    reduction: reduction)
}

private func checkLinear<Scalar: FloatingScalar>(
  _ input: Tensor<Scalar>, _ weight: Tensor<Scalar>, _ bias: Tensor<Scalar>?
) {
  let name = "linearCrossEntropy"
  check(input.rank == 1 || input.rank == 2, name, "input \(input.shape) is not [N, E] or [E]")
  check(weight.rank >= 2, name, "weight \(weight.shape) is not [C, E] or [C, d₁, .., E]")
  check(
    input.shape.last == weight.shape.last, name,
    "input \(input.shape) and weight \(weight.shape) differ in features "
      + "(\(input.shape.last ?? 0) ≠ \(weight.shape.last ?? 0))")
  check(weight.rank == 2 || input.rank == 2, name, "input \(input.shape) without a batch for weight \(weight.shape)")
  if let bias {
    let wanted = Array(weight.shape.dropLast())
    check(bias.shape == wanted, name, "bias \(bias.shape) for weight \(weight.shape), \(wanted) is wanted")
  }
}

/// [C], [N, C] or [N, C, d₁, ..].
private func linearLogits<Scalar: FloatingScalar>(
  _ input: Tensor<Scalar>, _ weight: Tensor<Scalar>, _ bias: Tensor<Scalar>?
) -> Tensor<Scalar> {
  let front = Array(weight.shape.dropLast())
  let outputs = Layout.product(front)
  let matrix = weight.reshaped([outputs, weight.shape[weight.rank - 1]])
  return linear(input, matrix, bias: bias?.reshaped([outputs])).reshaped(input.shape.dropLast() + front)
}

/// What goes with the labels.
private struct ClassSettings<Scalar: FloatingScalar>: Sendable {
  let weight: Tensor<Scalar>?
  let ignoring: Int
  let smoothing: Scalar

  /// The gradient at logits [n, C] of the losses of n labels, times what comes back for each.
  func derivatives(_ z: Tensor<Scalar>, _ labels: Tensor<Int>, _ upstream: Tensor<Scalar>) -> Tensor<Scalar> {
    let targets = ClassTargets(
      labels, of: z.shape, axis: 1, weight: weight, ignoring: ignoring, smoothing: smoothing, "linearCrossEntropy")
    let factors = targets.alongClasses(upstream * targets.totals)
    var derivatives = zeroProduct(z.softmax(along: 1), factors).contiguous
    targets.subtract(upstream, from: &derivatives)
    return derivatives
  }
}

/// A linear layer and the cross entropy of its logits, of which only those of some rows exist at a time, see
/// ``linearCrossEntropy(_:_:_:bias:classWeight:ignoring:labelSmoothing:chunkSize:reduction:file:line:)``.
public final class LinearCrossEntropyLoss<Scalar: FloatingScalar>: Module {
  /// The layer, [C, E].
  public let linear: Dense<Scalar>
  /// A weight of each class, [C]; 1 when `nil`.
  public let classWeight: Tensor<Scalar>?
  /// Positions with this label count for nothing.
  public let ignoring: Int
  /// How far a target is spread over all classes, 0 to 1.
  public let labelSmoothing: Double
  /// Rows of a chunk.
  public let chunkSize: Int?
  /// What becomes of the losses.
  public let reduction: LossReduction

  /// Creates a linear layer with the cross entropy of its logits.
  ///
  /// - Parameters:
  ///   - features: features E of an input, at least 1.
  ///   - classes: how many classes there are, at least 1.
  ///   - bias: whether the layer has a bias.
  ///   - classWeight: a weight of each class, [C]; 1 when `nil`.
  ///   - ignoring: positions with this label count for nothing.
  ///   - labelSmoothing: how far a target is spread over all classes, 0 to 1.
  ///   - chunkSize: rows of a chunk, at least 1; chosen by their size when `nil`.
  ///   - reduction: whether the losses are averaged, summed or returned one by one.
  public init(
    _ features: Int, _ classes: Int, bias: Bool = false, classWeight: Tensor<Scalar>? = nil, ignoring: Int = -100,
    labelSmoothing: Double = 0, chunkSize: Int? = nil, reduction: LossReduction = .mean,
    fileID file: StaticString = #fileID, line: UInt = #line
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    let name = "LinearCrossEntropyLoss"
    check(
      classWeight?.shape ?? [classes] == [classes], name, "weight of \(classWeight?.shape ?? []) for \(classes) classes"
    )
    check(labelSmoothing >= 0 && labelSmoothing <= 1, name, "a label smoothing of \(labelSmoothing)")
    check(chunkSize ?? 1 >= 1, name, "chunks of \(chunkSize ?? 0) rows")
    linear = Dense(features, classes, bias: bias)
    (self.classWeight, self.ignoring, self.labelSmoothing) = (classWeight, ignoring, labelSmoothing)
    (self.chunkSize, self.reduction) = (chunkSize, reduction)
  }

  /// Creates a linear layer with the cross entropy of its logits, with `Float` values.
  ///
  /// - Parameters:
  ///   - features: features E of an input, at least 1.
  ///   - classes: how many classes there are, at least 1.
  ///   - bias: whether the layer has a bias.
  ///   - classWeight: a weight of each class, [C]; 1 when `nil`.
  ///   - ignoring: positions with this label count for nothing.
  ///   - labelSmoothing: how far a target is spread over all classes, 0 to 1.
  ///   - chunkSize: rows of a chunk, at least 1; chosen by their size when `nil`.
  ///   - reduction: whether the losses are averaged, summed or returned one by one.
  public convenience init(
    _ features: Int, _ classes: Int, bias: Bool = false, classWeight: Tensor<Scalar>? = nil, ignoring: Int = -100,
    labelSmoothing: Double = 0, chunkSize: Int? = nil, reduction: LossReduction = .mean,
    file: StaticString = #fileID, line: UInt = #line
  ) where Scalar == Float {
    self.init(
      features, classes, bias: bias, classWeight: classWeight, ignoring: ignoring, labelSmoothing: labelSmoothing,
      chunkSize: chunkSize, reduction: reduction, fileID: file, line: line)
  }

  /// The loss of inputs [N, E] against class indices [N].
  public func callAsFunction(
    _ input: Tensor<Scalar>, _ labels: Tensor<Int>, file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor<Scalar> {
    linearCrossEntropy(
      input, linear.weight.value, labels, bias: linear.bias?.value, classWeight: classWeight, ignoring: ignoring,
      labelSmoothing: Scalar(labelSmoothing), chunkSize: chunkSize, reduction: reduction, file: file, line: line)
  }
}

extension LinearCrossEntropyLoss: SelfCopying {
  func duplicate() -> any Module {
    LinearCrossEntropyLoss(
      linear.weight.shape[1], linear.weight.shape[0], bias: linear.bias != nil, classWeight: classWeight,
      ignoring: ignoring, labelSmoothing: labelSmoothing, chunkSize: chunkSize, reduction: reduction)
  }
}
