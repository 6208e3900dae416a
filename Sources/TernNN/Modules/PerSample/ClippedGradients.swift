import TernBackend
import TernTensor

/// The sum of the gradients of samples, each clipped to a norm.
public struct ClippedGradients<Scalar: FloatingScalar>: Sendable {
  /// Σₙ min(1, C / ‖gₙ‖)·gₙ by the parameter's name, of the parameter's shape; frozen parameters are left out.
  public internal(set) var sums: [String: Tensor<Scalar>] = [:]
  /// ‖gₙ‖ before the clipping, over all parameters together, [N].
  public internal(set) var norms = Tensor<Scalar>(zeros: [0])
  /// The losses, [N].
  public internal(set) var losses = Tensor<Scalar>(zeros: [0])
  /// The parameters of whose gradients the norms were worked out sample by sample, as no formula is known for how they are used.
  public internal(set) var oneByOne: [String] = []

  /// The sum for a parameter; `nil` where it is frozen, or not one of the model's.
  public subscript(_ name: String) -> Tensor<Scalar>? { sums[name] }
}

/// The sum of the gradients of each sample's own loss, each clipped to a norm, as training with differential privacy adds noise to
/// (Abadi et al., 2016). The gradients of all samples are never in memory together.
///
/// ```swift
/// let clipped = clippedGradients(model, samples: x.shape[0], norm: 1) { part in
///   crossEntropy(model(x[part]), y[part], reduction: .none)
/// }
/// ```
///
/// The norms come from what went into the layers and the gradients of what came out of them (Goodfellow, 2015; Li et al., 2021):
/// Σₜₛ (xₜ·xₛ)·(gₜ·gₛ) for ``Dense``, ``Embedding`` and self-attention, where that takes less memory than the gradients, and for
/// other layers of ``perSampleGradients(_:samples:chunk:losses:file:line:)`` one parameter's after the other. A second backward pass
/// through the same graph weighs each sample's loss with min(1, C / ‖gₙ‖). What holds for the samples and stops there holds here,
/// too.
///
/// - Parameters:
///   - model: whose parameters.
///   - samples: N, how many there are.
///   - norm: C, above 0; infinite for the plain sum, with the norms.
///   - chunk: how many run at once; all when `nil`.
///   - losses: of the samples numbered in a range, [range's count], computed by the model.
/// - Complexity: two backward passes of the batch, and the products for the norms.
public func clippedGradients<Scalar: FloatingScalar>(
  _ model: some Module, samples: Int, norm: Double, chunk: Int? = nil, losses: (Range<Int>) throws -> Tensor<Scalar>,
  file: StaticString = #fileID, line: UInt = #line
) rethrows -> ClippedGradients<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  let operation = "clippedGradients"
  check(norm > 0, operation, "a norm of \(norm) (above 0)")
  let sampling = Sampling<Scalar>(operation, model, samples, chunk)
  let parameters = sampling.parameters
  var result = ClippedGradients<Scalar>()
  var (values, norms, unknown) = ([Tensor<Scalar>](), [Tensor<Scalar>](), Set<String>())
  for range in sampling.chunks {
    let part = try SampleChunk(operation, range, sampling.tree, parameters, losses, retainGraph: true)
    var squares: [String: Tensor<Scalar>] = [:]
    for entry in parameters where !unknown.contains(entry.name) { squares[entry.name] = part.squaredNorms(entry) }
    if range.lowerBound == 0 {
      let known = parameters.filter { squares[$0.name] != nil }
      let wrong = try part.disagreeing(known, losses) { (squares[known[$0].name]![$1], $2.square().sum()) }
      for name in wrong { squares[name] = nil }
    }
    let others = parameters.filter { squares[$0.name] == nil }
    unknown.formUnion(others.map(\.name))
    var total = parameters.compactMap { squares[$0.name] }.reduce(Tensor<Scalar>(zeros: [range.count]), +)
    if !others.isEmpty {
      var rows: [Tensor<Scalar>] = []
      try forEachSample(range, others, losses) { found in
        rows.append(found.map { $0.square().sum() }.reduce(Tensor(0), +))
      }
      total = total + stack(rows, along: 0)
    }
    values.append(part.losses)
    norms.append(total.sqrt())
    let sums = part.weightedGradients(parameters, factors: clippingFactors(norms.last!, Scalar(norm)))
    for (entry, sum) in zip(parameters, sums) {
      result.sums[entry.name] = result.sums[entry.name].map { $0 + sum } ?? sum
    }
  }
  result.losses = concatenate(values, along: 0)
  result.norms = concatenate(norms, along: 0)
  result.oneByOne = parameters.map(\.name).filter(unknown.contains)
  return result
}

/// min(1, C / ‖gₙ‖).
private func clippingFactors<Scalar: FloatingScalar>(_ norms: Tensor<Scalar>, _ limit: Scalar) -> Tensor<Scalar> {
  select(norms .> limit, limit / norms, 1)
}

extension SampleChunk {
  /// Σₙ factorₙ·∂lossₙ/∂θ for some parameters.
  fileprivate func weightedGradients(_ parameters: [Entry], factors: Tensor<Scalar>) -> [Tensor<Scalar>] {
    guard recorded.requiresGradient else { return parameters.map { Tensor(zeros: $0.parameter.shape) } }
    let variables = withGradients { parameters.map(\.parameter.value) }
    return TernTensor.gradients(of: recorded, at: variables, gradient: factors).map { $0.detached() }
  }
}
