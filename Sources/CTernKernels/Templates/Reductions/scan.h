// Positions of extremes and cumulative operations. Takes T, S, U, LOWEST, HIGHEST and A, the type
// sums and products accumulate in; FLOATING for Float and Double.

// Whether v replaces the extreme so far: the first of equals stays, and the first nan.
// Whether it does when the last of equals counts (cumulative extremes), and the last nan.
#ifdef FLOATING
#define FIRST_BETTER(v, best, better) (((v)better(best)) | (((v) != (v)) & ((best) == (best))))
#define LAST_BETTER(v, best, better) (((v)better(best)) | ((v) != (v)))
#else
#define FIRST_BETTER(v, best, better) ((v)better(best))
#define LAST_BETTER(v, best, better) ((v)better(best))
#endif

// The first place in a row of a value that is there.
static ptrdiff_t FN(first_place)(ptrdiff_t n, const T *x, T value) {
  enum { block = 128 };
  for (ptrdiff_t i = 0; i < n; i += block) {
    const ptrdiff_t end = TERN_MIN(i + block, n);
    int found = 0;
    TERN_LOOP for (ptrdiff_t j = i; j < end; j++) found |= (x[j] == value) | (IS_NAN(x[j]) & IS_NAN(value));
    if (!found) continue;
    for (ptrdiff_t j = i; j < end; j++)
      if ((x[j] == value) | (IS_NAN(x[j]) & IS_NAN(value))) return j;
  }
  return 0;
}

#define ARG_COLUMNS(better)                                                                        \
  for (ptrdiff_t c = 0; c < inner; c += panel) {                                                   \
    const ptrdiff_t width = TERN_MIN(panel, inner - c);                                            \
    memcpy(best, x + c, (size_t)width * sizeof(T));                                                \
    for (ptrdiff_t j = 0; j < width; j++) place[j] = 0;                                            \
    for (ptrdiff_t r = 1; r < n; r++) {                                                            \
      const T *row = x + r * inner + c;                                                            \
      TERN_LOOP for (ptrdiff_t j = 0; j < width; j++) {                                            \
        const T v = row[j], b = best[j];                                                           \
        const bool take = FIRST_BETTER(v, b, better);                                              \
        best[j] = take ? v : b;                                                                    \
        place[j] = take ? r : place[j];                                                            \
      }                                                                                            \
    }                                                                                              \
    memcpy(out + c, place, (size_t)width * sizeof(ptrdiff_t));                                     \
  }

static bool FN(arg_reduce)(tern_reduction kernel, ptrdiff_t outer, ptrdiff_t n, ptrdiff_t inner, ptrdiff_t *out,
                           const T *x) {
  enum { panel = 256 };
  T best[panel];
  ptrdiff_t place[panel];
  if (kernel != tern_reduction_maximum && kernel != tern_reduction_minimum) return false;
  for (ptrdiff_t o = 0; o < outer; o++, x += n * inner, out += inner) {
    if (inner == 1) {
      out[0] = FN(first_place)(
          n, x, kernel == tern_reduction_maximum ? FN(maximum_blocks)(n, x, false) : FN(minimum_blocks)(n, x, false));
    } else if (kernel == tern_reduction_maximum) {
      ARG_COLUMNS(>)
    } else {
      ARG_COLUMNS(<)
    }
  }
  return true;
}
#undef ARG_COLUMNS

// Running sums and products in A, which for Float is Double.
#define ACCUMULATE(INIT, COMBINE)                                                                  \
  if (inner == 1) {                                                                                \
    A sum = INIT;                                                                                  \
    for (ptrdiff_t r = 0; r < n; r++) {                                                            \
      sum = (A)COMBINE(sum, (A)x[r]);                                                              \
      out[r] = (T)sum;                                                                             \
    }                                                                                              \
    continue;                                                                                      \
  }                                                                                                \
  for (ptrdiff_t c = 0; c < inner; c += panel) {                                                   \
    const ptrdiff_t width = TERN_MIN(panel, inner - c);                                            \
    for (ptrdiff_t j = 0; j < width; j++) sums[j] = INIT;                                          \
    for (ptrdiff_t r = 0; r < n; r++) {                                                            \
      const T *row = x + r * inner + c;                                                            \
      T *result = out + r * inner + c;                                                             \
      TERN_LOOP for (ptrdiff_t j = 0; j < width; j++) {                                            \
        sums[j] = (A)COMBINE(sums[j], (A)row[j]);                                                  \
        result[j] = (T)sums[j];                                                                    \
      }                                                                                            \
    }                                                                                              \
  }
