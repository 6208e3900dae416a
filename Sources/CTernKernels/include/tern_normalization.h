// The part of the table that normalizes: blocks [outer][n][inner] whose rows lie `step` apart, coefficients [outer][inner],
// entries of channels [copies][channels][run].
#ifndef TERN_NORMALIZATION_H
#define TERN_NORMALIZATION_H

#define TERN_BLOCK ptrdiff_t outer, ptrdiff_t n, ptrdiff_t inner, ptrdiff_t step
#define TERN_PLANES ptrdiff_t channels, ptrdiff_t planes, ptrdiff_t length, ptrdiff_t step, ptrdiff_t total
#define TERN_ENTRIES ptrdiff_t copies, ptrdiff_t channels, ptrdiff_t run
#define TERN_CHANNEL_WINDOWS                                                                       \
  ptrdiff_t outer, ptrdiff_t channels, ptrdiff_t n, ptrdiff_t inner, ptrdiff_t before, ptrdiff_t after

#define TERN_NORMALIZATION_KERNELS(X)                                                              \
  X(block_moments, void, (TERN_BLOCK, double *_Nonnull mean, double *_Nonnull m2, const void *_Nonnull x), \
    (outer, n, inner, step, mean, m2, x))                                                          \
  X(product_sums, void,                                                                            \
    (TERN_BLOCK, double *_Nonnull sum, double *_Nonnull products, const void *_Nonnull g,          \
     const void *_Nonnull x, const void *_Nullable y, void *_Nullable masked, const void *_Nonnull center, \
     const void *_Nullable scale, const void *_Nullable shift),                                    \
    (outer, n, inner, step, sum, products, g, x, y, masked, center, scale, shift))                 \
  X(affine, void,                                                                                  \
    (TERN_BLOCK, void *_Nonnull out, const void *_Nonnull x, const void *_Nullable r,              \
     const void *_Nonnull center, const void *_Nonnull scale, const void *_Nonnull shift, bool appliesReLU, \
     bool nonTemporal),                                                                            \
    (outer, n, inner, step, out, x, r, center, scale, shift, appliesReLU, nonTemporal))            \
  X(affine_pair, void,                                                                             \
    (TERN_BLOCK, void *_Nonnull out, const void *_Nonnull g, const void *_Nonnull x,               \
     const void *_Nonnull center, const void *_Nonnull scale, const void *_Nonnull inputScale,     \
     const void *_Nonnull offset, const void *_Nullable relu_scale, const void *_Nullable relu_shift, \
     bool nonTemporal),                                                                            \
    (outer, n, inner, step, out, g, x, center, scale, inputScale, offset, relu_scale, relu_shift, nonTemporal)) \
  X(normalization_coefficients, void,                                                              \
    (TERN_ENTRIES, ptrdiff_t count, double epsilon, const double *_Nonnull mean, const double *_Nonnull m2, \
     const void *_Nullable gamma, const void *_Nullable beta, double *_Nonnull inverseDeviations,  \
     void *_Nonnull coefficients, void *_Nonnull means, void *_Nonnull variances),                 \
    (copies, channels, run, count, epsilon, mean, m2, gamma, beta, inverseDeviations, coefficients, means, \
     variances))                                                                                   \
  X(normalization_gradients, void,                                                                 \
    (TERN_ENTRIES, ptrdiff_t count, const void *_Nullable gamma, const double *_Nonnull inverseDeviations, \
     const double *_Nonnull sums, const double *_Nonnull products, void *_Nonnull coefficients,    \
     void *_Nonnull gamma_gradients, void *_Nonnull beta_gradients),                               \
    (copies, channels, run, count, gamma, inverseDeviations, sums, products, coefficients, gamma_gradients, \
     beta_gradients))                                                                              \
  X(affine_coefficients, void,                                                                     \
    (TERN_ENTRIES, const void *_Nullable center, const void *_Nullable scale, const void *_Nullable shift, \
     void *_Nonnull coefficients),                                                                 \
    (copies, channels, run, center, scale, shift, coefficients))                                   \
  X(track, void,                                                                                   \
    (ptrdiff_t n, void *_Nonnull running, const void *_Nonnull batch, tern_bits momentum, tern_bits factor), \
    (n, running, batch, TERN_VALUE(momentum), TERN_VALUE(factor)))                                 \
  X(normalize_planes, void,                                                                        \
    (TERN_PLANES, double epsilon, void *_Nonnull out, const void *_Nonnull x, const void *_Nullable r, \
     const void *_Nullable gamma, const void *_Nullable beta, double *_Nonnull inverseDeviations,  \
     void *_Nonnull coefficients, void *_Nonnull means, void *_Nonnull variances, bool appliesReLU, \
     bool nonTemporal),                                                                            \
    (channels, planes, length, step, total, epsilon, out, x, r, gamma, beta, inverseDeviations, coefficients, \
     means, variances, appliesReLU, nonTemporal))                                                  \
  X(normalize_planes_grad, void,                                                                   \
    (TERN_PLANES, void *_Nonnull out, const void *_Nonnull g, const void *_Nonnull x, const void *_Nullable y, \
     void *_Nullable masked, const void *_Nullable gamma, const double *_Nonnull inverseDeviations, \
     const void *_Nonnull coefficients, void *_Nonnull gamma_gradients, void *_Nonnull beta_gradients, \
     bool appliesReLU, bool nonTemporal),                                                          \
    (channels, planes, length, step, total, out, g, x, y, masked, gamma, inverseDeviations, coefficients, \
     gamma_gradients, beta_gradients, appliesReLU, nonTemporal))                                   \
  X(normalize_rows, void,                                                                          \
    (ptrdiff_t rows, ptrdiff_t n, double epsilon, bool centered, void *_Nonnull out, const void *_Nonnull x, \
     const void *_Nullable gamma, const void *_Nullable beta, void *_Nonnull centers, void *_Nonnull inverses, \
     void *_Nonnull offsets),                                                                      \
    (rows, n, epsilon, centered, out, x, gamma, beta, centers, inverses, offsets))                 \
  X(normalize_rows_grad, void,                                                                     \
    (ptrdiff_t rows, ptrdiff_t n, bool centered, void *_Nonnull out, const void *_Nonnull g,       \
     const void *_Nonnull x, const void *_Nullable gamma, const void *_Nonnull centers,            \
     const void *_Nonnull inverses, const void *_Nonnull offsets, void *_Nullable gamma_gradients, \
     void *_Nullable beta_gradients),                                                              \
    (rows, n, centered, out, g, x, gamma, centers, inverses, offsets, gamma_gradients, beta_gradients)) \
  X(local_response, void,                                                                          \
    (TERN_CHANNEL_WINDOWS, void *_Nonnull out, const void *_Nonnull x, tern_bits a, tern_bits k, tern_bits beta), \
    (outer, channels, n, inner, before, after, out, x, TERN_VALUE(a), TERN_VALUE(k), TERN_VALUE(beta))) \
  X(local_response_grad, void,                                                                     \
    (TERN_CHANNEL_WINDOWS, void *_Nonnull out, const void *_Nonnull g, const void *_Nonnull x, tern_bits a, \
     tern_bits k, tern_bits beta),                                                                 \
    (outer, channels, n, inner, before, after, out, g, x, TERN_VALUE(a), TERN_VALUE(k), TERN_VALUE(beta)))

// Partial results [parts][channels][run] to one a channel; parts from tail_part on, and runs from tail_run on, have
// `tail` values, the others `full`.
#define TERN_MERGE_KERNELS(X)                                                                      \
  X(merge_moments, void,                                                                           \
    (ptrdiff_t parts, ptrdiff_t channels, ptrdiff_t run, ptrdiff_t full, ptrdiff_t tail, ptrdiff_t tail_part, \
     ptrdiff_t tail_run, const double *_Nonnull means, const double *_Nonnull squares, double *_Nonnull mean, \
     double *_Nonnull m2))                                                                         \
  X(merge_sums, void,                                                                              \
    (ptrdiff_t parts, ptrdiff_t channels, ptrdiff_t run, const double *_Nonnull firsts,            \
     const double *_Nonnull seconds, double *_Nonnull first, double *_Nonnull second))

#endif
