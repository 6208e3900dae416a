// Maxima of windows that do not overlap, for Float, each remembered by one byte: its position in the window,
// row · width + column. Planes lie as [height][width][inner].

typedef float pool_vector __attribute__((ext_vector_type(16), aligned(4), may_alias));
typedef int32_t pool_index __attribute__((ext_vector_type(16), aligned(4), may_alias));
typedef uint8_t pool_bytes __attribute__((ext_vector_type(16), aligned(1), may_alias));

#define POOL_EVEN(a, b)                                                                            \
  __builtin_shufflevector(a, b, 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30)
#define POOL_ODD(a, b)                                                                             \
  __builtin_shufflevector(a, b, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31)
#define POOL_LOW(a, b) __builtin_shufflevector(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23)
#define POOL_HIGH(a, b) __builtin_shufflevector(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31)

// Vectors go by address: by value their passing would depend on the level, which the compiler warns of.
__attribute__((always_inline)) static inline void pool_load(pool_vector *value, const float *x, ptrdiff_t count,
                                                            const bool whole) {
  if (whole) {
    *value = *(const pool_vector *)x;
    return;
  }
#if TERN_VECTOR == 64
  *value = (pool_vector)load_part(x, count);
#else
  *value = (pool_vector)0.0f;
  for (ptrdiff_t i = 0; i < count; i++) (*value)[i] = x[i];
#endif
}

__attribute__((always_inline)) static inline void pool_store(float *out, const pool_vector *value, ptrdiff_t count,
                                                             const bool whole) {
  if (whole) {
    *(pool_vector *)out = *value;
    return;
  }
#if TERN_VECTOR == 64
  store_part(out, (tile_vector)*value, count);
#else
  for (ptrdiff_t i = 0; i < count; i++) out[i] = (*value)[i];
#endif
}

// Takes the values that are greater, or not a number, at position `at`.
__attribute__((always_inline)) static inline void pool_take(pool_vector *best, pool_index *where,
                                                            const pool_vector *v, int32_t at) {
  const pool_index take = (*v > *best) | (*v != *v);
  *best = (pool_vector)((take & (pool_index)*v) | (~take & (pool_index)*best));
  *where = (take & at) | (~take & *where);
}

__attribute__((always_inline)) static inline void pool_pixel(const tern_pool_grid *g, const float *x, float *out,
                                                             uint8_t *index, ptrdiff_t count, const bool whole) {
  pool_vector best = (pool_vector)-INFINITY;
  pool_index where = (pool_index)0;
  for (ptrdiff_t u = 0; u < g->kernelHeight; u++)
    for (ptrdiff_t v = 0; v < g->kernelWidth; v++) {
      pool_vector value;
      pool_load(&value, x + (u * g->width + v) * g->inner, count, whole);
      pool_take(&best, &where, &value, (int32_t)(u * g->kernelWidth + v));
    }
  pool_store(out, &best, count, whole);
  const pool_bytes bytes = __builtin_convertvector(where, pool_bytes);
  if (whole) *(pool_bytes *)index = bytes;
  else
    for (ptrdiff_t i = 0; i < count; i++) index[i] = bytes[i];
}

// Windows of a width of 2 in one row, sixteen at once; `height` is constant. Says how many columns are done: whole vectors,
// and the remainder where as much may be read and written behind it as `room` says.
__attribute__((always_inline)) static inline ptrdiff_t pool_pairs(const tern_pool_grid *g, const float *line, float *out,
                                                                  uint8_t *index, ptrdiff_t room, const int height) {
  ptrdiff_t column = 0;
  for (; column + 16 <= room && column < g->outWidth; column += 16) {
    pool_vector best = (pool_vector)-INFINITY;
    pool_index where = (pool_index)0;
    UNROLLED for (int u = 0; u < height; u++) {
      const pool_vector *at = (const pool_vector *)(line + u * g->width + 2 * column);
      const pool_vector even = POOL_EVEN(at[0], at[1]), odd = POOL_ODD(at[0], at[1]);
      pool_take(&best, &where, &even, 2 * u);
      pool_take(&best, &where, &odd, 2 * u + 1);
    }
    *(pool_vector *)(out + column) = best;
    *(pool_bytes *)(index + column) = __builtin_convertvector(where, pool_bytes);
  }
  return column;
}

