// Copies of words backwards, of every second word, and of two runs alternately. Takes V, the unsigned integer of W bytes,
// LANES, those of 32 bytes, EVENS(a, b), REVERSED(a) and ZIPPED(a, b, low, high).

#define WORDS(name) TERN_JOIN(name, W)
typedef V WORDS(step_vector) __attribute__((ext_vector_type(LANES), aligned(sizeof(V)), may_alias));

// out[i] = x[-i]
static void WORDS(copy_reversed)(ptrdiff_t n, V *out, const V *x) {
  ptrdiff_t i = 0;
  for (; i + LANES <= n; i += LANES) {
    const WORDS(step_vector) v = *(const WORDS(step_vector) *)(x - i - (LANES - 1));
    *(WORDS(step_vector) *)(out + i) = REVERSED(v);
  }
  for (; i < n; i++) out[i] = x[-i];
}

// out[i] = x[2 · i]
static void WORDS(copy_evens)(ptrdiff_t n, V *out, const V *x) {
  ptrdiff_t i = 0;
  for (; i + LANES <= n; i += LANES) {
    const WORDS(step_vector) low = *(const WORDS(step_vector) *)(x + 2 * i);
    const WORDS(step_vector) high = *(const WORDS(step_vector) *)(x + 2 * i + LANES - 1);
    *(WORDS(step_vector) *)(out + i) = EVENS(low, high);
  }
  for (; i < n; i++) out[i] = x[2 * i];
}

// out[2 · i] = a[i], out[2 · i + 1] = b[i]
static void WORDS(copy_zipped)(ptrdiff_t n, V *out, const V *a, const V *b) {
  ptrdiff_t i = 0;
  for (; i + LANES <= n; i += LANES) {
    const WORDS(step_vector) v = *(const WORDS(step_vector) *)(a + i), w = *(const WORDS(step_vector) *)(b + i);
    WORDS(step_vector) low, high;
    ZIPPED(v, w, low, high);
    *(WORDS(step_vector) *)(out + 2 * i) = low;
    *(WORDS(step_vector) *)(out + 2 * i + LANES) = high;
  }
  for (; i < n; i++) out[2 * i] = a[i], out[2 * i + 1] = b[i];
}

#undef WORDS
#undef V
#undef W
#undef LANES
#undef EVENS
#undef REVERSED
#undef ZIPPED
