// Filling, copying, comparing, selecting, converting: what every scalar type has.
// Takes T, S (the suffix), TO_I32/TO_I64/TO_U8 and IS_NAN/IS_INFINITE/SIGN_BIT of a value v; WIDE(v) and TO_B16(v) where
// T's values are not numbers to C.
#ifndef WIDE
#define WIDE(v) (v)
#endif
#ifndef TO_B16
#define TO_B16(v) bfloat16_of((float)(v))
#endif

static void FN(fill)(ptrdiff_t n, T *out, ptrdiff_t so, T value) {
  if (so == 1) {
    TERN_LOOP for (ptrdiff_t i = 0; i < n; i++) out[i] = value;
  } else {
    for (ptrdiff_t i = 0; i < n; i++) out[i * so] = value;
  }
}

static void FN(copy)(ptrdiff_t n, T *out, ptrdiff_t so, const T *x, ptrdiff_t sx) {
  if (n <= 0) return;
  if (so == 1 && sx == 1) {
    memmove(out, x, (size_t)n * sizeof(T));
  } else if (sx == 0) {
    FN(fill)(n, out, so, x[0]);
  } else if (so == 1 && sx == -1 && sizeof(T) == 4) {
    copy_reversed_4(n, (void *)out, (const void *)x);
  } else if (so == 1 && sx == -1 && sizeof(T) == 8) {
    copy_reversed_8(n, (void *)out, (const void *)x);
  } else if (so == 1 && sx == 2 && sizeof(T) == 4) {
    copy_evens_4(n, (void *)out, (const void *)x);
  } else if (so == 1 && sx == 2 && sizeof(T) == 8) {
    copy_evens_8(n, (void *)out, (const void *)x);
  } else {
    for (ptrdiff_t i = 0; i < n; i++) out[i * so] = x[i * sx];
  }
}

static void FN(copy_2d)(ptrdiff_t rows, ptrdiff_t columns, T *out, ptrdiff_t outRow, ptrdiff_t outColumn,
                        const T *x, ptrdiff_t xRow, ptrdiff_t xColumn) {
  if (outRow == 1 && outColumn != 1) {
    // Writes run along the contiguous axis of the result.
    const ptrdiff_t r = rows, o = outRow, i = xRow;
    rows = columns, columns = r, outRow = outColumn, outColumn = o, xRow = xColumn, xColumn = i;
  }
  if (outColumn == 1 && xColumn == 1) {
    copy_rows(rows, columns * (ptrdiff_t)sizeof(T), (char *)out, outRow * (ptrdiff_t)sizeof(T), (const char *)x,
              xRow * (ptrdiff_t)sizeof(T));
    return;
  }
  if (outColumn == 1 && outRow == 2 && columns == 2 && xRow == 1 && sizeof(T) == 4) {
    copy_zipped_4(rows, (void *)out, (const void *)x, (const void *)(x + xColumn));
    return;
  }
  if (outColumn == 1 && outRow == 2 && columns == 2 && xRow == 1 && sizeof(T) == 8) {
    copy_zipped_8(rows, (void *)out, (const void *)x, (const void *)(x + xColumn));
    return;
  }
  if (xColumn == outColumn || (xRow != 1 && xRow != -1)) {
    for (ptrdiff_t r = 0; r < rows; r++) FN(copy)(columns, out + r * outRow, outColumn, x + r * xRow, xColumn);
    return;
  }
  if (outColumn == 1 && xRow == 1 && sizeof(T) == 4) {
    transpose_4(rows, columns, (void *)out, outRow, (const void *)x, xColumn);
    return;
  }
  if (outColumn == 1 && xRow == 1 && sizeof(T) == 8) {
    transpose_8(rows, columns, (void *)out, outRow, (const void *)x, xColumn);
    return;
  }
  // Any other transpose: tiles whose cache lines stay in L1 on both sides.
  enum { side = 64 / sizeof(T) < 32 ? 32 : 64 };
  for (ptrdiff_t r0 = 0; r0 < rows; r0 += side) {
    const ptrdiff_t r1 = TERN_MIN(r0 + side, rows);
    for (ptrdiff_t c0 = 0; c0 < columns; c0 += side) {
      const ptrdiff_t c1 = TERN_MIN(c0 + side, columns);
      for (ptrdiff_t r = r0; r < r1; r++) {
        T *o = out + r * outRow;
        const T *i = x + r * xRow;
        for (ptrdiff_t c = c0; c < c1; c++) o[c * outColumn] = i[c * xColumn];
      }
    }
  }
}

