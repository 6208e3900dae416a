// Everything a floating type has. Takes T, S and LM.

#define U T
#define FLOATING
#define IS_NAN(v) ((v) != (v))
#define IS_INFINITE(v) (LM(fabs)(v) == (T)INFINITY)
#define SIGN_BIT(v) (FN(bits)(v) >> (8 * sizeof(T) - 1))
#define LOWEST (-(T)INFINITY)
#define HIGHEST ((T)INFINITY)

// Conversions to integers truncate and saturate; nan gives 0.
static inline int32_t FN(to_i32)(T v) {
  return v >= (T)2147483648.0 ? INT32_MAX : v < (T)-2147483648.0 ? INT32_MIN : v != v ? 0 : (int32_t)v;
}
static inline ptrdiff_t FN(to_i64)(T v) {
  return v >= (T)9223372036854775808.0   ? PTRDIFF_MAX
         : v < (T)-9223372036854775808.0 ? PTRDIFF_MIN
         : v != v                        ? 0
                                         : (ptrdiff_t)v;
}
static inline uint8_t FN(to_u8)(T v) { return v > 0 ? (v >= 255 ? 255 : (uint8_t)(int32_t)v) : 0; }
#define TO_I32(v) FN(to_i32)(v)
#define TO_I64(v) FN(to_i64)(v)
#define TO_U8(v) FN(to_u8)(v)

#include "Elementwise/elements.h"
#include "Elementwise/unary_floating.h"
#include "Elementwise/binary_floating.h"
#include "Elementwise/rows.h"
#include "Elementwise/ternary_floating.h"
#include "Elementwise/Special/special.h"
#include "Elementwise/nontemporal_elementwise.h"
#include "Reductions/reductions.h"
#define A double
#include "Reductions/scan.h"
#undef A
#include "Indexing/search.h"
#include "Indexing/scatter.h"
#include "Indexing/bags.h"
#include "Losses/losses.h"
#include "Reductions/softmax.h"
#include "Attention/attention.h"
#include "Reductions/moments.h"
#include "Reductions/products.h"
#include "Normalization/channel_moments.h"
#include "Normalization/channel_coefficients.h"
#include "Normalization/normalization.h"
#include "Normalization/row_normalization.h"
#include "Normalization/plane_normalization.h"
#include "Normalization/local_response.h"
#include "Optimizers/optimizers.h"
#include "Recurrence/recurrence.h"
#include "Recurrence/few_rows.h"
#include "Recurrence/recurrent_steps.h"
#include "Fourier/fourier.h"
#include "LinearAlgebra/small_matrices.h"
#include "Products/distances.h"
#include "Pooling/grid_sampling.h"

#undef T
#undef S
#undef U
#undef LM
#undef DIVISION_LIMIT
#undef FLOATING
#undef IS_NAN
#undef IS_INFINITE
#undef SIGN_BIT
#undef LOWEST
#undef HIGHEST
#undef TO_I32
#undef TO_I64
#undef TO_U8
