// Products C [m, n] (+)= A [m, k]·B with few rows, where BLAS would pack all of B for each: B packed once for many products,
// or read where it lies at the speed of memory. Rows of C have the same bits however many are calculated together.
// Takes T and S; TERN_VECTOR is the width of the level's registers in bytes.

#define LANES ((ptrdiff_t)(TERN_VECTOR / sizeof(T)))
// Columns of a panel: two vectors.
#define PANEL_COLUMNS (2 * LANES)
#define UNROLLED _Pragma("clang loop unroll(full)")
typedef T FN(few_vector) __attribute__((ext_vector_type(TERN_VECTOR / sizeof(T)), aligned(sizeof(T)), may_alias));
#define VECTOR_AT(p) (*(const FN(few_vector) *)(p))

static ptrdiff_t FN(panel_columns)(void) { return PANEL_COLUMNS; }

// B [k, n], whose rows and columns lie so far apart, in panels of some columns: [panel][k][column], the last one filled
// with zeros.
static void FN(pack_panels)(ptrdiff_t k, ptrdiff_t n, T *out, const T *b, ptrdiff_t row, ptrdiff_t column) {
  for (ptrdiff_t first = 0; first < n; first += PANEL_COLUMNS, out += k * PANEL_COLUMNS) {
    const ptrdiff_t width = TERN_MIN(PANEL_COLUMNS, n - first);
    const T *source = b + first * column;
    if (width < PANEL_COLUMNS) memset(out, 0, (size_t)(k * PANEL_COLUMNS) * sizeof(T));
    FN(copy_2d)(k, width, out, PANEL_COLUMNS, 1, source, row, column);
  }
}

// Some rows of C and some panels of B, `step` apart, whose sums stay in registers; of the last panel only `width` columns
// are stored.
TERN_INLINE void FN(panel_tile)(const int rows, const int panels, ptrdiff_t k, const T *a, ptrdiff_t lda, const T *b,
                                ptrdiff_t step, T *c, ptrdiff_t ldc, ptrdiff_t width, bool adds) {
  FN(few_vector) sum[12];
  UNROLLED for (int i = 0; i < rows * panels * 2; i++) sum[i] = (FN(few_vector))(T)0;
  // Rows of C lie far apart: they are on their way while the sums are made.
  UNROLLED for (int i = 0; i < rows; i++)
    UNROLLED for (int v = 0; v < panels; v++) __builtin_prefetch(c + i * ldc + v * PANEL_COLUMNS, 1);
  for (ptrdiff_t l = 0; l < k; l++) {
    FN(few_vector) value[8];
    UNROLLED for (int p = 0; p < panels; p++) {
      const T *at = b + p * step + l * PANEL_COLUMNS;
      value[2 * p] = VECTOR_AT(at);
      value[2 * p + 1] = VECTOR_AT(at + LANES);
    }
    UNROLLED for (int i = 0; i < rows; i++) {
      const FN(few_vector) factor = (FN(few_vector))a[i * lda + l];
      UNROLLED for (int v = 0; v < 2 * panels; v++) sum[i * 2 * panels + v] += factor * value[v];
    }
  }
  UNROLLED for (int i = 0; i < rows; i++) {
    UNROLLED for (int v = 0; v < 2 * panels; v++) {
      T *out = c + i * ldc + v * LANES;
      const ptrdiff_t stored = v < 2 * panels - 2 ? LANES : width - (v & 1) * LANES;
      FN(few_vector) total = sum[i * 2 * panels + v];
      if (stored >= LANES) {
        if (adds) total += VECTOR_AT(out);
        *(FN(few_vector) *)out = total;
      } else {
        for (ptrdiff_t j = 0; j < stored; j++) out[j] = adds ? out[j] + total[j] : total[j];
      }
    }
  }
}

// All panels for some rows.
TERN_INLINE void FN(panel_rows)(const int rows, const int panels, ptrdiff_t n, ptrdiff_t k, const T *a, ptrdiff_t lda,
                                const T *b, ptrdiff_t step, T *c, ptrdiff_t ldc, bool adds) {
  ptrdiff_t j = 0;
  for (; j + panels * PANEL_COLUMNS <= n; j += panels * PANEL_COLUMNS, b += panels * step)
    FN(panel_tile)(rows, panels, k, a, lda, b, step, c + j, ldc, PANEL_COLUMNS, adds);
  for (; j < n; j += PANEL_COLUMNS, b += step)
    FN(panel_tile)(rows, 1, k, a, lda, b, step, c + j, ldc, TERN_MIN(PANEL_COLUMNS, n - j), adds);
}

