// One pass over data that may come from far: the deviations are from the mean of a block's first values, which are a
// sixteenth of it or more, so that at most a factor of 16 cancels. Blocks are merged in Double. Takes T and S.

// Columns of a panel: their sums stay in the L1 cache.
enum { FN(column_panel) = 4096 / sizeof(T) };

// Whether squares have left the range of T on the way, or may have.
static inline bool FN(is_lost)(T squares) {
  return sizeof(T) < sizeof(double) && !(squares >= (T)1e-30 && squares <= (T)3e38);
}

// Mean and Σ(x - mean)² of values that lie `step` apart, in Double.
static void FN(wide_moments)(ptrdiff_t n, ptrdiff_t step, const T *x, double *mean, double *m2) {
  double sum = 0, squares = 0;
  for (ptrdiff_t i = 0; i < n; i++) sum += (double)x[i * step];
  sum /= (double)n;
  for (ptrdiff_t i = 0; i < n; i++) {
    const double d = (double)x[i * step] - sum;
    squares += d * d;
  }
  *mean = sum;
  *m2 = squares;
}

static void FN(shifted_row_moments)(ptrdiff_t n, const T *x, double *mean, double *m2) {
  enum { block = 1024, head = 64 };
  double average = 0, total = 0;
  for (ptrdiff_t i = 0; i < n; i += block) {
    const ptrdiff_t count = TERN_MIN(block, n - i), first = TERN_MIN(head, count);
    const T center = (T)((double)FN(sum_block)(first, x + i) / (double)first);
    T s, q;
    FN(deviations)(count, x + i, center, &s, &q);
    const double m = (double)count, correction = (double)s / m;
    double mean_here = (double)center + correction, m2_here = (double)q - (double)s * correction;
    // Of equal values, which are as many as any, nothing is lost.
    if (FN(is_lost)(q) && memcmp(x + i, x + i + 1, (size_t)(count - 1) * sizeof(T)) != 0)
      FN(wide_moments)(count, 1, x + i, &mean_here, &m2_here);
    const double delta = mean_here - average;
    average += delta * (m / (double)(i + count));
    total += m2_here + delta * delta * ((double)i * m / (double)(i + count));
  }
  *mean = n > 0 ? average : NAN;
  *m2 = total;
}

// The same for columns of n rows that lie `step` apart, at most column_panel of them.
static void FN(shifted_panel_moments)(
    ptrdiff_t n, ptrdiff_t step, ptrdiff_t width, const T *x, double *average, double *total) {
  enum { rows = 256, head = 16 };
  T center[FN(column_panel)], sum[FN(column_panel)], squares[FN(column_panel)];
  for (ptrdiff_t j = 0; j < width; j++) average[j] = n > 0 ? 0 : NAN, total[j] = 0;
  for (ptrdiff_t r = 0; r < n; r += rows) {
    const ptrdiff_t count = TERN_MIN(rows, n - r), first = TERN_MIN(head, count), end = r + count;
    for (ptrdiff_t j = 0; j < width; j++) center[j] = squares[j] = 0;
    for (ptrdiff_t k = r; k < r + first; k++) {
      const T *row = x + k * step;
      TERN_LOOP for (ptrdiff_t j = 0; j < width; j++) center[j] += row[j];
    }
    for (ptrdiff_t j = 0; j < width; j++) center[j] /= (T)first, sum[j] = 0;
    ptrdiff_t k = r;
    for (; k + 4 <= end; k += 4) {
      const T *row = x + k * step;
      TERN_LOOP for (ptrdiff_t j = 0; j < width; j++) {
        const T c = center[j];
        const T d0 = row[j] - c, d1 = row[j + step] - c, d2 = row[j + 2 * step] - c, d3 = row[j + 3 * step] - c;
        sum[j] += (d0 + d1) + (d2 + d3);
        squares[j] += (d0 * d0 + d1 * d1) + (d2 * d2 + d3 * d3);
      }
    }
    for (; k < end; k++) {
      const T *row = x + k * step;
      TERN_LOOP for (ptrdiff_t j = 0; j < width; j++) {
        const T d = row[j] - center[j];
        sum[j] += d;
        squares[j] += d * d;
      }
    }
    const double m = (double)count, fraction = m / (double)(r + count), both = (double)r * fraction;
    int lost = 0;
    TERN_LOOP for (ptrdiff_t j = 0; j < width; j++) lost |= FN(is_lost)(squares[j]);
    if (lost) {
      bool varies[FN(column_panel)];
      memset(varies, 0, (size_t)width);
      for (k = r + 1; k < end; k++) {
        const T *row = x + k * step;
        TERN_LOOP for (ptrdiff_t j = 0; j < width; j++) varies[j] |= row[j] != x[r * step + j];
      }
      for (ptrdiff_t j = 0; j < width; j++) {
        const double correction = (double)sum[j] / m;
        double mean_here = (double)center[j] + correction, m2_here = (double)squares[j] - (double)sum[j] * correction;
        if (varies[j] && FN(is_lost)(squares[j])) FN(wide_moments)(count, step, x + r * step + j, &mean_here, &m2_here);
        const double delta = mean_here - average[j];
        average[j] += delta * fraction;
        total[j] += m2_here + delta * delta * both;
      }
      continue;
    }
    TERN_LOOP for (ptrdiff_t j = 0; j < width; j++) {
      const double correction = (double)sum[j] / m;
      const double delta = ((double)center[j] + correction) - average[j];
      average[j] += delta * fraction;
      total[j] += ((double)squares[j] - (double)sum[j] * correction) + delta * delta * both;
    }
  }
}
