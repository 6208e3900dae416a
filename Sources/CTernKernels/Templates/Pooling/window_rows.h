// Maxima of windows of planes whose rows are contiguous, several at once. Takes T, S, I, the signed integer as wide as T,
// and EVENS(a, b): the elements 0, 2, …, L - 2 of a and 1, 3, …, L - 1 of b, L being those of 32 bytes.

#define VECTOR FN(window_row)
#define PLACES FN(window_places)
#define NARROW FN(window_row_index)
#define LANES ((ptrdiff_t)(32 / sizeof(T)))
typedef T VECTOR __attribute__((ext_vector_type(32 / sizeof(T)), aligned(sizeof(T)), may_alias));
typedef I PLACES __attribute__((ext_vector_type(32 / sizeof(T)), aligned(sizeof(T)), may_alias));
typedef int32_t NARROW __attribute__((ext_vector_type(32 / sizeof(T)), aligned(4), may_alias));

// Columns whose windows have one length and begin at even distances, around the middle one.
typedef struct {
  ptrdiff_t first, end, step, length;
} FN(window_columns);

static FN(window_columns) FN(even_columns)(const tern_window_grid *g) {
  const ptrdiff_t *from = g->columnStart, *to = g->columnEnd, middle = g->outWidth / 2;
  FN(window_columns) c = {.first = middle, .end = middle + 1, .step = 1, .length = to[middle] - from[middle]};
  if (middle + 1 < g->outWidth) c.step = from[middle + 1] - from[middle];
  while (c.end < g->outWidth && from[c.end] == from[c.end - 1] + c.step && to[c.end] - from[c.end] == c.length) c.end++;
  while (c.first > 0 && from[c.first - 1] == from[c.first] - c.step &&
         to[c.first - 1] - from[c.first - 1] == c.length)
    c.first--;
  return c;
}

// x[0], x[step], …
__attribute__((always_inline)) static inline void FN(window_load)(VECTOR *v, const T *x, const ptrdiff_t step) {
  if (step == 1) {
    *v = *(const VECTOR *)x;
  } else if (step == 2) {
    const VECTOR low = *(const VECTOR *)x, high = *(const VECTOR *)(x + LANES - 1);
    *v = EVENS(low, high);
  } else {
    for (ptrdiff_t i = 0; i < LANES; i++) (*v)[i] = x[i * step];
  }
}

__attribute__((always_inline)) static inline void FN(window_take)(VECTOR *best, PLACES *where, const VECTOR *v,
                                                                  const PLACES *at) {
  const PLACES take = (*v > *best) | (*v != *v);
  *best = (VECTOR)((take & (PLACES)*v) | (~take & (PLACES)*best));
  *where = (take & *at) | (~take & *where);
}

// Columns `first` ..< `end` of a row of outputs, at least LANES; the rows h0 ..< h1 of the plane are taken.
__attribute__((always_inline)) static inline void FN(window_lanes)(
    const tern_window_grid *g, ptrdiff_t first, ptrdiff_t end, ptrdiff_t h0, ptrdiff_t h1, ptrdiff_t length, T *out,
    int32_t *index, const T *plane, const ptrdiff_t step) {
  PLACES lanes;
  for (ptrdiff_t i = 0; i < LANES; i++) lanes[i] = (I)(i * step);
  for (ptrdiff_t c = first; c < end; c += LANES) {
    // The last block may take some columns again.
    c = TERN_MIN(c, end - LANES);
    const ptrdiff_t left = g->columnStart[c];
    VECTOR best = (VECTOR)(T)-INFINITY;
    PLACES where = lanes + (I)(h0 * g->width + left);
    for (ptrdiff_t h = h0; h < h1; h += g->dilationDown) {
      const ptrdiff_t line = h * g->width + left;
      for (ptrdiff_t w = 0; w < length; w += g->dilationAcross) {
        VECTOR v;
        FN(window_load)(&v, plane + line + w, step);
        const PLACES at = lanes + (I)(line + w);
        FN(window_take)(&best, &where, &v, &at);
      }
    }
    *(VECTOR *)(out + c) = best;
    *(NARROW *)(index + c) = __builtin_convertvector(where, NARROW);
  }
}

