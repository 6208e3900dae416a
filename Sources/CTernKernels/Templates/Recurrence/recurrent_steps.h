// A time of a recurrent layer, forward and backward: see tern_recurrent.h. Takes T and S.

// Rows of the hidden units from `first` on: gates in place, states written to `out` and `cell`.
static void FN(plain_step)(bool relu, ptrdiff_t units, const T *gates, const T *b, T *out) {
  if (relu) {
    TERN_LOOP for (ptrdiff_t j = 0; j < units; j++) {
      const T v = gates[j] + b[j];
      out[j] = 0 > v ? 0 : v;
    }
  } else {
    TERN_LOOP for (ptrdiff_t j = 0; j < units; j++) out[j] = FN(tanh)(gates[j] + b[j]);
  }
}

static void FN(gru_step)(ptrdiff_t units, ptrdiff_t h, T *g, const T *b, const T *before, T *out) {
  TERN_LOOP for (ptrdiff_t j = 0; j < units; j++) {
    const T reset = FN(sigmoid)(g[h + j] + b[h + j]), update = FN(sigmoid)(g[2 * h + j] + b[2 * h + j]);
    const T inner = g[3 * h + j] + b[3 * h + j];
    const T new = FN(tanh)((g[j] + b[j]) + reset * inner);
    g[j] = new;
    g[h + j] = reset;
    g[2 * h + j] = update;
    g[3 * h + j] = inner;
    out[j] = new + update * (before[j] - new);
  }
}

static void FN(lstm_step)(ptrdiff_t units, ptrdiff_t h, T *g, const T *b, const T *before, T *cell, T *out) {
  TERN_LOOP for (ptrdiff_t j = 0; j < units; j++) {
    const T input = FN(sigmoid)(g[j] + b[j]), forget = FN(sigmoid)(g[h + j] + b[h + j]);
    const T value = FN(tanh)(g[2 * h + j] + b[2 * h + j]), output = FN(sigmoid)(g[3 * h + j] + b[3 * h + j]);
    const T c = forget * before[j] + input * value;
    g[j] = input;
    g[h + j] = forget;
    g[2 * h + j] = value;
    g[3 * h + j] = output;
    cell[j] = c;
    out[j] = output * FN(tanh)(c);
  }
}

// The gradients of gates, from that of the hidden values: y's own and what comes from the step behind. `MUL` is the product,
// or the one in which a factor of 0 makes the other not matter; answers whether a result is no number.
#define GRADIENTS(NAME, MUL)                                                                       \
  static bool FN(plain_##NAME)(bool relu, ptrdiff_t units, const T *y, const T *dy, const T *dh, T *out) { \
    int isNaN = 0;                                                                                 \
    if (relu) {                                                                                    \
      TERN_LOOP for (ptrdiff_t j = 0; j < units; j++) out[j] = y[j] <= 0 ? 0 : dy[j] + dh[j];      \
    } else {                                                                                       \
      TERN_LOOP for (ptrdiff_t j = 0; j < units; j++) {                                            \
        const T d = MUL(dy[j] + dh[j], 1 - y[j] * y[j]);                                           \
        out[j] = d;                                                                                \
        isNaN |= d != d;                                                                           \
      }                                                                                            \
    }                                                                                              \
    return isNaN != 0;                                                                             \
  }                                                                                                \
  static bool FN(gru_##NAME)(ptrdiff_t units, ptrdiff_t h, const T *g, const T *before, const T *dy, T *dh, T *out) { \
    int isNaN = 0;                                                                                 \
    TERN_LOOP for (ptrdiff_t j = 0; j < units; j++) {                                              \
      const T new = g[j], reset = g[h + j], update = g[2 * h + j], inner = g[3 * h + j];           \
      const T d = dy[j] + dh[j];                                                                   \
      const T dn = MUL(MUL(d, 1 - update), 1 - new * new);                                         \
      const T dz = MUL(MUL(MUL(d, before[j] - new), 1 - update), update);                          \
      const T dr = MUL(MUL(MUL(dn, inner), 1 - reset), reset), di = MUL(dn, reset);                \
      const T db = MUL(d, update);                                                                 \
      out[j] = dn;                                                                                 \
      out[h + j] = dr;                                                                             \
      out[2 * h + j] = dz;                                                                         \
      out[3 * h + j] = di;                                                                         \
      dh[j] = db;                                                                                  \
      isNaN |= (dn != dn) | (dr != dr) | (dz != dz) | (di != di) | (db != db);                     \
    }                                                                                              \
    return isNaN != 0;                                                                             \
  }                                                                                                \
  static bool FN(lstm_##NAME)(ptrdiff_t units, ptrdiff_t h, const T *g, const T *before, const T *cell, const T *dy, \
                              const T *dh, T *dc, T *out) {                                        \
    int isNaN = 0;                                                                                 \
    TERN_LOOP for (ptrdiff_t j = 0; j < units; j++) {                                              \
      const T input = g[j], forget = g[h + j], value = g[2 * h + j], output = g[3 * h + j];        \
      const T d = dy[j] + dh[j], t = FN(tanh)(cell[j]);                                            \
      const T c = dc[j] + MUL(MUL(d, output), 1 - t * t);                                          \
      const T di = MUL(MUL(MUL(c, value), 1 - input), input), df = MUL(MUL(MUL(c, before[j]), 1 - forget), forget); \
      const T dv = MUL(MUL(c, input), 1 - value * value), dout = MUL(MUL(MUL(d, t), 1 - output), output); \
      const T db = MUL(c, forget);                                                                 \
      out[j] = di;                                                                                 \
      out[h + j] = df;                                                                             \
      out[2 * h + j] = dv;                                                                         \
      out[3 * h + j] = dout;                                                                       \
      dc[j] = db;                                                                                  \
      isNaN |= (di != di) | (df != df) | (dv != dv) | (dout != dout) | (db != db);                 \
    }                                                                                              \
    return isNaN != 0;                                                                             \
  }
