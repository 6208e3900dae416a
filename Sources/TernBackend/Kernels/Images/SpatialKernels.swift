public import CTernKernels

/// Where patches of images lie; see ``FloatingKernelScalar/patches(_:_:_:_:_:)``.
@usableFromInline package typealias PatchGrid = CTernKernels.PatchGrid

/// The extents of a convolution channel by channel.
@usableFromInline package typealias DepthwiseGrid = CTernKernels.DepthwiseGrid

/// Where the windows of a pooling lie.
@usableFromInline package typealias WindowGrid = CTernKernels.WindowGrid

/// Where the windows of a pooling of volumes lie.
@usableFromInline package typealias BoxGrid = CTernKernels.BoxGrid

/// Two linear maps, one along each axis of an image.
@usableFromInline package typealias ResamplingAxes = CTernKernels.ResamplingAxes

// Kernels over images, which lie as [height][width][channels]: for convolution, pooling and interpolation.
// `first` and `count` name a part of the output's rows, counted over all images, so that the work can be cut anywhere.

extension FloatingKernelScalar {
  /// Patches `first` ..< `first + count` as rows of `out`; what lies outside an image is zero.
  @inlinable @inline(__always) package static func patches(
    _ grid: PatchGrid, _ first: Int, _ count: Int, _ out: UnsafeMutablePointer<Self>, _ x: UnsafePointer<Self>
  ) {
    withUnsafePointer(to: grid) { floatingKernels.pointee.patches($0, first, count, out, x) }
  }

  /// `out[row][i] += bias[i]`; then ReLU for `appliesReLU`.
  @inlinable @inline(__always) package static func addChannels(
    _ rows: Int, _ n: Int, _ out: UnsafeMutablePointer<Self>, _ bias: UnsafePointer<Self>, appliesReLU: Bool
  ) {
    floatingKernels.pointee.add_channels(rows, n, out, bias, appliesReLU)
  }

  /// A convolution of every channel with its own kernels.
  @inlinable @inline(__always) package static func depthwise(
    _ grid: DepthwiseGrid, _ first: Int, _ count: Int, _ out: UnsafeMutablePointer<Self>, _ x: UnsafePointer<Self>,
    _ weights: UnsafePointer<Self>
  ) {
    withUnsafePointer(to: grid) { floatingKernels.pointee.depthwise($0, first, count, out, x, weights) }
  }

  /// The gradient of its input, by rows of the input.
  @inlinable @inline(__always) package static func depthwiseInput(
    _ grid: DepthwiseGrid, _ first: Int, _ count: Int, _ out: UnsafeMutablePointer<Self>,
    _ gradient: UnsafePointer<Self>, _ weights: UnsafePointer<Self>
  ) {
    withUnsafePointer(to: grid) {
      floatingKernels.pointee.depthwise_input($0, first, count, out, gradient, weights)
    }
  }

  /// The gradient of its weights from some rows of the output; `scratch` holds a value for each output channel.
  @inlinable @inline(__always) package static func depthwiseWeight(
    _ grid: DepthwiseGrid, _ first: Int, _ count: Int, _ out: UnsafeMutablePointer<Self>, _ x: UnsafePointer<Self>,
    _ gradient: UnsafePointer<Self>, _ scratch: UnsafeMutablePointer<Self>
  ) {
    withUnsafePointer(to: grid) {
      floatingKernels.pointee.depthwise_weight($0, first, count, out, x, gradient, scratch)
    }
  }

  /// The maximum of every window and its position in the plane: the first among equals, the last nan where there is
  /// one; −∞ and −1 for a window without a pixel.
  @inlinable @inline(__always) package static func windowMaximum(
    _ grid: WindowGrid, _ first: Int, _ count: Int, _ out: UnsafeMutablePointer<Self>,
    _ index: UnsafeMutablePointer<Int32>, _ x: UnsafePointer<Self>
  ) {
    withUnsafePointer(to: grid) { floatingKernels.pointee.window_maximum($0, first, count, out, index, x) }
  }

  /// The maxima alone, of planes whose inner extent is 1.
  @inlinable @inline(__always) package static func windowValues(
    _ grid: WindowGrid, _ first: Int, _ count: Int, _ out: UnsafeMutablePointer<Self>, _ x: UnsafePointer<Self>
  ) {
    withUnsafePointer(to: grid) { floatingKernels.pointee.window_values($0, first, count, out, x) }
  }

  /// The maxima of windows of volumes, of the planes `first` ..< `first + count`, and their positions, as `windowMaximum`.
  @inlinable @inline(__always) package static func boxMaximum(
    _ grid: BoxGrid, _ first: Int, _ count: Int, _ out: UnsafeMutablePointer<Self>,
    _ index: UnsafeMutablePointer<Int32>, _ x: UnsafePointer<Self>
  ) {
    withUnsafePointer(to: grid) { floatingKernels.pointee.box_maximum($0, first, count, out, index, x) }
  }

