// Hyperbolic functions and their inverses in Double, as in math_f64.h; Float's are theirs, rounded.

// x + x³/3! + … for |x| < 2, the series to x²³/23!; h - 1/(4h) with h = e^|x|/2 elsewhere.
TERN_INLINE double sinh_f64(double x) {
  const double a = __builtin_fabs(x), z = x * x;
  double p = 1.0 / 25852016738884976640000.0;
  p = p * z + 1.0 / 51090942171709440000.0;
  p = p * z + 1.0 / 121645100408832000.0;
  p = p * z + 1.0 / 355687428096000.0;
  p = p * z + 1.0 / 1307674368000.0;
  p = p * z + 1.0 / 6227020800.0;
  p = p * z + 1.0 / 39916800.0;
  p = p * z + 1.0 / 362880.0;
  p = p * z + 1.0 / 5040.0;
  p = p * z + 1.0 / 120.0;
  p = p * z + 1.0 / 6.0;
  const double near = x + x * z * p, half = exp_times_f64(a, -1);
  return a < 2.0 ? near : __builtin_copysign(half - 0.25 / half, x);
}

TERN_INLINE double cosh_f64(double x) {
  const double half = exp_times_f64(__builtin_fabs(x), -1);
  return half + 0.25 / half;
}

// x + x³·p/q below 0.625 (Cephes), 1 - 2/(e^2|x| + 1) elsewhere.
TERN_INLINE double tanh_f64(double x) {
  const double a = __builtin_fabs(x), z = x * x;
  const double p = (-9.64399179425052238628e-1 * z + -9.92877231001918586564e1) * z + -1.61468768441708447952e3;
  const double q = ((z + 1.12811678491632931402e2) * z + 2.23548839060100448583e3) * z + 4.84406305325125486048e3;
  const double near = x + x * z * (p / q);
  const double far = 1.0 - 2.0 / (exp_f64(a + a) + 1.0);
  return x == 0.0 ? x : a < 0.625 ? near : __builtin_copysign(far, x);
}

// ln(1 + x + x²/(√(x² + 1) + 1)); ln x + ln 2 where x² + 1 is x².
TERN_INLINE double asinh_f64(double x) {
  const double a = __builtin_fabs(x), b = a > 0x1p28 ? 0.0 : a;
  const double part = b * b / (__builtin_elementwise_sqrt(b * b + 1.0) + 1.0), sum = b + part;
  const double near = log1p_sum_f64(sum, part - (sum - b));
  const double far = log_f64(a) + 6.93147180559945286227e-01;
  return __builtin_copysign(a > 0x1p28 ? far : near, x);
}

// ln(1 + t + √(2t + t²)) with t = x - 1, the root corrected for its rounding; ln x + ln 2 where x² - 1 is x²; no number below 1.
TERN_INLINE double acosh_f64(double x) {
  const double t = x > 0x1p28 ? 0.0 : x - 1.0, square = t * t, radicand = square + 2.0 * t;
  const double root = __builtin_elementwise_sqrt(radicand), head = head_f64(root), tail = root - head;
  const double missing = (((radicand - head * head) - 2.0 * head * tail) - tail * tail) + (square - (radicand - 2.0 * t));
  double lost;
  const double sum = sum_f64(t, root, &lost);
  const double near = log1p_sum_f64(sum, root == 0.0 ? 0.0 : lost + missing / (2.0 * root));
  const double far = log_f64(x) + 6.93147180559945286227e-01;
  return x < 1.0 ? NAN : x > 0x1p28 ? far : near;
}

// ln((1 + x)/(1 - x))/2.
TERN_INLINE double atanh_f64(double x) {
  const double a = __builtin_fabs(x), twice = a + a;
  const double part = twice * a / (1.0 - a), sum = twice + part;
  const bool near = a < 0.5;
  const double y = 0.5 * log1p_sum_f64(near ? sum : twice / (1.0 - a), near ? part - (sum - twice) : 0.0);
  return a == 0.0 ? x : __builtin_copysign(y, x);
}
#undef ROUNDER
#undef ROUNDER_BITS
#undef LN2_HEAD
#undef LN2_TAIL
