// Maxima of windows and where they are. Takes T, S and I, the signed integer as wide as T. Planes lie as
// [height][width][inner].

#define VECTOR FN(window_vector)
#define LANE_INDEX FN(window_index)
#define NARROW_INDEX FN(window_narrow)
#define LANES ((ptrdiff_t)(64 / sizeof(T)))
typedef T VECTOR __attribute__((ext_vector_type(64 / sizeof(T)), aligned(sizeof(T)), may_alias));
typedef I LANE_INDEX __attribute__((ext_vector_type(64 / sizeof(T)), aligned(sizeof(T)), may_alias));
typedef int32_t NARROW_INDEX __attribute__((ext_vector_type(64 / sizeof(T)), aligned(4), may_alias));

// Output rows `first` ..< `first + count`, counted over all planes. The first position wins among equals, a nan wins
// over everything (the last of several); a window without a pixel gives -inf at position -1.
static void FN(window_maximum)(const tern_window_grid *g, ptrdiff_t first, ptrdiff_t count, T *out, int32_t *index,
                               const T *x) {
  const ptrdiff_t inner = g->inner, width = g->width, blocks = inner / LANES * LANES;
  FN(window_columns) columns = {0};
  if (inner == 1) columns = FN(even_columns)(g);
  for (ptrdiff_t row = first; row < first + count; row++) {
    const ptrdiff_t r = row % g->outHeight;
    const T *plane = x + row / g->outHeight * g->height * width * inner;
    const ptrdiff_t h0 = g->rowStart[r], h1 = g->rowEnd[r];
    ptrdiff_t done = 0, end = 0;
    if (inner == 1) {
      const ptrdiff_t at = row * g->outWidth;
      FN(window_row_maximum)(g, &columns, r, out + at, index + at, plane, &done, &end);
    }
    for (ptrdiff_t column = 0; column < g->outWidth; column++) {
      if (column == done && end > done) {
        column = end - 1;
        continue;
      }
      const ptrdiff_t w0 = g->columnStart[column], w1 = g->columnEnd[column];
      const ptrdiff_t at = (row * g->outWidth + column) * inner;
      const ptrdiff_t start = h0 < h1 && w0 < w1 ? h0 * width + w0 : -1;
      for (ptrdiff_t c = 0; c < blocks; c += LANES) {
        VECTOR best = (VECTOR)(T)-INFINITY;
        LANE_INDEX where = (LANE_INDEX)(I)start;
        for (ptrdiff_t h = h0; h < h1; h += g->dilationDown)
          for (ptrdiff_t w = w0; w < w1; w += g->dilationAcross) {
            const VECTOR v = *(const VECTOR *)(plane + (h * width + w) * inner + c);
            const LANE_INDEX take = (v > best) | (v != v);
            best = (VECTOR)((take & (LANE_INDEX)v) | (~take & (LANE_INDEX)best));
            where = (take & (I)(h * width + w)) | (~take & where);
          }
        *(VECTOR *)(out + at + c) = best;
        *(NARROW_INDEX *)(index + at + c) = __builtin_convertvector(where, NARROW_INDEX);
      }
      for (ptrdiff_t c = blocks; c < inner; c++) {
        T best = -INFINITY;
        ptrdiff_t where = start;
        for (ptrdiff_t h = h0; h < h1; h += g->dilationDown)
          for (ptrdiff_t w = w0; w < w1; w += g->dilationAcross) {
            const T v = plane[(h * width + w) * inner + c];
            const bool take = (v > best) | (v != v);
            best = take ? v : best;
            where = take ? h * width + w : where;
          }
        out[at + c] = best;
        index[at + c] = (int32_t)where;
      }
    }
  }
}

// Adds the values of the windows at the positions of their maxima: out [planes][pixels][inner], x and index [planes][windows][inner].
static void FN(plane_scatter)(ptrdiff_t planes, ptrdiff_t pixels, ptrdiff_t windows, ptrdiff_t inner, T *out,
                              const int32_t *index, const T *x) {
  for (ptrdiff_t p = 0; p < planes; p++, out += pixels * inner) {
    memset(out, 0, (size_t)(pixels * inner) * sizeof(T));
    for (ptrdiff_t i = 0; i < windows; i++, index += inner, x += inner)
      for (ptrdiff_t c = 0; c < inner; c++)
        if (index[c] >= 0) out[index[c] * inner + c] += x[c];
  }
}

// Gathers the values at the positions of the maxima: out and index [planes][windows][inner], x [planes][pixels][inner]; zero where the index is -1.
static void FN(plane_gather)(ptrdiff_t planes, ptrdiff_t pixels, ptrdiff_t windows, ptrdiff_t inner, T *out,
                             const int32_t *index, const T *x) {
  for (ptrdiff_t p = 0; p < planes; p++, x += pixels * inner)
    for (ptrdiff_t i = 0; i < windows; i++, index += inner, out += inner)
      for (ptrdiff_t c = 0; c < inner; c++) out[c] = index[c] < 0 ? 0 : x[index[c] * inner + c];
}

#undef VECTOR
#undef LANE_INDEX
#undef NARROW_INDEX
#undef LANES
