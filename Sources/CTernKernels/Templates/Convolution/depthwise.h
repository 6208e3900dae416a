// Convolutions in which every channel has one kernel of its own, for Float: two rows by four columns of the result stay
// in registers for as many channels as a register holds. The weights lie as [kernel height][kernel width][channels],
// the channels rounded up to TERN_DIRECT_LANES.

enum { DEPTHWISE_ROWS = 2, DEPTHWISE_COLUMNS = 4 };

// Elements of images and gradients, and how they are read as Float; images of bfloat16 define theirs before.
#ifndef DEPTHWISE_LOAD
#define DEPTHWISE_LOAD
typedef float depthwise_value;

__attribute__((always_inline)) static inline tile_vector depthwise_load(const float *x, ptrdiff_t count, const bool whole) {
  return whole ? *(const tile_vector *)x : load_part(x, count);
}
#endif

typedef struct {
  const tern_direct_grid *grid;
  float *out;
  const depthwise_value *x;
  const float *weights, *bias;
  // From one row of the kernel to the next tap, the channels rounded up.
  ptrdiff_t pad;
  // Channels of this tile.
  ptrdiff_t count;
  ptrdiff_t row, rows, column, columns;
  bool appliesReLU;
} depthwise_work;

__attribute__((always_inline)) static inline void depthwise_store(
    const depthwise_work *t, tile_vector sum[DEPTHWISE_ROWS][DEPTHWISE_COLUMNS], const bool inside, const bool whole) {
  const tern_direct_grid *g = t->grid;
  const ptrdiff_t step = g->outColumn;
  UNROLLED for (int r = 0; r < DEPTHWISE_ROWS; r++) {
    float *line = t->out + r * g->outRow;
    UNROLLED for (int c = 0; c < DEPTHWISE_COLUMNS; c++) {
      if (!inside && (r >= t->rows || c >= t->columns)) continue;
      tile_vector value = sum[r][c];
      if (t->appliesReLU) value = value < 0.0f ? (tile_vector)0.0f : value;
      if (whole) *(tile_vector *)(line + c * step) = value;
      else store_part(line + c * step, value, t->count);
    }
  }
}

static const depthwise_value depthwise_zeros[TILE_LANES] = {0};

// Two rows by four columns of the result, of kernels of `high` by `wide` taps. `inside`: all their pixels lie in the image.
__attribute__((always_inline)) static inline void depthwise_tile(const depthwise_work *t, const bool inside,
                                                                 const bool whole, const int high, const int wide,
                                                                 const int step) {
  const tern_direct_grid *g = t->grid;
  const ptrdiff_t channels = g->pixel, line = g->width * channels, pad = t->pad, count = t->count;
  const ptrdiff_t top = t->row * step - g->top, left = t->column * step - g->left;
  const depthwise_value *x = t->x + top * line + left * channels;
  // Columns outside are read from zeros.
  const depthwise_value *columns[16];
  ptrdiff_t steps[16];
  UNROLLED for (int i = 0; i < (DEPTHWISE_COLUMNS - 1) * step + wide; i++) {
    const bool there = inside || (left + i >= 0 && left + i < g->width);
    columns[i] = there ? x + i * channels : depthwise_zeros;
    steps[i] = there ? line : 0;
  }
  tile_vector sum[DEPTHWISE_ROWS][DEPTHWISE_COLUMNS], weight[25], value[16];
  const tile_vector start = t->bias ? *(const tile_vector *)t->bias : (tile_vector)0.0f;
  UNROLLED for (int r = 0; r < DEPTHWISE_ROWS; r++)
    UNROLLED for (int c = 0; c < DEPTHWISE_COLUMNS; c++) sum[r][c] = start;
  UNROLLED for (int i = 0; i < high * wide; i++) weight[i] = *(const tile_vector *)(t->weights + i * pad);
  UNROLLED for (int h = 0; h < (DEPTHWISE_ROWS - 1) * step + high; h++, x += line) {
    if (!inside && (top + h < 0 || top + h >= g->height)) continue;
    UNROLLED for (int i = 0; i < (DEPTHWISE_COLUMNS - 1) * step + wide; i++)
      value[i] = depthwise_load(inside ? x + i * channels : columns[i] + h * steps[i], count, whole);
    UNROLLED for (int r = 0; r < DEPTHWISE_ROWS; r++) {
      const int u = h - r * step;
      if (u < 0 || u >= high) continue;
      UNROLLED for (int v = 0; v < wide; v++)
        UNROLLED for (int c = 0; c < DEPTHWISE_COLUMNS; c++) sum[r][c] += value[c * step + v] * weight[u * wide + v];
    }
  }
  // What the next rows need beyond these.
  UNROLLED for (int r = 0; r < DEPTHWISE_ROWS * step; r++)
    UNROLLED for (int c = 0; c < DEPTHWISE_COLUMNS * step; c++) __builtin_prefetch(x + r * line + (c + 1) * channels);
  depthwise_store(t, sum, inside, whole);
}

