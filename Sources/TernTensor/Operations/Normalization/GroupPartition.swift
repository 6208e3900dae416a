import TernBackend

/// Group normalization of dense tensors in two passes over the memory, forward and backward: statistics of the groups or
/// sums of the channels, then one affine map for each channel of each example.
struct GroupPartition: Sendable {
  private let examples: Int, channels: Int, groups: Int
  /// Values per channel of one example.
  private let pixels: Int
  /// Whether the channels of a pixel lie side by side; else those of an example lie one after the other.
  private let isChannelsLast: Bool
  /// The groups of all examples, as the channels of one example; of channels last nothing.
  private let ofGroups: ChannelPartition
  /// The channels of all examples, as the channels of one example; of channels last those of each example.
  private let ofChannels: ChannelPartition

  private var perGroup: Int { channels / groups * pixels }

  /// `nil` for tensors that are empty or in another layout; the order of the pixels does not matter.
  init?<Scalar: FloatingScalar>(_ x: Tensor<Scalar>, groups: Int) {
    guard x.layout.isDense, !x.isEmpty else { return nil }
    let order = x.layout.memoryOrder.filter { x.shape[$0] != 1 || $0 < 2 }
    isChannelsLast = order.first == 0 && order.last == 1 && order.count > 2
    guard x.layout.isContiguous || isChannelsLast || Array(order.prefix(2)) == [0, 1] else { return nil }
    (examples, channels, self.groups) = (x.shape[0], x.shape[1], groups)
    pixels = x.count / (examples * channels)
    ofGroups = ChannelPartition(Layout([1, examples * groups, channels / groups * pixels]))
    ofChannels = ChannelPartition(
      isChannelsLast ? Layout([pixels, channels]) : Layout([1, examples * channels, pixels]))
  }

  /// Calls `body` with every example of channels last, on the workers.
  private func forEachExample(_ body: (Int) -> Void) {
    Workers.run(count: examples, grain: Swift.max(1, 65_536 / (pixels * channels))) { range in
      for example in range { body(example) }
    }
  }

  /// An example of channels last, [pixels, channels].
  private func part<Scalar: FloatingScalar>(_ x: Tensor<Scalar>, _ example: Int) -> Tensor<Scalar> {
    Tensor(body: x.body.view(Layout([pixels, channels]), offset: example * pixels * channels))
  }

  /// The coefficients of an example of channels last.
  private func coefficients<Scalar: FloatingScalar>(_ all: Tensor<Scalar>, of example: Int) -> Tensor<Scalar> {
    let size = 3 * ofChannels.entries.count
    return Tensor(body: all.body.view(Layout([size]), offset: example * size))
  }

  /// Coefficients, three of every channel of every example, as the kernels read them.
  private func table<Scalar: FloatingScalar>(
    _: Scalar.Type, _ values: (_ entry: Int, _ channel: Int, _ group: Int) -> (Scalar, Scalar, Scalar)
  ) -> Tensor<Scalar> {
    let size = ofChannels.entries.count
    let result = Tensor<Scalar>(uninitialized: [3 * size * (isChannelsLast ? examples : 1)])
    let out = result.mutablePointer
    forEachEntry { entry, channel, group in
      let (first, second, third) = values(entry, channel, group)
      var at = isChannelsLast ? entry / channels * 3 * size + channel : entry
      // Rows that are taken several at once have their coefficients as often.
      for _ in 0..<(isChannelsLast ? size / channels : 1) {
        (out[at], out[size + at], out[2 * size + at]) = (first, second, third)
        at += channels
      }
    }
    return result
  }

  /// The mean and Σ(x − mean)² of every group of every example.
  private func moments<Scalar: FloatingScalar>(_ x: Tensor<Scalar>) -> (means: [Double], squares: [Double]) {
    let all = examples * groups
    if !isChannelsLast {
      let moments = ofGroups.moments(x).scalars
      return (Array(moments[..<all]), Array(moments[all...]))
    }
    let wide = channels / groups
    return withScratch(2 * all, of: Double.self) { found in
      forEachExample { example in
        let moments = ofChannels.moments(part(x, example))
        let (means, squares) = (moments.pointer, moments.pointer + channels)
        for group in 0..<groups {
          let range = group * wide..<(group + 1) * wide
          let mean = range.reduce(0) { $0 + means[$1] } / Double(wide)
          let sum = range.reduce(0) { sum, channel in
            let distance = means[channel] - mean
            return sum + squares[channel] + Double(pixels) * distance * distance
          }
          (found[example * groups + group], found[all + example * groups + group]) = (mean, sum)
        }
        withExtendedLifetime(moments) {}
      }
      return (
        Array(UnsafeBufferPointer(start: found, count: all)), Array(UnsafeBufferPointer(start: found + all, count: all))
      )
    }
  }

  /// (x − center)·scale + shift with the coefficients of every channel, into `result`.
  private func affine<Scalar: FloatingScalar>(
    _ x: Tensor<Scalar>, _ table: Tensor<Scalar>, into result: Tensor<Scalar>
  ) {
    if !isChannelsLast { return ofChannels.affine(x, coefficients: table, into: result) }
    forEachExample {
      ofChannels.affine(part(x, $0), coefficients: coefficients(table, of: $0), into: part(result, $0))
    }
  }

  /// Σ g and Σ g·(x − center) of every channel of every example.
  private func productSums<Scalar: FloatingScalar>(
    _ g: Tensor<Scalar>, _ x: Tensor<Scalar>, _ table: Tensor<Scalar>
  ) -> [Double] {
    if !isChannelsLast { return ofChannels.productSums(g, x, coefficients: table).scalars }
    let size = examples * channels
    let sums = Tensor<Double>(uninitialized: [2 * size])
    let out = sums.mutablePointer
    forEachExample { example in
      let found = ofChannels.productSums(
        part(g, example), part(x, example), coefficients: coefficients(table, of: example))
      (out + example * channels).update(from: found.pointer, count: channels)
      (out + size + example * channels).update(from: found.pointer + channels, count: channels)
      withExtendedLifetime(found) {}
    }
    return sums.scalars
  }

