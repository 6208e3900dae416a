// Mean and sum of squared deviations over [outer, n, inner] along the middle axis. Blocks that fit the L1 cache are
// passed twice, for their mean and for the deviations from it, and merged in Double (Chan, Golub and LeVeque 1983), so
// that nothing cancels however large the mean is. Takes T and S.

typedef T FN(moment_vector) __attribute__((ext_vector_type(64 / sizeof(T)), aligned(sizeof(T)), may_alias));

// The sum of the lanes, in halves.
static inline T FN(fold)(const FN(moment_vector) *v) {
  enum { few = 16 / sizeof(T) };
  typedef T half __attribute__((ext_vector_type(32 / sizeof(T))));
  typedef T quarter __attribute__((ext_vector_type(16 / sizeof(T))));
  const half h = v->lo + v->hi;
  const quarter q = h.lo + h.hi;
  return few == 4 ? (q[0] + q[2 % few]) + (q[1] + q[3 % few]) : q[0] + q[1];
}

// Σ(x - center) and Σ(x - center)² of one block, in lanes that are added up in halves.
static void FN(deviations)(ptrdiff_t n, const T *x, T center, T *sum, T *squares) {
  enum { lanes = 64 / sizeof(T) };
  FN(moment_vector) s0 = 0, s1 = 0, q0 = 0, q1 = 0;
  ptrdiff_t i = 0;
  for (; i + 2 * lanes <= n; i += 2 * lanes) {
    const FN(moment_vector) *v = (const FN(moment_vector) *)(x + i);
    const FN(moment_vector) d0 = v[0] - center, d1 = v[1] - center;
    s0 += d0;
    s1 += d1;
    q0 += d0 * d0;
    q1 += d1 * d1;
  }
  s0 += s1;
  q0 += q1;
  if (i + lanes <= n) {
    const FN(moment_vector) d = *(const FN(moment_vector) *)(x + i) - center;
    s0 += d;
    q0 += d * d;
    i += lanes;
  }
  if (i < n) {
    T s[lanes], q[lanes];
    memcpy(s, &s0, sizeof s);
    memcpy(q, &q0, sizeof q);
    for (int l = 0; i < n; i++, l++) {
      const T d = x[i] - center;
      s[l] += d;
      q[l] += d * d;
    }
    memcpy(&s0, s, sizeof s);
    memcpy(&q0, q, sizeof q);
  }
  *sum = FN(fold)(&s0);
  *squares = FN(fold)(&q0);
}

static void FN(row_moments)(ptrdiff_t n, const T *x, double *mean, double *m2) {
  enum { block = 1024 };
  double average = 0, total = 0;
  for (ptrdiff_t i = 0; i < n; i += block) {
    const ptrdiff_t count = TERN_MIN(block, n - i);
    const T center = FN(sum_block)(count, x + i) / (T)count;
    T s, q;
    FN(deviations)(count, x + i, center, &s, &q);
    const double m = (double)count, correction = (double)s / m;
    const double delta = (double)center + correction - average;
    average += delta * (m / (double)(i + count));
    total += (double)q - (double)s * correction + delta * delta * ((double)i * m / (double)(i + count));
  }
  *mean = n > 0 ? average : NAN;
  *m2 = total;
}

enum { FN(moment_panel) = 512 / sizeof(T) };

// Columns of n rows that lie `step` apart, at most moment_panel of them.
static void FN(panel_moments)(ptrdiff_t n, ptrdiff_t step, ptrdiff_t width, const T *x, double *average, double *total) {
  enum { rows = 64 };
  T center[FN(moment_panel)], sum[FN(moment_panel)], squares[FN(moment_panel)];
  for (ptrdiff_t j = 0; j < width; j++) average[j] = n > 0 ? 0 : NAN, total[j] = 0;
  for (ptrdiff_t r = 0; r < n; r += rows) {
    const ptrdiff_t count = TERN_MIN(rows, n - r);
    for (ptrdiff_t j = 0; j < width; j++) sum[j] = 0;
    for (ptrdiff_t k = r; k < r + count; k++) {
      const T *row = x + k * step;
      TERN_LOOP for (ptrdiff_t j = 0; j < width; j++) sum[j] += row[j];
    }
    TERN_LOOP for (ptrdiff_t j = 0; j < width; j++) {
      center[j] = sum[j] / (T)count;
      sum[j] = squares[j] = 0;
    }
    for (ptrdiff_t k = r; k < r + count; k++) {
      const T *row = x + k * step;
      TERN_LOOP for (ptrdiff_t j = 0; j < width; j++) {
        const T d = row[j] - center[j];
        sum[j] += d;
        squares[j] += d * d;
      }
    }
    const double m = (double)count, fraction = m / (double)(r + count), both = (double)r * fraction;
    TERN_LOOP for (ptrdiff_t j = 0; j < width; j++) {
      const double correction = (double)sum[j] / m;
      const double delta = (double)center[j] + correction - average[j];
      average[j] += delta * fraction;
      total[j] += (double)squares[j] - (double)sum[j] * correction + delta * delta * both;
    }
  }
}

static void FN(moments)(ptrdiff_t outer, ptrdiff_t n, ptrdiff_t inner, T *mean, T *m2, const T *x) {
  double average[FN(moment_panel)], total[FN(moment_panel)];
  for (ptrdiff_t o = 0; o < outer; o++) {
    for (ptrdiff_t c = 0; c < inner; c += FN(moment_panel)) {
      const ptrdiff_t width = TERN_MIN(FN(moment_panel), inner - c);
      if (inner == 1) FN(row_moments)(n, x + o * n, average, total);
      else FN(panel_moments)(n, inner, width, x + o * n * inner + c, average, total);
      for (ptrdiff_t j = 0; j < width; j++) {
        mean[o * inner + c + j] = (T)average[j];
        m2[o * inner + c + j] = (T)total[j];
      }
    }
  }
}
