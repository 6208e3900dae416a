// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation
// The protocols say what each of these does.

import CTernKernels

extension Bool: KernelScalar {
  public static var scalarKind: ScalarKind { .boolean }

  public static func fill(_ n: Int, _ out: UnsafeMutablePointer<Bool>, _ so: Int, _ value: Bool) {
    tern_kernels().pointee.fill_b8(n, out, so, value)
  }

  public static func copy(
    _ n: Int, _ out: UnsafeMutablePointer<Bool>, _ so: Int, _ x: UnsafePointer<Bool>, _ sx: Int
  ) {
    tern_kernels().pointee.copy_b8(n, out, so, x, sx)
  }

  public static func copy2D(
    _ rows: Int, _ columns: Int, _ out: UnsafeMutablePointer<Bool>, _ outRow: Int, _ outColumn: Int,
    _ x: UnsafePointer<Bool>, _ xRow: Int, _ xColumn: Int
  ) {
    tern_kernels().pointee.copy_2d_b8(rows, columns, out, outRow, outColumn, x, xRow, xColumn)
  }

  public static func compare(
    _ kernel: ComparisonKernel, _ n: Int, _ out: UnsafeMutablePointer<Bool>, _ so: Int,
    _ a: UnsafePointer<Bool>, _ sa: Int, _ b: UnsafePointer<Bool>, _ sb: Int
  ) {
    tern_kernels().pointee.compare_b8(kernel, n, out, so, a, sa, b, sb)
  }

  public static func predicate(
    _ kernel: PredicateKernel, _ n: Int, _ out: UnsafeMutablePointer<Bool>, _ so: Int,
    _ x: UnsafePointer<Bool>, _ sx: Int
  ) {
    tern_kernels().pointee.predicate_b8(kernel, n, out, so, x, sx)
  }

  public static func select(
    _ n: Int, _ out: UnsafeMutablePointer<Bool>, _ so: Int, _ condition: UnsafePointer<Bool>, _ sc: Int,
    _ a: UnsafePointer<Bool>, _ sa: Int, _ b: UnsafePointer<Bool>, _ sb: Int
  ) {
    tern_kernels().pointee.select_b8(n, out, so, condition, sc, a, sa, b, sb)
  }

  public static func convert<Target: KernelScalar>(
    _ n: Int, _ out: UnsafeMutablePointer<Target>, _ so: Int, _ x: UnsafePointer<Bool>, _ sx: Int
  ) {
    tern_kernels().pointee.convert_b8(Target.scalarKind, n, out, so, x, sx)
  }

  public static func gather(
    _ n: Int, _ out: UnsafeMutablePointer<Bool>, _ x: UnsafePointer<Bool>, _ sx: Int, _ index: UnsafePointer<Int>
  ) {
    tern_kernels().pointee.gather_b8(n, out, x, sx, index)
  }

  public static func scatter(
    _ n: Int, _ out: UnsafeMutablePointer<Bool>, _ so: Int, _ index: UnsafePointer<Int>, _ x: UnsafePointer<Bool>
  ) {
    tern_kernels().pointee.scatter_b8(n, out, so, index, x)
  }

  public static func sort(
    _ n: Int, _ values: UnsafeMutablePointer<Bool>, _ indices: UnsafeMutablePointer<Int>,
    _ x: UnsafePointer<Bool>, _ sx: Int, descending: Bool
  ) {
    tern_kernels().pointee.sort_b8(n, values, indices, x, sx, descending)
  }
}

extension Bool: CountingKernelScalar {
  public static func total(
    multiplies: Bool, _ outer: Int, _ n: Int, _ inner: Int, _ out: UnsafeMutablePointer<Int>, _ x: UnsafePointer<Bool>
  ) {
    tern_kernels().pointee.total_b8(multiplies, outer, n, inner, out, x)
  }
}
