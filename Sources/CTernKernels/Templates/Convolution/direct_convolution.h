// Convolutions of few channels, odd kernels, strides and 1×1 as register tiles over bands of an image, for Float.

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
      DIRECT_PARTS(p->columns, vectors == 1 ? TILE_NARROW_ROWS : TILE_ROWS, column, length) {
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
    DIRECT_PARTS(rows, vectors == 1 ? TILE_NARROW_ROWS : TILE_ROWS, row, length) {
      t->a = a + row;
      t->b = b + v;
      t->c = sums + row * line + v;
      packed_tiles[vectors - 1][length - 1](t);
    }
  }
}