// As many pixels as there are, of any kernel, at the edges too.
__attribute__((always_inline)) static inline void depthwise_any(const depthwise_work *t, const bool whole) {
  const tern_direct_grid *g = t->grid;
  const ptrdiff_t channels = g->pixel, left = t->column * g->columnStride - g->left;
  tile_vector sum[DEPTHWISE_ROWS][DEPTHWISE_COLUMNS];
  const tile_vector start = t->bias ? *(const tile_vector *)t->bias : (tile_vector)0.0f;
  UNROLLED for (int r = 0; r < DEPTHWISE_ROWS; r++)
    UNROLLED for (int c = 0; c < DEPTHWISE_COLUMNS; c++) sum[r][c] = start;
  for (ptrdiff_t u = 0; u < g->kernelHeight; u++) {
    UNROLLED for (int r = 0; r < DEPTHWISE_ROWS; r++) {
      const ptrdiff_t h = (t->row + r) * g->rowStride + u * g->rowDilation - g->top;
      if (r >= t->rows || h < 0 || h >= g->height) continue;
      const depthwise_value *x = t->x + (h * g->width + left) * channels;
      const float *w = t->weights + u * g->kernelWidth * t->pad;
      for (ptrdiff_t v = 0; v < g->kernelWidth; v++, w += t->pad) {
        const tile_vector weight = *(const tile_vector *)w;
        UNROLLED for (int c = 0; c < DEPTHWISE_COLUMNS; c++) {
          const ptrdiff_t i = c * g->columnStride + v * g->columnDilation;
          if (left + i >= 0 && left + i < g->width)
            sum[r][c] += depthwise_load(x + i * channels, t->count, whole) * weight;
        }
      }
    }
  }
  depthwise_store(t, sum, false, whole);
}

typedef void (*depthwise_function)(const depthwise_work *);
// Kernels that have code of their own, and the strides: those of layers, and what their input's gradients are made of.
#define DEPTHWISE_SHAPES(X)                                                                        \
  X(1, 1, 1) X(1, 2, 1) X(2, 1, 1) X(2, 2, 1) X(2, 3, 1) X(3, 2, 1) X(3, 3, 1) X(5, 5, 1) X(3, 3, 2) X(5, 5, 2)
#define DEPTHWISE_NAME(kind, high, wide, step) depthwise_##kind##_##high##x##wide##_##step
#define DEPTHWISE_FUNCTIONS(high, wide, step)                                                      \
  static void DEPTHWISE_NAME(edge, high, wide, step)(const depthwise_work *t) {                    \
    depthwise_tile(t, false, true, high, wide, step);                                              \
  }                                                                                                \
  static void DEPTHWISE_NAME(corner, high, wide, step)(const depthwise_work *t) {                  \
    depthwise_tile(t, false, false, high, wide, step);                                             \
  }                                                                                                \
  static void DEPTHWISE_NAME(whole, high, wide, step)(const depthwise_work *t) {                   \
    depthwise_tile(t, true, true, high, wide, step);                                               \
  }                                                                                                \
  static void DEPTHWISE_NAME(part, high, wide, step)(const depthwise_work *t) {                    \
    depthwise_tile(t, true, false, high, wide, step);                                              \
  }
DEPTHWISE_SHAPES(DEPTHWISE_FUNCTIONS)
static void depthwise_any_whole(const depthwise_work *t) { depthwise_any(t, true); }
static void depthwise_any_part(const depthwise_work *t) { depthwise_any(t, false); }

