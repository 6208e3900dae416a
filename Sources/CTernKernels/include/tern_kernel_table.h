// The table of kernels: one for every level of the CPU, the right one picked when the library loads.
#ifndef TERN_KERNEL_TABLE_H
#define TERN_KERNEL_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tern_kernel_lists.h"

// Elements from one row to the next.
typedef struct __attribute__((swift_name("RowSteps"))) tern_row_steps {
  ptrdiff_t out, a, b;
} tern_row_steps;

// Rows with elements before and after them: what every row of the result is made of. Elements are `bytes` long; a plane of
// the result has `rows` rows, whose sources begin at `places` in the source's plane (in bytes) and are `plane` bytes apart from
// plane to plane; `length` elements from number `from` on stand between `before` and `after` others, the row's elements `edges`.
typedef struct __attribute__((swift_name("RowExtension"))) tern_extension {
  ptrdiff_t bytes, rows, plane, from, length, before, after;
  const ptrdiff_t *_Nonnull places, *_Nonnull edges;
} tern_extension;

// Lists of kernels: a line X(name, result, (parameters), (arguments)) declares the pointer `name` of the table and fills
// it with the template `name`. The parameters are the same for all scalar types: elements by `void *`, a scalar by its
// bits. The arguments are what the template gets, where T is the scalar type. Strides are in elements and may be 0 or
// negative; `out` may be an operand itself but must not overlap one in part.
#define TERN_FIELD(name, result, parameters, ...) result (*_Nonnull name) parameters;

// A scalar of any type, in the lowest bits.
typedef uint64_t tern_bits;
#define TERN_VALUE(scalar) ((union { tern_bits bits; T value; }){.bits = scalar}.value)

#define TERN_OUT void *_Nonnull out, ptrdiff_t so
#define TERN_IN(name, stride) const void *_Nonnull name, ptrdiff_t stride
// Memory read as [outer][n][inner]; the kernel works along the middle axis.
#define TERN_EXTENTS ptrdiff_t outer, ptrdiff_t n, ptrdiff_t inner

// Every scalar type has these.
#define TERN_ELEMENT_KERNELS(X)                                                                    \
  X(fill, void, (ptrdiff_t n, TERN_OUT, tern_bits value), (n, out, so, TERN_VALUE(value)))         \
  X(copy, void, (ptrdiff_t n, TERN_OUT, TERN_IN(x, sx)), (n, out, so, x, sx))                      \
  X(copy_2d, void,                                                                                 \
    (ptrdiff_t rows, ptrdiff_t columns, void *_Nonnull out, ptrdiff_t out_row, ptrdiff_t out_column, \
     const void *_Nonnull x, ptrdiff_t x_row, ptrdiff_t x_column),                                 \
    (rows, columns, out, out_row, out_column, x, x_row, x_column))                                 \
  X(compare, void,                                                                                 \
    (tern_comparison kernel, ptrdiff_t n, bool *_Nonnull out, ptrdiff_t so, TERN_IN(a, sa), TERN_IN(b, sb)), \
    (kernel, n, out, so, a, sa, b, sb))                                                            \
  X(predicate, void, (tern_predicate kernel, ptrdiff_t n, bool *_Nonnull out, ptrdiff_t so, TERN_IN(x, sx)), \
    (kernel, n, out, so, x, sx))                                                                   \
  X(select, void,                                                                                  \
    (ptrdiff_t n, TERN_OUT, const bool *_Nonnull condition, ptrdiff_t sc, TERN_IN(a, sa), TERN_IN(b, sb)), \
    (n, out, so, condition, sc, a, sa, b, sb))                                                     \
  X(convert, void, (tern_scalar target, ptrdiff_t n, TERN_OUT, TERN_IN(x, sx)), (target, n, out, so, x, sx)) \
  X(gather, void,                                                                                  \
    (ptrdiff_t n, void *_Nonnull out, TERN_IN(x, sx), ptrdiff_t inner, const ptrdiff_t *_Nonnull index), \
    (n, out, x, sx, inner, index))                                                                        \
  X(scatter, void, (ptrdiff_t n, TERN_OUT, const ptrdiff_t *_Nonnull index, const void *_Nonnull x), \
    (n, out, so, index, x))                                                                        \
  X(sort, void, (ptrdiff_t n, void *_Nonnull values, ptrdiff_t *_Nonnull indices, TERN_IN(x, sx), bool descending), \
    (n, values, indices, x, sx, descending))

