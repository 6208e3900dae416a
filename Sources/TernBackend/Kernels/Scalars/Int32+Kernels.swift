// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation
// The protocols say what each of these does.

import CTernKernels

extension Int32: KernelScalar {
  public static var scalarKind: ScalarKind { .int32 }

  public static func fill(_ n: Int, _ out: UnsafeMutablePointer<Int32>, _ so: Int, _ value: Int32) {
    tern_kernels().pointee.fill_i32(n, out, so, value)
  }

  public static func copy(
    _ n: Int, _ out: UnsafeMutablePointer<Int32>, _ so: Int, _ x: UnsafePointer<Int32>, _ sx: Int
  ) {
    tern_kernels().pointee.copy_i32(n, out, so, x, sx)
  }

  public static func copy2D(
    _ rows: Int, _ columns: Int, _ out: UnsafeMutablePointer<Int32>, _ outRow: Int, _ outColumn: Int,
    _ x: UnsafePointer<Int32>, _ xRow: Int, _ xColumn: Int
  ) {
    tern_kernels().pointee.copy_2d_i32(rows, columns, out, outRow, outColumn, x, xRow, xColumn)
  }

  public static func compare(
    _ kernel: ComparisonKernel, _ n: Int, _ out: UnsafeMutablePointer<Bool>, _ so: Int,
    _ a: UnsafePointer<Int32>, _ sa: Int, _ b: UnsafePointer<Int32>, _ sb: Int
  ) {
    tern_kernels().pointee.compare_i32(kernel, n, out, so, a, sa, b, sb)
  }

  public static func predicate(
    _ kernel: PredicateKernel, _ n: Int, _ out: UnsafeMutablePointer<Bool>, _ so: Int,
    _ x: UnsafePointer<Int32>, _ sx: Int
  ) {
    tern_kernels().pointee.predicate_i32(kernel, n, out, so, x, sx)
  }

  public static func select(
    _ n: Int, _ out: UnsafeMutablePointer<Int32>, _ so: Int, _ condition: UnsafePointer<Bool>, _ sc: Int,
    _ a: UnsafePointer<Int32>, _ sa: Int, _ b: UnsafePointer<Int32>, _ sb: Int
  ) {
    tern_kernels().pointee.select_i32(n, out, so, condition, sc, a, sa, b, sb)
  }

  public static func convert<Target: KernelScalar>(
    _ n: Int, _ out: UnsafeMutablePointer<Target>, _ so: Int, _ x: UnsafePointer<Int32>, _ sx: Int
  ) {
    tern_kernels().pointee.convert_i32(Target.scalarKind, n, out, so, x, sx)
  }

  public static func gather(
    _ n: Int, _ out: UnsafeMutablePointer<Int32>, _ x: UnsafePointer<Int32>, _ sx: Int, _ index: UnsafePointer<Int>
  ) {
    tern_kernels().pointee.gather_i32(n, out, x, sx, index)
  }

  public static func scatter(
    _ n: Int, _ out: UnsafeMutablePointer<Int32>, _ so: Int, _ index: UnsafePointer<Int>, _ x: UnsafePointer<Int32>
  ) {
    tern_kernels().pointee.scatter_i32(n, out, so, index, x)
  }

  public static func sort(
    _ n: Int, _ values: UnsafeMutablePointer<Int32>, _ indices: UnsafeMutablePointer<Int>,
    _ x: UnsafePointer<Int32>, _ sx: Int, descending: Bool
  ) {
    tern_kernels().pointee.sort_i32(n, values, indices, x, sx, descending)
  }
}

extension Int32: NumericKernelScalar {
  public static func unary(
    _ kernel: UnaryKernel, _ n: Int, _ out: UnsafeMutablePointer<Int32>, _ so: Int,
    _ x: UnsafePointer<Int32>, _ sx: Int, _ p0: Int32, _ p1: Int32
  ) {
    if !tern_kernels().pointee.unary_i32(kernel, n, out, so, x, sx, p0, p1) {
      fail(kernel.name, "not defined for Int32")
    }
  }

  public static func binary(
    _ kernel: BinaryKernel, _ n: Int, _ out: UnsafeMutablePointer<Int32>, _ so: Int,
    _ a: UnsafePointer<Int32>, _ sa: Int, _ b: UnsafePointer<Int32>, _ sb: Int, _ p0: Int32
  ) {
    if !tern_kernels().pointee.binary_i32(kernel, n, out, so, a, sa, b, sb, p0) {
      fail(kernel.name, "not defined for Int32")
    }
  }

  public static func reduce(
    _ kernel: ReductionKernel, _ outer: Int, _ n: Int, _ inner: Int,
    _ out: UnsafeMutablePointer<Int32>, _ x: UnsafePointer<Int32>
  ) {
    if !tern_kernels().pointee.reduce_i32(kernel, outer, n, inner, out, x) {
      fail(kernel.name, "not defined for Int32")
    }
  }

  public static func argReduce(
    _ kernel: ReductionKernel, _ outer: Int, _ n: Int, _ inner: Int,
    _ out: UnsafeMutablePointer<Int>, _ x: UnsafePointer<Int32>
  ) {
    if !tern_kernels().pointee.arg_reduce_i32(kernel, outer, n, inner, out, x) {
      fail(kernel.name, "has no position")
    }
  }

  public static func scan(
    _ kernel: ReductionKernel, _ outer: Int, _ n: Int, _ inner: Int,
    _ out: UnsafeMutablePointer<Int32>, _ indices: UnsafeMutablePointer<Int>?, _ x: UnsafePointer<Int32>
  ) {
    if !tern_kernels().pointee.scan_i32(kernel, outer, n, inner, out, indices, x) {
      fail(kernel.name, "has no cumulative form")
    }
  }

  public static func scatterAdd(
    _ n: Int, _ out: UnsafeMutablePointer<Int32>, _ so: Int, _ index: UnsafePointer<Int>, _ x: UnsafePointer<Int32>
  ) {
    tern_kernels().pointee.scatter_add_i32(n, out, so, index, x)
  }
}

extension Int32: CountingKernelScalar {
  public static func total(
    multiplies: Bool, _ outer: Int, _ n: Int, _ inner: Int, _ out: UnsafeMutablePointer<Int>, _ x: UnsafePointer<Int32>
  ) {
    tern_kernels().pointee.total_i32(multiplies, outer, n, inner, out, x)
  }
}
