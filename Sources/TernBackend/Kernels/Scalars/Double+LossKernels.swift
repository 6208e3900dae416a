// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation
// The protocol says what each of these does.

import CTernKernels

extension Double: LossKernelScalar {
  public static func crossEntropy(
    _ rows: Int, _ n: Int, losses: UnsafeMutablePointer<Double>, largest: UnsafeMutablePointer<Double>,
    inverses: UnsafeMutablePointer<Double>, _ x: UnsafePointer<Double>, labels: UnsafePointer<Int>, ignored: Int
  ) {
    tern_kernels().pointee.cross_entropy_f64(rows, n, losses, largest, inverses, x, labels, ignored)
  }

  public static func crossEntropyGrad(
    _ rows: Int, _ n: Int, _ out: UnsafeMutablePointer<Double>, _ x: UnsafePointer<Double>,
    largest: UnsafePointer<Double>, inverses: UnsafePointer<Double>, labels: UnsafePointer<Int>, ignored: Int,
    scale: UnsafePointer<Double>, step: Int, factor: Double
  ) {
    tern_kernels().pointee.cross_entropy_grad_f64(
      rows, n, out, x, largest, inverses, labels, ignored, scale, step, factor)
  }

  public static func binaryCrossEntropy(_ n: Int, _ x: UnsafePointer<Double>, _ y: UnsafePointer<Double>) -> Double {
    tern_kernels().pointee.binary_cross_entropy_f64(n, x, y)
  }

  public static func binaryCrossEntropyGrad(
    _ n: Int, _ out: UnsafeMutablePointer<Double>, _ x: UnsafePointer<Double>, _ y: UnsafePointer<Double>, scale: Double
  ) {
    tern_kernels().pointee.binary_cross_entropy_grad_f64(n, out, x, y, scale)
  }

  public static func squaredError(_ n: Int, _ x: UnsafePointer<Double>, _ y: UnsafePointer<Double>) -> Double {
    tern_kernels().pointee.squared_error_f64(n, x, y)
  }

  public static func scaledDifference(
    _ n: Int, _ out: UnsafeMutablePointer<Double>, _ x: UnsafePointer<Double>, _ y: UnsafePointer<Double>, scale: Double
  ) {
    tern_kernels().pointee.scaled_difference_f64(n, out, x, y, scale)
  }

  public static func dropout(
    _ n: Int, _ out: UnsafeMutablePointer<Double>, mask: UnsafeMutablePointer<UInt8>, _ x: UnsafePointer<Double>,
    scale: Double, bound: UInt32, seed: UInt64, stream: UInt64, first: Int
  ) {
    tern_kernels().pointee.dropout_f64(n, out, mask, x, scale, bound, seed, stream, first)
  }

  public static func dropoutGrad(
    _ n: Int, _ out: UnsafeMutablePointer<Double>, mask: UnsafePointer<UInt8>, _ g: UnsafePointer<Double>, scale: Double
  ) {
    tern_kernels().pointee.dropout_grad_f64(n, out, mask, g, scale)
  }
}
