// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation
// The protocols say what each of these does.

import CTernKernels

extension Double: KernelScalar {
  public static var scalarKind: ScalarKind { .float64 }

  public static func fill(_ n: Int, _ out: UnsafeMutablePointer<Double>, _ so: Int, _ value: Double) {
    tern_kernels().pointee.fill_f64(n, out, so, value)
  }

  public static func copy(
    _ n: Int, _ out: UnsafeMutablePointer<Double>, _ so: Int, _ x: UnsafePointer<Double>, _ sx: Int
  ) {
    tern_kernels().pointee.copy_f64(n, out, so, x, sx)
  }

  public static func copy2D(
    _ rows: Int, _ columns: Int, _ out: UnsafeMutablePointer<Double>, _ outRow: Int, _ outColumn: Int,
    _ x: UnsafePointer<Double>, _ xRow: Int, _ xColumn: Int
  ) {
    tern_kernels().pointee.copy_2d_f64(rows, columns, out, outRow, outColumn, x, xRow, xColumn)
  }

  public static func compare(
    _ kernel: ComparisonKernel, _ n: Int, _ out: UnsafeMutablePointer<Bool>, _ so: Int,
    _ a: UnsafePointer<Double>, _ sa: Int, _ b: UnsafePointer<Double>, _ sb: Int
  ) {
    tern_kernels().pointee.compare_f64(kernel, n, out, so, a, sa, b, sb)
  }

  public static func predicate(
    _ kernel: PredicateKernel, _ n: Int, _ out: UnsafeMutablePointer<Bool>, _ so: Int,
    _ x: UnsafePointer<Double>, _ sx: Int
  ) {
    tern_kernels().pointee.predicate_f64(kernel, n, out, so, x, sx)
  }

  public static func select(
    _ n: Int, _ out: UnsafeMutablePointer<Double>, _ so: Int, _ condition: UnsafePointer<Bool>, _ sc: Int,
    _ a: UnsafePointer<Double>, _ sa: Int, _ b: UnsafePointer<Double>, _ sb: Int
  ) {
    tern_kernels().pointee.select_f64(n, out, so, condition, sc, a, sa, b, sb)
  }

  public static func convert<Target: KernelScalar>(
    _ n: Int, _ out: UnsafeMutablePointer<Target>, _ so: Int, _ x: UnsafePointer<Double>, _ sx: Int
  ) {
    tern_kernels().pointee.convert_f64(Target.scalarKind, n, out, so, x, sx)
  }

  public static func gather(
    _ n: Int, _ out: UnsafeMutablePointer<Double>, _ x: UnsafePointer<Double>, _ sx: Int, _ index: UnsafePointer<Int>
  ) {
    tern_kernels().pointee.gather_f64(n, out, x, sx, index)
  }

  public static func scatter(
    _ n: Int, _ out: UnsafeMutablePointer<Double>, _ so: Int, _ index: UnsafePointer<Int>, _ x: UnsafePointer<Double>
  ) {
    tern_kernels().pointee.scatter_f64(n, out, so, index, x)
  }

  public static func sort(
    _ n: Int, _ values: UnsafeMutablePointer<Double>, _ indices: UnsafeMutablePointer<Int>,
    _ x: UnsafePointer<Double>, _ sx: Int, descending: Bool
  ) {
    tern_kernels().pointee.sort_f64(n, values, indices, x, sx, descending)
  }
}

extension Double: FloatingKernelScalar {
  public static func unary(
    _ kernel: UnaryKernel, _ n: Int, _ out: UnsafeMutablePointer<Double>, _ so: Int,
    _ x: UnsafePointer<Double>, _ sx: Int, _ p0: Double, _ p1: Double
  ) {
    _ = tern_kernels().pointee.unary_f64(kernel, n, out, so, x, sx, p0, p1)
  }

  public static func binary(
    _ kernel: BinaryKernel, _ n: Int, _ out: UnsafeMutablePointer<Double>, _ so: Int,
    _ a: UnsafePointer<Double>, _ sa: Int, _ b: UnsafePointer<Double>, _ sb: Int, _ p0: Double
  ) {
    _ = tern_kernels().pointee.binary_f64(kernel, n, out, so, a, sa, b, sb, p0)
  }

  public static func binaryRows(
    _ kernel: BinaryKernel, _ rows: Int, _ n: Int, _ steps: RowSteps, _ out: UnsafeMutablePointer<Double>, _ so: Int,
    _ a: UnsafePointer<Double>, _ sa: Int, _ b: UnsafePointer<Double>, _ sb: Int, _ p0: Double
  ) {
    _ = tern_kernels().pointee.binary_rows_f64(kernel, rows, n, steps, out, so, a, sa, b, sb, p0)
  }

