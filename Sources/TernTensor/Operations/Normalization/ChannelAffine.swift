import TernBackend

/// (x − c)·a + b for every channel, the channels on axis 1.
///
/// Gradients: dL/dx = a·g, dL/dc = −a·Σg, dL/da = Σ g·(x − c), dL/db = Σ g, with g = dL/dy and sums over all axes but
/// the channels'. `centre`, `scale` and `shift` are [C]; left out they are 0, 1 and 0.
func channelAffine<Scalar: FloatingScalar>(
  _ name: StaticString, _ x: Tensor<Scalar>, centre: Tensor<Scalar>? = nil, scale: Tensor<Scalar>? = nil,
  shift: Tensor<Scalar>? = nil
) -> Tensor<Scalar> {
  if centre == nil && scale == nil && shift == nil { return x }
  let dense = x.dense
  let form = ChannelForm(dense.layout)
  let zeros = [Double](repeating: 0, count: form.channels)
  let centres = centre?.doubles ?? zeros
  let scales = scale?.doubles ?? [Double](repeating: 1, count: form.channels)
  let constant = Tensor<Scalar>(0)
  return form.affine(dense, [centres, scales, shift?.doubles ?? zeros])
    .recorded(
      name, from: dense, centre ?? constant, scale ?? constant, shift ?? constant,
      saving: (scale?.node == nil ? [] : Saving.first).union(scale == nil ? [] : .third)
        .union(centre == nil ? [] : .second)
    ) { [rank = x.rank, layout = dense.layout, hasCentre = centre != nil, hasScale = scale != nil] d in
      if d.createGraph {
        let scaled = hasScale ? d.gradient * d.input(2).alongChannels(rank: rank) : d.gradient
        d.send(0) { scaled }
        d.send(1) { -scaled.summedToChannels().reshaped(form.channels) }
        d.send(2) {
          let centred = hasCentre ? d.input(0) - d.input(1).alongChannels(rank: rank) : d.input(0)
          return (d.gradient * centred).summedToChannels().reshaped(form.channels)
        }
        d.send(3) { d.gradient.summedToChannels().reshaped(form.channels) }
        return
      }
      let g = d.gradient.lying(like: layout)
      d.send(0) { hasScale ? form.affine(g, [zeros, scales, zeros]) : g }
      guard d.wants(1) || d.wants(2) || d.wants(3) else { return }
      let (sums, products) = form.productSums(g, d.wants(2) ? d.input(0).detached() : g, centre: centres)
      let shape = [form.channels]
      d.send(1) { Tensor(rounding: zip(sums, scales).map { -$0 * $1 }, shape: shape) }
      d.send(2) { Tensor(rounding: products, shape: shape) }
      d.send(3) { Tensor(rounding: sums, shape: shape) }
    }
}
