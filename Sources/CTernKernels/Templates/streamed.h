// The unary and binary kernels with a dense result that is written past the caches, in strips so short that the processor
// reads the next inputs while it writes. Others see it after tern_stream_end.

enum { FN(strip) = 1024 / sizeof(T) };

static bool FN(unary_stream)(tern_unary kernel, ptrdiff_t n, T *out, const T *x, ptrdiff_t sx, T p0, T p1) {
  T strip[FN(strip)] __attribute__((aligned(64)));
  for (ptrdiff_t i = 0; i < n; i += FN(strip)) {
    const ptrdiff_t count = TERN_MIN(FN(strip), n - i);
    if (sx == 1) tern_prefetch(x + i + 16384 / sizeof(T), sizeof strip);
    if (!FN(unary)(kernel, count, strip, 1, x + i * sx, sx, p0, p1)) return false;
    stream_bytes((size_t)count * sizeof(T), out + i, strip);
  }
  return true;
}

static bool FN(binary_stream)(tern_binary kernel, ptrdiff_t n, T *out, const T *a, ptrdiff_t sa, const T *b,
                              ptrdiff_t sb, T p0) {
  T strip[FN(strip)] __attribute__((aligned(64)));
  for (ptrdiff_t i = 0; i < n; i += FN(strip)) {
    const ptrdiff_t count = TERN_MIN(FN(strip), n - i);
    if (sa == 1) tern_prefetch(a + i + 16384 / sizeof(T), sizeof strip);
    if (sb == 1) tern_prefetch(b + i + 16384 / sizeof(T), sizeof strip);
    if (!FN(binary)(kernel, count, strip, 1, a + i * sa, sa, b + i * sb, sb, p0)) return false;
    stream_bytes((size_t)count * sizeof(T), out + i, strip);
  }
  return true;
}
