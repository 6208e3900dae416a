// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation, AlwaysUseLowerCamelCase

// PyTorch's names of shapes, updates, draws, algebra and transforms, so that the compiler answers them with Tern's.

extension Tensor {
  @available(*, unavailable, message: "x.nonZero()")
  public var argwhere: OtherName<Tensor> { unnamed() }
  @available(*, unavailable, message: "x.strided([2, 2], strides: [2, 1])")
  public var as_strided: OtherName<Tensor> { unnamed() }
  @available(*, unavailable, message: "Tensor<Float>(randomBernoulli: x.shape, probability: 0.3)")
  public var bernoulli_: OtherName<Tensor> { unnamed() }
  @available(*, unavailable, message: "x.binCounts()")
  public var bincount: OtherName<Tensor> { unnamed() }
  @available(*, unavailable, message: "x.bucketized(at: edges)")
  public var bucketize: OtherName<Tensor> { unnamed() }
  @available(*, unavailable, message: "Tensor<Float>(randomCauchy: x.shape, median: 0, scale: 1)")
  public var cauchy_: OtherName<Tensor> { unnamed() }
  @available(*, unavailable, message: "try x.choleskyFactor()")
  public var cholesky: OtherName<Tensor> { unnamed() }
  @available(*, unavailable, message: "try choleskyInverse(x)")
  public var cholesky_inverse: OtherName<Tensor> { unnamed() }
  @available(*, unavailable, message: "x.clamped(max: 1)")
  public var clamp_max: OtherName<Tensor> { unnamed() }
  @available(*, unavailable, message: "x.clamped(min: 0)")
  public var clamp_min: OtherName<Tensor> { unnamed() }
  @available(*, unavailable, message: "x.correlation()")
  public var corrcoef: OtherName<Tensor> { unnamed() }
  @available(*, unavailable, message: "x.countNonZero(), x.countNonZero(along: 1)")
  public var count_nonzero: OtherName<Tensor> { unnamed() }
  @available(*, unavailable, message: "x.covariance()")
  public var cov: OtherName<Tensor> { unnamed() }
  @available(*, unavailable, message: "x.cumulativeMax(along: 1)")
  public var cummax: OtherName<Tensor> { unnamed() }
  @available(*, unavailable, message: "x.cumulativeMin(along: 1)")
  public var cummin: OtherName<Tensor> { unnamed() }
  @available(*, unavailable, message: "x.determinant()")
  public var det: OtherName<Tensor> { unnamed() }
  @available(*, unavailable, message: "v.diagonalMatrix(), x.diagonal()")
  public var diag: OtherName<Tensor> { unnamed() }
  @available(*, unavailable, message: "x.flattened().diagonalMatrix()")
  public var diagflat: OtherName<Tensor> { unnamed() }
  @available(*, unavailable, message: "x.replacingDiagonal(with: y)")
  public var diagonal_scatter: OtherName<Tensor> { unnamed() }
  @available(*, unavailable, message: "x.differences(), x.differences(order: 2, along: 0)")
  public var diff: OtherName<Tensor> { unnamed() }
  @available(*, unavailable, message: "distance(x, y)")
  public var dist: OtherName<Tensor> { unnamed() }
  @available(*, unavailable, message: "x.split(into: 2, along: 2)")
  public var dsplit: OtherName<Tensor> { unnamed() }
  @available(*, unavailable, message: "Tensor<Float>(randomExponential: x.shape, rate: 2)")
  public var exponential_: OtherName<Tensor> { unnamed() }
  @available(*, unavailable, message: "x.divided(by: y, rounding: .down)")
  public var floor_divide: OtherName<Tensor> { unnamed() }
  @available(*, unavailable, message: "Tensor<Int>(randomGeometric: x.shape, probability: 0.3)")
  public var geometric_: OtherName<Tensor> { unnamed() }
  @available(*, unavailable, message: "x.householderReflectors()")
  public var geqrf: OtherName<Tensor> { unnamed() }
  @available(*, unavailable, message: "gammainc(a, x)")
  public var igamma: OtherName<Tensor> { unnamed() }
  @available(*, unavailable, message: "gammaincc(a, x)")
  public var igammac: OtherName<Tensor> { unnamed() }
  @available(*, unavailable, message: "x.replacing([.at(i)], with: values), x.adding(values, at: [.at(i)])")
  public var index_put: OtherName<Tensor> { unnamed() }
  @available(*, unavailable, message: "try x.inverse()")
  public var inv: OtherName<Tensor> { unnamed() }
  @available(*, unavailable, message: "x.isMember(of: y)")
  public var isin: OtherName<Tensor> { unnamed() }
  @available(*, unavailable, message: "Tensor<Float>(randomLogNormal: x.shape, mean: 1, deviation: 2)")
  public var log_normal_: OtherName<Tensor> { unnamed() }
  @available(*, unavailable, message: "logAddExp(x, y)")
  public var logaddexp: OtherName<Tensor> { unnamed() }
  @available(*, unavailable, message: "x.logCumulativeSumExp(along: 1)")
  public var logcumsumexp: OtherName<Tensor> { unnamed() }
  @available(*, unavailable, message: "x.logDeterminant().logAbsolute")
  public var logdet: OtherName<Tensor> { unnamed() }
  @available(*, unavailable, message: "x.luFactorization()")
  public var lu: OtherName<Tensor> { unnamed() }
  @available(*, unavailable, message: "x.matrixExponential()")
  public var matrix_exp: OtherName<Tensor> { unnamed() }
  @available(*, unavailable, message: "try x.matrixPower(3)")
  public var matrix_power: OtherName<Tensor> { unnamed() }
  @available(*, unavailable, message: "x.sorted(along: 0).values")
  public var msort: OtherName<Tensor> { unnamed() }
  @available(*, unavailable, message: "Tensor(full: [2, 3], 0.5)")
  public var new_full: OtherName<Tensor> { unnamed() }
  @available(*, unavailable, message: "Tensor(ones: [2, 3])")
  public var new_ones: OtherName<Tensor> { unnamed() }
  @available(*, unavailable, message: "Tensor(zeros: [2, 3])")
  public var new_zeros: OtherName<Tensor> { unnamed() }
  @available(*, unavailable, message: "x.householderReflectors().multiplied(by: y)")
  public var ormqr: OtherName<Tensor> { unnamed() }
  @available(*, unavailable, message: "try x.pseudoInverse()")
  public var pinverse: OtherName<Tensor> { unnamed() }
  @available(*, unavailable, message: "x.qrDecomposition()")
  public var qr: OtherName<Tensor> { unnamed() }
  @available(*, unavailable, message: "x.flattened()")
  public var ravel: OtherName<Tensor> { unnamed() }
  @available(*, unavailable, message: "x.renormalized(along: 0, maximum: 1)")
  public var renorm: OtherName<Tensor> { unnamed() }
  @available(*, unavailable, message: "x.replacingSelected(axis: 0, index: 1, with: y)")
  public var select_scatter: OtherName<Tensor> { unnamed() }
  @available(*, unavailable, message: "x.replacingSlice(axis: 0, from: 1, to: 3, with: y)")
  public var slice_scatter: OtherName<Tensor> { unnamed() }
  @available(*, unavailable, message: "x.logDeterminant()")
  public var slogdet: OtherName<Tensor> { unnamed() }
  @available(*, unavailable, message: "try x.singularValueDecomposition()")
  public var svd: OtherName<Tensor> { unnamed() }
  @available(*, unavailable, message: "x / y")
  public var true_divide: OtherName<Tensor> { unnamed() }
  @available(*, unavailable, message: "dot(x, y)")
  public var vdot: OtherName<Tensor> { unnamed() }
}

