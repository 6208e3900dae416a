import TernBackend

/// Local response normalisation: y = x/(k + α/size·Σ x²)^β, the sum over `size` neighbouring channels.
///
/// The window of channel c begins size/2 channels before it; channels beyond the ends count as 0. Source: Krizhevsky,
/// Sutskever & Hinton 2012, "ImageNet classification with deep convolutional neural networks", section 3.3 (where α is
/// not divided by the size).
///
/// - Parameters:
///   - x: [N, C, ..].
///   - size: channels in a window, at least 1.
///   - alpha: α.
///   - beta: β.
///   - k: what is added to the sum.
/// - Returns: y, of the shape of x.
public func localResponseNorm<Scalar: FloatingScalar>(
  _ x: Tensor<Scalar>, size: Int, alpha: Scalar = 1e-4, beta: Scalar = 0.75, k: Scalar = 1
) -> Tensor<Scalar> {
  check(x.rank >= 2, "localResponseNorm", "\(x.shape) has no axis of channels: [N, C, ..] is wanted")
  check(size >= 1, "localResponseNorm", "a window of \(size) channels")
  let sum = (x * x).summedOverChannels(before: size / 2, after: (size - 1) / 2)
  return x / (sum * (alpha / Scalar(size)) + k).pow(beta)
}

extension Tensor where Scalar: FloatingScalar {
  /// Every channel plus its neighbours, `before` and `after` it; the channels on axis 1. Gradient: the same with the
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
