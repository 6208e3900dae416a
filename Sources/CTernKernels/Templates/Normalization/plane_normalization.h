// Normalization of channels whose values fit the cache, in one visit each: the planes of a channel, of `length` values, lie
// `step` apart, its neighbor's `length` after them. `total` channels have inverse deviations [2][total] and coefficients [3][total].
// Takes T and S.

static void FN(normalize_planes)(
    ptrdiff_t channels, ptrdiff_t planes, ptrdiff_t length, ptrdiff_t step, ptrdiff_t total, double epsilon, T *out,
    const T *x, const T *r, const T *gamma, const T *beta, double *inverseDeviations, T *coefficients, T *means, T *variances, bool appliesReLU,
    bool nonTemporal) {
  for (ptrdiff_t c = 0; c < channels; c++) {
    const ptrdiff_t at = c * length;
    double mean = 0, m2 = 0;
    for (ptrdiff_t p = 0; p < planes; p++) {
      double m, q;
      FN(shifted_row_moments)(length, x + at + p * step, &m, &q);
      const double fraction = 1 / (double)(p + 1), delta = m - mean;
      mean += delta * fraction;
      m2 += q + delta * delta * ((double)p * fraction * (double)length);
    }
    T *center = coefficients + c, *scale = center + total, *shift = scale + total;
    FN(channel_coefficients)(mean, m2, (double)planes * (double)length, epsilon, gamma ? (double)gamma[c] : 1,
                         beta ? (double)beta[c] : 0, inverseDeviations + c, inverseDeviations + total + c, center, scale, shift, means + c,
                         variances + c);
    for (ptrdiff_t p = 0; p < planes; p++) {
      const ptrdiff_t first = at + p * step;
      FN(affine_unfenced)(1, length, 1, 1, out + first, x + first, r ? r + first : NULL, center, scale, shift, appliesReLU,
                          nonTemporal);
    }
  }
  if (nonTemporal) tern_nontemporal_fence();
}

// The derivative. `appliesReLU`: a ReLU follows on the normalized value. `y`: the result of a ReLU that follows on a sum with
// another operand; `masked` receives the gradient where that ReLU passes it.
static void FN(normalize_planes_grad)(
    ptrdiff_t channels, ptrdiff_t planes, ptrdiff_t length, ptrdiff_t step, ptrdiff_t total, T *out, const T *g,
    const T *x, const T *y, T *masked, const T *gamma, const double *inverseDeviations, const T *coefficients, T *gammaGradients,
    T *betaGradients, bool appliesReLU, bool nonTemporal) {
  for (ptrdiff_t c = 0; c < channels; c++) {
    const ptrdiff_t at = c * length;
    const T *center = coefficients + c, *scale = appliesReLU ? center + total : NULL, *shift = appliesReLU ? scale + total : NULL;
    double sum = 0, products = 0;
    for (ptrdiff_t p = 0; p < planes; p++) {
      const ptrdiff_t first = at + p * step;
      double s, q;
      FN(product_sums)(1, length, 1, 1, &s, &q, g + first, x + first, y ? y + first : NULL, y ? masked + first : NULL,
                       center, scale, shift);
      sum += s;
      products += q;
    }
    T factor, inputScale, offset;
    FN(channel_gradients)(gamma ? (double)gamma[c] : 1, inverseDeviations[c], inverseDeviations[total + c], sum, products,
                      (double)planes * (double)length, &factor, &inputScale, &offset, gammaGradients + c, betaGradients + c);
    for (ptrdiff_t p = 0; p < planes; p++) {
      const ptrdiff_t first = at + p * step;
      FN(affine_pair_unfenced)(1, length, 1, 1, out + first, y ? masked + first : g + first, x + first, center, &factor,
                               &inputScale, &offset, scale, shift, nonTemporal);
    }
  }
  if (nonTemporal) tern_nontemporal_fence();
}
