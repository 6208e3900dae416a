// What normalization knows of every channel, and the tables that its passes read: entries [copies][channels][run], in
// which a channel's number stands copies · run times. Everything is reckoned in Double. Takes T and S.

#define INLINE __attribute__((always_inline)) static inline

// Numbers of the channels, at the front of their table, to all of the table's entries.
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
INLINE void FN(standard_numbers)(
    double m, double m2, double n, double epsilon, double gamma, double beta, double *inverse, double *rest, T *center,
    T *scale, T *shift, T *mean, T *variance) {
  const double v = m2 / n, over = 1 / __builtin_elementwise_sqrt(v + epsilon), factor = gamma * over;
  const T near = (T)m;
  const double left = m - (double)near, r = left - left == 0 ? left : 0;
  *inverse = over;
  *rest = r;
  *mean = *center = near;
  *variance = (T)v;
  *scale = (T)factor;
  *shift = (T)(beta - r * factor);
}

INLINE void FN(slope_numbers)(
    double gamma, double inverse, double rest, double sum, double products, double count, T *scale, T *slope, T *offset,
    T *gammaSlope, T *betaSlope) {
  const double product = count > 0 ? inverse * (products - rest * sum) : 0;
  const double factor = gamma * inverse, share = 1 / count, s = -factor * inverse * product * share;
  *gammaSlope = (T)product;
  *betaSlope = (T)sum;
  *scale = (T)factor;
  *slope = (T)s;
  *offset = (T)(-factor * sum * share - s * rest);
}

// From mean and Σ(x - mean)² of every channel: `numbers` takes 1/√(variance + ε), and the rest of the mean that T has
// no room for; `tables` center, scale and shift of γ·(x - mean)/√(variance + ε) + β.
static void FN(standard_tables)(
    ptrdiff_t copies, ptrdiff_t channels, ptrdiff_t run, ptrdiff_t count, double epsilon, const double *mean,
    const double *m2, const T *gamma, const T *beta, double *numbers, T *tables, T *means, T *variances) {
  const ptrdiff_t entries = copies * channels * run;
  const double n = (double)count;
  double *inverse = numbers, *rest = numbers + channels;
  T *center = tables, *scale = tables + entries, *shift = scale + entries;
  TERN_LOOP for (ptrdiff_t c = 0; c < channels; c++)
    FN(standard_numbers)(count ? mean[c] : NAN, m2[c], n, epsilon, gamma ? (double)gamma[c] : 1,
                         beta ? (double)beta[c] : 0, inverse + c, rest + c, center + c, scale + c, shift + c, means + c,
                         variances + c);
  FN(spread)(copies, channels, run, center);
  FN(spread)(copies, channels, run, scale);
  FN(spread)(copies, channels, run, shift);
}

// From Σ g and Σ g(x - center): the gradients of γ and β, and in `tables` scale, slope and rest of
// γ/√(variance + ε)·(g - Σ g/n - x̂·Σ(g·x̂)/n).
static void FN(standard_slopes)(
    ptrdiff_t copies, ptrdiff_t channels, ptrdiff_t run, ptrdiff_t count, const T *gamma, const double *numbers,
    const double *sums, const double *products, T *tables, T *gammaSlopes, T *betaSlopes) {
  const ptrdiff_t entries = copies * channels * run;
  const double *inverse = numbers, *rest = numbers + channels;
  T *scale = tables, *slope = tables + entries, *offset = slope + entries;
  TERN_LOOP for (ptrdiff_t c = 0; c < channels; c++)
    FN(slope_numbers)(gamma ? (double)gamma[c] : 1, inverse[c], rest[c], sums[c], products[c], (double)count, scale + c,
                      slope + c, offset + c, gammaSlopes + c, betaSlopes + c);
  FN(spread)(copies, channels, run, scale);
  FN(spread)(copies, channels, run, slope);
  FN(spread)(copies, channels, run, offset);
}

// Center, scale and shift as they are given; 0, 1 and 0 where not.
static void FN(affine_tables)(
    ptrdiff_t copies, ptrdiff_t channels, ptrdiff_t run, const T *center, const T *scale, const T *shift, T *tables) {
  const T *given[3] = {center, scale, shift};
  for (int k = 0; k < 3; k++, tables += copies * channels * run) {
    for (ptrdiff_t c = 0; c < channels; c++) tables[c] = given[k] ? given[k][c] : (T)(k == 1);
    FN(spread)(copies, channels, run, tables);
  }
}

// running ← running + share·(batch·factor - running), in a form that a share of 1 leaves exact.
static void FN(track)(ptrdiff_t n, T *running, const T *batch, T share, T factor) {
  TERN_LOOP for (ptrdiff_t c = 0; c < n; c++) running[c] = running[c] * (1 - share) + batch[c] * factor * share;
}
