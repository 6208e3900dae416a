// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation
// The protocol says what each of these does.

import CTernKernels

extension Double: SpatialKernelScalar {
  public static func patches(
    _ grid: PatchGrid, _ first: Int, _ count: Int, _ out: UnsafeMutablePointer<Double>, _ x: UnsafePointer<Double>
  ) {
    withUnsafePointer(to: grid) { tern_kernels().pointee.patches_f64($0, first, count, out, x) }
  }

  public static func addChannels(
    _ rows: Int, _ n: Int, _ out: UnsafeMutablePointer<Double>, _ bias: UnsafePointer<Double>, appliesReLU: Bool
  ) {
    tern_kernels().pointee.add_channels_f64(rows, n, out, bias, appliesReLU)
  }

  public static func depthwise(
    _ grid: DepthwiseGrid, _ first: Int, _ count: Int, _ out: UnsafeMutablePointer<Double>, _ x: UnsafePointer<Double>,
    _ weights: UnsafePointer<Double>
  ) {
    withUnsafePointer(to: grid) { tern_kernels().pointee.depthwise_f64($0, first, count, out, x, weights) }
  }

  public static func depthwiseInput(
    _ grid: DepthwiseGrid, _ first: Int, _ count: Int, _ out: UnsafeMutablePointer<Double>,
    _ gradient: UnsafePointer<Double>, _ weights: UnsafePointer<Double>
  ) {
    withUnsafePointer(to: grid) {
      tern_kernels().pointee.depthwise_input_f64($0, first, count, out, gradient, weights)
    }
  }

  public static func depthwiseWeight(
    _ grid: DepthwiseGrid, _ first: Int, _ count: Int, _ out: UnsafeMutablePointer<Double>, _ x: UnsafePointer<Double>,
    _ gradient: UnsafePointer<Double>, _ scratch: UnsafeMutablePointer<Double>
  ) {
    withUnsafePointer(to: grid) {
      tern_kernels().pointee.depthwise_weight_f64($0, first, count, out, x, gradient, scratch)
    }
  }

  public static func windowMaximum(
    _ grid: WindowGrid, _ first: Int, _ count: Int, _ out: UnsafeMutablePointer<Double>,
    _ index: UnsafeMutablePointer<Int32>, _ x: UnsafePointer<Double>
  ) {
    withUnsafePointer(to: grid) { tern_kernels().pointee.window_maximum_f64($0, first, count, out, index, x) }
  }

  public static func planeScatter(
    _ planes: Int, _ pixels: Int, _ windows: Int, _ inner: Int, _ out: UnsafeMutablePointer<Double>,
    _ index: UnsafePointer<Int32>, _ x: UnsafePointer<Double>
  ) {
    tern_kernels().pointee.plane_scatter_f64(planes, pixels, windows, inner, out, index, x)
  }

  public static func planeGather(
    _ planes: Int, _ pixels: Int, _ windows: Int, _ inner: Int, _ out: UnsafeMutablePointer<Double>,
    _ index: UnsafePointer<Int32>, _ x: UnsafePointer<Double>
  ) {
    tern_kernels().pointee.plane_gather_f64(planes, pixels, windows, inner, out, index, x)
  }

  public static func resample(
    _ maps: ResamplingAxes, _ rowWeight: UnsafePointer<Double>, _ rowDivisor: UnsafePointer<Double>,
    _ columnWeight: UnsafePointer<Double>, _ columnDivisor: UnsafePointer<Double>, _ first: Int, _ count: Int,
    _ out: UnsafeMutablePointer<Double>, _ x: UnsafePointer<Double>, _ scratch: UnsafeMutablePointer<Double>
  ) {
    withUnsafePointer(to: maps) {
      tern_kernels().pointee.resample_f64(
        $0, rowWeight, rowDivisor, columnWeight, columnDivisor, first, count, out, x, scratch)
    }
  }
}