// The types one can calculate with. Those that take a kernel answer whether the type has that kernel.
#define TERN_NUMERIC_KERNELS(X)                                                                    \
  X(unary, bool, (tern_unary kernel, ptrdiff_t n, TERN_OUT, TERN_IN(x, sx), tern_bits p0, tern_bits p1), \
    (kernel, n, out, so, x, sx, TERN_VALUE(p0), TERN_VALUE(p1)))                                   \
  X(unary_nontemporal, bool,                                                                            \
    (tern_unary kernel, ptrdiff_t n, void *_Nonnull out, TERN_IN(x, sx), tern_bits p0, tern_bits p1), \
    (kernel, n, out, x, sx, TERN_VALUE(p0), TERN_VALUE(p1)))                                       \
  X(binary, bool, (tern_binary kernel, ptrdiff_t n, TERN_OUT, TERN_IN(a, sa), TERN_IN(b, sb), tern_bits p0), \
    (kernel, n, out, so, a, sa, b, sb, TERN_VALUE(p0)))                                            \
  X(binary_nontemporal, bool,                                                                           \
    (tern_binary kernel, ptrdiff_t n, void *_Nonnull out, TERN_IN(a, sa), TERN_IN(b, sb), tern_bits p0), \
    (kernel, n, out, a, sa, b, sb, TERN_VALUE(p0)))                                                \
  X(binary_rows, bool,                                                                             \
    (tern_binary kernel, ptrdiff_t rows, ptrdiff_t n, tern_row_steps steps, TERN_OUT, TERN_IN(a, sa), TERN_IN(b, sb), \
     tern_bits p0),                                                                                \
    (kernel, rows, n, steps, out, so, a, sa, b, sb, TERN_VALUE(p0)))                               \
  X(reduce, bool, (tern_reduction kernel, TERN_EXTENTS, void *_Nonnull out, const void *_Nonnull x), \
    (kernel, outer, n, inner, out, x))                                                             \
  X(reduce_columns, bool,                                                                          \
    (tern_reduction kernel, ptrdiff_t n, ptrdiff_t columns, ptrdiff_t step, void *_Nonnull out, const void *_Nonnull x), \
    (kernel, n, columns, step, out, x))                                                            \
  X(arg_reduce, bool, (tern_reduction kernel, TERN_EXTENTS, ptrdiff_t *_Nonnull out, const void *_Nonnull x), \
    (kernel, outer, n, inner, out, x))                                                             \
  X(scan, bool,                                                                                    \
    (tern_reduction kernel, TERN_EXTENTS, void *_Nonnull out, ptrdiff_t *_Nullable indices, const void *_Nonnull x), \
    (kernel, outer, n, inner, out, indices, x))                                                    \
  TERN_SEARCH_KERNELS(X) TERN_SCATTER_KERNELS(X)

// The types whose sums and products are counted in 64 bits.
#define TERN_COUNTING_KERNELS(X)                                                                   \
  X(total, void, (bool multiplies, TERN_EXTENTS, ptrdiff_t *_Nonnull out, const void *_Nonnull x), \
    (multiplies, outer, n, inner, out, x))

