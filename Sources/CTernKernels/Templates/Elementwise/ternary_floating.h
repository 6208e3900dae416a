// The kernels of three values of Float and Double, and the parts of a number. Takes T and S.

#define TERNARY(NAME, EXPR)                                                                        \
  case tern_ternary_##NAME:                                                                        \
    if (so == 1 && sa == 1 && sb == 1 && sc == 1) {                                                \
      TERN_LOOP for (ptrdiff_t i = 0; i < n; i++) {                                                \
        const T v = a[i], w = b[i], u = c[i];                                                      \
        out[i] = ((void)u, EXPR);                                                                  \
      }                                                                                            \
    } else if (so == 1 && sa == 1 && sb == 1 && sc == 0) {                                         \
      const T u = c[0];                                                                            \
      TERN_LOOP for (ptrdiff_t i = 0; i < n; i++) {                                                \
        const T v = a[i], w = b[i];                                                                \
        out[i] = ((void)u, EXPR);                                                                  \
      }                                                                                            \
    } else {                                                                                       \
      for (ptrdiff_t i = 0; i < n; i++) {                                                          \
        const T v = a[i * sa], w = b[i * sb], u = c[i * sc];                                       \
        out[i * so] = ((void)u, EXPR);                                                             \
      }                                                                                            \
    }                                                                                              \
    return;

// The derivative of 1/(1 + e^-x) in e^-|x|, which does not cancel.
TERN_INLINE T FN(sigmoid_derivative)(T x) {
  const T e = FN(exp_plain)(-LM(fabs)(x));
  return e / ((1 + e) * (1 + e));
}

// v + u·(w - v), from the nearer end, so that a weight of 1 gives w exactly. Where the difference leaves the range, the ends
// are weighted apart: what has the weight 0 does not matter.
TERN_INLINE T FN(interpolated)(T v, T w, T u) {
  const T d = w - v, near = LM(fabs)(u) < (T)0.5 ? v + u * d : w - d * (1 - u);
  return d - d == 0 ? near : FN(zero_mul)(1 - u, v) + FN(zero_mul)(u, w);
}

static void FN(ternary)(tern_ternary kernel, ptrdiff_t n, T *out, ptrdiff_t so, const T *a, ptrdiff_t sa, const T *b,
                        ptrdiff_t sb, const T *c, ptrdiff_t sc, T p0, T p1) {
  if (n <= 0) return;
  switch (kernel) {
    TERNARY(lerp, FN(interpolated)(v, w, u))
    TERNARY(addProduct, v + p0 * w * u)
    TERNARY(addQuotient, v + p0 * w / u)
    TERNARY(gluGrad, FN(zero_mul)(FN(zero_mul)(v, w), FN(sigmoid_derivative)(u)))
    TERNARY(hardTanhGrad, ((w > p0) & (w < p1)) ? v : 0)
  }
}
#undef TERNARY

// x = mantissa · 2^exponent with |mantissa| from ½ to 1; of 0, infinities and nan the mantissa is x, the exponent 0.
TERN_INLINE T FN(mantissa)(T x, int32_t *exponent) {
#ifdef PLAIN_SUMS
  const bool tiny = LM(fabs)(x) < 0x1p-126f;
  const uint32_t bits = FN(bits)(tiny ? x * 0x1p24f : x);
  const int32_t power = (int32_t)(bits >> 23 & 255u) - (tiny ? 150 : 126);
  const T value = FN(from_bits)((bits & 0x807FFFFFu) | 0x3F000000u);
#else
  const bool tiny = LM(fabs)(x) < 0x1p-1022;
  const uint64_t bits = FN(bits)(tiny ? x * 0x1p54 : x);
  const int32_t power = (int32_t)(bits >> 52 & 2047u) - (tiny ? 1076 : 1022);
  const T value = FN(from_bits)((bits & 0x800FFFFFFFFFFFFFu) | 0x3FE0000000000000u);
#endif
  const bool isEnd = (x == 0) | (x - x != 0);
  *exponent = isEnd ? 0 : power;
  return isEnd ? x : value;
}

static void FN(frexp)(ptrdiff_t n, T *out, ptrdiff_t so, int32_t *exponent, ptrdiff_t se, const T *x, ptrdiff_t sx) {
  if (so == 1 && se == 1 && sx == 1) {
    TERN_LOOP for (ptrdiff_t i = 0; i < n; i++) {
      int32_t power;
      out[i] = FN(mantissa)(x[i], &power);
      exponent[i] = power;
    }
  } else {
    for (ptrdiff_t i = 0; i < n; i++) out[i * so] = FN(mantissa)(x[i * sx], exponent + i * se);
  }
}
