// The part of the table for losses and dropout; rows are [rows][n], what belongs to a row lies one after the other.
#ifndef TERN_LOSSES_H
#define TERN_LOSSES_H

#define TERN_LOSS_KERNELS(X)                                                                       \
  X(cross_entropy, void,                                                                           \
    (ptrdiff_t rows, ptrdiff_t n, void *_Nonnull losses, void *_Nonnull largest, void *_Nonnull inverses, \
     const void *_Nonnull x, const ptrdiff_t *_Nonnull labels, ptrdiff_t ignored),                 \
    (rows, n, losses, largest, inverses, x, labels, ignored))                                      \
  X(cross_entropy_grad, void,                                                                      \
    (ptrdiff_t rows, ptrdiff_t n, void *_Nonnull out, const void *_Nonnull x, const void *_Nonnull largest, \
     const void *_Nonnull inverses, const ptrdiff_t *_Nonnull labels, ptrdiff_t ignored,           \
     const void *_Nonnull scale, ptrdiff_t step, tern_bits factor),                                \
    (rows, n, out, x, largest, inverses, labels, ignored, scale, step, TERN_VALUE(factor)))        \
  X(binary_cross_entropy, double, (ptrdiff_t n, const void *_Nonnull x, const void *_Nonnull y), (n, x, y)) \
  X(binary_cross_entropy_grad, void,                                                               \
    (ptrdiff_t n, void *_Nonnull out, const void *_Nonnull x, const void *_Nonnull y, tern_bits scale), \
    (n, out, x, y, TERN_VALUE(scale)))                                                             \
  X(pointwise_loss, double,                                                                        \
    (tern_loss loss, ptrdiff_t n, const void *_Nonnull x, const void *_Nonnull y, tern_bits p0, tern_bits p1), \
    (loss, n, x, y, TERN_VALUE(p0), TERN_VALUE(p1)))                                               \
  X(pointwise_loss_grad, void,                                                                     \
    (tern_loss loss, ptrdiff_t n, void *_Nonnull out, const void *_Nonnull x, const void *_Nonnull y, tern_bits p0, \
     tern_bits p1, tern_bits scale),                                                               \
    (loss, n, out, x, y, TERN_VALUE(p0), TERN_VALUE(p1), TERN_VALUE(scale)))                       \
  X(squared_error, double, (ptrdiff_t n, const void *_Nonnull x, const void *_Nonnull y), (n, x, y)) \
  X(scaled_difference, void,                                                                       \
    (ptrdiff_t n, void *_Nonnull out, const void *_Nonnull x, const void *_Nonnull y, tern_bits scale), \
    (n, out, x, y, TERN_VALUE(scale)))                                                             \
  X(dropout, void,                                                                                 \
    (ptrdiff_t n, void *_Nonnull out, uint8_t *_Nonnull mask, const void *_Nonnull x, tern_bits scale, \
     uint32_t bound, uint64_t seed, uint64_t stream, ptrdiff_t first),                             \
    (n, out, mask, x, TERN_VALUE(scale), bound, seed, stream, first))                              \
  X(dropout_grad, void,                                                                            \
    (ptrdiff_t n, void *_Nonnull out, const uint8_t *_Nonnull mask, const void *_Nonnull g, tern_bits scale), \
    (n, out, mask, g, TERN_VALUE(scale)))

#define TERN_ALIGNMENT_KERNELS(X)                                                                  \
  X(alignment_step, void,                                                                          \
    (ptrdiff_t n, double *_Nonnull out, double *_Nonnull sums, const double *_Nonnull before,      \
     const double *_Nonnull skips, const double *_Nonnull logs, const ptrdiff_t *_Nonnull states)) \
  X(alignment_posteriors, void,                                                                    \
    (ptrdiff_t n, double *_Nonnull out, const double *_Nonnull a, const double *_Nonnull b, double total, \
     const ptrdiff_t *_Nonnull states))

#endif
