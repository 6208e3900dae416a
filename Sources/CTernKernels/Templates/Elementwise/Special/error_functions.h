// The error function's relatives and the normal distribution, in Double.

// (½ + a)·e^(a²)·erfc a in powers of (a − 3)/(a + 3), and (erf x)/x − 1 in powers of x² up to 0.85².
static const double erfcx_terms[] = {
  0.6265040291348648, -0.06781055306229058, -0.023781147176725435, 0.0648225793513803, -0.05963683170765349,
  0.03415401367198924, -0.011885257459322944, 0.0012646959080331195, 0.0009443451795780776, -0.00038991613605419956,
  -5.257989990750589e-05, 6.254967617781554e-05, 2.4747424962852974e-06, -1.0050283965644614e-05,
  -3.657552582079531e-07, 1.736207301437843e-06, 1.7841919576996102e-07, -3.0832480388021764e-07,
  -7.080032470132994e-08, 5.0935003000364426e-08, 2.090392349422791e-08, -6.663182406501917e-09,
  -4.250198964886308e-09, 4.942899415569683e-10, 4.432109508213546e-10,
};
static const double erf_terms[] = {
  0.12837916709551256, -0.3761263890318335, 0.11283791670932594, -0.026866170640255645, 0.00522397757126982,
  -0.0008548323506677763, 0.00012055190337021296, -1.4921921653420798e-05, 1.6399123262977372e-06,
  -1.5697115571004142e-07, 1.0675693706713948e-08,
};

// e^(a²)·erfc a for a ≥ 0
TERN_INLINE double erfcx_above(double a) {
  const double c = a > 0x1p60 ? 0x1p60 : a;
  return steady_polynomial((c - 3.0) / (c + 3.0), erfcx_terms, 25) / (0.5 + a);
}

// erf x for |x| < 0.85
TERN_INLINE double erf_near(double x) { return x + x * steady_polynomial(x * x, erf_terms, 11); }

// e^(x²)·erfc x: next to 0 by erf.
TERN_INLINE double scaled_erfc_f64(double x) {
  const bool near = __builtin_fabs(x) < 0.25;
  const double above = erfcx_above(__builtin_fabs(x)), c = x < -27.5 ? -27.5 : x > 0.25 ? 0.0 : x;
  const double e = steady_exp_square(c, 1.0), by_erf = e * (1.0 - erf_near(near ? x : 0.0));
  return near ? by_erf : x < 0.0 ? e + (e - above) : above;
}

// (½ + a)²·(1/√π − a·e^(a²)·erfc a) in powers of (a − 3)/(a + 3).
static const double erfc_integral_terms[] = {
  0.33303009254393384, -0.02568382009991293, -0.08670105360491992, 0.108284426848812, -0.05899118426667276,
  0.002409686664231548, 0.02110975263499263, -0.015689956692032794, 0.003969614120568523, 0.0012398716701098862,
  -0.001001879653309315, -2.9592057865904208e-05, 0.00018516316168600496, -8.228375752706547e-06,
  -3.542723576158147e-05, 1.1274881680226082e-06, 7.2862465841311065e-06, 3.9684638974260314e-07,
  -1.5227415997743083e-06, -3.086886057487422e-07, 2.945098805789164e-07, 1.2303269584129503e-07,
  -4.6691665312853354e-08, -3.457148658520459e-08, 5.065630985558535e-09, 6.4911392313993944e-09,
  -2.5893942191242885e-10, -6.124200681334312e-10,
};

// e^(x²) times the integral of erfc from x to ∞: 1/√π − x·e^(x²)·erfc x.
TERN_INLINE double scaled_erfc_integral_f64(double x) {
  const bool near = __builtin_fabs(x) < 0.45;
  const double a = __builtin_fabs(x), inverse = 1.0 / (0.5 + a), below = x < -27.5 ? -27.5 : x > 0.45 ? 0.0 : x;
  const double above = steady_polynomial((a - 3.0) / (a + 3.0), erfc_integral_terms, 28) * inverse * inverse;
  const double e = steady_exp_square(below, 1.0), by_erf = x * e * (1.0 - erf_near(near ? x : 0.0));
  const double value = near ? 0.56418958354775628695 - by_erf : x < 0.0 ? above - 2.0 * below * e : above;
  return a == INFINITY ? (x > 0.0 ? 0.0 : INFINITY) : value;
}

// ½·e^(a²/2)·erfc(a/√2) for a ≥ 0: as above, but for factors of √2.
TERN_INLINE double normal_tail_scaled(double a) {
  const double c = a > 0x1p60 ? 0x1p60 : a, q = (c - 4.24264068711928514641) / (c + 4.24264068711928514641);
  return steady_polynomial(q, erfcx_terms, 25) * 0.70710678118654752440 / (a + 0.70710678118654752440);
}

// Φ(−a) for a ≥ 0
TERN_INLINE double normal_tail(double a) {
  const double c = a > 40.0 ? 40.0 : a;
  return normal_tail_scaled(c) * steady_exp_square(c, -0.5);
}

TERN_INLINE double steady_normal_cdf_f64(double x) {
  const double a = __builtin_fabs(x), tail = normal_tail(a);
  const double near = 0.5 + 0.5 * erf_near(x * 0.70710678118654752440);
  return a < 0.75 ? near : x > 0.0 ? 1.0 - tail : tail;
}
// ln Φ(x): below −1 ln(½e^(x²/2)·erfc(−x/√2)) − ½x².
TERN_INLINE double log_normal_cdf_f64(double x) {
  const double a = __builtin_fabs(x);
  const bool far = x < -1.0;
  const double below = steady_log(far ? normal_tail_scaled(a) : steady_normal_cdf_f64(x));
  const double above = steady_log1p(-steady_normal_cdf_f64(-x));
  return x < 0.0 ? below - (far ? 0.5 * (x * x) : 0.0) : above;
}