#define PLAIN_MUL(a, b) ((a) * (b))
#define ZERO_MUL(a, b) FN(zero_mul)(a, b)
GRADIENTS(gradient, PLAIN_MUL)
GRADIENTS(careful, ZERO_MUL)
#undef GRADIENTS
#undef PLAIN_MUL
#undef ZERO_MUL

// C (+)= A·Wᵀ for the units of a gate whose weights are the gate'th of all.
static void FN(recurrent_gate)(const tern_recurrent_direction *d, tern_recurrent_range range, ptrdiff_t gate, ptrdiff_t m,
                               const T *a, ptrdiff_t lda, T *c, bool adds) {
  const ptrdiff_t h = d->hidden, panel = FN(panel_columns)();
  if (d->isPacked) {
    const ptrdiff_t size = (h + panel - 1) / panel * panel;
    FN(panel_product)(m, range.units, h, a, lda, (const T *)d->weights + (gate * size + range.firstUnit) * h, c,
                      d->columns, adds);
  } else {
    FN(row_dots)(m, range.units, h, a, lda, (const T *)d->weights + (gate * h + range.firstUnit) * h, h, c, d->columns,
                 adds);
  }
}

// Some rows at a time: the states before are those of some rows.
static void FN(forward_rows)(const tern_recurrent_direction *d, tern_recurrent_range range, ptrdiff_t at, ptrdiff_t row,
                             ptrdiff_t count, const T *before, ptrdiff_t beforeRow, const T *cellBefore) {
  const ptrdiff_t h = d->hidden, u = range.firstUnit, first = at + row;
  T *gates = (T *)d->gates + first * d->columns + u, *out = (T *)d->output + first * d->outputRow + u;
  T *cell = d->cells ? (T *)d->cells + (d->saves ? first : row) * h + u : NULL;
  const T *b = (const T *)d->bias + u;
  const ptrdiff_t shift = d->kind == tern_recurrent_gru ? h : 0;
  const ptrdiff_t count_gates = d->kind == tern_recurrent_lstm ? 4 : d->kind == tern_recurrent_gru ? 3 : 1;
  for (ptrdiff_t gate = 0; gate < count_gates; gate++)
    FN(recurrent_gate)(d, range, gate, count, before, beforeRow, gates + shift + gate * h,
                       !(d->kind == tern_recurrent_gru && gate == 2));
  for (ptrdiff_t r = 0; r < count; r++, gates += d->columns, out += d->outputRow) {
    switch (d->kind) {
      case tern_recurrent_lstm:
        FN(lstm_step)(range.units, h, gates, b, cellBefore + r * h + u, cell + r * h, out);
        break;
      case tern_recurrent_gru: FN(gru_step)(range.units, h, gates, b, before + r * beforeRow + u, out); break;
      default: FN(plain_step)(d->kind == tern_recurrent_relu, range.units, gates, b, out);
    }
  }
}

// Rows that had a time before are followed by those whose first it is.
#define FOR_ROWS(CALL_EARLIER, CALL_INITIAL)                                                       \
  const ptrdiff_t h = d->hidden, time = d->reversed ? d->steps - 1 - step : step;                  \
  const ptrdiff_t earlier = d->reversed ? time + 1 : time - 1, at = d->offsets[time];              \
  const ptrdiff_t end = TERN_MIN(range.firstRow + range.rows, d->sizes[time]);                     \
  const ptrdiff_t kept = step == 0 ? 0 : TERN_MIN(end, d->sizes[earlier]);                         \
  ptrdiff_t row = range.firstRow;                                                                  \
  if (row < kept) {                                                                                \
    const ptrdiff_t count = kept - row, from = d->offsets[earlier] + row;                          \
    CALL_EARLIER;                                                                                  \
    row = kept;                                                                                    \
  }                                                                                                \
  if (row < end) {                                                                                 \
    const ptrdiff_t count = end - row;                                                             \
    CALL_INITIAL;                                                                                  \
  }

