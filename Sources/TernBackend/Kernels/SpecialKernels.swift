public import CTernKernels

/// A special function of one value; `lgamma` and `digamma` are those of numbers above 0, `trigamma` of numbers above 1e-100.
@usableFromInline package typealias SpecialFunction = CTernKernels.SpecialFunction

/// A function of three values.
@usableFromInline package typealias TernaryKernel = CTernKernels.TernaryKernel

/// A special function of two values, or a rectifier with a learned slope.
@usableFromInline package typealias SpecialPair = CTernKernels.SpecialPair

// Special functions, which Float takes from Double: the same bits at every level of the CPU. Rectifiers with a learned slope.

extension FloatingKernelScalar {
  /// `out[i] = f(x[i])`
  @inlinable @inline(__always) package static func special(
    _ function: SpecialFunction, _ n: Int, _ out: UnsafeMutablePointer<Self>, _ so: Int, _ x: UnsafePointer<Self>,
    _ sx: Int
  ) {
    floatingKernels.pointee.special(function, n, out, so, x, sx)
  }

  /// `out[i] = f(a[i], b[i], c[i])`: of `lerp` both ends and the weight; a + p0·b·c and a + p0·b/c; of `hardTanhGrad` the
  /// gradient, the input and anything, with the bounds p0 and p1.
  @inlinable @inline(__always) package static func ternary(
    _ kernel: TernaryKernel, _ n: Int, _ out: UnsafeMutablePointer<Self>, _ so: Int, _ a: UnsafePointer<Self>,
    _ sa: Int, _ b: UnsafePointer<Self>, _ sb: Int, _ c: UnsafePointer<Self>, _ sc: Int, _ p0: Self, _ p1: Self
  ) {
    floatingKernels.pointee.ternary(kernel, n, out, so, a, sa, b, sb, c, sc, p0._bits, p1._bits)
  }

  /// `x[i] = out[i] · 2^exponent[i]` with |out[i]| from ½ to 1; of 0, infinities and nan x[i] itself and 0.
  @inlinable @inline(__always) package static func frexp(
    _ n: Int, _ out: UnsafeMutablePointer<Self>, _ so: Int, _ exponent: UnsafeMutablePointer<Int32>, _ se: Int,
    _ x: UnsafePointer<Self>, _ sx: Int
  ) {
    floatingKernels.pointee.frexp(n, out, so, exponent, se, x, sx)
  }

  /// `out[i] = f(a[i], b[i])`: of `prelu` the input and the slope, of `preluWeightGrad` the gradient and the input.
  @inlinable @inline(__always) package static func special(
    _ function: SpecialPair, _ n: Int, _ out: UnsafeMutablePointer<Self>, _ so: Int, _ a: UnsafePointer<Self>,
    _ sa: Int, _ b: UnsafePointer<Self>, _ sb: Int
  ) {
    floatingKernels.pointee.special_pair(function, n, out, so, a, sa, b, sb)
  }

  /// `out[i] = x[i] > 0 ? g[i] : g[i]·w[i]`; 0 where a factor is 0 and where x is NaN.
  @inlinable @inline(__always) package static func preluGrad(
    _ n: Int, _ out: UnsafeMutablePointer<Self>, _ so: Int, gradient g: UnsafePointer<Self>, _ sg: Int,
    _ x: UnsafePointer<Self>, _ sx: Int, slope w: UnsafePointer<Self>, _ sw: Int
  ) {
    floatingKernels.pointee.prelu_grad(n, out, so, g, sg, x, sx, w, sw)
  }

  /// `out[i] = x[i]` where it is finite, else `nan`, `high` or `low`.
  @inlinable @inline(__always) package static func replaceNonFinite(
    _ n: Int, _ out: UnsafeMutablePointer<Self>, _ so: Int, _ x: UnsafePointer<Self>, _ sx: Int, nan: Self,
    high: Self, low: Self
  ) {
    floatingKernels.pointee.replace_nonfinite(n, out, so, x, sx, nan._bits, high._bits, low._bits)
  }
}
