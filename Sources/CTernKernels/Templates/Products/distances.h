// All distances between two sets of vectors, and what their gradients send to the vectors, without the differences in
// memory. Takes T and S.

typedef T FN(distance_vector) __attribute__((ext_vector_type(TERN_VECTOR / sizeof(T)), aligned(sizeof(T)), may_alias));

#define V FN(distance_vector)
#define LANES ((ptrdiff_t)(TERN_VECTOR / sizeof(T)))
#define PANEL (2 * LANES)
// Features, or vectors, of a panel: sums of so many terms are added up.
#define DEPTH 128

// A term of the sum for the difference d: |d|, d², or the greatest |d|.
#define DISTANCE_STEP(order, sum, d)                                                               \
  ((order) == 2   ? (sum) + (d) * (d)                                                              \
   : (order) == 1 ? (sum) + __builtin_elementwise_abs(d)                                           \
                  : (((__builtin_elementwise_abs(d) > (sum)) | ((d) != (d))) ? __builtin_elementwise_abs(d) : (sum)))

// The sums of `rows` vectors a with a panel of vectors b, [depth][PANEL], into or onto out.
TERN_INLINE void FN(distance_tile)(
    int order, ptrdiff_t rows, ptrdiff_t depth, ptrdiff_t width, bool isFirst, T *out, ptrdiff_t out_row, const T *a,
    ptrdiff_t a_row, const T *panel) {
  V sums[4][2];
  for (ptrdiff_t r = 0; r < rows; r++) sums[r][0] = sums[r][1] = 0;
  for (ptrdiff_t f = 0; f < depth; f++) {
    const V left = *(const V *)(panel + f * PANEL), right = *(const V *)(panel + f * PANEL + LANES);
    for (ptrdiff_t r = 0; r < rows; r++) {
      const V x = (V)a[r * a_row + f], d0 = x - left, d1 = x - right;
      sums[r][0] = DISTANCE_STEP(order, sums[r][0], d0);
      sums[r][1] = DISTANCE_STEP(order, sums[r][1], d1);
    }
  }
  for (ptrdiff_t r = 0; r < rows; r++) {
    T part[PANEL];
    *(V *)part = sums[r][0];
    *(V *)(part + LANES) = sums[r][1];
    T *target = out + r * out_row;
    for (ptrdiff_t c = 0; c < width; c++) {
      const T before = isFirst ? 0 : target[c], v = part[c];
      target[c] = order != 0 ? before + v : ((v > before) | (v != v)) ? v : before;
    }
  }
}

// ‖a − b‖ of two vectors whose squares leave the range of T.
static T FN(scaled_distance)(ptrdiff_t features, const T *a, const T *b) {
  T most = 0;
  for (ptrdiff_t f = 0; f < features; f++) {
    const T size = LM(fabs)(a[f] - b[f]);
    if (size != size) return size;
    most = size > most ? size : most;
  }
  if (most == 0 || most == (T)INFINITY) return most;
  T sum = 0;
  for (ptrdiff_t f = 0; f < features; f++) {
    const T part = (a[f] - b[f]) / most;
    sum += part * part;
  }
  return most * __builtin_elementwise_sqrt(sum);
}

TERN_INLINE void FN(distances_of_order)(
    int order, ptrdiff_t n, ptrdiff_t m, ptrdiff_t features, T *out, const T *a, const T *b) {
  T panel[DEPTH * PANEL];
  for (ptrdiff_t j = 0; j < m; j += PANEL) {
    const ptrdiff_t width = TERN_MIN(PANEL, m - j);
    for (ptrdiff_t start = 0; start < features; start += DEPTH) {
      const ptrdiff_t depth = TERN_MIN(DEPTH, features - start);
      for (ptrdiff_t c = 0; c < PANEL; c++) {
        const T *vector = b + TERN_MIN(j + c, m - 1) * features + start;
        for (ptrdiff_t f = 0; f < depth; f++) panel[f * PANEL + c] = vector[f];
      }
      ptrdiff_t i = 0;
      for (; i + 4 <= n; i += 4)
        FN(distance_tile)(order, 4, depth, width, start == 0, out + i * m + j, m, a + i * features + start, features, panel);
      for (; i < n; i++)
        FN(distance_tile)(order, 1, depth, width, start == 0, out + i * m + j, m, a + i * features + start, features, panel);
    }
  }
  if (order != 2) return;
  // The least normal number by the unit in the last place of 1.
  const T least = sizeof(T) == 4 ? (T)0x1p-103 : (T)0x1p-970;
#define IS_SAFE(square) (((square) >= least) & ((square) < (T)INFINITY))
  for (ptrdiff_t i = 0; i < n; i++) {
    T *row = out + i * m;
    int32_t unsafe = 0;
    TERN_LOOP for (ptrdiff_t j = 0; j < m; j++) unsafe += !IS_SAFE(row[j]);
    // A distance has the other sign, which tells it from a square.
    for (ptrdiff_t j = 0; unsafe && j < m; j++)
      if (!IS_SAFE(row[j])) row[j] = -FN(scaled_distance)(features, a + i * features, b + j * features);
    TERN_LOOP for (ptrdiff_t j = 0; j < m; j++) row[j] = row[j] > 0 ? __builtin_elementwise_sqrt(row[j]) : -row[j];
  }
}
#undef IS_SAFE

