// One reduction, over rows and over columns, for the type at hand.
// Takes NAME, E (the type the values are combined in: T, its unsigned twin, or Double for Float's sums), INIT,
// COMBINE(a, b) and MAP(v), which must hold for single values and for vectors alike; and, where they are not E and the
// functions below, OWN_ROWS; R is the type of the results where it is not T. Work is laid out by size
// alone, so results never depend on threads nor on the level of the CPU (as far as there is no product to fuse).

#ifndef R
#define R T
#endif

#ifndef OWN_ROWS
#define VECTOR TERN_JOIN(TERN_JOIN(NAME, vector), S)
#define LANES ((ptrdiff_t)(64 / sizeof(T)))
#define LOADED TERN_JOIN(TERN_JOIN(NAME, loaded), S)
#define LOAD(v) __builtin_convertvector(v, VECTOR)
typedef E VECTOR __attribute__((ext_vector_type(64 / sizeof(T))));
typedef T LOADED __attribute__((ext_vector_type(64 / sizeof(T)), aligned(sizeof(T)), may_alias));

// Up to some thousand values in four vectors of accumulators, folded in halves; `ahead` where they come from memory.
TERN_INLINE E FN(TERN_JOIN(NAME, stretch))(ptrdiff_t n, const T *x, const bool ahead) {
  E result = INIT;
  ptrdiff_t i = 0;
  if (n >= LANES) {
    VECTOR a0 = (VECTOR)(E)INIT, a1 = a0, a2 = a0, a3 = a0;
    for (; i + 4 * LANES <= n; i += 4 * LANES) {
      const LOADED *v = (const LOADED *)(x + i);
      if (ahead) tern_prefetch(x + i + 16384 / sizeof(T), 256);
      const VECTOR v0 = LOAD(v[0]), v1 = LOAD(v[1]), v2 = LOAD(v[2]), v3 = LOAD(v[3]);
      a0 = COMBINE(a0, MAP(v0));
      a1 = COMBINE(a1, MAP(v1));
      a2 = COMBINE(a2, MAP(v2));
      a3 = COMBINE(a3, MAP(v3));
    }
    for (; i + LANES <= n; i += LANES) {
      const VECTOR v0 = LOAD(*(const LOADED *)(x + i));
      a0 = COMBINE(a0, MAP(v0));
    }
    a0 = COMBINE(a0, a1);
    a2 = COMBINE(a2, a3);
    a0 = COMBINE(a0, a2);
    E lanes[64 / sizeof(T)];
    memcpy(lanes, &a0, sizeof lanes);
    for (ptrdiff_t width = LANES / 2; width > 0; width /= 2)
      for (ptrdiff_t l = 0; l < width; l++) lanes[l] = COMBINE(lanes[l], lanes[l + width]);
    result = lanes[0];
  }
  for (; i < n; i++) {
    const E v = (E)x[i];
    result = COMBINE(result, MAP(v));
  }
  return result;
}

static E FN(TERN_JOIN(NAME, block))(ptrdiff_t n, const T *x) { return FN(TERN_JOIN(NAME, stretch))(n, x, false); }
static E FN(TERN_JOIN(NAME, far_block))(ptrdiff_t n, const T *x) { return FN(TERN_JOIN(NAME, stretch))(n, x, true); }

// Blocks combined pairwise: the error grows with the logarithm of n.
static E FN(TERN_JOIN(NAME, blocks))(ptrdiff_t n, const T *x, bool ahead) {
  const ptrdiff_t block = 2048;
  if (n <= block) return ahead ? FN(TERN_JOIN(NAME, far_block))(n, x) : FN(TERN_JOIN(NAME, block))(n, x);
  const ptrdiff_t half = (n / 2 + block - 1) / block * block;
  const E left = FN(TERN_JOIN(NAME, blocks))(half, x, ahead);
  const E right = FN(TERN_JOIN(NAME, blocks))(n - half, x + half, ahead);
  return COMBINE(left, right);
}

