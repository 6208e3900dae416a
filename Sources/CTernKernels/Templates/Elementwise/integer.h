// The unary and binary kernels of the integer types. Arithmetic wraps: it is done in U, the unsigned type of the same
// width. Nothing traps: dividing by zero gives 0.

static inline T FN(negate)(T v) { return (T)(0 - (U)v); }

static inline T FN(divide)(T a, T b) {
  if (b == 0) return 0;
  if (IS_SIGNED && b == (T)-1) return FN(negate)(a);
  return a / b;
}

static inline T FN(modulus)(T a, T b) {
  if (b == 0 || (IS_SIGNED && b == (T)-1)) return 0;
  return a % b;
}

static inline T FN(floor_divide)(T a, T b) {
  const T quotient = FN(divide)(a, b);
  return FN(modulus)(a, b) != 0 && IS_SIGNED && (a < 0) != (b < 0) ? quotient - 1 : quotient;
}

static inline T FN(remainder)(T a, T b) {
  const T remainder = FN(modulus)(a, b);
  return remainder != 0 && IS_SIGNED && (remainder < 0) != (b < 0) ? remainder + b : remainder;
}

// a to the power of b by repeated squaring; negative exponents leave the whole part.
static inline T FN(power)(T a, T b) {
  if (IS_SIGNED && b < 0) return a == 1 ? 1 : a == (T)-1 ? (b % 2 ? (T)-1 : 1) : 0;
  U result = 1, base = (U)a;
  for (U left = (U)b; left; left >>= 1, base = (U)(base * base))
    if (left & 1) result = (U)(result * base);
  return (T)result;
}

#define UNARY(NAME, EXPR)                                                                          \
  case tern_unary_##NAME: TERN_MAP1(T, T, EXPR); return true;

static bool FN(unary)(tern_unary kernel, ptrdiff_t n, T *out, ptrdiff_t so, const T *x, ptrdiff_t sx, T p0, T p1) {
  switch (kernel) {
    UNARY(neg, FN(negate)(v))
    UNARY(abs, IS_SIGNED && v < 0 ? FN(negate)(v) : v)
    UNARY(sign, (v > 0) - (IS_SIGNED && v < 0))
    UNARY(square, (U)v * (U)v)
    UNARY(relu, v > 0 ? v : 0)
    case tern_unary_clamp: {
      // A lower bound above the upper gives the upper.
      const T low = p0 < p1 ? p0 : p1, high = p1;
      TERN_MAP1(T, T, v < low ? low : v > high ? high : v);
      return true;
    }
    UNARY(addScalar, (U)v + (U)p0)
    UNARY(mulScalar, (U)v * (U)p0)
    UNARY(powScalar, FN(power)(v, p0))
    UNARY(floor, v)
    UNARY(ceil, v)
    UNARY(trunc, v)
    UNARY(round, v)
    default: return false;
  }
}
#undef UNARY

#define BITS (8 * sizeof(T))
#define BINARY(NAME, EXPR)                                                                         \
  case tern_binary_##NAME: TERN_MAP2(T, T, EXPR); return true;

static bool FN(binary)(tern_binary kernel, ptrdiff_t n, T *out, ptrdiff_t so, const T *a, ptrdiff_t sa, const T *b,
                       ptrdiff_t sb, T p0) {
  if (n <= 0) return true;
  switch (kernel) {
    BINARY(add, (U)v + (U)p0 * (U)w)
    BINARY(sub, (U)v - (U)p0 * (U)w)
    BINARY(mul, (U)v * (U)w)
    BINARY(div, FN(divide)(v, w))
    BINARY(pow, FN(power)(v, w))
    BINARY(fmod, FN(modulus)(v, w))
    BINARY(remainder, FN(remainder)(v, w))
    BINARY(maximum, v > w ? v : w)
    BINARY(minimum, v < w ? v : w)
    BINARY(floorDivide, FN(floor_divide)(v, w))
    BINARY(truncDivide, FN(divide)(v, w))
    BINARY(bitAnd, v & w)
    BINARY(bitOr, v | w)
    BINARY(bitXor, v ^ w)
    BINARY(shiftLeft, (U)w < BITS ? (T)((U)v << w) : 0)
    BINARY(shiftRight, (U)w < BITS ? v >> w : IS_SIGNED && v < 0 ? (T)-1 : 0)
    default: return false;
  }
}
#undef BINARY
#undef BITS
