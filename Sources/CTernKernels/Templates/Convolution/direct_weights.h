// Direct convolutions for Float: how weights are packed, and their gradient.

// One panel of weights.
static void direct_pack(const tern_direct_weights_layout *w, ptrdiff_t panel, float *out, const float *weights) {
  const ptrdiff_t first = panel * TERN_DIRECT_PANEL, count = TERN_MIN(TERN_DIRECT_PANEL, w->outputs - first);
  if (direct_has_rows(w) && count == TERN_DIRECT_PANEL) {
#define DIRECT_PUT(values, tap, channel)                                                           \
  memcpy(out + (tap + channel) * TERN_DIRECT_PANEL + o, values, DIRECT_SQUARE * sizeof(float))
    for (ptrdiff_t o = 0; o < TERN_DIRECT_PANEL; o += DIRECT_SQUARE)
      DIRECT_ROWS(w, weights + (first + o) * w->output, DIRECT_PUT);
#undef DIRECT_PUT
    return;
  }
  for (ptrdiff_t c = 0; c < w->channels; c++)
    for (ptrdiff_t u = 0; u < w->kernelHeight; u++)
      for (ptrdiff_t v = 0; v < w->kernelWidth; v++) {
        float *to = out + ((u * w->kernelWidth + v) * w->channels + c) * TERN_DIRECT_PANEL;
        const float *from = weights + u * w->row + v * w->column + c * w->channel + first * w->output;
        for (ptrdiff_t o = 0; o < count; o++) to[o] = from[o * w->output];
        for (ptrdiff_t o = count; o < TERN_DIRECT_PANEL; o++) to[o] = 0;
      }
}

// Sums [taps][channels][line] of some outputs as weights [outputs][channels][taps], squares through a transpose.
static void direct_unpack(ptrdiff_t taps, ptrdiff_t channels, ptrdiff_t outputs, ptrdiff_t tapStep, ptrdiff_t line,
                          float *out, const float *sums) {
  const ptrdiff_t values = taps * channels, whole = values < DIRECT_SQUARE ? 0 : outputs - outputs % DIRECT_SQUARE;
  for (ptrdiff_t o = 0; o < whole; o += DIRECT_SQUARE) {
    ptrdiff_t channel = 0, tap = 0;
    uint32_t square[DIRECT_SQUARE * DIRECT_SQUARE];
    for (ptrdiff_t start = 0; start < values; start += DIRECT_SQUARE) {
      const ptrdiff_t count = TERN_MIN(DIRECT_SQUARE, values - start);
      // The last square holds what came before its first new row, too: that is written again.
      if (count < DIRECT_SQUARE)
        memmove(square, square + count * DIRECT_SQUARE,
                (size_t)((DIRECT_SQUARE - count) * DIRECT_SQUARE) * sizeof(float));
      for (ptrdiff_t i = DIRECT_SQUARE - count; i < DIRECT_SQUARE; i++) {
        memcpy(square + i * DIRECT_SQUARE, sums + tap * tapStep + channel * line + o, DIRECT_SQUARE * sizeof(float));
        if (++tap == taps) {
          tap = 0;
          channel++;
        }
      }
      transpose_4_block((uint32_t *)out + o * values + start + count - DIRECT_SQUARE, values, square, DIRECT_SQUARE);
    }
  }
  for (ptrdiff_t o = whole; o < outputs; o++)
    for (ptrdiff_t c = 0; c < channels; c++)
      for (ptrdiff_t t = 0; t < taps; t++) out[o * values + c * taps + t] = sums[t * tapStep + c * line + o];
}

// The weights' gradient from a part of the result's. Vectors may reach past the last value of a pixel into the next;
// after the last pixel of all nothing may be there, so that the last part is copied. Scratch holds the part's pixels,
// and for the last part its gradient, each with TERN_DIRECT_LANES values to spare.
static void direct_weights(const tern_direct_grid *g, const tern_direct_part *p, bool swaps, bool isLast, bool adds,
                           float *sums, const float *x, const float *gradient, float *scratch) {
  const bool inPlace = !isLast && tern_direct_is_inside(g);
  const direct_view view = direct_read(g, p, x, inPlace, scratch);
  if (!inPlace) scratch += tern_direct_height(g, p->rows) * view.line + TERN_DIRECT_LANES;
  const float *from = gradient + p->image * g->outImage + p->row * g->outRow + p->column * g->outColumn;
  ptrdiff_t fromRow = g->outRow, fromColumn = g->outColumn;
  if (isLast) {
    for (ptrdiff_t r = 0; r < p->rows; r++)
      for (ptrdiff_t c = 0; c < p->columns; c++)
        copy_run_f32(g->outputs, scratch + (r * p->columns + c) * g->outputs, from + r * fromRow + c * fromColumn);
    from = scratch;
    fromColumn = g->outputs;
    fromRow = p->columns * g->outputs;
  }
  const bool runs = tern_direct_has_runs(g);
  const ptrdiff_t groups = runs ? 1 : g->kernelWidth, run = runs ? g->kernelWidth * g->channels : g->channels;
  const ptrdiff_t left = swaps ? g->outputs : run, right = swaps ? run : g->outputs;
  const ptrdiff_t line = (right + TERN_DIRECT_LANES - 1) / TERN_DIRECT_LANES * TERN_DIRECT_LANES;
  tile_work t = {.ai = 1, .k = p->columns, .j = 1, .u = p->rows, .adds = adds};
  const ptrdiff_t xk = g->columnStride * view.pixel, xu = g->rowStride * view.line;
  t.ak = swaps ? fromColumn : xk;
  t.bk = swaps ? xk : fromColumn;
  t.au = swaps ? fromRow : xu;
  t.bu = swaps ? xu : fromRow;
  for (ptrdiff_t u = 0; u < g->kernelHeight; u++) {
    for (ptrdiff_t j = 0; j < groups; j++, sums += left * line) {
      const float *at = view.first + u * g->rowDilation * view.line + j * g->columnDilation * view.pixel;
      if (swaps) direct_products(&t, from, left, at, right, sums, line);
      else direct_products(&t, at, left, from, right, sums, line);
    }
  }
}

// Whether the weights' gradient is faster with the outputs as rows of the tiles: what the tiles of one pixel cost either way.
static double direct_cost(ptrdiff_t rows, ptrdiff_t columns) {
  double cost = 0;
  for (ptrdiff_t v = 0; v < columns; v += 2 * TILE_LANES) {
    const ptrdiff_t vectors = columns - v > TILE_LANES ? 2 : 1;
    DIRECT_PARTS(rows, TILE_ROWS, row, length) {
      (void)row;
      const ptrdiff_t loads = length + vectors, products = length * vectors;
      // Two products or loads a cycle; fewer than eight products wait for each other.
      cost += loads > products ? (loads > 8 ? loads : 8) : products > 8 ? products : 8;
    }
  }
  return cost;
}
static bool direct_swaps(const tern_direct_grid *g) {
  const ptrdiff_t run = tern_direct_has_runs(g) ? g->kernelWidth * g->channels : g->channels;
  return direct_cost(g->outputs, run) < direct_cost(run, g->outputs);
}