#undef VECTOR
#undef LOADED
#undef LOAD
#undef LANES
#endif

// Columns of few rows, a constant number.
TERN_INLINE void FN(TERN_JOIN(NAME, few_rows))(const int n, ptrdiff_t width, ptrdiff_t step, R *out, const T *x) {
  TERN_LOOP for (ptrdiff_t j = 0; j < width; j++) {
    E total = INIT;
    _Pragma("clang loop unroll(full)") for (int r = 0; r < n; r++) {
      const E v = (E)x[r * step + j];
      total = COMBINE(total, MAP(v));
    }
    out[j] = (R)total;
  }
}

// `width` columns of n rows, `inner` elements apart, in panels. Rows add up in blocks of 64, blocks in groups of 64 and so
// on, so that no chain of additions grows long.
static void FN(TERN_JOIN(NAME, columns))(ptrdiff_t n, ptrdiff_t columns, ptrdiff_t inner, R *out, const T *x) {
  enum { panel = 2048 / sizeof(T), levels = 4 };
  if (n == 2) return FN(TERN_JOIN(NAME, few_rows))(2, columns, inner, out, x);
  if (n == 3) return FN(TERN_JOIN(NAME, few_rows))(3, columns, inner, out, x);
  E sums[levels][panel];
  const int used = n <= 64 ? 1 : levels;
  for (ptrdiff_t c = 0; c < columns; c += panel) {
    const ptrdiff_t width = TERN_MIN(panel, columns - c);
    for (int l = 0; l < used; l++)
      for (ptrdiff_t j = 0; j < width; j++) sums[l][j] = INIT;
    E *block = sums[0];
    for (ptrdiff_t r = 0; r < n;) {
      const ptrdiff_t end = TERN_MIN(r + 64, n);
      for (; r + 4 <= end; r += 4) {
        const T *x0 = x + r * inner + c, *x1 = x0 + inner, *x2 = x1 + inner, *x3 = x2 + inner;
        TERN_LOOP for (ptrdiff_t j = 0; j < width; j++) {
          const E v0 = (E)x0[j], v1 = (E)x1[j], v2 = (E)x2[j], v3 = (E)x3[j];
          const E low = COMBINE(MAP(v0), MAP(v1)), high = COMBINE(MAP(v2), MAP(v3));
          const E both = COMBINE(low, high);
          block[j] = COMBINE(block[j], both);
        }
      }
      for (; r < end; r++) {
        const T *x0 = x + r * inner + c;
        TERN_LOOP for (ptrdiff_t j = 0; j < width; j++) {
          const E v = (E)x0[j];
          block[j] = COMBINE(block[j], MAP(v));
        }
      }
      for (ptrdiff_t l = 1, full = r / 64; l < used; l++, full /= 64) {
        E *lower = sums[l - 1], *upper = sums[l];
        TERN_LOOP for (ptrdiff_t j = 0; j < width; j++) {
          upper[j] = COMBINE(upper[j], lower[j]);
          lower[j] = INIT;
        }
        if (full % 64 != 0) break;
      }
    }
    for (ptrdiff_t j = 0; j < width; j++) {
      E result = sums[0][j];
      for (int l = 1; l < used; l++) result = COMBINE(sums[l][j], result);
      out[c + j] = (R)result;
    }
  }
}

static void FN(TERN_JOIN(NAME, reduce))(ptrdiff_t outer, ptrdiff_t n, ptrdiff_t inner, R *out, const T *x) {
  const bool ahead = outer * n * (ptrdiff_t)sizeof(T) >= 65536;
  for (ptrdiff_t o = 0; o < outer; o++) {
    if (inner == 1) out[o] = (R)FN(TERN_JOIN(NAME, blocks))(n, x + o * n, ahead);
    else FN(TERN_JOIN(NAME, columns))(n, inner, inner, out + o * inner, x + o * n * inner);
  }
}

#undef NAME
#undef E
#undef R
#undef OWN_ROWS
#undef INIT
#undef COMBINE
#undef MAP
