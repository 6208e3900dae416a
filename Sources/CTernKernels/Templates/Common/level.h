// All kernels for one level of the CPU, and their table, which is called TERN_LEVEL. TERN_VECTOR is the width of the
// level's registers in bytes.

#include "Common/bfloat16.h"
#include "Elementwise/math_f32.h"
#include "Elementwise/math_f64.h"
#include "Elementwise/Special/steady.h"
#include "Elementwise/Special/error_functions.h"
#include "Elementwise/Special/gamma_functions.h"
#include "Elementwise/Special/incomplete_gamma.h"
#include "Elementwise/Special/bessel_functions.h"
#include "Elementwise/Special/waves_powers.h"
#include "Elementwise/Special/short_functions.h"
#pragma clang fp contract(on)
#include "Elementwise/error_f64.h"
#include "Elementwise/power_f64.h"
#include "Elementwise/hyperbolic_f64.h"
#include "Elementwise/trigonometric_f64.h"
#include "Elementwise/math_short.h"
#include "Elementwise/powers.h"
#include "Common/nontemporal_stores.h"

#define NAME transpose_4_quads
#define V uint32_t
#define SIDE 4
#define INTERLEAVE_LOW(a, b) __builtin_shufflevector(a, b, 0, 4, 1, 5)
#define INTERLEAVE_HIGH(a, b) __builtin_shufflevector(a, b, 2, 6, 3, 7)
#include "Common/transpose.h"

#define NAME transpose_4_halves
#define REMAINDER transpose_4_quads
#define V uint32_t
#define SIDE 8
#define INTERLEAVE_LOW(a, b) __builtin_shufflevector(a, b, 0, 8, 1, 9, 2, 10, 3, 11)
#define INTERLEAVE_HIGH(a, b) __builtin_shufflevector(a, b, 4, 12, 5, 13, 6, 14, 7, 15)
#include "Common/transpose.h"

#define NAME transpose_4
#define REMAINDER transpose_4_halves
#if TERN_VECTOR < 64
#define SPLIT
#endif
#define V uint32_t
#define SIDE 16
#define INTERLEAVE_LOW(a, b)                                                                       \
  __builtin_shufflevector(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23)
#define INTERLEAVE_HIGH(a, b)                                                                      \
  __builtin_shufflevector(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31)
#include "Common/transpose.h"

#define NAME transpose_8_halves
#define V uint64_t
#define SIDE 4
#define INTERLEAVE_LOW(a, b) __builtin_shufflevector(a, b, 0, 4, 1, 5)
#define INTERLEAVE_HIGH(a, b) __builtin_shufflevector(a, b, 2, 6, 3, 7)
#include "Common/transpose.h"

#define NAME transpose_8
#define REMAINDER transpose_8_halves
#define V uint64_t
#define SIDE 8
#define INTERLEAVE_LOW(a, b) __builtin_shufflevector(a, b, 0, 8, 1, 9, 2, 10, 3, 11)
#define INTERLEAVE_HIGH(a, b) __builtin_shufflevector(a, b, 4, 12, 5, 13, 6, 14, 7, 15)
#include "Common/transpose.h"

#include "Common/copy_rows.h"
#include "Indexing/bounds.h"
#define V uint32_t
#define W 4
#define LANES 8
#define EVENS(a, b) __builtin_shufflevector(a, b, 0, 2, 4, 6, 9, 11, 13, 15)
#define REVERSED(a) __builtin_shufflevector(a, a, 7, 6, 5, 4, 3, 2, 1, 0)
#define ZIPPED(a, b, low, high)                                                                    \
  low = __builtin_shufflevector(a, b, 0, 8, 1, 9, 2, 10, 3, 11),                                   \
  high = __builtin_shufflevector(a, b, 4, 12, 5, 13, 6, 14, 7, 15)