  /// The sums of windows of volumes, of the planes `first` ..< `first + count`, over `divisor`; dilations are 1, and
  /// `scratch` holds width · inner values.
  @inlinable @inline(__always) package static func boxSum(
    _ grid: BoxGrid, _ first: Int, _ count: Int, divisor: Self, _ out: UnsafeMutablePointer<Self>,
    _ x: UnsafePointer<Self>, _ scratch: UnsafeMutablePointer<Self>
  ) {
    withUnsafePointer(to: grid) {
      floatingKernels.pointee.box_sum($0, first, count, divisor._bits, out, x, scratch)
    }
  }

  /// `out[plane][index[i]] += x[plane][i]` over zeros; out [planes][pixels][inner], x and index [planes][windows][inner].
  @inlinable @inline(__always) package static func planeScatter(
    _ planes: Int, _ pixels: Int, _ windows: Int, _ inner: Int, _ out: UnsafeMutablePointer<Self>,
    _ index: UnsafePointer<Int32>, _ x: UnsafePointer<Self>
  ) {
    floatingKernels.pointee.plane_scatter(planes, pixels, windows, inner, out, index, x)
  }

  /// `out[plane][i] = x[plane][index[i]]`, zero where the index is −1.
  @inlinable @inline(__always) package static func planeGather(
    _ planes: Int, _ pixels: Int, _ windows: Int, _ inner: Int, _ out: UnsafeMutablePointer<Self>,
    _ index: UnsafePointer<Int32>, _ x: UnsafePointer<Self>
  ) {
    floatingKernels.pointee.plane_gather(planes, pixels, windows, inner, out, index, x)
  }

  /// `out[i, c] = Σₖ weightₖ(i) · x[indexₖ(i), c]`; term k of point i has `indices[k · count + i]` and such a weight. What has
  /// no weight does not matter.
  @inlinable @inline(__always) package static func samplePixels(
    _ count: Int, _ terms: Int, channels: Int, _ out: UnsafeMutablePointer<Self>, _ x: UnsafePointer<Self>,
    _ indices: UnsafePointer<Int32>, _ weights: UnsafePointer<Self>
  ) {
    floatingKernels.pointee.sample_pixels(count, terms, channels, out, x, indices, weights)
  }

  /// `out[indexₖ(i), c] += weightₖ(i) · g[i, c]` of `lanes` channels, pixels being `step` elements apart.
  @inlinable @inline(__always) package static func spreadPixels(
    _ count: Int, _ terms: Int, lanes: Int, _ step: Int, _ out: UnsafeMutablePointer<Self>, _ g: UnsafePointer<Self>,
    _ indices: UnsafePointer<Int32>, _ weights: UnsafePointer<Self>
  ) {
    floatingKernels.pointee.spread_pixels(count, terms, lanes, step, out, g, indices, weights)
  }

  /// `sums[k, i] += Σ_c g[i · gStep + c] · x[indexₖ(i) · xStep + c]`
  @inlinable @inline(__always) package static func pixelProducts(
    _ count: Int, _ terms: Int, channels: Int, _ sums: UnsafeMutablePointer<Self>, _ g: UnsafePointer<Self>,
    _ gStep: Int, _ x: UnsafePointer<Self>, _ xStep: Int, _ indices: UnsafePointer<Int32>
  ) {
    floatingKernels.pointee.pixel_products(count, terms, channels, sums, g, gStep, x, xStep, indices)
  }

  /// A linear map along each of the two axes, divided by both axes' divisors; `scratch` holds `resamplingScratch` values.
  @inlinable @inline(__always) package static func resample(
    _ maps: ResamplingAxes, _ rowWeight: UnsafePointer<Self>, _ rowDivisor: UnsafePointer<Self>,
    _ columnWeight: UnsafePointer<Self>, _ columnDivisor: UnsafePointer<Self>, _ first: Int, _ count: Int,
    _ out: UnsafeMutablePointer<Self>, _ x: UnsafePointer<Self>, _ scratch: UnsafeMutablePointer<Self>
  ) {
    withUnsafePointer(to: maps) {
      floatingKernels.pointee.resample(
        $0, rowWeight, rowDivisor, columnWeight, columnDivisor, first, count, out, x, scratch)
    }
  }
}

/// How many values the scratch of `resample` holds.
///
/// - Parameter terms: the most that a column has.
package func resamplingScratch(_ maps: ResamplingAxes, terms: Int) -> Int {
  let lines = 3 * maps.width * maps.inner
  if maps.inner > 1 { return lines }
  let vectors = terms <= Int(TERN_LANE_TERMS) ? (3 * terms + 2) * (maps.outWidth + 16) : 0
  return lines + 32 + vectors
}
