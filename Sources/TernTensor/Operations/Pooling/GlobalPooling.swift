import TernBackend

// Pooling of whole images and volumes to one value for each channel, by reductions.

extension ResamplingWeights {
  /// Whether the only output is the mean of all inputs.
  var isMean: Bool {
    guard outputs == 1, terms == inputs, divisors.pointer[0] == Double(inputs) else { return false }
    defer { withExtendedLifetime(self) {} }
    return (0..<terms).allSatisfy { weights.pointer[$0] == 1 && indices.pointer[$0] == $0 }
  }
}

/// The means of all pixels of [batch, channels, ..], recorded; the axes of pixels stay with extent one.
func globalMeans<Scalar: FloatingScalar>(_ name: StaticString, _ x: Tensor<Scalar>) -> Tensor<Scalar> {
  let layout = x.layout.forResult
  return x.detached().mean(along: Array(2..<x.rank), keepingAxes: true)
    .moved(name, from: x) { globalMeanGradient(name, $0, layout) }
}

/// The gradient of means of all pixels, in the layout of the images.
private func globalMeanGradient<Scalar: FloatingScalar>(
  _ name: StaticString, _ gradient: Tensor<Scalar>, _ layout: Layout
) -> Tensor<Scalar> {
  let pixels = Scalar(layout.shape.dropFirst(2).reduce(1, *))
  return withoutGradients { (gradient.detached() / pixels).broadcast(to: layout.shape).copied(layout) }
    .moved(name, from: gradient) { globalMeans(name, $0) }
}

extension PoolingWindows {
  /// Whether the only window is the whole axis.
  var isWhole: Bool { count == 1 && dilation == 1 && starts[0] <= 0 && ends[0] >= extent }
}

extension ArgmaxPositions {
  /// The maxima of all pixels of each plane, [planes][pixels][inner], and where they are, the first of equals; false where
  /// one is NaN, of which others are to be found.
  static func globalMaxima<Scalar: FloatingScalar>(
    planes: Int, pixels: Int, inner: Int, _ values: Tensor<Scalar>, _ positions: Tensor<Int32>,
    _ x: UnsafePointer<Scalar>
  ) -> Bool {
    let (out, index) = (values.mutablePointer, positions.mutablePointer)
    let grain = Swift.max(1, StridedLoop.grain / Swift.max(1, pixels * inner))
    withScratch(planes * inner, of: Int.self) { places in
      Workers.run(count: planes, grain: grain) { range in
        let first = range.lowerBound
        Scalar.argReduce(
          .maximum, range.count, pixels, inner, places + first * inner, x + first * pixels * inner)
        for plane in range {
          for i in plane * inner..<(plane + 1) * inner {
            index[i] = Int32(truncatingIfNeeded: places[i])
            out[i] = x[(plane * pixels + places[i]) * inner + i - plane * inner]
          }
        }
      }
    }
    return (0..<planes * inner).allSatisfy { !out[$0].isNaN }
  }
}
