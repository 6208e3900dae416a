// Functions of two numbers in both types.

// x^p = ±e^(p·ln |x|), negative for a negative x and an odd p; the ends are those of C.
TERN_INLINE float pow_f32(float x, float p) {
  const double size = __builtin_fabs((double)x), e = (double)p, power = exp_short(e * log_short(size));
  const bool whole = __builtin_trunc(e) == e, odd = whole & (__builtin_trunc(e * 0.5) * 2.0 != e);
  const bool negative = bits_f32(x) >> 31;
  const double value = (negative & odd) ? -power : power;
  const double real = ((x < 0.0f) & !whole & (size < INFINITY)) ? NAN : value;
  return (float)(((p == 0.0f) | (x == 1.0f) | ((size == 1.0) & (__builtin_fabs(e) == INFINITY))) ? 1.0 : real);
}

TERN_INLINE float hypot_f32(float a, float b) {
  const double x = (double)a, y = (double)b, length = __builtin_elementwise_sqrt(x * x + y * y);
  return (float)(((__builtin_fabs(x) == INFINITY) | (__builtin_fabs(y) == INFINITY)) ? INFINITY : length);
}

// Brought where squares neither overflow nor vanish.
TERN_INLINE double hypot_f64(double a, double b) {
  const double x = __builtin_fabs(a), y = __builtin_fabs(b), most = x > y ? x : y;
  const double scale = most > 0x1p500 ? 0x1p-600 : most < 0x1p-450 ? 0x1p600 : 1.0;
  const double back = most > 0x1p500 ? 0x1p600 : most < 0x1p-450 ? 0x1p-600 : 1.0;
  const double p = x * scale, q = y * scale, length = __builtin_elementwise_sqrt(p * p + q * q) * back;
  return ((x == INFINITY) | (y == INFINITY)) ? INFINITY : length;
}

// p less the whole multiples of q for p, q ≥ 0, which may be below 0 by one multiple: exact for a quotient below 2²⁸ of
// Floats, whose product is exact in Double, and below 2⁵² of Doubles by a fused product.
TERN_INLINE float less_multiples_f32(float p, float q) {
  const double x = (double)p, y = (double)q, multiple = __builtin_trunc(x / y);
  return (float)(x - multiple * y);
}

TERN_INLINE double less_multiples_f64(double p, double q) {
#if TERN_VECTOR >= 32 || defined(__aarch64__)
  return __builtin_fma(-__builtin_trunc(p / q), q, p);
#else
  return fmod(p, q);
#endif
}
