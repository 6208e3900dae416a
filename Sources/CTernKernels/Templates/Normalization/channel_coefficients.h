// The statistics of every channel, and the coefficients that the passes read: entries [copies][channels][run], in which a
// channel's value is repeated copies · run times. Everything is computed in Double. Takes T and S.

#define INLINE __attribute__((always_inline)) static inline

// Copies the values of the channels, at the front of their table, to all of the table's entries.
static void FN(spread)(ptrdiff_t copies, ptrdiff_t channels, ptrdiff_t run, T *table) {
  const ptrdiff_t period = channels * run;
  if (run > 1)
    for (ptrdiff_t c = channels - 1; c >= 0; c--) {
      const T value = table[c];
      for (ptrdiff_t r = 0; r < run; r++) table[c * run + r] = value;
    }
  for (ptrdiff_t k = 1; k < copies; k++) memcpy(table + k * period, table, (size_t)period * sizeof(T));
}

// One channel of what follows.
INLINE void FN(channel_coefficients)(
    double m, double m2, double n, double epsilon, double gamma, double beta, double *inverse, double *remainder, T *center,
    T *scale, T *shift, T *mean, T *variance) {
  const double v = m2 / n, over = 1 / __builtin_elementwise_sqrt(v + epsilon), factor = gamma * over;
  const T near = (T)m;
  const double left = m - (double)near, r = left - left == 0 ? left : 0;
  *inverse = over;
  *remainder = r;
  *mean = *center = near;
  *variance = (T)v;
  *scale = (T)factor;
  *shift = (T)(beta - r * factor);
}

INLINE void FN(channel_gradients)(
    double gamma, double inverse, double remainder, double sum, double products, double count, T *scale, T *inputScale, T *offset,
    T *gammaGradient, T *betaGradient) {
  const double product = count > 0 ? inverse * (products - remainder * sum) : 0;
  const double factor = gamma * inverse, inverseCount = 1 / count, s = -factor * inverse * product * inverseCount;
  *gammaGradient = (T)product;
  *betaGradient = (T)sum;
  *scale = (T)factor;
  *inputScale = (T)s;
  *offset = (T)(-factor * sum * inverseCount - s * remainder);
}

// From mean and Σ(x - mean)² of every channel: `inverseDeviations` takes 1/√(variance + ε), and behind it
// the part of the mean that T cannot hold; `coefficients` center, scale and shift of γ·(x - mean)/√(variance + ε) + β.
static void FN(normalization_coefficients)(
    ptrdiff_t copies, ptrdiff_t channels, ptrdiff_t run, ptrdiff_t count, double epsilon, const double *mean,
    const double *m2, const T *gamma, const T *beta, double *inverseDeviations, T *coefficients, T *means, T *variances) {
  const ptrdiff_t entries = copies * channels * run;
  const double n = (double)count;
  double *inverse = inverseDeviations, *remainder = inverseDeviations + channels;
  T *center = coefficients, *scale = coefficients + entries, *shift = scale + entries;
  TERN_LOOP for (ptrdiff_t c = 0; c < channels; c++)
    FN(channel_coefficients)(count ? mean[c] : NAN, m2[c], n, epsilon, gamma ? (double)gamma[c] : 1,
                         beta ? (double)beta[c] : 0, inverse + c, remainder + c, center + c, scale + c, shift + c, means + c,
                         variances + c);
  FN(spread)(copies, channels, run, center);
  FN(spread)(copies, channels, run, scale);
  FN(spread)(copies, channels, run, shift);
}

// From Σ g and Σ g(x - center): the gradients of γ and β, and in `coefficients` scale, input scale and offset of
// γ/√(variance + ε)·(g - Σ g/n - x̂·Σ(g·x̂)/n).
static void FN(normalization_gradients)(
    ptrdiff_t copies, ptrdiff_t channels, ptrdiff_t run, ptrdiff_t count, const T *gamma, const double *inverseDeviations,
    const double *sums, const double *products, T *coefficients, T *gammaGradients, T *betaGradients) {
  const ptrdiff_t entries = copies * channels * run;
  const double *inverse = inverseDeviations, *remainder = inverseDeviations + channels;
  T *scale = coefficients, *inputScale = coefficients + entries, *offset = inputScale + entries;
  TERN_LOOP for (ptrdiff_t c = 0; c < channels; c++)
    FN(channel_gradients)(gamma ? (double)gamma[c] : 1, inverse[c], remainder[c], sums[c], products[c], (double)count, scale + c,
                      inputScale + c, offset + c, gammaGradients + c, betaGradients + c);
  FN(spread)(copies, channels, run, scale);
  FN(spread)(copies, channels, run, inputScale);
  FN(spread)(copies, channels, run, offset);
}

// Center, scale and shift as they are given; 0, 1 and 0 where not.
static void FN(affine_coefficients)(
    ptrdiff_t copies, ptrdiff_t channels, ptrdiff_t run, const T *center, const T *scale, const T *shift, T *coefficients) {
  const T *given[3] = {center, scale, shift};
  for (int k = 0; k < 3; k++, coefficients += copies * channels * run) {
    for (ptrdiff_t c = 0; c < channels; c++) coefficients[c] = given[k] ? given[k][c] : (T)(k == 1);
    FN(spread)(copies, channels, run, coefficients);
  }
}

// running ← running + momentum·(batch·factor - running), in a form that is exact for a momentum of 1.
static void FN(track)(ptrdiff_t n, T *running, const T *batch, T momentum, T factor) {
  TERN_LOOP for (ptrdiff_t c = 0; c < n; c++) running[c] = running[c] * (1 - momentum) + batch[c] * factor * momentum;
}
