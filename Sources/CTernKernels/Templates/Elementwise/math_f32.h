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

// r²·p + r of e^r - 1 for |r| ≤ ln 2 / 2, a minimax polynomial: 3e-9 off e^r.
static inline float exp_tail_f32(float r) {
  const float z = r * r;
  const float low = 0.4999999403953552f + 0.1666652113199234f * r;
  const float high = 0.04166838899254799f + 0.00836874544620514f * r;
  return ((0.001381453825160861f * z + high) * z + low) * z + r;
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

TERN_INLINE float exp_plain_f32(float x) { return exp_f32(x); }

// e^x without a care for results below the normal range, which become 0, and above 2^127.5, which become infinite: one
// factor 2^n then, whose exponent bits the rounding leaves in place. nan passes.
static inline float exp_normal_f32(float x) {
  float c = x < -88.0f ? -88.0f : x;
  c = c > 89.0f ? 89.0f : c;
  const float shifted = c * 1.44269504088896341f + (ROUNDER + 127.0f);
  const float n = shifted - (ROUNDER + 127.0f);
  const float r = (c - n * 0.693359375f) - n * -2.12194440e-4f;
  const float scale = from_bits_f32(bits_f32(shifted) << 23);
  // Not tail·scale + scale, which is ∞ - ∞ where the scale overflows.
  return (exp_tail_f32(r) + 1.0f) * scale;
}

// e^(-t²/2) for 0 ≤ t, 0 beyond 13.2, as a power of two.
static inline float bell_f32(float t) {
  const float c = t > 13.25f ? 13.25f : t, square = c * c;
  const float shifted = square * -0.721347520444481703680f + (ROUNDER + 127.0f);
  const float f = square * -0.721347520444481703680f - (shifted - (ROUNDER + 127.0f)), z = f * f;
  const float low = 0.6931471824645996f + 0.24022647738456726f * f;
  const float middle = 0.05550331994891167f + 0.00961843878030777f * f;
  const float high = 0.001339900423772633f + 0.00015353257185779512f * f;
  const float scale = from_bits_f32(bits_f32(shifted) << 23);
  return ((high * z + middle) * z + low) * f * scale + scale;
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

// x^p for a normal, positive x and |p| ≤ 16, within 1e-6: 2^(e·p)·m^p for x = 2^e·m with m around 1. Of e·p the whole
// part is exact: p is split so that its products with e are.
static inline float pow_normal_f32(float x, float p) {
  const int32_t exponent = (int32_t)(bits_f32(x) - 0x3F3504F3u) >> 23;
  const float m = from_bits_f32(bits_f32(x) - ((uint32_t)exponent << 23)), e = (float)exponent;
  const float head = from_bits_f32(bits_f32(p) & 0xFFFFF000u), whole = e * head;
  const float shifted = whole + ROUNDER, n = shifted - ROUNDER;
  const float tail = (whole - n) + e * (p - head);
  // Half of the power of two before, half behind, neither beyond the range.
  float c = n < -250.0f ? -250.0f : n;
  c = c > 250.0f ? 250.0f : c;
  const int32_t k = (int32_t)c, half = k >> 1;
  const float s1 = from_bits_f32((uint32_t)(half + 127) << 23);
  const float s2 = from_bits_f32((uint32_t)(k - half + 127) << 23);
  return s1 * exp_f32(tail * 0.693147180559945309f + p * log_normal_f32(m, 0.0f)) * s2;
}

// ln(1 + x) from the rounded sum, corrected for what the rounding lost.
static inline float log1p_f32(float x) {
  const float u = 1.0f + x;
  float y = log_normal_f32(u, 0.0f) + (x - (u - 1.0f)) / u;
  y = x == INFINITY ? x : y;
  y = x == -1.0f ? -INFINITY : y;
  return x >= -1.0f ? y : NAN;
}

// ln(1 + x) for 0 ≤ x ≤ 1 as 2·artanh(x/(2 + x)).
static inline float log1p_unit_f32(float x) {
  const float s = x / (2.0f + x), z = s * s;
  const float low = 0.33333155f + 0.20012557f * z, high = 0.13978834f + 0.14095769f * z;
  const float half = (high * (z * z) + low) * (z * s) + s;
  return half + half;
}

// tanh x = m/(m + 2) with m = e^2|x| - 1.
static inline float tanh_f32(float x) {
  const float a = __builtin_fabsf(x);
  float c = a > 10.0f ? 10.0f : a;
  c += c;
  const float shifted = c * 1.44269504088896341f + (ROUNDER + 127.0f);
  const float n = shifted - (ROUNDER + 127.0f);
  const float r = (c - n * 0.693359375f) - n * -2.12194440e-4f;
  const float scale = from_bits_f32(bits_f32(shifted) << 23);
  const float m = scale * exp_tail_f32(r) + (scale - 1.0f);
  return __builtin_copysignf(m / (m + 2.0f), x);
}
#undef ROUNDER
#undef ROUNDER_BITS

// 1/(1 + e^-x); 0 where that is below 4e-39.
static inline float sigmoid_f32(float x) { return 1.0f / (1.0f + exp_normal_f32(-x)); }

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
  const float head = from_bits_f32(bits_f32(t) & 0xFFFFF000u), tail = t - head;
  const float square = t * t;
  const float lost = ((head * head - square) + 2.0f * head * tail) + tail * tail;
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

// The distribution function of the standard normal: b·q/(t + 3) for the tail beyond t = |x|, with b = e^(-t²/2) and q a
// minimax polynomial in (t - 3)/(t + 3). Within 4e-7 around 0; one division where erfc would take two.
static inline float normal_cdf_of_f32(float x, float bell) {
  const float t = __builtin_fabsf(x), u = 1.0f / (t + 3.0f), p = 1.0f - 6.0f * u, z = p * p;
  const float a = 0.7290836572647095f + -0.5093321204185486f * p;
  const float b = 0.2300194501876831f + -0.04725923016667366f * p;
  const float c = -0.010481228120625019f + 0.006938261911273003f * p;
  const float d = 0.001084233750589192f + -0.0009224652894772589f * p;
  const float q = (((-0.0002816471387632191f * z + d) * z + c) * z + b) * z + a;
  const float tail = bell * (q * u);
  return x > 0.0f ? 1.0f - tail : tail;
}

static inline float normal_cdf_f32(float x) { return normal_cdf_of_f32(x, bell_f32(__builtin_fabsf(x))); }
