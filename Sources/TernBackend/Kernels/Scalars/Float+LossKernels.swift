// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation
// The protocol says what each of these does.

import CTernKernels

extension Float: LossKernelScalar {
  public static func crossEntropy(
    _ rows: Int, _ n: Int, losses: UnsafeMutablePointer<Float>, largest: UnsafeMutablePointer<Float>,
    inverses: UnsafeMutablePointer<Float>, _ x: UnsafePointer<Float>, labels: UnsafePointer<Int>, ignored: Int
  ) {
    tern_kernels().pointee.cross_entropy_f32(rows, n, losses, largest, inverses, x, labels, ignored)
  }

  public static func crossEntropyGrad(
    _ rows: Int, _ n: Int, _ out: UnsafeMutablePointer<Float>, _ x: UnsafePointer<Float>,
    largest: UnsafePointer<Float>, inverses: UnsafePointer<Float>, labels: UnsafePointer<Int>, ignored: Int,
    scale: UnsafePointer<Float>, step: Int, factor: Float
  ) {
    tern_kernels().pointee.cross_entropy_grad_f32(
      rows, n, out, x, largest, inverses, labels, ignored, scale, step, factor)
  }

  public static func binaryCrossEntropy(_ n: Int, _ x: UnsafePointer<Float>, _ y: UnsafePointer<Float>) -> Double {
    tern_kernels().pointee.binary_cross_entropy_f32(n, x, y)
  }

  public static func binaryCrossEntropyGrad(
    _ n: Int, _ out: UnsafeMutablePointer<Float>, _ x: UnsafePointer<Float>, _ y: UnsafePointer<Float>, scale: Float
  ) {
    tern_kernels().pointee.binary_cross_entropy_grad_f32(n, out, x, y, scale)
  }

  public static func squaredError(_ n: Int, _ x: UnsafePointer<Float>, _ y: UnsafePointer<Float>) -> Double {
    tern_kernels().pointee.squared_error_f32(n, x, y)
  }

  public static func scaledDifference(
    _ n: Int, _ out: UnsafeMutablePointer<Float>, _ x: UnsafePointer<Float>, _ y: UnsafePointer<Float>, scale: Float
  ) {
    tern_kernels().pointee.scaled_difference_f32(n, out, x, y, scale)
  }

  public static func dropout(
    _ n: Int, _ out: UnsafeMutablePointer<Float>, mask: UnsafeMutablePointer<UInt8>, _ x: UnsafePointer<Float>,
    scale: Float, bound: UInt32, seed: UInt64, stream: UInt64, first: Int
  ) {
    tern_kernels().pointee.dropout_f32(n, out, mask, x, scale, bound, seed, stream, first)
  }

  public static func dropoutGrad(
    _ n: Int, _ out: UnsafeMutablePointer<Float>, mask: UnsafePointer<UInt8>, _ g: UnsafePointer<Float>, scale: Float
  ) {
    tern_kernels().pointee.dropout_grad_f32(n, out, mask, g, scale)
  }
}