#define PLUS(a, b) ((a) + (b))
#define TIMES(a, b) ((a) * (b))

#define EXTREMES(better)                                                                           \
  for (ptrdiff_t c = 0; c < inner; c += panel) {                                                   \
    const ptrdiff_t width = TERN_MIN(panel, inner - c);                                            \
    memcpy(best, x + c, (size_t)width * sizeof(T));                                                \
    for (ptrdiff_t j = 0; j < width; j++) place[j] = 0;                                            \
    for (ptrdiff_t r = 0; r < n; r++) {                                                            \
      const T *row = x + r * inner + c;                                                            \
      T *result = out + r * inner + c;                                                             \
      ptrdiff_t *at = places ? places + r * inner + c : place;                                     \
      TERN_LOOP for (ptrdiff_t j = 0; j < width; j++) {                                            \
        const T v = row[j], b = best[j];                                                           \
        const bool take = LAST_BETTER(v, b, better);                                               \
        best[j] = take ? v : b;                                                                    \
        place[j] = take ? r : place[j];                                                            \
        result[j] = best[j];                                                                       \
        at[j] = place[j];                                                                          \
      }                                                                                            \
    }                                                                                              \
  }

// The running extremes of some rows side by side, each a chain of its own, and where they are.
TERN_INLINE void FN(extreme_rows)(bool isMaximum, ptrdiff_t rows, ptrdiff_t n, T *out, ptrdiff_t *indices, const T *x) {
  T best[4] = {0};
  ptrdiff_t place[4] = {0};
  for (ptrdiff_t r = 0; r < n; r++)
    for (ptrdiff_t j = 0; j < rows; j++) {
      const T v = x[j * n + r];
      const bool take = (r == 0) | (isMaximum ? LAST_BETTER(v, best[j], >=) : LAST_BETTER(v, best[j], <=));
      best[j] = take ? v : best[j];
      place[j] = take ? r : place[j];
      out[j * n + r] = best[j];
      if (indices) indices[j * n + r] = place[j];
    }
}

static bool FN(scan)(tern_reduction kernel, ptrdiff_t outer, ptrdiff_t n, ptrdiff_t inner, T *out, ptrdiff_t *indices,
                     const T *x) {
  enum { panel = 256 };
  A sums[panel];
  T best[panel];
  ptrdiff_t place[panel];
  if (kernel == tern_reduction_maximum || kernel == tern_reduction_minimum) {
    const bool isMaximum = kernel == tern_reduction_maximum;
    if (n == 0) return true;
    for (; inner == 1 && outer > 0; outer -= outer < 4 ? 1 : 4) {
      const ptrdiff_t count = outer < 4 ? 1 : 4;
      if (count == 4 && isMaximum) FN(extreme_rows)(true, 4, n, out, indices, x);
      else if (count == 4) FN(extreme_rows)(false, 4, n, out, indices, x);
      else FN(extreme_rows)(isMaximum, 1, n, out, indices, x);
      x += count * n, out += count * n, indices = indices ? indices + count * n : NULL;
    }
  }
  for (ptrdiff_t o = 0; o < outer; o++, x += n * inner, out += n * inner) {
    ptrdiff_t *places = indices ? indices + o * n * inner : NULL;
    switch (kernel) {
      case tern_reduction_sum: ACCUMULATE(0, PLUS) break;
      case tern_reduction_product: ACCUMULATE(1, TIMES) break;
      case tern_reduction_maximum: EXTREMES(>=) break;
      case tern_reduction_minimum: EXTREMES(<=) break;
      default: return false;
    }
  }
  return true;
}
#undef ACCUMULATE
#undef PLUS
#undef TIMES
#undef EXTREMES
#undef FIRST_BETTER
#undef LAST_BETTER
