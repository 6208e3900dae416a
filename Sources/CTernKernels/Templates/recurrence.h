// Linear recurrences and the derivatives of softmax over [outer, n, inner] along the middle axis. Takes T and S.

// Columns are taken in strips whose state stays in the L1 cache.
#define STRIP 128

// out[r] = b[r] + a[r] * out[r - 1], or out[r + 1] from the end; a Float's chain runs in Double.
static void FN(recurrence)(ptrdiff_t outer, ptrdiff_t n, ptrdiff_t inner, T *out, const T *a, const T *b,
                           bool reversed) {
  double state[STRIP];
  for (ptrdiff_t o = 0; o < outer; o++) {
    for (ptrdiff_t c = 0; c < inner; c += STRIP) {
      const ptrdiff_t width = TERN_MIN(STRIP, inner - c);
      for (ptrdiff_t i = 0; i < n; i++) {
        const ptrdiff_t at = (o * n + (reversed ? n - 1 - i : i)) * inner + c;
        if (i == 0) {
          for (ptrdiff_t j = 0; j < width; j++) state[j] = (double)b[at + j];
        } else {
          TERN_LOOP for (ptrdiff_t j = 0; j < width; j++)
            state[j] = (double)b[at + j] + (double)a[at + j] * state[j];
        }
        TERN_LOOP for (ptrdiff_t j = 0; j < width; j++) out[at + j] = (T)state[j];
      }
    }
  }
}

// out = y * (g - sum of g * y)
static void FN(softmax_grad)(ptrdiff_t outer, ptrdiff_t n, ptrdiff_t inner, T *out, const T *g, const T *y) {
  enum { block = 256 };
  for (ptrdiff_t o = 0; o < outer; o++, out += n * inner, g += n * inner, y += n * inner) {
    if (inner == 1) {
      T products[block];
      double total = 0;
      for (ptrdiff_t i = 0; i < n; i += block) {
        const ptrdiff_t count = TERN_MIN(block, n - i);
        TERN_LOOP for (ptrdiff_t j = 0; j < count; j++) products[j] = g[i + j] * y[i + j];
        total += (double)FN(sum_block)(count, products);
      }
      const T sum = (T)total;
      TERN_LOOP for (ptrdiff_t i = 0; i < n; i++) out[i] = y[i] * (g[i] - sum);
      continue;
    }
    for (ptrdiff_t c = 0; c < inner; c += STRIP) {
      const ptrdiff_t width = TERN_MIN(STRIP, inner - c);
      double sums[STRIP];
      for (ptrdiff_t j = 0; j < width; j++) sums[j] = 0;
      for (ptrdiff_t r = 0; r < n; r++) {
        const T *gr = g + r * inner + c, *yr = y + r * inner + c;
        TERN_LOOP for (ptrdiff_t j = 0; j < width; j++) sums[j] += (double)gr[j] * (double)yr[j];
      }
      for (ptrdiff_t r = 0; r < n; r++) {
        const ptrdiff_t at = r * inner + c;
        TERN_LOOP for (ptrdiff_t j = 0; j < width; j++) out[at + j] = y[at + j] * (g[at + j] - (T)sums[j]);
      }
    }
  }
}

// out = g - e^y * sum of g
static void FN(log_softmax_grad)(ptrdiff_t outer, ptrdiff_t n, ptrdiff_t inner, T *out, const T *g, const T *y) {
  for (ptrdiff_t o = 0; o < outer; o++, out += n * inner, g += n * inner, y += n * inner) {
    if (inner == 1) {
      const T sum = FN(sum_row)(n, g);
      TERN_LOOP for (ptrdiff_t i = 0; i < n; i++) out[i] = g[i] - FN(exp)(y[i]) * sum;
      continue;
    }
    for (ptrdiff_t c = 0; c < inner; c += STRIP) {
      const ptrdiff_t width = TERN_MIN(STRIP, inner - c);
      double sums[STRIP];
      for (ptrdiff_t j = 0; j < width; j++) sums[j] = 0;
      for (ptrdiff_t r = 0; r < n; r++) {
        const T *row = g + r * inner + c;
        TERN_LOOP for (ptrdiff_t j = 0; j < width; j++) sums[j] += (double)row[j];
      }
      for (ptrdiff_t r = 0; r < n; r++) {
        const ptrdiff_t at = r * inner + c;
        TERN_LOOP for (ptrdiff_t j = 0; j < width; j++) out[at + j] = g[at + j] - FN(exp)(y[at + j]) * (T)sums[j];
      }
    }
  }
}
#undef STRIP
