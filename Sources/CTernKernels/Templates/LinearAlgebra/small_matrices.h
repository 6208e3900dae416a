// Batches of small matrices, at most 16 × 16, one a lane: LU and Cholesky factors, solutions, inverses. What a lane does
// depends on its own matrix alone. Takes T and S.

typedef T FN(lane_vector) __attribute__((ext_vector_type(TERN_VECTOR / sizeof(T))));
typedef __typeof__((FN(lane_vector)){0} == (FN(lane_vector)){0}) FN(lane_mask);

#define V FN(lane_vector)
#define M FN(lane_mask)
#define LANES ((int)(TERN_VECTOR / sizeof(T)))
#define EXTENT 16

// Calls with the extent as a constant N where that is met most, so that its loops unroll.
#define FOR_EXTENT(n, CALL)                                                                        \
  switch (n) {                                                                                     \
    case 2: { enum { N = 2 }; CALL; break; }                                                       \
    case 3: { enum { N = 3 }; CALL; break; }                                                       \
    case 4: { enum { N = 4 }; CALL; break; }                                                       \
    default: { const ptrdiff_t N = n; CALL; }                                                      \
  }

// Where the lanes' matrices begin, which follow each other; lanes without a matrix read the first one.
#define CONSECUTIVE(at, a, size)                                                                   \
  const T *at[LANES];                                                                              \
  for (int l = 0; l < LANES; l++) at[l] = (a) + (l < live ? l : 0) * (size)

// block[i·columns + j] = element i·row + j·column of every lane's matrix.
TERN_INLINE void FN(load_lanes)(
    ptrdiff_t rows, ptrdiff_t columns, V *block, const T *const at[], ptrdiff_t row, ptrdiff_t column) {
  for (ptrdiff_t i = 0; i < rows; i++)
    for (ptrdiff_t j = 0; j < columns; j++) {
      V v = 0;
      for (int l = 0; l < LANES; l++) v[l] = at[l][i * row + j * column];
      block[i * columns + j] = v;
    }
}

// PA = LU of column-major matrices; `chosen` has the rows, from 0, that were exchanged with 0, 1, …. The numbers, from 1, of
// the first pivots that are 0.
//
// Column by column, with dot products that are not fused, as OpenBLAS's `getrf` does it: up to five rows with its bits, so
// that the same matrices are singular.
TERN_INLINE M FN(factor_lanes)(ptrdiff_t n, V *a, M *chosen) {
#pragma clang fp contract(off)
  M zeros = 0;
  for (ptrdiff_t k = 0; k < n; k++) {
    V *column = a + k * n;
    for (ptrdiff_t i = 1; k > 0 && i < n; i++) {
      V sum = a[i] * column[0];
      for (ptrdiff_t j = 1; j < TERN_MIN(i, k); j++) sum += a[j * n + i] * column[j];
      column[i] -= sum;
    }
    V most = __builtin_elementwise_abs(column[k]);
    M place = (M)k;
    for (ptrdiff_t i = k + 1; i < n; i++) {
      const V size = __builtin_elementwise_abs(column[i]);
      const M isLarger = (size > most) | (size != size);
      most = isLarger ? size : most;
      place = isLarger ? (M)i : place;
    }
    chosen[k] = place;
    for (ptrdiff_t i = k + 1; i < n; i++) {
      const M isHere = place == (M)i;
      if (!__builtin_reduce_or(isHere)) continue;
      for (ptrdiff_t j = 0; j < n; j++) {
        const V above = a[j * n + k], below = a[j * n + i];
        a[j * n + k] = isHere ? below : above;
        a[j * n + i] = isHere ? above : below;
      }
    }
    const V pivot = column[k];
    const M isZero = pivot == 0, isTiny = most < (sizeof(T) == 4 ? (T)0x1p-126 : (T)0x1p-1022);
    zeros = (isZero & (zeros == 0)) ? (M)(k + 1) : zeros;
    const V divisor = isZero ? (V)1 : pivot, inverse = 1 / divisor;
    if (__builtin_reduce_or(isTiny))
      for (ptrdiff_t i = k + 1; i < n; i++) column[i] = isTiny ? column[i] / divisor : column[i] * inverse;
    else
      for (ptrdiff_t i = k + 1; i < n; i++) column[i] *= inverse;
  }
  return zeros;
}

