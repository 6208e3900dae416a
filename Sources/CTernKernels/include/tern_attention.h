// The part of the table that turns blocks of attention scores into weights and back. Blocks are [rows][columns] whose
// rows lie `step` apart; row r sees its first `visible` + r columns.
#ifndef TERN_ATTENTION_H
#define TERN_ATTENTION_H

#define TERN_ATTENTION_FUNCTIONS(T, S)                                                             \
  TERN_FN(void, attention_weights_##S)(ptrdiff_t rows, ptrdiff_t columns, ptrdiff_t step, ptrdiff_t visible, \
                                       T *_Nonnull scores, T *_Nonnull maximum, T *_Nonnull sum,   \
                                       T *_Nonnull factor);                                        \
  TERN_FN(void, attention_gradients_##S)(ptrdiff_t rows, ptrdiff_t columns, ptrdiff_t step, ptrdiff_t visible, \
                                      T *_Nonnull scores, T *_Nonnull gradients, const T *_Nonnull maximum, \
                                      const T *_Nonnull inverse, const T *_Nonnull dots);          \
  TERN_FN(void, scale_rows_##S)(ptrdiff_t rows, ptrdiff_t columns, ptrdiff_t step, T *_Nonnull x,  \
                                const T *_Nonnull factor);                                         \
  TERN_FN(void, dot_rows_##S)(ptrdiff_t rows, ptrdiff_t columns, T *_Nonnull out, const T *_Nonnull a, \
                              ptrdiff_t a_step, const T *_Nonnull b, ptrdiff_t b_step);

#endif