// Every panel for all rows, in groups of at most six, while it stays in the first cache.
static void FN(panel_groups)(ptrdiff_t m, ptrdiff_t n, ptrdiff_t k, const T *a, ptrdiff_t lda, const T *b, ptrdiff_t step,
                             T *c, ptrdiff_t ldc, bool adds) {
  const ptrdiff_t groups = (m + 5) / 6;
  for (ptrdiff_t j = 0; j < n; j += PANEL_COLUMNS, b += step) {
    const ptrdiff_t width = TERN_MIN(PANEL_COLUMNS, n - j);
    for (ptrdiff_t group = 0; group < groups; group++) {
      const ptrdiff_t first = m * group / groups;
      const T *x = a + first * lda;
      T *y = c + first * ldc + j;
      switch (m * (group + 1) / groups - first) {
        case 3: FN(panel_tile)(3, 1, k, x, lda, b, step, y, ldc, width, adds); break;
        case 4: FN(panel_tile)(4, 1, k, x, lda, b, step, y, ldc, width, adds); break;
        case 5: FN(panel_tile)(5, 1, k, x, lda, b, step, y, ldc, width, adds); break;
        default: FN(panel_tile)(6, 1, k, x, lda, b, step, y, ldc, width, adds); break;
      }
    }
  }
}

// C [m, n] (+)= A [m, k]·B for B in panels. Sums over many k are blocks' sums, added to C.
static void FN(panel_product)(ptrdiff_t m, ptrdiff_t n, ptrdiff_t k, const T *a, ptrdiff_t lda, const T *b, T *c,
                              ptrdiff_t ldc, bool adds) {
  const ptrdiff_t block = 1024 / sizeof(T), step = k * PANEL_COLUMNS;
  ptrdiff_t l = 0;
  do {
    const ptrdiff_t depth = TERN_MIN(block, k - l);
    const bool further = adds || l > 0;
    const T *x = a + l, *y = b + l * PANEL_COLUMNS;
    if (m == 1) FN(panel_rows)(1, 4, n, depth, x, lda, y, step, c, ldc, further);
    else if (m == 2) FN(panel_rows)(2, 2, n, depth, x, lda, y, step, c, ldc, further);
    else if (m > 2) FN(panel_groups)(m, n, depth, x, lda, y, step, c, ldc, further);
    l += depth;
  } while (l < k);
}

// The sum of a vector's lanes, in halves.
TERN_INLINE T FN(sum_of_lanes)(FN(few_vector) x) {
  T part[TERN_VECTOR / sizeof(T)];
  memcpy(part, &x, sizeof part);
  UNROLLED for (int width = (int)LANES / 2; width > 0; width /= 2)
    UNROLLED for (int l = 0; l < width; l++) part[l] += part[l + width];
  return part[0];
}

// Some rows of A with some of B.
TERN_INLINE void FN(dot_tile)(const int rows, const int others, ptrdiff_t k, const T *a, ptrdiff_t lda, const T *b,
                              ptrdiff_t ldb, T *c, ptrdiff_t ldc, bool adds) {
  FN(few_vector) sum[12];
  UNROLLED for (int i = 0; i < rows * others; i++) sum[i] = (FN(few_vector))(T)0;
  ptrdiff_t l = 0;
  for (; l + LANES <= k; l += LANES) {
    FN(few_vector) value[4];
    UNROLLED for (int i = 0; i < rows; i++) value[i] = VECTOR_AT(a + i * lda + l);
    UNROLLED for (int j = 0; j < others; j++) {
      const FN(few_vector) other = VECTOR_AT(b + j * ldb + l);
      UNROLLED for (int i = 0; i < rows; i++) sum[j * rows + i] += value[i] * other;
    }
  }
  UNROLLED for (int j = 0; j < others; j++) {
    UNROLLED for (int i = 0; i < rows; i++) {
      T total = FN(sum_of_lanes)(sum[j * rows + i]);
      for (ptrdiff_t r = l; r < k; r++) total += a[i * lda + r] * b[j * ldb + r];
      T *out = c + i * ldc + j;
      *out = adds ? *out + total : total;
    }
  }
}

TERN_INLINE void FN(dot_group)(const int rows, const int others, ptrdiff_t n, ptrdiff_t k, const T *a, ptrdiff_t lda,
                               const T *b, ptrdiff_t ldb, T *c, ptrdiff_t ldc, bool adds) {
  ptrdiff_t j = 0;
  for (; j + others <= n; j += others)
    FN(dot_tile)(rows, others, k, a, lda, b + j * ldb, ldb, c + j, ldc, adds);
  for (; j < n; j++) FN(dot_tile)(rows, 1, k, a, lda, b + j * ldb, ldb, c + j, ldc, adds);
}

