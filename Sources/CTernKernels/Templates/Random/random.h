// Random numbers by Philox 4x32-10 (Salmon, Moraes, Dror, Shaw: "Parallel random numbers: as easy as 1, 2, 3", 2011).
// Value i of a draw depends on seed, stream and i alone. The arithmetic is written out here and nothing is fused, so
// that every level of the CPU gives the same bits.

enum { philox_batch = 64 };

__attribute__((always_inline)) static inline void philox(uint64_t seed, uint64_t stream, uint64_t counter,
                                                         uint32_t *words) {
  uint32_t c0 = (uint32_t)counter, c1 = (uint32_t)(counter >> 32), c2 = (uint32_t)stream, c3 = (uint32_t)(stream >> 32);
  uint32_t k0 = (uint32_t)seed, k1 = (uint32_t)(seed >> 32);
  _Pragma("clang loop unroll(full)") for (int round = 0; round < 10; round++, k0 += 0x9E3779B9u, k1 += 0xBB67AE85u) {
    const uint64_t p0 = (uint64_t)c0 * 0xD2511F53u, p1 = (uint64_t)c2 * 0xCD9E8D57u;
    c0 = (uint32_t)(p1 >> 32) ^ c1 ^ k0;
    c2 = (uint32_t)(p0 >> 32) ^ c3 ^ k1;
    c1 = (uint32_t)p1;
    c3 = (uint32_t)p0;
  }
  words[0] = c0;
  words[1] = c1;
  words[2] = c2;
  words[3] = c3;
}

static void philox_block(uint64_t seed, uint64_t stream, uint64_t counter, uint32_t *words) {
  philox(seed, stream, counter, words);
}

// The blocks counter ..< counter + philox_batch, word by word.
static void philox_words(uint64_t seed, uint64_t stream, uint64_t counter, uint32_t words[4][philox_batch]) {
  TERN_LOOP for (uint32_t j = 0; j < philox_batch; j++) {
    uint32_t block[4];
    philox(seed, stream, counter + j, block);
    words[0][j] = block[0];
    words[1][j] = block[1];
    words[2][j] = block[2];
    words[3][j] = block[3];
  }
}

// The blocks counter ..< counter + n, one after the other, four words each.
static void philox_blocks(ptrdiff_t n, uint64_t seed, uint64_t stream, uint64_t counter, uint32_t *out) {
  uint32_t words[4][philox_batch];
  for (ptrdiff_t i = 0; i < n; i += philox_batch) {
    const ptrdiff_t count = TERN_MIN(philox_batch, n - i);
    philox_words(seed, stream, counter + (uint64_t)i, words);
    for (ptrdiff_t j = 0; j < count; j++)
      for (int k = 0; k < 4; k++) out[4 * (i + j) + k] = words[k][j];
  }
}

// r·(cos, sin) of a whole turn times w/2³², reduced exactly: the quarter in the top bits, the rest as a signed fraction.
static inline void polar_f32(float r, uint32_t w, float *c, float *s) {
#pragma clang fp contract(off)
  const uint32_t quarter = (w + 0x20000000u) >> 30;
  const float t = (float)(int32_t)(w - (quarter << 30)) * 1.46291807926715968e-9f;
  const float z = t * t;
  const float sine = ((-1.9515295891e-4f * z + 8.3321608736e-3f) * z - 1.6666654611e-1f) * z * t + t;
  const float cosine =
      ((2.443315711809948e-5f * z - 1.388731625493765e-3f) * z + 4.166664568298827e-2f) * z * z - 0.5f * z + 1.0f;
  const float a = quarter & 1 ? sine : cosine, b = quarter & 1 ? cosine : sine;
  *c = r * (((quarter + 1) & 2) ? -a : a);
  *s = r * ((quarter & 2) ? -b : b);
}

static inline void polar_f64(double r, uint64_t w, double *c, double *s) {
#pragma clang fp contract(off)
  const uint64_t quarter = (w + 0x2000000000000000u) >> 62;
  const double t = (double)(int64_t)(w - (quarter << 62)) * 3.40612158008655459e-19;
  const double z = t * t;
  const double sine =
      (((((1.58969099521155010221e-10 * z - 2.50507602534068634195e-08) * z + 2.75573137070700676789e-06) * z -
         1.98412698298579493134e-04) * z + 8.33333333332248946124e-03) * z - 1.66666666666666324348e-01) * z * t + t;
  const double cosine =
      (((((-1.13596475577881948265e-11 * z + 2.08757232129817482790e-09) * z - 2.75573143513906633035e-07) * z +
         2.48015872894767294178e-05) * z - 1.38888888888741095749e-03) * z + 4.16666666666666019037e-02) * z * z -
      0.5 * z + 1.0;
  const double a = quarter & 1 ? sine : cosine, b = quarter & 1 ? cosine : sine;
  *c = r * (((quarter + 1) & 2) ? -a : a);
  *s = r * ((quarter & 2) ? -b : b);
}