static void FN(compare)(tern_comparison kernel, ptrdiff_t n, bool *out, ptrdiff_t so, const T *a, ptrdiff_t sa,
                        const T *b, ptrdiff_t sb) {
  if (n <= 0) return;
  switch (kernel) {
    case tern_comparison_equal: TERN_MAP2(T, bool, WIDE(v) == WIDE(w)); break;
    case tern_comparison_notEqual: TERN_MAP2(T, bool, WIDE(v) != WIDE(w)); break;
    case tern_comparison_less: TERN_MAP2(T, bool, WIDE(v) < WIDE(w)); break;
    case tern_comparison_lessOrEqual: TERN_MAP2(T, bool, WIDE(v) <= WIDE(w)); break;
    case tern_comparison_greater: TERN_MAP2(T, bool, WIDE(v) > WIDE(w)); break;
    case tern_comparison_greaterOrEqual: TERN_MAP2(T, bool, WIDE(v) >= WIDE(w)); break;
    case tern_comparison_and: TERN_MAP2(T, bool, (WIDE(v) != 0) & (WIDE(w) != 0)); break;
    case tern_comparison_or: TERN_MAP2(T, bool, (WIDE(v) != 0) | (WIDE(w) != 0)); break;
    case tern_comparison_xor: TERN_MAP2(T, bool, (WIDE(v) != 0) ^ (WIDE(w) != 0)); break;
  }
}

static void FN(predicate)(tern_predicate kernel, ptrdiff_t n, bool *out, ptrdiff_t so, const T *x, ptrdiff_t sx) {
  switch (kernel) {
    case tern_predicate_isNaN: TERN_MAP1(T, bool, ((void)v, IS_NAN(v))); break;
    case tern_predicate_isInfinite: TERN_MAP1(T, bool, ((void)v, IS_INFINITE(v))); break;
    case tern_predicate_isFinite: TERN_MAP1(T, bool, ((void)v, !(IS_NAN(v) | IS_INFINITE(v)))); break;
    case tern_predicate_not: TERN_MAP1(T, bool, WIDE(v) == 0); break;
    case tern_predicate_isNonZero: TERN_MAP1(T, bool, WIDE(v) != 0); break;
    case tern_predicate_signBit: TERN_MAP1(T, bool, ((void)v, SIGN_BIT(v))); break;
    case tern_predicate_isPositiveInfinity: TERN_MAP1(T, bool, ((void)v, IS_INFINITE(v) & (WIDE(v) > 0))); break;
    case tern_predicate_isNegativeInfinity: TERN_MAP1(T, bool, ((void)v, IS_INFINITE(v) & (WIDE(v) < 0))); break;
  }
}

static void FN(select)(ptrdiff_t n, T *out, ptrdiff_t so, const bool *condition, ptrdiff_t sc, const T *a,
                       ptrdiff_t sa, const T *b, ptrdiff_t sb) {
  if (n <= 0) return;
  if (so == 1 && sc == 1 && sa == 1 && sb == 1) {
    TERN_LOOP for (ptrdiff_t i = 0; i < n; i++) {
      const T v = a[i], w = b[i];
      out[i] = condition[i] ? v : w;
    }
  } else if (so == 1 && sc == 1 && sa == 1 && sb == 0) {
    const T w = b[0];
    TERN_LOOP for (ptrdiff_t i = 0; i < n; i++) {
      const T v = a[i];
      out[i] = condition[i] ? v : w;
    }
  } else if (so == 1 && sc == 1 && sa == 0 && sb == 1) {
    const T v = a[0];
    TERN_LOOP for (ptrdiff_t i = 0; i < n; i++) {
      const T w = b[i];
      out[i] = condition[i] ? v : w;
    }
  } else {
    for (ptrdiff_t i = 0; i < n; i++) out[i * so] = condition[i * sc] ? a[i * sa] : b[i * sb];
  }
}

#define CONVERT(NAME, R, EXPR)                                                                     \
  case tern_scalar_##NAME: {                                                                       \
    R *out = target;                                                                               \
    TERN_MAP1(T, R, EXPR);                                                                         \
    break;                                                                                         \
  }

static void FN(convert)(tern_scalar kind, ptrdiff_t n, void *target, ptrdiff_t so, const T *x, ptrdiff_t sx) {
  switch (kind) {
    CONVERT(float32, float, WIDE(v))
    CONVERT(float64, double, WIDE(v))
    CONVERT(int32, int32_t, TO_I32(v))
    CONVERT(int64, ptrdiff_t, TO_I64(v))
    CONVERT(uint8, uint8_t, TO_U8(v))
    CONVERT(boolean, bool, WIDE(v) != 0)
    CONVERT(bfloat16, uint16_t, TO_B16(v))
  }
}
#undef CONVERT

static void FN(gather)(ptrdiff_t n, T *out, const T *x, ptrdiff_t sx, ptrdiff_t inner, const ptrdiff_t *index) {
  if (sx == 1 && inner == 0) {
    for (ptrdiff_t i = 0; i < n; i++) out[i] = x[index[i]];
  } else {
    for (ptrdiff_t i = 0; i < n; i++) out[i] = x[index[i] * sx + i * inner];
  }
}

static void FN(scatter)(ptrdiff_t n, T *out, ptrdiff_t so, const ptrdiff_t *index, const T *x) {
  for (ptrdiff_t i = 0; i < n; i++) out[index[i] * so] = x[i];
}
#undef WIDE
#undef TO_B16