// C [m, n] (+)= A [m, k]·Bᵀ for the rows of B [n, k].
static void FN(row_dots)(ptrdiff_t m, ptrdiff_t n, ptrdiff_t k, const T *a, ptrdiff_t lda, const T *b, ptrdiff_t ldb,
                            T *c, ptrdiff_t ldc, bool adds) {
  // Rows of B that stay in the first cache while all of A's pass.
  const ptrdiff_t block = m <= 4 ? n : TERN_MAX(12, (ptrdiff_t)(16384 / sizeof(T)) / TERN_MAX(k, 1) / 12 * 12);
  for (ptrdiff_t j = 0; j < n; j += block, b += block * ldb, c += block) {
    const ptrdiff_t count = TERN_MIN(block, n - j);
    ptrdiff_t i = 0;
    for (; i + 4 <= m; i += 4) FN(dot_group)(4, 2, count, k, a + i * lda, lda, b, ldb, c + i * ldc, ldc, adds);
    if (m - i == 3) FN(dot_group)(3, 3, count, k, a + i * lda, lda, b, ldb, c + i * ldc, ldc, adds);
    if (m - i == 2) FN(dot_group)(2, 4, count, k, a + i * lda, lda, b, ldb, c + i * ldc, ldc, adds);
    if (m - i == 1) FN(dot_group)(1, 8, count, k, a + i * lda, lda, b, ldb, c + i * ldc, ldc, adds);
  }
}

// Some rows of C from `depth` rows of B.
TERN_INLINE void FN(row_terms)(const int rows, const int depth, ptrdiff_t n, const T *a, ptrdiff_t lda, const T *b,
                              ptrdiff_t ldb, T *c, ptrdiff_t ldc, bool adds) {
  T factor[8];
  UNROLLED for (int i = 0; i < rows; i++)
    UNROLLED for (int l = 0; l < depth; l++) factor[i * depth + l] = a[i * lda + l];
  ptrdiff_t j = 0;
  for (; j + LANES <= n; j += LANES) {
    FN(few_vector) sum[4];
    UNROLLED for (int i = 0; i < rows; i++) sum[i] = adds ? VECTOR_AT(c + i * ldc + j) : (FN(few_vector))(T)0;
    UNROLLED for (int l = 0; l < depth; l++) {
      const FN(few_vector) value = VECTOR_AT(b + l * ldb + j);
      UNROLLED for (int i = 0; i < rows; i++) sum[i] += (FN(few_vector))factor[i * depth + l] * value;
    }
    UNROLLED for (int i = 0; i < rows; i++) *(FN(few_vector) *)(c + i * ldc + j) = sum[i];
  }
  for (; j < n; j++) {
    UNROLLED for (int i = 0; i < rows; i++) {
      T sum = adds ? c[i * ldc + j] : 0;
      UNROLLED for (int l = 0; l < depth; l++) sum += factor[i * depth + l] * b[l * ldb + j];
      c[i * ldc + j] = sum;
    }
  }
}

TERN_INLINE void FN(row_group)(const int rows, const int depth, ptrdiff_t n, ptrdiff_t k, const T *a, ptrdiff_t lda,
                               const T *b, ptrdiff_t ldb, T *c, ptrdiff_t ldc, bool adds) {
  ptrdiff_t l = 0;
  if (!adds && k >= depth) {
    FN(row_terms)(rows, depth, n, a, lda, b, ldb, c, ldc, false);
    l = depth;
  } else if (!adds) {
    for (int i = 0; i < rows; i++) memset(c + i * ldc, 0, (size_t)n * sizeof(T));
  }
  for (; l + depth <= k; l += depth) FN(row_terms)(rows, depth, n, a + l, lda, b + l * ldb, ldb, c, ldc, true);
  for (; l < k; l++) FN(row_terms)(rows, 1, n, a + l, lda, b + l * ldb, ldb, c, ldc, true);
}

// C [m, n] (+)= A [m, k]·B for B [k, n] where it lies: rows of B are added up.
static void FN(row_sums)(ptrdiff_t m, ptrdiff_t n, ptrdiff_t k, const T *a, ptrdiff_t lda, const T *b, ptrdiff_t ldb,
                            T *c, ptrdiff_t ldc, bool adds) {
  // Columns of C that stay in the first cache.
  const ptrdiff_t block = 8192 / sizeof(T);
  for (ptrdiff_t j = 0; j < n; j += block, b += block, c += block) {
    const ptrdiff_t count = TERN_MIN(block, n - j);
    ptrdiff_t i = 0;
    for (; i + 4 <= m; i += 4) FN(row_group)(4, 2, count, k, a + i * lda, lda, b, ldb, c + i * ldc, ldc, adds);
    if (m - i == 3) FN(row_group)(3, 2, count, k, a + i * lda, lda, b, ldb, c + i * ldc, ldc, adds);
    if (m - i == 2) FN(row_group)(2, 4, count, k, a + i * lda, lda, b, ldb, c + i * ldc, ldc, adds);
    if (m - i == 1) FN(row_group)(1, 8, count, k, a + i * lda, lda, b, ldb, c + i * ldc, ldc, adds);
  }
}

#undef LANES
#undef PANEL_COLUMNS
#undef UNROLLED
#undef VECTOR_AT
