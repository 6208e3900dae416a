// Losses with their derivatives in one pass each: cross entropy of rows of logits against class indices, binary cross
// entropy of logits, squared errors. Takes T and S.

typedef T FN(loss_vector) __attribute__((ext_vector_type(64 / sizeof(T)), aligned(sizeof(T)), may_alias));
// Values are taken in chunks whose last vector is filled up: a loop over single values would cost more than all before.
enum { FN(loss_lanes) = 64 / sizeof(T), FN(loss_chunk) = 256 };

// The elements of a chunk, filled up to whole vectors; `padded` has room for a chunk.
static inline const T *FN(whole_vectors)(ptrdiff_t count, const T *x, T filling, T *padded) {
  if (count % FN(loss_lanes) == 0) return x;
  memcpy(padded, x, (size_t)count * sizeof(T));
  for (ptrdiff_t i = count; i % FN(loss_lanes) != 0; i++) padded[i] = filling;
  return padded;
}

static inline ptrdiff_t FN(filled_up)(ptrdiff_t count) {
  return (count + FN(loss_lanes) - 1) / FN(loss_lanes) * FN(loss_lanes);
}

// The sum of whole vectors, in lanes that are added up in halves.
static inline double FN(vector_sum)(ptrdiff_t count, const T *x) {
  FN(loss_vector) total = 0, other = 0;
  ptrdiff_t i = 0;
  for (; i + 2 * FN(loss_lanes) <= count; i += 2 * FN(loss_lanes)) {
    total += *(const FN(loss_vector) *)(x + i);
    other += *(const FN(loss_vector) *)(x + i + FN(loss_lanes));
  }
  if (i < count) total += *(const FN(loss_vector) *)(x + i);
  total += other;
  T lanes[FN(loss_lanes)];
  memcpy(lanes, &total, sizeof lanes);
  for (int width = FN(loss_lanes) / 2; width > 0; width /= 2)
    for (int l = 0; l < width; l++) lanes[l] += lanes[l + width];
  return (double)lanes[0];
}

#define LARGER(u, most) ((((u) > (most)) | ((u) != (u))) ? (u) : (most))

// The largest value, or one that is no number.
static T FN(row_largest)(ptrdiff_t n, const T *x) {
  typedef FN(loss_vector) vector;
  vector m0 = (vector)(-(T)INFINITY), m1 = m0, m2 = m0, m3 = m0;
  T padded[FN(loss_chunk)], lanes[FN(loss_lanes)];
  ptrdiff_t i = 0;
  for (; i + 4 * FN(loss_lanes) <= n; i += 4 * FN(loss_lanes)) {
    const vector *v = (const vector *)(x + i);
    const vector u0 = v[0], u1 = v[1], u2 = v[2], u3 = v[3];
    m0 = LARGER(u0, m0);
    m1 = LARGER(u1, m1);
    m2 = LARGER(u2, m2);
    m3 = LARGER(u3, m3);
  }
  for (; i < n; i += FN(loss_lanes)) {
    const vector u = *(const vector *)FN(whole_vectors)(TERN_MIN(FN(loss_lanes), n - i), x + i, -(T)INFINITY, padded);
    m0 = LARGER(u, m0);
  }
  m0 = LARGER(m1, m0);
  m2 = LARGER(m3, m2);
  m0 = LARGER(m2, m0);
  memcpy(lanes, &m0, sizeof lanes);
  for (int width = FN(loss_lanes) / 2; width > 0; width /= 2)
    for (int l = 0; l < width; l++) {
      const T v = lanes[l + width];
      lanes[l] = LARGER(v, lanes[l]);
    }
  return lanes[0];
}

// e^x of a term that is at most 1 in a sum that is at least 1.
#ifdef PLAIN_SUMS
TERN_INLINE T FN(exp_term)(T x) { return FN(exp_normal)(x); }
#else
TERN_INLINE T FN(exp_term)(T x) { return FN(exp_plain)(x); }
#endif

