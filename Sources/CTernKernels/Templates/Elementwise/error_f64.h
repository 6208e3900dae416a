// The error function, its complement and the normal distribution in Double, as in math_f64.h.

// e^(a²)·erfc a from 0.85 to 6 in powers of the second of these times 1/(a + 3), plus the first.
static const double erf_far_offset = -2.495145631067961, erf_far_scale = 13.45631067961165;
static const double erf_far_terms[] = {
  0.21905749273002628, 0.17285048383843665, 0.060061688939205805, 0.016452296212103066, 0.0034057956173818523,
  0.00047655879666862454, 2.7478468570519892e-05, -4.395821658834692e-06, -9.43768604861449e-07, 2.306339022872156e-08,
  2.2569901069951215e-08, 9.526286438793018e-11, -5.875714433834116e-10, 1.1291365471908627e-12,
  1.6923567527991206e-11, -4.846675280190716e-13, -4.473672571790937e-13,
};

TERN_INLINE double polynomial_f64(double x, const double *c, const int count) {
  const double square = x * x;
  double even = c[(count - 1) & ~1], odd = c[((count - 2) | 1)];
  UNROLLED for (int i = ((count - 1) & ~1) - 2; i >= 0; i -= 2) even = even * square + c[i];
  UNROLLED for (int i = ((count - 2) | 1) - 2; i >= 1; i -= 2) odd = odd * square + c[i];
  return odd * x + even;
}

// erf x for |x| < 0.85
TERN_INLINE double erf_within_f64(double x) { return x + x * polynomial_f64(x * x, erf_terms, 11); }

TERN_INLINE double erf_f64(double x) {
  const double a = __builtin_fabs(x), c = a > 6.0 ? 6.0 : a;
  const double u = erf_far_scale / (c + 3.0) + erf_far_offset;
  const double far = 1.0 - polynomial_f64(u, erf_far_terms, 17) * exp_f64(-c * c);
  return a < 0.85 ? erf_within_f64(x) : __builtin_copysign(a != a ? a : far, x);
}

// e^(power·a²) times the series of error_functions.h at `place` over a divisor in two parts, for 0.4 ≤ a ≤ 40.
TERN_INLINE double erfc_product_f64(double a, const double power, double place, double divisor, double lost) {
  const double head = head_f64(a), square = head * head * power, tail = (a - head) * (a + head) * power;
  const double shifted = square * 1.44269504088896338700 + ROUNDER, n = shifted - ROUNDER;
  const double first = square - n * LN2_HEAD, low = tail - n * LN2_TAIL, r = first + low;
  static const double terms[] = {
    0.5, 1.0 / 6.0, 1.0 / 24.0, 1.0 / 120.0, 1.0 / 720.0, 1.0 / 5040.0, 1.0 / 40320.0, 1.0 / 362880.0, 1.0 / 3628800.0,
    1.0 / 39916800.0, 1.0 / 479001600.0, 1.0 / 6227020800.0,
  };
  const double sum = 1.0 + r, rest = (r - (sum - 1.0)) + (r * r * polynomial_f64(r, terms, 12) + ((first - r) + low));
  const double e = sum + rest, e_lost = (sum - e) + rest;
  const double p_rest = place * polynomial_f64(place, erfcx_terms + 1, 24), p = erfcx_terms[0] + p_rest;
  const double p_lost = p_rest - (p - erfcx_terms[0]);
  const double product = p * e, quotient = product / divisor;
#if TERN_VECTOR >= 32
  const double rounding = __builtin_fma(p, e, -product) + __builtin_fma(-quotient, divisor, product);
#else
  const double rounding = 0.0;
#endif
  const double more = (rounding + p_lost * e + p * e_lost - quotient * lost) / divisor;
  const uint64_t k = bits_f64(shifted) - ROUNDER_BITS + 2048u, half = k >> 1;
  const double s1 = from_bits_f64((half - 1u) << 52), s2 = from_bits_f64((k - half - 1u) << 52);
  return (quotient + more) * s1 * s2;
}

TERN_INLINE double erfc_f64(double x) {
  const double a = __builtin_fabs(x), c = a > 28.0 ? 28.0 : a, divisor = 0.5 + c;
  const double far = erfc_product_f64(c, -1.0, (c - 3.0) / (c + 3.0), divisor, (c - divisor) + 0.5);
  return a < 0.47 ? 1.0 - erf_within_f64(x) : x < 0.0 ? 2.0 - far : a != a ? a : far;
}

// ½·erfc(−x/√2): the factors of √2 are those of the series' argument.
TERN_INLINE double normal_cdf_f64(double x) {
  const double a = __builtin_fabs(x), c = a > 40.0 ? 40.0 : a, divisor = c + 0.70710678118654752440;
  const double place = (c - 4.24264068711928514641) / (c + 4.24264068711928514641);
  const double lost = ((c - divisor) + 0.70710678118654752440) - 4.833646656726456726e-17;
  const double tail = erfc_product_f64(c, -0.5, place, divisor, lost) * 0.70710678118654752440;
  const double near = 0.5 + 0.5 * erf_within_f64(x * 0.70710678118654752440);
  return a < 0.66 ? near : x > 0.0 ? 1.0 - tail : a != a ? a : tail;
}
// What Float has at hand is of no use here.
TERN_INLINE double normal_cdf_of_f64(double x, double bell) {
  (void)bell;
  return normal_cdf_f64(x);
}
