// Attention over blocks of scores, [rows][columns] whose rows lie `step` apart; row r sees its first `visible` + r
// columns. Takes T and S.

typedef T FN(attention_vector) __attribute__((ext_vector_type(64 / sizeof(T)), aligned(sizeof(T)), may_alias));

// What e^x is taken relative to: a row that sees nothing keeps its sum at 0.
static inline T FN(attention_shift)(T maximum) { return maximum == -(T)INFINITY ? 0 : maximum; }

// Scores become e^(score - maximum), the maximum running over all blocks of a row so far; `factor` is what earlier
// blocks' weights are to be multiplied by, and has been in `sum`.
static void FN(attention_weights)(ptrdiff_t rows, ptrdiff_t columns, ptrdiff_t step, ptrdiff_t visible, T *scores,
                                  T *maximum, T *sum, T *factor) {
  for (ptrdiff_t r = 0; r < rows; r++) {
    T *s = scores + r * step;
    ptrdiff_t n = visible + r;
    n = n < 0 ? 0 : n < columns ? n : columns;
    const T before = maximum[r], here = n > 0 ? FN(maximum_block)(n, s) : -(T)INFINITY;
    const T largest = ((here > before) | (here != here)) ? here : before;
    const T shift = FN(attention_shift)(largest);
    TERN_LOOP for (ptrdiff_t j = 0; j < n; j++) s[j] = FN(exp)(s[j] - shift);
    for (ptrdiff_t j = n; j < columns; j++) s[j] = 0;
    const T scale = FN(exp)(before - shift);
    maximum[r] = largest;
    factor[r] = scale;
    sum[r] = sum[r] * scale + (T)FN(sum_block)(n, s);
  }
}

// Scores become weights, e^(score - maximum) · inverse, and the weights' gradients the scores': w·(gradient - dot).
static void FN(attention_gradients)(ptrdiff_t rows, ptrdiff_t columns, ptrdiff_t step, ptrdiff_t visible, T *scores,
                                 T *gradients, const T *maximum, const T *inverse, const T *dots) {
  for (ptrdiff_t r = 0; r < rows; r++) {
    T *s = scores + r * step, *d = gradients + r * step;
    ptrdiff_t n = visible + r;
    n = n < 0 ? 0 : n < columns ? n : columns;
    const T shift = FN(attention_shift)(maximum[r]), scale = inverse[r], dot = dots[r];
    TERN_LOOP for (ptrdiff_t j = 0; j < n; j++) {
      const T w = FN(exp)(s[j] - shift) * scale;
      s[j] = w;
      d[j] = w * (d[j] - dot);
    }
    for (ptrdiff_t j = n; j < columns; j++) s[j] = d[j] = 0;
  }
}

static void FN(scale_rows)(ptrdiff_t rows, ptrdiff_t columns, ptrdiff_t step, T *x, const T *factor) {
  for (ptrdiff_t r = 0; r < rows; r++) {
    T *row = x + r * step;
    const T f = factor[r];
    TERN_LOOP for (ptrdiff_t j = 0; j < columns; j++) row[j] = row[j] * f;
  }
}

// Σ a·b of every row, in lanes that are added up in halves.
static void FN(dot_rows)(ptrdiff_t rows, ptrdiff_t columns, T *out, const T *a, ptrdiff_t a_step, const T *b,
                         ptrdiff_t b_step) {
  enum { lanes = 64 / sizeof(T) };
  for (ptrdiff_t r = 0; r < rows; r++, a += a_step, b += b_step) {
    FN(attention_vector) total = 0;
    ptrdiff_t j = 0;
    for (; j + lanes <= columns; j += lanes)
      total += *(const FN(attention_vector) *)(a + j) * *(const FN(attention_vector) *)(b + j);
    T part[lanes];
    memcpy(part, &total, sizeof part);
    for (ptrdiff_t l = 0; j < columns; j++, l++) part[l] += a[j] * b[j];
    for (int width = lanes / 2; width > 0; width /= 2)
      for (int l = 0; l < width; l++) part[l] += part[l + width];
    out[r] = part[0];
  }
}
