import TernBackend
import TernTensor

/// The gradients of each sample's own loss, at all parameters of a model.
public struct PerSampleGradients<Scalar: FloatingScalar>: Sendable {
  /// ∂lossₙ/∂θ by the parameter's name, [N, parameter's shape…]; frozen parameters are left out.
  public internal(set) var gradients: [String: Tensor<Scalar>] = [:]
  /// The losses, [N].
  public internal(set) var losses = Tensor<Scalar>(zeros: [0])
  /// The parameters whose gradients were worked out sample by sample, as no formula is known for how they are used.
  public internal(set) var oneByOne: [String] = []

  /// The gradients of a parameter; `nil` where it is frozen, or not one of the model's.
  public subscript(_ name: String) -> Tensor<Scalar>? { gradients[name] }

  /// Puts the gradients of some samples among those of all.
  fileprivate mutating func add(_ found: [String: Tensor<Scalar>], of range: Range<Int>, _ samples: Int) {
    for (name, part) in found {
      if range.count == samples {
        gradients[name] = part
      } else {
        // Chunks are for those who have no memory for a second copy.
        gradients[name, default: Tensor(uninitialized: [samples] + part.shape.dropFirst())][range] = part
      }
    }
  }
}

/// The gradients of each sample's own loss, as `torch.func.vmap(torch.func.grad(loss))`.
///
/// ```swift
/// let each = perSampleGradients(model, samples: x.shape[0], chunk: 64) { part in
///   crossEntropy(model(x[part]), y[part], reduction: .none)
/// }
/// let norms = each["0.weight"]!.square().sum(along: [1, 2]).sqrt()
/// ```
///
/// One pass runs all samples of a chunk, and the gradients of the parameters come from what went into a layer and the gradient of
/// what came out of it: for ``Dense``, convolutions and transposed ones over sequences and images, ``Embedding``, layer, group
/// and RMS normalization, batch normalization that evaluates, and self-attention. What other layers do with their parameters is worked out sample by sample, and
/// so are parameters for which a formula would not give all of the gradient: those that are used in other places too, and those of
/// layers whose first axis is not that of the samples, which the gradients of one sample by itself tell. ``PerSampleGradients/oneByOne`` names them.
///
/// Samples must not depend on each other. Stops, with the path, where a batch normalization would make them: one that trains, or
/// has no running statistics; and where a layer's forward pass draws random numbers the results are those of the batch.
///
/// - Parameters:
///   - model: whose parameters.
///   - samples: N, how many there are.
///   - chunk: how many run at once; all when `nil`.
///   - losses: of the samples numbered in a range, [range's count], computed by the model.
/// - Complexity: the gradients take N times the memory of the parameters.
public func perSampleGradients<Scalar: FloatingScalar>(
  _ model: some Module, samples: Int, chunk: Int? = nil, losses: (Range<Int>) throws -> Tensor<Scalar>,
  file: StaticString = #fileID, line: UInt = #line
) rethrows -> PerSampleGradients<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  let sampling = Sampling<Scalar>("perSampleGradients", model, samples, chunk)
  var result = PerSampleGradients<Scalar>()
  var (values, unknown) = ([Tensor<Scalar>](), Set<String>())
  for range in sampling.chunks {
    var found: [String: Tensor<Scalar>] = [:]
    // In a scope of its own, so that what layers took is freed before parameters are worked out sample by sample.
    do {
      let part = try SampleChunk("perSampleGradients", range, sampling.tree, sampling.parameters, losses)
      values.append(part.losses)
      for entry in sampling.parameters where !unknown.contains(entry.name) {
        found[entry.name] = part.gradients(entry)
      }
      if range.lowerBound == 0 {
        let known = sampling.parameters.filter { found[$0.name] != nil }
        let wrong = try part.disagreeing(known, losses) { (found[known[$0].name]![$1], $2) }
        for name in wrong { found[name] = nil }
      }
    }
    let others = sampling.parameters.filter { found[$0.name] == nil }
    unknown.formUnion(others.map(\.name))
    if !others.isEmpty {
      var rows = others.map { _ in [Tensor<Scalar>]() }
      try forEachSample(range, others, losses) { for (row, gradient) in $0.enumerated() { rows[row].append(gradient) } }
      for (entry, rows) in zip(others, rows) { found[entry.name] = stack(rows, along: 0) }
    }
    result.add(found, of: range, samples)
  }
  result.losses = concatenate(values, along: 0)
  result.oneByOne = sampling.parameters.map(\.name).filter(unknown.contains)
  return result
}

/// The gradients of each sample's own loss, of a layer with the samples along the first axis of its input.
///
/// - Parameters:
///   - layer: whose parameters.
///   - inputs: [N, …].
///   - chunk: how many samples run at once; all when `nil`.
///   - losses: of the layer's outputs for the samples numbered in a range, [range's count].
public func perSampleGradients<L: Layer>(
  _ layer: L, _ inputs: Tensor<L.Scalar>, chunk: Int? = nil,
  losses: (_ outputs: Tensor<L.Scalar>, _ samples: Range<Int>) throws -> Tensor<L.Scalar>,
  file: StaticString = #fileID, line: UInt = #line
) rethrows -> PerSampleGradients<L.Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  check(inputs.rank >= 1, "perSampleGradients", "an input without an axis of samples")
  return try perSampleGradients(layer, samples: inputs.shape[0], chunk: chunk) { try losses(layer(inputs[$0]), $0) }
}

/// What gradients of samples begin with: the checks of the arguments, and the parameters.
struct Sampling<Scalar: FloatingScalar> {
  let tree: ModuleTree
  /// Those that are not frozen.
  let parameters: [SampleChunk<Scalar>.Entry]
  /// The samples that run at once.
  let chunks: [Range<Int>]

  init(_ operation: String, _ model: some Module, _ samples: Int, _ chunk: Int?) {
    check(samples >= 1, operation, "\(samples) samples (at least 1)")
    check(chunk.map { $0 >= 1 } ?? true, operation, "a chunk of \(chunk ?? 0) samples (at least 1)")
    tree = ModuleTree(model)
    if let mixing = tree.modules.first(where: { ($0.module as? any SampleMixing)?.mixesSamples == true }) {
      fail(
        operation,
        "\(mixing.name.isEmpty ? "the model" : mixing.name) is a batch normalization that mixes the samples: call eval() first, "
          + "or use one that does not, such as GroupNorm")
    }
    parameters = tree.parameters.compactMap { name, parameter in
      (parameter as? Parameter<Scalar>).map { (name: name, parameter: $0) }
    }.filter { !$0.parameter.isFrozen }
    chunks = stride(from: 0, to: samples, by: chunk ?? samples).map {
      $0..<Swift.min(samples, $0 + Swift.min(chunk ?? samples, samples))
    }
  }
}

/// A layer that may make the samples of a batch depend on each other.
private protocol SampleMixing {
  var mixesSamples: Bool { get }
}

extension BatchNorm: SampleMixing {
  var mixesSamples: Bool { isTraining || runningMean == nil }
}
