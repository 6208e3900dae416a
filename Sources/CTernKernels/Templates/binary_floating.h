// The binary kernels of Float and Double, and the derivatives that combine two values.

// Python's remainder: the sign of the divisor.
static inline T FN(remainder)(T a, T b) {
  const T rest = LM(fmod)(a, b);
  return rest != 0 && (b < 0) != (rest < 0) ? rest + b : rest;
}

// ⌊a/b⌋ from the exact remainder, as Python and PyTorch compute it.
static inline T FN(floor_divide)(T a, T b) {
  if (b == 0) return a / b;
  const T rest = LM(fmod)(a, b);
  T quotient = (a - rest) / b;
  if (rest != 0 && (b < 0) != (rest < 0)) quotient -= 1;
  if (quotient == 0) return LM(copysign)(0, a / b);
  const T lower = LM(floor)(quotient);
  return quotient - lower > (T)0.5 ? lower + 1 : lower;
}

// ln(e^a + e^b); two equal infinities are their own sum.
static inline T FN(log_add_exp)(T a, T b) {
  const T larger = a > b ? a : b;
  const T value = larger + FN(log1p_unit)(FN(exp)(-LM(fabs)(a - b)));
  return a == b && (a - a) != 0 ? a : value;
}

#define BINARY(NAME, EXPR)                                                                         \
  case tern_binary_##NAME: TERN_MAP2(T, T, EXPR); return true;

static bool FN(binary)(tern_binary kernel, ptrdiff_t n, T *out, ptrdiff_t so, const T *a, ptrdiff_t sa, const T *b,
                       ptrdiff_t sb, T p0) {
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
    BINARY(pow, LM(pow)(v, w))
    BINARY(atan2, LM(atan2)(v, w))
    BINARY(hypot, LM(hypot)(v, w))
    BINARY(fmod, LM(fmod)(v, w))
    BINARY(remainder, FN(remainder)(v, w))
    BINARY(maximum, ((v > w) | (v != v)) ? v : w)
    BINARY(minimum, ((v < w) | (v != v)) ? v : w)
    BINARY(logAddExp, FN(log_add_exp)(v, w))
    BINARY(floorDivide, FN(floor_divide)(v, w))
    BINARY(truncDivide, LM(trunc)(v / w))
    BINARY(reluGrad, w <= 0 ? 0 : v)
    BINARY(leakyReLUGrad, w > 0 ? v : v * p0)
    BINARY(sigmoidGrad, v * (1 - w) * w)
    BINARY(tanhGrad, v * (1 - w * w))
  }
  return false;
}
#undef BINARY
