// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation
// The protocols say what each of these does.

import CTernKernels

extension Float: KernelScalar {
  public static var scalarKind: ScalarKind { .float32 }

  public static func fill(_ n: Int, _ out: UnsafeMutablePointer<Float>, _ so: Int, _ value: Float) {
    tern_kernels().pointee.fill_f32(n, out, so, value)
  }

  public static func copy(
    _ n: Int, _ out: UnsafeMutablePointer<Float>, _ so: Int, _ x: UnsafePointer<Float>, _ sx: Int
  ) {
    tern_kernels().pointee.copy_f32(n, out, so, x, sx)
  }

  public static func copy2D(
    _ rows: Int, _ columns: Int, _ out: UnsafeMutablePointer<Float>, _ outRow: Int, _ outColumn: Int,
    _ x: UnsafePointer<Float>, _ xRow: Int, _ xColumn: Int
  ) {
    tern_kernels().pointee.copy_2d_f32(rows, columns, out, outRow, outColumn, x, xRow, xColumn)
  }

  public static func compare(
    _ kernel: ComparisonKernel, _ n: Int, _ out: UnsafeMutablePointer<Bool>, _ so: Int,
    _ a: UnsafePointer<Float>, _ sa: Int, _ b: UnsafePointer<Float>, _ sb: Int
  ) {
    tern_kernels().pointee.compare_f32(kernel, n, out, so, a, sa, b, sb)
  }

  public static func predicate(
    _ kernel: PredicateKernel, _ n: Int, _ out: UnsafeMutablePointer<Bool>, _ so: Int,
    _ x: UnsafePointer<Float>, _ sx: Int
  ) {
    tern_kernels().pointee.predicate_f32(kernel, n, out, so, x, sx)
  }

  public static func select(
    _ n: Int, _ out: UnsafeMutablePointer<Float>, _ so: Int, _ condition: UnsafePointer<Bool>, _ sc: Int,
    _ a: UnsafePointer<Float>, _ sa: Int, _ b: UnsafePointer<Float>, _ sb: Int
  ) {
    tern_kernels().pointee.select_f32(n, out, so, condition, sc, a, sa, b, sb)
  }

  public static func convert<Target: KernelScalar>(
    _ n: Int, _ out: UnsafeMutablePointer<Target>, _ so: Int, _ x: UnsafePointer<Float>, _ sx: Int
  ) {
    tern_kernels().pointee.convert_f32(Target.scalarKind, n, out, so, x, sx)
  }

  public static func gather(
    _ n: Int, _ out: UnsafeMutablePointer<Float>, _ x: UnsafePointer<Float>, _ sx: Int, _ index: UnsafePointer<Int>
  ) {
    tern_kernels().pointee.gather_f32(n, out, x, sx, index)
  }

  public static func scatter(
    _ n: Int, _ out: UnsafeMutablePointer<Float>, _ so: Int, _ index: UnsafePointer<Int>, _ x: UnsafePointer<Float>
  ) {
    tern_kernels().pointee.scatter_f32(n, out, so, index, x)
  }

  public static func sort(
    _ n: Int, _ values: UnsafeMutablePointer<Float>, _ indices: UnsafeMutablePointer<Int>,
    _ x: UnsafePointer<Float>, _ sx: Int, descending: Bool
  ) {
    tern_kernels().pointee.sort_f32(n, values, indices, x, sx, descending)
  }
}

extension Float: FloatingKernelScalar {
  public static func unary(
    _ kernel: UnaryKernel, _ n: Int, _ out: UnsafeMutablePointer<Float>, _ so: Int,
    _ x: UnsafePointer<Float>, _ sx: Int, _ p0: Float, _ p1: Float
  ) {
    _ = tern_kernels().pointee.unary_f32(kernel, n, out, so, x, sx, p0, p1)
  }

  public static func binary(
    _ kernel: BinaryKernel, _ n: Int, _ out: UnsafeMutablePointer<Float>, _ so: Int,
    _ a: UnsafePointer<Float>, _ sa: Int, _ b: UnsafePointer<Float>, _ sb: Int, _ p0: Float
  ) {
    _ = tern_kernels().pointee.binary_f32(kernel, n, out, so, a, sa, b, sb, p0)
  }

  public static func binaryRows(
    _ kernel: BinaryKernel, _ rows: Int, _ n: Int, _ steps: RowSteps, _ out: UnsafeMutablePointer<Float>, _ so: Int,
    _ a: UnsafePointer<Float>, _ sa: Int, _ b: UnsafePointer<Float>, _ sb: Int, _ p0: Float
  ) {
    _ = tern_kernels().pointee.binary_rows_f32(kernel, rows, n, steps, out, so, a, sa, b, sb, p0)
  }