// Rows of floating values, and draws; the sums of `total_reduce` are those of `reduce` before they are rounded.
#define TERN_ROW_KERNELS(X)                                                                        \
  X(total_reduce, void, (TERN_EXTENTS, double *_Nonnull out, const void *_Nonnull x), (outer, n, inner, out, x)) \
  X(nan_total_reduce, void, (TERN_EXTENTS, double *_Nonnull out, const void *_Nonnull x), (outer, n, inner, out, x)) \
  X(ternary, void,                                                                                 \
    (tern_ternary kernel, ptrdiff_t n, TERN_OUT, TERN_IN(a, sa), TERN_IN(b, sb), TERN_IN(c, sc), tern_bits p0, \
     tern_bits p1),                                                                                \
    (kernel, n, out, so, a, sa, b, sb, c, sc, TERN_VALUE(p0), TERN_VALUE(p1)))                     \
  X(frexp, void,                                                                                   \
    (ptrdiff_t n, TERN_OUT, int32_t *_Nonnull exponent, ptrdiff_t se, TERN_IN(x, sx)),             \
    (n, out, so, exponent, se, x, sx))                                                             \
  X(product_grad, void,                                                                            \
    (ptrdiff_t first, ptrdiff_t count, ptrdiff_t n, ptrdiff_t inner, void *_Nonnull out, const void *_Nonnull g, \
     const void *_Nonnull x, double *_Nonnull scratch),                                            \
    (first, count, n, inner, out, g, x, scratch))                                                       \
  X(moments, void, (TERN_EXTENTS, void *_Nonnull mean, void *_Nonnull m2, const void *_Nonnull x), \
    (outer, n, inner, mean, m2, x))                                                                \
  X(softmax, void, (TERN_EXTENTS, void *_Nonnull out, const void *_Nonnull x), (outer, n, inner, out, x)) \
  X(log_softmax, void, (TERN_EXTENTS, void *_Nonnull out, const void *_Nonnull x), (outer, n, inner, out, x)) \
  X(log_sum_exp, void, (TERN_EXTENTS, void *_Nonnull out, const void *_Nonnull x), (outer, n, inner, out, x)) \
  X(log_cumulative_sum_exp, void, (TERN_EXTENTS, void *_Nonnull out, const void *_Nonnull x), (outer, n, inner, out, x)) \
  X(recurrence, void,                                                                              \
    (TERN_EXTENTS, void *_Nonnull out, const void *_Nonnull a, const void *_Nonnull b, bool reversed), \
    (outer, n, inner, out, a, b, reversed))                                                        \
  X(softmax_grad, void, (TERN_EXTENTS, void *_Nonnull out, const void *_Nonnull g, const void *_Nonnull y), \
    (outer, n, inner, out, g, y))                                                                  \
  X(log_softmax_grad, void, (TERN_EXTENTS, void *_Nonnull out, const void *_Nonnull g, const void *_Nonnull y), \
    (outer, n, inner, out, g, y))                                                                  \
  X(uniform, void, (ptrdiff_t n, void *_Nonnull out, uint64_t seed, uint64_t stream, ptrdiff_t first), \
    (n, out, seed, stream, first))                                                                 \
  X(normal, void, (ptrdiff_t n, void *_Nonnull out, uint64_t seed, uint64_t stream, ptrdiff_t first), \
    (n, out, seed, stream, first))

// Kernels of no scalar type. Other threads see what `store_nontemporal` copies after
// tern_nontemporal_fence.
#define TERN_COMMON_KERNELS(X)                                                                     \
  X(philox_block, void, (uint64_t seed, uint64_t stream, uint64_t counter, uint32_t *_Nonnull words)) \
  X(philox_blocks, void,                                                                           \
    (ptrdiff_t n, uint64_t seed, uint64_t stream, uint64_t counter, uint32_t *_Nonnull words))     \
  X(store_nontemporal, void, (size_t bytes, void *_Nonnull target, const void *_Nonnull source))   \
  X(indices_inside, bool, (ptrdiff_t n, const ptrdiff_t *_Nonnull index, ptrdiff_t extent))        \
  X(extend_rows, void,                                                                             \
    (const tern_extension *_Nonnull extension, ptrdiff_t first, ptrdiff_t count, void *_Nonnull target, \
     const void *_Nonnull source))

// Kernels that round Floats to bfloat16: to the nearest as Float again, or up and down by chance.
#define TERN_BFLOAT16_KERNELS(X)                                                                   \
  X(round_to_bfloat16, void, (ptrdiff_t n, float *_Nonnull out, const float *_Nonnull x))          \
  X(round_stochastically, void,                                                                    \
    (ptrdiff_t n, uint16_t *_Nonnull out, const float *_Nonnull x, uint64_t seed, uint64_t stream, ptrdiff_t first))

#include "tern_attention.h"
#include "tern_direct.h"
#include "tern_distances.h"
#include "tern_fourier.h"
#include "tern_indexing.h"
#include "tern_losses.h"
#include "tern_max_pooling.h"
#include "tern_normalization.h"
#include "tern_optimizers.h"
#include "tern_recurrent.h"
#include "tern_small_matrices.h"
#include "tern_spatial.h"
#include "tern_special.h"
#include "tern_winograd.h"

