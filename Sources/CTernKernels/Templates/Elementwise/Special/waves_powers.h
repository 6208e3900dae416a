// Powers of two, logarithms' terms and the cardinal sine.

// 2^x: 2^n in two factors, so that results below the normal range round once.
TERN_INLINE double exp2_f64(double x) {
  double c = x < -1080.0 ? -1080.0 : x;
  c = c > 1025.0 ? 1025.0 : c;
  const double shifted = c + ROUNDER, f = c - (shifted - ROUNDER), r = f * 6.93147180559945286227e-01;
  static const double terms[] = {
    0.5, 1.0 / 6.0, 1.0 / 24.0, 1.0 / 120.0, 1.0 / 720.0, 1.0 / 5040.0, 1.0 / 40320.0, 1.0 / 362880.0, 1.0 / 3628800.0,
    1.0 / 39916800.0, 1.0 / 479001600.0, 1.0 / 6227020800.0,
  };
  const double rest = r * r * steady_polynomial(r, terms, 12) + f * 2.31904681384629955842e-17;
  const double sum = 1.0 + r, rounding = r - (sum - 1.0);
  const uint64_t k = bits_f64(shifted) - ROUNDER_BITS + 2048u, half = k >> 1;
  const double s1 = from_bits_f64((half - 1u) << 52), s2 = from_bits_f64((k - half - 1u) << 52);
  return (sum + (rounding + rest)) * s1 * s2;
}

TERN_INLINE float exp2_f32(float x) {
  float c = x < -152.0f ? -152.0f : x;
  c = c > 129.0f ? 129.0f : c;
  const float shifted = c + 12582912.0f, f = c - (shifted - 12582912.0f), square = f * f;
  const float odd = 0.24022650718688965f + square * (0.009618056938052177f + square * 0.0001546144f);
  const float even = 0.05550410971045494f + square * (0.0013333503156900406f + square * 1.5297323e-05f);
  const int32_t k = (int32_t)(bits_f32(shifted) - 0x4B400000u), half = k >> 1;
  const float s1 = from_bits_f32((uint32_t)(half + 127) << 23), s2 = from_bits_f32((uint32_t)(k - half + 127) << 23);
  return (f * (0.6931471824645996f + (square * even + f * odd)) + 1.0f) * s1 * s2;
}

// (sin πr)/(πr) in powers of r² for |r| ≤ ½.
static const double sinc_terms[] = {
  1.0, -1.6449340668482264, 0.8117424252833536, -0.19075182412208255, 0.026147847817611935, -0.002346081034815316,
  0.0001484287872033628, -6.975840829271595e-06, 2.5300985563134005e-07, -7.0931258816238045e-09,
};

// (sin πx)/(πx), exactly 0 at whole numbers but 0.
TERN_INLINE double sinc_f64(double x) {
  const double shifted = x + ROUNDER, difference = x - (shifted - ROUNDER);
  // Beyond it all numbers are whole.
  const double r = __builtin_fabs(x) >= 0x1p51 ? 0.0 : difference;
  const double size = r / x * steady_polynomial(r * r, sinc_terms, 10);
  return x == 0.0 ? 1.0 : bits_f64(shifted) & 1 ? -size : size;
}

// −x·ln x
TERN_INLINE double entropy_f64(double x) {
  const double value = -x * steady_log(x);
  return x > 0.0 ? value : x == 0.0 ? 0.0 : x < 0.0 ? -INFINITY : x;
}

// ln(x/(1 − x)): near ½ from (2x − 1)/(1 − x), which is exact but for the division.
TERN_INLINE double logit_f64(double x) {
  const double rest = 1.0 - x, quotient = x / rest, less = (2.0 * x - 1.0) / rest;
  const bool near = (less > -0.2928932188134524) & (less < 0.41421356237309503), tiny = quotient < 0x1p-1022;
  double k;
  const double fraction = steady_split(tiny ? quotient * 0x1p54 : quotient, tiny ? -54.0 : 0.0, &k) - 1.0;
  const double f = near ? less : fraction, half_square = 0.5 * f * f;
  k = near ? 0.0 : k;
  return steady_log_ends(quotient, (steady_log_rest(f, half_square) + k * LN2_TAIL - half_square + f) + k * LN2_HEAD);
}

// x·ln y and x·ln(1 + y); 0 where x is 0 and y a number.
TERN_INLINE double xlogy_f64(double x, double y) {
  const double value = x * steady_log(y);
  return y != y ? y : x == 0.0 ? 0.0 : value;
}

TERN_INLINE double xlog1py_f64(double x, double y) {
  const double value = x * steady_log1p(y);
  return y != y ? y : x == 0.0 ? 0.0 : value;
}

// log₂(2^a + 2^b)
TERN_INLINE double log_add_exp2_f64(double a, double b) {
  const double distance = __builtin_fabs(a - b), most = a > b ? a : b;
  const double value = most + steady_log1p(exp2_f64(-distance)) * 1.44269504088896340736;
  return a == b ? (__builtin_fabs(a) == INFINITY ? a : a + 1.0) : value;
}
