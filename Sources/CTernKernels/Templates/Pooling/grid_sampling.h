// Sums of weighted pixels at positions of a grid, the channels side by side. Term k of point i has indices[k·count + i] and
// weights[k·count + i]; what has no weight does not matter. Takes T and S.

typedef T FN(pixel_vector) __attribute__((ext_vector_type(TERN_VECTOR / sizeof(T)), aligned(sizeof(T)), may_alias));

// `vectors` vectors of channels of one point, whose sums stay in registers.
TERN_INLINE void FN(sample_tile)(const int vectors, ptrdiff_t count, ptrdiff_t terms, ptrdiff_t channels, T *out,
                                 const T *x, const int32_t *indices, const T *weights) {
  const ptrdiff_t lanes = TERN_VECTOR / sizeof(T);
  FN(pixel_vector) sum[4];
  for (int v = 0; v < vectors; v++) sum[v] = (FN(pixel_vector))(T)0;
  for (ptrdiff_t k = 0; k < terms; k++) {
    const T weight = weights[k * count], *from = x + indices[k * count] * channels;
    if (weight == 0) continue;
    for (int v = 0; v < vectors; v++)
      sum[v] += (FN(pixel_vector))weight * *(const FN(pixel_vector) *)(from + v * lanes);
  }
  for (int v = 0; v < vectors; v++) *(FN(pixel_vector) *)(out + v * lanes) = sum[v];
}

// out[i, c] = Σₖ weightₖ(i) · x[indexₖ(i), c]
static void FN(sample_pixels)(ptrdiff_t count, ptrdiff_t terms, ptrdiff_t channels, T *out, const T *x,
                              const int32_t *indices, const T *weights) {
  const ptrdiff_t lanes = TERN_VECTOR / sizeof(T);
  for (ptrdiff_t i = 0; i < count; i++, out += channels) {
    ptrdiff_t c = 0;
    for (; c + 4 * lanes <= channels; c += 4 * lanes)
      FN(sample_tile)(4, count, terms, channels, out + c, x + c, indices + i, weights + i);
    for (; c + 2 * lanes <= channels; c += 2 * lanes)
      FN(sample_tile)(2, count, terms, channels, out + c, x + c, indices + i, weights + i);
    for (; c + lanes <= channels; c += lanes)
      FN(sample_tile)(1, count, terms, channels, out + c, x + c, indices + i, weights + i);
    for (; c < channels; c++) {
      T sum = 0;
      for (ptrdiff_t k = 0; k < terms; k++) {
        const T weight = weights[k * count + i];
        if (weight != 0) sum += weight * x[indices[k * count + i] * channels + c];
      }
      out[c] = sum;
    }
  }
}

// out[indexₖ(i), c] += weightₖ(i) · g[i, c], of `lanes` channels; pixels are `step` elements apart.
static void FN(spread_pixels)(ptrdiff_t count, ptrdiff_t terms, ptrdiff_t lanes, ptrdiff_t step, T *out, const T *g,
                              const int32_t *indices, const T *weights) {
  for (ptrdiff_t i = 0; i < count; i++, g += step)
    for (ptrdiff_t k = 0; k < terms; k++) {
      const T weight = weights[k * count + i];
      if (weight == 0) continue;
      T *to = out + indices[k * count + i] * step;
      TERN_LOOP for (ptrdiff_t c = 0; c < lanes; c++) to[c] += weight * g[c];
    }
}

// sums[k, i] += Σ_c g[i · gStep + c] · x[indexₖ(i) · xStep + c]
static void FN(pixel_products)(ptrdiff_t count, ptrdiff_t terms, ptrdiff_t channels, T *sums, const T *g,
                               ptrdiff_t gStep, const T *x, ptrdiff_t xStep, const int32_t *indices) {
  enum { lanes = TERN_VECTOR / sizeof(T) };
  for (ptrdiff_t i = 0; i < count; i++, g += gStep)
    for (ptrdiff_t k = 0; k < terms; k++) {
      const T *from = x + indices[k * count + i] * xStep;
      FN(pixel_vector) parts = (FN(pixel_vector))(T)0;
      ptrdiff_t c = 0;
      for (; c + lanes <= channels; c += lanes)
        parts += *(const FN(pixel_vector) *)(g + c) * *(const FN(pixel_vector) *)(from + c);
      T sum = 0;
      for (; c < channels; c++) sum += g[c] * from[c];
      for (int half = lanes / 2; half > 0; half /= 2)
        for (int lane = 0; lane < half; lane++) parts[lane] += parts[lane + half];
      sums[k * count + i] += sum + parts[0];
    }
}
