// The part of the table that turns blocks of attention scores into weights and back. Blocks are [rows][columns] whose
// rows lie `step` apart; row r sees its first `visible` + r columns.
#ifndef TERN_ATTENTION_H
#define TERN_ATTENTION_H

#define TERN_ATTENTION_KERNELS(X)                                                                  \
  X(attention_weights, void,                                                                       \
    (ptrdiff_t rows, ptrdiff_t columns, ptrdiff_t step, ptrdiff_t visible, void *_Nonnull scores,  \
     void *_Nonnull maximum, void *_Nonnull sum, void *_Nonnull factor),                           \
    (rows, columns, step, visible, scores, maximum, sum, factor))                                  \
  X(attention_gradients, void,                                                                     \
    (ptrdiff_t rows, ptrdiff_t columns, ptrdiff_t step, ptrdiff_t visible, void *_Nonnull scores,  \
     void *_Nonnull gradients, const void *_Nonnull maximum, const void *_Nonnull inverse,         \
     const void *_Nonnull dots),                                                                   \
    (rows, columns, step, visible, scores, gradients, maximum, inverse, dots))                     \
  X(scale_rows, void,                                                                              \
    (ptrdiff_t rows, ptrdiff_t columns, ptrdiff_t step, void *_Nonnull x, const void *_Nonnull factor), \
    (rows, columns, step, x, factor))                                                              \
  X(dot_rows, void,                                                                                \
    (ptrdiff_t rows, ptrdiff_t columns, void *_Nonnull out, const void *_Nonnull a, ptrdiff_t a_step, \
     const void *_Nonnull b, ptrdiff_t b_step),                                                    \
    (rows, columns, out, a, a_step, b, b_step))

#endif