// X ← A⁻¹·X for a triangle: element (i, j) of A is a[i·row + j·column], X [n, k] is row-major.
TERN_INLINE void FN(substitute_lanes)(
    ptrdiff_t n, ptrdiff_t k, const V *a, ptrdiff_t row, ptrdiff_t column, bool isLower, bool isUnit, V *x) {
  for (ptrdiff_t step = 0; step < n; step++) {
    const ptrdiff_t i = isLower ? step : n - 1 - step;
    for (ptrdiff_t c = 0; c < k; c++) {
      V v = x[i * k + c];
      for (ptrdiff_t other = 0; other < step; other++) {
        const ptrdiff_t j = isLower ? other : n - 1 - other;
        v -= a[i * row + j * column] * x[j * k + c];
      }
      x[i * k + c] = isUnit ? v : v / a[i * row + i * column];
    }
  }
}

TERN_INLINE void FN(lu_lanes)(ptrdiff_t n, ptrdiff_t live, T *a, int32_t *pivots, int32_t *infos) {
  V block[EXTENT * EXTENT];
  M chosen[EXTENT];
  CONSECUTIVE(at, a, n * n);
  FN(load_lanes)(1, n * n, block, at, 0, 1);
  const M zeros = FN(factor_lanes)(n, block, chosen);
  for (ptrdiff_t l = 0; l < live; l++) {
    for (ptrdiff_t e = 0; e < n * n; e++) a[l * n * n + e] = block[e][l];
    for (ptrdiff_t k = 0; k < n; k++) pivots[l * n + k] = (int32_t)chosen[k][l] + 1;
    infos[l] = (int32_t)zeros[l];
  }
}

// LU factors, pivots and infos as `getrf` gives them, of column-major matrices in their place.
static void FN(small_lu)(ptrdiff_t count, ptrdiff_t n, T *a, int32_t *pivots, int32_t *infos) {
  for (ptrdiff_t m = 0; m < count; m += LANES) {
    const ptrdiff_t live = TERN_MIN(LANES, count - m);
    FOR_EXTENT(n, FN(lu_lanes)(N, live, a + m * n * n, pivots + m * n, infos + m))
  }
}

// The rows of PX as rows of X, from pivots that count from 1.
TERN_INLINE void FN(row_order)(ptrdiff_t n, int32_t order[], const int32_t *pivots) {
  for (ptrdiff_t i = 0; i < n; i++) order[i] = (int32_t)i;
  for (ptrdiff_t i = 0; i < n; i++) {
    const int32_t other = pivots[i] - 1, before = order[i];
    order[i] = order[other];
    order[other] = before;
  }
}

TERN_INLINE void FN(lu_solve_lanes)(
    ptrdiff_t n, ptrdiff_t k, ptrdiff_t live, const T *lu, const int32_t *pivots, const ptrdiff_t *places, T *x,
    bool transposed) {
  V block[EXTENT * EXTENT], part[EXTENT * EXTENT];
  int32_t order[LANES][EXTENT];
  const T *at[LANES];
  for (int l = 0; l < LANES; l++) {
    const ptrdiff_t place = places[l < live ? l : 0];
    at[l] = lu + place * n * n;
    FN(row_order)(n, order[l], pivots + place * n);
  }
  FN(load_lanes)(1, n * n, block, at, 0, 1);
  for (ptrdiff_t start = 0; start < k; start += EXTENT) {
    const ptrdiff_t width = TERN_MIN(EXTENT, k - start);
    for (ptrdiff_t i = 0; i < n; i++)
      for (ptrdiff_t c = 0; c < width; c++) {
        V v = 0;
        for (int l = 0; l < LANES; l++)
          v[l] = x[((l < live ? l : 0) * n + (transposed ? i : order[l][i])) * k + start + c];
        part[i * width + c] = v;
      }
    if (transposed) {
      FN(substitute_lanes)(n, width, block, n, 1, true, false, part);
      FN(substitute_lanes)(n, width, block, n, 1, false, true, part);
    } else {
      FN(substitute_lanes)(n, width, block, 1, n, true, true, part);
      FN(substitute_lanes)(n, width, block, 1, n, false, false, part);
    }
    for (ptrdiff_t l = 0; l < live; l++)
      for (ptrdiff_t i = 0; i < n; i++)
        for (ptrdiff_t c = 0; c < width; c++)
          x[(l * n + (transposed ? order[l][i] : i)) * k + start + c] = part[i * width + c][l];
  }
}

// X of A·X = B, or of Aᵀ·X = B, in the place of B [n, k], row-major; the factors are number places[i] of all.
static void FN(small_lu_solve)(
    ptrdiff_t count, ptrdiff_t n, ptrdiff_t k, const T *lu, const int32_t *pivots, const ptrdiff_t *places, T *x,
    bool transposed) {
  for (ptrdiff_t m = 0; m < count; m += LANES) {
    const ptrdiff_t live = TERN_MIN(LANES, count - m);
    FOR_EXTENT(n, FN(lu_solve_lanes)(N, k, live, lu, pivots, places + m, x + m * n * k, transposed))
  }
}

