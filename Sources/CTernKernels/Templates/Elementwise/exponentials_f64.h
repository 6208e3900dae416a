// Exponentials and logarithms of Double, as in math_f64.h. Takes E(name), the functions' names: they are made twice, as the
// level's own, whose products and sums the compiler fuses where it can, and with the same bits at every level.

// x = n·ln 2 + r with |r| ≤ ln 2 / 2: r as a value, which `rest` completes to e^r - 1 = r + rest, the series to r¹³/13!; the
// bits of n are those of `shifted` less those of the rounder.
TERN_INLINE double E(exp_parts)(double x, double *rest, uint64_t *shifted_bits) {
  const double shifted = x * 1.44269504088896338700 + ROUNDER, n = shifted - ROUNDER;
  const double head = x - n * LN2_HEAD, tail = n * LN2_TAIL, r = head - tail;
  double p = 1.0 / 6227020800.0;
  p = p * r + 1.0 / 479001600.0;
  p = p * r + 1.0 / 39916800.0;
  p = p * r + 1.0 / 3628800.0;
  p = p * r + 1.0 / 362880.0;
  p = p * r + 1.0 / 40320.0;
  p = p * r + 1.0 / 5040.0;
  p = p * r + 1.0 / 720.0;
  p = p * r + 1.0 / 120.0;
  p = p * r + 1.0 / 24.0;
  p = p * r + 1.0 / 6.0;
  p = p * r + 0.5;
  const double lost = (head - r) - tail;
  *rest = r * r * p + lost;
  *shifted_bits = bits_f64(shifted);
  return r;
}

// e^x·2^shift for shift of 0 or -1: 2^n in two factors, so that results below the normal range round once.
TERN_INLINE double E(exp_times)(double x, int shift) {
  double c = x < -746.0 ? -746.0 : x, rest;
  c = c > 711.0 ? 711.0 : c;
  uint64_t bits;
  const double r = E(exp_parts)(c, &rest, &bits), sum = 1.0 + r, lost = r - (sum - 1.0);
  const uint64_t k = bits - ROUNDER_BITS + 2048u + (uint64_t)(int64_t)shift, half = k >> 1;
  const double s1 = from_bits_f64((half - 1u) << 52), s2 = from_bits_f64((k - half - 1u) << 52);
  return (sum + (lost + rest)) * s1 * s2;
}

TERN_INLINE double E(exp)(double x) { return E(exp_times)(x, 0); }

// e^x - 1 as 2^n·(e^r - 1) + (2^n - 1), at half the scale so that 2^1024 is a number.
TERN_INLINE double E(expm1)(double x) {
  double c = x < -40.0 ? -40.0 : x, rest;
  c = c > 710.0 ? 710.0 : c;
  uint64_t bits;
  const double r = E(exp_parts)(c, &rest, &bits);
  const double half = from_bits_f64((bits - ROUNDER_BITS + 1022u) << 52);
  double lost;
  const double sum = sum_f64(half - 0.5, half * r, &lost);
  const double value = sum + (half * rest + lost);
  return __builtin_fabs(x) < 0.34 ? (x == 0.0 ? x : r + rest) : value + value;
}

// s·(f²/2 + R) of ln(1 + f) = f - f²/2 + s·(f²/2 + R) with s = f/(2 + f), for 1 + f around 1.
TERN_INLINE double E(log_rest)(double f, double half_square) {
  const double s = f / (2.0 + f), z = s * s, w = z * z;
  const double even = w * (3.999999999940941908e-01 + w * (2.222219843214978396e-01 + w * 1.531383769920937332e-01));
  const double odd = z * (6.666666666666735130e-01
                          + w * (2.857142874366239149e-01 + w * (1.818357216161805012e-01 + w * 1.479819860511658591e-01)));
  return s * (half_square + (odd + even));
}

// A positive x as 2^exponent·fraction with the fraction around 1; `offset` is added to the exponent.
TERN_INLINE double E(split)(double x, double offset, double *exponent) {
  const uint64_t biased = (bits_f64(x) - 0x3FE6A09E667F3BCDu + (0x400ull << 52)) >> 52;
  *exponent = (from_bits_f64(0x4330000000000000u | biased) - (0x1p52 + 1024.0)) + offset;
  return from_bits_f64(bits_f64(x) - ((biased - 1024u) << 52));
}

// What a logarithm is of 0, ∞, negative numbers and nan; else y.
TERN_INLINE double E(log_ends)(double x, double y) {
  const double value = x == INFINITY ? x : x == 0.0 ? -INFINITY : y;
  return x >= 0.0 ? value : NAN;
}

TERN_INLINE double E(log)(double x) {
  const bool tiny = x < 0x1p-1022;
  double k;
  const double f = E(split)(tiny ? x * 0x1p54 : x, tiny ? -54.0 : 0.0, &k) - 1.0, half_square = 0.5 * f * f;
  return E(log_ends)(x, (E(log_rest)(f, half_square) + k * LN2_TAIL - half_square + f) + k * LN2_HEAD);
}

// The logarithm to another base: 1/ln b in two parts, and log_b 2 in two parts.
TERN_INLINE double E(log_base)(double x, double inverse_head, double inverse_tail, double two_head, double two_tail) {
  const bool tiny = x < 0x1p-1022;
  double k;
  const double f = E(split)(tiny ? x * 0x1p54 : x, tiny ? -54.0 : 0.0, &k) - 1.0, half_square = 0.5 * f * f;
  const double head = head_f64(f - half_square);
  const double tail = (f - head) - half_square + E(log_rest)(f, half_square);
  const double large = head * inverse_head, whole = k * two_head;
  const double sum = whole + large;
  const double small = k * two_tail + (tail + head) * inverse_tail + tail * inverse_head;
  return E(log_ends)(x, (small + ((whole - sum) + large)) + sum);
}

// ln(1 + x + tail) for a tail that x has lost: from x itself near 0, elsewhere from the rounded sum, corrected for what the
// rounding lost.
TERN_INLINE double E(log1p_sum)(double x, double tail) {
  const double u = 1.0 + x;
  double k;
  const double fraction = E(split)(u, 0.0, &k) - 1.0;
  const bool near = (x > -0.2928932188134524) & (x < 0.41421356237309503);
  const double rounding = x > 1.0 ? 1.0 - (u - x) : x - (u - 1.0);
  const double correction = ((near ? 0.0 : rounding) + tail) / u;
  const double f = near ? x : fraction, half_square = 0.5 * f * f;
  k = near ? 0.0 : k;
  const double y = (E(log_rest)(f, half_square) + (k * LN2_TAIL + correction) - half_square + f) + k * LN2_HEAD;
  const double value = x == INFINITY ? x : x == -1.0 ? -INFINITY : x == 0.0 ? x : y;
  return x >= -1.0 ? value : NAN;
}

TERN_INLINE double E(log1p)(double x) { return E(log1p_sum)(x, 0.0); }
