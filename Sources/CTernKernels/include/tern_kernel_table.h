// The table of kernels: one for every level of the CPU, the right one picked when the library loads.
#ifndef TERN_KERNEL_TABLE_H
#define TERN_KERNEL_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tern_kernel_lists.h"

// A function pointer of the table. Strides are in elements and may be 0 or negative; `out` may be an operand
// itself but must not overlap one in part.
#define TERN_FN(result, name) result (*_Nonnull name)
#define TERN_OUT(T) T *_Nonnull out, ptrdiff_t so
#define TERN_IN(T, name, stride) const T *_Nonnull name, ptrdiff_t stride

// Elements from one row to the next.
typedef struct __attribute__((swift_name("RowSteps"))) tern_row_steps {
  ptrdiff_t out, a, b;
} tern_row_steps;

// Every scalar type has these.
#define TERN_ELEMENT_FUNCTIONS(T, S)                                                               \
  TERN_FN(void, fill_##S)(ptrdiff_t n, TERN_OUT(T), T value);                                      \
  TERN_FN(void, copy_##S)(ptrdiff_t n, TERN_OUT(T), TERN_IN(T, x, sx));                            \
  TERN_FN(void, copy_2d_##S)(ptrdiff_t rows, ptrdiff_t columns, T *_Nonnull out, ptrdiff_t or_,    \
                             ptrdiff_t oc, const T *_Nonnull x, ptrdiff_t xr, ptrdiff_t xc);       \
  TERN_FN(void, compare_##S)(tern_comparison kernel, ptrdiff_t n, TERN_OUT(bool), TERN_IN(T, a, sa), \
                             TERN_IN(T, b, sb));                                                   \
  TERN_FN(void, predicate_##S)(tern_predicate kernel, ptrdiff_t n, TERN_OUT(bool), TERN_IN(T, x, sx)); \
  TERN_FN(void, select_##S)(ptrdiff_t n, TERN_OUT(T), TERN_IN(bool, condition, sc),                \
                            TERN_IN(T, a, sa), TERN_IN(T, b, sb));                                 \
  TERN_FN(void, convert_##S)(tern_scalar target, ptrdiff_t n, TERN_OUT(void), TERN_IN(T, x, sx));  \
  TERN_FN(void, gather_##S)(ptrdiff_t n, T *_Nonnull out, TERN_IN(T, x, sx), const ptrdiff_t *_Nonnull index); \
  TERN_FN(void, scatter_##S)(ptrdiff_t n, TERN_OUT(T), const ptrdiff_t *_Nonnull index, const T *_Nonnull x); \
  TERN_FN(void, sort_##S)(ptrdiff_t n, T *_Nonnull values, ptrdiff_t *_Nonnull indices, TERN_IN(T, x, sx), \
                          bool descending);

// The types one can calculate with. Those that take a kernel answer whether the type has that kernel.
#define TERN_NUMERIC_FUNCTIONS(T, S)                                                               \
  TERN_FN(bool, unary_##S)(tern_unary kernel, ptrdiff_t n, TERN_OUT(T), TERN_IN(T, x, sx), T p0, T p1); \
  TERN_FN(bool, binary_##S)(tern_binary kernel, ptrdiff_t n, TERN_OUT(T), TERN_IN(T, a, sa),       \
                            TERN_IN(T, b, sb), T p0);                                              \
  TERN_FN(bool, reduce_##S)(tern_reduction kernel, ptrdiff_t outer, ptrdiff_t n, ptrdiff_t inner,  \
                            T *_Nonnull out, const T *_Nonnull x);                                 \
  TERN_FN(bool, arg_reduce_##S)(tern_reduction kernel, ptrdiff_t outer, ptrdiff_t n, ptrdiff_t inner, \
                                ptrdiff_t *_Nonnull out, const T *_Nonnull x);                     \
  TERN_FN(bool, scan_##S)(tern_reduction kernel, ptrdiff_t outer, ptrdiff_t n, ptrdiff_t inner,    \
                          T *_Nonnull out, ptrdiff_t *_Nullable indices, const T *_Nonnull x);     \
  TERN_FN(void, scatter_add_##S)(ptrdiff_t n, TERN_OUT(T), const ptrdiff_t *_Nonnull index, const T *_Nonnull x);

// Sums, or products, in 64 bits.
#define TERN_TOTAL_FUNCTION(T, S)                                                                  \
  TERN_FN(void, total_##S)(bool multiplies, ptrdiff_t outer, ptrdiff_t n, ptrdiff_t inner,         \
                           ptrdiff_t *_Nonnull out, const T *_Nonnull x);

#define TERN_ROWS(T) ptrdiff_t outer, ptrdiff_t n, ptrdiff_t inner, T *_Nonnull out, const T *_Nonnull x

#define TERN_FLOATING_FUNCTIONS(T, S)                                                              \
  TERN_FN(bool, unary_nontemporal_##S)(tern_unary kernel, ptrdiff_t n, T *_Nonnull out, TERN_IN(T, x, sx), T p0, T p1); \
  TERN_FN(bool, binary_nontemporal_##S)(tern_binary kernel, ptrdiff_t n, T *_Nonnull out, TERN_IN(T, a, sa), \
                                   TERN_IN(T, b, sb), T p0);                                       \
  TERN_FN(bool, binary_rows_##S)(tern_binary kernel, ptrdiff_t rows, ptrdiff_t n, tern_row_steps steps, TERN_OUT(T), \
                                 TERN_IN(T, a, sa), TERN_IN(T, b, sb), T p0);                      \
  TERN_FN(void, moments_##S)(ptrdiff_t outer, ptrdiff_t n, ptrdiff_t inner, T *_Nonnull mean,      \
                             T *_Nonnull m2, const T *_Nonnull x);                                 \
  TERN_FN(void, softmax_##S)(TERN_ROWS(T));                                                        \
  TERN_FN(void, log_softmax_##S)(TERN_ROWS(T));                                                    \
  TERN_FN(void, log_sum_exp_##S)(TERN_ROWS(T));                                                    \
  TERN_FN(void, log_cumulative_sum_exp_##S)(TERN_ROWS(T));                                         \
  TERN_FN(void, recurrence_##S)(ptrdiff_t outer, ptrdiff_t n, ptrdiff_t inner, T *_Nonnull out,    \
                                const T *_Nonnull a, const T *_Nonnull b, bool reversed);          \
  TERN_FN(void, softmax_grad_##S)(ptrdiff_t outer, ptrdiff_t n, ptrdiff_t inner, T *_Nonnull out,  \
                                  const T *_Nonnull g, const T *_Nonnull y);                       \
  TERN_FN(void, log_softmax_grad_##S)(ptrdiff_t outer, ptrdiff_t n, ptrdiff_t inner, T *_Nonnull out, \
                                      const T *_Nonnull g, const T *_Nonnull y);                   \
  TERN_FN(void, uniform_##S)(ptrdiff_t n, T *_Nonnull out, uint64_t seed, uint64_t stream, ptrdiff_t first); \
  TERN_FN(void, normal_##S)(ptrdiff_t n, T *_Nonnull out, uint64_t seed, uint64_t stream, ptrdiff_t first);

#include "tern_direct.h"
#include "tern_attention.h"
#include "tern_losses.h"
#include "tern_max_pooling.h"
#include "tern_normalization.h"
#include "tern_optimizers.h"
#include "tern_spatial.h"
#include "tern_winograd.h"

typedef struct tern_kernel_table {
  TERN_ELEMENT_FUNCTIONS(float, f32)
  TERN_ELEMENT_FUNCTIONS(double, f64)
  TERN_ELEMENT_FUNCTIONS(int32_t, i32)
  TERN_ELEMENT_FUNCTIONS(ptrdiff_t, i64)
  TERN_ELEMENT_FUNCTIONS(uint8_t, u8)
  TERN_ELEMENT_FUNCTIONS(bool, b8)
  TERN_NUMERIC_FUNCTIONS(float, f32)
  TERN_NUMERIC_FUNCTIONS(double, f64)
  TERN_NUMERIC_FUNCTIONS(int32_t, i32)
  TERN_NUMERIC_FUNCTIONS(ptrdiff_t, i64)
  TERN_NUMERIC_FUNCTIONS(uint8_t, u8)
  // Sums in Double, before they are rounded.
  TERN_FN(void, total_f32)(ptrdiff_t outer, ptrdiff_t n, ptrdiff_t inner, double *_Nonnull out, const float *_Nonnull x);
  TERN_TOTAL_FUNCTION(int32_t, i32)
  TERN_TOTAL_FUNCTION(uint8_t, u8)
  TERN_TOTAL_FUNCTION(bool, b8)
  TERN_FLOATING_FUNCTIONS(float, f32)
  TERN_FLOATING_FUNCTIONS(double, f64)
  TERN_ATTENTION_FUNCTIONS(float, f32)
  TERN_ATTENTION_FUNCTIONS(double, f64)
  TERN_NORMALIZATION_FUNCTIONS(float, f32)
  TERN_NORMALIZATION_FUNCTIONS(double, f64)
  TERN_LOSS_FUNCTIONS(float, f32)
  TERN_LOSS_FUNCTIONS(double, f64)
  TERN_SPATIAL_FUNCTIONS(float, f32)
  TERN_SPATIAL_FUNCTIONS(double, f64)
  TERN_OPTIMIZER_FUNCTIONS(float, f32)
  TERN_OPTIMIZER_FUNCTIONS(double, f64)
  TERN_WINOGRAD_FUNCTIONS
  TERN_DIRECT_FUNCTIONS
  TERN_MERGE_FUNCTIONS
  TERN_MAX_POOLING_FUNCTIONS
  TERN_FN(void, philox_block)(uint64_t seed, uint64_t stream, uint64_t counter, uint32_t *_Nonnull words);
  // Copies with non-temporal stores; other threads see the copy after tern_nontemporal_fence.
  TERN_FN(void, store_nontemporal)(size_t bytes, void *_Nonnull target, const void *_Nonnull source);
} tern_kernel_table;

extern const tern_kernel_table *_Nonnull tern_current_kernels;

// The kernels of the level in use.
static inline const tern_kernel_table *_Nonnull tern_kernels(void) {
  return __atomic_load_n(&tern_current_kernels, __ATOMIC_RELAXED);
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
