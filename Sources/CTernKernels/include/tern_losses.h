// The part of the table for losses and dropout; rows are [rows][n], what belongs to a row lies one after the other.
#ifndef TERN_LOSSES_H
#define TERN_LOSSES_H

#define TERN_LOSS_FUNCTIONS(T, S)                                                                  \
  TERN_FN(void, cross_entropy_##S)(ptrdiff_t rows, ptrdiff_t n, T *_Nonnull losses, T *_Nonnull largest, \
                                        T *_Nonnull inverses, const T *_Nonnull x,                 \
                                        const ptrdiff_t *_Nonnull labels, ptrdiff_t ignored);      \
  TERN_FN(void, cross_entropy_grad_##S)(ptrdiff_t rows, ptrdiff_t n, T *_Nonnull out, const T *_Nonnull x, \
                                        const T *_Nonnull largest, const T *_Nonnull inverses,     \
                                        const ptrdiff_t *_Nonnull labels, ptrdiff_t ignored,       \
                                        const T *_Nonnull scale, ptrdiff_t step, T factor);        \
  TERN_FN(double, binary_cross_entropy_##S)(ptrdiff_t n, const T *_Nonnull x, const T *_Nonnull y); \
  TERN_FN(void, binary_cross_entropy_grad_##S)(ptrdiff_t n, T *_Nonnull out, const T *_Nonnull x,  \
                                               const T *_Nonnull y, T scale);                      \
  TERN_FN(double, squared_error_##S)(ptrdiff_t n, const T *_Nonnull x, const T *_Nonnull y);       \
  TERN_FN(void, scaled_difference_##S)(ptrdiff_t n, T *_Nonnull out, const T *_Nonnull x, const T *_Nonnull y, \
                                       T scale);                                                   \
  TERN_FN(void, dropout_##S)(ptrdiff_t n, T *_Nonnull out, uint8_t *_Nonnull mask, const T *_Nonnull x, T scale, \
                             uint32_t bound, uint64_t seed, uint64_t stream, ptrdiff_t first);     \
  TERN_FN(void, dropout_grad_##S)(ptrdiff_t n, T *_Nonnull out, const uint8_t *_Nonnull mask, const T *_Nonnull g, \
                                  T scale);

#endif
