// Losses with their derivatives in one pass each: cross entropy of rows of logits against class indices, binary cross
// entropy of logits, squared errors. Takes T and S.

enum { FN(loss_lanes) = 64 / sizeof(T) };

// A row's next lanes, filled up with -inf at its end.
#define LANES_OF_ROW(v, i)                                                                         \
  T padded[FN(loss_lanes)];                                                                        \
  const T *v = x + (i);                                                                            \
  if (n - (i) < FN(loss_lanes)) {                                                                  \
    for (int l = 0; l < FN(loss_lanes); l++) padded[l] = -(T)INFINITY;                             \
    for (ptrdiff_t l = 0; l < n - (i); l++) padded[l] = v[l];                                      \
    v = padded;                                                                                    \
  }

static T FN(row_largest)(ptrdiff_t n, const T *x) {
  T best[FN(loss_lanes)];
  for (int l = 0; l < FN(loss_lanes); l++) best[l] = -(T)INFINITY;
  for (ptrdiff_t i = 0; i < n; i += FN(loss_lanes)) {
    LANES_OF_ROW(v, i)
    TERN_LOOP for (int l = 0; l < FN(loss_lanes); l++) best[l] = ((v[l] > best[l]) | (v[l] != v[l])) ? v[l] : best[l];
  }
  for (int width = FN(loss_lanes) / 2; width > 0; width /= 2)
    for (int l = 0; l < width; l++) {
      const T v = best[l + width];
      best[l] = ((v > best[l]) | (v != v)) ? v : best[l];
    }
  return best[0];
}

// Σ e^(x - largest), blocks of it in Double; keeps the exponentials in `out` unless that is NULL.
static double FN(row_exp_sum)(ptrdiff_t n, const T *x, T largest, T *out) {
  enum { block = 1024 };
  double total = 0;
  for (ptrdiff_t start = 0; start < n; start += block) {
    const ptrdiff_t end = TERN_MIN(start + block, n);
    T sums[FN(loss_lanes)];
    for (int l = 0; l < FN(loss_lanes); l++) sums[l] = 0;
    ptrdiff_t i = start;
    for (; i + FN(loss_lanes) <= end; i += FN(loss_lanes)) {
      T e[FN(loss_lanes)];
      TERN_LOOP for (int l = 0; l < FN(loss_lanes); l++) e[l] = FN(exp)(x[i + l] - largest);
      TERN_LOOP for (int l = 0; l < FN(loss_lanes); l++) sums[l] += e[l];
      if (out) memcpy(out + i, e, sizeof e);
    }
    if (i < end) {
      LANES_OF_ROW(v, i)
      T e[FN(loss_lanes)];
      TERN_LOOP for (int l = 0; l < FN(loss_lanes); l++) e[l] = FN(exp)(v[l] - largest);
      for (ptrdiff_t l = 0; l < end - i; l++) sums[l] += e[l];
      if (out) memcpy(out + i, e, (size_t)(end - i) * sizeof(T));
    }
    for (int width = FN(loss_lanes) / 2; width > 0; width /= 2)
      for (int l = 0; l < width; l++) sums[l] += sums[l + width];
    total += (double)sums[0];
  }
  return total;
}

// losses = ln Σ e^x - x[label] of every row, 0 where the label is `ignored`; keeps each row's maximum and 1/Σ e^(x - max).
static void FN(cross_entropy)(
    ptrdiff_t rows, ptrdiff_t n, T *losses, T *largest, T *inverses, const T *x, const ptrdiff_t *labels,
    ptrdiff_t ignored) {
  for (ptrdiff_t r = 0; r < rows; r++, x += n) {
    const T most = FN(row_largest)(n, x);
    const double sum = FN(row_exp_sum)(n, x, most, NULL);
    const ptrdiff_t label = labels[r];
    largest[r] = most;
    inverses[r] = (T)(1 / sum);
    if (label == ignored) {
      losses[r] = 0;
      continue;
    }
    losses[r] = (T)(log(sum) - (double)(x[label] - most));
  }
}

