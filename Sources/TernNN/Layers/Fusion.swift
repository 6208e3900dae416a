import TernBackend
import TernTensor

/// Layers that take over what follows them: a batch normalisation adds a residual and applies a ReLU in its own pass over
/// the memory, and so does whatever ends in one.
enum Fusion {
  /// Whether a layer can take over a ReLU, and a residual before it.
  static func takesOver<Scalar: FloatingScalar>(_ layer: any Layer<Scalar>, residual: Bool) -> Bool {
    switch layer {
    case is BatchNorm<Scalar>: true
    case let row as Sequential<Scalar>: row.layers.last.map { takesOver($0, residual: residual) } ?? false
    case let block as Residual<Scalar>: !residual && takesOver(block.body, residual: true)
    default: false
    }
  }

  /// Runs a layer that takes over, as a call of it does. It may write the input's memory where that is nobody else's.
  ///
  /// - Parameter residual: what is added, asked for when all before the last layer has run.
  static func run<Scalar: FloatingScalar>(
    _ layer: any Layer<Scalar>, _ input: inout Tensor<Scalar>,
    adding residual: ((_ shape: [Int]) -> Tensor<Scalar>)? = nil,
    activation: BatchNormActivation = .identity
  ) -> Tensor<Scalar> {
    _ = RunningLayer.install
    RunningScope.enter(layer)
    defer { RunningScope.leave() }
    switch layer {
    case let norm as BatchNorm<Scalar>:
      let added = residual?(input.shape)
      return norm.forward(&input, adding: added, activation: activation)
    case let row as Sequential<Scalar>:
      row.advance(row.layers.count - 1, &input)
      return run(row.layers[row.layers.count - 1], &input, adding: residual, activation: activation)
    case let block as Residual<Scalar>:
      return block.forward(input, activation: activation)
    default:
      fail("\(type(of: layer))", "nothing that takes over what follows it")
    }
  }
}
