import TernBackend

/// What standardization knows of every channel.
///
/// A mean of 10⁴ as Float is off by 5·10⁻⁴: what is subtracted from the elements is the nearest Float, and the rest of
/// the mean goes where numbers are small.
struct ChannelStatistics<Scalar: FloatingScalar>: Sendable {
  let form: ChannelForm
  /// 1/√(σ² + ε), and what the mean has beyond the scalar type: [2·channels].
  let numbers: Tensor<Double>
  /// Of every entry: the mean, the factor of x − mean, and the summand.
  let tables: Tensor<Scalar>
  /// μ, the nearest numbers of the scalar type; NaN of nothing.
  let mean: Tensor<Scalar>
  /// σ², biased; NaN of nothing.
  let variance: Tensor<Scalar>

  /// Works them out, and writes the standardized values of x; both, and the residual, lie alike, dense.
  init(
    _ x: Tensor<Scalar>, scale: Tensor<Scalar>?, shift: Tensor<Scalar>?, adding residual: Tensor<Scalar>?, relu: Bool,
    epsilon: Scalar, into output: Tensor<Scalar>
  ) {
    form = ChannelForm(x.layout)
    let channels = form.channels
    numbers = Tensor(uninitialized: [2 * channels])
    tables = Tensor(uninitialized: [3 * form.entries.count])
    mean = Tensor(uninitialized: [channels])
    variance = Tensor(uninitialized: [channels])
    let (gamma, beta) = (scale?.pointer, shift?.pointer)
    defer { withExtendedLifetime((x, scale, shift, residual, output)) {} }
    if let planes = form.planes(Scalar.self) {
      let isStreamed = form.isStreamed(Scalar.self)
      let (out, source, other) = (output.mutablePointer, x.pointer, residual?.pointer)
      let (numbers, tables) = (numbers.mutablePointer, tables.mutablePointer)
      let (means, variances) = (mean.mutablePointer, variance.mutablePointer)
      // Tables have an entry a channel here, and only those of this path are read.
      form.forEachChannel(of: planes) { first, planes in
        let at = first * planes.length
        Scalar.standardizePlanes(
          planes, epsilon: Double(epsilon), out + at, source + at, adding: other.map { $0 + at },
          gamma: gamma.map { $0 + first }, beta: beta.map { $0 + first }, numbers: numbers + first,
          tables: tables + first, means: means + first, variances: variances + first, relu: relu,
          streaming: isStreamed)
      }
      return
    }
    let moments = form.moments(x)
    Scalar.standardTables(
      form.entries, count: form.count, epsilon: Double(epsilon), moments.pointer, moments.pointer + channels,
      gamma: gamma, beta: beta, numbers: numbers.mutablePointer, tables: tables.mutablePointer,
      means: mean.mutablePointer, variances: variance.mutablePointer)
    withExtendedLifetime(moments) {}
    form.affine(x, tables: tables, adding: residual, relu: relu, into: output)
  }

  /// The gradients from that of the standardized values; all lie alike.
  ///
  /// - Parameters:
  ///   - cut: whether a ReLU follows on the standardized values.
  ///   - y: the result of a ReLU that follows on something else, and where the gradients go that pass it.
  func gradients(
    _ g: Tensor<Scalar>, _ x: Tensor<Scalar>, scale: Tensor<Scalar>?, cut: Bool,
    y: (result: Tensor<Scalar>, passed: Tensor<Scalar>)?
  ) -> (input: Tensor<Scalar>, scale: Tensor<Scalar>, shift: Tensor<Scalar>) {
    let channels = form.channels
    let gamma = scale?.pointer
    defer { withExtendedLifetime((g, x, scale, y, self)) {} }
    let (scaleSlope, shiftSlope) = (
      Tensor<Scalar>(uninitialized: [channels]), Tensor<Scalar>(uninitialized: [channels])
    )
    let (gammaSlopes, betaSlopes) = (scaleSlope.mutablePointer, shiftSlope.mutablePointer)
    if let planes = form.planes(Scalar.self) {
      let result = Tensor<Scalar>(uninitialized: x.layout)
      let isStreamed = form.isStreamed(Scalar.self)
      let (out, gradient, source) = (result.mutablePointer, g.pointer, x.pointer)
      let (after, passed) = (y?.result.pointer, y?.passed.mutablePointer)
      let (numbers, tables) = (numbers.pointer, tables.pointer)
      form.forEachChannel(of: planes) { first, planes in
        let at = first * planes.length
        Scalar.standardizePlanesGrad(
          planes, out + at, gradient + at, source + at, y: after.map { $0 + at }, passed: passed.map { $0 + at },
          gamma: gamma.map { $0 + first }, numbers: numbers + first, tables: tables + first,
          gammaSlopes: gammaSlopes + first, betaSlopes: betaSlopes + first, cut: cut, streaming: isStreamed)
      }
      return (result, scaleSlope, shiftSlope)
    }
    let sums = form.productSums(g, x, tables: tables, cut: cut, y: y)
    let slopes = Tensor<Scalar>(uninitialized: [3 * form.entries.count])
    Scalar.standardSlopes(
      form.entries, count: form.count, gamma: gamma, numbers: numbers.pointer, sums.pointer, sums.pointer + channels,
      tables: slopes.mutablePointer, gammaSlopes: gammaSlopes, betaSlopes: betaSlopes)
    withExtendedLifetime(sums) {}
    return (
      form.affinePair(y?.passed ?? g, x, tables: tables, slopes: slopes, cut: cut), scaleSlope, shiftSlope
    )
  }