// A window that is wide: LANES of its columns at once. The first position wins among equals, the last of those that are
// not numbers over everything, as elsewhere.
static void FN(window_wide)(ptrdiff_t width, ptrdiff_t h0, ptrdiff_t h1, ptrdiff_t w0, ptrdiff_t w1, T *out,
                            int32_t *index, const T *plane) {
  PLACES lanes;
  for (ptrdiff_t i = 0; i < LANES; i++) lanes[i] = (I)i;
  T best = -INFINITY;
  I where = (I)(h0 * width + w0);
  VECTOR bests = (VECTOR)best;
  PLACES places = (PLACES)where;
  for (ptrdiff_t h = h0; h < h1; h++) {
    ptrdiff_t w = w0;
    for (; w + LANES <= w1; w += LANES) {
      const VECTOR v = *(const VECTOR *)(plane + h * width + w);
      const PLACES at = lanes + (I)(h * width + w);
      FN(window_take)(&bests, &places, &v, &at);
    }
    for (; w < w1; w++) {
      const T v = plane[h * width + w];
      if ((v > best) | (v != v)) best = v, where = (I)(h * width + w);
    }
  }
  for (ptrdiff_t i = 0; i < LANES; i++) {
    const T v = bests[i];
    const bool isNumber = v == v, wasNumber = best == best;
    if (isNumber != wasNumber ? wasNumber
        : isNumber            ? v > best || (v == best && places[i] < where)
                              : places[i] > where)
      best = v, where = places[i];
  }
  *out = best;
  *index = (int32_t)where;
}

// Row r of a plane's outputs as far as vectors reach: from column *first up to *end where that is not empty.
static void FN(window_row_maximum)(const tern_window_grid *g, const FN(window_columns) *columns, ptrdiff_t r, T *out,
                                   int32_t *index, const T *plane, ptrdiff_t *first, ptrdiff_t *end) {
  const ptrdiff_t h0 = g->rowStart[r], h1 = g->rowEnd[r], c0 = columns->first, c1 = columns->end;
  *first = *end = 0;
  if (h0 >= h1 || columns->length <= 0) return;
  if (c1 - c0 >= LANES) {
    *first = c0, *end = c1;
    if (columns->step == 1) FN(window_lanes)(g, c0, c1, h0, h1, columns->length, out, index, plane, 1);
    else if (columns->step == 2) FN(window_lanes)(g, c0, c1, h0, h1, columns->length, out, index, plane, 2);
    else FN(window_lanes)(g, c0, c1, h0, h1, columns->length, out, index, plane, columns->step);
  } else if (columns->length >= 2 * LANES && g->dilationDown == 1 && g->dilationAcross == 1) {
    *end = g->outWidth;
    for (ptrdiff_t c = 0; c < g->outWidth; c++) {
      const ptrdiff_t w0 = g->columnStart[c], w1 = g->columnEnd[c];
      if (w0 < w1) {
        FN(window_wide)(g->width, h0, h1, w0, w1, out + c, index + c, plane);
      } else {
        out[c] = -INFINITY;
        index[c] = -1;
      }
    }
  }
}

// best[j] = the larger of it and x[j · step], or nan; x itself for `isFirst`.
__attribute__((always_inline)) static inline void FN(window_larger)(ptrdiff_t n, T *best, const T *x,
                                                                    const ptrdiff_t step, bool isFirst) {
  if (isFirst) {
    TERN_LOOP for (ptrdiff_t j = 0; j < n; j++) best[j] = x[j * step];
    return;
  }
  TERN_LOOP for (ptrdiff_t j = 0; j < n; j++) {
    const T v = x[j * step], b = best[j];
    best[j] = ((v > b) | (v != v)) ? v : b;
  }
}

// The maxima alone, of planes without an inner extent: output rows `first` ..< `first + count`, counted over all planes.
static void FN(window_values)(const tern_window_grid *g, ptrdiff_t first, ptrdiff_t count, T *out, const T *x) {
  const FN(window_columns) even = FN(even_columns)(g);
  const ptrdiff_t width = g->width, n = even.length > 0 ? even.end - even.first : 0;
  for (ptrdiff_t row = first; row < first + count; row++) {
    const ptrdiff_t r = row % g->outHeight, h0 = g->rowStart[r], h1 = g->rowEnd[r];
    const T *plane = x + row / g->outHeight * g->height * width;
    T *to = out + row * g->outWidth;
    for (ptrdiff_t c = 0; c < g->outWidth; c++) {
      if (c == even.first && n > 0 && h0 < h1) {
        c = even.end - 1;
        continue;
      }
      T best = -INFINITY;
      for (ptrdiff_t h = h0; h < h1; h += g->dilationDown)
        for (ptrdiff_t w = g->columnStart[c]; w < g->columnEnd[c]; w += g->dilationAcross) {
          const T v = plane[h * width + w];
          best = ((v > best) | (v != v)) ? v : best;
        }
      to[c] = best;
    }
    if (n == 0) continue;
    for (ptrdiff_t h = h0; h < h1; h += g->dilationDown)
      for (ptrdiff_t w = 0; w < even.length; w += g->dilationAcross) {
        const T *from = plane + h * width + g->columnStart[even.first] + w;
        const bool isFirst = h == h0 && w == 0;
        if (even.step == 1) FN(window_larger)(n, to + even.first, from, 1, isFirst);
        else if (even.step == 2) FN(window_larger)(n, to + even.first, from, 2, isFirst);
        else FN(window_larger)(n, to + even.first, from, even.step, isFirst);
      }
  }
}

#undef VECTOR
#undef PLACES
#undef NARROW
#undef LANES
