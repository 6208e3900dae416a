// Searches in a sorted row of a numeric type. Takes T and S; FLOATING for Float and Double.

#define SEARCH_STEPS(IS_BEFORE)                                                                    \
  do {                                                                                             \
    for (ptrdiff_t length = known; length > 1; length -= length / 2) {                             \
      const ptrdiff_t half = length / 2;                                                           \
      TERN_LOOP for (ptrdiff_t i = 0; i < width; i++) at[i] += IS_BEFORE(edges[at[i] + half - 1], v[i]) ? half : 0; \
    }                                                                                              \
    TERN_LOOP for (ptrdiff_t i = 0; i < width; i++) at[i] += IS_BEFORE(edges[at[i]], v[i]) ? 1 : 0; \
  } while (0)
#define IS_LESS(edge, value) ((edge) < (value))
#define IS_NOT_GREATER(edge, value) ((edge) <= (value))

// out[i] = how many of n sorted edges are before values[i], or not behind it from the right; NaN is behind all others. A
// block of values takes each step together: none waits for another's comparison.
static void FN(search_sorted)(bool right, ptrdiff_t count, ptrdiff_t *out, const T *values, ptrdiff_t n, const T *edges) {
  ptrdiff_t known = n;
#ifdef FLOATING
  while (known > 0 && IS_NAN(edges[known - 1])) known--;
#endif
  for (ptrdiff_t first = 0; first < count; first += 64) {
    const ptrdiff_t width = TERN_MIN(64, count - first);
    const T *const v = values + first;
    ptrdiff_t *const at = out + first;
    for (ptrdiff_t i = 0; i < width; i++) at[i] = 0;
    if (known > 0) {
      if (right) SEARCH_STEPS(IS_NOT_GREATER);
      else SEARCH_STEPS(IS_LESS);
    }
#ifdef FLOATING
    TERN_LOOP for (ptrdiff_t i = 0; i < width; i++) at[i] = IS_NAN(v[i]) ? n : at[i];
#endif
  }
}
#undef SEARCH_STEPS
#undef IS_LESS
#undef IS_NOT_GREATER
