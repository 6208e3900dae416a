import TernBackend
import TernTensor

extension MultiHeadAttention {
  /// Notes a call for the gradients of each sample: those of the projections, from the queries, keys and values that went in
  /// and the gradients of what they became, found by an attention without the projections.
  func note(
    _ tape: SampleTape, _ query: Tensor<Scalar>, _ key: Tensor<Scalar>, _ value: Tensor<Scalar>, mask: Tensor<Bool>?,
    bias: Tensor<Scalar>?, keyMask: Tensor<Bool>?, causal: Bool, output: Tensor<Scalar>
  ) {
    let given = [query.body, key.body, value.body]
    let inputs = [query, key, value].map { $0.detached() }
    let isPlain = biasK == nil && !appendsZeros && !(isTraining && dropout > 0) && query.rank == 3
    let weights = withoutGradients { (projectionWeights, outProj.weight.value) }
    let biases = withoutGradients { inProjBias.map { $0.value.split(every: $0.count / 3) } }
    let all = parameters.map { ObjectIdentifier($0) }
    tape.note(output.body, from: given) { [self] gradient, samples in
      let sequences = inputs.map { batchFirst ? $0 : $0.transposed(0, 1) }
      let g = batchFirst ? Tensor<Scalar>(body: gradient) : Tensor<Scalar>(body: gradient).transposed(0, 1)
      guard isPlain, sequences[0].shape[0] == samples else { return all.map { ($0, nil) } }
      let features = weights.1.shape[0]
      func byHead(_ x: Tensor<Scalar>) -> Tensor<Scalar> {
        x.reshaped([samples, x.shape[1], heads, features / heads]).transposed(1, 2)
      }
      let keys = keyMask.map { $0.reshaped([samples, 1, 1, $0.shape[1]]) }
      func term<Term: TensorScalar>(_ x: Tensor<Term>) -> Tensor<Term> {
        x.rank == 3 && x.shape[0] == samples * heads ? x.reshaped([samples, heads] + x.shape.suffix(2)) : x
      }
      var allowed = mask.map(term)
      if let keys { allowed = allowed.map { $0 .&& keys } ?? keys }
      let projected = sequences.indices.map { index in
        linear(sequences[index], weights.0[index], bias: biases?[index]).detached().asVariable()
      }
      let context = withGradients {
        scaledDotProductAttention(
          byHead(projected[0]), byHead(projected[1]), byHead(projected[2]), mask: allowed,
          bias: bias.map { term($0.detached()) }, causal: causal
        ).transposed(1, 2).reshaped([samples, -1, features])
      }
      let found = gradients(of: context, at: projected, gradient: matmul(g, weights.1))
      let parts = zip(sequences, found).map { linearSampleGradients($0, $1) }
      let out = linearSampleGradients(context.detached(), g)
      var result: [(parameter: ObjectIdentifier, part: SamplePart?)] = [(ObjectIdentifier(outProj.weight), out.weight)]
      if let bias = outProj.bias { result.append((ObjectIdentifier(bias), out.bias)) }
      if let inProjWeight {
        result.append((ObjectIdentifier(inProjWeight), SamplePart(parts.map(\.weight), of: Scalar.self)))
      } else {
        for (parameter, part) in zip([qProjWeight, kProjWeight, vProjWeight], parts) {
          if let parameter { result.append((ObjectIdentifier(parameter), part.weight)) }
        }
      }
      if let inProjBias {
        result.append((ObjectIdentifier(inProjBias), SamplePart(parts.map(\.bias), of: Scalar.self)))
      }
      return result
    }
  }

  /// The weights of queries, keys and values.
  private var projectionWeights: [Tensor<Scalar>] {
    inProjWeight.map { $0.value.split(every: $0.shape[0] / 3) }
      ?? [qProjWeight, kProjWeight, vProjWeight].compactMap { $0?.value }
  }
}
