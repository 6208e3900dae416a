// The binary kernels of Float and Double, and the derivatives that combine two values.

// a less the whole multiples of b, with the sign of a, for a quotient below DIVISION_LIMIT: the multiple is exact, one too
// large where the quotient was rounded up.
static inline T FN(exact_fmod)(T a, T b) {
  const T p = LM(fabs)(a), q = LM(fabs)(b);
  const T r = FN(less_multiples)(p, q), whole = r < 0 ? r + q : r;
  return LM(copysign)(((q == (T)INFINITY) & (p < (T)INFINITY)) ? p : whole, a);
}

// Python's remainder: the sign of the divisor.
static inline T FN(signed_remainder)(T remainder, T b) {
  return ((remainder != 0) & ((b < 0) != (remainder < 0))) ? remainder + b : remainder;
}

// ⌊a/b⌋ from the exact remainder, as Python and PyTorch compute it.
static inline T FN(floor_quotient)(T a, T b, T remainder) {
  const T ratio = a / b, lowered = (a - remainder) / b;
  const T quotient = ((remainder != 0) & ((b < 0) != (remainder < 0))) ? lowered - 1 : lowered;
  const T lower = LM(floor)(quotient), nearest = quotient - lower > (T)0.5 ? lower + 1 : lower;
  return b == 0 ? ratio : quotient == 0 ? LM(copysign)(0, ratio) : nearest;
}

