import TernBackend

/// Group normalization of row-major tensors in two passes over the memory, forward and backward: statistics of the groups or
/// sums of the channels, then one affine map for each channel of each example.
struct GroupPartition: Sendable {
  private let examples: Int, channels: Int, groups: Int
  /// Values per channel of one example.
  private let pixels: Int
  /// The groups of all examples, and their channels, each as the channels of one example.
  private let ofGroups: ChannelPartition, ofChannels: ChannelPartition

  private var perGroup: Int { channels / groups * pixels }

  /// `nil` for tensors that are empty or not row-major.
  init?<Scalar: FloatingScalar>(_ x: Tensor<Scalar>, groups: Int) {
    guard x.layout.isContiguous, !x.isEmpty else { return nil }
    (examples, channels, self.groups) = (x.shape[0], x.shape[1], groups)
    pixels = x.count / (examples * channels)
    ofGroups = ChannelPartition(Layout([1, examples * groups, channels / groups * pixels]))
    ofChannels = ChannelPartition(Layout([1, examples * channels, pixels]))
  }

  /// γ·(x − μ)/√(σ² + ε) + β, recorded; `nil` where a deviation has no inverse that derivatives can be made of.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func normalized<Scalar: FloatingScalar>(
    _ x: Tensor<Scalar>, scale: Tensor<Scalar>?, shift: Tensor<Scalar>?, epsilon: Scalar
  ) -> Tensor<Scalar>? {
    let dense = x.detached()
    let moments = ofGroups.moments(dense)
    let (count, all) = (Double(perGroup), examples * groups)
    let means = Array(moments.scalars[..<all])
    let inverses = moments.scalars[all...].map { 1 / ($0 / count + Double(epsilon)).squareRoot() }
    let range = Scalar.plainInverses(epsilon: Double(epsilon))
    guard inverses.allSatisfy(range.contains) else { return nil }
    let (gamma, beta) = (scale?.detached().scalars, shift?.detached().scalars)
    let size = examples * channels
    let coefficients = Tensor<Scalar>(uninitialized: [3 * size])
    let table = coefficients.mutablePointer
    forEachEntry { entry, channel, group in
      // What the mean is beyond the nearest number of its type goes into the shift.
      let (center, slope) = (Scalar(means[group]), (gamma.map { Double($0[channel]) } ?? 1) * inverses[group])
      table[entry] = center
      table[size + entry] = Scalar(slope)
      table[2 * size + entry] = Scalar(
        (beta.map { Double($0[channel]) } ?? 0) - (means[group] - Double(center)) * slope)
    }
    let result = Tensor<Scalar>(uninitialized: x.layout)
    ofChannels.affine(dense, coefficients: coefficients, into: result)
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
    let sums = ofChannels.productSums(g, x, coefficients: statistics.coefficients).scalars
    var (scaleGradient, shiftGradient) = (
      [Double](repeating: 0, count: channels), [Double](repeating: 0, count: channels)
    )
    var (total, products) = (
      [Double](repeating: 0, count: examples * groups), [Double](repeating: 0, count: examples * groups)
    )
    let centers = statistics.coefficients.pointer
    defer { withExtendedLifetime(statistics) {} }
    forEachEntry { entry, channel, group in
      // Σ g·x̂ with the mean as it is, not as the type rounds it.
      let rest = statistics.means[group] - Double(centers[entry])
      let product = (sums[size + entry] - rest * sums[entry]) * statistics.inverses[group]
      shiftGradient[channel] += sums[entry]
      scaleGradient[channel] += product
      total[group] += Double(gamma[channel]) * sums[entry]
      products[group] += Double(gamma[channel]) * product
    }
    d.send(0) {
      let factors = Tensor<Scalar>(uninitialized: [3 * size])
      let (table, count) = (factors.mutablePointer, Double(perGroup))
      forEachEntry { entry, channel, group in
        let (inverse, rest) = (statistics.inverses[group], statistics.means[group] - Double(centers[entry]))
        let slope = -inverse * inverse * products[group] / count
        table[entry] = Scalar(inverse * Double(gamma[channel]))
        table[size + entry] = Scalar(slope)
        table[2 * size + entry] = Scalar(-inverse * total[group] / count - rest * slope)
      }
      return ofChannels.affinePair(g, x, coefficients: statistics.coefficients, gradientCoefficients: factors)
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
