// Linear maps along the two axes of images. Takes T, S and I, the signed integer as wide as T. Planes lie as
// [height][width][inner].

#define LANES ((ptrdiff_t)(64 / sizeof(T)))

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

// The same of one term or two, for the few channels of a pixel: whole vectors, then single values.
TERN_INLINE void FN(blend_pixels)(ptrdiff_t n, const bool isPair, T *out, const T *a, T v, const T *b, T w) {
  typedef T few __attribute__((ext_vector_type(TERN_VECTOR / sizeof(T)), aligned(sizeof(T)), may_alias));
  const ptrdiff_t lanes = TERN_VECTOR / sizeof(T);
  ptrdiff_t i = 0;
  if (isPair) {
    for (; i + lanes <= n; i += lanes) *(few *)(out + i) = v * *(const few *)(a + i) + w * *(const few *)(b + i);
    for (; i < n; i++) out[i] = v * a[i] + w * b[i];
  } else {
    for (; i + lanes <= n; i += lanes) *(few *)(out + i) = v * *(const few *)(a + i);
    for (; i < n; i++) out[i] = v * a[i];
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

// out[j] = Σ weight[k] · line[index[k]] / (rowDivisor · divisor[j]), over k from start[j] up to start[j + 1].
static void FN(resample_line)(ptrdiff_t n, T *out, const T *line, const ptrdiff_t *start, const ptrdiff_t *index,
                              const T *weight, T rowDivisor, const T *divisor) {
  for (ptrdiff_t j = 0; j < n; j++) {
    const ptrdiff_t j0 = start[j], terms = start[j + 1] - j0;
    if (terms == 1) out[j] = weight[j0] * line[index[j0]];
    else if (terms == 2) out[j] = weight[j0] * line[index[j0]] + weight[j0 + 1] * line[index[j0 + 1]];
    else FN(weighted_sum)(1, terms, out + j, line, 1, index + j0, weight + j0, NULL);
    const T by = rowDivisor * divisor[j];
    if (by != 1) out[j] /= by;
  }
}

#if TERN_VECTOR >= 32
#define ROW_LANES ((ptrdiff_t)(TERN_VECTOR / sizeof(T)))
// Words of 32 bits in an element.
#define ROW_WORDS ((ptrdiff_t)(sizeof(T) / 4))
typedef T FN(row_vector) __attribute__((ext_vector_type(TERN_VECTOR / sizeof(T)), aligned(sizeof(T)), may_alias));

// The columns' map by blocks of ROW_LANES outputs: term k of all of them comes from the 2 · ROW_LANES values of the line
// from base[k] on, word by word. Behind the bases of a block stands whether each of its outputs has all terms; else a
// weight of zero is a term that is missing.
typedef struct {
  ptrdiff_t terms, blocks;
  I *base;
  int32_t *place;
  T *weight, *divisor;
  bool divides;
} FN(lane_map);

// Whether there is such a map. Memory: (3 · terms + 2) · blocks · ROW_LANES values.
static bool FN(make_lanes)(FN(lane_map) *map, const tern_resampling_axes *m, const T *weight, const T *divisor,
                           T *memory) {
  const ptrdiff_t n = m->outWidth, blocks = (n + ROW_LANES - 1) / ROW_LANES, *start = m->columnStart;
  ptrdiff_t terms = 0;
  for (ptrdiff_t j = 0; j < n; j++) terms = TERN_MAX(terms, start[j + 1] - start[j]);
  if (terms > TERN_LANE_TERMS) return false;
  const ptrdiff_t values = terms * blocks * ROW_LANES, last = TERN_MAX(m->width - 2 * ROW_LANES, 0);
  *map = (FN(lane_map)){.terms = terms, .blocks = blocks, .weight = memory, .place = (int32_t *)(memory + values),
                        .divisor = memory + 2 * values, .base = (I *)(memory + 2 * values + blocks * ROW_LANES)};
  memset(memory, 0, (size_t)(2 * values) * sizeof(T));
  for (ptrdiff_t j = 0; j < blocks * ROW_LANES; j++) {
    map->divisor[j] = j < n ? divisor[j] : 1;
    map->divides |= map->divisor[j] != 1;
  }
  for (ptrdiff_t b = 0; b < blocks; b++) {
    const ptrdiff_t first = b * ROW_LANES, end = TERN_MIN(first + ROW_LANES, n);
    I *base = map->base + b * (terms + 1);
    base[terms] = true;
    for (ptrdiff_t j = first; j < end; j++) base[terms] &= start[j + 1] - start[j] == terms;
    for (ptrdiff_t k = 0; k < terms; k++) {
      ptrdiff_t least = last;
      for (ptrdiff_t j = first; j < end; j++)
        if (start[j] + k < start[j + 1]) least = TERN_MIN(least, m->columnIndex[start[j] + k]);
      base[k] = (I)least;
      for (ptrdiff_t j = first; j < end; j++) {
        if (start[j] + k >= start[j + 1]) continue;
        const ptrdiff_t place = m->columnIndex[start[j] + k] - least, at = (b * terms + k) * ROW_LANES + j - first;
        if (place >= 2 * ROW_LANES) return false;
        for (ptrdiff_t w = 0; w < ROW_WORDS; w++) map->place[at * ROW_WORDS + w] = (int32_t)(place * ROW_WORDS + w);
        map->weight[at] = weight[start[j] + k];
      }
    }
  }
  return true;
}

// The values of low and high, one after the other, at the words' places.
__attribute__((always_inline)) static inline FN(row_vector) FN(placed)(const T *line, const int32_t *place) {
  const FN(row_vector) low = *(const FN(row_vector) *)line, high = *(const FN(row_vector) *)(line + ROW_LANES);
#if TERN_VECTOR == 64
  return (FN(row_vector))_mm512_permutex2var_epi32((__m512i)low, _mm512_loadu_si512(place), (__m512i)high);
#else
  const __m256i at = _mm256_loadu_si256((const __m256i *)place);
  const __m256 before = (__m256)_mm256_permutevar8x32_epi32((__m256i)low, at);
  const __m256 after = (__m256)_mm256_permutevar8x32_epi32((__m256i)high, at);
  return (FN(row_vector))_mm256_blendv_ps(before, after, (__m256)_mm256_slli_epi32(at, 28));
#endif
}

// `line` has at least 2 · ROW_LANES values.
static void FN(resample_lanes)(const FN(lane_map) *map, ptrdiff_t n, T *out, const T *line, T rowDivisor) {
  const ptrdiff_t terms = map->terms;
  const bool divides = map->divides || rowDivisor != 1;
  for (ptrdiff_t b = 0; b < map->blocks; b++) {
    const I *base = map->base + b * (terms + 1);
    const int32_t *place = map->place + b * terms * ROW_LANES * ROW_WORDS;
    const FN(row_vector) *weight = (const FN(row_vector) *)(map->weight + b * terms * ROW_LANES);
    FN(row_vector) sum = (FN(row_vector))(T)0;
    if (base[terms]) {
      for (ptrdiff_t k = 0; k < terms; k++)
        sum += weight[k] * FN(placed)(line + base[k], place + k * ROW_LANES * ROW_WORDS);
    } else {
      for (ptrdiff_t k = 0; k < terms; k++) {
        const FN(row_vector) w = weight[k];
        const FN(row_vector) more = sum + w * FN(placed)(line + base[k], place + k * ROW_LANES * ROW_WORDS);
        sum = w != 0 ? more : sum;
      }
    }
    if (divides) sum /= rowDivisor * *(const FN(row_vector) *)(map->divisor + b * ROW_LANES);
    if (n - b * ROW_LANES >= ROW_LANES) *(FN(row_vector) *)(out + b * ROW_LANES) = sum;
    else memcpy(out + b * ROW_LANES, &sum, (size_t)(n - b * ROW_LANES) * sizeof(T));
  }
}
#undef ROW_LANES
#undef ROW_WORDS
#endif

// Whether output rows r and r - 1 are the same.
static bool FN(repeats_row)(const tern_resampling_axes *m, const T *weight, const T *divisor, ptrdiff_t r) {
  const ptrdiff_t k0 = m->rowStart[r - 1], k1 = m->rowStart[r], terms = k1 - k0;
  if (m->rowStart[r + 1] - k1 != terms || divisor[r] != divisor[r - 1]) return false;
  for (ptrdiff_t k = 0; k < terms; k++)
    if (m->rowIndex[k0 + k] != m->rowIndex[k1 + k] || weight[k0 + k] != weight[k1 + k]) return false;
  return true;
}

// Planes whose rows are contiguous, an inner extent of 1.
static void FN(resample_rows)(const tern_resampling_axes *m, const T *rowWeight, const T *rowDivisor,
                              const T *columnWeight, const T *columnDivisor, ptrdiff_t first, ptrdiff_t count, T *out,
                              const T *x, T *scratch) {
  const ptrdiff_t width = m->width, n = m->outWidth;
  T *mixed = scratch, *spare = scratch + TERN_MAX(width, 2 * LANES);
#if TERN_VECTOR >= 32
  FN(lane_map) map;
  const bool hasLanes = FN(make_lanes)(&map, m, columnWeight, columnDivisor, spare + 2 * width);
#endif
  ptrdiff_t down, across;
  const bool areWindows = width >= LANES && FN(are_windows)(n, m->columnStart, m->columnIndex, columnWeight, 32, &across) &&
                          FN(are_windows)(m->outHeight, m->rowStart, m->rowIndex, rowWeight, 64, &down) &&
                          down * across > 1;
  FN(window_columns) even = {0};
  if (areWindows) even = FN(even_terms)(n, m->columnStart, m->columnIndex);
  out += first * n;
  for (ptrdiff_t row = first; row < first + count; row++, out += n) {
    const ptrdiff_t r = row % m->outHeight, k0 = m->rowStart[r], k1 = m->rowStart[r + 1];
    if (r > 0 && row > first && FN(repeats_row)(m, rowWeight, rowDivisor, r)) {
      memcpy(out, out - n, (size_t)n * sizeof(T));
      continue;
    }
    const T *plane = x + row / m->outHeight * m->height * width, *source = mixed;
    if (areWindows) {
      const T *lines = plane + m->rowIndex[k0] * width;
      if (FN(window_sum_row)(m, &even, k1 - k0, out, lines, rowDivisor[r], columnDivisor)) continue;
      if (k1 - k0 == 1 && width >= 2 * LANES) source = lines;
      else FN(line_sums)(width, k1 - k0, mixed, lines);
    } else if (k1 - k0 == 1 && rowWeight[k0] == 1) {
      source = plane + m->rowIndex[k0] * width;
      if (width < 2 * LANES) source = memcpy(mixed, source, (size_t)width * sizeof(T));
    } else {
      FN(weighted_sum)(width, k1 - k0, mixed, plane, width, m->rowIndex + k0, rowWeight + k0, spare);
    }
#if TERN_VECTOR >= 32
    if (hasLanes) {
      FN(resample_lanes)(&map, n, out, source, rowDivisor[r]);
      continue;
    }
#endif
    FN(resample_line)(n, out, source, m->columnStart, m->columnIndex, columnWeight, rowDivisor[r], columnDivisor);
  }
}

// Output rows `first` ..< `first + count`, counted over all planes. Scratch holds 3 · width · inner values, and where
// inner is 1 another (3 · terms + 2) · (outWidth + 16) + 32, `terms` being the most of a column, at most TERN_LANE_TERMS.
static void FN(resample)(const tern_resampling_axes *m, const T *rowWeight, const T *rowDivisor, const T *columnWeight,
                         const T *columnDivisor, ptrdiff_t first, ptrdiff_t count, T *out, const T *x, T *scratch) {
  if (m->inner == 1) {
    FN(resample_rows)(m, rowWeight, rowDivisor, columnWeight, columnDivisor, first, count, out, x, scratch);
    return;
  }
  const ptrdiff_t inner = m->inner, line = m->width * inner;
  T *mixed = scratch, *spare = scratch + line;
  for (ptrdiff_t row = first; row < first + count; row++) {
    const ptrdiff_t r = row % m->outHeight, k0 = m->rowStart[r], k1 = m->rowStart[r + 1];
    if (r > 0 && row > first && FN(repeats_row)(m, rowWeight, rowDivisor, r)) {
      T *to = out + row * m->outWidth * inner;
      memcpy(to, to - m->outWidth * inner, (size_t)(m->outWidth * inner) * sizeof(T));
      continue;
    }
    const T *plane = x + row / m->outHeight * m->height * line;
    const T *source = mixed;
    if (k1 - k0 == 1 && rowWeight[k0] == 1) source = plane + m->rowIndex[k0] * line;
    else FN(weighted_sum)(line, k1 - k0, mixed, plane, line, m->rowIndex + k0, rowWeight + k0, spare);
    for (ptrdiff_t column = 0; column < m->outWidth; column++) {
      const ptrdiff_t j0 = m->columnStart[column], j1 = m->columnStart[column + 1];
      T *pixel = out + (row * m->outWidth + column) * inner;
      if (j1 - j0 == 1 || j1 - j0 == 2) {
        const T *near = source + m->columnIndex[j0] * inner, *far = source + m->columnIndex[j1 - 1] * inner;
        FN(blend_pixels)(inner, j1 - j0 == 2, pixel, near, columnWeight[j0], far, columnWeight[j1 - 1]);
      } else {
        FN(weighted_sum)(inner, j1 - j0, pixel, source, inner, m->columnIndex + j0, columnWeight + j0, spare);
      }
      const T divisor = rowDivisor[r] * columnDivisor[column];
      if (divisor != 1) {
        TERN_LOOP for (ptrdiff_t i = 0; i < inner; i++) pixel[i] /= divisor;
      }
    }
  }
}

#undef LANES
