// Normalization of rows [rows][n], each by its own mean and variance or mean square: x̂ = (x - center)·inverse + offset and
// γ·x̂ + β. Center, inverse and offset of every row are kept for the derivative. Takes T and S.

INLINE void FN(normalize_row)(
    ptrdiff_t n, T *out, const T *x, T center, T inverse, T offset, const T *gamma, const T *beta, const bool scales,
    const bool shifts) {
  TERN_LOOP for (ptrdiff_t j = 0; j < n; j++) {
    T v = (x[j] - center) * inverse + offset;
    if (scales) v = v * gamma[j];
    if (shifts) v = v + beta[j];
    out[j] = v;
  }
}

// Σ x² of a row.
static double FN(row_squares)(ptrdiff_t n, const T *x) {
  enum { block = 1024 };
  double total = 0;
  for (ptrdiff_t i = 0; i < n; i += block) {
    T s, q;
    FN(deviations)(TERN_MIN(block, n - i), x + i, 0, &s, &q);
    double squares = (double)q;
    if (FN(is_lost)(q)) {
      squares = 0;
      for (ptrdiff_t j = i; j < TERN_MIN(i + block, n); j++) squares += (double)x[j] * (double)x[j];
    }
    total += squares;
  }
  return total;
}

static void FN(normalize_rows)(
    ptrdiff_t rows, ptrdiff_t n, double epsilon, bool centered, T *out, const T *x, const T *gamma, const T *beta,
    T *centers, T *inverses, T *offsets) {
  for (ptrdiff_t r = 0; r < rows; r++, out += n, x += n) {
    double mean = 0, squares;
    if (centered) FN(shifted_row_moments)(n, x, &mean, &squares);
    else squares = FN(row_squares)(n, x);
    const double over = 1 / __builtin_elementwise_sqrt(squares / (double)n + epsilon);
    const T center = (T)mean, inverse = (T)over;
    // The part of the mean that T cannot hold goes into the offset, which is small.
    const double left = mean - (double)center;
    const T offset = (T)(left - left == 0 ? -left * over : 0);
    centers[r] = center;
    inverses[r] = inverse;
    offsets[r] = offset;
    if (gamma && beta) FN(normalize_row)(n, out, x, center, inverse, offset, gamma, beta, true, true);
    else if (gamma) FN(normalize_row)(n, out, x, center, inverse, offset, gamma, NULL, true, false);
    else if (beta) FN(normalize_row)(n, out, x, center, inverse, offset, NULL, beta, false, true);
    else FN(normalize_row)(n, out, x, center, inverse, offset, NULL, NULL, false, false);
  }
}

// Σ γg and Σ γg·x̂ of a row, blocks of it in Double; adds g·x̂ and g to the gradients of γ and β.
INLINE void FN(row_gradient_sums)(
    ptrdiff_t n, double *sum, double *products, const T *g, const T *x, T center, T inverse, T offset, const T *gamma,
    T *gammaGradients, T *betaGradients, const bool scales, const bool adds) {
  enum { lanes = 64 / sizeof(T), block = 1024 };
  typedef FN(moment_vector) vector;
  double total = 0, both = 0;
  for (ptrdiff_t start = 0; start < n; start += block) {
    const ptrdiff_t end = TERN_MIN(start + block, n);
    vector s0 = 0, s1 = 0, p0 = 0, p1 = 0;
    ptrdiff_t i = start;
#define STEP(at, s, p)                                                                             \
  do {                                                                                             \
    const vector u = *(const vector *)(g + (at));                                                  \
    const vector v = (*(const vector *)(x + (at)) - center) * inverse + offset;                      \
    if (adds) {                                                                                    \
      *(vector *)(gammaGradients + (at)) += u * v;                                                    \
      *(vector *)(betaGradients + (at)) += u;                                                         \
    }                                                                                              \
    const vector w = scales ? u * *(const vector *)(gamma + (at)) : u;                             \
    s += w;                                                                                        \
    p += w * v;                                                                                    \
  } while (0)
    for (; i + 2 * lanes <= end; i += 2 * lanes) {
      STEP(i, s0, p0);
      STEP(i + lanes, s1, p1);
    }
    s0 += s1;
    p0 += p1;
    if (i + lanes <= end) {
      STEP(i, s0, p0);
      i += lanes;
    }
#undef STEP
    if (i < end) {
      T s[lanes], p[lanes];
      memcpy(s, &s0, sizeof s);
      memcpy(p, &p0, sizeof p);
      for (int l = 0; i < end; i++, l++) {
        const T v = (x[i] - center) * inverse + offset, w = scales ? g[i] * gamma[i] : g[i];
        if (adds) gammaGradients[i] += g[i] * v, betaGradients[i] += g[i];
        s[l] += w;
        p[l] += w * v;
      }
      memcpy(&s0, s, sizeof s);
      memcpy(&p0, p, sizeof p);
    }
    total += (double)FN(fold)(&s0);
    both += (double)FN(fold)(&p0);
  }
  *sum = total;
  *products = both;
}

INLINE void FN(row_gradients)(
    ptrdiff_t rows, ptrdiff_t n, bool centered, T *out, const T *g, const T *x, const T *gamma, const T *centers,
    const T *inverses, const T *offsets, T *gammaGradients, T *betaGradients, const bool scales, const bool adds) {
  for (ptrdiff_t r = 0; r < rows; r++, out += n, g += n, x += n) {
    const T center = centers[r], inverse = inverses[r], offset = offsets[r];
    double sum, products;
    FN(row_gradient_sums)(n, &sum, &products, g, x, center, inverse, offset, gamma, gammaGradients, betaGradients, scales, adds);
    const double scaled = -(double)inverse / (double)n;
    const T shift = (T)(centered ? scaled * sum : 0), factor = (T)(scaled * products);
    TERN_LOOP for (ptrdiff_t j = 0; j < n; j++) {
      const T v = (x[j] - center) * inverse + offset, w = scales ? g[j] * gamma[j] : g[j];
      out[j] = w * inverse + (v * factor + shift);
    }
  }
}

// out = inverse·(γg - Σ γg/n - x̂·Σ(γg·x̂)/n), without Σ γg unless centered; Σ g·x̂ and Σ g over the rows, in T, are written
// to the gradients of γ and β where these are wanted.
static void FN(normalize_rows_grad)(
    ptrdiff_t rows, ptrdiff_t n, bool centered, T *out, const T *g, const T *x, const T *gamma, const T *centers,
    const T *inverses, const T *offsets, T *gammaGradients, T *betaGradients) {
  if (gammaGradients) {
    memset(gammaGradients, 0, (size_t)n * sizeof(T));
    memset(betaGradients, 0, (size_t)n * sizeof(T));
  }
  if (gamma && gammaGradients)
    FN(row_gradients)(rows, n, centered, out, g, x, gamma, centers, inverses, offsets, gammaGradients, betaGradients, true, true);
  else if (gamma)
    FN(row_gradients)(rows, n, centered, out, g, x, gamma, centers, inverses, offsets, NULL, NULL, true, false);
  else if (gammaGradients)
    FN(row_gradients)(rows, n, centered, out, g, x, NULL, centers, inverses, offsets, gammaGradients, betaGradients, false, true);
  else FN(row_gradients)(rows, n, centered, out, g, x, NULL, centers, inverses, offsets, NULL, NULL, false, false);
}
