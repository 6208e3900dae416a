import TernBackend

/// (x − c)·a + b for every channel, the channels on axis 1, cut off below 0 for `relu`.
///
/// Gradients: dL/dx = a·g, dL/dc = −a·Σg, dL/da = Σ g·(x − c), dL/db = Σ g, with g = dL/dy where the ReLU lets it pass
/// and sums over all axes but the channels'. `center`, `scale` and `shift` are [C]; left out they are 0, 1 and 0.
///
/// - Parameter inPlace: may the result take x's memory over? Then x must be the caller's alone, whole and a constant.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
func channelAffine<Scalar: FloatingScalar>(
  _ name: StaticString, _ x: Tensor<Scalar>, center: Tensor<Scalar>? = nil, scale: Tensor<Scalar>? = nil,
  shift: Tensor<Scalar>? = nil, adding residual: Tensor<Scalar>? = nil, relu: Bool = false, inPlace: Bool = false
) -> Tensor<Scalar> {
  let dense = x.dense
  let form = ChannelForm(dense.layout)
  let (size, count) = (form.entries.count, form.channels)
  let tables = Tensor<Scalar>(uninitialized: [3 * size])
  do {
    let (c, a, b) = (center?.detached().contiguous, scale?.detached().contiguous, shift?.detached().contiguous)
    Scalar.affineTables(
      form.entries, center: c?.pointer, scale: a?.pointer, shift: b?.pointer, tables: tables.mutablePointer)
    withExtendedLifetime((c, a, b)) {}
  }
  let other = residual?.lying(like: dense.layout)
  let result = inPlace && x.layout.isDense ? x : Tensor(uninitialized: dense.layout)
  form.affine(dense, tables: tables, adding: other, relu: relu, into: result)
  let constant = Tensor<Scalar>(0)
  var saving = (scale?.node == nil ? [] : Saving.first).union(scale == nil ? [] : .third)
    .union(center == nil ? [] : .second)
  if relu { saving.insert(.output) }
  return result.recorded(
    name, from: dense, center ?? constant, scale ?? constant, shift ?? constant, residual ?? constant, saving: saving
  ) { [rank = x.rank, layout = dense.layout, hasCenter = center != nil, hasScale = scale != nil] d in
    if d.createGraph {
      let gradient = relu ? select(d.output .<= 0, 0, d.gradient) : d.gradient
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
    var g = d.gradient.lying(like: layout)
    if relu { g = .map("relu", .reluGrad, g, d.output.detached()) }
    d.send(0) {
      if !hasScale { return g }
      let (scale, slope) = (d.input(2).detached().contiguous, Tensor<Scalar>(uninitialized: layout))
      let factors = Tensor<Scalar>(uninitialized: [3 * size])
      Scalar.affineTables(form.entries, center: nil, scale: scale.pointer, shift: nil, tables: factors.mutablePointer)
      withExtendedLifetime(scale) { form.affine(g, tables: factors, into: slope) }
      return slope
    }
    d.send(4) { g }
    guard d.wants(1) || d.wants(2) || d.wants(3) else { return }
    let sums = form.productSums(g, d.wants(2) ? d.input(0).detached() : g, tables: tables).scalars
    d.send(1) {
      let factors = hasScale ? d.input(2).detached().scalars : [Scalar](repeating: 1, count: count)
      return Tensor((0..<count).map { Scalar(-sums[$0] * Double(factors[$0])) })
    }
    d.send(2) { Tensor((0..<count).map { Scalar(sums[count + $0]) }) }
    d.send(3) { Tensor((0..<count).map { Scalar(sums[$0]) }) }
  }
}