  /// The gradient of the input, of the layout of x.
  private func affinePair<Scalar: FloatingScalar>(
    _ g: Tensor<Scalar>, _ x: Tensor<Scalar>, _ table: Tensor<Scalar>, _ factors: Tensor<Scalar>
  ) -> Tensor<Scalar> {
    if !isChannelsLast { return ofChannels.affinePair(g, x, coefficients: table, gradientCoefficients: factors) }
    let result = Tensor<Scalar>(uninitialized: x.layout)
    let out = result.mutablePointer
    forEachExample { example in
      let found = ofChannels.affinePair(
        part(g, example), part(x, example), coefficients: coefficients(table, of: example),
        gradientCoefficients: coefficients(factors, of: example))
      (out + example * pixels * channels).update(from: found.pointer, count: pixels * channels)
      withExtendedLifetime(found) {}
    }
    return result
  }

  /// γ·(x − μ)/√(σ² + ε) + β, recorded; `nil` where a deviation has no inverse that derivatives can be made of.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func normalized<Scalar: FloatingScalar>(
    _ x: Tensor<Scalar>, scale: Tensor<Scalar>?, shift: Tensor<Scalar>?, epsilon: Scalar
  ) -> Tensor<Scalar>? {
    let dense = x.detached()
    let (means, squares) = moments(dense)
    let count = Double(perGroup)
    let inverses = squares.map { 1 / ($0 / count + Double(epsilon)).squareRoot() }
    let range = Scalar.plainInverses(epsilon: Double(epsilon))
    guard inverses.allSatisfy(range.contains) else { return nil }
    let (gamma, beta) = (scale?.detached().scalars, shift?.detached().scalars)
    let coefficients = table(Scalar.self) { _, channel, group in
      // What the mean is beyond the nearest number of its type goes into the shift.
      let (center, slope) = (Scalar(means[group]), (gamma.map { Double($0[channel]) } ?? 1) * inverses[group])
      let shift = (beta.map { Double($0[channel]) } ?? 0) - (means[group] - Double(center)) * slope
      return (center, Scalar(slope), Scalar(shift))
    }
    let result = Tensor<Scalar>(uninitialized: x.layout)
    affine(dense, coefficients, into: result)
    let statistics = GroupStatistics(means: means, inverses: inverses, coefficients: coefficients)
    let (one, zero) = (Tensor<Scalar>(ones: [channels]), Tensor<Scalar>(zeros: [channels]))
    return result.recorded(
      "groupNorm", from: x, scale ?? one, shift ?? zero, saving: [.first, .second, .third]
    ) { d in
      if d.createGraph {
        return sendComposedGradients(d, inputs: 3) {
          composedGroupNorm($0[0], examples * groups, perGroup, scale: $0[1], shift: $0[2], epsilon: epsilon)
        }
      }
      send(d, statistics)
    }
  }

  /// The gradients of input, scale and shift.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private func send<Scalar: FloatingScalar>(_ d: Derivation<Scalar>, _ statistics: GroupStatistics<Scalar>) {
    let x = d.input(0).detached()
    let g = d.gradient.withLayout(of: x.layout)
    let (gamma, size) = (d.input(1).detached().scalars, examples * channels)
    let sums = productSums(g, x, statistics.coefficients)
    var (scaleGradient, shiftGradient) = (
      [Double](repeating: 0, count: channels), [Double](repeating: 0, count: channels)
    )
    var (total, products) = (
      [Double](repeating: 0, count: examples * groups), [Double](repeating: 0, count: examples * groups)
    )
    forEachEntry { entry, channel, group in
      // Σ g·x̂ with the mean as it is, not as the type rounds it.
      let rest = statistics.means[group] - Double(Scalar(statistics.means[group]))
      let product = (sums[size + entry] - rest * sums[entry]) * statistics.inverses[group]
      shiftGradient[channel] += sums[entry]
      scaleGradient[channel] += product
      total[group] += Double(gamma[channel]) * sums[entry]
      products[group] += Double(gamma[channel]) * product
    }
    d.send(0) {
      let count = Double(perGroup)
      let factors = table(Scalar.self) { _, channel, group in
        let inverse = statistics.inverses[group]
        let rest = statistics.means[group] - Double(Scalar(statistics.means[group]))
        let slope = -inverse * inverse * products[group] / count
        let shift = -inverse * total[group] / count - rest * slope
        return (Scalar(inverse * Double(gamma[channel])), Scalar(slope), Scalar(shift))
      }
      return affinePair(g, x, statistics.coefficients, factors)
    }
    d.send(1) { Tensor(scaleGradient.map { Scalar($0) }) }
    d.send(2) { Tensor(shiftGradient.map { Scalar($0) }) }
  }

  /// Calls `body` with every channel of every example: its number among all, in its example, and its group's among all.
  private func forEachEntry(_ body: (_ entry: Int, _ channel: Int, _ group: Int) -> Void) {
    let wide = channels / groups
    for example in 0..<examples {
      for channel in 0..<channels {
        body(example * channels + channel, channel, example * groups + channel / wide)
      }
    }
  }
}

/// What the derivative of a group normalization needs beside its input: μ and 1/√(σ² + ε) of every group, and the
/// coefficients of every channel.
private struct GroupStatistics<Scalar: FloatingScalar>: Sendable {
  let means: [Double], inverses: [Double]
  let coefficients: Tensor<Scalar>
}