// √(-2 ln u) for a normal u in 0 < u ≤ 1.
static inline float radius_f32(float u) {
#pragma clang fp contract(off)
  const uint32_t shifted = bits_f32(u) - 0x3F3504F3u;
  const int32_t exponent = (int32_t)shifted >> 23;
  const float x = from_bits_f32(bits_f32(u) - ((uint32_t)exponent << 23)) - 1.0f, z = x * x, e = (float)exponent;
  float p = 7.0376836292e-2f;
  p = p * x - 1.1514610310e-1f;
  p = p * x + 1.1676998740e-1f;
  p = p * x - 1.2420140846e-1f;
  p = p * x + 1.4249322787e-1f;
  p = p * x - 1.6668057665e-1f;
  p = p * x + 2.0000714765e-1f;
  p = p * x - 2.4999993993e-1f;
  p = p * x + 3.3333331174e-1f;
  const float tail = p * x * z + e * -2.12194440e-4f - 0.5f * z;
  const float logarithm = (x + tail) + e * 0.693359375f;
  return __builtin_elementwise_sqrt(-2.0f * (logarithm < 0 ? logarithm : 0));
}

static inline double radius_f64(double u) {
#pragma clang fp contract(off)
  uint64_t bits;
  memcpy(&bits, &u, sizeof bits);
  const int64_t exponent = (int64_t)(bits - 0x3FE6A09E667F3BCDu) >> 52;
  bits -= (uint64_t)exponent << 52;
  double m;
  memcpy(&m, &bits, sizeof m);
  const double f = m - 1.0, s = f / (2.0 + f), z = s * s, k = (double)exponent, half = 0.5 * f * f;
  const double r =
      z * (6.666666666666735130e-01 + z * (3.999999999940941908e-01 + z * (2.857142874366239149e-01 +
      z * (2.222219843214978396e-01 + z * (1.818357216161805012e-01 + z * (1.531383769920937332e-01 +
      z * 1.479819860511658591e-01))))));
  const double logarithm =
      k * 6.93147180369123816490e-01 - ((half - (s * (half + r) + k * 1.90821492927058770002e-10)) - f);
  return __builtin_elementwise_sqrt(-2.0 * (logarithm < 0 ? logarithm : 0));
}

// One batch of blocks to values: four a block in Float, two in Double.
static void uniform_batch_f32(uint32_t words[4][philox_batch], float *out) {
  for (int k = 0; k < 4; k++)
    TERN_LOOP for (int j = 0; j < philox_batch; j++) out[4 * j + k] = (float)(words[k][j] >> 8) * 0x1p-24f;
}

static void uniform_batch_f64(uint32_t words[4][philox_batch], double *out) {
  for (int k = 0; k < 2; k++)
    TERN_LOOP for (int j = 0; j < philox_batch; j++) {
      const uint64_t bits = (uint64_t)words[2 * k + 1][j] << 32 | words[2 * k][j];
      out[2 * j + k] = (double)(int64_t)(bits >> 11) * 0x1p-53;
    }
}

// Box and Muller: the first word gives the radius, the second the angle.
static void normal_batch_f32(uint32_t words[4][philox_batch], float *out) {
#pragma clang fp contract(off)
  for (int k = 0; k < 4; k += 2) {
    float c[philox_batch], s[philox_batch];
    TERN_LOOP for (int j = 0; j < philox_batch; j++) {
      // 24 bits and the half below them, then the word's low byte where the radius is large.
      const float u = (float)(int32_t)(words[k][j] >> 8) * 0x1p-24f + (float)(int32_t)((words[k][j] & 255) * 2 + 1) * 0x1p-33f;
      polar_f32(radius_f32(u), words[k + 1][j], &c[j], &s[j]);
    }
    for (int j = 0; j < philox_batch; j++) out[4 * j + k] = c[j], out[4 * j + k + 1] = s[j];
  }
}

static void normal_batch_f64(uint32_t words[4][philox_batch], double *out) {
#pragma clang fp contract(off)
  TERN_LOOP for (int j = 0; j < philox_batch; j++) {
    const uint64_t first = (uint64_t)words[1][j] << 32 | words[0][j];
    const uint64_t second = (uint64_t)words[3][j] << 32 | words[2][j];
    const double u = (double)(int64_t)(first >> 11) * 0x1p-53 + 0x1p-54;
    polar_f64(radius_f64(u), second, &out[2 * j], &out[2 * j + 1]);
  }
}

#define DRAW(name, T, per_block, batch)                                                            \
  static void name(ptrdiff_t n, T *out, uint64_t seed, uint64_t stream, ptrdiff_t first) {         \
    enum { span = (per_block) * philox_batch };                                                    \
    uint32_t words[4][philox_batch];                                                               \
    T values[span];                                                                                \
    for (ptrdiff_t i = 0; i < n;) {                                                                \
      const uint64_t place = (uint64_t)first + (uint64_t)i;                                        \
      const ptrdiff_t skip = (ptrdiff_t)(place % (per_block));                                     \
      const ptrdiff_t count = TERN_MIN(span - skip, n - i);                                        \
      philox_words(seed, stream, place / (per_block), words);                                      \
      batch(words, values);                                                                        \
      memcpy(out + i, values + skip, (size_t)count * sizeof(T));                                   \
      i += count;                                                                                  \
    }                                                                                              \
  }
DRAW(uniform_f32, float, 4, uniform_batch_f32)
DRAW(uniform_f64, double, 2, uniform_batch_f64)
DRAW(normal_f32, float, 4, normal_batch_f32)
DRAW(normal_f64, double, 2, normal_batch_f64)
#undef DRAW
