// The register kernel of direct convolutions, for Float: a tile of sums that stays in registers while everything that is
// added to it is read once. TERN_VECTOR is the width of the level's registers in bytes.
//
//   c[i][v] (+)= Σ over u, j, k of a[u·au + j·aj + k·ak + i·ai] · b[u·bu + j·bj + k·bk + v]
//
// Forward, i counts pixels and v outputs; in the weights' gradient i counts taps and channels and k pixels; where the
// result has few channels, i counts those and v pixels.

#define TILE_LANES ((ptrdiff_t)(TERN_VECTOR / sizeof(float)))
typedef float tile_vector __attribute__((ext_vector_type(TERN_VECTOR / sizeof(float)), aligned(4), may_alias));

#if TERN_VECTOR == 64
// 28 sums, two vectors of b and one value of a fill 31 of 32 registers.
#define TILE_ROWS 14
#define TILE_WIDE_ROWS 6
#else
#define TILE_ROWS 6
#define TILE_WIDE_ROWS 3
#endif

// Rows of a tile one vector wide; a level that has registers for more defines it before.
#ifndef TILE_NARROW_ROWS
#define TILE_NARROW_ROWS TILE_ROWS
#endif

typedef struct {
  const float *a, *b;
  float *c;
  ptrdiff_t ai, ak, aj, au, bk, bj, bu, ci;
  ptrdiff_t k, j, u;
  // Values of the last vector that are stored.
  ptrdiff_t tail;
  // Added to every row where it is not NULL; as many values as the tile is wide.
  const float *bias;
  // Adds to c instead of writing it.
  bool adds;
  // Negative results become zero; what is no number stays.
  bool appliesReLU;
} tile_work;

static inline void store_part(float *out, tile_vector value, ptrdiff_t count) {
#if TERN_VECTOR == 64
  _mm512_mask_storeu_ps(out, (__mmask16)((1u << count) - 1), (__m512)value);
#else
  for (ptrdiff_t i = 0; i < count; i++) out[i] = value[i];
#endif
}

static inline tile_vector load_part(const float *x, ptrdiff_t count) {
#if TERN_VECTOR == 64
  return (tile_vector)_mm512_maskz_loadu_ps((__mmask16)((1u << count) - 1), x);
#else
  tile_vector value = (tile_vector)0.0f;
  for (ptrdiff_t i = 0; i < count; i++) value[i] = x[i];
  return value;
#endif
}

// The sum and a product; a level with products of its own defines it before.
#ifndef TILE_ADD
#define TILE_ADD(sum, x, w) ((sum) + (x) * (w))
#endif

#define UNROLLED _Pragma("clang loop unroll(full)")

// `packed`: the rows of a lie one after the other (ai is 1); else the values of a row do (ak is 1).
__attribute__((always_inline)) static inline void tile_body(const tile_work *t, const int rows, const int vectors,
                                                            const bool packed) {
  tile_vector sum[14 * 2];
  UNROLLED for (int i = 0; i < rows * vectors; i++) sum[i] = (tile_vector)0.0f;
  const ptrdiff_t ai = t->ai, ak = t->ak, bk = t->bk, count = t->k;
  for (ptrdiff_t u = 0; u < t->u; u++) {
    for (ptrdiff_t j = 0; j < t->j; j++) {
      const float *a = t->a + u * t->au + j * t->aj, *b = t->b + u * t->bu + j * t->bj;
      if (packed) {
        for (ptrdiff_t k = 0; k < count; k++, a += ak, b += bk) {
          tile_vector w[8];
          UNROLLED for (int v = 0; v < vectors; v++) w[v] = *(const tile_vector *)(b + v * TILE_LANES);
          UNROLLED for (int i = 0; i < rows; i++) {
            const tile_vector x = (tile_vector)a[i];
            UNROLLED for (int v = 0; v < vectors; v++) sum[i * vectors + v] = TILE_ADD(sum[i * vectors + v], x, w[v]);
          }
        }
      } else {
        // A pointer to every third row: the two after it are reached by the address alone.
        const float *p[6];
        UNROLLED for (int i = 0; i < (rows + 2) / 3; i++) p[i] = a + 3 * i * ai;
        for (ptrdiff_t k = 0; k < count; k++, b += bk) {
          tile_vector w[8];
          UNROLLED for (int v = 0; v < vectors; v++) w[v] = *(const tile_vector *)(b + v * TILE_LANES);
          UNROLLED for (int i = 0; i < rows; i++) {
            const tile_vector x = (tile_vector)p[i / 3][i % 3 * ai];
            UNROLLED for (int v = 0; v < vectors; v++) sum[i * vectors + v] = TILE_ADD(sum[i * vectors + v], x, w[v]);
          }
          UNROLLED for (int i = 0; i < (rows + 2) / 3; i++) {
            p[i]++;
            // Keeps the pointers apart: merged into one, each row would need a register for its distance.
            __asm__("" : "+r"(p[i]));
          }
        }
      }
    }
  }
  UNROLLED for (int i = 0; i < rows; i++) {
    float *c = t->c + i * t->ci;
    UNROLLED for (int v = 0; v < vectors; v++, c += TILE_LANES) {
      tile_vector value = sum[i * vectors + v];
      if (t->bias) value += *(const tile_vector *)(t->bias + v * TILE_LANES);
      if (t->appliesReLU) value = value < 0.0f ? (tile_vector)0.0f : value;
      if (v < vectors - 1 || t->tail == TILE_LANES) {
        if (t->adds) value += *(const tile_vector *)c;
        *(tile_vector *)c = value;
      } else {
        store_part(c, value, t->tail);
      }
    }
  }
}

