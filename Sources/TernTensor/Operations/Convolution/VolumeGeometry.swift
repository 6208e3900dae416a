import TernBackend

/// The extents of a convolution over volumes, checked: from [batch, channels, depth, height, width] to
/// [batch, outputs, out.depth, out.vertical, out.horizontal].
///
/// The taps of a kernel along the depth become channels: slice z of a result is the convolution of an image of
/// channels · kernel.depth channels, the slices under the kernel. So the products are those of ``ConvolutionGeometry``, whose
/// algorithms compute them, and what is added is one copy of the slices.
package struct VolumeGeometry: Hashable, Sendable {
  package var batch: Int, channels: Int
  package var images: Triple
  package var outputs: Int
  package var out: Triple
  package var kernel: Triple
  package var stride: Triple, dilation: Triple
  /// Padding in front, above and on the left; what is on the other sides shows in the output's extents.
  package var front: Int, top: Int, left: Int
  package var groups: Int

  package var inputShape: [Int] { [batch, channels] + images.array }
  package var outputShape: [Int] { [batch, outputs] + out.array }
  package var weightShape: [Int] { [outputs, channels / groups] + kernel.array }

  /// The convolution of every slice of the result, whose channels are those of the taps along the depth.
  var plane: ConvolutionGeometry {
    ConvolutionGeometry(
      batch: batch * out.depth, channels: channels * kernel.depth, height: images.vertical, width: images.horizontal,
      outputs: outputs, outHeight: out.vertical, outWidth: out.horizontal, kernelHeight: kernel.vertical,
      kernelWidth: kernel.horizontal, stride: Pair(stride.vertical, stride.horizontal),
      dilation: Pair(dilation.vertical, dilation.horizontal), top: top, left: left, groups: groups)
  }

  /// Every slice of the result comes from the input's slice in its place.
  private var keepsSlices: Bool {
    kernel.depth == 1 && stride.depth == 1 && front == 0 && images.depth == out.depth
  }

  /// The convolutions with one tap of the depth each, whose sum this one is; one where the taps become channels.
  ///
  /// Kernels of single channels stay such: the algorithms for those are faster than any with a few channels a group.
  var taps: [VolumeGeometry] {
    guard groups == channels, groups > 1, kernel.depth > 1 else { return [self] }
    return (0..<kernel.depth).map { tap in
      var part = self
      part.kernel.depth = 1
      part.dilation.depth = 1
      part.front = front - tap * dilation.depth
      return part
    }
  }

  /// Pixels of a slice that are moved together, so that what they are moved to stays in the cache.
  private var block: Int { Swift.max(1, 4096 / Swift.max(1, channels * kernel.depth)) }

  /// Calls `body(slice, tap, first, count)` for blocks of pixels of every slice and for every tap in order.
  private func visit(_ slices: Int, _ body: (_ slice: Int, _ tap: Int, _ first: Int, _ count: Int) -> Void) {
    let pixels = images.vertical * images.horizontal
    let blocks = (pixels + block - 1) / block
    let grain = Swift.max(1, StridedLoop.grain / Swift.max(1, block * channels * kernel.depth))
    Workers.run(count: slices * blocks, grain: grain) { range in
      for i in range {
        let first = i % blocks * block
        for tap in 0..<kernel.depth { body(i / blocks, tap, first, Swift.min(block, pixels - first)) }
      }
    }
  }

  /// The slices under the kernel as channels, in the order group, tap, channel of the group: [batch · out.depth, channels ·
  /// kernel.depth, height, width]; zero where a tap is outside. Not recorded.
  func slices<Scalar: FloatingScalar>(_ x: Tensor<Scalar>) -> Tensor<Scalar> {
    let source = x.channelsLastVolume
    if keepsSlices { return source.slices }
    let result = Tensor<Scalar>(
      channelsLast: [batch * out.depth, channels * kernel.depth, images.vertical, images.horizontal])
    if result.isEmpty { return result }
    let pixels = images.vertical * images.horizontal
    let (group, wide) = (channels / groups, channels * kernel.depth)
    let (to, from) = (result.mutablePointer, source.pointer)
    withExtendedLifetime(source) {
      visit(batch * out.depth) { slice, tap, first, count in
        let z = slice % out.depth * stride.depth + tap * dilation.depth - front
        let image = slice / out.depth * images.depth + z
        for g in 0..<groups {
          let target = to + (slice * pixels + first) * wide + (g * kernel.depth + tap) * group
          if z >= 0 && z < images.depth {
            Scalar.copy2D(
              count, group, target, wide, 1, from + (image * pixels + first) * channels + g * group, channels, 1)
          } else {
            for pixel in 0..<count { Scalar.fill(group, target + pixel * wide, 1, 0) }
          }
        }
      }
    }
    return result
  }

  /// What ``slices(_:)`` made, added where it came from: [batch, channels, depth, height, width]. Not recorded.
  func joined<Scalar: FloatingScalar>(_ slices: Tensor<Scalar>) -> Tensor<Scalar> {
    let source = slices.channelsLast
    if keepsSlices { return source.volumes(batch, depth: images.depth) }
    let result = Tensor<Scalar>(channelsLastVolume: inputShape)
    if result.isEmpty { return result }
    if source.isEmpty {
      Scalar.fill(result.count, result.mutablePointer, 1, 0)
      return result
    }
    let pixels = images.vertical * images.horizontal
    let (group, wide) = (channels / groups, channels * kernel.depth)
    let (to, from) = (result.mutablePointer, source.pointer)
    let steps = RowSteps(out: channels, a: channels, b: wide)
    withExtendedLifetime(source) {
      visit(batch * images.depth) { slice, tap, first, count in
        let target = to + (slice * pixels + first) * channels
        if tap == 0 { Scalar.fill(count * channels, target, 1, 0) }
        let (z, remainder) = (slice % images.depth + front - tap * dilation.depth)
          .quotientAndRemainder(dividingBy: stride.depth)
        if remainder != 0 || z < 0 || z >= out.depth { return }
        let image = slice / images.depth * out.depth + z
        for g in 0..<groups {
          let at = from + (image * pixels + first) * wide + (g * kernel.depth + tap) * group
          let sum = target + g * group
          Scalar.binaryRows(.add, count, group, steps, sum, 1, sum, 1, at, 1, 1)
        }
      }
    }
    return result
  }
}

// MARK: Channels-last volumes

extension Tensor where Scalar: FloatingScalar {
  /// New memory for volumes [batch, channels, depth, height, width] in the channels-last layout.
  init(channelsLastVolume shape: [Int]) {
    self.init(uninitialized: Layout(shape, order: [0, 2, 3, 4, 1]))
  }

  /// The volumes in the channels-last layout, without a copy where they have it.
  var channelsLastVolume: Tensor {
    let wanted = Layout(shape, order: [0, 2, 3, 4, 1])
    return layout.hasLayout(of: wanted) ? detached() : detached().copied(wanted)
  }

  /// The slices of channels-last volumes as images: [batch · depth, channels, height, width]; the same memory.
  var slices: Tensor {
    let shape = [self.shape[0] * self.shape[2], self.shape[1], self.shape[3], self.shape[4]]
    return Tensor(body: body.view(Layout(shape, order: [0, 2, 3, 1])))
  }

  /// Channels-last images as the slices of `batch` volumes: [batch, channels, depth, height, width]; the same memory.
  func volumes(_ batch: Int, depth: Int) -> Tensor {
    let shape = [batch, self.shape[1], depth, self.shape[2], self.shape[3]]
    return Tensor(body: body.view(Layout(shape, order: [0, 2, 3, 4, 1])))
  }
}
