// What the special functions of Double are made of, with the same bits at every level: products and sums are not fused.
// Float's functions are these, rounded once.

#pragma clang fp contract(off)
#define E(name) steady_##name
#include "Elementwise/exponentials_f64.h"
#undef E

#define UNROLLED _Pragma("clang loop unroll(full)")

// c₀ + c₁x + … of some coefficients, a known number of them: even and odd powers side by side.
TERN_INLINE double steady_polynomial(double x, const double *c, const int count) {
  const double square = x * x;
  double even = c[(count - 1) & ~1], odd = c[((count - 2) | 1)];
  UNROLLED for (int i = ((count - 1) & ~1) - 2; i >= 0; i -= 2) even = even * square + c[i];
  UNROLLED for (int i = ((count - 2) | 1) - 2; i >= 1; i -= 2) odd = odd * square + c[i];
  return odd * x + even;
}

// Clenshaw's sum of a Chebyshev series at t/2, the first coefficient by half.
TERN_INLINE double steady_chebyshev(double t, const double *c, const int count) {
  double value = 0, next = 0, last = 0;
  UNROLLED for (int i = count - 1; i >= 0; i--) {
    last = next;
    next = value;
    value = t * next - last + c[i];
  }
  return 0.5 * (value - last);
}

// e^(x + tail) for |tail| < 2⁻⁸.
TERN_INLINE double steady_exp_sum(double x, double tail) {
  double c = x < -746.0 ? -746.0 : x;
  c = c > 711.0 ? 711.0 : c;
  const double shifted = c * 1.44269504088896338700 + ROUNDER, n = shifted - ROUNDER;
  const double head = c - n * LN2_HEAD, low = tail - n * LN2_TAIL, r = head + low, lost = (head - r) + low;
  static const double terms[] = {
    0.5, 1.0 / 6.0, 1.0 / 24.0, 1.0 / 120.0, 1.0 / 720.0, 1.0 / 5040.0, 1.0 / 40320.0, 1.0 / 362880.0, 1.0 / 3628800.0,
    1.0 / 39916800.0, 1.0 / 479001600.0, 1.0 / 6227020800.0,
  };
  const double rest = r * r * steady_polynomial(r, terms, 12) + lost, sum = 1.0 + r, rounding = r - (sum - 1.0);
  const uint64_t k = bits_f64(shifted) - ROUNDER_BITS + 2048u, half = k >> 1;
  const double s1 = from_bits_f64((half - 1u) << 52), s2 = from_bits_f64((k - half - 1u) << 52);
  return (sum + (rounding + rest)) * s1 * s2;
}

// e^(factor·x²) for factors that are powers of 2, of either sign: the square in two parts.
TERN_INLINE double steady_exp_square(double x, const double factor) {
  const double head = head_f64(x);
  return steady_exp_sum(head * head * factor, (x - head) * (x + head) * factor);
}
