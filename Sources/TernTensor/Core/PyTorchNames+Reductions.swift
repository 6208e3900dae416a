// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation, AlwaysUseLowerCamelCase

// PyTorch's names of reductions, and its positional axes, so that the compiler answers them with Tern's.

extension Tensor where Scalar: NumericScalar {
  @available(*, unavailable, message: "x.sum(along: 1)")
  public func sum(_ axis: Int, _ more: Int..., keepdim: Bool = false) -> Tensor { unnamed() }
  @available(*, unavailable, message: "x.sum(along: 1)")
  public func sum(dim axes: Any, keepdim: Bool = false) -> Tensor { unnamed() }
  @available(*, unavailable, message: "x.sum(along: 1)")
  public func sum(axis axes: Any, keepdims: Bool = false) -> Tensor { unnamed() }
  @available(*, unavailable, message: "x.mean(along: 1)")
  public func mean(_ axis: Int, _ more: Int..., keepdim: Bool = false) -> Tensor { unnamed() }
  @available(*, unavailable, message: "x.mean(along: 1)")
  public func mean(dim axes: Any, keepdim: Bool = false) -> Tensor { unnamed() }
  @available(*, unavailable, message: "x.mean(along: 1)")
  public func mean(axis axes: Any, keepdims: Bool = false) -> Tensor { unnamed() }
  @available(*, unavailable, message: "x.amax(along: 1)")
  public func amax(_ axis: Int, _ more: Int..., keepdim: Bool = false) -> Tensor { unnamed() }
  @available(*, unavailable, message: "x.amax(along: 1)")
  public func amax(dim axes: Any, keepdim: Bool = false) -> Tensor { unnamed() }
  @available(*, unavailable, message: "x.amax(along: 1)")
  public func amax(axis axes: Any, keepdims: Bool = false) -> Tensor { unnamed() }
  @available(*, unavailable, message: "x.amin(along: 1)")
  public func amin(_ axis: Int, _ more: Int..., keepdim: Bool = false) -> Tensor { unnamed() }
  @available(*, unavailable, message: "x.amin(along: 1)")
  public func amin(dim axes: Any, keepdim: Bool = false) -> Tensor { unnamed() }
  @available(*, unavailable, message: "x.amin(along: 1)")
  public func amin(axis axes: Any, keepdims: Bool = false) -> Tensor { unnamed() }
  @available(*, unavailable, message: "x.max(along: 1) or x.amax(along: 1)")
  public func max(_ axis: Int, _ more: Int..., keepdim: Bool = false) -> (values: Tensor, indices: Tensor<Int>) {
    unnamed()
  }
  @available(*, unavailable, message: "x.max(along: 1) or x.amax(along: 1)")
  public func max(dim axes: Any, keepdim: Bool = false) -> (values: Tensor, indices: Tensor<Int>) { unnamed() }
  @available(*, unavailable, message: "x.max(along: 1) or x.amax(along: 1)")
  public func max(axis axes: Any, keepdims: Bool = false) -> (values: Tensor, indices: Tensor<Int>) { unnamed() }
  @available(*, unavailable, message: "x.min(along: 1) or x.amin(along: 1)")
  public func min(_ axis: Int, _ more: Int..., keepdim: Bool = false) -> (values: Tensor, indices: Tensor<Int>) {
    unnamed()
  }
  @available(*, unavailable, message: "x.min(along: 1) or x.amin(along: 1)")
  public func min(dim axes: Any, keepdim: Bool = false) -> (values: Tensor, indices: Tensor<Int>) { unnamed() }
  @available(*, unavailable, message: "x.min(along: 1) or x.amin(along: 1)")
  public func min(axis axes: Any, keepdims: Bool = false) -> (values: Tensor, indices: Tensor<Int>) { unnamed() }
  @available(*, unavailable, message: "x.argmax(along: 1)")
  public func argmax(_ axis: Int, _ more: Int..., keepdim: Bool = false) -> Tensor<Int> { unnamed() }
  @available(*, unavailable, message: "x.argmax(along: 1)")
  public func argmax(dim axes: Any, keepdim: Bool = false) -> Tensor<Int> { unnamed() }
  @available(*, unavailable, message: "x.argmax(along: 1)")
  public func argmax(axis axes: Any, keepdims: Bool = false) -> Tensor<Int> { unnamed() }
  @available(*, unavailable, message: "x.argmin(along: 1)")
  public func argmin(_ axis: Int, _ more: Int..., keepdim: Bool = false) -> Tensor<Int> { unnamed() }
  @available(*, unavailable, message: "x.argmin(along: 1)")
  public func argmin(dim axes: Any, keepdim: Bool = false) -> Tensor<Int> { unnamed() }
  @available(*, unavailable, message: "x.argmin(along: 1)")
  public func argmin(axis axes: Any, keepdims: Bool = false) -> Tensor<Int> { unnamed() }
  @available(*, unavailable, message: "x.softmax(along: 1)")
  public func softmax(_ axis: Int, _ more: Int..., keepdim: Bool = false) -> Tensor { unnamed() }
  @available(*, unavailable, message: "x.softmax(along: 1)")
  public func softmax(dim axes: Any, keepdim: Bool = false) -> Tensor { unnamed() }
  @available(*, unavailable, message: "x.softmax(along: 1)")
  public func softmax(axis axes: Any, keepdims: Bool = false) -> Tensor { unnamed() }
  @available(*, unavailable, message: "x.norm(along: 1)")
  public func norm(dim axes: Any, keepdim: Bool = false) -> Tensor { unnamed() }
  @available(*, unavailable, message: "x.norm(1, along: 1)")
  public func norm(p: Double, dim axes: Any, keepdim: Bool = false) -> Tensor { unnamed() }
  @available(*, unavailable, message: "x.product(along: 1)")
  public var prod: OtherName<Tensor> { unnamed() }
  @available(*, unavailable, message: "x.standardDeviation(along: 1)")
  public var std: OtherName<Tensor> { unnamed() }
  @available(*, unavailable, message: "x.variance(along: 1)")
  public var `var`: OtherName<Tensor> { unnamed() }
  @available(*, unavailable, message: "x.logSoftmax(along: 1)")
  public var log_softmax: OtherName<Tensor> { unnamed() }
  @available(*, unavailable, message: "x.logSumExp(along: 1)")
  public var logsumexp: OtherName<Tensor> { unnamed() }
  @available(*, unavailable, message: "x.cumulativeSum(along: 0)")
  public var cumsum: OtherName<Tensor> { unnamed() }
  @available(*, unavailable, message: "x.cumulativeProduct(along: 0)")
  public var cumprod: OtherName<Tensor> { unnamed() }
  @available(*, unavailable, message: "x.topK(5)")
  public var topk: OtherName<(values: Tensor, indices: Tensor<Int>)> { unnamed() }
  @available(*, unavailable, message: "x.kthValue(2, along: 1)")
  public var kthvalue: OtherName<(values: Tensor, indices: Tensor<Int>)> { unnamed() }
  @available(*, unavailable, message: "x.nanSum(along: 1)")
  public var nansum: OtherName<Tensor> { unnamed() }
  @available(*, unavailable, message: "x.nanMean(along: 1)")
  public var nanmean: OtherName<Tensor> { unnamed() }
  @available(*, unavailable, message: "x.nanMedian(along: 1)")
  public var nanmedian: OtherName<(values: Tensor, indices: Tensor<Int>)> { unnamed() }
  @available(*, unavailable, message: "x.nanQuantile(0.5, along: 1)")
  public var nanquantile: OtherName<Tensor> { unnamed() }
  @available(*, unavailable, message: "x.extrema(along: 1)")
  public var aminmax: OtherName<(min: Tensor, max: Tensor)> { unnamed() }
  @available(*, unavailable, message: "x.binCounts(bins: 10, min: 0, max: 1)")
  public var histc: OtherName<Tensor> { unnamed() }
  @available(*, unavailable, message: "x.sorted(along: 0, descending: true)")
  public func sort(dim axis: Int = -1, descending: Bool = false) -> (values: Tensor, indices: Tensor<Int>) { unnamed() }
  @available(*, unavailable, message: "x.clamped(min: 0, max: 1)")
  public var clamp: OtherName<Tensor> { unnamed() }
  @available(*, unavailable, message: "x.clamped(min: 0, max: 1)")
  public var clip: OtherName<Tensor> { unnamed() }
  @available(*, unavailable, message: "matmul(x, y)")
  public var mm: OtherName<Tensor> { unnamed() }
}

