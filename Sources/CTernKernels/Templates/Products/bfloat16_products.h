// Products of matrices of bfloat16: panels of packed operands, tiles of 8×32 in registers. On a Zen 5 core tiles of 8 rows
// reach 0.91 of the bare instruction's speed, those of 14 rows 0.89: what begins and ends a tile overlaps its neighbors.

// Rows of a tile, its columns, and how much of k a panel of B may take to stay in the first-level cache. Shorter panels, and
// fetching the next one ahead, measured no better: 0.87 of the bare instruction's speed for 2048 rows, columns and products,
// packing A included.
#define TILE_ROWS 8
#define TILE_COLUMNS 32
#define BLOCK_PAIRS 512

// The first `count` of 16 lanes.
TERN_INLINE __mmask16 lanes(ptrdiff_t count) { return (__mmask16)(count >= 16 ? 0xFFFF : (1u << count) - 1); }

// Two rows as pairs: column j of both beside one another.
TERN_INLINE __m512i paired(__m512 even, __m512 odd) {
  const __m512i order = _mm512_set_epi16(31, 15, 30, 14, 29, 13, 28, 12, 27, 11, 26, 10, 25, 9, 24, 8, 23, 7, 22, 6,
                                         21, 5, 20, 4, 19, 3, 18, 2, 17, 1, 16, 0);
  return _mm512_permutexvar_epi16(order, (__m512i)_mm512_cvtne2ps_pbh(odd, even));
}

// The transpose of 16×16 words.
TERN_INLINE void transpose_words(__m512i r[16]) {
  __m512i t[16];
  for (int i = 0; i < 16; i += 2) {
    t[i] = _mm512_unpacklo_epi32(r[i], r[i + 1]);
    t[i + 1] = _mm512_unpackhi_epi32(r[i], r[i + 1]);
  }
  for (int i = 0; i < 16; i += 4) {
    r[i] = _mm512_unpacklo_epi64(t[i], t[i + 2]);
    r[i + 1] = _mm512_unpackhi_epi64(t[i], t[i + 2]);
    r[i + 2] = _mm512_unpacklo_epi64(t[i + 1], t[i + 3]);
    r[i + 3] = _mm512_unpackhi_epi64(t[i + 1], t[i + 3]);
  }
  for (int i = 0; i < 4; i++) {
    t[i] = _mm512_shuffle_i32x4(r[i], r[i + 4], 0x88);
    t[i + 4] = _mm512_shuffle_i32x4(r[i], r[i + 4], 0xDD);
    t[i + 8] = _mm512_shuffle_i32x4(r[i + 8], r[i + 12], 0x88);
    t[i + 12] = _mm512_shuffle_i32x4(r[i + 8], r[i + 12], 0xDD);
  }
  for (int i = 0; i < 8; i++) {
    r[i] = _mm512_shuffle_i32x4(t[i], t[i + 8], 0x88);
    r[i + 8] = _mm512_shuffle_i32x4(t[i], t[i + 8], 0xDD);
  }
}

// Rows of a panel of A, of which all have as many as fit evenly but the last.
TERN_INLINE ptrdiff_t panel_rows(ptrdiff_t m) {
  const ptrdiff_t panels = (m + TILE_ROWS - 1) / TILE_ROWS;
  return (m + panels - 1) / panels;
}

// 16 numbers as bfloat16 in the lower halves of words.
TERN_INLINE __m512i widened_words(const uint16_t *x, __mmask16 mask) {
  return _mm512_cvtepu16_epi32(_mm256_maskz_loadu_epi16(mask, x));
}

// Operands of Float are packed, and such of bfloat16.
#define ELEMENT float
#define PACKING(name) name
// The first `count` of 32 numbers as bfloat16.
#define LOAD_32(x, count)                                                                          \
  (__m512i)_mm512_cvtne2ps_pbh(_mm512_maskz_loadu_ps((count) > 16 ? lanes((count) - 16) : 0, (x) + 16), \
                               _mm512_maskz_loadu_ps(lanes(count), x))
// The numbers at x and y as pairs; those of y are 0 where `whole` is false.
#define PAIRS(x, y, mask, whole)                                                                   \
  paired(_mm512_maskz_loadu_ps(mask, x), (whole) ? _mm512_maskz_loadu_ps(mask, y) : _mm512_setzero_ps())
#include "Products/bfloat16_packing.h"
#undef ELEMENT
#undef PACKING
#undef LOAD_32
#undef PAIRS

#define ELEMENT uint16_t
#define PACKING(name) name##_bfloat16
#define LOAD_32(x, count) _mm512_maskz_loadu_epi16((count) >= 32 ? 0xFFFFFFFFu : (1u << (count)) - 1, x)
#define PAIRS(x, y, mask, whole)                                                                   \
  _mm512_or_si512(widened_words(x, mask),                                                          \
                  (whole) ? _mm512_slli_epi32(widened_words(y, mask), 16) : _mm512_setzero_si512())
#include "Products/bfloat16_packing.h"
#undef ELEMENT
#undef PACKING
#undef LOAD_32
#undef PAIRS

typedef struct {
  const uint32_t *a, *b;
  // The tile of C, and the one after it.
  float *c, *next;
  ptrdiff_t ldc, pairs;
  // Words from one panel of B to the next.
  ptrdiff_t panel;
  float alpha, beta;
  // Columns of the last vector.
  __mmask16 edge;
  // Whether the sums begin with C.
  bool resumes;
} product_tile;