// Σ e^(x - largest), chunks of it in Double; keeps the exponentials in `out` unless that is NULL.
static double FN(row_exp_sum)(ptrdiff_t n, const T *x, T largest, T *out) {
  T padded[FN(loss_chunk)], e[FN(loss_chunk)];
  double total = 0;
  for (ptrdiff_t start = 0; start < n; start += FN(loss_chunk)) {
    const ptrdiff_t count = TERN_MIN(FN(loss_chunk), n - start), whole = FN(filled_up)(count);
    const T *v = FN(whole_vectors)(count, x + start, -(T)INFINITY, padded);
    T *target = out && whole == count ? out + start : e;
    if (out) {
      TERN_LOOP for (ptrdiff_t i = 0; i < whole; i++) target[i] = FN(exp_plain)(v[i] - largest);
    } else {
      TERN_LOOP for (ptrdiff_t i = 0; i < whole; i++) e[i] = FN(exp_term)(v[i] - largest);
    }
    // With an infinite maximum the filling is no number.
    for (ptrdiff_t i = count; i < whole; i++) target[i] = 0;
    total += FN(vector_sum)(whole, target);
    if (out && whole != count) memcpy(out + start, e, (size_t)count * sizeof(T));
  }
  return total;
}

// Short rows stand side by side, one a lane: what a row costs beyond its elements is shared.
enum { FN(short_row) = 32 };

static void FN(load_short_rows)(ptrdiff_t n, T block[][FN(loss_lanes)], const T *x) {
  for (int l = 0; l < FN(loss_lanes); l++)
    for (ptrdiff_t i = 0; i < n; i++) block[i][l] = x[l * n + i];
}

static void FN(short_cross_entropy)(
    ptrdiff_t n, T *losses, T *largest, T *inverses, const T *x, const ptrdiff_t *labels, ptrdiff_t ignored) {
  T block[FN(short_row)][FN(loss_lanes)], most[FN(loss_lanes)], sum[FN(loss_lanes)], chosen[FN(loss_lanes)];
  FN(load_short_rows)(n, block, x);
  for (int l = 0; l < FN(loss_lanes); l++) most[l] = -(T)INFINITY, sum[l] = 0;
  for (ptrdiff_t i = 0; i < n; i++)
    TERN_LOOP for (int l = 0; l < FN(loss_lanes); l++) {
      const T v = block[i][l], m = most[l];
      most[l] = LARGER(v, m);
    }
  for (ptrdiff_t i = 0; i < n; i++)
    TERN_LOOP for (int l = 0; l < FN(loss_lanes); l++) sum[l] += FN(exp)(block[i][l] - most[l]);
  for (int l = 0; l < FN(loss_lanes); l++) chosen[l] = labels[l] == ignored ? 0 : x[l * n + labels[l]];
  TERN_LOOP for (int l = 0; l < FN(loss_lanes); l++) {
    largest[l] = most[l];
    inverses[l] = 1 / sum[l];
    losses[l] = FN(log)(sum[l]) - (chosen[l] - most[l]);
  }
  for (int l = 0; l < FN(loss_lanes); l++) losses[l] = labels[l] == ignored ? 0 : losses[l];
}

static void FN(short_cross_entropy_grad)(
    ptrdiff_t n, T *out, const T *x, const T *largest, const T *inverses, const ptrdiff_t *labels, ptrdiff_t ignored,
    const T *scale, ptrdiff_t step, T factor) {
  T block[FN(short_row)][FN(loss_lanes)], rowScale[FN(loss_lanes)];
  FN(load_short_rows)(n, block, x);
  for (int l = 0; l < FN(loss_lanes); l++) rowScale[l] = scale[l * step] * factor * inverses[l];
  for (ptrdiff_t i = 0; i < n; i++)
    TERN_LOOP for (int l = 0; l < FN(loss_lanes); l++) block[i][l] = FN(exp)(block[i][l] - largest[l]) * rowScale[l];
  for (int l = 0; l < FN(loss_lanes); l++) {
    // A statement of its own keeps this product rounded, as the rowScales are: the row of one class is 0 exactly.
    const T upstream = scale[l * step] * factor;
    const bool isIgnored = (labels[l] == ignored) | (upstream == 0);
    for (ptrdiff_t i = 0; i < n; i++) out[l * n + i] = isIgnored ? 0 : block[i][l];
    if (!isIgnored) out[l * n + labels[l]] -= upstream;
  }
}