// φ(x)/Φ(x), the derivative of ln Φ: up to −½ from e^(x²/2)·Φ(x).
TERN_INLINE double inverse_mills_f64(double x) {
  const double a = __builtin_fabs(x), c = a > 40.0 ? 40.0 : a;
  const double below = 0.39894228040143267794 / normal_tail_scaled(a);
  const double above = 0.39894228040143267794 * steady_exp_square(c, -0.5) / steady_normal_cdf_f64(x);
  return x > -0.5 ? above : a > 0x1p60 ? a : below;
}

// Wichura: Algorithm AS 241: The Percentage Points of the Normal Distribution, 1988.
static const double quantile_central_p[] = {
  3.3871328727963666080, 1.3314166789178437745e+2, 1.9715909503065514427e+3, 1.3731693765509461125e+4,
  4.5921953931549871457e+4, 6.7265770927008700853e+4, 3.3430575583588128105e+4, 2.5090809287301226727e+3,
};
static const double quantile_central_q[] = {
  1, 4.2313330701600911252e+1, 6.8718700749205790830e+2, 5.3941960214247511077e+3, 2.1213794301586595867e+4,
  3.9307895800092710610e+4, 2.8729085735721942674e+4, 5.2264952788528545610e+3,
};
static const double quantile_middle_p[] = {
  1.42343711074968357734, 4.63033784615654529590, 5.76949722146069140550, 3.64784832476320460504,
  1.27045825245236838258, 2.41780725177450611770e-1, 2.27238449892691845833e-2, 7.74545014278341407640e-4,
};
static const double quantile_middle_q[] = {
  1, 2.05319162663775882187, 1.67638483018380384940, 6.89767334985100004550e-1, 1.48103976427480074590e-1,
  1.51986665636164571966e-2, 5.47593808499534494600e-4, 1.05075007164441684324e-9,
};
static const double quantile_far_p[] = {
  6.65790464350110377720, 5.46378491116411436990, 1.78482653991729133580, 2.96560571828504891230e-1,
  2.65321895265761230930e-2, 1.24266094738807843860e-3, 2.71155556874348757815e-5, 2.01033439929228813265e-7,
};
static const double quantile_far_q[] = {
  1, 5.99832206555887937690e-1, 1.36929880922735805310e-1, 1.48753612908506148525e-2, 7.86869131145613259100e-4,
  1.84631831751005468180e-5, 1.42151175831644588870e-7, 2.04426310338993978564e-15,
};

// The quantile of ½ + q for |q| ≤ 0.425.
TERN_INLINE double quantile_central(double q) {
  const double r = 0.180625 - q * q;
  return q * steady_polynomial(r, quantile_central_p, 8) / steady_polynomial(r, quantile_central_q, 8);
}

// The negative of the quantile of a tail below 0.075, times a factor.
TERN_INLINE double quantile_tail(double tail, const double factor) {
  const double root = __builtin_elementwise_sqrt(-steady_log(tail));
  const bool far = root > 5.0;
  const double r = root - (far ? 5.0 : 1.6);
  double p[8], q[8];
  UNROLLED for (int i = 0; i < 8; i++) {
    p[i] = far ? quantile_far_p[i] * factor : quantile_middle_p[i] * factor;
    q[i] = far ? quantile_far_q[i] : quantile_middle_q[i];
  }
  return steady_polynomial(r, p, 8) / steady_polynomial(r, q, 8);
}

// The x with Φ(x) = p; ∓∞ at 0 and 1, no number outside.
TERN_INLINE double quantile_f64(double p) {
  const double q = p - 0.5, outer = quantile_tail(p < 0.5 ? p : 1.0 - p, 1.0);
  const double value = __builtin_fabs(q) <= 0.425 ? quantile_central(q) : __builtin_copysign(outer, q);
  const double end = p == 0.0 ? -INFINITY : p == 1.0 ? INFINITY : NAN;
  return ((p > 0.0) & (p < 1.0)) ? value : end;
}

// x/y for erf x = y in powers of w − 3.125 with w = −ln(1 − y²) up to 6.25 (M. Giles: Approximating the erfinv Function, 2010).
static const double erf_inverse_near[] = {
  1.6536545626831027, 0.24015818242558834, -0.006033670871426851, -0.0007407025341546431, 0.00018673420801981186,
  -1.3882523393957483e-05, -1.3654691758785656e-06, 4.23478816822246e-07, -2.907039127564132e-08,
  -4.1126604371632185e-09, 1.051223377050429e-09, -5.414303283919504e-11, -1.2978805369932565e-11,
  2.6305268312595183e-12, -8.07192593899004e-14, -4.0020031087558496e-14, 6.521333511502239e-15,
  -3.94018812230432e-17, -1.2215637192404172e-16, 1.5510787009902526e-17, 6.075050702072414e-19,
  -3.4734793888538036e-19, 1.999259988861535e-20, 3.194015548136271e-21, -3.5932028927020693e-22,
};

// The x with erf x = y for |y| ≤ 0.999, and beyond: ±∞ at ±1, no number outside.
TERN_INLINE double erf_inverse_within_f64(double y) {
  const double w = -steady_log((1.0 - y) * (1.0 + y));
  return y * steady_polynomial(w - 3.125, erf_inverse_near, 25);
}

TERN_INLINE double erf_inverse_beyond_f64(double y) {
  const double a = __builtin_fabs(y), outer = quantile_tail(0.5 * (1.0 - a), 0.70710678118654752440);
  return a < 1.0 ? __builtin_copysign(outer, y) : a == 1.0 ? __builtin_copysign(INFINITY, y) : NAN;
}
