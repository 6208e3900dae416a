import TernBackend
import TernTensor

/// Dropout: while training, every element is zero with the given probability, and what stays is divided by the fraction
/// that stays, so that the expected value does not change; in evaluation the input itself.
///
/// y = x·m / (1 − p) with m ~ Bernoulli(1 − p) for each element. Source: Srivastava et al. 2014, "Dropout: a simple way
/// to prevent neural networks from overfitting", in its inverted form.
///
/// ```swift
/// let network = Sequential { Dense(64, 64) ; ReLU() ; Dropout(0.5) ; Dense(64, 10) }
/// let trained = network(Tensor(randomNormal: [32, 64]))  // half of the 64 activations are 0, the others doubled
/// network.eval()
/// let evaluated = network(Tensor(randomNormal: [32, 64]))  // unchanged by the dropout
/// ```
public final class Dropout<Scalar: FloatingScalar>: DropoutLayer<Scalar> {
  public override func forward(_ input: Tensor<Scalar>) -> Tensor<Scalar> {
    if !isTraining || probability == 0 { return input.unchanged("dropout") }
    return dropout(input, probability: probability, generator: generator)
  }
}

/// The input with every element zero with probability p, the rest divided by 1 − p. With p = 1 all are zero.
///
/// Gradient: the same mask and factor on dL/dy. The mask is drawn in the order of the elements in memory.
@specialized(where Scalar == Float)
public func dropout<Scalar: FloatingScalar>(
  _ x: Tensor<Scalar>, probability: Double, generator: RandomGenerator? = nil, file: StaticString = #fileID,
  line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  check(probability >= 0 && probability <= 1, "dropout", "a probability of \(probability)")
  if probability == 0 { return x.unchanged("dropout") }
  if probability == 1 { return zeroProduct(x, Tensor(zeros: x.shape)) }
  let x = x.layout.isDense ? x : x.contiguous
  let state = (generator ?? Random.generator).claim()
  let (kept, scale) = (1 - probability, Scalar(1 / (1 - probability)))
  let bound = UInt32(min(kept * 0x1p32, Double(UInt32.max)))
  let mask = Tensor<UInt8>(uninitialized: x.layout)
  let result = Tensor<Scalar>(uninitialized: x.layout)
  do {
    let (out, bytes, source) = (result.mutablePointer, mask.mutablePointer, x.pointer)
    defer { withExtendedLifetime((result, mask, x)) {} }
    Workers.run(count: x.count, grain: 32_768) { part in
      let at = part.lowerBound
      Scalar.dropout(
        part.count, out + at, mask: bytes + at, source + at, scale: scale, bound: bound, seed: state.seed,
        stream: state.draws, first: at)
    }
  }
  return result.recorded("dropout", from: x) { d in
    d.send(0) {
      if d.createGraph { return zeroProduct(d.gradient, mask.cast(to: Scalar.self) * scale) }
      let g = d.gradient.detached()
      let gradient = g.layout.hasLayout(of: mask.layout) ? g : g.copied(mask.layout)
      let derivative = Tensor<Scalar>(uninitialized: mask.layout)
      let (out, bytes, source) = (derivative.mutablePointer, mask.pointer, gradient.pointer)
      defer { withExtendedLifetime((derivative, mask, gradient)) {} }
      Workers.run(count: mask.count, grain: 32_768) { part in
        let at = part.lowerBound
        Scalar.dropoutGrad(part.count, out + at, mask: bytes + at, source + at, scale: scale)
      }
      return derivative
    }
  }
}
