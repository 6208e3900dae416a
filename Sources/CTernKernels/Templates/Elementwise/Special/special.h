// The kernels of special functions, which Float takes from Double, and of rectifiers with a learned slope. Takes T, S, LM(f).

// A function that has two formulas, for |x| up to a limit and beyond: blocks of one kind are spared the other. Values do not
// depend on which loop they come from.
#define TWO_RANGES(NAME, LIMIT, WITHIN, BEYOND)                                                    \
  static void FN(NAME##_within)(ptrdiff_t n, T *out, ptrdiff_t so, const T *x, ptrdiff_t sx) {     \
    TERN_MAP1(T, T, WITHIN);                                                                       \
  }                                                                                                \
  static void FN(NAME##_beyond)(ptrdiff_t n, T *out, ptrdiff_t so, const T *x, ptrdiff_t sx) {     \
    TERN_MAP1(T, T, BEYOND);                                                                       \
  }                                                                                                \
  static void FN(NAME##_mixed)(ptrdiff_t n, T *out, ptrdiff_t so, const T *x, ptrdiff_t sx) {      \
    TERN_MAP1(T, T, LM(fabs)(v) > (T)LIMIT ? BEYOND : WITHIN);                                     \
  }                                                                                                \
  static void FN(NAME)(ptrdiff_t n, T *out, ptrdiff_t so, const T *x, ptrdiff_t sx) {              \
    for (; n > 0; n -= 512, out += 512 * so, x += 512 * sx) {                                      \
      const ptrdiff_t count = TERN_MIN(n, 512);                                                    \
      ptrdiff_t beyond = 0;                                                                        \
      for (ptrdiff_t i = 0; i < count; i++) beyond += LM(fabs)(x[i * sx]) > (T)LIMIT;              \
      if (!beyond) FN(NAME##_within)(count, out, so, x, sx);                                       \
      else if (beyond == count) FN(NAME##_beyond)(count, out, so, x, sx);                          \
      else FN(NAME##_mixed)(count, out, so, x, sx);                                                \
    }                                                                                              \
  }
#define BESSEL_I(NAME, ORDER, SCALED)                                                              \
  TWO_RANGES(NAME, 8, FN(steady_bessel_i)(v, ORDER, SCALED), bessel_i_beyond((double)v, ORDER, SCALED))
BESSEL_I(bessel_i0, 0, false)
BESSEL_I(bessel_i1, 1, false)
BESSEL_I(scaled_bessel_i0, 0, true)
BESSEL_I(scaled_bessel_i1, 1, true)
BESSEL_I(bessel_i2, 2, false)
BESSEL_I(scaled_bessel_i2, 2, true)
#undef BESSEL_I
#define BESSEL_K(NAME, ORDER, SCALED)                                                              \
  TWO_RANGES(NAME, 1, bessel_k_within((double)v, ORDER, SCALED), bessel_k_beyond((double)v, ORDER, SCALED))
BESSEL_K(bessel_k0, 0, false)
BESSEL_K(bessel_k1, 1, false)
BESSEL_K(scaled_bessel_k0, 0, true)
BESSEL_K(scaled_bessel_k1, 1, true)
#undef BESSEL_K
TWO_RANGES(spherical_wave, 0x1p20, spherical_wave_within((double)v), spherical_wave_beyond((double)v))
TWO_RANGES(inverse_erf, 0.999, FN(erf_inverse_within)(v), FN(erf_inverse_beyond)(v))
#undef TWO_RANGES

// ln Γ of numbers above 0, in blocks: where all lie around 2 the formulas of the others are left away.
static void FN(log_gamma_around)(ptrdiff_t n, T *out, ptrdiff_t so, const T *x, ptrdiff_t sx) {
  TERN_MAP1(T, T, lgamma_around((double)v));
}
static void FN(log_gamma_above)(ptrdiff_t n, T *out, ptrdiff_t so, const T *x, ptrdiff_t sx) {
  TERN_MAP1(T, T, lgamma_above((double)v));
}
static void FN(log_gamma)(ptrdiff_t n, T *out, ptrdiff_t so, const T *x, ptrdiff_t sx) {
  for (; n > 0; n -= 512, out += 512 * so, x += 512 * sx) {
    const ptrdiff_t count = TERN_MIN(n, 512);
    ptrdiff_t around = 0;
    for (ptrdiff_t i = 0; i < count; i++) around += ((double)x[i * sx] >= 0.9) & ((double)x[i * sx] < 2.5);
    if (around == count) FN(log_gamma_around)(count, out, so, x, sx);
    else FN(log_gamma_above)(count, out, so, x, sx);
  }
}

#define SPECIAL(NAME, EXPR)                                                                        \
  case tern_special_##NAME: TERN_MAP1(T, T, EXPR); return;

static void FN(special)(tern_special kernel, ptrdiff_t n, T *out, ptrdiff_t so, const T *x, ptrdiff_t sx) {
  switch (kernel) {
    case tern_special_exp2: FN(exp2_all)(n, out, so, x, sx); return;
    SPECIAL(cbrt, FN(cbrt)(v))
    SPECIAL(sinc, sinc_f64((double)v))
    SPECIAL(sincDerivative, sinc_derivative_f64((double)v))
    SPECIAL(entropy, entropy_f64((double)v))
    SPECIAL(logit, FN(logit)(v))
    SPECIAL(airyNear, airy_near((double)v, false))
    SPECIAL(airyNearDerivative, airy_near((double)v, true))
    case tern_special_erfInverse: FN(inverse_erf)(n, out, so, x, sx); return;
    SPECIAL(scaledErfc, scaled_erfc_f64((double)v))
    SPECIAL(scaledErfcIntegral, scaled_erfc_integral_f64((double)v))
    SPECIAL(ndtr, FN(steady_normal_cdf)(v))
    SPECIAL(ndtri, quantile_f64((double)v))
    SPECIAL(logNdtr, log_normal_cdf_f64((double)v))
    SPECIAL(inverseMills, inverse_mills_f64((double)v))
    case tern_special_lgamma: FN(log_gamma)(n, out, so, x, sx); return;
    SPECIAL(digamma, digamma_above((double)v))
    SPECIAL(trigamma, trigamma_above((double)v))
    case tern_special_besselI0: FN(bessel_i0)(n, out, so, x, sx); return;
    case tern_special_besselI1: FN(bessel_i1)(n, out, so, x, sx); return;
    case tern_special_scaledBesselI0: FN(scaled_bessel_i0)(n, out, so, x, sx); return;
    case tern_special_scaledBesselI1: FN(scaled_bessel_i1)(n, out, so, x, sx); return;
    case tern_special_besselI2: FN(bessel_i2)(n, out, so, x, sx); return;
    case tern_special_scaledBesselI2: FN(scaled_bessel_i2)(n, out, so, x, sx); return;
    case tern_special_besselK0: FN(bessel_k0)(n, out, so, x, sx); return;
    case tern_special_besselK1: FN(bessel_k1)(n, out, so, x, sx); return;
    case tern_special_scaledBesselK0: FN(scaled_bessel_k0)(n, out, so, x, sx); return;
    case tern_special_scaledBesselK1: FN(scaled_bessel_k1)(n, out, so, x, sx); return;
    case tern_special_sphericalBesselJ0: FN(spherical_wave)(n, out, so, x, sx); return;
  }
}
#undef SPECIAL

// a·b, and 0 where either is 0, whatever the other is.
static inline T FN(zero_product)(T a, T b) {
  const T product = a * b;
  return ((product != product) & ((a == 0) | (b == 0))) ? 0 : product;
}

// The gradient before a logit: g/(x·(1 - x)), 0 where g is, no number outside of 0 to 1.
static inline T FN(logit_gradient)(T g, T x) {
  const T rest = 1 - x, product = x * rest, value = g / product;
  return ((x < 0) | (x > 1)) ? (T)NAN : ((value != value) & (g == 0)) ? 0 : value;
}

// The number next to a on the way to b; b where they are equal.
static inline T FN(next_after)(T a, T b) {
  const bool up = b > a, grows = up == (a > 0);
  const T next = FN(from_bits)(grows ? FN(bits)(a) + 1 : FN(bits)(a) - 1), least = FN(from_bits)(1);
  const T moved = a == 0 ? (up ? least : -least) : next;
  return a == b ? b : ((a != a) | (b != b)) ? (T)NAN : moved;
}

static void FN(incomplete_gamma)(ptrdiff_t n, T *out, ptrdiff_t so, const T *a, ptrdiff_t sa, const T *x, ptrdiff_t sx,
                                 const bool upper) {
  double value[INCOMPLETE_GAMMA_LANES], shapes[INCOMPLETE_GAMMA_LANES], places[INCOMPLETE_GAMMA_LANES];
  for (ptrdiff_t first = 0; first < n; first += INCOMPLETE_GAMMA_LANES) {
    const ptrdiff_t count = TERN_MIN(n - first, INCOMPLETE_GAMMA_LANES);
    for (ptrdiff_t i = 0; i < count; i++)
      shapes[i] = (double)a[(first + i) * sa], places[i] = (double)x[(first + i) * sx];
    incomplete_gamma_lanes(count, value, shapes, places, upper, sizeof(T) == 8);
    for (ptrdiff_t i = 0; i < count; i++) out[(first + i) * so] = (T)value[i];
  }
}

#define SPECIAL_PAIR(NAME, EXPR)                                                                   \
  case tern_special_pair_##NAME: TERN_MAP2(T, T, EXPR); return;

static void FN(special_pair)(tern_special_pair kernel, ptrdiff_t n, T *out, ptrdiff_t so, const T *a, ptrdiff_t sa,
                             const T *b, ptrdiff_t sb) {
  switch (kernel) {
    SPECIAL_PAIR(xlogy, xlogy_f64((double)v, (double)w))
    SPECIAL_PAIR(xlog1py, xlog1py_f64((double)v, (double)w))
    SPECIAL_PAIR(logAddExp2, FN(log_add_exp2)(v, w))
    SPECIAL_PAIR(logAddExp2Grad, log_add_exp2_derivative((double)v, (double)w))
    SPECIAL_PAIR(logitGrad, FN(logit_gradient)(v, w))
    SPECIAL_PAIR(prelu, v <= 0 ? FN(zero_product)(w, v) : v)
    case tern_special_pair_gammaLower: FN(incomplete_gamma)(n, out, so, a, sa, b, sb, false); return;
    case tern_special_pair_gammaUpper: FN(incomplete_gamma)(n, out, so, a, sa, b, sb, true); return;
    SPECIAL_PAIR(copySign, LM(copysign)(v, w))
    SPECIAL_PAIR(nextAfter, FN(next_after)(v, w))
    SPECIAL_PAIR(preluWeightGrad, w > 0 ? 0 : FN(zero_product)(v, w))
  }
}
#undef SPECIAL_PAIR

// The gradient before a rectifier with a learned slope w: g above 0, g·w elsewhere, 0 where x is no number.
static void FN(prelu_grad)(ptrdiff_t n, T *out, ptrdiff_t so, const T *g, ptrdiff_t sg, const T *x, ptrdiff_t sx,
                           const T *w, ptrdiff_t sw) {
#define GRADIENT(G, X, W) ((X) > 0 ? (G) : (X) <= 0 ? FN(zero_product)(G, W) : 0)
  if (so == 1 && sg == 1 && sx == 1 && sw == 0) {
    const T slope = w[0];
    TERN_LOOP for (ptrdiff_t i = 0; i < n; i++) out[i] = GRADIENT(g[i], x[i], slope);
  } else {
    for (ptrdiff_t i = 0; i < n; i++) out[i * so] = GRADIENT(g[i * sg], x[i * sx], w[i * sw]);
  }
#undef GRADIENT
}

// The values where they are finite, else one of the others.
static void FN(replace_nonfinite)(ptrdiff_t n, T *out, ptrdiff_t so, const T *x, ptrdiff_t sx, T nan, T high, T low) {
  TERN_MAP1(T, T, v != v ? nan : v == (T)INFINITY ? high : v == -(T)INFINITY ? low : v);
}