// Part of the results, out[pixel][c] = bias[c] + Σ weights · x; bias is padded as the weights are.
static void depthwise_convolution(const tern_direct_grid *g, const tern_direct_part *p, float *out,
                                  const depthwise_value *x, const float *weights, const float *bias, bool appliesReLU) {
  // At the edges, then inside; whole vectors of channels, then a part of one.
  depthwise_function kernels[4] = {depthwise_any_whole, depthwise_any_part, depthwise_any_whole, depthwise_any_part};
  const ptrdiff_t high = g->kernelHeight, wide = g->kernelWidth, step = g->columnStride;
  const bool isPlain = g->rowStride == step && g->rowDilation == 1 && g->columnDilation == 1;
#define DEPTHWISE_CASE(h, w, s)                                                                    \
  if (isPlain && high == h && wide == w && step == s)                                              \
    kernels[0] = DEPTHWISE_NAME(edge, h, w, s), kernels[1] = DEPTHWISE_NAME(corner, h, w, s),      \
    kernels[2] = DEPTHWISE_NAME(whole, h, w, s), kernels[3] = DEPTHWISE_NAME(part, h, w, s);
  DEPTHWISE_SHAPES(DEPTHWISE_CASE)
#undef DEPTHWISE_CASE
  depthwise_work t = {.grid = g, .appliesReLU = appliesReLU};
  t.pad = (g->channels + TERN_DIRECT_LANES - 1) / TERN_DIRECT_LANES * TERN_DIRECT_LANES;
  const depthwise_value *image = x + p->image * g->height * g->width * g->pixel;
  for (t.row = p->row; t.row < p->row + p->rows; t.row += DEPTHWISE_ROWS) {
    t.rows = TERN_MIN(DEPTHWISE_ROWS, p->row + p->rows - t.row);
    const ptrdiff_t top = t.row * g->rowStride - g->top;
    const bool tall = t.rows == DEPTHWISE_ROWS && top >= 0 && top + (DEPTHWISE_ROWS - 1) * step + high <= g->height;
    for (t.column = p->column; t.column < p->column + p->columns; t.column += DEPTHWISE_COLUMNS) {
      t.columns = TERN_MIN(DEPTHWISE_COLUMNS, p->column + p->columns - t.column);
      const ptrdiff_t left = t.column * step - g->left;
      const bool inside = tall && t.columns == DEPTHWISE_COLUMNS && left >= 0 &&
                          left + (DEPTHWISE_COLUMNS - 1) * step + wide <= g->width;
      float *target = out + p->image * g->outImage + t.row * g->outRow + t.column * g->outColumn;
      for (ptrdiff_t c = 0; c < g->channels; c += TILE_LANES) {
        t.count = TERN_MIN(TILE_LANES, g->channels - c);
        t.out = target + c;
        t.x = image + c;
        t.weights = weights + c;
        t.bias = bias ? bias + c : NULL;
        kernels[2 * inside + (t.count < TILE_LANES)](&t);
      }
    }
  }
}

// Adds the products of four columns of the gradient with the pixels under them.
__attribute__((always_inline)) static inline void depthwise_add(const depthwise_work *t, const depthwise_value *gradient,
                                                                tile_vector *sum, const bool inside, const bool whole,
                                                                const int taps, const int step) {
  const tern_direct_grid *g = t->grid;
  const ptrdiff_t channels = g->pixel, line = g->width * channels, count = t->count;
  const ptrdiff_t top = t->row * step - g->top, left = t->column * step - g->left;
  const depthwise_value *x = t->x + top * line + left * channels;
  const depthwise_value *columns[16];
  ptrdiff_t steps[16];
  UNROLLED for (int i = 0; i < (DEPTHWISE_COLUMNS - 1) * step + taps; i++) {
    const bool there = inside || (left + i >= 0 && left + i < g->width);
    columns[i] = there ? x + i * channels : depthwise_zeros;
    steps[i] = there ? line : 0;
  }
  tile_vector weight[DEPTHWISE_COLUMNS], value[16];
  UNROLLED for (int c = 0; c < DEPTHWISE_COLUMNS; c++) {
    const depthwise_value *from = inside || c < t->columns ? gradient + c * g->outColumn : depthwise_zeros;
    weight[c] = depthwise_load(from, count, whole);
    if (inside) __builtin_prefetch(from + g->outRow);
  }
  UNROLLED for (int u = 0; u < taps; u++) {
    if (top + u < 0 || top + u >= g->height) continue;
    UNROLLED for (int i = 0; i < (DEPTHWISE_COLUMNS - 1) * step + taps; i++)
      value[i] = depthwise_load(inside ? x + u * line + i * channels : columns[i] + u * steps[i], count, whole);
    UNROLLED for (int c = 0; c < DEPTHWISE_COLUMNS; c++)
      UNROLLED for (int v = 0; v < taps; v++) sum[u * taps + v] += value[c * step + v] * weight[c];
  }
  if (!inside) return;
  UNROLLED for (int r = 0; r < step; r++)
    UNROLLED for (int c = 0; c < DEPTHWISE_COLUMNS * step; c++)
      __builtin_prefetch(x + (taps + r) * line + (c + 1) * channels);
}

