import TernBackend
import TernTensor

/// A layer that can be fused with the operation after it, so that both make one pass over memory: with a ReLU, and a
/// batch normalization also with the residual before it. A container that ends in such a layer can be fused likewise.
indirect enum FusedLayer<Scalar: FloatingScalar> {
  case dense(Dense<Scalar>)
  case convolution(Conv2D<Scalar>)
  case norm(BatchNorm<Scalar>)
  case row(Sequential<Scalar>)
  case block(Residual<Scalar>, body: FusedLayer)

  /// `nil` where the layer cannot be fused.
  ///
  /// - Parameter residual: whether a residual has to be fused.
  init?(_ layer: any Layer<Scalar>, residual: Bool) {
    switch layer {
    case let norm as BatchNorm<Scalar>: self = .norm(norm)
    case let dense as Dense<Scalar> where !residual: self = .dense(dense)
    case let convolution as Conv2D<Scalar> where !residual: self = .convolution(convolution)
    case let row as Sequential<Scalar>:
      if (residual ? row.fusedLast.residual : row.fusedLast.plain) == nil { return nil }
      self = .row(row)
    case let block as Residual<Scalar> where !residual:
      guard let body = block.fusedBody else { return nil }
      self = .block(block, body: body)
    default: return nil
    }
  }

  private var layer: any Module {
    switch self {
    case .dense(let layer): layer
    case .convolution(let layer): layer
    case .norm(let layer): layer
    case .row(let layer): layer
    case .block(let layer, _): layer
    }
  }

  /// Runs the layer, as a call of it does. It may reuse the input's memory where nothing else references it.
  ///
  /// - Parameter residual: what is added, asked for when all before the last layer has run.
  func run(
    _ input: inout Tensor<Scalar>, adding residual: ((_ shape: [Int]) -> Tensor<Scalar>)? = nil,
    activation: FusedActivation = .identity
  ) -> Tensor<Scalar> {
    _ = LayerCallContext.install
    RunningScope.enter(layer)
    defer { RunningScope.leave() }
    Replay.current?.note(modeOf: layer)
    if !OperationObservers.isAnyoneListening { return result(&input, adding: residual, activation) }
    OperationObservers.entered(layer, input.body)
    let result = result(&input, adding: residual, activation)
    OperationObservers.left(layer, result.body)
    return result
  }

  private func result(
    _ input: inout Tensor<Scalar>, adding residual: ((_ shape: [Int]) -> Tensor<Scalar>)?,
    _ activation: FusedActivation
  ) -> Tensor<Scalar> {
    switch self {
    case .dense(let dense): return dense.forward(input, activation: activation)
    case .convolution(let convolution): return convolution.forward(input, activation: activation)
    case .norm(let norm):
      let added = residual?(input.shape)
      return norm.forward(&input, adding: added, activation: activation)
    case .row(let row):
      if let last = residual == nil ? row.fusedLast.plain : row.fusedLast.residual {
        row.advance(row.layers.count - 1, &input)
        return last.run(&input, adding: residual, activation: activation)
      }
      // Its last layer was replaced by one that cannot be fused.
      row.advance(row.layers.count, &input)
      let result = residual.map { input + $0(input.shape) } ?? input
      return activation == .relu ? result.relu() : result
    case .block(let block, let body): return block.forward(input, body, activation: activation)
    }
  }
}

extension Conv2D {
  /// Whether the batch normalization after it can be fused into it: it uses its running statistics, and nothing is
  /// recorded.
  func canFuse(_ norm: BatchNorm<Scalar>) -> Bool {
    !Recording.isOn && !norm.isTraining && norm.runningMean != nil && norm.features == weight.shape[0]
  }

  /// The convolution and the batch normalization fused into it as one convolution, activated.
  func forward(
    _ input: Tensor<Scalar>, normalizedBy norm: BatchNorm<Scalar>, activation: FusedActivation
  ) -> Tensor<Scalar> {
    let (weight, bias) = FoldedWeights.of(self, norm)
    _ = LayerCallContext.install
    RunningScope.enter(self)
    defer { RunningScope.leave() }
    let isObserved = OperationObservers.isAnyoneListening
    if isObserved { OperationObservers.entered(self, input.body) }
    let result = conv2D(
      input, weight, bias: bias, stride: stride, padding: padding, dilation: dilation, groups: groups,
      activation: activation)
    if isObserved { OperationObservers.left(self, result.body) }
    return result
  }
}

/// The weights of a convolution with the batch normalization after it: computed once and kept with the convolution's weights
/// for as long as nothing that they were made of changes.
private final class FoldedWeights<Scalar: FloatingScalar>: Sendable {
  let weight: Tensor<Scalar>, bias: Tensor<Scalar>
  /// What they depend on beside the weights. That it is held here keeps its memory from being changed in place.
  private let sources: [Tensor<Scalar>?]
  private let epsilon: Double

  private init(
    _ weight: Tensor<Scalar>, _ bias: Tensor<Scalar>?, _ norm: BatchNorm<Scalar>, _ sources: [Tensor<Scalar>?]
  ) {
    let (scale, shift) = norm.evaluation
    self.weight = weight * scale.reshaped(norm.features, 1, 1, 1)
    self.bias = bias.map { $0 * scale + shift } ?? shift
    (self.sources, epsilon) = (sources, norm.epsilon)
  }

  static func of(_ convolution: Conv2D<Scalar>, _ norm: BatchNorm<Scalar>) -> (Tensor<Scalar>, Tensor<Scalar>) {
    let (weight, bias) = (convolution.weight.value, convolution.bias?.value)
    let sources = [bias, norm.weight?.value, norm.bias?.value, norm.runningMean?.value, norm.runningVar?.value]
    func fold() -> FoldedWeights { FoldedWeights(weight, bias, norm, sources) }
    let folded =
      weight.body.memory.derived(.folded, isValid: { $0.holds(sources, norm.epsilon) }, fold) ?? fold()
    return (folded.weight, folded.bias)
  }

  /// Whether these are the memory that the weights were made of.
  private func holds(_ others: [Tensor<Scalar>?], _ epsilon: Double) -> Bool {
    epsilon == self.epsilon && zip(sources, others).allSatisfy { $0?.body.memory === $1?.body.memory }
  }
}

extension BatchNorm {
  /// What evaluation by running statistics does to every channel, y = scale·x + shift, [C] each.
  fileprivate var evaluation: (scale: Tensor<Scalar>, shift: Tensor<Scalar>) {
    guard let runningMean, let runningVar else { fail(name, "no running statistics") }
    var scale = (runningVar.value + Scalar(epsilon)).rsqrt()
    if let weight { scale = scale * weight.value }
    let shift = -runningMean.value * scale
    return (scale, bias.map { shift + $0.value } ?? shift)
  }
}