  /// γ·x̂ + β once more.
  func standardizedAgain(_ x: Tensor<Scalar>) -> Tensor<Scalar> {
    defer { withExtendedLifetime(self) {} }
    let result = Tensor<Scalar>(uninitialized: x.layout)
    var whole = tables
    if form.planes(Scalar.self) != nil {
      // Tables with an entry a channel become tables with one a plane.
      let (first, channels) = (tables.pointer, form.channels)
      whole = Tensor(uninitialized: tables.shape)
      Scalar.affineTables(
        form.entries, center: first, scale: first + channels, shift: first + 2 * channels, tables: whole.mutablePointer)
    }
    form.affine(x, tables: whole, into: result)
    return result
  }
}

/// γ·(x − μ)/√(σ² + ε) + β + residual for every channel, the channels on axis 1, with μ and σ² (biased) of the channel
/// itself; cut off below 0 for `relu`.
///
/// Gradients, with x̂ = (x − μ)/√(σ² + ε), g = dL/dy where the ReLU lets it pass and n values a channel: dL/dβ = Σ g,
/// dL/dγ = Σ g·x̂, dL/dx = γ/√(σ² + ε)·(g − Σ g/n − x̂·Σ(g·x̂)/n) and dL/d(residual) = g. What passes is worked out
/// again from x; where a residual went into it, the result tells.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
func standardized<Scalar: FloatingScalar>(
  _ name: StaticString, _ x: Tensor<Scalar>, scale: Tensor<Scalar>? = nil, shift: Tensor<Scalar>? = nil,
  adding residual: Tensor<Scalar>? = nil, relu: Bool = false, epsilon: Scalar
) -> (output: Tensor<Scalar>, statistics: ChannelStatistics<Scalar>) {
  let dense = x.dense
  let (scale, shift) = (scale?.contiguous, shift?.contiguous)
  let output = Tensor<Scalar>(uninitialized: dense.layout)
  let statistics = ChannelStatistics(
    dense, scale: scale, shift: shift, adding: residual?.lying(like: dense.layout), relu: relu, epsilon: epsilon,
    into: output)
  let constant = Tensor<Scalar>(0)
  var saving: Saving = scale == nil ? .first : [.first, .second]
  if relu && residual != nil { saving.insert(.output) }
  let recorded = output.recorded(
    name, from: dense, scale ?? constant, shift ?? constant, residual ?? constant, saving: saving
  ) { [layout = dense.layout, hasScale = scale != nil, hasResidual = residual != nil] d in
    if d.createGraph {
      sendRecorded(d, statistics, scale: hasScale ? d.input(1) : nil, relu: relu, hasResidual: hasResidual, epsilon)
      return
    }
    let (x, given) = (d.input(0), d.gradient.lying(like: layout))
    let (cut, passing) = (relu && !hasResidual, relu && hasResidual)
    let g = passing ? Tensor<Scalar>(uninitialized: layout) : given
    let slopes = statistics.gradients(
      given, x, scale: hasScale ? d.input(1) : nil, cut: cut, y: passing ? (d.output.detached(), g) : nil)
    d.send(0) { slopes.input }
    d.send(1) { slopes.scale }
    d.send(2) { slopes.shift }
    d.send(3) { g }
  }
  return (recorded, statistics)
}

/// The gradients of `standardized` made of recorded operations.
private func sendRecorded<Scalar: FloatingScalar>(
  _ d: Derivation<Scalar>, _ statistics: ChannelStatistics<Scalar>, scale: Tensor<Scalar>?, relu: Bool,
  hasResidual: Bool, _ epsilon: Scalar
) {
  let x = d.input(0)
  var g = d.gradient
  if relu && hasResidual {
    g = select(d.output .<= 0, 0, g)
  } else if relu {
    g = select(statistics.standardizedAgain(x.detached()) .<= 0, 0, g)
  }
  let channels = statistics.form.channels
  let share = 1 / Scalar(statistics.form.count)
  // A constant close to the mean goes first, so that nothing cancels.
  let near = x - statistics.mean.alongChannels(rank: x.rank)
  let centered = near - near.summedToChannels() * share
  let (sized, size) = centered.inRangeOfSquares(along: x.shape.indices.filter { $0 != 1 })
  let root = ((sized * sized).summedToChannels() * share + size * size * epsilon).rsqrt()
  let (standard, inverse) = (sized * root, root * size)
  let (sum, products) = (g.summedToChannels(), (g * standard).summedToChannels())
  d.send(0) {
    let factor = scale.map { inverse * $0.alongChannels(rank: x.rank) } ?? inverse
    return (g - sum * share - standard * (products * share)) * factor
  }
  d.send(1) { products.reshaped(channels) }
  d.send(2) { sum.reshaped(channels) }
  d.send(3) { g }
}