// out[i][j] = the norm of order 1, 2 or, for 0, ∞ of a[i] - b[j]: a is [n][features], b [m][features].
static void FN(distances)(
    int32_t order, ptrdiff_t n, ptrdiff_t m, ptrdiff_t features, T *out, const T *a, const T *b) {
  switch (order) {
    case 1: FN(distances_of_order)(1, n, m, features, out, a, b); break;
    case 2: FN(distances_of_order)(2, n, m, features, out, a, b); break;
    default: FN(distances_of_order)(0, n, m, features, out, a, b);
  }
}

// A weight times the difference d, or its sign.
#define GRADIENT_STEP(order, sum, w, d)                                                            \
  ((order) == 2 ? (sum) + (w) * (d) : (sum) + (((d) > 0 ? (w) : (V)0) - ((d) < 0 ? (w) : (V)0)))

TERN_INLINE void FN(distance_grad_tile)(
    int order, ptrdiff_t rows, ptrdiff_t depth, ptrdiff_t width, bool isFirst, T *out, const T *a, ptrdiff_t a_row,
    const T *panel, const T *w, ptrdiff_t w_row, ptrdiff_t w_column) {
  V sums[2][2], x[2][2];
  T part[PANEL] = {0};
  for (ptrdiff_t r = 0; r < rows; r++) {
    memcpy(part, a + r * a_row, (size_t)width * sizeof(T));
    x[r][0] = *(const V *)part;
    x[r][1] = *(const V *)(part + LANES);
    sums[r][0] = sums[r][1] = 0;
  }
  for (ptrdiff_t j = 0; j < depth; j++) {
    const V left = *(const V *)(panel + j * PANEL), right = *(const V *)(panel + j * PANEL + LANES);
    for (ptrdiff_t r = 0; r < rows; r++) {
      const V weight = (V)w[r * w_row + j * w_column], d0 = x[r][0] - left, d1 = x[r][1] - right;
      sums[r][0] = GRADIENT_STEP(order, sums[r][0], weight, d0);
      sums[r][1] = GRADIENT_STEP(order, sums[r][1], weight, d1);
    }
  }
  for (ptrdiff_t r = 0; r < rows; r++) {
    *(V *)part = sums[r][0];
    *(V *)(part + LANES) = sums[r][1];
    T *target = out + r * a_row;
    for (ptrdiff_t c = 0; c < width; c++) target[c] = (isFirst ? 0 : target[c]) + part[c];
  }
}

TERN_INLINE void FN(distances_grad_of_order)(
    int order, ptrdiff_t n, ptrdiff_t m, ptrdiff_t features, T *out, const T *a, const T *b, const T *w,
    ptrdiff_t w_row, ptrdiff_t w_column) {
  T panel[DEPTH * PANEL];
  for (ptrdiff_t f = 0; f < features; f += PANEL) {
    const ptrdiff_t width = TERN_MIN(PANEL, features - f);
    for (ptrdiff_t start = 0; start < m; start += DEPTH) {
      const ptrdiff_t depth = TERN_MIN(DEPTH, m - start);
      for (ptrdiff_t j = 0; j < depth; j++)
        for (ptrdiff_t c = 0; c < PANEL; c++) panel[j * PANEL + c] = c < width ? b[(start + j) * features + f + c] : 0;
      const T *weights = w + start * w_column;
      ptrdiff_t i = 0;
      for (; i + 2 <= n; i += 2)
        FN(distance_grad_tile)(order, 2, depth, width, start == 0, out + i * features + f, a + i * features + f, features,
                               panel, weights + i * w_row, w_row, w_column);
      for (; i < n; i++)
        FN(distance_grad_tile)(order, 1, depth, width, start == 0, out + i * features + f, a + i * features + f, features,
                               panel, weights + i * w_row, w_row, w_column);
    }
  }
}

// out[i] = Σ w[i][j]·(a[i] - b[j]), for order 1 of the signs of the differences.
static void FN(distances_grad)(
    int32_t order, ptrdiff_t n, ptrdiff_t m, ptrdiff_t features, T *out, const T *a, const T *b, const T *w,
    ptrdiff_t w_row, ptrdiff_t w_column) {
  if (order == 2) FN(distances_grad_of_order)(2, n, m, features, out, a, b, w, w_row, w_column);
  else FN(distances_grad_of_order)(1, n, m, features, out, a, b, w, w_row, w_column);
}

// out[i] = Σ w[i][j]·sign(d), divided among the features whose |d| is the distance y[i][j] of order ∞; d = a[i] - b[j].
static void FN(distances_grad_most)(
    ptrdiff_t n, ptrdiff_t m, ptrdiff_t features, T *out, const T *a, const T *b, const T *w, ptrdiff_t w_row,
    ptrdiff_t w_column, const T *y, ptrdiff_t y_row, ptrdiff_t y_column) {
  for (ptrdiff_t i = 0; i < n; i++, out += features, a += features) {
    for (ptrdiff_t f = 0; f < features; f++) out[f] = 0;
    for (ptrdiff_t j = 0; j < m; j++) {
      const T weight = w[i * w_row + j * w_column], most = y[i * y_row + j * y_column], *other = b + j * features;
      if (weight == 0 || most == 0) continue;
      int32_t ties = 0;
      TERN_LOOP for (ptrdiff_t f = 0; f < features; f++) ties += LM(fabs)(a[f] - other[f]) == most;
      const T part = weight * (1 / (T)ties);
      TERN_LOOP for (ptrdiff_t f = 0; f < features; f++) {
        const T d = a[f] - other[f];
        out[f] += d == most ? part : -d == most ? -part : 0;
      }
    }
  }
}

#undef V
#undef LANES
#undef PANEL
#undef DEPTH
#undef DISTANCE_STEP
#undef GRADIENT_STEP