extension Tensor {
  @available(*, unavailable, message: "x.isNaN()")
  public var isnan: OtherName<Tensor<Bool>> { unnamed() }
  @available(*, unavailable, message: "x.isInfinite()")
  public var isinf: OtherName<Tensor<Bool>> { unnamed() }
  @available(*, unavailable, message: "x.isFinite()")
  public var isfinite: OtherName<Tensor<Bool>> { unnamed() }
  @available(*, unavailable, message: "x .== y")
  public var eq: OtherName<Tensor<Bool>> { unnamed() }
  @available(*, unavailable, message: "x .!= y")
  public var ne: OtherName<Tensor<Bool>> { unnamed() }
  @available(*, unavailable, message: "x .> y")
  public var gt: OtherName<Tensor<Bool>> { unnamed() }
  @available(*, unavailable, message: "x .< y")
  public var lt: OtherName<Tensor<Bool>> { unnamed() }
  @available(*, unavailable, message: "x .>= y")
  public var ge: OtherName<Tensor<Bool>> { unnamed() }
  @available(*, unavailable, message: "x .<= y")
  public var le: OtherName<Tensor<Bool>> { unnamed() }
  @available(*, unavailable, message: "p .&& q")
  public var logical_and: OtherName<Tensor<Bool>> { unnamed() }
  @available(*, unavailable, message: "p .|| q")
  public var logical_or: OtherName<Tensor<Bool>> { unnamed() }
  @available(*, unavailable, message: "p .^ q")
  public var logical_xor: OtherName<Tensor<Bool>> { unnamed() }
  @available(*, unavailable, message: ".!p")
  public var logical_not: OtherName<Tensor<Bool>> { unnamed() }
  @available(*, unavailable, message: "x == y")
  public var equal: OtherName<Bool> { unnamed() }
}
