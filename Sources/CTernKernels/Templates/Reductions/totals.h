// Sums and products of integers and of what is true, in 64 bits, which wrap: one pass over the values as they are.
// Takes T and S.

static size_t FN(total_row)(ptrdiff_t n, const T *x) {
  size_t total = 0;
  ptrdiff_t i = 0;
  if (sizeof(T) == 1) {
    // As many bytes at once as 32 bits can count.
    while (i < n) {
      const ptrdiff_t end = TERN_MIN(i + 65536, n);
      uint32_t part = 0;
      for (; i < end; i++) part += (uint32_t)x[i];
      total += part;
    }
  }
  for (; i < n; i++) total += (size_t)x[i];
  return total;
}

static size_t FN(total_product)(ptrdiff_t n, const T *x) {
  size_t total = 1;
  for (ptrdiff_t i = 0; i < n; i++) total *= (size_t)x[i];
  return total;
}

// Columns of [n, inner], in panels.
static void FN(total_columns)(bool multiplies, ptrdiff_t n, ptrdiff_t inner, ptrdiff_t *out, const T *x) {
  enum { panel = 512 };
  size_t totals[panel];
  for (ptrdiff_t c = 0; c < inner; c += panel) {
    const ptrdiff_t width = TERN_MIN(panel, inner - c);
    for (ptrdiff_t j = 0; j < width; j++) totals[j] = multiplies;
    for (ptrdiff_t r = 0; r < n; r++) {
      const T *row = x + r * inner + c;
      if (multiplies) {
        TERN_LOOP for (ptrdiff_t j = 0; j < width; j++) totals[j] *= (size_t)row[j];
      } else {
        TERN_LOOP for (ptrdiff_t j = 0; j < width; j++) totals[j] += (size_t)row[j];
      }
    }
    for (ptrdiff_t j = 0; j < width; j++) out[c + j] = (ptrdiff_t)totals[j];
  }
}

static void FN(total)(bool multiplies, ptrdiff_t outer, ptrdiff_t n, ptrdiff_t inner, ptrdiff_t *out, const T *x) {
  for (ptrdiff_t o = 0; o < outer; o++) {
    const T *block = x + o * n * inner;
    if (inner != 1) FN(total_columns)(multiplies, n, inner, out + o * inner, block);
    else out[o] = (ptrdiff_t)(multiplies ? FN(total_product)(n, block) : FN(total_row)(n, block));
  }
}
