// A binary kernel over rows. Short ones cost more one by one than what is computed: where the result's lie one behind the
// other, the operands' are laid out so too, and taken together.

// Rows of n values one behind the other: where they are, if they lie so, else copied to `room`, where a repeated row may
// be already.
static const T *FN(dense_rows)(ptrdiff_t rows, ptrdiff_t n, const T *x, ptrdiff_t step, ptrdiff_t sx, T *room,
                               bool isThere) {
  if (sx == 1 && step == n) return x;
  if (isThere) return room;
  for (ptrdiff_t r = 0; r < rows; r++)
    for (ptrdiff_t i = 0; i < n; i++) room[r * n + i] = x[r * step + i * sx];
  return room;
}

static bool FN(binary_rows)(tern_binary kernel, ptrdiff_t rows, ptrdiff_t n, tern_row_steps steps, T *out, ptrdiff_t so,
                            const T *a, ptrdiff_t sa, const T *b, ptrdiff_t sb, T p0) {
  enum { room = 1024, longest = 64 };
  if (kernel == tern_binary_mul && so == 1 && n >= 8 && n <= longest && ((sa == 0 && sb == 1) || (sa == 1 && sb == 0))) {
    // Rows times a number each: products of vectors, blocks of Kronecker products.
    for (ptrdiff_t r = 0; r < rows; r++, out += steps.out, a += steps.a, b += steps.b) {
      const T factor = sa == 0 ? *a : *b, *x = sa == 0 ? b : a;
      TERN_LOOP for (ptrdiff_t i = 0; i < n; i++) out[i] = (T)((U)factor * (U)x[i]);
    }
    return true;
  }
  if (rows > 1 && n > 0 && n <= longest && so == 1 && steps.out == n) {
    T left[room], right[room];
    const ptrdiff_t most = room / n;
    for (ptrdiff_t r = 0; r < rows; r += most) {
      const ptrdiff_t count = TERN_MIN(most, rows - r);
      const T *x = FN(dense_rows)(count, n, a + r * steps.a, steps.a, sa, left, r > 0 && steps.a == 0);
      const T *y = FN(dense_rows)(count, n, b + r * steps.b, steps.b, sb, right, r > 0 && steps.b == 0);
      if (!FN(binary)(kernel, count * n, out + r * n, 1, x, 1, y, 1, p0)) return false;
    }
    return true;
  }
  for (ptrdiff_t r = 0; r < rows; r++, out += steps.out, a += steps.a, b += steps.b)
    if (!FN(binary)(kernel, n, out, so, a, sa, b, sb, p0)) return false;
  return true;
}
