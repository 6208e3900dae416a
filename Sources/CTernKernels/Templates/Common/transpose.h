// Transposes of whole cache lines: blocks of SIDE × SIDE values go through vector registers, so that every line is read
// once and written once, however unlucky the strides are for the cache. Takes V (the unsigned integer of the values'
// width), SIDE (values in 64 bytes, or fewer), NAME, and REMAINDER, the transpose of what blocks leave, or none;
// with SPLIT a block is four of REMAINDER's, where registers are too few for one.

typedef V TERN_JOIN(NAME, vector) __attribute__((ext_vector_type(SIDE), aligned(sizeof(V)), may_alias));

#ifdef SPLIT
static inline void TERN_JOIN(NAME, block)(V *out, ptrdiff_t outRow, const V *x, ptrdiff_t xColumn) {
  enum { half = SIDE / 2 };
  // A column's line is read twice in a row.
  for (int c = 0; c < SIDE; c += half)
    for (int r = 0; r < SIDE; r += half)
      TERN_JOIN(REMAINDER, block)(out + r * outRow + c, outRow, x + r + c * xColumn, xColumn);
}
#else
// Interleaving rows i and i + SIDE/2 of a square log₂ SIDE times transposes it.
static inline void TERN_JOIN(NAME, block)(V *out, ptrdiff_t outRow, const V *x, ptrdiff_t xColumn) {
  TERN_JOIN(NAME, vector) rows[SIDE], next[SIDE];
  _Pragma("clang loop unroll(full)") for (int i = 0; i < SIDE; i++)
    rows[i] = *(const TERN_JOIN(NAME, vector) *)(x + i * xColumn);
  _Pragma("clang loop unroll(full)") for (int step = 1; step < SIDE; step *= 2) {
    _Pragma("clang loop unroll(full)") for (int i = 0; i < SIDE / 2; i++) {
      next[2 * i] = INTERLEAVE_LOW(rows[i], rows[i + SIDE / 2]);
      next[2 * i + 1] = INTERLEAVE_HIGH(rows[i], rows[i + SIDE / 2]);
    }
    _Pragma("clang loop unroll(full)") for (int i = 0; i < SIDE; i++) rows[i] = next[i];
  }
  _Pragma("clang loop unroll(full)") for (int i = 0; i < SIDE; i++)
    *(TERN_JOIN(NAME, vector) *)(out + i * outRow) = rows[i];
}

#endif

// out[r·outRow + c] = x[r + c·xColumn]
static void NAME(ptrdiff_t rows, ptrdiff_t columns, V *out, ptrdiff_t outRow, const V *x, ptrdiff_t xColumn) {
  enum { panel = 256 };
  const ptrdiff_t wholeRows = rows - rows % SIDE, wholeColumns = columns - columns % SIDE;
  for (ptrdiff_t c0 = 0; c0 < wholeColumns; c0 += panel) {
    const ptrdiff_t end = TERN_MIN(c0 + panel, wholeColumns);
    for (ptrdiff_t r = 0; r < wholeRows; r += SIDE)
      for (ptrdiff_t c = c0; c < end; c += SIDE)
        TERN_JOIN(NAME, block)(out + r * outRow + c, outRow, x + r + c * xColumn, xColumn);
  }
#ifdef REMAINDER
  if (wholeRows > 0 && wholeColumns < columns)
    REMAINDER(wholeRows, columns - wholeColumns, out + wholeColumns, outRow, x + wholeColumns * xColumn, xColumn);
  if (wholeRows < rows) REMAINDER(rows - wholeRows, columns, out + wholeRows * outRow, outRow, x + wholeRows, xColumn);
#else
  for (ptrdiff_t r = 0; r < rows; r++)
    for (ptrdiff_t c = r < wholeRows ? wholeColumns : 0; c < columns; c++) out[r * outRow + c] = x[r + c * xColumn];
#endif
}
#undef REMAINDER
#undef SPLIT
#undef V
#undef SIDE
#undef NAME
#undef INTERLEAVE_LOW
#undef INTERLEAVE_HIGH
