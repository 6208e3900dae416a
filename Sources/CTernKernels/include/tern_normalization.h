// The part of the table that normalises: blocks [outer][n][inner] whose rows lie `step` apart, tables [outer][inner].
#ifndef TERN_NORMALIZATION_H
#define TERN_NORMALIZATION_H

#define TERN_BLOCK ptrdiff_t outer, ptrdiff_t n, ptrdiff_t inner, ptrdiff_t step

#define TERN_NORMALIZATION_FUNCTIONS(T, S)                                                         \
  TERN_FN(void, block_moments_##S)(TERN_BLOCK, double *_Nonnull mean, double *_Nonnull m2,         \
                                   const T *_Nonnull x);                                           \
  TERN_FN(void, product_sums_##S)(TERN_BLOCK, double *_Nonnull sum, double *_Nonnull products,     \
                                  const T *_Nonnull g, const T *_Nonnull x, const T *_Nonnull centre); \
  TERN_FN(void, affine_##S)(TERN_BLOCK, T *_Nonnull out, const T *_Nonnull x, const T *_Nonnull centre, \
                            const T *_Nonnull scale, const T *_Nonnull shift);                     \
  TERN_FN(void, affine_pair_##S)(TERN_BLOCK, T *_Nonnull out, const T *_Nonnull g, const T *_Nonnull x, \
                                 const T *_Nonnull centre, const T *_Nonnull scale,                \
                                 const T *_Nonnull slope, const T *_Nonnull shift);

#endif
