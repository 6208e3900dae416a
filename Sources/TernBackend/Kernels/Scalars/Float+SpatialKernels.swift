// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation
// The protocol says what each of these does.

import CTernKernels

extension Float: SpatialKernelScalar {
  public static func patches(
    _ grid: PatchGrid, _ first: Int, _ count: Int, _ out: UnsafeMutablePointer<Float>, _ x: UnsafePointer<Float>
  ) {
    withUnsafePointer(to: grid) { tern_kernels().pointee.patches_f32($0, first, count, out, x) }
  }

  public static func addChannels(
    _ rows: Int, _ n: Int, _ out: UnsafeMutablePointer<Float>, _ bias: UnsafePointer<Float>, appliesReLU: Bool
  ) {
    tern_kernels().pointee.add_channels_f32(rows, n, out, bias, appliesReLU)
  }

  public static func depthwise(
    _ grid: DepthwiseGrid, _ first: Int, _ count: Int, _ out: UnsafeMutablePointer<Float>, _ x: UnsafePointer<Float>,
    _ weights: UnsafePointer<Float>
  ) {
    withUnsafePointer(to: grid) { tern_kernels().pointee.depthwise_f32($0, first, count, out, x, weights) }
  }

  public static func depthwiseInput(
    _ grid: DepthwiseGrid, _ first: Int, _ count: Int, _ out: UnsafeMutablePointer<Float>,
    _ gradient: UnsafePointer<Float>, _ weights: UnsafePointer<Float>
  ) {
    withUnsafePointer(to: grid) {
      tern_kernels().pointee.depthwise_input_f32($0, first, count, out, gradient, weights)
    }
  }

  public static func depthwiseWeight(
    _ grid: DepthwiseGrid, _ first: Int, _ count: Int, _ out: UnsafeMutablePointer<Float>, _ x: UnsafePointer<Float>,
    _ gradient: UnsafePointer<Float>, _ scratch: UnsafeMutablePointer<Float>
  ) {
    withUnsafePointer(to: grid) {
      tern_kernels().pointee.depthwise_weight_f32($0, first, count, out, x, gradient, scratch)
    }
  }

  public static func windowMaximum(
    _ grid: WindowGrid, _ first: Int, _ count: Int, _ out: UnsafeMutablePointer<Float>,
    _ index: UnsafeMutablePointer<Int32>, _ x: UnsafePointer<Float>
  ) {
    withUnsafePointer(to: grid) { tern_kernels().pointee.window_maximum_f32($0, first, count, out, index, x) }
  }

  public static func planeScatter(
    _ planes: Int, _ pixels: Int, _ windows: Int, _ inner: Int, _ out: UnsafeMutablePointer<Float>,
    _ index: UnsafePointer<Int32>, _ x: UnsafePointer<Float>
  ) {
    tern_kernels().pointee.plane_scatter_f32(planes, pixels, windows, inner, out, index, x)
  }

  public static func planeGather(
    _ planes: Int, _ pixels: Int, _ windows: Int, _ inner: Int, _ out: UnsafeMutablePointer<Float>,
    _ index: UnsafePointer<Int32>, _ x: UnsafePointer<Float>
  ) {
    tern_kernels().pointee.plane_gather_f32(planes, pixels, windows, inner, out, index, x)
  }

  public static func resample(
    _ maps: ResamplingAxes, _ rowWeight: UnsafePointer<Float>, _ rowDivisor: UnsafePointer<Float>,
    _ columnWeight: UnsafePointer<Float>, _ columnDivisor: UnsafePointer<Float>, _ first: Int, _ count: Int,
    _ out: UnsafeMutablePointer<Float>, _ x: UnsafePointer<Float>, _ scratch: UnsafeMutablePointer<Float>
  ) {
    withUnsafePointer(to: maps) {
      tern_kernels().pointee.resample_f32(
        $0, rowWeight, rowDivisor, columnWeight, columnDivisor, first, count, out, x, scratch)
    }
  }
}
