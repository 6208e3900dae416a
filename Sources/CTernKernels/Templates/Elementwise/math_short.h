// Float's functions of which Float's own arithmetic would lose too much: short polynomials in Double, within 1e-9, rounded once.

TERN_INLINE double exp_short(double x) {
  double c = x < -746.0 ? -746.0 : x;
  c = c > 711.0 ? 711.0 : c;
  const double shifted = c * 1.44269504088896338700 + 0x1.8p52, n = shifted - 0x1.8p52;
  const double r = c - n * 6.93147180559945286227e-01;
  double p = 1.0 / 40320.0;
  p = p * r + 1.0 / 5040.0;
  p = p * r + 1.0 / 720.0;
  p = p * r + 1.0 / 120.0;
  p = p * r + 1.0 / 24.0;
  p = p * r + 1.0 / 6.0;
  p = p * r + 0.5;
  const uint64_t k = bits_f64(shifted) - 0x4338000000000000u + 2048u, half = k >> 1;
  const double s1 = from_bits_f64((half - 1u) << 52), s2 = from_bits_f64((k - half - 1u) << 52);
  return ((p * r + 1.0) * r + 1.0) * s1 * s2;
}

// ln x of a number that Float has or that sums of its squares are.
TERN_INLINE double log_short(double x) {
  double k;
  const double f = split_f64(x, 0.0, &k) - 1.0, s = f / (2.0 + f), z = s * s;
  double p = 2.0 / 11.0;
  p = p * z + 2.0 / 9.0;
  p = p * z + 2.0 / 7.0;
  p = p * z + 2.0 / 5.0;
  p = p * z + 2.0 / 3.0;
  return log_ends_f64(x, k * 6.93147180559945286227e-01 + (p * z + 2.0) * s);
}

TERN_INLINE float log2_f32(float x) { return (float)(log_short((double)x) * 1.44269504088896338700); }
TERN_INLINE float log10_f32(float x) { return (float)(log_short((double)x) * 4.34294481903251816668e-01); }

// x less the nearest multiple of π/2 for |x| ≤ 2²⁰, and the bits of the multiple.
TERN_INLINE double quadrant_short(double x, uint64_t *quadrant) {
  const double shifted = x * 6.36619772367581382433e-01 + 0x1.8p52, n = shifted - 0x1.8p52;
  *quadrant = bits_f64(shifted);
  return (x - n * 1.57079632673412561417e+00) - n * 6.07710050650619224932e-11;
}

TERN_INLINE double sin_short(double r) {
  const double z = r * r;
  double p = 1.0 / 362880.0 - z * (1.0 / 39916800.0);
  p = p * z - 1.0 / 5040.0;
  p = p * z + 1.0 / 120.0;
  p = p * z - 1.0 / 6.0;
  return p * z * r + r;
}

TERN_INLINE double cos_short(double r) {
  const double z = r * r;
  double p = 1.0 / 40320.0 - z * (1.0 / 3628800.0);
  p = p * z - 1.0 / 720.0;
  p = p * z + 1.0 / 24.0;
  p = p * z - 0.5;
  return p * z + 1.0;
}

TERN_INLINE float sin_f32(float x) {
  uint64_t n;
  const double r = quadrant_short((double)x, &n), value = n & 1 ? cos_short(r) : sin_short(r);
  return x == 0.0f ? x : (float)(n & 2 ? -value : value);
}

TERN_INLINE float cos_f32(float x) {
  uint64_t n;
  const double r = quadrant_short((double)x, &n), value = n & 1 ? sin_short(r) : cos_short(r);
  return (float)((n + 1) & 2 ? -value : value);
}

TERN_INLINE float tan_f32(float x) {
  uint64_t n;
  const double r = quadrant_short((double)x, &n), s = sin_short(r), c = cos_short(r);
  return x == 0.0f ? x : (float)((n & 1 ? -c : s) / (n & 1 ? s : c));
}

// atan(a/b) for a, b ≥ 0, not both 0 or ∞, by the tangent of its difference to 0, π/4 or π/2.
TERN_INLINE double atan_ratio_short(double a, double b) {
  const bool middle = a > 0.41421356237309503 * b, last = a > 2.414213562373095 * b;
  const double up = last ? -b : middle ? a - b : a, down = last ? a : middle ? a + b : b;
  const double base = last ? 1.57079632679489655800 : middle ? 0.785398163397448278999 : 0.0;
  const double t = up / down, z = t * t;
  double p = 0.0474817634256;
  p = p * z - 0.0847835993199;
  p = p * z + 0.110450855349;
  p = p * z - 0.14282041449;
  p = p * z + 0.199999051656;
  p = p * z - 0.333333325144;
  return base + (p * z * t + t);
}

TERN_INLINE float atan_f32(float x) {
  const double value = atan_ratio_short((double)__builtin_fabsf(x), 1.0);
  return x == 0.0f ? x : __builtin_copysignf((float)value, x);
}

TERN_INLINE float atan2_f32(float y, float x) {
  const double p = (double)__builtin_fabsf(y), q = (double)__builtin_fabsf(x);
  const bool both = (p == q) & ((p == 0.0) | (p == INFINITY));
  const double angle = atan_ratio_short(both ? (p == 0.0 ? 0.0 : 1.0) : p, both ? 1.0 : q);
  const double value = bits_f32(x) >> 31 ? 3.14159265358979311600 - angle : angle;
  return ((x != x) | (y != y)) ? NAN : __builtin_copysignf((float)value, y);
}

TERN_INLINE float sinh_f32(float x) {
  const double a = (double)__builtin_fabsf(x), e = exp_short(a), z = a * a;
  const double near = a + a * z * (1.0 / 6.0 + z * (1.0 / 120.0 + z * (1.0 / 5040.0 + z * (1.0 / 362880.0))));
  return __builtin_copysignf((float)(a < 0.5 ? near : 0.5 * e - 0.5 / e), x);
}

TERN_INLINE float cosh_f32(float x) {
  const double e = exp_short((double)__builtin_fabsf(x));
  return (float)(0.5 * e + 0.5 / e);
}

// ln(x + √(x² + 1)), x - x³/6 near 0.
TERN_INLINE float asinh_f32(float x) {
  const double a = (double)__builtin_fabsf(x), value = log_short(a + __builtin_elementwise_sqrt(a * a + 1.0));
  return __builtin_copysignf((float)(a < 1e-4 ? a - a * a * a * (1.0 / 6.0) : value), x);
}

// ln(x + √(x² - 1)), no number below 1.
TERN_INLINE float acosh_f32(float x) {
  const double a = (double)x;
  return (float)(x < 1.0f ? NAN : log_short(a + __builtin_elementwise_sqrt((a - 1.0) * (a + 1.0))));
}

// ln((1 + x)/(1 - x))/2, x + x³/3 near 0.
TERN_INLINE float atanh_f32(float x) {
  const double a = (double)__builtin_fabsf(x), value = 0.5 * log_short((1.0 + a) / (1.0 - a));
  return __builtin_copysignf((float)(a < 1e-4 ? a + a * a * a * (1.0 / 3.0) : value), x);
}

TERN_INLINE float asin_f32(float x) { return (float)asin_f64((double)x); }
TERN_INLINE float acos_f32(float x) { return (float)acos_f64((double)x); }
