import TernTensor

extension OperatorSamples {
  /// The family of each operator that is called there as PyTorch calls it.
  static let families: [String: any ConformanceFamily.Type] = {
    var families: [String: any ConformanceFamily.Type] = [:]
    for (family, names) in lists {
      for name in names.split(separator: " ") { families[String(name)] = family }
    }
    return families
  }()

  private static let lists: [(any ConformanceFamily.Type, String)] = [
    (
      Algebra.self,
      """
      addbmm addmv addr corrcoef cov cross cumulative_trapezoid diff dist gradient inner multi_dot pdist renorm \
      tensorinv tensorsolve trace trapezoid vander vecdot
      """
    ),
    (
      Convolutions.self,
      """
      conv1d conv2d conv_transpose1d conv_transpose2d
      """
    ),
    (
      Convolutions3D.self,
      """
      conv3d conv_transpose3d
      """
    ),
    (
      Decompositions.self,
      """
      cholesky_inverse eig eigvals geqrf householder_product ldl_factor ldl_solve lu lu_unpack ormqr vdot
      """
    ),
    (
      ElementwiseBinary.self,
      """
      add atan2 div eq fmod ge gt hypot le logaddexp logical_and logical_not logical_or logical_xor lt maximum \
      minimum mul ne pow remainder sub where
      """
    ),
    (
      ElementwiseUnary.self,
      """
      abs acos acosh asin asinh atan atanh ceil celu clamp cos cosh elu erf erfc exp expm1 floor frac gelu glu \
      hardsigmoid hardswish hardtanh isfinite isinf isnan leaky_relu log log10 log1p log2 logsigmoid mish \
      nan_to_num neg prelu reciprocal relu relu6 round rsqrt selu sigmoid sign silu sin sinh softplus softsign \
      sqrt square tan tanh threshold trunc
      """
    ),
    (
      EmbeddingBags.self,
      """
      embedding embedding_bag
      """
    ),
    (
      Fourier.self,
      """
      bartlett blackman complex cosine exponential fft fft2 fftn fftshift gaussian general_cosine general_hamming \
      hamming hann hfft hfftn ifft ifft2 ifftn ifftshift ihfft ihfftn irfft irfft2 irfftn istft kaiser nuttall \
      polar rfft rfft2 rfftn stft
      """
    ),
    (
      ImageSampling.self,
      """
      channel_shuffle grid_sample interpolate
      """
    ),
    (
      IntegersAndBits.self,
      """
      allclose bitwise_and bitwise_left_shift bitwise_not bitwise_or bitwise_right_shift bitwise_xor clamp_max \
      clamp_min copysign deg2rad float_power floor_divide fmax fmin frexp gcd heaviside isclose isneginf isposinf \
      lcm ldexp nextafter positive rad2deg rsub sgn signbit true_divide
      """
    ),
    (
      LinearAlgebra.self,
      """
      cholesky cholesky_solve cond det eigh eigvalsh inv lstsq lu_factor lu_solve matrix_exp matrix_norm \
      matrix_power qr slogdet solve solve_triangular svd svdvals vector_norm
      """
    ),
    (
      LossVariants.self,
      """
      linear_cross_entropy multilabel_margin_loss multilabel_soft_margin_loss soft_margin_loss
      """
    ),
    (
      Losses.self,
      """
      binary_cross_entropy binary_cross_entropy_with_logits cosine_embedding_loss cross_entropy ctc_loss \
      gaussian_nll_loss hinge_embedding_loss huber_loss kl_div l1_loss margin_ranking_loss mse_loss \
      multi_margin_loss nll_loss poisson_nll_loss smooth_l1_loss triplet_margin_loss
      """
    ),
    (
      MatrixProducts.self,
      """
      addmm baddbmm bilinear bmm dot einsum kron linear matmul mm mv outer tensordot
      """
    ),
    (
      Miscellany.self,
      """
      cdist cosine_similarity log_softmax pairwise_distance softmax softmin
      """
    ),
    (
      Normalization.self,
      """
      batch_norm group_norm instance_norm layer_norm local_response_norm normalize rms_norm
      """
    ),
    (
      OrderStatistics.self,
      """
      aminmax bucketize histc histogram histogramdd kthvalue median mode nanmean nanmedian nanquantile nansum \
      quantile std_mean var_mean
      """
    ),
    (
      Pooling.self,
      """
      adaptive_avg_pool2d adaptive_max_pool2d avg_pool1d avg_pool2d max_pool1d max_pool2d pixel_shuffle \
      pixel_unshuffle
      """
    ),
    (
      Pooling3D.self,
      """
      adaptive_avg_pool1d adaptive_avg_pool3d adaptive_max_pool1d adaptive_max_pool3d avg_pool3d \
      fractional_max_pool2d fractional_max_pool3d max_pool3d max_unpool1d max_unpool2d max_unpool3d
      """
    ),
    (
      Reductions.self,
      """
      all amax amin any argmax argmin argsort count_nonzero cummax cummin cumprod cumsum logcumsumexp logsumexp \
      max mean min norm prod sort std sum topk var
      """
    ),
    (
      Shapes.self,
      """
      argwhere atleast_1d atleast_2d atleast_3d block_diag broadcast_tensors cartesian_prod clone column_stack \
      combinations contiguous diag_embed dsplit dstack expand_as fliplr flipud hsplit hstack reshape_as rot90 \
      sum_to_size tensor_split tril_indices triu_indices unflatten unravel_index view_as vsplit vstack
      """
    ),
    (
      Shaping.self,
      """
      bincount cat chunk diag diagonal expand flatten flip gather index_select masked_select meshgrid movedim \
      narrow nonzero one_hot pad permute repeat repeat_interleave reshape roll scatter_add searchsorted select \
      slice split squeeze stack take_along_dim tile transpose tril triu unfold unique unsqueeze
      """
    ),
    (
      SpecialFunctions.self,
      """
      digamma entr erfcx erfinv exp2 i0 i0e i1 i1e igamma igammac lgamma log_ndtr logaddexp2 logit mvlgamma ndtr \
      ndtri polygamma sinc xlog1py xlogy zeta
      """
    ),
    (
      Updates.self,
      """
      addcdiv addcmul index_reduce isin lerp scatter_reduce
      """
    ),
  ]
}
