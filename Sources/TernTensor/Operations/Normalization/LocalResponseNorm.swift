import TernBackend

/// Local response normalization: y = x·s^(−β) with s = k + α/size·Σ x², the sum over `size` neighboring channels.
///
/// The window of channel c begins size/2 channels before it; channels beyond the ends count as 0. Gradient, with
/// g = dL/dy: g·s^(−β) − 2αβ/size·x·Σ g·x·s^(−β−1), the sum over the channels whose windows hold this one. Source:
/// Krizhevsky, Sutskever & Hinton 2012, "ImageNet classification with deep convolutional neural networks", section 3.3
/// (where α is not divided by the size).
///
/// - Parameters:
///   - x: [N, C, ..].
///   - size: channels in a window, at least 1.
///   - alpha: α.
///   - beta: β.
///   - k: what is added to the sum.
/// - Returns: y, of the shape of x.
/// - Complexity: `size` additions for every element, twice in the gradient.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
public func localResponseNorm<Scalar: FloatingScalar>(
  _ x: Tensor<Scalar>, size: Int, alpha: Scalar = 1e-4, beta: Scalar = 0.75, k: Scalar = 1,
  file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  check(x.rank >= 2, "localResponseNorm", "\(x.shape) has no axis of channels: [N, C, ..] is wanted")
  check(size >= 1, "localResponseNorm", "a window of \(size) channels")
  let dense = x.dense
  let (factor, chunks) = (alpha / Scalar(size), WindowPartition(dense.layout, size: size))
  let output = Tensor<Scalar>(uninitialized: dense.layout)
  do {
    let (out, source) = (output.mutablePointer, dense.pointer)
    defer { withExtendedLifetime((dense, output)) {} }
    chunks.run { windows, at in
      Scalar.localResponse(windows, out + at, source + at, a: factor, k: k, beta: beta)
    }
  }
  OperationArguments.note(
    "localResponseNorm",
    [
      "size": .integers([size]), "alpha": .number(alpha.number), "beta": .number(beta.number), "k": .number(k.number),
    ])
  return output.recorded("localResponseNorm", from: dense, saving: .first) { d in
    if d.createGraph {
      d.send(0) { recordedDerivative(d.gradient, d.input(0), size: size, factor: factor, beta: beta, k: k) }
      return
    }
    let x = d.input(0)
    let (g, result) = (d.gradient.withLayout(of: x.layout), Tensor<Scalar>(uninitialized: x.layout))
    let (out, gradient, source) = (result.mutablePointer, g.pointer, x.pointer)
    defer { withExtendedLifetime((x, g, result)) {} }
    chunks.run { windows, at in
      Scalar.localResponseGrad(windows, out + at, gradient + at, source + at, a: factor, k: k, beta: beta)
    }
    d.send(0) { result }
  }
}

/// How local response normalization of a dense layout is split for the workers, by size alone.
private struct WindowPartition: Sendable {
  private let whole: ChannelWindows
  /// Images per chunk, or values of each channel of one image.
  private let images: Int, values: Int

  /// Elements of one chunk, approximately.
  private static let grain = 32_768

  init(_ layout: Layout, size: Int) {
    let channels = layout.shape[1]
    let (outer, inner) = layout.aroundChannels
    let last = Swift.max(channels - 1, 0)
    whole = ChannelWindows(
      outer: outer, channels: channels, n: inner, inner: inner, before: Swift.min(size / 2, last),
      after: Swift.min((size - 1) / 2, last))
    images = Swift.max(1, Self.grain / Swift.max(channels * inner, 1))
    // Whole cache lines of each channel.
    values = Swift.max(64, Self.grain / Swift.max(channels, 1) / 64 * 64)
  }

  /// Calls `body` with every chunk and where it begins, on the workers.
  func run(_ body: (ChannelWindows, _ offset: Int) -> Void) {
    let image = whole.channels * whole.inner
    if image * whole.outer == 0 { return }
    if image <= Self.grain || whole.inner <= values {
      Workers.run(count: whole.outer, grain: images) { range in
        var chunk = whole
        chunk.outer = range.count
        body(chunk, range.lowerBound * image)
      }
    } else {
      let parts = (whole.inner + values - 1) / values
      Workers.run(chunks: whole.outer * parts) { index in
        let (outer, first) = (index / parts, index % parts * values)
        var chunk = whole
        (chunk.outer, chunk.n) = (1, Swift.min(values, whole.inner - first))
        body(chunk, outer * image + first)
      }
    }
  }
}

/// The gradient of `localResponseNorm` made of recorded operations.
///
/// - Parameter factor: of the sum of squares.
private func recordedDerivative<Scalar: FloatingScalar>(
  _ g: Tensor<Scalar>, _ x: Tensor<Scalar>, size: Int, factor: Scalar, beta: Scalar, k: Scalar
) -> Tensor<Scalar> {
  let (before, after) = (size / 2, (size - 1) / 2)
  let s = (x * x).summedOverChannels(before: before, after: after) * factor + k
  let scaled = g * s.pow(-beta)
  return scaled - x * (scaled * x / s).summedOverChannels(before: after, after: before) * (2 * factor * beta)
}

extension Tensor where Scalar: FloatingScalar {
  /// Every channel plus its neighbors, `before` and `after` it; the channels on axis 1. Gradient: the same with the
  /// two exchanged.
  fileprivate func summedOverChannels(before: Int, after: Int) -> Tensor {
    let channels = shape[1]
    var result = Tensor(zeros: shape)
    let source = detached()
    for distance in -Swift.min(before, channels)...Swift.min(after, channels) where channels > magnitude(distance) {
      let part = channels - magnitude(distance)
      result.addInPlace(source.channels(Swift.max(distance, 0), part)) { layout in
        var extents = layout.shape
        extents[1] = part
        return (
          Layout(extents, strides: layout.strides), layout.strides[1] * Swift.max(-distance, 0)
        )
      }
    }
    return result.moved("localResponseNorm", from: self) { $0.summedOverChannels(before: after, after: before) }
  }

  private func channels(_ first: Int, _ count: Int) -> Tensor {
    var extents = shape
    extents[1] = count
    return view(Layout(extents, strides: layout.strides), offset: first * layout.strides[1])
  }
}

private func magnitude(_ number: Int) -> Int { abs(number) }
