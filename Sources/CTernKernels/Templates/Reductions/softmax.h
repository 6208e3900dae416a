// Softmax and its like over [outer, n, inner] along the middle axis. Takes T and S.

#define LARGER(v, best) ((((v) > (best)) | ((v) != (v))) ? (v) : (best))
// Columns are processed in panels whose state stays in the L1 cache.
#define PANEL 128

static void FN(column_maxima)(ptrdiff_t n, ptrdiff_t inner, ptrdiff_t width, const T *x, T *largest) {
  for (ptrdiff_t j = 0; j < width; j++) largest[j] = -(T)INFINITY;
  for (ptrdiff_t r = 0; r < n; r++) {
    const T *row = x + r * inner;
    TERN_LOOP for (ptrdiff_t j = 0; j < width; j++) {
      const T v = row[j], b = largest[j];
      largest[j] = LARGER(v, b);
    }
  }
}

// sums[j] = Σ e^(x - shift[j]) of a panel of columns, in Double from block of rows to block; keeps the exponentials in
// `kept` unless that is NULL.
static void FN(column_sums_exp)(ptrdiff_t n, ptrdiff_t inner, ptrdiff_t width, const T *x, const T *shift, double *sums,
                                T *kept) {
  enum { block = 32 };
  T part[PANEL];
  for (ptrdiff_t j = 0; j < width; j++) sums[j] = 0;
  for (ptrdiff_t r0 = 0; r0 < n; r0 += block) {
    const ptrdiff_t end = TERN_MIN(r0 + block, n);
    for (ptrdiff_t j = 0; j < width; j++) part[j] = 0;
    for (ptrdiff_t r = r0; r < end; r++) {
      const T *row = x + r * inner;
      if (kept) {
        T *result = kept + r * inner;
        TERN_LOOP for (ptrdiff_t j = 0; j < width; j++) {
          const T e = FN(exp_plain)(row[j] - shift[j]);
          result[j] = e;
          part[j] += e;
        }
      } else {
        TERN_LOOP for (ptrdiff_t j = 0; j < width; j++) part[j] += FN(exp_plain)(row[j] - shift[j]);
      }
    }
    TERN_LOOP for (ptrdiff_t j = 0; j < width; j++) sums[j] += (double)part[j];
  }
}

#ifdef PLAIN_SUMS
// The logarithm of a sum, rounded to Float.
TERN_INLINE float log_of_sum_f32(double sum) { return (float)log_f64(sum); }
static void turn_rows_f32(ptrdiff_t rows, ptrdiff_t columns, float *out, ptrdiff_t outRow, const float *x,
                          ptrdiff_t xColumn) {
  transpose_4(rows, columns, (void *)out, outRow, (const void *)x, xColumn);
}
#else
static double FN(log_of_sum)(double sum) { return log(sum); }
static void FN(turn_rows)(ptrdiff_t rows, ptrdiff_t columns, T *out, ptrdiff_t outRow, const T *x, ptrdiff_t xColumn) {
  transpose_8(rows, columns, (void *)out, outRow, (const void *)x, xColumn);
}
#endif

// Not inlined: a loop of a known length is unrolled before it is vectorized.
static __attribute__((noinline)) void FN(logs_of_sums)(ptrdiff_t n, T *out, const T *sums) {
  TERN_LOOP for (ptrdiff_t i = 0; i < n; i++) out[i] = (T)FN(log_of_sum)((double)sums[i]);
}

