// The unary kernels of Float and Double. silu and its like are products with a factor that is 0
// long before -1000: there the other one stands still, so that -inf gives 0.
// Takes T, S and LM(f), the C library's f for the type.

static inline T FN(clamp)(T v, T low, T high) {
  const T raised = v < low ? low : v;
  return raised > high ? high : raised;
}

// v where it matters, never below: what multiplies a factor that is 0 there.
static inline T FN(above)(T v, T low) { return v < low ? low : v; }

// ln(1 + e^v) without overflow. These are always inlined: a call in a loop of Double would keep it from being vectorized.
TERN_INLINE T FN(log1p_exp)(T v) { return (v > 0 ? v : 0) + FN(log1p_unit)(FN(exp)(-LM(fabs)(v))); }

TERN_INLINE T FN(softplus)(T v, T beta, T limit) {
  const T scaled = v * beta;
  return scaled > limit ? v : FN(log1p_exp)(scaled) / beta;
}

TERN_INLINE T FN(log_sigmoid)(T v) { return (v > 0 ? 0 : v) - FN(log1p_unit)(FN(exp)(-LM(fabs)(v))); }

// alpha·(e^(v/alpha) - 1); v itself where the quotient is next to nothing.
static inline T FN(celu_below)(T v, T alpha) {
  const T u = v / alpha;
  return LM(fabs)(u) < (T)1e-30 ? v : alpha * FN(expm1)(u);
}

// x·tanh(ln(1 + e^x)) with tanh(ln y) = (y² - 1)/(y² + 1), written in e^-|x| so that nothing overflows or cancels.
static inline T FN(mish)(T v) {
  const T e = FN(exp)(-LM(fabs)(v));
  const T positive = (1 + 2 * e) / (1 + 2 * e + 2 * e * e);
  const T negative = (e * e + 2 * e) / (e * e + 2 * e + 2);
  return FN(above)(v, -1000) * (v > 0 ? positive : negative);
}

// v/(1 + |v|), whose limits are ±1.
static inline T FN(soft_sign)(T v) {
  const T most = sizeof(T) == 4 ? (T)0x1p100 : (T)0x1p1000, c = FN(clamp)(v, -most, most);
  return c / (1 + LM(fabs)(c));
}

// v - tanh v, which cancels near 0: (v - tanh v)/v³ is a polynomial of v² for |v| ≤ 1, 5e-9 (Float) and 1.4e-17 (Double) off.
TERN_INLINE T FN(tanh_shrink)(T v) {
  static const double short_terms[] = {
      0.33333333156722313937, -0.13333310655545100574, 0.053963414754438835794, -0.021829548843059369963,
      0.0086978475928148779815, -0.0032068033868465648855, 0.00092350084634817608789, -0.00014279318799621564838};
  static const double long_terms[] = {
      0.33333333333333332859, -0.13333333333333090074, 0.053968253968046375855, -0.021869488529129090127,
      0.0088632354045782824851, -0.0035921266793663411995, 0.0014558246920964941967, -0.00058997929463000516564,
      0.0002389570522873822522, -0.00009646277743313181427, 0.000038389607893147333132, -0.000014606131676715378477,
      4.9877603175203466704e-6, -1.3791814499083341601e-6, 2.6330772232959334619e-7, -2.515502365938210575e-8};
  const double *const terms = sizeof(T) == 4 ? short_terms : long_terms;
  const T s = v * v;
  T sum = 0;
  for (int k = sizeof(T) == 4 ? 7 : 15; k >= 0; k--) sum = sum * s + (T)terms[k];
  return s < 1 ? v * (s * sum) : v - FN(tanh)(v);
}

// The exponents PyTorch treats apart go by multiplication and square roots.
static void FN(pow_scalar)(ptrdiff_t n, T *out, ptrdiff_t so, const T *x, ptrdiff_t sx, T p) {
  if (p == 2) {
    TERN_MAP1(T, T, v * v);
  } else if (p == 3) {
    TERN_MAP1(T, T, v * v * v);
  } else if (p == 1) {
    TERN_MAP1(T, T, v);
  } else if (p == (T)0.5) {
    TERN_MAP1(T, T, __builtin_elementwise_sqrt(v));
  } else if (p == -(T)0.5) {
    TERN_MAP1(T, T, 1 / __builtin_elementwise_sqrt(v));
  } else if (p == -1) {
    TERN_MAP1(T, T, 1 / v);
  } else if (p == -2) {
    TERN_MAP1(T, T, 1 / (v * v));
  } else {
    TERN_MAP1(T, T, FN(pow)(v, p));
  }
}