// losses = ln Σ e^x - x[label] of every row, 0 where the label is `ignored`; keeps each row's maximum and 1/Σ e^(x - max).
static void FN(cross_entropy)(
    ptrdiff_t rows, ptrdiff_t n, T *losses, T *largest, T *inverses, const T *x, const ptrdiff_t *labels,
    ptrdiff_t ignored) {
  if (n <= FN(short_row) && rows >= FN(loss_lanes)) {
    for (ptrdiff_t r = 0; r < rows; r += FN(loss_lanes)) {
      // The last rows are taken together with some before them, once more.
      r = TERN_MIN(r, rows - FN(loss_lanes));
      FN(short_cross_entropy)(n, losses + r, largest + r, inverses + r, x + r * n, labels + r, ignored);
    }
    return;
  }
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

// out = (softmax(x) - 1 at the label) · scale of every row, 0 where the label is `ignored` or the scale 0, whatever x is.
// The scales lie `step` apart.
static void FN(cross_entropy_grad)(
    ptrdiff_t rows, ptrdiff_t n, T *out, const T *x, const T *largest, const T *inverses, const ptrdiff_t *labels,
    ptrdiff_t ignored, const T *scale, ptrdiff_t step, T factor) {
  if (n <= FN(short_row) && rows >= FN(loss_lanes)) {
    for (ptrdiff_t r = 0; r < rows; r += FN(loss_lanes)) {
      r = TERN_MIN(r, rows - FN(loss_lanes));
      FN(short_cross_entropy_grad)(n, out + r * n, x + r * n, largest + r, inverses + r, labels + r, ignored,
                                   scale + r * step, step, factor);
    }
    return;
  }
  for (ptrdiff_t r = 0; r < rows; r++, x += n, out += n) {
    const T most = largest[r], s = scale[r * step] * factor, rowScale = s * inverses[r];
    if ((labels[r] == ignored) | (s == 0)) {
      memset(out, 0, (size_t)n * sizeof(T));
      continue;
    }
    T padded[FN(loss_chunk)], e[FN(loss_chunk)];
    for (ptrdiff_t start = 0; start < n; start += FN(loss_chunk)) {
      const ptrdiff_t count = TERN_MIN(FN(loss_chunk), n - start), whole = FN(filled_up)(count);
      const T *v = FN(whole_vectors)(count, x + start, -(T)INFINITY, padded);
      T *target = whole == count ? out + start : e;
      TERN_LOOP for (ptrdiff_t i = 0; i < whole; i++) target[i] = FN(exp)(v[i] - most) * rowScale;
      if (whole != count) memcpy(out + start, e, (size_t)count * sizeof(T));
    }
    out[labels[r]] -= s;
  }
}

#undef LARGER

// A sum of terms of p and q, chunks of it in Double; what fills a chunk up adds nothing. A chunk beyond T's range is added
// up in Double.
#define LOSS_SUM(TERM, FILL_P, FILL_Q)                                                             \
  T first[FN(loss_chunk)], second[FN(loss_chunk)], terms[FN(loss_chunk)];                          \
  double total = 0;                                                                                \
  for (ptrdiff_t start = 0; start < n; start += FN(loss_chunk)) {                                  \
    const ptrdiff_t count = TERN_MIN(FN(loss_chunk), n - start), whole = FN(filled_up)(count);     \
    const T *ps = FN(whole_vectors)(count, x + start, FILL_P, first);                              \
    const T *qs = FN(whole_vectors)(count, y + start, FILL_Q, second);                             \
    TERN_LOOP for (ptrdiff_t i = 0; i < whole; i++) {                                              \
      const T p = ps[i], q = qs[i];                                                                \
      terms[i] = TERM;                                                                             \
    }                                                                                              \
    const double sum = FN(vector_sum)(whole, terms);                                               \
    if (isfinite(sum)) {                                                                           \
      total += sum;                                                                                \
      continue;                                                                                    \
    }                                                                                              \
    for (ptrdiff_t i = 0; i < count; i++) total += (double)terms[i];                               \
  }                                                                                                \
  return total;

// (1 - y)·x + ln(1 + e^-x) as |x| times the probability of the wrong answer, + ln(1 + e^-|x|): no infinities are subtracted.
static inline T FN(logit_loss)(T x, T y) {
  const T size = LM(fabs)(x);
  return FN(zero_mul)(x > 0 ? 1 - y : y, size) + FN(log1p_unit)(FN(exp)(-size));
}

// Σ (1 - y)·x + ln(1 + e^-x)
static double FN(binary_cross_entropy)(ptrdiff_t n, const T *x, const T *y) {
  LOSS_SUM(FN(logit_loss)(p, q), (T)1e4, 1)
}

// σ(x) - y, as (1 - y) - σ(-x) above 0: what is left of a probability near 1 does not cancel.
static inline T FN(logit_derivative)(T x, T y) {
  const T small = FN(sigmoid)(-LM(fabs)(x));
  return x > 0 ? (1 - y) - small : small - y;
}

// out = (σ(x) - y) · scale
static void FN(binary_cross_entropy_grad)(ptrdiff_t n, T *out, const T *x, const T *y, T scale) {
  TERN_LOOP for (ptrdiff_t i = 0; i < n; i++) out[i] = FN(logit_derivative)(x[i], y[i]) * scale;
}

static double FN(squared_error)(ptrdiff_t n, const T *x, const T *y) { LOSS_SUM((p - q) * (p - q), 0, 0) }

static inline T FN(loss_within)(T v, T low, T high) { return v < low ? low : v > high ? high : v; }
static inline T FN(loss_above)(T v, T low) { return v < low ? low : v; }

// A loss of p and q with parameters p0 and p1, and its derivative at p; a p and a q without a loss.
#define POINTWISE_LOSS(NAME, TERM, DERIVATIVE, FILL_P, FILL_Q)                                     \
  static double FN(NAME##_sum)(ptrdiff_t n, const T *x, const T *y, T p0, T p1) {                  \
    (void)p0, (void)p1;                                                                            \
    LOSS_SUM(TERM, FILL_P, FILL_Q)                                                                 \
  }                                                                                                \
  static void FN(NAME##_derivatives)(ptrdiff_t n, T *out, const T *x, const T *y, T p0, T p1, T scale) { \
    (void)p0, (void)p1;                                                                            \
    TERN_LOOP for (ptrdiff_t i = 0; i < n; i++) {                                                  \
      const T p = x[i], q = y[i];                                                                  \
      (void)p, (void)q;                                                                            \
      out[i] = FN(zero_mul)(DERIVATIVE, scale);                                                    \
    }                                                                                              \
  }
// |x - y|
POINTWISE_LOSS(absolute_error, LM(fabs)(p - q), (T)((p - q > 0) - (p - q < 0)), 0, 0)
// c·(d - c/2)/p1 with d = x - y and c = d within ±p0
#define NEAR FN(loss_within)(p - q, -p0, p0)
POINTWISE_LOSS(huber, FN(zero_mul)(NEAR / p1, (p - q) - NEAR * (T)0.5), NEAR / p1, 0, 0)
#undef NEAR
// x where y is 1, max(0, p0 - x) where it is -1
POINTWISE_LOSS(
    hinge_embedding, (q == 1 ? 0 : FN(loss_above)(p0 - p, 0)) + (q == -1 ? 0 : p),
    (T)(q != -1) - (T)((q != 1) & (p0 - p >= 0)), 0, 1)
// max(0, p0 - y·x)
POINTWISE_LOSS(
    margin_ranking, FN(loss_above)(p0 - FN(zero_mul)(q, p), 0), p0 - FN(zero_mul)(q, p) >= 0 ? -q : 0, (T)INFINITY, 1)
// ln(1 + e^(-y·x))
POINTWISE_LOSS(
    soft_margin, -FN(log_sigmoid)(FN(zero_mul)(q, p)), -FN(zero_mul)(q, FN(sigmoid)(-FN(zero_mul)(q, p))), (T)1e4, 1)
// -(y·ln x + (1 - y)·ln(1 - x)), logarithms of at least -100
POINTWISE_LOSS(
    cross_entropy_of_probabilities,
    -(q * FN(loss_above)(FN(log)(p), -100) + (1 - q) * FN(loss_above)(FN(log1p)(-p), -100)),
    (p - q) / FN(loss_above)(p * (1 - p), (T)1e-12f), 1, 1)
// y·(ln y - x), 0 where y is 0
POINTWISE_LOSS(kl_divergence, (q == 0 ? 0 : q * FN(log)(q)) - FN(zero_mul)(q, p), -q, 0, 0)
// e^x - y·x
POINTWISE_LOSS(
    poisson, FN(exp)(p) - FN(zero_mul)(q, p > 10000 ? 10000 : p), FN(exp)(p) - (p <= 10000 ? q : 0), (T)-1e4, 0)
#undef POINTWISE_LOSS
#undef LOSS_SUM

static double FN(pointwise_loss)(tern_loss loss, ptrdiff_t n, const T *x, const T *y, T p0, T p1) {
  switch (loss) {
    case tern_loss_absoluteError: return FN(absolute_error_sum)(n, x, y, p0, p1);
    case tern_loss_huber: return FN(huber_sum)(n, x, y, p0, p1);
    case tern_loss_hingeEmbedding: return FN(hinge_embedding_sum)(n, x, y, p0, p1);
    case tern_loss_marginRanking: return FN(margin_ranking_sum)(n, x, y, p0, p1);
    case tern_loss_softMargin: return FN(soft_margin_sum)(n, x, y, p0, p1);
    case tern_loss_crossEntropy: return FN(cross_entropy_of_probabilities_sum)(n, x, y, p0, p1);
    case tern_loss_klDivergence: return FN(kl_divergence_sum)(n, x, y, p0, p1);
    case tern_loss_poisson: return FN(poisson_sum)(n, x, y, p0, p1);
  }
}

// out = the derivative of the loss at x · scale
static void FN(pointwise_loss_grad)(
    tern_loss loss, ptrdiff_t n, T *out, const T *x, const T *y, T p0, T p1, T scale) {
  switch (loss) {
    case tern_loss_absoluteError: FN(absolute_error_derivatives)(n, out, x, y, p0, p1, scale); break;
    case tern_loss_huber: FN(huber_derivatives)(n, out, x, y, p0, p1, scale); break;
    case tern_loss_hingeEmbedding: FN(hinge_embedding_derivatives)(n, out, x, y, p0, p1, scale); break;
    case tern_loss_marginRanking: FN(margin_ranking_derivatives)(n, out, x, y, p0, p1, scale); break;
    case tern_loss_softMargin: FN(soft_margin_derivatives)(n, out, x, y, p0, p1, scale); break;
    case tern_loss_crossEntropy: FN(cross_entropy_of_probabilities_derivatives)(n, out, x, y, p0, p1, scale); break;
    case tern_loss_klDivergence: FN(kl_divergence_derivatives)(n, out, x, y, p0, p1, scale); break;
    case tern_loss_poisson: FN(poisson_derivatives)(n, out, x, y, p0, p1, scale); break;
  }
}

// out = (x - y) · scale
static void FN(scaled_difference)(ptrdiff_t n, T *out, const T *x, const T *y, T scale) {
  TERN_LOOP for (ptrdiff_t i = 0; i < n; i++) out[i] = (x[i] - y[i]) * scale;
}