#define TERN_FLOATING_KERNELS(X)                                                                   \
  TERN_ROW_KERNELS(X) TERN_ATTENTION_KERNELS(X) TERN_NORMALIZATION_KERNELS(X) TERN_LOSS_KERNELS(X) \
  TERN_FOURIER_KERNELS(X) TERN_SPATIAL_KERNELS(X) TERN_OPTIMIZER_KERNELS(X) TERN_SMALL_MATRIX_KERNELS(X) \
  TERN_DISTANCE_KERNELS(X) TERN_RECURRENT_KERNELS(X) TERN_SPECIAL_KERNELS(X) TERN_BAG_KERNELS(X) \
  TERN_SAMPLING_KERNELS(X)

// Kernels of one type, or of none: a line X(name, result, (parameters)).
#define TERN_SINGLE_KERNELS(X)                                                                     \
  TERN_WINOGRAD_KERNELS(X) TERN_DIRECT_KERNELS(X) TERN_MERGE_KERNELS(X) TERN_MAX_POOLING_KERNELS(X) TERN_COMMON_KERNELS(X) \
  TERN_ALIGNMENT_KERNELS(X)

typedef struct { TERN_ELEMENT_KERNELS(TERN_FIELD) } tern_element_kernels;
typedef struct { TERN_NUMERIC_KERNELS(TERN_FIELD) } tern_numeric_kernels;
typedef struct { TERN_COUNTING_KERNELS(TERN_FIELD) } tern_counting_kernels;
typedef struct { TERN_FLOATING_KERNELS(TERN_FIELD) } tern_floating_kernels;

// The kernels of the scalar types, in the order of tern_scalar.
typedef struct tern_kernel_table {
  tern_element_kernels element[6];
  tern_numeric_kernels numeric[5];
  tern_counting_kernels counting[4];
  tern_floating_kernels floating[2];
  TERN_SINGLE_KERNELS(TERN_FIELD)
  tern_element_kernels bfloat16;
  TERN_BFLOAT16_KERNELS(TERN_FIELD)
} tern_kernel_table;

extern const tern_kernel_table *_Nonnull tern_current_kernels;

// The kernels of the level in use.
static inline const tern_kernel_table *_Nonnull tern_kernels(void) {
  return __atomic_load_n(&tern_current_kernels, __ATOMIC_RELAXED);
}

// The kernels of a scalar type, at the level in use.
static inline const tern_element_kernels *_Nonnull tern_element(tern_scalar scalar) {
  return scalar == tern_scalar_bfloat16 ? &tern_kernels()->bfloat16 : &tern_kernels()->element[scalar];
}
static inline const tern_numeric_kernels *_Nonnull tern_numeric(tern_scalar scalar) {
  return &tern_kernels()->numeric[scalar];
}
static inline const tern_counting_kernels *_Nonnull tern_counting(tern_scalar scalar) {
  return &tern_kernels()->counting[scalar - tern_scalar_int32];
}
static inline const tern_floating_kernels *_Nonnull tern_floating(tern_scalar scalar) {
  return &tern_kernels()->floating[scalar];
}

// Orders a thread's non-temporal stores before its later writes.
static inline void tern_nontemporal_fence(void) {
#if defined(__x86_64__)
  __builtin_ia32_sfence();
#endif
}

// Asks for memory that is read soon; what lies beyond an allocation does no harm.
static inline void tern_prefetch(const void *_Nonnull memory, size_t bytes) {
  for (size_t i = 0; i < bytes; i += 64) __builtin_prefetch((const char *)memory + i, 0, 3);
}

// Levels of the CPU: 0 baseline, 1 AVX2 (x86-64-v3), 2 AVX-512 (x86-64-v4).
int32_t tern_cpu_level(void);
int32_t tern_cpu_supported_level(void);
// Uses another level from now on, at most the one supported.
void tern_cpu_select_level(int32_t level);

// Whether the C side was compiled with the address sanitizer.
bool tern_sanitizer_active(void);

#endif
