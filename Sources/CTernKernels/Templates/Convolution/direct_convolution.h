// Convolutions of few channels, odd kernels, strides and 1×1 as register tiles over bands of an image, for Float.

// One panel of weights.
static void direct_pack(const tern_direct_weights_layout *w, ptrdiff_t panel, float *out, const float *weights) {
  const ptrdiff_t first = panel * TERN_DIRECT_PANEL, count = TERN_MIN(TERN_DIRECT_PANEL, w->outputs - first);
  for (ptrdiff_t u = 0; u < w->kernelHeight; u++)
    for (ptrdiff_t v = 0; v < w->kernelWidth; v++)
      for (ptrdiff_t c = 0; c < w->channels; c++, out += TERN_DIRECT_PANEL) {
        const float *from = weights + u * w->row + v * w->column + c * w->channel + first * w->output;
        for (ptrdiff_t o = 0; o < count; o++) out[o] = from[o * w->output];
        for (ptrdiff_t o = count; o < TERN_DIRECT_PANEL; o++) out[o] = 0;
      }
}

// Copies the pixels under a part of the results, and zeros where these lie outside the image: `height` lines of `width`
// pixels.
static void direct_copy(const tern_direct_grid *g, const tern_direct_part *p, const float *x, ptrdiff_t height,
                        ptrdiff_t width, float *out) {
  const ptrdiff_t channels = g->channels, top = p->row * g->rowStride - g->top;
  const ptrdiff_t left = p->column * g->columnStride - g->left;
  const float *image = x + p->image * g->height * g->width * g->pixel;
  const ptrdiff_t begin = left < 0 ? TERN_MIN(-left, width) : 0;
  ptrdiff_t end = TERN_MIN(width, g->width - left);
  if (end < begin) end = begin;
  for (ptrdiff_t i = 0; i < height; i++, out += width * channels) {
    const ptrdiff_t h = top + i;
    if (h < 0 || h >= g->height) {
      memset(out, 0, (size_t)(width * channels) * sizeof(float));
      continue;
    }
    const float *line = image + (h * g->width + left) * g->pixel;
    zero_run_f32(begin * channels, out);
    if (g->pixel == channels) {
      copy_run_f32((end - begin) * channels, out + begin * channels, line + begin * channels);
    } else {
      for (ptrdiff_t w = begin; w < end; w++) copy_run_f32(channels, out + w * channels, line + w * g->pixel);
    }
    zero_run_f32((width - end) * channels, out + end * channels);
  }
}

// Where a part's pixels are read.
typedef struct {
  const float *first;
  ptrdiff_t pixel, line;
} direct_view;

static direct_view direct_read(const tern_direct_grid *g, const tern_direct_part *p, const float *x, bool inPlace,
                               float *scratch) {
  if (inPlace || g->kernelHeight * g->kernelWidth == 0) {
    const ptrdiff_t line = g->width * g->pixel;
    return (direct_view){x + p->image * g->height * line + (p->row * g->rowStride - g->top) * line +
                           (p->column * g->columnStride - g->left) * g->pixel,
                         g->pixel, line};
  }
  const ptrdiff_t width = tern_direct_width(g, p->columns);
  direct_copy(g, p, x, tern_direct_height(g, p->rows), width, scratch);
  return (direct_view){scratch, g->channels, width * g->channels};
}

// Calls TILE(start, length) for the parts, as even as can be, of 0 ..< count in parts of at most `most`.
#define DIRECT_PARTS(count, most, start, length)                                                   \
  for (ptrdiff_t parts_ = ((count) + (most)-1) / (most), part_ = 0, start = 0, length = 0;         \
       part_ < parts_ && (length = ((count) - start + parts_ - part_ - 1) / (parts_ - part_), true); \
       start += length, part_++)

// Part of the results: out[pixel][o] = bias[o] + Σ panels · x. Scratch holds the part's pixels where some of them lie
// outside the image; bias is padded to whole panels.
static void direct_convolution(const tern_direct_grid *g, const tern_direct_part *p, float *out, const float *x,
                               const float *panels, const float *bias, bool appliesReLU, float *scratch) {
  const direct_view view = direct_read(g, p, x, tern_direct_is_inside(g), scratch);
  const ptrdiff_t channels = g->channels, taps = g->kernelWidth;
  const bool runs = tern_direct_has_runs(g);
  tile_work t = {
    .ai = g->columnStride * view.pixel, .ak = 1, .aj = g->columnDilation * view.pixel, .au = g->rowDilation * view.line,
    .bk = TERN_DIRECT_PANEL, .bj = channels * TERN_DIRECT_PANEL, .bu = taps * channels * TERN_DIRECT_PANEL,
    .ci = g->outColumn, .k = runs ? taps * channels : channels, .j = runs ? 1 : taps, .u = g->kernelHeight,
    .appliesReLU = appliesReLU};
  float *target = out + p->image * g->outImage + p->row * g->outRow + p->column * g->outColumn;
  for (ptrdiff_t o = 0; o < g->outputs; o += 2 * TILE_LANES) {
    const ptrdiff_t values = TERN_MIN(g->outputs - o, 2 * TILE_LANES);
    const ptrdiff_t vectors = values > TILE_LANES ? 2 : 1;
    const float *panel = panels + o / TERN_DIRECT_PANEL * g->kernelHeight * t.bu + o % TERN_DIRECT_PANEL;
    t.b = panel;
    t.tail = values - (vectors - 1) * TILE_LANES;
    t.bias = bias ? bias + o : NULL;
    for (ptrdiff_t r = 0; r < p->rows; r++) {
      DIRECT_PARTS(p->columns, TILE_ROWS, column, length) {
        t.a = view.first + r * g->rowStride * view.line + column * t.ai;
        t.c = target + r * g->outRow + column * g->outColumn + o;
        strided_tiles[vectors - 1][length - 1](&t);
      }
    }
  }
}

// A block of sums: rows of a, whose values follow each other, by vectors of b.
static void direct_products(tile_work *t, const float *a, ptrdiff_t rows, const float *b, ptrdiff_t columns, float *sums,
                            ptrdiff_t line) {
  t->tail = TILE_LANES;
  t->ci = line;
  for (ptrdiff_t v = 0; v < columns; v += 2 * TILE_LANES) {
    const ptrdiff_t vectors = columns - v > TILE_LANES ? 2 : 1;
    DIRECT_PARTS(rows, TILE_ROWS, row, length) {
      t->a = a + row;
      t->b = b + v;
      t->c = sums + row * line + v;
      packed_tiles[vectors - 1][length - 1](t);
    }
  }
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