  public static func unaryNonTemporal(
    _ kernel: UnaryKernel, _ n: Int, _ out: UnsafeMutablePointer<Float>, _ x: UnsafePointer<Float>, _ sx: Int,
    _ p0: Float, _ p1: Float
  ) {
    _ = tern_kernels().pointee.unary_nontemporal_f32(kernel, n, out, x, sx, p0, p1)
  }

  public static func binaryNonTemporal(
    _ kernel: BinaryKernel, _ n: Int, _ out: UnsafeMutablePointer<Float>, _ a: UnsafePointer<Float>, _ sa: Int,
    _ b: UnsafePointer<Float>, _ sb: Int, _ p0: Float
  ) {
    _ = tern_kernels().pointee.binary_nontemporal_f32(kernel, n, out, a, sa, b, sb, p0)
  }

  public static func reduce(
    _ kernel: ReductionKernel, _ outer: Int, _ n: Int, _ inner: Int,
    _ out: UnsafeMutablePointer<Float>, _ x: UnsafePointer<Float>
  ) {
    _ = tern_kernels().pointee.reduce_f32(kernel, outer, n, inner, out, x)
  }

  public static func argReduce(
    _ kernel: ReductionKernel, _ outer: Int, _ n: Int, _ inner: Int,
    _ out: UnsafeMutablePointer<Int>, _ x: UnsafePointer<Float>
  ) {
    if !tern_kernels().pointee.arg_reduce_f32(kernel, outer, n, inner, out, x) {
      fail(kernel.name, "has no position")
    }
  }

  public static func scan(
    _ kernel: ReductionKernel, _ outer: Int, _ n: Int, _ inner: Int,
    _ out: UnsafeMutablePointer<Float>, _ indices: UnsafeMutablePointer<Int>?, _ x: UnsafePointer<Float>
  ) {
    if !tern_kernels().pointee.scan_f32(kernel, outer, n, inner, out, indices, x) {
      fail(kernel.name, "has no cumulative form")
    }
  }

  public static func scatterAdd(
    _ n: Int, _ out: UnsafeMutablePointer<Float>, _ so: Int, _ index: UnsafePointer<Int>, _ x: UnsafePointer<Float>
  ) {
    tern_kernels().pointee.scatter_add_f32(n, out, so, index, x)
  }

  public static func total(
    _ outer: Int, _ n: Int, _ inner: Int, _ out: UnsafeMutablePointer<Double>, _ x: UnsafePointer<Float>
  ) {
    tern_kernels().pointee.total_f32(outer, n, inner, out, x)
  }

  public static func moments(
    _ outer: Int, _ n: Int, _ inner: Int, _ mean: UnsafeMutablePointer<Float>, _ m2: UnsafeMutablePointer<Float>,
    _ x: UnsafePointer<Float>
  ) {
    tern_kernels().pointee.moments_f32(outer, n, inner, mean, m2, x)
  }

  public static func softmax(
    _ outer: Int, _ n: Int, _ inner: Int, _ out: UnsafeMutablePointer<Float>, _ x: UnsafePointer<Float>
  ) {
    tern_kernels().pointee.softmax_f32(outer, n, inner, out, x)
  }

  public static func logSoftmax(
    _ outer: Int, _ n: Int, _ inner: Int, _ out: UnsafeMutablePointer<Float>, _ x: UnsafePointer<Float>
  ) {
    tern_kernels().pointee.log_softmax_f32(outer, n, inner, out, x)
  }

  public static func logSumExp(
    _ outer: Int, _ n: Int, _ inner: Int, _ out: UnsafeMutablePointer<Float>, _ x: UnsafePointer<Float>
  ) {
    tern_kernels().pointee.log_sum_exp_f32(outer, n, inner, out, x)
  }

  public static func logCumulativeSumExp(
    _ outer: Int, _ n: Int, _ inner: Int, _ out: UnsafeMutablePointer<Float>, _ x: UnsafePointer<Float>
  ) {
    tern_kernels().pointee.log_cumulative_sum_exp_f32(outer, n, inner, out, x)
  }

  public static func uniform(
    _ n: Int, _ out: UnsafeMutablePointer<Float>, seed: UInt64, stream: UInt64, first: Int
  ) {
    tern_kernels().pointee.uniform_f32(n, out, seed, stream, first)
  }

  public static func normal(
    _ n: Int, _ out: UnsafeMutablePointer<Float>, seed: UInt64, stream: UInt64, first: Int
  ) {
    tern_kernels().pointee.normal_f32(n, out, seed, stream, first)
  }
}
