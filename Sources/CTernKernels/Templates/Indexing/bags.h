// Sums of rows of a table. Takes T and S.

typedef T FN(bag_vector) __attribute__((ext_vector_type(TERN_VECTOR / sizeof(T)), aligned(sizeof(T)), may_alias));

// `vectors` vectors of features of one bag, whose sums stay in registers. What has no weight does not matter.
TERN_INLINE void FN(bag_tile)(
    const int vectors, ptrdiff_t first, ptrdiff_t end, const ptrdiff_t *entries, const ptrdiff_t *places,
    const T *factors, T divisor, ptrdiff_t features, T *out, const T *x) {
  const ptrdiff_t lanes = TERN_VECTOR / sizeof(T);
  FN(bag_vector) sum[4];
  for (int v = 0; v < vectors; v++) sum[v] = (FN(bag_vector))(T)0;
  for (ptrdiff_t k = first; k < end; k++) {
    const T *row = x + entries[k] * features, factor = factors ? factors[places ? places[k] : k] : 1;
    if (factors && factor == 0) continue;
    for (int v = 0; v < vectors; v++) {
      const FN(bag_vector) value = *(const FN(bag_vector) *)(row + v * lanes);
      sum[v] += factors ? (FN(bag_vector))factor * value : value;
    }
  }
  for (int v = 0; v < vectors; v++)
    *(FN(bag_vector) *)(out + v * lanes) = divisor > 1 ? sum[v] / (FN(bag_vector))divisor : sum[v];
}

TERN_INLINE void FN(bag_row)(
    ptrdiff_t first, ptrdiff_t end, const ptrdiff_t *entries, const ptrdiff_t *places, const T *factors, T divisor,
    ptrdiff_t features, T *out, const T *x) {
  const ptrdiff_t lanes = TERN_VECTOR / sizeof(T);
  ptrdiff_t j = 0;
  for (; j + 4 * lanes <= features; j += 4 * lanes)
    FN(bag_tile)(4, first, end, entries, places, factors, divisor, features, out + j, x + j);
  for (; j + lanes <= features; j += lanes)
    FN(bag_tile)(1, first, end, entries, places, factors, divisor, features, out + j, x + j);
  for (; j < features; j++) {
    T sum = 0;
    for (ptrdiff_t k = first; k < end; k++) {
      const T factor = factors ? factors[places ? places[k] : k] : 1, value = x[entries[k] * features + j];
      if (factor != 0) sum += factor * value;
    }
    out[j] = divisor > 1 ? sum / divisor : sum;
  }
}

// out[b] = the sum of the rows entries[k] of x, k = starts[b] ..< starts[b + 1], times factors[places[k]] or, without places, factors[k] where there are
// factors, or their mean.
static void FN(bag_sums)(
    ptrdiff_t bags, const ptrdiff_t *starts, const ptrdiff_t *entries, const ptrdiff_t *places, const T *factors,
    bool isMean, ptrdiff_t features, T *out, const T *x) {
  for (ptrdiff_t b = 0; b < bags; b++, out += features) {
    const ptrdiff_t first = starts[b], end = starts[b + 1];
    const T divisor = isMean ? (T)(end - first) : 1;
    if (factors) FN(bag_row)(first, end, entries, places, factors, divisor, features, out, x);
    else FN(bag_row)(first, end, entries, places, 0, divisor, features, out, x);
  }
}
