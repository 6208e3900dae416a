// The regularized incomplete gamma functions where their series converges soon: 0 < a ≤ 8, x ≤ a + 6. Everything else is
// left to the caller, as no number.

// 1/Γ(1½ + y) in powers of y for |y| ≤ ½, and what the first coefficient lacks.
static const double reciprocal_gamma_terms[] = {
  1.1283791670955126, -0.0411745264452831, -0.5266544355255445, 0.17510202604393435, 0.050966860247706226,
  -0.04215516936852383, 0.006612897826817975, 0.002120731442277257, -0.0011107302544683206, 0.00015235762470520615,
  2.5355203461127087e-05, -1.389683544823172e-05, 2.1562132200415612e-06, 5.80703265961005e-08, -8.917479916008154e-08,
  1.681337201347965e-08, -8.47528328709373e-10,
};
static const double reciprocal_gamma_tail = 1.5337626887314642e-17;

// The terms of 2·artanh s = 2s + s³·(…) in powers of s² for |s| ≤ 0.1716.
static const double artanh_terms[] = {
  2.0 / 3.0, 2.0 / 5.0, 2.0 / 7.0, 2.0 / 9.0, 2.0 / 11.0, 2.0 / 13.0, 2.0 / 15.0, 2.0 / 17.0, 2.0 / 19.0, 2.0 / 21.0,
};

enum { INCOMPLETE_GAMMA_LANES = 64 };

// ln x of a normal x in two parts.
TERN_INLINE double log_parts(double x, double *tail) {
  double k, d_lost;
  const double f = steady_split(x, 0.0, &k), n = f - 1.0, d = sum_f64(f, 1.0, &d_lost), inverse = 1.0 / d;
  const double s = n * inverse, s_lost = (__builtin_fma(-s, d, n) - s * d_lost) * inverse, z = s * s;
  const double rest = s * z * steady_polynomial(z, artanh_terms, 10) + 2.0 * s_lost + k * LN2_TAIL;
  double lost;
  const double sum = sum_f64(k * LN2_HEAD, 2.0 * s, &lost), head = sum + (lost + rest);
  *tail = (sum - head) + (lost + rest);
  return head;
}

// xᵃe⁻ˣ/Γ(a+1) in two parts; no number below e⁻⁶⁹⁰.
TERN_INLINE double gamma_density_parts(double a, double x, double *tail) {
  double log_tail, lost;
  const double logarithm = log_parts(x, &log_tail), power = a * logarithm;
  const double power_lost = __builtin_fma(a, logarithm, -power) + a * log_tail;
  const double exponent = sum_f64(power, -x, &lost), low_exponent = lost + power_lost;
  const double shifted = exponent * 1.44269504088896338700 + ROUNDER, n = shifted - ROUNDER;
  const double first = exponent - n * LN2_HEAD, low = low_exponent - n * LN2_TAIL, r = first + low;
  static const double terms[] = {
    0.5, 1.0 / 6.0, 1.0 / 24.0, 1.0 / 120.0, 1.0 / 720.0, 1.0 / 5040.0, 1.0 / 40320.0, 1.0 / 362880.0, 1.0 / 3628800.0,
    1.0 / 39916800.0, 1.0 / 479001600.0, 1.0 / 6227020800.0,
  };
  const double one = 1.0 + r, rest = (r - (one - 1.0)) + (r * r * steady_polynomial(r, terms, 12) + ((first - r) + low));
  const double e = one + rest, e_tail = (one - e) + rest;
  // Γ(a+1) = a·(a−1)·…·Γ(z+1) with z in 0 … 1.
  double z = a, product = 1.0, product_tail = 0.0;
  for (int i = 0; i < 7; i++) {
    const bool steps = z > 1.0;
    const double next = product * z, next_tail = __builtin_fma(product, z, -next) + product_tail * z;
    product = steps ? next : product, product_tail = steps ? next_tail : product_tail, z = steps ? z - 1.0 : z;
  }
  const double y = z - 0.5, g_rest = y * steady_polynomial(y, reciprocal_gamma_terms + 1, 16);
  const double g = reciprocal_gamma_terms[0] + g_rest;
  const double g_tail = (reciprocal_gamma_terms[0] - g) + g_rest + reciprocal_gamma_tail;
  const double p = e * g, p_tail = __builtin_fma(e, g, -p) + e * g_tail + e_tail * g, inverse = 1.0 / product;
  const double q = p * inverse, q_tail = (__builtin_fma(-q, product, p) + p_tail - q * product_tail) * inverse;
  const double scale = from_bits_f64((bits_f64(shifted) - ROUNDER_BITS + 1023u) << 52);
  *tail = q_tail * scale;
  return exponent < -690.0 ? NAN : q * scale;
}