// Short rows side by side, one a lane, as cross entropy takes them; every sum is added up as `row_exp_sum` does. Subtracts
// the logarithm of the sum for `logarithm`, else divides by the sum.
static void FN(short_softmax)(ptrdiff_t n, T *out, const T *x, const bool logarithm) {
  enum { lanes = FN(loss_lanes) };
  typedef FN(loss_vector) vector;
  T block[FN(short_row) * lanes], e[FN(short_row) * lanes], sum[lanes];
  vector *const values = (vector *)block, *const terms = (vector *)e;
  FN(turn_rows)(n, lanes, block, lanes, x, n);
  vector most = (vector)(-(T)INFINITY);
  for (ptrdiff_t i = 0; i < n; i++) most = LARGER(values[i], most);
  for (ptrdiff_t i = 0; i < n; i++) values[i] -= most;
  TERN_LOOP for (ptrdiff_t i = 0; i < n * lanes; i++) e[i] = FN(exp_plain)(block[i]);
  // Of the row's vectors every second one adds up apart, then its lanes in halves.
  const ptrdiff_t whole = FN(filled_up)(n);
  for (ptrdiff_t i = n; i < whole; i++) terms[i] = 0;
  vector part[lanes];
  for (ptrdiff_t i = 0; i < lanes; i++) {
    part[i] = terms[i];
    if (whole > 2 * lanes) part[i] += terms[i + 2 * lanes];
    if (whole > lanes) {
      vector other = terms[i + lanes];
      if (whole > 3 * lanes) other += terms[i + 3 * lanes];
      part[i] += other;
    }
  }
  for (int width = lanes / 2; width > 0; width /= 2)
    for (int i = 0; i < width; i++) part[i] += part[i + width];
  if (logarithm) {
    FN(logs_of_sums)(lanes, sum, (const T *)part);
    for (ptrdiff_t i = 0; i < n; i++) values[i] -= *(const vector *)sum;
  } else {
    for (int l = 0; l < lanes; l++) sum[l] = (T)(1 / (double)part[0][l]);
    for (ptrdiff_t i = 0; i < n; i++) values[i] = terms[i] * *(const vector *)sum;
  }
  FN(turn_rows)(lanes, n, out, n, block, lanes);
}

// How many of the rows are taken so.
static ptrdiff_t FN(short_rows_softmax)(ptrdiff_t rows, ptrdiff_t n, T *out, const T *x, const bool logarithm) {
  if (n < 1 || n > FN(short_row)) return 0;
  ptrdiff_t r = 0;
  for (; r + FN(loss_lanes) <= rows; r += FN(loss_lanes)) FN(short_softmax)(n, out + r * n, x + r * n, logarithm);
  return r;
}

static void FN(softmax)(ptrdiff_t outer, ptrdiff_t n, ptrdiff_t inner, T *out, const T *x) {
  if (inner == 1) {
    const ptrdiff_t done = FN(short_rows_softmax)(outer, n, out, x, false);
    outer -= done, out += done * n, x += done * n;
  }
  for (ptrdiff_t o = 0; o < outer; o++, x += n * inner, out += n * inner) {
    if (inner == 1) {
      const T scale = (T)(1 / FN(row_exp_sum)(n, x, FN(row_largest)(n, x), out));
      TERN_LOOP for (ptrdiff_t i = 0; i < n; i++) out[i] = out[i] * scale;
      continue;
    }
    for (ptrdiff_t c = 0; c < inner; c += PANEL) {
      const ptrdiff_t width = TERN_MIN(PANEL, inner - c);
      T largest[PANEL], scale[PANEL];
      double sums[PANEL];
      FN(column_maxima)(n, inner, width, x + c, largest);
      FN(column_sums_exp)(n, inner, width, x + c, largest, sums, out + c);
      for (ptrdiff_t j = 0; j < width; j++) scale[j] = (T)(1 / sums[j]);
      for (ptrdiff_t r = 0; r < n; r++) {
        T *result = out + r * inner + c;
        TERN_LOOP for (ptrdiff_t j = 0; j < width; j++) result[j] = result[j] * scale[j];
      }
    }
  }
}