// Vectors 2p and 2p + 1 of a tile are of panel p.
TERN_INLINE void multiply_tile(const int rows, const int vectors, const product_tile *tile) {
  __m512 sum[rows][vectors];
  const uint32_t *a = tile->a, *b = tile->b;
  float *c = tile->c;
  const ptrdiff_t ldc = tile->ldc;
#pragma unroll
  for (int r = 0; r < rows; r++)
#pragma unroll
    for (int v = 0; v < vectors; v++)
      sum[r][v] = tile->resumes
                    ? _mm512_maskz_loadu_ps(v == vectors - 1 ? tile->edge : (__mmask16)0xFFFF, c + r * ldc + 16 * v)
                    : _mm512_setzero_ps();
#pragma unroll
  for (int r = 0; r < rows; r++)
#pragma unroll
    for (int v = 0; v < vectors; v++) _mm_prefetch((const char *)(tile->next + r * ldc + 16 * v), _MM_HINT_T0);
#pragma clang loop unroll_count(2)
  for (ptrdiff_t p = tile->pairs; p > 0; p--) {
    __m512bh y[vectors];
#pragma unroll
    for (int v = 0; v < vectors; v++) y[v] = (__m512bh)_mm512_loadu_si512(b + v / 2 * tile->panel + 16 * (v % 2));
#pragma unroll
    for (int r = 0; r < rows; r++) {
      const __m512bh x = (__m512bh)_mm512_set1_epi32((int)a[r]);
#pragma unroll
      for (int v = 0; v < vectors; v++) sum[r][v] = _mm512_dpbf16_ps(sum[r][v], x, y[v]);
    }
    a += rows;
    b += vectors == 1 ? 16 : 32;
  }
#pragma unroll
  for (int r = 0; r < rows; r++)
#pragma unroll
    for (int v = 0; v < vectors; v++) {
      const __mmask16 mask = v == vectors - 1 ? tile->edge : (__mmask16)0xFFFF;
      float *out = c + r * ldc + 16 * v;
      __m512 value = sum[r][v];
      if (tile->alpha != 1) value = _mm512_mul_ps(value, _mm512_set1_ps(tile->alpha));
      if (tile->beta != 0) value = _mm512_fmadd_ps(_mm512_set1_ps(tile->beta), _mm512_maskz_loadu_ps(mask, out), value);
      _mm512_mask_storeu_ps(out, mask, value);
    }
}

#define TILE_HEIGHTS(X) X(1) X(2) X(3) X(4) X(5) X(6) X(7) X(8)
#define TILE(rows)                                                                                 \
  static void tile_##rows##x16(const product_tile *tile) { multiply_tile(rows, 1, tile); }         \
  static void tile_##rows##x32(const product_tile *tile) { multiply_tile(rows, 2, tile); }
TILE_HEIGHTS(TILE)
#define TILE_NAMES(rows) {tile_##rows##x16, tile_##rows##x32},
static void (*const product_tiles[TILE_ROWS][2])(const product_tile *) = {TILE_HEIGHTS(TILE_NAMES)};

// Of one to four rows, several panels at once: one would leave the multipliers waiting for its few sums.
#define FEW_ROWS 4
static void tile_1x256(const product_tile *tile) { multiply_tile(1, 16, tile); }
static void tile_2x128(const product_tile *tile) { multiply_tile(2, 8, tile); }
static void tile_3x128(const product_tile *tile) { multiply_tile(3, 8, tile); }
static void tile_4x64(const product_tile *tile) { multiply_tile(4, 4, tile); }
static void (*const few_row_tiles[FEW_ROWS])(const product_tile *) = {tile_1x256, tile_2x128, tile_3x128, tile_4x64};
static const ptrdiff_t few_row_columns[FEW_ROWS] = {256, 128, 128, 64};

static void multiply(ptrdiff_t m, ptrdiff_t n, ptrdiff_t k, float alpha, const uint32_t *a, const uint32_t *b, float beta,
                     float *c, ptrdiff_t ldc) {
  if (m <= 0 || n <= 0) return;
  const ptrdiff_t height = panel_rows(m), pairs = (k + 1) / 2;
  const bool resumes = alpha == 1 && (beta == 0 || beta == 1);
  const ptrdiff_t wide = m <= FEW_ROWS ? few_row_columns[m - 1] : n + 1;
  product_tile tile = {.ldc = ldc, .alpha = alpha, .panel = pairs * TILE_COLUMNS};
  for (ptrdiff_t first = 0; first == 0 || first < pairs; first += BLOCK_PAIRS) {
    tile.pairs = TERN_MIN(pairs - first, BLOCK_PAIRS);
    tile.resumes = resumes && (first > 0 || beta == 1);
    tile.beta = resumes ? 0 : first > 0 ? 1 : beta;
    for (ptrdiff_t j = 0; j < n;) {
      const bool isWide = j + wide <= n;
      const ptrdiff_t columns = isWide ? wide : TERN_MIN(n - j, TILE_COLUMNS), vectors = (columns + 15) / 16;
      tile.edge = lanes(columns - 16 * (vectors - 1));
      tile.b = b + j * pairs + first * (vectors == 1 ? 16 : 32);
      for (ptrdiff_t i = 0; i < m; i += height) {
        const ptrdiff_t rows = TERN_MIN(m - i, height);
        tile.a = a + i * pairs + first * rows;
        tile.c = c + i * ldc + j;
        tile.next = i + height < m ? tile.c + height * ldc : tile.c;
        if (isWide) few_row_tiles[m - 1](&tile);
        else product_tiles[rows - 1][vectors - 1](&tile);
      }
      j += columns;
    }
  }
}
