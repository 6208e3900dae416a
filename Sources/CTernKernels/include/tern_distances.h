// The part of the table for distances; vectors are row-major, the order of the norm is 1, 2, or 0 for ∞.
#ifndef TERN_DISTANCES_H
#define TERN_DISTANCES_H

#define TERN_DISTANCE_KERNELS(X)                                                                   \
  X(distances, void,                                                                               \
    (int32_t order, ptrdiff_t n, ptrdiff_t m, ptrdiff_t features, void *_Nonnull out, const void *_Nonnull a, \
     const void *_Nonnull b),                                                                      \
    (order, n, m, features, out, a, b))                                                            \
  X(distances_grad, void,                                                                          \
    (int32_t order, ptrdiff_t n, ptrdiff_t m, ptrdiff_t features, void *_Nonnull out, const void *_Nonnull a, \
     const void *_Nonnull b, const void *_Nonnull w, ptrdiff_t w_row, ptrdiff_t w_column),         \
    (order, n, m, features, out, a, b, w, w_row, w_column))                                        \
  X(distances_grad_most, void,                                                                     \
    (ptrdiff_t n, ptrdiff_t m, ptrdiff_t features, void *_Nonnull out, const void *_Nonnull a,     \
     const void *_Nonnull b, const void *_Nonnull w, ptrdiff_t w_row, ptrdiff_t w_column,          \
     const void *_Nonnull y, ptrdiff_t y_row, ptrdiff_t y_column),                                 \
    (n, m, features, out, a, b, w, w_row, w_column, y, y_row, y_column))

#endif
