import CTernKernels

/// Where patches of images lie; see ``SpatialKernelScalar/patches(_:_:_:_:_:)``.
public typealias PatchGrid = CTernKernels.PatchGrid

/// The extents of a convolution channel by channel.
public typealias DepthwiseGrid = CTernKernels.DepthwiseGrid

/// Where the windows of a pooling lie.
public typealias WindowGrid = CTernKernels.WindowGrid

/// Two linear maps, one along each axis of an image.
public typealias ResamplingAxes = CTernKernels.ResamplingAxes

/// Kernels over images, which lie as [height][width][channels]: for convolution, pooling and interpolation.
///
/// `first` and `count` name a part of the output's rows, counted over all images, so that the work can be split anywhere.
public protocol SpatialKernelScalar: Sendable {
  /// Patches `first` ..< `first + count` as rows of `out`; what lies outside an image is zero.
  static func patches(
    _ grid: PatchGrid, _ first: Int, _ count: Int, _ out: UnsafeMutablePointer<Self>, _ x: UnsafePointer<Self>)

  /// `out[row][i] += bias[i]`; then ReLU for `appliesReLU`.
  static func addChannels(
    _ rows: Int, _ n: Int, _ out: UnsafeMutablePointer<Self>, _ bias: UnsafePointer<Self>, appliesReLU: Bool)

  /// A convolution of every channel with its own kernels.
  static func depthwise(
    _ grid: DepthwiseGrid, _ first: Int, _ count: Int, _ out: UnsafeMutablePointer<Self>, _ x: UnsafePointer<Self>,
    _ weights: UnsafePointer<Self>)

  /// The gradient of its input, by rows of the input.
  static func depthwiseInput(
    _ grid: DepthwiseGrid, _ first: Int, _ count: Int, _ out: UnsafeMutablePointer<Self>,
    _ gradient: UnsafePointer<Self>, _ weights: UnsafePointer<Self>)

  /// The gradient of its weights from some rows of the output; `scratch` holds a value for each output channel.
  static func depthwiseWeight(
    _ grid: DepthwiseGrid, _ first: Int, _ count: Int, _ out: UnsafeMutablePointer<Self>, _ x: UnsafePointer<Self>,
    _ gradient: UnsafePointer<Self>, _ scratch: UnsafeMutablePointer<Self>)

  /// The maximum of every window and its position in the plane: the first among equals, the last nan where there is
  /// one; −∞ and −1 for a window without a pixel.
  static func windowMaximum(
    _ grid: WindowGrid, _ first: Int, _ count: Int, _ out: UnsafeMutablePointer<Self>,
    _ index: UnsafeMutablePointer<Int32>, _ x: UnsafePointer<Self>)

  /// `out[plane][index[i]] += x[plane][i]` over zeros; out [planes][pixels][inner], x and index [planes][windows][inner].
  static func planeScatter(
    _ planes: Int, _ pixels: Int, _ windows: Int, _ inner: Int, _ out: UnsafeMutablePointer<Self>,
    _ index: UnsafePointer<Int32>, _ x: UnsafePointer<Self>)

  /// `out[plane][i] = x[plane][index[i]]`, zero where the index is −1.
  static func planeGather(
    _ planes: Int, _ pixels: Int, _ windows: Int, _ inner: Int, _ out: UnsafeMutablePointer<Self>,
    _ index: UnsafePointer<Int32>, _ x: UnsafePointer<Self>)

  /// A linear map along each of the two axes, divided by both axes' divisors; `scratch` holds 3 · width · inner values.
  static func resample(
    _ maps: ResamplingAxes, _ rowWeight: UnsafePointer<Self>, _ rowDivisor: UnsafePointer<Self>,
    _ columnWeight: UnsafePointer<Self>, _ columnDivisor: UnsafePointer<Self>, _ first: Int, _ count: Int,
    _ out: UnsafeMutablePointer<Self>, _ x: UnsafePointer<Self>, _ scratch: UnsafeMutablePointer<Self>)
}