// Other windows in one row of planes without an inner extent, eight at once.
static ptrdiff_t pool_strided(const tern_pool_grid *g, const float *line, float *out, uint8_t *index) {
  typedef float vector __attribute__((ext_vector_type(8), aligned(4), may_alias));
  typedef int32_t places __attribute__((ext_vector_type(8), aligned(4), may_alias));
  typedef uint8_t bytes __attribute__((ext_vector_type(8), aligned(1), may_alias));
  const ptrdiff_t step = g->columnStride;
  ptrdiff_t column = 0;
  for (; column + 8 <= g->outWidth; column += 8) {
    vector best = (vector)-INFINITY;
    places where = (places)0;
    int32_t at = 0;
    for (ptrdiff_t u = 0; u < g->kernelHeight; u++)
      for (ptrdiff_t v = 0; v < g->kernelWidth; v++, at++) {
        const float *x = line + u * g->width + column * step + v;
        vector value;
        if (step == 1) value = *(const vector *)x;
        else value = (vector){x[0], x[step], x[2 * step], x[3 * step], x[4 * step], x[5 * step], x[6 * step], x[7 * step]};
        const places take = (value > best) | (value != value);
        best = (vector)((take & (places)value) | (~take & (places)best));
        where = (take & at) | (~take & where);
      }
    *(vector *)(out + column) = best;
    *(bytes *)(index + column) = __builtin_convertvector(where, bytes);
  }
  return column;
}

__attribute__((always_inline)) static inline void pool_single(const tern_pool_grid *g, const float *pixel, float *out,
                                                              uint8_t *index) {
  float best = -INFINITY;
  ptrdiff_t where = 0, at = 0;
  for (ptrdiff_t u = 0; u < g->kernelHeight; u++)
    for (ptrdiff_t v = 0; v < g->kernelWidth; v++, at++) {
      const float value = pixel[u * g->width + v];
      const bool take = (value > best) | (value != value);
      best = take ? value : best;
      where = take ? at : where;
    }
  *out = best;
  *index = (uint8_t)where;
}

// Output rows `first` ..< `first + count`, counted over all planes. The first position wins among equals, the last of
// those that are not numbers over everything.
static void max_pool(const tern_pool_grid *g, ptrdiff_t first, ptrdiff_t count, float *out, uint8_t *index,
                     const float *x) {
  const ptrdiff_t inner = g->inner, width = g->outWidth;
  const float *const end = x + ((first + count - 1) / g->outHeight + 1) * g->height * g->width * inner;
  out += first * width * inner;
  index += first * width * inner;
  for (ptrdiff_t row = first; row < first + count; row++, out += width * inner, index += width * inner) {
    const float *line = x + (row / g->outHeight * g->height + row % g->outHeight * g->rowStride) * g->width * inner;
    ptrdiff_t column = 0;
    if (inner == 1) {
      if (g->kernelWidth == 2 && g->columnStride == 2 && g->kernelHeight <= 2) {
        // Behind a row lie rows that are written later, and what can be read.
        const ptrdiff_t readable = (end - line - (g->kernelHeight - 1) * g->width) / 2;
        const ptrdiff_t room = TERN_MIN((first + count - row) * width, readable);
        if (g->kernelHeight == 2) column = pool_pairs(g, line, out, index, room, 2);
        else column = pool_pairs(g, line, out, index, room, 1);
      } else {
        column = pool_strided(g, line, out, index);
      }
      for (; column < width; column++) pool_single(g, line + column * g->columnStride, out + column, index + column);
      continue;
    }
    for (; column < width; column++) {
      const float *pixel = line + column * g->columnStride * inner;
      // Lanes beyond the channels hold neighbors' values, which the next columns write again.
      const ptrdiff_t room = TERN_MIN((width - column) * inner,
                                      (g->width - column * g->columnStride - g->kernelWidth + 1) * inner);
      for (ptrdiff_t c = 0; c < inner; c += 16) {
        float *to = out + column * inner + c;
        uint8_t *place = index + column * inner + c;
        if (c + 16 <= room) pool_pixel(g, pixel + c, to, place, 16, true);
        else pool_pixel(g, pixel + c, to, place, inner - c, false);
      }
    }
  }
}

