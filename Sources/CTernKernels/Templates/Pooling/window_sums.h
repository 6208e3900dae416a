// Sums of windows of planes whose rows are contiguous: maps whose terms follow each other and all weigh 1, as averages
// have them. Terms add up in the order of `weighted_sum` and `resample_line`. Takes T and S.

#define VECTOR FN(window_row)
#define LANES ((ptrdiff_t)(32 / sizeof(T)))

// Whether the terms of every output follow each other, weigh 1 and are at most `most`; *longest becomes their greatest
// number.
static bool FN(are_windows)(ptrdiff_t outputs, const ptrdiff_t *start, const ptrdiff_t *index, const T *weight,
                            ptrdiff_t most, ptrdiff_t *longest) {
  *longest = 0;
  for (ptrdiff_t j = 0; j < outputs; j++) {
    const ptrdiff_t first = start[j], terms = start[j + 1] - first;
    if (terms < 1 || terms > most) return false;
    for (ptrdiff_t k = 0; k < terms; k++)
      if (weight[first + k] != 1 || index[first + k] != index[first] + k) return false;
    *longest = TERN_MAX(*longest, terms);
  }
  return true;
}

// The columns of a map of windows that begin at even distances, `step`, and have one length, around the middle one.
static FN(window_columns) FN(even_terms)(ptrdiff_t n, const ptrdiff_t *start, const ptrdiff_t *index) {
  const ptrdiff_t middle = n / 2, length = start[middle + 1] - start[middle];
  FN(window_columns) c = {.first = middle, .end = middle + 1, .step = 1, .length = length};
#define BEGIN(j) index[start[j]]
  if (middle + 1 < n) c.step = BEGIN(middle + 1) - BEGIN(middle);
  while (c.end < n && BEGIN(c.end) == BEGIN(c.end - 1) + c.step && start[c.end + 1] - start[c.end] == length) c.end++;
  while (c.first > 0 && BEGIN(c.first - 1) == BEGIN(c.first) - c.step &&
         start[c.first] - start[c.first - 1] == length)
    c.first--;
#undef BEGIN
  return c;
}

// Σ of x[0], x[width], …: the first, or two, then by twos.
__attribute__((always_inline)) static inline void FN(lane_sum)(VECTOR *sum, ptrdiff_t terms, const T *x,
                                                               ptrdiff_t width, const ptrdiff_t step) {
  VECTOR v, w;
  FN(window_load)(sum, x, step);
  ptrdiff_t k = terms % 2 != 0 ? 1 : 2;
  if (k == 2) {
    FN(window_load)(&v, x + width, step);
    *sum += v;
  }
  for (; k < terms; k += 2) {
    FN(window_load)(&v, x + k * width, step);
    FN(window_load)(&w, x + (k + 1) * width, step);
    *sum += v + w;
  }
}

static T FN(column_sum)(ptrdiff_t terms, const T *x, ptrdiff_t width) {
  T sum = x[0];
  ptrdiff_t k = terms % 2 != 0 ? 1 : 2;
  if (k == 2) sum += x[width];
  for (; k < terms; k += 2) sum += x[k * width] + x[(k + 1) * width];
  return sum;
}

// Whole lines added up, at least LANES long.
static void FN(line_sums)(ptrdiff_t n, ptrdiff_t terms, T *out, const T *x) {
  for (ptrdiff_t i = 0; i < n; i += LANES) {
    i = TERN_MIN(i, n - LANES);
    FN(lane_sum)((VECTOR *)(out + i), terms, x + i, n, 1);
  }
}

// A row of outputs of windows that begin at column `left`, `left + step`, … for `first` ..< `end`, at least LANES.
__attribute__((always_inline)) static inline void FN(sum_windows)(
    ptrdiff_t first, ptrdiff_t end, ptrdiff_t length, ptrdiff_t terms, T *out, const T *x, ptrdiff_t width, T rowDivisor,
    const T *divisor, const ptrdiff_t step) {
  for (ptrdiff_t j = first; j < end; j += LANES) {
    j = TERN_MIN(j, end - LANES);
    const T *window = x + (j - first) * step;
    VECTOR sum = (VECTOR)(T)0;
    for (ptrdiff_t k = 0; k < length; k++) {
      VECTOR column;
      FN(lane_sum)(&column, terms, window + k, width, step);
      sum += column;
    }
    *(VECTOR *)(out + j) = sum / (rowDivisor * *(const VECTOR *)(divisor + j));
  }
}

// A row of outputs from `terms` lines at `x`; false where it has too few even columns for vectors.
static bool FN(window_sum_row)(const tern_resampling_axes *m, const FN(window_columns) *even, ptrdiff_t terms, T *out,
                               const T *x, T rowDivisor, const T *divisor) {
  const ptrdiff_t *start = m->columnStart, first = even->first, end = even->end, width = m->width;
  if (end - first < LANES || even->step < 1 || even->step > 2) return false;
  const T *left = x + m->columnIndex[start[first]];
  if (even->step == 1)
    FN(sum_windows)(first, end, even->length, terms, out, left, width, rowDivisor, divisor, 1);
  else FN(sum_windows)(first, end, even->length, terms, out, left, width, rowDivisor, divisor, 2);
  for (ptrdiff_t j = 0; j < m->outWidth; j++) {
    if (j == first) j = end;
    if (j >= m->outWidth) break;
    T sum = 0;
    for (ptrdiff_t k = start[j]; k < start[j + 1]; k++) sum += FN(column_sum)(terms, x + m->columnIndex[k], width);
    out[j] = sum / (rowDivisor * divisor[j]);
  }
  return true;
}

#undef VECTOR
#undef LANES