@available(*, unavailable, message: "affineGrid(theta, size: [8, 8])")
public var affine_grid: OtherName<Tensor<Float>> { unnamed() }
@available(*, unavailable, message: "x.airyAi()")
public var airy_ai: OtherName<Tensor<Float>> { unnamed() }
@available(*, unavailable, message: "avgPool2D(x, kernelSize: 2)")
public var avg_pool2d: OtherName<Tensor<Float>> { unnamed() }
@available(*, unavailable, message: "x.besselJ0()")
public var bessel_j0: OtherName<Tensor<Float>> { unnamed() }
@available(*, unavailable, message: "x.besselJ1()")
public var bessel_j1: OtherName<Tensor<Float>> { unnamed() }
@available(*, unavailable, message: "x.besselY0()")
public var bessel_y0: OtherName<Tensor<Float>> { unnamed() }
@available(*, unavailable, message: "x.besselY1()")
public var bessel_y1: OtherName<Tensor<Float>> { unnamed() }
@available(*, unavailable, message: "blockDiagonal([a, b])")
public var block_diag: OtherName<Tensor<Float>> { unnamed() }
@available(*, unavailable, message: "broadcast([a, b])")
public var broadcast_tensors: OtherName<Tensor<Float>> { unnamed() }
@available(*, unavailable, message: "cartesianProduct([v, w])")
public var cartesian_prod: OtherName<Tensor<Float>> { unnamed() }
@available(*, unavailable, message: "try solveCholesky(factor, b, .lower)")
public var cholesky_solve: OtherName<Tensor<Float>> { unnamed() }
@available(*, unavailable, message: "columnStack([a, b])")
public var column_stack: OtherName<Tensor<Float>> { unnamed() }
@available(*, unavailable, message: "conv1D(x, weight)")
public var conv1d: OtherName<Tensor<Float>> { unnamed() }
@available(*, unavailable, message: "conv2D(x, weight)")
public var conv2d: OtherName<Tensor<Float>> { unnamed() }
@available(*, unavailable, message: "conv3D(x, weight)")
public var conv3d: OtherName<Tensor<Float>> { unnamed() }
@available(*, unavailable, message: "cosineSimilarity(a, b)")
public var cosine_similarity: OtherName<Tensor<Float>> { unnamed() }
@available(*, unavailable, message: "x.cumulativeTrapezoid()")
public var cumulative_trapezoid: OtherName<Tensor<Float>> { unnamed() }
@available(*, unavailable, message: "embeddingBag(indices, weight)")
public var embedding_bag: OtherName<Tensor<Float>> { unnamed() }
@available(*, unavailable, message: "x.scaledErfc()")
public var erfcx: OtherName<Tensor<Float>> { unnamed() }
@available(*, unavailable, message: "Tensor<Float>(fftFrequencies: 8)")
public var fftfreq: OtherName<Tensor<Float>> { unnamed() }
@available(*, unavailable, message: "x.fftShifted()")
public var fftshift: OtherName<Tensor<Float>> { unnamed() }
@available(*, unavailable, message: "gridSample(x, at: grid)")
public var grid_sample: OtherName<Tensor<Float>> { unnamed() }
@available(*, unavailable, message: "Tensor<Float>(window: .hamming, count: 8, isPeriodic: true)")
public var hamming_window: OtherName<Tensor<Float>> { unnamed() }
@available(*, unavailable, message: "Tensor<Float>(window: .hann, count: 8, isPeriodic: true)")
public var hann_window: OtherName<Tensor<Float>> { unnamed() }
@available(*, unavailable, message: "reflectors.product()")
public var householder_product: OtherName<Tensor<Float>> { unnamed() }
@available(*, unavailable, message: "x.logNdtr()")
public var log_ndtr: OtherName<Tensor<Float>> { unnamed() }
@available(*, unavailable, message: "Tensor<Float>(logspace: 0, 2, count: 5)")
public var logspace: OtherName<Tensor<Float>> { unnamed() }
@available(*, unavailable, message: "a.luFactorization()")
public var lu_factor: OtherName<Tensor<Float>> { unnamed() }
@available(*, unavailable, message: "try a.luFactorization().solve(b)")
public var lu_solve: OtherName<Tensor<Float>> { unnamed() }
@available(*, unavailable, message: "try a.matrixRank()")
public var matrix_rank: OtherName<Tensor<Float>> { unnamed() }
@available(*, unavailable, message: "maxPool2D(x, kernelSize: 2)")
public var max_pool2d: OtherName<Tensor<Float>> { unnamed() }
@available(*, unavailable, message: "x.besselK0()")
public var modified_bessel_k0: OtherName<Tensor<Float>> { unnamed() }
@available(*, unavailable, message: "x.besselK1()")
public var modified_bessel_k1: OtherName<Tensor<Float>> { unnamed() }
@available(*, unavailable, message: "multiDot([a, b, c])")
public var multi_dot: OtherName<Tensor<Float>> { unnamed() }
@available(*, unavailable, message: "pairwiseDistance(a, b)")
public var pairwise_distance: OtherName<Tensor<Float>> { unnamed() }
@available(*, unavailable, message: "try x.principalComponents(2)")
public var pca_lowrank: OtherName<Tensor<Float>> { unnamed() }
@available(*, unavailable, message: "pixelShuffle(x, upscaleFactor: 2)")
public var pixel_shuffle: OtherName<Tensor<Float>> { unnamed() }
@available(*, unavailable, message: "Tensor(randomIntegers: [3], in: 0..<10)")
public var randint: OtherName<Tensor<Float>> { unnamed() }
@available(*, unavailable, message: "Tensor(randomPermutation: 10)")
public var randperm: OtherName<Tensor<Float>> { unnamed() }
@available(*, unavailable, message: "scaledDotProductAttention(q, k, v)")
public var scaled_dot_product_attention: OtherName<Tensor<Float>> { unnamed() }
@available(*, unavailable, message: "searchSorted(edges, x)")
public var searchsorted: OtherName<Tensor<Float>> { unnamed() }
@available(*, unavailable, message: "x.reducingSegments(lengths: lengths, by: .sum)")
public var segment_reduce: OtherName<Tensor<Float>> { unnamed() }
@available(*, unavailable, message: "try solveTriangular(a, b, .upper)")
public var solve_triangular: OtherName<Tensor<Float>> { unnamed() }
@available(*, unavailable, message: "x.sphericalBesselJ0()")
public var spherical_bessel_j0: OtherName<Tensor<Float>> { unnamed() }
@available(*, unavailable, message: "try a.lowRankSingularValueDecomposition(rank: 2)")
public var svd_lowrank: OtherName<Tensor<Float>> { unnamed() }
@available(*, unavailable, message: "lowerTriangleIndices(rows: 3, columns: 4)")
public var tril_indices: OtherName<Tensor<Float>> { unnamed() }
@available(*, unavailable, message: "upperTriangleIndices(rows: 3, columns: 4)")
public var triu_indices: OtherName<Tensor<Float>> { unnamed() }