#include "Common/copy_steps.h"
#define V uint64_t
#define W 8
#define LANES 4
#define EVENS(a, b) __builtin_shufflevector(a, b, 0, 2, 5, 7)
#define REVERSED(a) __builtin_shufflevector(a, a, 3, 2, 1, 0)
#define ZIPPED(a, b, low, high)                                                                    \
  low = __builtin_shufflevector(a, b, 0, 4, 1, 5), high = __builtin_shufflevector(a, b, 2, 6, 3, 7)
#include "Common/copy_steps.h"

// Double first: Float's cumulative kernels calculate in it.
#define T double
#define S f64
#define I int64_t
#define EVENS(a, b) __builtin_shufflevector(a, b, 0, 2, 5, 7)
#include "Convolution/convolution.h"
#include "Pooling/window_rows.h"
#include "Pooling/window_sums.h"
#include "Pooling/pooling.h"
#include "Pooling/resampling.h"
#include "Pooling/box_windows.h"
#undef EVENS
#undef I
#define LM(name) name
#define DIVISION_LIMIT 0x1p52
#include "Common/floating.h"

#define T float
#define S f32
#define I int32_t
#define EVENS(a, b) __builtin_shufflevector(a, b, 0, 2, 4, 6, 9, 11, 13, 15)
#include "Convolution/convolution.h"
#include "Pooling/window_rows.h"
#include "Pooling/window_sums.h"
#include "Pooling/pooling.h"
#include "Pooling/resampling.h"
#include "Pooling/box_windows.h"
#undef EVENS
#undef I
#define LM(name) name##f
#define DIVISION_LIMIT 0x1p28f
#define PLAIN_SUMS
#include "Reductions/float_sums.h"
#include "Common/floating.h"
#undef PLAIN_SUMS

#include "Convolution/winograd_tiles.h"
#include "Convolution/winograd_transforms.h"
#include "Convolution/winograd.h"
#include "Convolution/winograd_strided.h"
#include "Convolution/direct_tile.h"
#include "Convolution/direct_convolution.h"
#include "Convolution/direct_rows.h"
#include "Convolution/direct_weights.h"
#include "Convolution/direct_scatter.h"
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
#include "Random/stochastic_rounding.h"
#include "Losses/alignments.h"
#include "Reductions/sorts.h"

#define IS_NAN(v) false
#define IS_INFINITE(v) false
#define SIGN_BIT(v) ((v) < 0)
#define TO_I32(v) v
#define TO_I64(v) v
#define TO_U8(v) v

#define T int32_t
#define S i32
#define U uint32_t
#define IS_SIGNED true
#define LOWEST INT32_MIN
#define HIGHEST INT32_MAX
#include "Common/integers.h"

#define T ptrdiff_t
#define S i64
#define U size_t
#define IS_SIGNED true
#define LOWEST PTRDIFF_MIN
#define HIGHEST PTRDIFF_MAX
#include "Common/integers.h"

#define T uint8_t
#define S u8
#define U uint8_t
#define IS_SIGNED false
#define LOWEST 0
#define HIGHEST UINT8_MAX
#include "Common/integers.h"

#define T bool
#define S b8
#include "Elementwise/elements.h"
#include "Reductions/totals.h"
#undef T
#undef S

#undef IS_NAN
#undef IS_INFINITE
#undef SIGN_BIT
#undef TO_I32
#undef TO_I64
#undef TO_U8

// What bfloat16 does is asked of its values as Float.
#define T uint16_t
#define S b16
#define WIDE(v) of_bfloat16(v)
#define TO_B16(v) v
#define IS_NAN(v) (((v) & 0x7FFF) > 0x7F80)
#define IS_INFINITE(v) (((v) & 0x7FFF) == 0x7F80)
#define SIGN_BIT(v) ((v) >> 15)
#define TO_I32(v) to_i32_f32(of_bfloat16(v))
#define TO_I64(v) to_i64_f32(of_bfloat16(v))
#define TO_U8(v) to_u8_f32(of_bfloat16(v))
#include "Elementwise/elements.h"
#undef IS_NAN
#undef IS_INFINITE
#undef SIGN_BIT
#undef TO_I32
#undef TO_I64
#undef TO_U8
#undef T
#undef S

#include "Common/table.h"