// out = EXPR of v, w and the exact remainder m of v/w, which the C library computes where the quotient is beyond the limit.
// Values do not depend on which loop they come from.
#define DIVISION(NAME, EXPR)                                                                       \
  static inline T FN(NAME##_of)(T v, T w, T m) {                                                   \
    (void)v, (void)w;                                                                              \
    return EXPR;                                                                                   \
  }                                                                                                \
  static void FN(NAME##_within)(ptrdiff_t n, T *out, ptrdiff_t so, const T *a, ptrdiff_t sa, const T *b, ptrdiff_t sb) { \
    TERN_MAP2(T, T, FN(NAME##_of)(v, w, FN(exact_fmod)(v, w)));                                   \
  }                                                                                                \
  static void FN(map_##NAME)(ptrdiff_t n, T *out, ptrdiff_t so, const T *a, ptrdiff_t sa, const T *b, ptrdiff_t sb) { \
    for (; n > 0; n -= 512, out += 512 * so, a += 512 * sa, b += 512 * sb) {                       \
      const ptrdiff_t count = TERN_MIN(n, 512);                                                    \
      int beyond = 0;                                                                              \
      for (ptrdiff_t i = 0; i < count; i++) beyond |= LM(fabs)(a[i * sa]) > DIVISION_LIMIT * LM(fabs)(b[i * sb]); \
      if (!beyond) FN(NAME##_within)(count, out, so, a, sa, b, sb);                                \
      else                                                                                         \
        for (ptrdiff_t i = 0; i < count; i++) {                                                    \
          const T v = a[i * sa], w = b[i * sb];                                                    \
          const bool far = LM(fabs)(v) > DIVISION_LIMIT * LM(fabs)(w);                             \
          out[i * so] = FN(NAME##_of)(v, w, far ? LM(fmod)(v, w) : FN(exact_fmod)(v, w));         \
        }                                                                                          \
    }                                                                                              \
  }
DIVISION(fmod, m)
DIVISION(remainder, FN(signed_remainder)(m, w))
DIVISION(floor_divide, FN(floor_quotient)(v, w, m))
#undef DIVISION

// a·b, and 0 where either factor is 0, whatever the other is. A product that is no nan is left as it is, the sign of a 0 too.
static inline T FN(zero_mul)(T a, T b) {
  const T product = a * b;
  return ((product != product) & ((a == 0) | (b == 0))) ? 0 : product;
}

// a/b, and 0 where a is 0, whatever b is, or b infinite, whatever a is.
static inline T FN(zero_div)(T a, T b) {
  const T quotient = a / b;
  return ((quotient != quotient) & ((a == 0) | (LM(fabs)(b) == (T)INFINITY))) ? 0 : quotient;
}

// ln(e^a + e^b); two equal infinities are their own sum.
TERN_INLINE T FN(log_add_exp_of)(T a, T b) {
  const T larger = a > b ? a : b;
  const T value = larger + FN(log1p_unit)(FN(exp)(-LM(fabs)(a - b)));
  return a == b && (a - a) != 0 ? a : value;
}

static inline T FN(log_add_exp)(T a, T b) { return FN(log_add_exp_of)(a, b); }

// The derivative of logAddExp at its first operand: σ(a - b); of equal infinities none counts at -∞, each half at ∞.
static inline T FN(log_add_exp_derivative)(T a, T b) {
  const T derivative = FN(sigmoid)(a - b);
  return a == b && (a - a) != 0 ? (a < 0 ? 0 : (T)0.5) : derivative;
}

// a/b of a coordinate and the length it is part of: 0 at length 0, ±limit where both are infinite. Of its derivative, whose limit
// is 0, so small a length that 1/b is no number counts as 0.
static inline T FN(ratio)(T a, T b, T limit) {
  const T quotient = a / b;
  const T whole = ((quotient != quotient) & (a == a) & (b == b)) ? LM(copysign)(limit, a) : quotient;
  const T least = limit == 0 ? (sizeof(T) == 4 ? (T)0x1p-128 : (T)0x1p-1024) : 0;
  return LM(fabs)(b) <= least ? 0 : whole;
}

// a/(a² + b²), 0 at the origin, by powers of two brought where squares neither overflow nor vanish.
static inline T FN(over_square_distance)(T a, T b) {
  const bool isFloat = sizeof(T) == 4;
  const T x = LM(fabs)(a), y = LM(fabs)(b), m = x > y ? x : y;
  const T large = isFloat ? (T)1e15 : (T)1e100, small = 1 / large;
  const T scale = m > large ? (isFloat ? (T)0x1p-65 : (T)0x1p-513) : m < small ? (isFloat ? (T)0x1p100 : (T)0x1p700) : 1;
  const T p = a * scale, q = b * scale, value = p * (1 / (p * p + q * q)) * scale;
  return (((m == 0) | (m - m != 0)) & (a == a) & (b == b)) ? 0 : value;
}

// The derivatives of inverse functions: 1/√(1 - x²), 1/√(x² + 1), 1/√(x² - 1); beyond 10¹⁰ the 1 is nothing beside x².
static inline T FN(asin_derivative)(T x) { return 1 / __builtin_elementwise_sqrt((1 - x) * (1 + x)); }

static inline T FN(asinh_derivative)(T x) {
  const T a = LM(fabs)(x);
  return 1 / (a > (T)1e10 ? a : __builtin_elementwise_sqrt(a * a + 1));
}

// Below 1, where acosh is no number, its derivative is none.
static inline T FN(acosh_derivative)(T x) {
  const T root = x > (T)1e10 ? x : __builtin_elementwise_sqrt((x - 1) * (x + 1));
  return x < 1 ? (T)NAN : 1 / root;
}

// The derivatives of activations; beyond ±1000 they are those there.
TERN_INLINE T FN(gelu_derivative)(T value) {
  const T x = FN(clamp)(value, -1000, 1000);
  const T bell = FN(bell)(LM(fabs)(x));
  return FN(normal_cdf_of)(x, bell) + x * (bell * (T)0.398942280401432677939946059934382);
}

static inline T FN(gelu_tanh_derivative)(T value) {
  const T x = FN(clamp)(value, -1000, 1000);
  const T square = x * x, u = x * (square * (T)0.0713548162726002527220 + (T)1.59576912160573071176);
  // σ(u) and σ(-u) from one exponential: 1 - σ(u) would cancel.
  const T e = FN(exp)(-LM(fabs)(u)), larger = 1 / (1 + e), smaller = e / (1 + e);
  const T derivative = square * (T)0.214064448817800758166 + (T)1.59576912160573071176;
  return (u > 0 ? larger : smaller) + x * (larger * smaller) * derivative;
}

static inline T FN(silu_derivative)(T value) {
  const T x = FN(clamp)(value, -1000, 1000);
  const T gate = FN(sigmoid)(x);
  return gate * (x * (1 - gate) + 1);
}

// tanh(ln(1 + e^x)) as in mish, and 1 less its square as a product, which does not cancel.
static inline T FN(mish_derivative)(T value) {
  const T x = FN(clamp)(value, -1000, 1000);
  const T e = FN(exp)(-LM(fabs)(x)), positive = 1 + 2 * e + 2 * e * e, negative = e * e + 2 * e + 2;
  const T gate = x > 0 ? (1 + 2 * e) / positive : (e * e + 2 * e) / negative;
  const T complement = x > 0 ? 2 * e * e / positive : 2 / negative;
  return gate + x * (FN(sigmoid)(x) * (complement * (1 + gate)));
}

static inline T FN(hard_swish_derivative)(T x) { return x <= -3 ? 0 : x >= 3 ? 1 : x / 3 + (T)0.5; }

#define BINARY(NAME, EXPR)                                                                         \
  case tern_binary_##NAME: TERN_MAP2(T, T, EXPR); return true;

static bool FN(binary)(tern_binary kernel, ptrdiff_t n, T *out, ptrdiff_t so, const T *a, ptrdiff_t sa, const T *b,
                       ptrdiff_t sb, T p0) {
  const T selu_scale = (T)1.0507009873554804934193349852946, selu_alpha = (T)1.6732632423543772848170429916717;
  if (n <= 0) return true;
  switch (kernel) {
    case tern_binary_add:
      if (p0 == 1) TERN_MAP2(T, T, v + w);
      else TERN_MAP2(T, T, v + p0 * w);
      return true;
    case tern_binary_sub:
      if (p0 == 1) TERN_MAP2(T, T, v - w);
      else TERN_MAP2(T, T, v - p0 * w);
      return true;
    BINARY(mul, v * w)
    BINARY(div, v / w)
    BINARY(pow, FN(pow)(v, w))
    BINARY(atan2, FN(atan2)(v, w))
    BINARY(hypot, FN(hypot)(v, w))
    case tern_binary_fmod: FN(map_fmod)(n, out, so, a, sa, b, sb); return true;
    case tern_binary_remainder: FN(map_remainder)(n, out, so, a, sa, b, sb); return true;
    BINARY(maximum, ((v > w) | (v != v)) ? v : w)
    BINARY(minimum, ((v < w) | (v != v)) ? v : w)
    BINARY(logAddExp, FN(log_add_exp_of)(v, w))
    case tern_binary_floorDivide: FN(map_floor_divide)(n, out, so, a, sa, b, sb); return true;
    BINARY(truncDivide, LM(trunc)(v / w))
    BINARY(zeroMul, FN(zero_mul)(v, w))
    BINARY(zeroDiv, FN(zero_div)(v, w))
    BINARY(ratio, FN(ratio)(v, w, p0))
    BINARY(overSquareDistance, FN(over_square_distance)(v, w))
    BINARY(logAddExpGrad, FN(log_add_exp_derivative)(v, w))
    BINARY(asinGrad, FN(zero_mul)(v, FN(asin_derivative)(w)))
    BINARY(asinhGrad, FN(zero_mul)(v, FN(asinh_derivative)(w)))
    BINARY(acoshGrad, FN(zero_mul)(v, FN(acosh_derivative)(w)))
    BINARY(atanGrad, FN(zero_div)(v, w * w + 1))
    BINARY(atanhGrad, FN(zero_div)(v, (1 - w) * (1 + w)))
    BINARY(reluGrad, w <= 0 ? 0 : v)
    BINARY(leakyReLUGrad, w > 0 ? v : FN(zero_mul)(v, p0))
    BINARY(sigmoidGrad, FN(zero_mul)(FN(zero_mul)(v, 1 - w), w))
    BINARY(tanhGrad, FN(zero_mul)(v, 1 - w * w))
    BINARY(logSigmoidGrad, FN(zero_mul)(v, FN(sigmoid)(-w)))
    BINARY(eluGrad, w > 0 ? v : FN(zero_mul)(v, FN(exp)(w) * p0))
    BINARY(seluGrad, FN(zero_mul)(v, w > 0 ? selu_scale : FN(exp)(w) * (selu_scale * selu_alpha)))
    BINARY(celuGrad, w > 0 ? v : FN(zero_mul)(v, FN(exp)(w / p0)))
    BINARY(geluGrad, FN(zero_mul)(v, FN(gelu_derivative)(w)))
    BINARY(geluTanhGrad, FN(zero_mul)(v, FN(gelu_tanh_derivative)(w)))
    BINARY(siluGrad, FN(zero_mul)(v, FN(silu_derivative)(w)))
    BINARY(mishGrad, FN(zero_mul)(v, FN(mish_derivative)(w)))
    // Float's sixth in Double too, as in PyTorch.
    BINARY(hardSigmoidGrad, ((w > -3) & (w < 3)) ? v * (T)(1.0f / 6.0f) : 0)
    BINARY(hardSwishGrad, FN(zero_mul)(v, FN(hard_swish_derivative)(w)))
    BINARY(softSignGrad, FN(zero_div)(v, (1 + LM(fabs)(w)) * (1 + LM(fabs)(w))))
    BINARY(shrinkGrad, LM(fabs)(w) <= p0 ? 0 : v)
    BINARY(glu, FN(zero_mul)(v, FN(sigmoid)(w)))
    // Those of the bits of integers.
    default: break;
  }
  return false;
}
#undef BINARY
