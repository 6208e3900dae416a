// Runs of elements, of which many are short.

static inline void FN(copy_run)(ptrdiff_t n, T *out, const T *x) {
  if (n >= 64) {
    memcpy(out, x, (size_t)n * sizeof(T));
  } else {
    TERN_LOOP for (ptrdiff_t i = 0; i < n; i++) out[i] = x[i];
  }
}

static inline void FN(zero_run)(ptrdiff_t n, T *out) {
  TERN_LOOP for (ptrdiff_t i = 0; i < n; i++) out[i] = 0;
}
