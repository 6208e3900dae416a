import TernBackend

/// (x − c)·a + b for every channel, the channels on axis 1, then ReLU for `appliesReLU`.
///
/// Gradients: dL/dx = a·g, dL/dc = −a·Σg, dL/da = Σ g·(x − c), dL/db = Σ g, with g = dL/dy masked by the ReLU
/// and sums over all axes but the channels'; an infinite a leaves 0 of x − c = 0. `center`, `scale` and `shift` are [C]; left out they are 0, 1 and 0.
///
/// - Parameter reusesInput: whether the result may reuse x's memory. Then x must be dense, a constant and referenced by the caller alone.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
func channelAffine<Scalar: FloatingScalar>(
  _ name: StaticString, _ x: Tensor<Scalar>, center: Tensor<Scalar>? = nil, scale: Tensor<Scalar>? = nil,
  shift: Tensor<Scalar>? = nil, adding residual: Tensor<Scalar>? = nil, appliesReLU: Bool = false,
  reusesInput: Bool = false
) -> Tensor<Scalar> {
  if let scale, scale.hasInfinity {
    let centered = center.map { x - $0.alongChannels(rank: x.rank) } ?? x
    var result = zeroProduct(centered, scale.alongChannels(rank: x.rank))
    if let shift { result = result + shift.alongChannels(rank: x.rank) }
    if let residual { result = result + residual }
    return appliesReLU ? result.relu() : result
  }
  let dense = x.dense
  let partition = ChannelPartition(dense.layout)
  let (size, count) = (partition.entries.count, partition.channels)
  let coefficients = Tensor<Scalar>(uninitialized: [3 * size])
  do {
    let (c, a, b) = (center?.detached().contiguous, scale?.detached().contiguous, shift?.detached().contiguous)
    Scalar.affineCoefficients(
      partition.entries, center: c?.pointer, scale: a?.pointer, shift: b?.pointer,
      coefficients: coefficients.mutablePointer)
    withExtendedLifetime((c, a, b)) {}
  }
  let other = residual?.withLayout(of: dense.layout)
  let result = reusesInput && x.layout.isDense ? x : Tensor(uninitialized: dense.layout)
  partition.affine(dense, coefficients: coefficients, adding: other, appliesReLU: appliesReLU, into: result)
  let constant = Tensor<Scalar>(0)
  var saving = (scale?.node == nil ? [] : Saving.first).union(scale == nil ? [] : .third)
    .union(center == nil ? [] : .second)
  if appliesReLU { saving.insert(.output) }
  OperationArguments.note(
    name,
    [
      "form": .word("affine"), "hasCenter": .flag(center != nil), "hasScale": .flag(scale != nil),
      "hasShift": .flag(shift != nil), "hasResidual": .flag(residual != nil), "appliesReLU": .flag(appliesReLU),
    ])
  return result.recorded(
    name, from: dense, center ?? constant, scale ?? constant, shift ?? constant, residual ?? constant, saving: saving
  ) { [rank = x.rank, layout = dense.layout, hasCenter = center != nil, hasScale = scale != nil] d in
    if d.createGraph {
      let gradient = appliesReLU ? select(d.output .<= 0, 0, d.gradient) : d.gradient
      let scaled = hasScale ? gradient * d.input(2).alongChannels(rank: rank) : gradient
      d.send(0) { scaled }
      d.send(1) { -scaled.summedToChannels().reshaped(count) }
      d.send(2) {
        let centered = hasCenter ? d.input(0) - d.input(1).alongChannels(rank: rank) : d.input(0)
        return (gradient * centered).summedToChannels().reshaped(count)
      }
      d.send(3) { gradient.summedToChannels().reshaped(count) }
      d.send(4) { gradient }
      return
    }
    var g = d.gradient.withLayout(of: layout)
    if appliesReLU { g = .map("relu", .reluGrad, g, d.output.detached()) }
    d.send(0) {
      if !hasScale { return g }
      let (scale, inputGradient) = (d.input(2).detached().contiguous, Tensor<Scalar>(uninitialized: layout))
      let factors = Tensor<Scalar>(uninitialized: [3 * size])
      Scalar.affineCoefficients(
        partition.entries, center: nil, scale: scale.pointer, shift: nil, coefficients: factors.mutablePointer)
      withExtendedLifetime(scale) { partition.affine(g, coefficients: factors, into: inputGradient) }
      return inputGradient
    }
    d.send(4) { g }
    guard d.wants(1) || d.wants(2) || d.wants(3) else { return }
    let sums = partition.productSums(g, d.wants(2) ? d.input(0).detached() : g, coefficients: coefficients).scalars
    d.send(1) {
      let factors = hasScale ? d.input(2).detached().scalars : [Scalar](repeating: 1, count: count)
      return Tensor((0..<count).map { Scalar(-sums[$0] * Double(factors[$0])) })
    }
    d.send(2) { Tensor((0..<count).map { Scalar(sums[count + $0]) }) }
    d.send(3) { Tensor((0..<count).map { Scalar(sums[$0]) }) }
  }
}