// The sums over a part's pixels for as many channels as a register holds.
__attribute__((always_inline)) static inline void depthwise_sums(
    const tern_direct_grid *g, const tern_direct_part *p, const depthwise_value *image, const depthwise_value *gradient, float *sums,
    ptrdiff_t pad, bool adds, ptrdiff_t count, const bool whole, const int taps, const int step) {
  tile_vector sum[25];
  UNROLLED for (int i = 0; i < taps * taps; i++) sum[i] = (tile_vector)0.0f;
  depthwise_work t = {.grid = g, .x = image, .count = count};
  for (t.row = p->row; t.row < p->row + p->rows; t.row++, gradient += g->outRow) {
    for (t.column = p->column; t.column < p->column + p->columns; t.column += DEPTHWISE_COLUMNS) {
      t.columns = p->column + p->columns - t.column;
      const ptrdiff_t left = t.column * step - g->left;
      const depthwise_value *from = gradient + (t.column - p->column) * g->outColumn;
      if (t.columns >= DEPTHWISE_COLUMNS && left >= 0 && left + (DEPTHWISE_COLUMNS - 1) * step + taps <= g->width)
        depthwise_add(&t, from, sum, true, whole, taps, step);
      else depthwise_add(&t, from, sum, false, whole, taps, step);
    }
  }
  UNROLLED for (int i = 0; i < taps * taps; i++) {
    tile_vector *target = (tile_vector *)(sums + i * pad);
    *target = adds ? *target + sum[i] : sum[i];
  }
}

// The same for one tap.
static void depthwise_tap_sums(const tern_direct_grid *g, const tern_direct_part *p, ptrdiff_t u, ptrdiff_t v,
                               const depthwise_value *image, const depthwise_value *gradient, float *sums, bool adds,
                               ptrdiff_t count) {
  const ptrdiff_t line = g->width * g->pixel;
  tile_vector sum[DEPTHWISE_COLUMNS] = {0};
  for (ptrdiff_t r = 0; r < p->rows; r++) {
    const ptrdiff_t h = (p->row + r) * g->rowStride + u * g->rowDilation - g->top;
    if (h < 0 || h >= g->height) continue;
    for (ptrdiff_t column = 0; column < p->columns; column++) {
      const ptrdiff_t w = (p->column + column) * g->columnStride + v * g->columnDilation - g->left;
      if (w < 0 || w >= g->width) continue;
      const depthwise_value *x = image + h * line + w * g->pixel;
      const depthwise_value *from = gradient + r * g->outRow + column * g->outColumn;
      const bool whole = count == TILE_LANES;
      sum[column % DEPTHWISE_COLUMNS] += depthwise_load(x, count, whole) * depthwise_load(from, count, whole);
    }
  }
  const tile_vector total = (sum[0] + sum[1]) + (sum[2] + sum[3]);
  *(tile_vector *)sums = adds ? *(tile_vector *)sums + total : total;
}

// The weights' gradient from a part of the result's, [kernel height][kernel width][channels] as the weights lie; what
// pads the channels is left as it is.
static void depthwise_weights(const tern_direct_grid *g, const tern_direct_part *p, bool adds, float *sums,
                              const depthwise_value *x, const depthwise_value *gradient) {
  const ptrdiff_t channels = g->channels, taps = g->kernelWidth, step = g->columnStride;
  const ptrdiff_t pad = (channels + TERN_DIRECT_LANES - 1) / TERN_DIRECT_LANES * TERN_DIRECT_LANES;
  const bool square = g->kernelHeight == taps && g->rowStride == step && g->rowDilation == 1 && g->columnDilation == 1;
  const depthwise_value *image = x + p->image * g->height * g->width * g->pixel;
  const depthwise_value *from = gradient + p->image * g->outImage + p->row * g->outRow + p->column * g->outColumn;
  for (ptrdiff_t c = 0; c < channels; c += TILE_LANES) {
    const ptrdiff_t count = TERN_MIN(TILE_LANES, channels - c);
#define DEPTHWISE_CASE(t, s)                                                                       \
  if (square && taps == t && step == s) {                                                          \
    if (count == TILE_LANES)                                                                       \
      depthwise_sums(g, p, image + c, from + c, sums + c, pad, adds, count, true, t, s);           \
    else depthwise_sums(g, p, image + c, from + c, sums + c, pad, adds, count, false, t, s);       \
    continue;                                                                                      \
  }
    DEPTHWISE_CASE(3, 1)
    DEPTHWISE_CASE(3, 2)
    DEPTHWISE_CASE(5, 1)
    DEPTHWISE_CASE(5, 2)
#undef DEPTHWISE_CASE
    for (ptrdiff_t u = 0; u < g->kernelHeight; u++)
      for (ptrdiff_t v = 0; v < taps; v++)
        depthwise_tap_sums(g, p, u, v, image + c, from + c, sums + (u * taps + v) * pad + c, adds, count);
  }
}
