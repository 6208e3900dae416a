// bfloat16: the upper half of a Float, kept as its 16 bits: not every compiler has a type for it.

// Rounds to nearest, ties to even; NaN is the quiet one, 0x7FC0, as PyTorch's of a single number.
TERN_INLINE uint16_t bfloat16_of(float v) {
  uint32_t bits;
  memcpy(&bits, &v, sizeof bits);
  const uint32_t rounded = (bits + 0x7FFFu + (bits >> 16 & 1u)) >> 16;
  return (uint16_t)((bits & 0x7FFFFFFFu) > 0x7F800000u ? 0x7FC0u : rounded);
}

// Exact.
TERN_INLINE float of_bfloat16(uint16_t v) {
  const uint32_t bits = (uint32_t)v << 16;
  float value;
  memcpy(&value, &bits, sizeof value);
  return value;
}

// The nearest numbers that bfloat16 has, as Float.
static void round_to_bfloat16(ptrdiff_t n, float *out, const float *x) {
  TERN_LOOP for (ptrdiff_t i = 0; i < n; i++) out[i] = of_bfloat16(bfloat16_of(x[i]));
}