// A trigonometric function, which the C library computes of arguments beyond the limit. Values do not depend on which loop
// they come from.
#define TRIGONOMETRIC(NAME)                                                                        \
  static void FN(map_##NAME)(ptrdiff_t n, T *out, ptrdiff_t so, const T *x, ptrdiff_t sx) {        \
    for (; n > 0; n -= 512, out += 512 * so, x += 512 * sx) {                                      \
      const ptrdiff_t count = TERN_MIN(n, 512);                                                    \
      int beyond = 0;                                                                              \
      for (ptrdiff_t i = 0; i < count; i++) beyond |= LM(fabs)(x[i * sx]) > (T)TRIGONOMETRIC_LIMIT; \
      if (!beyond) FN(NAME##_within)(count, out, so, x, sx);                                       \
      else                                                                                         \
        for (ptrdiff_t i = 0; i < count; i++) {                                                    \
          const T v = x[i * sx];                                                                   \
          out[i * so] = LM(fabs)(v) > (T)TRIGONOMETRIC_LIMIT ? LM(NAME)(v) : FN(NAME)(v);          \
        }                                                                                          \
    }                                                                                              \
  }
static void FN(sin_within)(ptrdiff_t n, T *out, ptrdiff_t so, const T *x, ptrdiff_t sx) { TERN_MAP1(T, T, FN(sin)(v)); }
static void FN(cos_within)(ptrdiff_t n, T *out, ptrdiff_t so, const T *x, ptrdiff_t sx) { TERN_MAP1(T, T, FN(cos)(v)); }
static void FN(tan_within)(ptrdiff_t n, T *out, ptrdiff_t so, const T *x, ptrdiff_t sx) { TERN_MAP1(T, T, FN(tan)(v)); }
TRIGONOMETRIC(sin)
TRIGONOMETRIC(cos)
TRIGONOMETRIC(tan)
#undef TRIGONOMETRIC

#define UNARY(NAME, EXPR)                                                                          \
  case tern_unary_##NAME: TERN_MAP1(T, T, EXPR); return true;

static bool FN(unary)(tern_unary kernel, ptrdiff_t n, T *out, ptrdiff_t so, const T *x, ptrdiff_t sx, T p0, T p1) {
  const T selu_scale = (T)1.0507009873554804934193349852946, selu_alpha = (T)1.6732632423543772848170429916717;
  switch (kernel) {
    UNARY(neg, -v)
    UNARY(abs, LM(fabs)(v))
    UNARY(sign, (T)((v > 0) - (v < 0)))
    UNARY(exp, FN(exp)(v))
    UNARY(expm1, FN(expm1)(v))
    UNARY(log, FN(log)(v))
    UNARY(log1p, FN(log1p)(v))
    UNARY(log2, FN(log2)(v))
    UNARY(log10, FN(log10)(v))
    UNARY(sqrt, __builtin_elementwise_sqrt(v))
    UNARY(rsqrt, 1 / __builtin_elementwise_sqrt(v))
    UNARY(square, v * v)
    UNARY(reciprocal, 1 / v)
    case tern_unary_sin: FN(map_sin)(n, out, so, x, sx); return true;
    case tern_unary_cos: FN(map_cos)(n, out, so, x, sx); return true;
    case tern_unary_tan: FN(map_tan)(n, out, so, x, sx); return true;
    UNARY(asin, FN(asin)(v))
    UNARY(acos, FN(acos)(v))
    UNARY(atan, FN(atan)(v))
    UNARY(sinh, FN(sinh)(v))
    UNARY(cosh, FN(cosh)(v))
    UNARY(tanh, FN(tanh)(v))
    UNARY(asinh, FN(asinh)(v))
    UNARY(acosh, FN(acosh)(v))
    UNARY(atanh, FN(atanh)(v))
    UNARY(sigmoid, FN(sigmoid)(v))
    UNARY(erf, FN(erf)(v))
    UNARY(erfc, FN(erfc)(v))
    UNARY(floor, LM(floor)(v))
    UNARY(ceil, LM(ceil)(v))
    UNARY(trunc, LM(trunc)(v))
    UNARY(frac, v - LM(trunc)(v))
    UNARY(round, LM(rint)(v))
    UNARY(relu, 0 > v ? 0 : v)
    case tern_unary_leakyReLU:
      if (p0 != 0) TERN_MAP1(T, T, v > 0 ? v : v * p0);
      else TERN_MAP1(T, T, v > 0 ? v : FN(above)(v, -1) * p0);
      return true;
    UNARY(elu, v < 0 ? p0 * FN(expm1)(v) : v)
    UNARY(selu, selu_scale * (v < 0 ? selu_alpha * FN(expm1)(v) : v))
    UNARY(celu, v < 0 ? FN(celu_below)(v, p0) : v)
    UNARY(gelu, FN(above)(v, -1000) * FN(normal_cdf)(v))
    UNARY(geluTanh,
          FN(above)(v, -1000) * FN(sigmoid)((T)1.59576912160573071176 * (v + (T)0.044715 * v * v * v)))
    UNARY(silu, FN(above)(v, -1000) * FN(sigmoid)(v))
    UNARY(mish, FN(mish)(v))
    UNARY(softplus, FN(softplus)(v, p0, p1))
    UNARY(hardTanh, FN(clamp)(v, p0, p1))
    UNARY(relu6, FN(clamp)(v, 0, 6))
    UNARY(hardSigmoid, FN(clamp)(v + 3, 0, 6) / 6)
    UNARY(hardSwish, FN(above)(v, -3) * (FN(clamp)(v + 3, 0, 6) / 6))
    UNARY(softSign, FN(soft_sign)(v))
    UNARY(tanhShrink, FN(tanh_shrink)(v))
    UNARY(logSigmoid, FN(log_sigmoid)(v))
    UNARY(threshold, v <= p0 ? p1 : v)
    UNARY(clamp, FN(clamp)(v, p0, p1))
    UNARY(addScalar, v + p0)
    UNARY(mulScalar, v * p0)
    UNARY(angle, v != v ? v : v < 0 ? (T)3.14159265358979323846 : 0)
    UNARY(hardShrink, LM(fabs)(v) <= p0 ? 0 : v)
    UNARY(softShrink, v - FN(clamp)(v, -p0, p0))
    case tern_unary_powScalar: FN(pow_scalar)(n, out, so, x, sx, p0); return true;
  }
  return false;
}
#undef UNARY
