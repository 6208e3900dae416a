// Values reduced with what is at the places that indices name. Takes T, S, U, the type that
// sums wrap in, and IS_NAN.

// Stores have no condition: which value counts is not to be guessed.
#define SCATTER(EXPR)                                                                              \
  for (ptrdiff_t i = 0; i < n; i++) {                                                              \
    T *place = out + index[i] * so + i * inner;                                                    \
    const T v = *place, w = x[i];                                                                  \
    *place = EXPR;                                                                                 \
  }                                                                                                \
  return true;

// out[index[i] · so + i · inner] = kernel(out[…], x[i]), in order; the first NaN stays where there is one.
static bool FN(scatter_reduce)(tern_reduction kernel, ptrdiff_t n, T *out, ptrdiff_t so, ptrdiff_t inner,
                               const ptrdiff_t *index, const T *x) {
  switch (kernel) {
    case tern_reduction_sum:
      if (so == 1 && inner == 0) {
        for (ptrdiff_t i = 0; i < n; i++) out[index[i]] = (T)((U)out[index[i]] + (U)x[i]);
        return true;
      }
      SCATTER((T)((U)v + (U)w))
    case tern_reduction_product: SCATTER((T)((U)v * (U)w))
    case tern_reduction_maximum: SCATTER(((w > v) | IS_NAN(w)) ? w : v)
    case tern_reduction_minimum: SCATTER(((w < v) | IS_NAN(w)) ? w : v)
    default: return false;
  }
}
#undef SCATTER
