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

// r^2·p + r of e^r - 1 for |r| ≤ ln 2 / 2.
static inline float exp_tail_f32(float r) {
  float p = 1.9875691500e-4f;
  p = p * r + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  return p * (r * r) + r;
}

// Adding it leaves the nearest integer in the low bits: 1.5·2²³.
#define ROUNDER 12582912.0f
#define ROUNDER_BITS 0x4B400000u

// e^x within 1 ulp: x = n·ln 2 + r, a polynomial in r, then 2^n in two factors so that results below the normal
// range round once. Beyond the clamps the factors give infinity and 0; nan passes through every step.
static inline float exp_f32(float x) {
  float c = x < -105.0f ? -105.0f : x;
  c = c > 89.0f ? 89.0f : c;
  const float shifted = c * 1.44269504088896341f + ROUNDER;
  const float n = shifted - ROUNDER;
  const float r = (c - n * 0.693359375f) - n * -2.12194440e-4f;
  const int32_t k = (int32_t)(bits_f32(shifted) - ROUNDER_BITS);
  const int32_t half = k >> 1;
  const float s1 = from_bits_f32((uint32_t)(half + 127) << 23);
  const float s2 = from_bits_f32((uint32_t)(k - half + 127) << 23);
  return (exp_tail_f32(r) + 1.0f) * s1 * s2;
}

// e^x - 1 as 2^n·(e^r - 1) + (2^n - 1), at half the scale so that 2^128 is a number.
static inline float expm1_f32(float x) {
  float c = x < -30.0f ? -30.0f : x;
  c = c > 89.0f ? 89.0f : c;
  const float shifted = c * 1.44269504088896341f + ROUNDER;
  const float n = shifted - ROUNDER;
  const float r = (c - n * 0.693359375f) - n * -2.12194440e-4f;
  const float half = from_bits_f32((bits_f32(shifted) - ROUNDER_BITS + 126u) << 23);
  const float value = half * exp_tail_f32(r) + (half - 0.5f);
  return value + value;
}
#undef ROUNDER
#undef ROUNDER_BITS

// ln x for a normal, positive x: x = 2^e·(1 + f) with 1 + f around 1, and a polynomial in f (Cephes).
static inline float log_normal_f32(float x, float offset) {
  const int32_t exponent = (int32_t)(bits_f32(x) - 0x3F3504F3u) >> 23;
  const float f = from_bits_f32(bits_f32(x) - ((uint32_t)exponent << 23)) - 1.0f, z = f * f;
  const float e = (float)exponent + offset;
  float p = 7.0376836292e-2f;
  p = p * f + -1.1514610310e-1f;
  p = p * f + 1.1676998740e-1f;
  p = p * f + -1.2420140846e-1f;
  p = p * f + 1.4249322787e-1f;
  p = p * f + -1.6668057665e-1f;
  p = p * f + 2.0000714765e-1f;
  p = p * f + -2.4999993993e-1f;
  p = p * f + 3.3333331174e-1f;
  const float tail = p * f * z + e * -2.12194440e-4f - 0.5f * z;
  return (f + tail) + e * 0.693359375f;
}

static inline float log_f32(float x) {
  const bool tiny = x < 0x1p-126f;
  float y = log_normal_f32(tiny ? x * 0x1p23f : x, tiny ? -23.0f : 0.0f);
  y = x == INFINITY ? x : y;
  y = x == 0.0f ? -INFINITY : y;
  return x >= 0.0f ? y : NAN;
}

// ln(1 + x) from the rounded sum, corrected for what the rounding lost.
static inline float log1p_f32(float x) {
  const float u = 1.0f + x;
  float y = log_normal_f32(u, 0.0f) + (x - (u - 1.0f)) / u;
  y = x == INFINITY ? x : y;
  y = x == -1.0f ? -INFINITY : y;
  return x >= -1.0f ? y : NAN;
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

// erf x for |x| < 0.93, an odd polynomial (N. Juffa); s = x².
static inline float erf_near_f32(float x, float s) {
  float p = -5.96761703e-4f;
  p = p * s + 4.99119423e-3f;
  p = p * s + -2.67681349e-2f;
  p = p * s + 1.12819925e-1f;
  p = p * s + -3.76125336e-1f;
  p = p * s + 1.28379166e-1f;
  return p * x + x;
}

// erf x: the polynomial near 0, 1 - e^-p(|x|) elsewhere (N. Juffa).
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
  return t > 0.927734375f ? far : erf_near_f32(x, s);
}

// erfc x = e^-t²·q/(1 + 2t) for t = |x|, the rounding error of t² made good, q a minimax polynomial in (t - 2)/(t + 2);
// 2 - erfc t on the left, 1 - erf x near 0.
static inline float erfc_f32(float x) {
  float t = __builtin_fabsf(x);
  t = t > 11.0f ? 11.0f : t;
  const float head = from_bits_f32(bits_f32(t) & 0xFFFFF000u), rest = t - head;
  const float square = t * t;
  const float lost = ((head * head - square) + 2.0f * head * rest) + rest * rest;
  const float e = exp_f32(-square);
  const float p = (t - 2.0f) / (t + 2.0f);
  float q = 3.143057256238535e-05f;
  q = q * p + -0.0003545327635947615f;
  q = q * p + -0.0012523381737992167f;
  q = q * p + 0.0012647933326661587f;
  q = q * p + 0.008635113947093487f;
  q = q * p + -0.00804222747683525f;
  q = q * p + -0.0542040690779686f;
  q = q * p + 0.16405291855335236f;
  q = q * p + -0.16603146493434906f;
  q = q * p + -0.09276389330625534f;
  q = q * p + 1.2769783735275269f;
  const float y = (e - e * lost) * q / (1.0f + 2.0f * t);
  const float far = x < 0.0f ? 2.0f - y : y;
  return t < 0.5f ? 1.0f - erf_near_f32(x, square) : far;
}

// The distribution function of the standard normal: e^-t²/2·q/(t + 3) for the tail beyond t = |x|, q a minimax
// polynomial in (t - 3)/(t + 3). Within 4e-7 around 0; one division where erfc would take two.
static inline float normal_cdf_f32(float x) {
  const float t = __builtin_fabsf(x), u = 1.0f / (t + 3.0f), p = 1.0f - 6.0f * u;
  float q = 5.185652189818382e-05f;
  q = q * p + -0.0002038993076714235f;
  q = q * p + -0.0009467510331731856f;
  q = q * p + 0.0010171294480968568f;
  q = q * p + 0.006937465262311482f;
  q = q * p + -0.01046244485971104f;
  q = q * p + -0.04725819096111295f;
  q = q * p + 0.2300177088511779f;
  q = q * p + -0.5093321645971003f;
  q = q * p + 0.7290836914761658f;
  const float tail = exp_f32(-0.5f * (t * t)) * (q * u);
  return x > 0.0f ? 1.0f - tail : tail;
}
