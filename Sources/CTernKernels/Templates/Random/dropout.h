// Dropout in one pass: value i of the stream is a word, and what is below the bound stays. Takes T and S, and what
// random.h has. What is dropped is 0 with its sign, whatever it was.

static inline T FN(kept_part)(T x, bool kept, T scale) { return kept ? x * scale : __builtin_elementwise_copysign((T)0, x); }

static void FN(dropout)(
    ptrdiff_t n, T *out, uint8_t *mask, const T *x, T scale, uint32_t bound, uint64_t seed, uint64_t stream,
    ptrdiff_t first) {
  enum { span = 4 * philox_batch };
  uint32_t words[4][philox_batch];
  uint8_t kept[span];
  for (ptrdiff_t i = 0; i < n;) {
    const uint64_t place = (uint64_t)first + (uint64_t)i;
    const ptrdiff_t skip = (ptrdiff_t)(place % 4), count = TERN_MIN(span - skip, n - i);
    philox_words(seed, stream, place / 4, words);
    for (int k = 0; k < 4; k++)
      TERN_LOOP for (int j = 0; j < philox_batch; j++) kept[4 * j + k] = words[k][j] < bound;
    memcpy(mask + i, kept + skip, (size_t)count);
    TERN_LOOP for (ptrdiff_t j = 0; j < count; j++) out[i + j] = FN(kept_part)(x[i + j], kept[skip + j], scale);
    i += count;
  }
}

static void FN(dropout_grad)(ptrdiff_t n, T *out, const uint8_t *mask, const T *g, T scale) {
  TERN_LOOP for (ptrdiff_t i = 0; i < n; i++) out[i] = FN(kept_part)(g[i], mask[i], scale);
}