#define STRIDED_TILE(rows, vectors)                                                                \
  static void tile_strided_##rows##x##vectors(const tile_work *t) { tile_body(t, rows, vectors, false); }
#define PACKED_TILE(rows, vectors)                                                                 \
  static void tile_packed_##rows##x##vectors(const tile_work *t) { tile_body(t, rows, vectors, true); }
#define STRIDED_ENTRY(rows, vectors) tile_strided_##rows##x##vectors,
#define PACKED_ENTRY(rows, vectors) tile_packed_##rows##x##vectors,
#define TO_THREE(X, vectors) X(1, vectors) X(2, vectors) X(3, vectors)
#define TO_SIX(X, vectors) TO_THREE(X, vectors) X(4, vectors) X(5, vectors) X(6, vectors)
#if TILE_ROWS == 14
#define ALL_ROWS(X, vectors)                                                                       \
  TO_SIX(X, vectors) X(7, vectors) X(8, vectors) X(9, vectors) X(10, vectors) X(11, vectors) X(12, vectors)        \
  X(13, vectors) X(14, vectors)
#define WIDE_ROWS(X, vectors) TO_SIX(X, vectors)
#else
#define ALL_ROWS(X, vectors) TO_SIX(X, vectors)
#define WIDE_ROWS(X, vectors) TO_THREE(X, vectors)
#endif

#if TILE_NARROW_ROWS == 16
#define NARROW_ROWS(X) ALL_ROWS(X, 1) X(15, 1) X(16, 1)
#else
#define NARROW_ROWS(X) ALL_ROWS(X, 1)
#endif

NARROW_ROWS(STRIDED_TILE)
ALL_ROWS(STRIDED_TILE, 2)
NARROW_ROWS(PACKED_TILE)
ALL_ROWS(PACKED_TILE, 2)
WIDE_ROWS(PACKED_TILE, 4)

typedef void (*tile_function)(const tile_work *);
// By vectors - 1 and rows - 1.
static const tile_function strided_tiles[2][TILE_NARROW_ROWS] = {{NARROW_ROWS(STRIDED_ENTRY)},
                                                                 {ALL_ROWS(STRIDED_ENTRY, 2)}};
static const tile_function packed_tiles[2][TILE_NARROW_ROWS] = {{NARROW_ROWS(PACKED_ENTRY)}, {ALL_ROWS(PACKED_ENTRY, 2)}};
// By rows - 1, of four vectors.
static const tile_function wide_tiles[TILE_WIDE_ROWS] = {WIDE_ROWS(PACKED_ENTRY, 4)};

#undef STRIDED_TILE
#undef PACKED_TILE
#undef STRIDED_ENTRY
#undef PACKED_ENTRY
#undef TO_THREE
#undef TO_SIX
#undef ALL_ROWS
#undef NARROW_ROWS
#undef WIDE_ROWS
