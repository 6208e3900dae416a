// Maxima of windows and where they are, and linear maps along the two axes of images. Takes T, S and
// I, the signed integer as wide as T. Planes lie as [height][width][inner].

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
  for (ptrdiff_t row = first; row < first + count; row++) {
    const ptrdiff_t r = row % g->outHeight;
    const T *plane = x + row / g->outHeight * g->height * width * inner;
    const ptrdiff_t h0 = g->rowStart[r], h1 = g->rowEnd[r];
    for (ptrdiff_t column = 0; column < g->outWidth; column++) {
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

// out[i] = weight[0] · x[index[0] · stride + i] + …, at least one term, for i below n.
static inline void FN(weighted_block)(ptrdiff_t n, ptrdiff_t terms, T *out, const T *x, ptrdiff_t stride,
                                      const ptrdiff_t *index, const T *weight) {
  ptrdiff_t k = terms % 2 != 0 ? 1 : 2;
  const T *x0 = x + index[0] * stride, *x1 = x + index[k - 1] * stride;
  const T w0 = weight[0], w1 = weight[k - 1];
  if (k == 1) {
    TERN_LOOP for (ptrdiff_t i = 0; i < n; i++) out[i] = w0 * x0[i];
  } else {
    TERN_LOOP for (ptrdiff_t i = 0; i < n; i++) out[i] = w0 * x0[i] + w1 * x1[i];
  }
  for (; k < terms; k += 2) {
    const T *y0 = x + index[k] * stride, *y1 = x + index[k + 1] * stride;
    const T v0 = weight[k], v1 = weight[k + 1];
    TERN_LOOP for (ptrdiff_t i = 0; i < n; i++) out[i] += v0 * y0[i] + v1 * y1[i];
  }
}

// The same for any number of terms: blocks of 64 are added in groups of 64, so that no chain grows long. Scratch holds
// 2 · n values.
static inline void FN(weighted_sum)(ptrdiff_t n, ptrdiff_t terms, T *out, const T *x, ptrdiff_t stride,
                                    const ptrdiff_t *index, const T *weight, T *scratch) {
  if (n == 1) {
    T sum = 0, group = 0;
    for (ptrdiff_t k = 0; k < terms;) {
      const ptrdiff_t end = TERN_MIN(k + 64, terms);
      T block = 0;
      for (; k < end; k++) block += weight[k] * x[index[k] * stride];
      group += block;
      if (k % 4096 == 0) sum += group, group = 0;
    }
    out[0] = sum + group;
    return;
  }
  if (terms == 0) memset(out, 0, (size_t)n * sizeof(T));
  T *group = scratch, *block = scratch + n;
  for (ptrdiff_t k = 0; k < terms; k += 64) {
    const ptrdiff_t length = TERN_MIN(64, terms - k);
    // The first block of a group makes its sum, and the first group the whole.
    T *sum = k < 4096 ? out : group;
    if (k % 4096 == 0) {
      FN(weighted_block)(n, length, sum, x, stride, index + k, weight + k);
    } else {
      FN(weighted_block)(n, length, block, x, stride, index + k, weight + k);
      TERN_LOOP for (ptrdiff_t i = 0; i < n; i++) sum[i] += block[i];
    }
    if (sum == group && ((k + 64) % 4096 == 0 || k + 64 >= terms)) {
      TERN_LOOP for (ptrdiff_t i = 0; i < n; i++) out[i] += group[i];
    }
  }
}

// Output rows `first` ..< `first + count`, counted over all planes; scratch holds 3 · width · inner values.
static void FN(resample)(const tern_resampling_axes *m, const T *rowWeight, const T *rowDivisor, const T *columnWeight,
                         const T *columnDivisor, ptrdiff_t first, ptrdiff_t count, T *out, const T *x, T *scratch) {
  const ptrdiff_t inner = m->inner, line = m->width * inner;
  T *mixed = scratch, *spare = scratch + line;
  for (ptrdiff_t row = first; row < first + count; row++) {
    const ptrdiff_t r = row % m->outHeight, k0 = m->rowStart[r], k1 = m->rowStart[r + 1];
    const T *plane = x + row / m->outHeight * m->height * line;
    const T *source = mixed;
    if (k1 - k0 == 1 && rowWeight[k0] == 1) source = plane + m->rowIndex[k0] * line;
    else FN(weighted_sum)(line, k1 - k0, mixed, plane, line, m->rowIndex + k0, rowWeight + k0, spare);
    for (ptrdiff_t column = 0; column < m->outWidth; column++) {
      const ptrdiff_t j0 = m->columnStart[column], j1 = m->columnStart[column + 1];
      T *pixel = out + (row * m->outWidth + column) * inner;
      FN(weighted_sum)(inner, j1 - j0, pixel, source, inner, m->columnIndex + j0, columnWeight + j0, spare);
      const T divisor = rowDivisor[r] * columnDivisor[column];
      if (divisor != 1) {
        TERN_LOOP for (ptrdiff_t i = 0; i < inner; i++) pixel[i] /= divisor;
      }
    }
  }
}

#undef VECTOR
#undef LANE_INDEX
#undef NARROW_INDEX
#undef LANES