TERN_INLINE void FN(inverse_lanes)(ptrdiff_t n, ptrdiff_t live, T *a, int32_t *infos) {
  V block[EXTENT * EXTENT], result[EXTENT * EXTENT];
  M chosen[EXTENT], order[EXTENT];
  CONSECUTIVE(at, a, n * n);
  FN(load_lanes)(1, n * n, block, at, 0, 1);
  const M zeros = FN(factor_lanes)(n, block, chosen);
  for (ptrdiff_t i = 0; i < n; i++) order[i] = (M)i;
  for (ptrdiff_t k = 0; k < n; k++)
    for (ptrdiff_t i = k + 1; i < n; i++) {
      const M isHere = chosen[k] == (M)i, above = order[k], below = order[i];
      order[k] = isHere ? below : above;
      order[i] = isHere ? above : below;
    }
  // A⁻¹ = U⁻¹·L⁻¹·P.
  for (ptrdiff_t i = 0; i < n; i++)
    for (ptrdiff_t j = 0; j < n; j++) result[i * n + j] = order[i] == (M)j ? (V)1 : (V)0;
  FN(substitute_lanes)(n, n, block, 1, n, true, true, result);
  FN(substitute_lanes)(n, n, block, 1, n, false, false, result);
  for (ptrdiff_t l = 0; l < live; l++) {
    for (ptrdiff_t i = 0; i < n; i++)
      for (ptrdiff_t j = 0; j < n; j++) a[(l * n + j) * n + i] = zeros[l] ? (T)NAN : result[i * n + j][l];
    infos[l] = (int32_t)zeros[l];
  }
}

// The inverses of column-major matrices in their place, all NaN of a singular one, and infos as `getrf` gives them.
static void FN(small_inverse)(ptrdiff_t count, ptrdiff_t n, T *a, int32_t *infos) {
  for (ptrdiff_t m = 0; m < count; m += LANES) {
    const ptrdiff_t live = TERN_MIN(LANES, count - m);
    FOR_EXTENT(n, FN(inverse_lanes)(N, live, a + m * n * n, infos + m))
  }
}

TERN_INLINE void FN(cholesky_lanes)(ptrdiff_t n, ptrdiff_t live, T *a, bool isLower, int32_t *infos) {
#pragma clang fp contract(off)
  V block[EXTENT * EXTENT];
  CONSECUTIVE(at, a, n * n);
  const ptrdiff_t row = isLower ? n : 1, column = isLower ? 1 : n;
  FN(load_lanes)(n, n, block, at, row, column);
  M wrong = 0;
  // Dot products that are not fused, and reciprocals, as in OpenBLAS's `potrf`.
  for (ptrdiff_t j = 0; j < n; j++) {
    V inverse = 0;
    for (ptrdiff_t i = j; i < n; i++) {
      V sum = 0;
      for (ptrdiff_t k = 0; k < j; k++) sum += block[i * n + k] * block[j * n + k];
      const V v = block[i * n + j] - sum;
      if (i == j) {
        wrong = (~(v > 0) & (wrong == 0)) ? (M)(j + 1) : wrong;
        block[j * n + j] = __builtin_elementwise_sqrt(v);
        inverse = 1 / block[j * n + j];
      } else {
        block[i * n + j] = v * inverse;
      }
    }
  }
  for (ptrdiff_t l = 0; l < live; l++, a += n * n) {
    for (ptrdiff_t i = 0; i < n; i++)
      for (ptrdiff_t j = 0; j < n; j++) a[i * row + j * column] = j <= i ? block[i * n + j][l] : 0;
    infos[l] = (int32_t)wrong[l];
  }
}

// L of A = L·Lᵀ, or U of A = Uᵀ·U, row-major in the place of A, of which that triangle alone is read, and 0 in the other
// triangle; infos are the orders of the first leading minors that are not positive, or 0.
static void FN(small_cholesky)(ptrdiff_t count, ptrdiff_t n, T *a, bool isLower, int32_t *infos) {
  for (ptrdiff_t m = 0; m < count; m += LANES) {
    const ptrdiff_t live = TERN_MIN(LANES, count - m);
    FOR_EXTENT(n, FN(cholesky_lanes)(N, live, a + m * n * n, isLower, infos + m))
  }
}

