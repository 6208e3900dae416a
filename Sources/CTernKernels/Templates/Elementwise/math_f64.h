// The elementary functions of Double that the compiler can turn into SIMD: straight-line code, no branches, no calls, all
// within 1.5 ulp. Polynomials and reductions are those of FreeBSD's msun (Sun Microsystems, 1993), but for exp and tanh.

static inline uint64_t bits_f64(double x) {
  uint64_t bits;
  memcpy(&bits, &x, sizeof bits);
  return bits;
}

TERN_INLINE double from_bits_f64(uint64_t bits) {
  double x;
  memcpy(&x, &bits, sizeof x);
  return x;
}

// The head of x: its upper 21 bits of significand, so that products of heads are exact.
TERN_INLINE double head_f64(double x) { return from_bits_f64(bits_f64(x) & 0xFFFFFFFF00000000u); }

// a + b as a rounded sum, and what the rounding lost.
TERN_INLINE double sum_f64(double a, double b, double *lost) {
  const double sum = a + b, part = sum - a;
  *lost = (a - (sum - part)) + (b - part);
  return sum;
}

// Adding it leaves the nearest integer in the low bits: 1.5·2⁵².
#define ROUNDER 0x1.8p52
#define ROUNDER_BITS 0x4338000000000000u
#define LN2_HEAD 6.93147180369123816490e-01
#define LN2_TAIL 1.90821492927058770002e-10

#define E(name) name##_f64
#include "Elementwise/exponentials_f64.h"
#undef E

TERN_INLINE double log2_f64(double x) {
  return log_base_f64(x, 1.44269504072144627571e+00, 1.67517131648865118353e-10, 1.0, 0.0);
}

TERN_INLINE double log10_f64(double x) {
  return log_base_f64(
    x, 4.34294481878168880939e-01, 2.50829467116452752298e-11, 3.01029995663611771306e-01, 3.69423907715893078616e-13);
}

// ln(1 + x) for 0 ≤ x ≤ 1: above √2 − 1 that of (1 + x)/2, exactly (x − 1)/2 from 1.
TERN_INLINE double log1p_unit_f64(double x) {
  const bool near = x < 0.41421356237309503;
  const double f = near ? x : 0.5 * (x - 1.0), half_square = 0.5 * f * f, k = near ? 0.0 : 1.0;
  return (log_rest_f64(f, half_square) + k * LN2_TAIL - half_square + f) + k * LN2_HEAD;
}

TERN_INLINE double pow_normal_f64(double x, double p) { return pow(x, p); }
TERN_INLINE double exp_normal_f64(double x) { return exp_f64(x); }
TERN_INLINE double bell_f64(double t) { return exp_f64(-0.5 * t * t); }

// e^x within 1 ulp, for less than exp_f64 takes: a minimax polynomial, and what the rounding of sums loses is left away.
TERN_INLINE double exp_plain_f64(double x) {
  double c = x < -746.0 ? -746.0 : x;
  c = c > 711.0 ? 711.0 : c;
  const double shifted = c * 1.44269504088896338700 + ROUNDER, n = shifted - ROUNDER;
  const double r = (c - n * LN2_HEAD) - n * LN2_TAIL;
  double p = 2.510038549551032e-08;
  p = p * r + 2.7620088445409746e-07;
  p = p * r + 2.7557268459997064e-06;
  p = p * r + 2.4801521295954376e-05;
  p = p * r + 0.00019841269863053618;
  p = p * r + 0.0013888888917213717;
  p = p * r + 0.008333333333330062;
  p = p * r + 0.04166666666662413;
  p = p * r + 0.16666666666666669;
  p = p * r + 0.5000000000000001;
  const uint64_t k = bits_f64(shifted) - ROUNDER_BITS + 2048u, half = k >> 1;
  const double s1 = from_bits_f64((half - 1u) << 52), s2 = from_bits_f64((k - half - 1u) << 52);
  return (p * (r * r) + r + 1.0) * s1 * s2;
}

// 1/(1 + e^-x) from e^-|x|, which neither overflows nor loses the tail.
TERN_INLINE double sigmoid_f64(double x) {
  const double e = exp_plain_f64(-__builtin_fabs(x));
  return (x >= 0.0 ? 1.0 : e) / (1.0 + e);
}
