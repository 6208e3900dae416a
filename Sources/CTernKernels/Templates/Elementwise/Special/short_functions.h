// Float's own special functions, where Double's would take too long: in Float, or by shorter polynomials in Double.

// ln x for a normal, positive x, from 1 + f around 1 and an exponent (Cephes); see log_normal_f32.
TERN_INLINE float steady_log_parts_f32(float f, float e) {
  const float z = f * f;
  float p = 7.0376836292e-2f;
  p = p * f + -1.1514610310e-1f;
  p = p * f + 1.1676998740e-1f;
  p = p * f + -1.2420140846e-1f;
  p = p * f + 1.4249322787e-1f;
  p = p * f + -1.6668057665e-1f;
  p = p * f + 2.0000714765e-1f;
  p = p * f + -2.4999993993e-1f;
  p = p * f + 3.3333331174e-1f;
  const float tail = p * f * z + e * -2.12194440e-4f - 0.5f * z;
  return (f + tail) + e * 0.693359375f;
}

// ln x of a positive Double in the range of Float's squares, to Float's precision.
TERN_INLINE float steady_log_narrow(double x) {
  double exponent;
  const float f = (float)(steady_split(x, 0.0, &exponent) - 1.0);
  return steady_log_parts_f32(f, (float)exponent);
}

TERN_INLINE float logit_f32(float x) {
  const double quotient = (double)x / (1.0 - (double)x);
  const float y = steady_log_narrow(quotient);
  const float value = x == 1.0f ? INFINITY : x == 0.0f ? -INFINITY : y;
  return ((x >= 0.0f) & (x <= 1.0f)) ? value : NAN;
}

// x·p(w) with w = −ln(1 − x²), and with √w above 5 (after M. Giles: Approximating the erfinv Function, 2010).
TERN_INLINE float erf_inverse_within_f32(float x) {
  static const float near[] = {
    1.50140936f, 0.246640279f, -0.00417739288f, -0.00125272639f, 0.000218349386f, -4.97241969e-06f, -3.46398527e-06f,
    4.68131348e-07f, 2.33359672e-08f, -8.93192597e-09f,
  };
  static const float outer[] = {
    2.83297679f, 1.00167507f, 0.00944574382f, -0.00763913903f, 0.00568267852f, -0.00358781577f, 0.00149722251f,
    -7.60479017e-05f, -0.000319926673f, 0.000129241755f,
  };
  const float a = __builtin_fabsf(x), square = (1.0f - a) * (1.0f + a);
  const int32_t exponent = (int32_t)(bits_f32(square) - 0x3F3504F3u) >> 23;
  const float fraction = from_bits_f32(bits_f32(square) - ((uint32_t)exponent << 23)) - 1.0f;
  const float w = -steady_log_parts_f32(fraction, (float)exponent);
  const bool far = w >= 5.0f;
  const float v = far ? __builtin_elementwise_sqrt(w) - 3.0f : w - 2.5f;
  float p = far ? outer[9] : near[9];
  UNROLLED for (int i = 8; i >= 1; i--) p = p * v + (far ? outer[i] : near[i]);
  const double value = ((double)p * (double)v + (far ? 2.832976794473863 : 1.501409360450329)) * (double)x;
  return a < 1.0f ? (float)value : a == 1.0f ? __builtin_copysignf(INFINITY, x) : NAN;
}
TERN_INLINE float erf_inverse_beyond_f32(float x) { return erf_inverse_within_f32(x); }

// e^x for |x| < 700, within 1e-10.
TERN_INLINE double steady_exp_short(double x) {
  static const double terms[] = {
    1.0, 1.0, 0.5, 1.0 / 6.0, 1.0 / 24.0, 1.0 / 120.0, 1.0 / 720.0, 1.0 / 5040.0, 1.0 / 40320.0,
  };
  const double shifted = x * 1.44269504088896338700 + (ROUNDER + 1023.0), n = shifted - (ROUNDER + 1023.0);
  return steady_polynomial(x - n * 6.93147180559945286227e-01, terms, 9) * from_bits_f64(bits_f64(shifted) << 52);
}

// Φ(x), as in normal_cdf_f64.
TERN_INLINE float steady_normal_cdf_f32(float x) {
  static const double above[] = {
    0.6265040291348648, -0.06781053411034708, -0.023781146913858815, 0.0648220455124811, -0.05963683921575145,
    0.034158348647191375, -0.011885194355690841, 0.0012494113056936553, 0.0009441078504042123, -0.0003630804005846567,
    -5.211058855370656e-05, 3.860206969026111e-05, 1.9458757788985029e-06,
  };
  static const double middle[] = {
    0.12837916695332335, -0.3761263697291583, 0.11283748741484982, -0.026862575106798098, 0.005209544368626241,
    -0.0008247284637372249, 8.849965148107806e-05,
  };
  const double z = (double)x * 0.70710678118654752440, a = __builtin_fabs(z), c = a > 12.0 ? 12.0 : a;
  const double bell = steady_exp_short(-c * c);
  const double tail = 0.5 * steady_polynomial((c - 3.0) / (c + 3.0), above, 13) * bell / (0.5 + c);
  const double near = 0.5 + 0.5 * (z + z * steady_polynomial(z * z, middle, 7));
  return (float)(a < 0.53 ? near : x > 0.0f ? 1.0 - tail : tail);
}

// e^(−|x|)·Iₙ(x) up to 8: the series that Float needs of bessel_i_within.
TERN_INLINE float steady_bessel_i_f32(float x, const int order, const bool scaled) {
  const double y = (double)x, square = 0.25 * y * y;
  const double value = order == 0   ? steady_polynomial(square, bessel_i0_terms, 19)
                       : order == 1 ? 0.5 * y * steady_polynomial(square, bessel_i1_terms, 19)
                                    : 0.5 * square * steady_polynomial(square, bessel_i2_terms, 19);
  return (float)(scaled ? value * steady_exp_short(-__builtin_fabs(y)) : value);
}