static void FN(log_softmax)(ptrdiff_t outer, ptrdiff_t n, ptrdiff_t inner, T *out, const T *x) {
  if (inner == 1) {
    const ptrdiff_t done = FN(short_rows_softmax)(outer, n, out, x, true);
    outer -= done, out += done * n, x += done * n;
  }
  for (ptrdiff_t o = 0; o < outer; o++, x += n * inner, out += n * inner) {
    if (inner == 1) {
      const T largest = FN(row_largest)(n, x);
      const T logSum = (T)FN(log_of_sum)(FN(row_exp_sum)(n, x, largest, NULL));
      TERN_LOOP for (ptrdiff_t i = 0; i < n; i++) out[i] = (x[i] - largest) - logSum;
      continue;
    }
    for (ptrdiff_t c = 0; c < inner; c += PANEL) {
      const ptrdiff_t width = TERN_MIN(PANEL, inner - c);
      T largest[PANEL], logSum[PANEL];
      double sums[PANEL];
      FN(column_maxima)(n, inner, width, x + c, largest);
      FN(column_sums_exp)(n, inner, width, x + c, largest, sums, NULL);
      for (ptrdiff_t j = 0; j < width; j++) logSum[j] = (T)FN(log_of_sum)(sums[j]);
      for (ptrdiff_t r = 0; r < n; r++) {
        const T *row = x + r * inner + c;
        T *result = out + r * inner + c;
        TERN_LOOP for (ptrdiff_t j = 0; j < width; j++) result[j] = (row[j] - largest[j]) - logSum[j];
      }
    }
  }
}

// An infinite maximum is no shift: ln Σ e^x is then -inf or +inf by itself.
static void FN(log_sum_exp)(ptrdiff_t outer, ptrdiff_t n, ptrdiff_t inner, T *out, const T *x) {
  for (ptrdiff_t o = 0; o < outer; o++, x += n * inner, out += inner) {
    if (inner == 1) {
      const T largest = FN(row_largest)(n, x);
      const T shift = IS_INFINITE(largest) ? 0 : largest;
      out[0] = (T)(log(FN(row_exp_sum)(n, x, shift, NULL)) + (double)shift);
      continue;
    }
    for (ptrdiff_t c = 0; c < inner; c += PANEL) {
      const ptrdiff_t width = TERN_MIN(PANEL, inner - c);
      T shift[PANEL];
      double sums[PANEL];
      FN(column_maxima)(n, inner, width, x + c, shift);
      for (ptrdiff_t j = 0; j < width; j++) shift[j] = IS_INFINITE(shift[j]) ? 0 : shift[j];
      FN(column_sums_exp)(n, inner, width, x + c, shift, sums, NULL);
      for (ptrdiff_t j = 0; j < width; j++) out[c + j] = (T)(log(sums[j]) + (double)shift[j]);
    }
  }
}

// Columns go on side by side, and so do rows: one addition waits for the one before.
static void FN(log_cumulative_sum_exp)(ptrdiff_t outer, ptrdiff_t n, ptrdiff_t inner, T *out, const T *x) {
  enum { group = 8 };
  double totals[PANEL], terms[group];
  for (ptrdiff_t o = 0; inner == 1 && o < outer; o += group, x += group * n, out += group * n) {
    const ptrdiff_t count = TERN_MIN((ptrdiff_t)group, outer - o);
    for (ptrdiff_t j = 0; j < group; j++) totals[j] = -INFINITY, terms[j] = 0;
    for (ptrdiff_t r = 0; r < n; r++) {
      for (ptrdiff_t j = 0; j < count; j++) terms[j] = (double)x[j * n + r];
      TERN_LOOP for (ptrdiff_t j = 0; j < group; j++) totals[j] = log_add_exp_f64(totals[j], terms[j]);
      for (ptrdiff_t j = 0; j < count; j++) out[j * n + r] = (T)totals[j];
    }
  }
  for (ptrdiff_t o = 0; inner > 1 && o < outer; o++, x += n * inner, out += n * inner) {
    for (ptrdiff_t c = 0; c < inner; c += PANEL) {
      const ptrdiff_t width = TERN_MIN(PANEL, inner - c);
      for (ptrdiff_t j = 0; j < width; j++) totals[j] = -INFINITY;
      for (ptrdiff_t r = 0; r < n; r++) {
        const T *row = x + r * inner + c;
        T *result = out + r * inner + c;
        TERN_LOOP for (ptrdiff_t j = 0; j < width; j++) {
          totals[j] = log_add_exp_f64(totals[j], (double)row[j]);
          result[j] = (T)totals[j];
        }
      }
    }
  }
}
#undef LARGER
#undef PANEL
