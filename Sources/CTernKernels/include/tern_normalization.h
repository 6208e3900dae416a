// The part of the table that normalizes: blocks [outer][n][inner] whose rows lie `step` apart, coefficients [outer][inner],
// entries of channels [copies][channels][run].
#ifndef TERN_NORMALIZATION_H
#define TERN_NORMALIZATION_H

#define TERN_BLOCK ptrdiff_t outer, ptrdiff_t n, ptrdiff_t inner, ptrdiff_t step
#define TERN_PLANES ptrdiff_t channels, ptrdiff_t planes, ptrdiff_t length, ptrdiff_t step, ptrdiff_t total
#define TERN_ENTRIES ptrdiff_t copies, ptrdiff_t channels, ptrdiff_t run
#define TERN_CHANNEL_WINDOWS                                                                       \
  ptrdiff_t outer, ptrdiff_t channels, ptrdiff_t n, ptrdiff_t inner, ptrdiff_t before, ptrdiff_t after

#define TERN_NORMALIZATION_FUNCTIONS(T, S)                                                         \
  TERN_FN(void, block_moments_##S)(TERN_BLOCK, double *_Nonnull mean, double *_Nonnull m2,         \
                                   const T *_Nonnull x);                                           \
  TERN_FN(void, product_sums_##S)(TERN_BLOCK, double *_Nonnull sum, double *_Nonnull products,     \
                                  const T *_Nonnull g, const T *_Nonnull x, const T *_Nullable y,  \
                                  T *_Nullable masked, const T *_Nonnull center,                   \
                                  const T *_Nullable scale, const T *_Nullable shift);             \
  TERN_FN(void, affine_##S)(TERN_BLOCK, T *_Nonnull out, const T *_Nonnull x, const T *_Nullable r, \
                            const T *_Nonnull center, const T *_Nonnull scale, const T *_Nonnull shift, \
                            bool appliesReLU, bool nonTemporal);                                            \
  TERN_FN(void, affine_pair_##S)(TERN_BLOCK, T *_Nonnull out, const T *_Nonnull g, const T *_Nonnull x, \
                                 const T *_Nonnull center, const T *_Nonnull scale,                \
                                 const T *_Nonnull inputScale, const T *_Nonnull offset,                  \
                                 const T *_Nullable relu_scale, const T *_Nullable relu_shift, bool nonTemporal); \
  TERN_FN(void, normalization_coefficients_##S)(TERN_ENTRIES, ptrdiff_t count, double epsilon,                \
                                     const double *_Nonnull mean, const double *_Nonnull m2,       \
                                     const T *_Nullable gamma, const T *_Nullable beta,            \
                                     double *_Nonnull inverseDeviations, T *_Nonnull coefficients, T *_Nonnull means, \
                                     T *_Nonnull variances);                                       \
  TERN_FN(void, normalization_gradients_##S)(TERN_ENTRIES, ptrdiff_t count, const T *_Nullable gamma,      \
                                     const double *_Nonnull inverseDeviations, const double *_Nonnull sums,  \
                                     const double *_Nonnull products, T *_Nonnull coefficients,          \
                                     T *_Nonnull gamma_gradients, T *_Nonnull beta_gradients);           \
  TERN_FN(void, affine_coefficients_##S)(TERN_ENTRIES, const T *_Nullable center, const T *_Nullable scale, \
                                   const T *_Nullable shift, T *_Nonnull coefficients);                  \
  TERN_FN(void, track_##S)(ptrdiff_t n, T *_Nonnull running, const T *_Nonnull batch, T momentum, T factor); \
  TERN_FN(void, normalize_planes_##S)(TERN_PLANES, double epsilon, T *_Nonnull out, const T *_Nonnull x, \
                                        const T *_Nullable r, const T *_Nullable gamma, const T *_Nullable beta, \
                                        double *_Nonnull inverseDeviations, T *_Nonnull coefficients, T *_Nonnull means, \
                                        T *_Nonnull variances, bool appliesReLU, bool nonTemporal);         \
  TERN_FN(void, normalize_planes_grad_##S)(TERN_PLANES, T *_Nonnull out, const T *_Nonnull g, const T *_Nonnull x, \
                                             const T *_Nullable y, T *_Nullable masked, const T *_Nullable gamma, \
                                             const double *_Nonnull inverseDeviations, const T *_Nonnull coefficients, \
                                             T *_Nonnull gamma_gradients, T *_Nonnull beta_gradients, bool appliesReLU, \
                                             bool nonTemporal);                                      \
  TERN_FN(void, normalize_rows_##S)(ptrdiff_t rows, ptrdiff_t n, double epsilon, bool centered, T *_Nonnull out, \
                                      const T *_Nonnull x, const T *_Nullable gamma, const T *_Nullable beta, \
                                      T *_Nonnull centers, T *_Nonnull inverses, T *_Nonnull offsets); \
  TERN_FN(void, normalize_rows_grad_##S)(ptrdiff_t rows, ptrdiff_t n, bool centered, T *_Nonnull out, \
                                           const T *_Nonnull g, const T *_Nonnull x, const T *_Nullable gamma, \
                                           const T *_Nonnull centers, const T *_Nonnull inverses, \
                                           const T *_Nonnull offsets, T *_Nullable gamma_gradients, \
                                           T *_Nullable beta_gradients);                              \
  TERN_FN(void, local_response_##S)(TERN_CHANNEL_WINDOWS, T *_Nonnull out, const T *_Nonnull x, T a, T k, T beta); \
  TERN_FN(void, local_response_grad_##S)(TERN_CHANNEL_WINDOWS, T *_Nonnull out, const T *_Nonnull g, \
                                         const T *_Nonnull x, T a, T k, T beta);

// Partial results [parts][channels][run] to one a channel; parts from tail_part on, and runs from tail_run on, have
// `tail` values, the others `full`.
#define TERN_MERGE_FUNCTIONS                                                                       \
  TERN_FN(void, merge_moments)(ptrdiff_t parts, ptrdiff_t channels, ptrdiff_t run, ptrdiff_t full, ptrdiff_t tail, \
                               ptrdiff_t tail_part, ptrdiff_t tail_run, const double *_Nonnull means, \
                               const double *_Nonnull squares, double *_Nonnull mean, double *_Nonnull m2); \
  TERN_FN(void, merge_sums)(ptrdiff_t parts, ptrdiff_t channels, ptrdiff_t run, const double *_Nonnull firsts, \
                            const double *_Nonnull seconds, double *_Nonnull first, double *_Nonnull second);

#endif