// P(a, x), or Q(a, x) = 1 − P(a, x), of up to INCOMPLETE_GAMMA_LANES pairs, as accurate as Double where `exact`, else as Float:
// xᵃe⁻ˣ/Γ(a+1) times the sum 1 + x/(a+1)·(1 + x/(a+2)·(…)), whose first factors are in two parts.
static void incomplete_gamma_lanes(ptrdiff_t n, double *out, const double *a, const double *x, const bool upper,
                                   const bool exact) {
  // The terms of each, and how many of them are in two parts: by x alone, so that neighbors do not matter.
  double sum[INCOMPLETE_GAMMA_LANES], tail[INCOMPLETE_GAMMA_LANES], last[INCOMPLETE_GAMMA_LANES], parts[INCOMPLETE_GAMMA_LANES];
  double terms = 0.0, first = 0.0;
  for (ptrdiff_t i = 0; i < n; i++) {
    const bool fits = (a[i] > 0x1p-500) & (a[i] <= 8.0) & (x[i] > 0x1p-900) & (x[i] <= a[i] + 6.0);
    const double c = fits ? x[i] : 0.0;
    sum[i] = 1.0, tail[i] = 0.0, out[i] = fits ? 0.0 : NAN;
    last[i] = exact ? 17.0 + 3.6 * c : 12.0 + 3.0 * c, parts[i] = exact ? 6.0 + 2.0 * c : 0.0;
    terms = last[i] > terms ? last[i] : terms, first = parts[i] > first ? parts[i] : first;
  }
  for (int k = (int)terms; k > (int)first; k--)
    TERN_LOOP for (ptrdiff_t i = 0; i < n; i++) {
      const double next = 1.0 + x[i] / (a[i] + k) * sum[i];
      sum[i] = (double)k <= last[i] ? next : 1.0;
    }
  for (int k = (int)first; k > 0; k--) {
    TERN_LOOP for (ptrdiff_t i = 0; i < n; i++) {
      double lost, carry;
      const double d = sum_f64(a[i], (double)k, &lost), inverse = 1.0 / d, ratio = x[i] * inverse;
      const double ratio_tail = (__builtin_fma(-ratio, d, x[i]) - ratio * lost) * inverse, product = ratio * sum[i];
      const double product_tail = __builtin_fma(ratio, sum[i], -product) + ratio * tail[i] + ratio_tail * sum[i];
      const double next = sum_f64(1.0, product, &carry), single = 1.0 + x[i] / (a[i] + k) * sum[i];
      const bool has = (double)k <= last[i], isSum = (double)k <= parts[i];
      sum[i] = has ? (isSum ? next : single) : 1.0;
      tail[i] = (has & isSum) ? carry + product_tail : 0.0;
    }
  }
  TERN_LOOP for (ptrdiff_t i = 0; i < n; i++) {
    double density_tail;
    const double density = gamma_density_parts(a[i], x[i], &density_tail), p = density * sum[i];
    const double p_tail = __builtin_fma(density, sum[i], -p) + density * tail[i] + density_tail * sum[i];
    const double q = 1.0 - p, value = q + (((1.0 - q) - p) - p_tail);
    // What the difference leaves is too little below this.
    const double kept = value < (exact ? 0x1p-4 : 0x1p-20) ? NAN : value;
    out[i] += upper ? kept : p + p_tail;
  }
}
