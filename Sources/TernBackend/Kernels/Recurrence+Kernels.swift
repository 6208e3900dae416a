// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation
// The protocols say what each of these does.

import CTernKernels

extension Float {
  public static func recurrence(
    _ outer: Int, _ n: Int, _ inner: Int, _ out: UnsafeMutablePointer<Float>, _ a: UnsafePointer<Float>,
    _ b: UnsafePointer<Float>, reversed: Bool
  ) {
    tern_kernels().pointee.recurrence_f32(outer, n, inner, out, a, b, reversed)
  }

  public static func softmaxGrad(
    _ outer: Int, _ n: Int, _ inner: Int, _ out: UnsafeMutablePointer<Float>, _ g: UnsafePointer<Float>,
    _ y: UnsafePointer<Float>
  ) {
    tern_kernels().pointee.softmax_grad_f32(outer, n, inner, out, g, y)
  }

  public static func logSoftmaxGrad(
    _ outer: Int, _ n: Int, _ inner: Int, _ out: UnsafeMutablePointer<Float>, _ g: UnsafePointer<Float>,
    _ y: UnsafePointer<Float>
  ) {
    tern_kernels().pointee.log_softmax_grad_f32(outer, n, inner, out, g, y)
  }
}

extension Double {
  public static func recurrence(
    _ outer: Int, _ n: Int, _ inner: Int, _ out: UnsafeMutablePointer<Double>, _ a: UnsafePointer<Double>,
    _ b: UnsafePointer<Double>, reversed: Bool
  ) {
    tern_kernels().pointee.recurrence_f64(outer, n, inner, out, a, b, reversed)
  }

  public static func softmaxGrad(
    _ outer: Int, _ n: Int, _ inner: Int, _ out: UnsafeMutablePointer<Double>, _ g: UnsafePointer<Double>,
    _ y: UnsafePointer<Double>
  ) {
    tern_kernels().pointee.softmax_grad_f64(outer, n, inner, out, g, y)
  }

  public static func logSoftmaxGrad(
    _ outer: Int, _ n: Int, _ inner: Int, _ out: UnsafeMutablePointer<Double>, _ g: UnsafePointer<Double>,
    _ y: UnsafePointer<Double>
  ) {
    tern_kernels().pointee.log_softmax_grad_f64(outer, n, inner, out, g, y)
  }
}
