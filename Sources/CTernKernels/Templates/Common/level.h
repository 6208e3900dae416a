// All kernels for one level of the CPU, and their table, which is called TERN_LEVEL. TERN_VECTOR is the width of the
// level's registers in bytes.

#include "Elementwise/math_f32.h"
#include "Elementwise/math_f64.h"
#include "Common/nontemporal_stores.h"

#define NAME transpose_4
#define V uint32_t
#define SIDE 16
#define INTERLEAVE_LOW(a, b)                                                                       \
  __builtin_shufflevector(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23)
#define INTERLEAVE_HIGH(a, b)                                                                      \
  __builtin_shufflevector(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31)
#include "Common/transpose.h"

#define NAME transpose_8
#define V uint64_t
#define SIDE 8
#define INTERLEAVE_LOW(a, b) __builtin_shufflevector(a, b, 0, 8, 1, 9, 2, 10, 3, 11)
#define INTERLEAVE_HIGH(a, b) __builtin_shufflevector(a, b, 4, 12, 5, 13, 6, 14, 7, 15)
#include "Common/transpose.h"

// Double first: Float's cumulative kernels calculate in it.
#define T double
#define S f64
#define I int64_t
#include "Convolution/convolution.h"
#include "Pooling/pooling.h"
#undef I
#define LM(name) name
#include "Common/floating.h"

#define T float
#define S f32
#define I int32_t
#include "Convolution/convolution.h"
#include "Pooling/pooling.h"
#undef I
#define LM(name) name##f
#define PLAIN_SUMS
#include "Reductions/float_sums.h"
#include "Common/floating.h"
#undef PLAIN_SUMS

#include "Convolution/winograd_tiles.h"
#include "Convolution/winograd.h"
#include "Convolution/winograd_strided.h"
#include "Convolution/direct_tile.h"
#include "Convolution/direct_convolution.h"
#include "Convolution/depthwise.h"
#include "Pooling/max_pooling.h"

#include "Normalization/channel_merges.h"
#include "Random/random.h"
#define T float
#define S f32
#include "Random/dropout.h"
#undef T
#undef S
#define T double
#define S f64
#include "Random/dropout.h"
#undef T
#undef S
#include "Reductions/sorts.h"

#define IS_NAN(v) false
#define IS_INFINITE(v) false
#define TO_I32(v) v
#define TO_I64(v) v
#define TO_U8(v) v

#define T int32_t
#define S i32
#define U uint32_t
#define IS_SIGNED true
#define LOWEST INT32_MIN
#define HIGHEST INT32_MAX
#include "Elementwise/elements.h"
#include "Elementwise/integer.h"
#include "Reductions/totals.h"
#include "Reductions/reductions.h"
#define A U
#include "Reductions/scan.h"
#undef A
#undef T
#undef S
#undef U
#undef IS_SIGNED
#undef LOWEST
#undef HIGHEST

#define T ptrdiff_t
#define S i64
#define U size_t
#define IS_SIGNED true
#define LOWEST PTRDIFF_MIN
#define HIGHEST PTRDIFF_MAX
#include "Elementwise/elements.h"
#include "Elementwise/integer.h"
#include "Reductions/reductions.h"
#define A U
#include "Reductions/scan.h"
#undef A
#undef T
#undef S
#undef U
#undef IS_SIGNED
#undef LOWEST
#undef HIGHEST

#define T uint8_t
#define S u8
#define U uint8_t
#define IS_SIGNED false
#define LOWEST 0
#define HIGHEST UINT8_MAX
#include "Elementwise/elements.h"
#include "Elementwise/integer.h"
#include "Reductions/totals.h"
#include "Reductions/reductions.h"
#define A U
#include "Reductions/scan.h"
#undef A
#undef T
#undef S
#undef U
#undef IS_SIGNED
#undef LOWEST
#undef HIGHEST

#define T bool
#define S b8
#include "Elementwise/elements.h"
#include "Reductions/totals.h"
#undef T
#undef S

#undef IS_NAN
#undef IS_INFINITE
#undef TO_I32
#undef TO_I64
#undef TO_U8

#define ELEMENT_ENTRIES(S)                                                                         \
  .fill_##S = fill_##S, .copy_##S = copy_##S, .copy_2d_##S = copy_2d_##S,                          \
  .compare_##S = compare_##S, .predicate_##S = predicate_##S, .select_##S = select_##S,            \
  .convert_##S = convert_##S, .gather_##S = gather_##S, .scatter_##S = scatter_##S, \
  .sort_##S = sort_##S,
#define NUMERIC_ENTRIES(S) .unary_##S = unary_##S, .binary_##S = binary_##S, .reduce_##S = reduce_##S, \
  .arg_reduce_##S = arg_reduce_##S, .scan_##S = scan_##S, .scatter_add_##S = scatter_add_##S,
#define FLOATING_ENTRIES(S)                                                                        \
  .unary_nontemporal_##S = unary_nontemporal_##S, .binary_nontemporal_##S = binary_nontemporal_##S,                    \
  .binary_rows_##S = binary_rows_##S,                                                              \
  .moments_##S = moments_##S, .softmax_##S = softmax_##S, .log_softmax_##S = log_softmax_##S,      \
  .log_sum_exp_##S = log_sum_exp_##S, .log_cumulative_sum_exp_##S = log_cumulative_sum_exp_##S,    \
  .recurrence_##S = recurrence_##S, .softmax_grad_##S = softmax_grad_##S,                          \
  .log_softmax_grad_##S = log_softmax_grad_##S,                                                    \
  .uniform_##S = uniform_##S, .normal_##S = normal_##S,
