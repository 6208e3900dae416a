// Normalization of channels whose values fit the cache, in one visit each: the planes of a channel, of `length` values, lie
// `step` apart, its neighbor's `length` after them. `total` channels have numbers [2][total] and tables [3][total].
// Takes T and S.

static void FN(standardize_planes)(
    ptrdiff_t channels, ptrdiff_t planes, ptrdiff_t length, ptrdiff_t step, ptrdiff_t total, double epsilon, T *out,
    const T *x, const T *r, const T *gamma, const T *beta, double *numbers, T *tables, T *means, T *variances, bool relu,
    bool streaming) {
  for (ptrdiff_t c = 0; c < channels; c++) {
    const ptrdiff_t at = c * length;
    double mean = 0, m2 = 0;
    for (ptrdiff_t p = 0; p < planes; p++) {
      double m, q;
      FN(shifted_row_moments)(length, x + at + p * step, &m, &q);
      const double share = 1 / (double)(p + 1), delta = m - mean;
      mean += delta * share;
      m2 += q + delta * delta * ((double)p * share * (double)length);
    }
    T *center = tables + c, *scale = center + total, *shift = scale + total;
    FN(standard_numbers)(mean, m2, (double)planes * (double)length, epsilon, gamma ? (double)gamma[c] : 1,
                         beta ? (double)beta[c] : 0, numbers + c, numbers + total + c, center, scale, shift, means + c,
                         variances + c);
    for (ptrdiff_t p = 0; p < planes; p++) {
      const ptrdiff_t first = at + p * step;
      FN(affine_unfenced)(1, length, 1, 1, out + first, x + first, r ? r + first : NULL, center, scale, shift, relu,
                          streaming);
    }
  }
  if (streaming) tern_stream_end();
}

// The derivative: `cut` where a ReLU follows on the normalized value, y where one follows on something else, whose
// passed gradients `passed` takes.
static void FN(standardize_planes_grad)(
    ptrdiff_t channels, ptrdiff_t planes, ptrdiff_t length, ptrdiff_t step, ptrdiff_t total, T *out, const T *g,
    const T *x, const T *y, T *passed, const T *gamma, const double *numbers, const T *tables, T *gammaSlopes,
    T *betaSlopes, bool cut, bool streaming) {
  for (ptrdiff_t c = 0; c < channels; c++) {
    const ptrdiff_t at = c * length;
    const T *center = tables + c, *scale = cut ? center + total : NULL, *shift = cut ? scale + total : NULL;
    double sum = 0, products = 0;
    for (ptrdiff_t p = 0; p < planes; p++) {
      const ptrdiff_t first = at + p * step;
      double s, q;
      FN(product_sums)(1, length, 1, 1, &s, &q, g + first, x + first, y ? y + first : NULL, y ? passed + first : NULL,
                       center, scale, shift);
      sum += s;
      products += q;
    }
    T factor, slope, offset;
    FN(slope_numbers)(gamma ? (double)gamma[c] : 1, numbers[c], numbers[total + c], sum, products,
                      (double)planes * (double)length, &factor, &slope, &offset, gammaSlopes + c, betaSlopes + c);
    for (ptrdiff_t p = 0; p < planes; p++) {
      const ptrdiff_t first = at + p * step;
      FN(affine_pair_unfenced)(1, length, 1, 1, out + first, y ? passed + first : g + first, x + first, center, &factor,
                               &slope, &offset, scale, shift, streaming);
    }
  }
  if (streaming) tern_stream_end();
}
