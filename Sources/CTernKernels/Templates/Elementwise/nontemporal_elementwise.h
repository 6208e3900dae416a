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

static bool FN(binary_nontemporal)(tern_binary kernel, ptrdiff_t n, T *out, const T *a, ptrdiff_t sa, const T *b,
                              ptrdiff_t sb, T p0) {
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