// out = gradient where the maximum was at `at`, else 0, over 16 lanes.
__attribute__((always_inline)) static inline void unpool_lanes(float *out, const float *gradient, const uint8_t *where,
                                                               int32_t at) {
  const pool_index from = *(const pool_index *)gradient;
  *(pool_index *)out = (__builtin_convertvector(*(const pool_bytes *)where, pool_index) == at) & from;
}

// The gradient of what max_pool read, for the same output rows: all of the input up to the next window's row.
static void max_unpool(const tern_pool_grid *g, ptrdiff_t first, ptrdiff_t count, float *out, const uint8_t *index,
                       const float *gradient) {
  const ptrdiff_t inner = g->inner, width = g->outWidth, line = g->width * inner;
  const ptrdiff_t last = first + count - 1, lastTop = last % g->outHeight * g->rowStride;
  const float *const outEnd = out + (last / g->outHeight * g->height + (last % g->outHeight + 1 == g->outHeight
                                                                           ? g->height : lastTop + g->rowStride)) * line;
  gradient += first * width * inner;
  index += first * width * inner;
  for (ptrdiff_t row = first; row < first + count; row++, gradient += width * inner, index += width * inner) {
    const ptrdiff_t r = row % g->outHeight, top = r * g->rowStride;
    const ptrdiff_t rows = (r + 1 == g->outHeight ? g->height : top + g->rowStride) - top;
    float *target = out + (row / g->outHeight * g->height + top) * line;
    for (ptrdiff_t u = 0; u < rows; u++) {
      float *to = target + u * line;
      if (u >= g->kernelHeight) {
        memset(to, 0, (size_t)line * sizeof(float));
        continue;
      }
      ptrdiff_t column = 0;
      if (inner == 1 && g->kernelWidth == 2 && g->columnStride == 2) {
        // Lanes behind the row are written again, by the rows after it.
        const ptrdiff_t room = TERN_MIN((first + count - row) * width, (outEnd - to) / 2);
        for (; column + 16 <= room && column < width; column += 16) {
          const pool_index from = (pool_index) * (const pool_vector *)(gradient + column);
          const pool_index at = __builtin_convertvector(*(const pool_bytes *)(index + column), pool_index);
          const pool_index left = (at == (int32_t)(2 * u)) & from, right = (at == (int32_t)(2 * u + 1)) & from;
          *(pool_index *)(to + 2 * column) = POOL_LOW(left, right);
          *(pool_index *)(to + 2 * column + 16) = POOL_HIGH(left, right);
        }
      }
      if (inner == 1 && g->columnStride == g->kernelWidth) {
        // Each value goes to one of its window's pixels.
        for (; column < width; column++) {
          const ptrdiff_t at = index[column] - u * g->kernelWidth;
          float *pixel = to + column * g->columnStride;
          for (ptrdiff_t v = 0; v < g->kernelWidth; v++) pixel[v] = v == at ? gradient[column] : 0;
        }
      }
      for (; column < width; column++) {
        for (ptrdiff_t v = 0; v < g->kernelWidth; v++) {
          float *pixel = to + (column * g->columnStride + v) * inner;
          const float *from = gradient + column * inner;
          const uint8_t *where = index + column * inner;
          const int32_t at = (int32_t)(u * g->kernelWidth + v);
          // As above: the lanes behind the channels are written again, by the next pixels of the line.
          const ptrdiff_t room = TERN_MIN((width - column) * inner, (g->width - column * g->columnStride - v) * inner);
          ptrdiff_t c = 0;
          for (; c < inner && c + 16 <= room; c += 16) unpool_lanes(pixel + c, from + c, where + c, at);
          TERN_LOOP for (; c < inner; c++) pixel[c] = where[c] == at ? from[c] : 0;
        }
        if (g->columnStride > g->kernelWidth && column + 1 < width)
          zero_run_f32((g->columnStride - g->kernelWidth) * inner,
                       to + (column * g->columnStride + g->kernelWidth) * inner);
      }
      const ptrdiff_t end = (width - 1) * g->columnStride + g->kernelWidth;
      zero_run_f32((g->width - end) * inner, to + end * inner);
    }
  }
}
