import TernBackend
import TernTensor

/// Spectral normalization: W/σ with the largest singular value σ = uᵀ·W·v, as
/// `torch.nn.utils.parametrizations.spectral_norm`.
///
/// W is the parameter as a matrix, one axis against all others. Its singular vectors u and v are buffers: in training each
/// reading of the value moves them by power iterations, u ← W·v/‖W·v‖ and v ← Wᵀ·u/‖Wᵀ·u‖; in evaluation they stand
/// still. They are constants of the graph, and start as 15 iterations from random vectors leave them. A vector is divided by
/// its norm.
///
/// Source: Miyato et al. 2018, "Spectral normalization for generative adversarial networks".
public final class SpectralNormalization<Scalar: FloatingScalar>: Parametrization, ModeDependent {
  /// The number of power iterations at each reading in training.
  public let iterations: Int
  /// The axis of the matrix's rows.
  public let axis: Int
  /// ε, what norms are raised to.
  public let epsilon: Double
  /// u, one value for each row; `nil` before it is given to a parameter, and for a vector.
  public private(set) var u: Buffer<Scalar>?
  /// v, one value for each column; `nil` before it is given to a parameter, and for a vector.
  public private(set) var v: Buffer<Scalar>?
  /// Whether reading the value moves u and v.
  public var isTraining = true

  /// Creates a spectral normalization. Stops for less than 1 iteration, and for a negative ε.
  ///
  /// - Parameters:
  ///   - iterations: the number of power iterations at each reading in training, at least 1.
  ///   - axis: the axis of the outputs; negative ones count from the end. Transposed convolutions have theirs at 1, which
  ///     PyTorch takes for them by itself.
  ///   - epsilon: ε, what norms are raised to.
  public init(
    iterations: Int = 1, axis: Int = 0, epsilon: Double = 1e-12, file: StaticString = #fileID, line: UInt = #line
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    check(iterations >= 1, "SpectralNormalization", "\(iterations) iterations")
    check(epsilon >= 0, "SpectralNormalization", "an epsilon of \(epsilon)")
    self.iterations = iterations
    self.axis = axis
    self.epsilon = epsilon
  }

  /// The buffers have PyTorch's names.
  public var savedNames: [String: String] { ["u": "_u", "v": "_v"] }

  /// Makes the singular vectors. Stops for an axis that the parameter does not have.
  public func prepare(for value: Tensor<Scalar>) {
    check(
      axis >= -value.rank && axis < value.rank, "SpectralNormalization", "axis \(axis) of a parameter \(value.shape)")
    check(u == nil, "SpectralNormalization", "it is another parameter's already: each takes one of its own")
    if value.rank == 1 { return }
    let matrix = matrix(value)
    u = Buffer(unit(Tensor(randomNormal: [matrix.shape[0]])))
    v = Buffer(unit(Tensor(randomNormal: [matrix.shape[1]])))
    iterate(matrix, 15)
  }

  /// W/σ of W.
  public func value(of originals: [Tensor<Scalar>]) -> Tensor<Scalar> {
    let weight = originals[0]
    guard let u, let v else { return unit(weight) }
    let matrix = matrix(weight)
    if isTraining { iterate(matrix.detached(), iterations) }
    return weight / dot(u.value, matmul(matrix, v.value))
  }

  private func iterate(_ matrix: Tensor<Scalar>, _ count: Int) {
    guard let u, let v else { return }
    withoutGradients {
      for _ in 0..<count {
        u.value = unit(matmul(matrix, v.value))
        v.value = unit(matmul(matrix.transposed(), u.value))
      }
    }
  }

  private func unit(_ x: Tensor<Scalar>) -> Tensor<Scalar> { x.normalized(along: [0], epsilon: Scalar(epsilon)) }

  private func matrix(_ weight: Tensor<Scalar>) -> Tensor<Scalar> {
    let front = weight.movingAxis(axis, to: 0)
    return front.reshaped([front.shape[0], front.shape.dropFirst().reduce(1, *)])
  }
}

extension SpectralNormalization: SelfCopying {
  func duplicate() -> any Module {
    let copy = SpectralNormalization(iterations: iterations, axis: axis, epsilon: epsilon)
    copy.u = u.map { Buffer(Tensor(zeros: $0.shape)) }
    copy.v = v.map { Buffer(Tensor(zeros: $0.shape)) }
    return copy
  }
}