#define NORMALIZATION_ENTRIES(S)                                                                   \
  .block_moments_##S = block_moments_##S, .product_sums_##S = product_sums_##S,                    \
  .affine_##S = affine_##S, .affine_pair_##S = affine_pair_##S,                                    \
  .normalization_coefficients_##S = normalization_coefficients_##S, .normalization_gradients_##S = normalization_gradients_##S,          \
  .affine_coefficients_##S = affine_coefficients_##S, .track_##S = track_##S,                                  \
  .normalize_planes_##S = normalize_planes_##S,                                                \
  .normalize_planes_grad_##S = normalize_planes_grad_##S,                                      \
  .normalize_rows_##S = normalize_rows_##S, .normalize_rows_grad_##S = normalize_rows_grad_##S, \
  .local_response_##S = local_response_##S, .local_response_grad_##S = local_response_grad_##S,
#define LOSS_ENTRIES(S)                                                                            \
  .cross_entropy_##S = cross_entropy_##S, .cross_entropy_grad_##S = cross_entropy_grad_##S,        \
  .binary_cross_entropy_##S = binary_cross_entropy_##S,                                            \
  .binary_cross_entropy_grad_##S = binary_cross_entropy_grad_##S,                                  \
  .squared_error_##S = squared_error_##S, .scaled_difference_##S = scaled_difference_##S,          \
  .dropout_##S = dropout_##S, .dropout_grad_##S = dropout_grad_##S,
#define SPATIAL_ENTRIES(S)                                                                         \
  .patches_##S = patches_##S, .add_channels_##S = add_channels_##S, .depthwise_##S = depthwise_##S, \
  .depthwise_input_##S = depthwise_input_##S, .depthwise_weight_##S = depthwise_weight_##S,        \
  .window_maximum_##S = window_maximum_##S, .plane_scatter_##S = plane_scatter_##S,                \
  .plane_gather_##S = plane_gather_##S, .resample_##S = resample_##S,
#define OPTIMIZER_ENTRIES(S) .sgd_##S = sgd_##S, .adam_##S = adam_##S, .adaptive_##S = adaptive_##S,
#define WINOGRAD_ENTRIES                                                                           \
  .winograd_patches = winograd_patches, .winograd_gradients = winograd_gradients,                  \
  .winograd_pixels = winograd_pixels, .winograd_kernels = winograd_kernels,                        \
  .winograd_mirrored_kernels = winograd_mirrored_kernels,                                          \
  .winograd_kernel_gradients = winograd_kernel_gradients, .strided_patches = strided_patches,      \
  .strided_gradients = strided_gradients, .strided_pixels = strided_pixels,                        \
  .strided_mirrored_patches = strided_mirrored_patches,                                            \
  .strided_mirrored_pixels = strided_mirrored_pixels,                                              \
  .strided_flipped_patches = strided_flipped_patches, .strided_flipped_pixels = strided_flipped_pixels, \
  .strided_kernels = strided_kernels, .strided_mirrored_kernels = strided_mirrored_kernels,        \
  .strided_flipped_kernels = strided_flipped_kernels, .strided_kernel_gradients = strided_kernel_gradients,
#define DIRECT_ENTRIES                                                                             \
  .direct_pack = direct_pack, .direct_convolution = direct_convolution, .direct_swaps = direct_swaps, \
  .direct_weights = direct_weights, .direct_scatter_line = direct_scatter_line,                    \
  .direct_scatter = direct_scatter, .depthwise_convolution = depthwise_convolution,                \
  .depthwise_weights = depthwise_weights,
#define ATTENTION_ENTRIES(S)                                                                       \
  .attention_weights_##S = attention_weights_##S, .attention_gradients_##S = attention_gradients_##S,    \
  .scale_rows_##S = scale_rows_##S, .dot_rows_##S = dot_rows_##S,

const tern_kernel_table TERN_LEVEL = {
  ELEMENT_ENTRIES(f32) ELEMENT_ENTRIES(f64) ELEMENT_ENTRIES(i32)
  ELEMENT_ENTRIES(i64) ELEMENT_ENTRIES(u8) ELEMENT_ENTRIES(b8)
  NUMERIC_ENTRIES(f32) NUMERIC_ENTRIES(f64) NUMERIC_ENTRIES(i32) NUMERIC_ENTRIES(i64) NUMERIC_ENTRIES(u8)
  FLOATING_ENTRIES(f32) FLOATING_ENTRIES(f64)
  NORMALIZATION_ENTRIES(f32) NORMALIZATION_ENTRIES(f64)
  LOSS_ENTRIES(f32) LOSS_ENTRIES(f64)
  SPATIAL_ENTRIES(f32) SPATIAL_ENTRIES(f64)
  ATTENTION_ENTRIES(f32) ATTENTION_ENTRIES(f64)
  OPTIMIZER_ENTRIES(f32) OPTIMIZER_ENTRIES(f64)
  WINOGRAD_ENTRIES
  DIRECT_ENTRIES
  .store_nontemporal = store_nontemporal,
  .philox_block = philox_block, .merge_moments = merge_moments, .merge_sums = merge_sums,
  .total_f32 = total_reduce_f32, .total_i32 = total_i32, .total_u8 = total_u8, .total_b8 = total_b8,
  .max_pool = max_pool, .max_unpool = max_unpool,
};