TERN_INLINE void FN(triangular_lanes)(
    ptrdiff_t n, ptrdiff_t k, ptrdiff_t live, const T *a, const ptrdiff_t *starts, ptrdiff_t row, ptrdiff_t column,
    bool isLower, bool isUnit, T *x) {
  V block[EXTENT * EXTENT], part[EXTENT * EXTENT];
  const T *matrices[LANES];
  for (int l = 0; l < LANES; l++) matrices[l] = a + starts[l < live ? l : 0];
  FN(load_lanes)(n, n, block, matrices, row, column);
  for (ptrdiff_t start = 0; start < k; start += EXTENT) {
    const ptrdiff_t width = TERN_MIN(EXTENT, k - start);
    CONSECUTIVE(at, x + start, n * k);
    FN(load_lanes)(n, width, part, at, k, 1);
    FN(substitute_lanes)(n, width, block, n, 1, isLower, isUnit, part);
    for (ptrdiff_t l = 0; l < live; l++)
      for (ptrdiff_t i = 0; i < n; i++)
        for (ptrdiff_t c = 0; c < width; c++) x[(l * n + i) * k + start + c] = part[i * width + c][l];
  }
}

// X of A·X = B for triangles in the place of B [n, k], row-major; element (i, j) of a matrix lies at starts[m] + i·row +
// j·column.
static void FN(small_triangular)(
    ptrdiff_t count, ptrdiff_t n, ptrdiff_t k, const T *a, const ptrdiff_t *starts, ptrdiff_t row, ptrdiff_t column,
    bool isLower, bool isUnit, T *x) {
  for (ptrdiff_t m = 0; m < count; m += LANES) {
    const ptrdiff_t live = TERN_MIN(LANES, count - m);
    FOR_EXTENT(n, FN(triangular_lanes)(N, k, live, a, starts + m, row, column, isLower, isUnit, x + m * n * k))
  }
}

TERN_INLINE void FN(matmul_lanes)(
    ptrdiff_t m, ptrdiff_t n, ptrdiff_t k, ptrdiff_t live, T *out, const T *a, const ptrdiff_t *a_starts,
    ptrdiff_t a_row, ptrdiff_t a_column, const T *b, const ptrdiff_t *b_starts, ptrdiff_t b_row, ptrdiff_t b_column) {
  V left[EXTENT * EXTENT / 4], right[EXTENT * EXTENT / 4];
  const T *at[LANES];
  for (int l = 0; l < LANES; l++) at[l] = a + a_starts[l < live ? l : 0];
  FN(load_lanes)(m, k, left, at, a_row, a_column);
  for (int l = 0; l < LANES; l++) at[l] = b + b_starts[l < live ? l : 0];
  FN(load_lanes)(k, n, right, at, b_row, b_column);
  for (ptrdiff_t i = 0; i < m; i++)
    for (ptrdiff_t j = 0; j < n; j++) {
      V v = 0;
      for (ptrdiff_t p = 0; p < k; p++) v += left[i * k + p] * right[p * n + j];
      for (ptrdiff_t l = 0; l < live; l++) out[(l * m + i) * n + j] = v[l];
    }
}

// A·B for matrices of at most 8 rows and columns, row-major one after the other; those of A lie at a_starts with steps of
// a_row and a_column, those of B likewise.
static void FN(small_matmul)(
    ptrdiff_t count, ptrdiff_t m, ptrdiff_t n, ptrdiff_t k, T *out, const T *a, const ptrdiff_t *a_starts,
    ptrdiff_t a_row, ptrdiff_t a_column, const T *b, const ptrdiff_t *b_starts, ptrdiff_t b_row, ptrdiff_t b_column) {
  for (ptrdiff_t i = 0; i < count; i += LANES) {
    const ptrdiff_t live = TERN_MIN(LANES, count - i), square = m == n && n == k ? n : 0;
    T *target = out + i * m * n;
    const ptrdiff_t *starts = a_starts + i, *others = b_starts + i;
    switch (square) {
      case 2: FN(matmul_lanes)(2, 2, 2, live, target, a, starts, a_row, a_column, b, others, b_row, b_column); break;
      case 3: FN(matmul_lanes)(3, 3, 3, live, target, a, starts, a_row, a_column, b, others, b_row, b_column); break;
      case 4: FN(matmul_lanes)(4, 4, 4, live, target, a, starts, a_row, a_column, b, others, b_row, b_column); break;
      default: FN(matmul_lanes)(m, n, k, live, target, a, starts, a_row, a_column, b, others, b_row, b_column);
    }
  }
}

#undef V
#undef M
#undef LANES
#undef EXTENT
#undef FOR_EXTENT
#undef CONSECUTIVE