static void FN(recurrent_forward)(const tern_recurrent_direction *d, tern_recurrent_range range, ptrdiff_t step) {
  FOR_ROWS(FN(forward_rows)(d, range, at, row, count, (const T *)d->output + from * d->outputRow, d->outputRow,
                            d->cells ? (const T *)d->cells + (d->saves ? from : row) * h : NULL),
           FN(forward_rows)(d, range, at, row, count, (const T *)d->initialHidden + row * h, h,
                            d->initialCell ? (const T *)d->initialCell + row * h : NULL))
}

static void FN(gate_rows)(const tern_recurrent_direction *d, tern_recurrent_range range, ptrdiff_t at, ptrdiff_t row,
                          ptrdiff_t count, const T *before, ptrdiff_t beforeRow, const T *cellBefore) {
  const ptrdiff_t h = d->hidden, u = range.firstUnit, n = range.units, first = at + row;
  const bool relu = d->kind == tern_recurrent_relu;
  for (ptrdiff_t r = 0; r < count; r++) {
    const ptrdiff_t place = first + r;
    const T *g = (const T *)d->gates + place * d->columns + u, *y = (const T *)d->output + place * d->outputRow + u;
    const T *dy = (const T *)d->outputGradient + place * d->outputGradientRow + u;
    const T *cell = d->cells ? (const T *)d->cells + place * h + u : NULL;
    const T *last = before + r * beforeRow + u, *cellLast = cellBefore ? cellBefore + r * h + u : NULL;
    T *out = (T *)d->gateGradients + place * d->columns + u, *dh = (T *)d->hiddenGradient + (row + r) * h + u;
    T *dc = d->cellGradient ? (T *)d->cellGradient + (row + r) * h + u : NULL;
    // What is changed in place is kept for a second pass.
    enum { block = 256 };
    for (ptrdiff_t j = 0; j < n; j += block) {
      const ptrdiff_t some = TERN_MIN(block, n - j);
      T kept[block];
      T *changed = d->kind == tern_recurrent_lstm ? dc : dh;
      memcpy(kept, changed + j, (size_t)some * sizeof(T));
      for (int careful = 0; careful < 2; careful++) {
        if (careful) memcpy(changed + j, kept, (size_t)some * sizeof(T));
        bool isNaN;
        if (d->kind == tern_recurrent_lstm)
          isNaN = (careful ? FN(lstm_careful) : FN(lstm_gradient))(some, h, g + j, cellLast + j, cell + j, dy + j, dh + j,
                                                                  dc + j, out + j);
        else if (d->kind == tern_recurrent_gru)
          isNaN = (careful ? FN(gru_careful) : FN(gru_gradient))(some, h, g + j, last + j, dy + j, dh + j, out + j);
        else
          isNaN = (careful ? FN(plain_careful) : FN(plain_gradient))(relu, some, y + j, dy + j, dh + j, out + j);
        if (!isNaN) break;
      }
    }
  }
}

static void FN(recurrent_gates)(const tern_recurrent_direction *d, tern_recurrent_range range, ptrdiff_t step) {
  FOR_ROWS(FN(gate_rows)(d, range, at, row, count, (const T *)d->output + from * d->outputRow, d->outputRow,
                         d->cells ? (const T *)d->cells + from * h : NULL),
           FN(gate_rows)(d, range, at, row, count, (const T *)d->initialHidden + row * h, h,
                         d->initialCell ? (const T *)d->initialCell + row * h : NULL))
}
#undef FOR_ROWS

static void FN(recurrent_states)(const tern_recurrent_direction *d, tern_recurrent_range range, ptrdiff_t step) {
  const ptrdiff_t h = d->hidden, time = d->reversed ? d->steps - 1 - step : step;
  const ptrdiff_t count = TERN_MIN(range.firstRow + range.rows, d->sizes[time]) - range.firstRow;
  if (count <= 0) return;
  const bool gated = d->kind == tern_recurrent_gru;
  const ptrdiff_t k = gated ? 3 * h : d->columns, u = range.firstUnit;
  const T *a = (const T *)d->gateGradients + (d->offsets[time] + range.firstRow) * d->columns + (gated ? h : 0);
  T *c = (T *)d->hiddenGradient + range.firstRow * h + u;
  if (d->isPacked)
    FN(panel_product)(count, range.units, k, a, d->columns, (const T *)d->weights + u * k, c, h, gated);
  else
    FN(row_sums)(count, range.units, k, a, d->columns, (const T *)d->weights + u, h, c, h, gated);
}