  public static func unaryNonTemporal(
    _ kernel: UnaryKernel, _ n: Int, _ out: UnsafeMutablePointer<Double>, _ x: UnsafePointer<Double>, _ sx: Int,
    _ p0: Double, _ p1: Double
  ) {
    _ = tern_kernels().pointee.unary_nontemporal_f64(kernel, n, out, x, sx, p0, p1)
  }

  public static func binaryNonTemporal(
    _ kernel: BinaryKernel, _ n: Int, _ out: UnsafeMutablePointer<Double>, _ a: UnsafePointer<Double>, _ sa: Int,
    _ b: UnsafePointer<Double>, _ sb: Int, _ p0: Double
  ) {
    _ = tern_kernels().pointee.binary_nontemporal_f64(kernel, n, out, a, sa, b, sb, p0)
  }

  public static func reduce(
    _ kernel: ReductionKernel, _ outer: Int, _ n: Int, _ inner: Int,
    _ out: UnsafeMutablePointer<Double>, _ x: UnsafePointer<Double>
  ) {
    _ = tern_kernels().pointee.reduce_f64(kernel, outer, n, inner, out, x)
  }

  public static func argReduce(
    _ kernel: ReductionKernel, _ outer: Int, _ n: Int, _ inner: Int,
    _ out: UnsafeMutablePointer<Int>, _ x: UnsafePointer<Double>
  ) {
    if !tern_kernels().pointee.arg_reduce_f64(kernel, outer, n, inner, out, x) {
      fail(kernel.name, "has no position")
    }
  }

  public static func scan(
    _ kernel: ReductionKernel, _ outer: Int, _ n: Int, _ inner: Int,
    _ out: UnsafeMutablePointer<Double>, _ indices: UnsafeMutablePointer<Int>?, _ x: UnsafePointer<Double>
  ) {
    if !tern_kernels().pointee.scan_f64(kernel, outer, n, inner, out, indices, x) {
      fail(kernel.name, "has no cumulative form")
    }
  }

  public static func scatterAdd(
    _ n: Int, _ out: UnsafeMutablePointer<Double>, _ so: Int, _ index: UnsafePointer<Int>, _ x: UnsafePointer<Double>
  ) {
    tern_kernels().pointee.scatter_add_f64(n, out, so, index, x)
  }

  public static func total(
    _ outer: Int, _ n: Int, _ inner: Int, _ out: UnsafeMutablePointer<Double>, _ x: UnsafePointer<Double>
  ) {
    reduce(.sum, outer, n, inner, out, x)
  }

  public static func moments(
    _ outer: Int, _ n: Int, _ inner: Int, _ mean: UnsafeMutablePointer<Double>, _ m2: UnsafeMutablePointer<Double>,
    _ x: UnsafePointer<Double>
  ) {
    tern_kernels().pointee.moments_f64(outer, n, inner, mean, m2, x)
  }

  public static func softmax(
    _ outer: Int, _ n: Int, _ inner: Int, _ out: UnsafeMutablePointer<Double>, _ x: UnsafePointer<Double>
  ) {
    tern_kernels().pointee.softmax_f64(outer, n, inner, out, x)
  }

  public static func logSoftmax(
    _ outer: Int, _ n: Int, _ inner: Int, _ out: UnsafeMutablePointer<Double>, _ x: UnsafePointer<Double>
  ) {
    tern_kernels().pointee.log_softmax_f64(outer, n, inner, out, x)
  }

  public static func logSumExp(
    _ outer: Int, _ n: Int, _ inner: Int, _ out: UnsafeMutablePointer<Double>, _ x: UnsafePointer<Double>
  ) {
    tern_kernels().pointee.log_sum_exp_f64(outer, n, inner, out, x)
  }

  public static func logCumulativeSumExp(
    _ outer: Int, _ n: Int, _ inner: Int, _ out: UnsafeMutablePointer<Double>, _ x: UnsafePointer<Double>
  ) {
    tern_kernels().pointee.log_cumulative_sum_exp_f64(outer, n, inner, out, x)
  }

  public static func uniform(
    _ n: Int, _ out: UnsafeMutablePointer<Double>, seed: UInt64, stream: UInt64, first: Int
  ) {
    tern_kernels().pointee.uniform_f64(n, out, seed, stream, first)
  }

  public static func normal(
    _ n: Int, _ out: UnsafeMutablePointer<Double>, seed: UInt64, stream: UInt64, first: Int
  ) {
    tern_kernels().pointee.normal_f64(n, out, seed, stream, first)
  }
}
