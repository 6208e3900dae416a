// The elementary functions of Float that the compiler can turn into SIMD: straight-line code, no branches, no calls.

static inline uint32_t bits_f32(float x) {
  uint32_t bits;
  memcpy(&bits, &x, sizeof bits);
  return bits;
}

static inline float from_bits_f32(uint32_t bits) {
  float x;
  memcpy(&x, &bits, sizeof x);
  return x;
}

// e^x within 1 ulp: x = n·ln 2 + r, a polynomial in r, then 2^n in two factors so that results below the normal
// range round once. Beyond the clamps the factors give infinity and 0; nan passes through every step.
static inline float exp_f32(float x) {
  const float rounder = 12582912.0f;  // 1.5·2²³: adding it leaves the nearest integer in the low bits
  float c = x < -105.0f ? -105.0f : x;
  c = c > 89.0f ? 89.0f : c;
  const float shifted = c * 1.44269504088896341f + rounder;
  const float n = shifted - rounder;
  const float r = (c - n * 0.693359375f) - n * -2.12194440e-4f;
  float p = 1.9875691500e-4f;
  p = p * r + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  p = p * (r * r) + r + 1.0f;
  const int32_t k = (int32_t)(bits_f32(shifted) - 0x4B400000u);
  const int32_t half = k >> 1;
  const float s1 = from_bits_f32((uint32_t)(half + 127) << 23);
  const float s2 = from_bits_f32((uint32_t)(k - half + 127) << 23);
  return p * s1 * s2;
}

// tanh x: an odd polynomial near 0, 1 - 2/(e^2|x| + 1) elsewhere.
static inline float tanh_f32(float x) {
  const float a = __builtin_fabsf(x), z = x * x;
  float p = -5.70498872745e-3f;
  p = p * z + 2.06390887954e-2f;
  p = p * z + -5.37397155531e-2f;
  p = p * z + 1.33314422036e-1f;
  p = p * z + -3.33332819422e-1f;
  const float near = p * z * x + x;
  const float far = __builtin_copysignf(1.0f - 2.0f / (exp_f32(2.0f * a) + 1.0f), x);
  return a < 0.625f ? near : far;
}

// 1/(1 + e^-x) from e^-|x|, which neither overflows nor loses the tail.
static inline float sigmoid_f32(float x) {
  const float e = exp_f32(-__builtin_fabsf(x));
  return (x >= 0.0f ? 1.0f : e) / (1.0f + e);
}

// erf x: an odd polynomial near 0, 1 - e^-p(|x|) elsewhere; both by N. Juffa.
static inline float erf_f32(float x) {
  float t = __builtin_fabsf(x);
  t = t > 4.0f ? 4.0f : t;
  const float s = t * t;
  float far = -1.72853470e-5f * t + 3.83197126e-4f;
  const float u = -3.88396438e-3f * t + 2.42546219e-2f;
  far = far * s + u;
  far = far * t + -1.06777877e-1f;
  far = far * t + -6.34846687e-1f;
  far = far * t + -1.28717512e-1f;
  far = far * t + -t;
  far = __builtin_copysignf(1.0f - exp_f32(far), x);
  float near = -5.96761703e-4f;
  near = near * s + 4.99119423e-3f;
  near = near * s + -2.67681349e-2f;
  near = near * s + 1.12819925e-1f;
  near = near * s + -3.76125336e-1f;
  near = near * s + 1.28379166e-1f;
  near = near * x + x;
  return t > 0.927734375f ? far : near;
}

static inline float erfc_f32(float x) { return erfcf(x); }
