// How operands of products are packed as pairs of bfloat16. Takes ELEMENT, PACKING, LOAD_32 and PAIRS.

// Vectors x[c·step…] of k numbers for c < count ≤ 16 as pairs: out[p·width + c], 0 up to c < stored.
TERN_INLINE void PACKING(pack_vectors)(ptrdiff_t k, int count, int stored, uint32_t *out, ptrdiff_t width,
                                       const ELEMENT *x, ptrdiff_t step) {
  const __mmask16 written = lanes(stored);
  for (ptrdiff_t i = 0; i < k; i += 32) {
    const ptrdiff_t left = k - i;
    __m512i r[16];
#pragma unroll
    for (int c = 0; c < 16; c++) {
      const ELEMENT *source = x + c * step + i;
      r[c] = c < count ? LOAD_32(source, left) : _mm512_setzero_si512();
    }
    transpose_words(r);
    const ptrdiff_t pairs = left >= 32 ? 16 : (left + 1) / 2;
#pragma unroll
    for (int p = 0; p < 16; p++)
      if (p < pairs) _mm512_mask_storeu_epi32(out + (i / 2 + p) * width, written, r[p]);
  }
}

// op(A) in panels [pairs][rows], one after the other.
static void PACKING(pack_left)(ptrdiff_t m, ptrdiff_t k, uint32_t *out, const ELEMENT *a, ptrdiff_t lda,
                               bool transposed) {
  if (m <= 0) return;
  const ptrdiff_t height = panel_rows(m), pairs = (k + 1) / 2;
  if (!transposed) {
    for (ptrdiff_t i = 0; i < m; i += height) {
      const int rows = (int)TERN_MIN(m - i, height);
      PACKING(pack_vectors)(k, rows, rows, out + i * pairs, rows, a + i * lda, lda);
    }
    return;
  }
  for (ptrdiff_t p = 0; p < pairs; p++) {
    const ELEMENT *x = a + 2 * p * lda;
    const bool whole = 2 * p + 1 < k;
    ptrdiff_t i = 0;
    // Two whole panels at once.
    if (height == 8)
      for (; i + 16 <= m; i += 16) {
        const __m512i pair = PAIRS(x + i, x + lda + i, 0xFFFF, whole);
        _mm256_storeu_si256((__m256i *)(out + i * pairs + p * 8), _mm512_castsi512_si256(pair));
        _mm256_storeu_si256((__m256i *)(out + (i + 8) * pairs + p * 8), _mm512_extracti64x4_epi64(pair, 1));
      }
    for (; i < m; i += height) {
      const ptrdiff_t rows = TERN_MIN(m - i, height);
      const __mmask16 mask = lanes(rows);
      _mm512_mask_storeu_epi32(out + i * pairs + p * rows, mask, PAIRS(x + i, x + lda + i, mask, whole));
    }
  }
}

// op(B) in panels [pairs][columns], one after the other; columns are filled up with 0 to a multiple of 16.
static void PACKING(pack_right)(ptrdiff_t k, ptrdiff_t n, uint32_t *out, const ELEMENT *b, ptrdiff_t ldb,
                                bool transposed) {
  const ptrdiff_t pairs = (k + 1) / 2;
  if (transposed) {
    for (ptrdiff_t j = 0; j < n; j += TILE_COLUMNS) {
      const ptrdiff_t columns = TERN_MIN(n - j, TILE_COLUMNS), width = (columns + 15) / 16 * 16;
      for (ptrdiff_t c = 0; c < columns; c += 16)
        PACKING(pack_vectors)(k, (int)TERN_MIN(columns - c, 16), 16, out + j * pairs + c, width, b + (j + c) * ldb, ldb);
    }
    return;
  }
  // 512 columns at once: short runs of every row would cost the rows' pages again and again.
  const ptrdiff_t group = 512;
  for (ptrdiff_t first = 0; first < n; first += group) {
    const ptrdiff_t last = TERN_MIN(first + group, n);
    for (ptrdiff_t p = 0; p < pairs; p++) {
      const ELEMENT *x = b + 2 * p * ldb;
      const bool whole = 2 * p + 1 < k;
      for (ptrdiff_t j = first; j < last; j += TILE_COLUMNS) {
        const ptrdiff_t columns = TERN_MIN(n - j, TILE_COLUMNS), width = (columns + 15) / 16 * 16;
        uint32_t *target = out + j * pairs + p * width;
        for (ptrdiff_t c = 0; c < columns; c += 16)
          _mm512_storeu_si512(target + c, PAIRS(x + j + c, x + ldb + j + c, lanes(columns - c), whole));
      }
    }
  }
}