// out = (softmax(x) - 1 at the label) · scale of every row, 0 where the label is `ignored`. The scales lie `step` apart.
static void FN(cross_entropy_grad)(
    ptrdiff_t rows, ptrdiff_t n, T *out, const T *x, const T *largest, const T *inverses, const ptrdiff_t *labels,
    ptrdiff_t ignored, const T *scale, ptrdiff_t step, T factor) {
  for (ptrdiff_t r = 0; r < rows; r++, x += n, out += n) {
    const T most = largest[r], s = scale[r * step] * factor, share = s * inverses[r];
    if (labels[r] == ignored) {
      memset(out, 0, (size_t)n * sizeof(T));
      continue;
    }
    ptrdiff_t i = 0;
    for (; i + FN(loss_lanes) <= n; i += FN(loss_lanes))
      TERN_LOOP for (int l = 0; l < FN(loss_lanes); l++) out[i + l] = FN(exp)(x[i + l] - most) * share;
    if (i < n) {
      LANES_OF_ROW(v, i)
      T e[FN(loss_lanes)];
      TERN_LOOP for (int l = 0; l < FN(loss_lanes); l++) e[l] = FN(exp)(v[l] - most) * share;
      memcpy(out + i, e, (size_t)(n - i) * sizeof(T));
    }
    out[labels[r]] -= s;
  }
}
#undef LANES_OF_ROW

// Sums in lanes, blocks of them in Double; the rest of a block fills its lanes up with what adds nothing.
#define LOSS_SUM(TERM, FILL_X, FILL_Y)                                                             \
  enum { block = 1024 };                                                                           \
  double total = 0;                                                                                \
  for (ptrdiff_t start = 0; start < n; start += block) {                                           \
    const ptrdiff_t end = TERN_MIN(start + block, n);                                              \
    T sums[FN(loss_lanes)], u[FN(loss_lanes)], w[FN(loss_lanes)];                                  \
    for (int l = 0; l < FN(loss_lanes); l++) sums[l] = 0;                                          \
    for (ptrdiff_t i = start; i < end; i += FN(loss_lanes)) {                                      \
      const T *a = x + i, *b = y + i;                                                              \
      if (end - i < FN(loss_lanes)) {                                                              \
        for (int l = 0; l < FN(loss_lanes); l++) u[l] = FILL_X, w[l] = FILL_Y;                     \
        for (ptrdiff_t l = 0; l < end - i; l++) u[l] = a[l], w[l] = b[l];                          \
        a = u, b = w;                                                                              \
      }                                                                                            \
      TERN_LOOP for (int l = 0; l < FN(loss_lanes); l++) {                                         \
        const T p = a[l], q = b[l];                                                                \
        sums[l] += TERM;                                                                           \
      }                                                                                            \
    }                                                                                              \
    for (int width = FN(loss_lanes) / 2; width > 0; width /= 2)                                    \
      for (int l = 0; l < width; l++) sums[l] += sums[l + width];                                  \
    total += (double)sums[0];                                                                      \
  }                                                                                                \
  return total;

// Σ (1 - y)·x + ln(1 + e^-x)
static double FN(binary_cross_entropy)(ptrdiff_t n, const T *x, const T *y) {
  LOSS_SUM((1 - q) * p + FN(log1p_exp)(-p), (T)1e4, 1)
}

// out = (σ(x) - y) · scale
static void FN(binary_cross_entropy_grad)(ptrdiff_t n, T *out, const T *x, const T *y, T scale) {
  TERN_LOOP for (ptrdiff_t i = 0; i < n; i++) out[i] = (FN(sigmoid)(x[i]) - y[i]) * scale;
}

static double FN(squared_error)(ptrdiff_t n, const T *x, const T *y) { LOSS_SUM((p - q) * (p - q), 0, 0) }
#undef LOSS_SUM

// out = (x - y) · scale
static void FN(scaled_difference)(ptrdiff_t n, T *out, const T *x, const T *y, T scale) {
  TERN_LOOP for (ptrdiff_t i = 0; i < n; i++) out[i] = (x[i] - y[i]) * scale;
}
