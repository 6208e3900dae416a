// The unary and binary kernels with a dense result that is written with non-temporal stores, in blocks so short that the processor
// reads the next inputs while it writes. Others see it after tern_nontemporal_fence. Long inputs are asked for ahead: what comes
// from memory is then a tenth faster. Behind a short row lies another one's input, or nothing that is wanted.

enum { FN(block) = 1024 / sizeof(T), FN(ahead) = 16384 / sizeof(T) };

static bool FN(unary_nontemporal)(tern_unary kernel, ptrdiff_t n, T *out, const T *x, ptrdiff_t sx, T p0, T p1) {
  T block[FN(block)] __attribute__((aligned(64)));
  for (ptrdiff_t i = 0; i < n; i += FN(block)) {
    const ptrdiff_t count = TERN_MIN(FN(block), n - i);
    if (n > FN(ahead) && sx == 1) tern_prefetch(x + i + FN(ahead), sizeof block);
    if (!FN(unary)(kernel, count, block, 1, x + i * sx, sx, p0, p1)) return false;
    store_nontemporal((size_t)count * sizeof(T), out + i, block);
  }
  return true;
}

// out = factor · x, the rows of outer products: one vector operation needs no block.
static void FN(scaled_nontemporal)(ptrdiff_t n, T *out, T factor, const T *x) {
  enum { lanes = 64 / sizeof(T) };
  typedef U line __attribute__((ext_vector_type(lanes), aligned(64), may_alias));
  typedef U loaded __attribute__((ext_vector_type(lanes), aligned(sizeof(T)), may_alias));
  ptrdiff_t i = 0;
  for (; i < n && (uintptr_t)(out + i) % 64; i++) out[i] = (T)((U)factor * (U)x[i]);
  for (; i + lanes <= n; i += lanes) __builtin_nontemporal_store(*(const loaded *)(x + i) * (U)factor, (line *)(out + i));
  for (; i < n; i++) out[i] = (T)((U)factor * (U)x[i]);
}

static bool FN(binary_nontemporal)(tern_binary kernel, ptrdiff_t n, T *out, const T *a, ptrdiff_t sa, const T *b,
                              ptrdiff_t sb, T p0) {
  if (kernel == tern_binary_mul && n <= FN(ahead) && ((sa == 0 && sb == 1) || (sa == 1 && sb == 0))) {
    FN(scaled_nontemporal)(n, out, sa == 0 ? *a : *b, sa == 0 ? b : a);
    return true;
  }
  T block[FN(block)] __attribute__((aligned(64)));
  for (ptrdiff_t i = 0; i < n; i += FN(block)) {
    const ptrdiff_t count = TERN_MIN(FN(block), n - i);
    if (n > FN(ahead) && sa == 1) tern_prefetch(a + i + FN(ahead), sizeof block);
    if (n > FN(ahead) && sb == 1) tern_prefetch(b + i + FN(ahead), sizeof block);
    if (!FN(binary)(kernel, count, block, 1, a + i * sa, sa, b + i * sb, sb, p0)) return false;
    store_nontemporal((size_t)count * sizeof(T), out + i, block);
  }
  return true;
}
