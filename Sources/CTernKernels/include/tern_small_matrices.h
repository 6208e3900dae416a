// The part of the table for batches of small matrices; infos and pivots are those of LAPACK.
#ifndef TERN_SMALL_MATRICES_H
#define TERN_SMALL_MATRICES_H

#define TERN_SMALL_MATRIX_KERNELS(X)                                                               \
  X(small_lu, void,                                                                                \
    (ptrdiff_t count, ptrdiff_t n, void *_Nonnull a, int32_t *_Nonnull pivots, int32_t *_Nonnull infos), \
    (count, n, a, pivots, infos))                                                                  \
  X(small_lu_solve, void,                                                                          \
    (ptrdiff_t count, ptrdiff_t n, ptrdiff_t k, const void *_Nonnull lu, const int32_t *_Nonnull pivots, \
     const ptrdiff_t *_Nonnull places, void *_Nonnull x, bool transposed),                         \
    (count, n, k, lu, pivots, places, x, transposed))                                              \
  X(small_inverse, void, (ptrdiff_t count, ptrdiff_t n, void *_Nonnull a, int32_t *_Nonnull infos), \
    (count, n, a, infos))                                                                          \
  X(small_cholesky, void,                                                                          \
    (ptrdiff_t count, ptrdiff_t n, void *_Nonnull a, bool is_lower, int32_t *_Nonnull infos),      \
    (count, n, a, is_lower, infos))                                                                \
  X(small_triangular, void,                                                                        \
    (ptrdiff_t count, ptrdiff_t n, ptrdiff_t k, const void *_Nonnull a, const ptrdiff_t *_Nonnull starts, \
     ptrdiff_t row, ptrdiff_t column, bool is_lower, bool is_unit, void *_Nonnull x),              \
    (count, n, k, a, starts, row, column, is_lower, is_unit, x))                                      \
  X(small_matmul, void,                                                                            \
    (ptrdiff_t count, ptrdiff_t m, ptrdiff_t n, ptrdiff_t k, void *_Nonnull out, const void *_Nonnull a, \
     const ptrdiff_t *_Nonnull a_starts, ptrdiff_t a_row, ptrdiff_t a_column, const void *_Nonnull b, \
     const ptrdiff_t *_Nonnull b_starts, ptrdiff_t b_row, ptrdiff_t b_column),                     \
    (count, m, n, k, out, a, a_starts, a_row, a_column, b, b_starts, b_row, b_column))

#endif
