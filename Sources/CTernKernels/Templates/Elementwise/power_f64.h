// Powers of Double, as in math_f64.h. Without fused products the C library's are faster.

#if TERN_VECTOR >= 32 || defined(__aarch64__)
// ln x within 2⁻⁶⁵ of itself for a positive x, in two parts: 2·artanh s with s = (f − 1)/(f + 1), its first two terms in two
// parts each.
TERN_INLINE double log_sum_f64(double x, double *tail) {
  static const double terms[] = {
    2.0 / 5.0, 2.0 / 7.0, 2.0 / 9.0, 2.0 / 11.0, 2.0 / 13.0, 2.0 / 15.0, 2.0 / 17.0, 2.0 / 19.0, 2.0 / 21.0,
    2.0 / 23.0, 2.0 / 25.0,
  };
  const bool tiny = x < 0x1p-1022;
  double k, d_lost, lost;
  const double f = split_f64(tiny ? x * 0x1p54 : x, tiny ? -54.0 : 0.0, &k), n = f - 1.0, d = sum_f64(f, 1.0, &d_lost);
  const double inverse = 1.0 / d, s = n * inverse, s_lost = (__builtin_fma(-s, d, n) - s * d_lost) * inverse;
  const double z = s * s, z_lost = __builtin_fma(s, s, -z) + 2.0 * s * s_lost;
  const double cube = s * z, cube_lost = __builtin_fma(s, z, -cube) + (s * z_lost + s_lost * z);
  const double third = cube * (2.0 / 3.0);
  const double third_lost = __builtin_fma(cube, 2.0 / 3.0, -third) + (cube_lost * (2.0 / 3.0) + cube * 3.700743415417188e-17);
  double sum_lost;
  const double sum = sum_f64(2.0 * s, third, &sum_lost);
  const double rest = cube * z * polynomial_f64(z, terms, 11) + (third_lost + (2.0 * s_lost + (sum_lost + k * LN2_TAIL)));
  const double total = sum_f64(k * LN2_HEAD, sum, &lost), head = total + (lost + rest);
  *tail = (total - head) + (lost + rest);
  return head;
}

// x^p = ±e^(p·ln |x|), negative for a negative x and an odd p; the ends are those of C.
TERN_INLINE double pow_f64(double x, double p) {
  const double size = __builtin_fabs(x);
  double log_tail;
  const double logarithm = log_sum_f64(size, &log_tail), product = p * logarithm;
  const bool within = __builtin_fabs(product) < 760.0, grows = (size > 1.0) == (p > 0.0);
  const double exponent = within ? product : grows ? 760.0 : -760.0;
  const double exponent_tail = within ? __builtin_fma(p, logarithm, -product) + p * log_tail : 0.0;
  const double shifted = exponent * 1.44269504088896338700 + ROUNDER, n = shifted - ROUNDER;
  const double first = exponent - n * LN2_HEAD, low = exponent_tail - n * LN2_TAIL, r = first + low;
  static const double terms[] = {
    0.5, 1.0 / 6.0, 1.0 / 24.0, 1.0 / 120.0, 1.0 / 720.0, 1.0 / 5040.0, 1.0 / 40320.0, 1.0 / 362880.0, 1.0 / 3628800.0,
    1.0 / 39916800.0, 1.0 / 479001600.0, 1.0 / 6227020800.0,
  };
  const double one = 1.0 + r, rest = (r - (one - 1.0)) + (r * r * polynomial_f64(r, terms, 12) + ((first - r) + low));
  const uint64_t k = bits_f64(shifted) - ROUNDER_BITS + 2048u, half = k >> 1;
  const double s1 = from_bits_f64((half - 1u) << 52), s2 = from_bits_f64((k - half - 1u) << 52);
  const double finite = (one + rest) * s1 * s2;
  const bool ends = (size == 0.0) | (size == INFINITY);
  const bool isNaN = (size != size) | (p != p);
  const double power = isNaN ? NAN : ends ? ((size == 0.0) == (p < 0.0) ? INFINITY : 0.0) : finite;
  const bool whole = __builtin_trunc(p) == p, odd = whole & (__builtin_trunc(p * 0.5) * 2.0 != p);
  const bool negative = bits_f64(x) >> 63;
  const double value = (negative & odd) ? -power : power;
  const double real = ((x < 0.0) & !whole & (size < INFINITY)) ? NAN : value;
  return ((p == 0.0) | (x == 1.0) | ((size == 1.0) & (__builtin_fabs(p) == INFINITY))) ? 1.0 : real;
}
#else
TERN_INLINE double pow_f64(double x, double p) { return pow(x, p); }
#endif
