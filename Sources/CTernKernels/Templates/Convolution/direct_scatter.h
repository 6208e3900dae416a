// The gradient of images of few channels by register tiles over whole rows of a kernel, for Float.

// Values of the line that direct_scatter sums up: every pixel that the taps of a row of results reach.
static ptrdiff_t direct_scatter_line(const tern_direct_grid *g) {
  const ptrdiff_t reached = (g->columns - 1) * g->columnStride + g->kernelWidth, kept = g->left + g->width;
  return (reached > kept ? reached : kept) * g->channels;
}

// The taps u of a kernel's column from which row h of the gradient receives: `count` of them from `first`, `step` apart,
// the first from row `row` of the result, the others from rows `rows` less each.
typedef struct {
  ptrdiff_t first, step, count, row, rows;
} direct_taps;

static direct_taps direct_reached(const tern_direct_grid *g, ptrdiff_t h) {
  direct_taps taps = {.step = 1};
  for (ptrdiff_t u = 0; u < g->kernelHeight; u++) {
    const ptrdiff_t at = h + g->top - u * g->rowDilation, row = at / g->rowStride;
    if (at < 0 || at % g->rowStride != 0 || row >= g->rows) continue;
    if (taps.count == 0) taps.first = u, taps.row = row;
    if (taps.count == 1) taps.step = u - taps.first, taps.rows = taps.row - row;
    taps.count++;
  }
  return taps;
}

// Rows `first` ..< `first + count` of an image's gradient, for images of few channels: the taps of a row with their
// channels fill the vectors that channels alone would leave empty. Each sum of a column's products with such runs is
// added where the run lies. The weights lie as [kernel height][outputs][kernel width · channels], the last extent
// rounded up to TERN_DIRECT_LANES; the grid is the forward pass's, with pixels read in one run and padding of no less
// than 0; `line` has direct_scatter_line values and as many lanes to spare.
static void direct_scatter(const tern_direct_grid *g, ptrdiff_t image, ptrdiff_t first, ptrdiff_t count, float *out,
                           const float *gradient, const float *weights, const float *bias, float *line) {
  const ptrdiff_t channels = g->channels, outputs = g->outputs, run = g->kernelWidth * channels;
  const ptrdiff_t padded = (run + TERN_DIRECT_LANES - 1) / TERN_DIRECT_LANES * TERN_DIRECT_LANES;
  const ptrdiff_t step = g->columnStride * channels, phases = (run + step - 1) / step;
  float tile[TILE_ROWS * 2 * TILE_LANES] __attribute__((aligned(64)));
  for (ptrdiff_t h = first; h < first + count; h++) {
    zero_run_f32(direct_scatter_line(g), line);
    const direct_taps taps = direct_reached(g, h);
    const float *from = gradient + image * g->outImage + taps.row * g->outRow;
    tile_work t = {.ai = g->outColumn, .ak = 1, .au = -taps.rows * g->outRow, .bk = padded,
                   .bu = taps.step * outputs * padded, .ci = 2 * TILE_LANES, .k = outputs, .j = 1, .u = taps.count,
                   .c = tile, .tail = TILE_LANES};
    for (ptrdiff_t o = 0; taps.count > 0 && o < run; o += 2 * TILE_LANES) {
      const ptrdiff_t values = TERN_MIN(run - o, 2 * TILE_LANES), vectors = values > TILE_LANES ? 2 : 1;
      t.b = weights + taps.first * outputs * padded + o;
      DIRECT_PARTS(g->columns, TILE_ROWS, column, length) {
        t.a = from + column * g->outColumn;
        strided_tiles[vectors - 1][length - 1](&t);
        // Runs of neighbors overlap; in this order none is read just after it was written.
        for (ptrdiff_t phase = 0; phase < TERN_MIN(phases, length); phase++) {
          for (ptrdiff_t i = phase; i < length; i += phases) {
            float *to = line + (column + i) * step + o;
            const float *sums = tile + i * 2 * TILE_LANES;
            ptrdiff_t v = 0;
            for (; v + TILE_LANES <= values; v += TILE_LANES)
              *(tile_vector *)(to + v) += *(const tile_vector *)(sums + v);
#if TERN_VECTOR == 64
            if (v < values)
              store_part(to + v, load_part(to + v, values - v) + *(const tile_vector *)(sums + v), values - v);
#else
            for (; v < values; v++) to[v] += sums[v];
#endif
          }
        }
      }
    }
    float *target = out + (image * g->height + h) * g->width * channels;
    copy_run_f32(g->width * channels, target, line + g->left * channels);
    for (ptrdiff_t w = 0; bias && w < g->width; w++)
      for (ptrdiff_t c = 0; c < channels; c++) target[w * channels + c] += bias[c];
  }
}
