// Common to all forms of Winograd's convolution: macros that make the kernels of a form, for Float, from its transforms
// along one axis. TERN_VECTOR is the width of the level's registers in bytes.
//
// A tile's pixels go through a transform along both axes and become values in matrices, a row for each tile.
// PLACE(stride, unit, i, j) tells where value (i, j) stands: in which matrix, `stride` apart, and in which of its parts,
// `unit` apart. Channels go through the vectors, at least 16 of them: the last vector overlaps the one before where
// they are no multiple.
//
// A tile's pixels lie far apart, where the processor does not foresee the next ones: each tile asks for those to the
// right of it, which hides the third-level cache (a quarter of the time with 64 channels of 56×56).

#define WINO_LANES ((ptrdiff_t)(TERN_VECTOR / sizeof(float)))
typedef float wino_vector __attribute__((ext_vector_type(TERN_VECTOR / sizeof(float)), aligned(4), may_alias));
#define UNROLLED _Pragma("clang loop unroll(full)")

// What pixels are read as; a level that reads others defines it before.
#ifndef WINO_LOAD
typedef float wino_value;
#define WINO_LOAD(x) (*(const wino_vector *)(x))
#endif

// Where vectors begin: each WINO_LANES after the one before, the last where it ends with the channels.
#define WINO_EACH(v, channels)                                                                     \
  for (ptrdiff_t next_ = 0, v; next_ < (channels) && (v = TERN_MIN(next_, (channels) - WINO_LANES), true); \
       next_ += WINO_LANES)

// A tile's place: which image, and where in it.
typedef struct {
  ptrdiff_t row, column, image;
} wino_place;

static inline wino_place wino_first(const tern_tile_grid *g, ptrdiff_t tile) {
  const ptrdiff_t line = tile / g->columns;
  return (wino_place){line % g->rows, tile % g->columns, line / g->rows};
}

static inline void wino_next(const tern_tile_grid *g, wino_place *place) {
  if (++place->column < g->columns) return;
  place->column = 0;
  if (++place->row < g->rows) return;
  place->row = 0;
  place->image++;
}

// A tile's side × side pixels, and which of them lie inside the image: rows r0 ..< r1 and columns c0 ..< c1.
typedef struct {
  ptrdiff_t first, r0, r1, c0, c1;
  bool isWhole;
} wino_part;

static inline wino_part wino_part_at(const tern_tile_grid *g, const wino_place *place, ptrdiff_t side) {
  const ptrdiff_t top = place->row * g->step - g->top, left = place->column * g->step - g->left;
  wino_part part = {
    .first = ((place->image * g->height + top) * g->width + left) * g->channels,
    .r0 = top < 0 ? -top : 0, .r1 = TERN_MIN(g->height - top, side),
    .c0 = left < 0 ? -left : 0, .c1 = TERN_MIN(g->width - left, side),
  };
  part.isWhole = part.r0 == 0 && part.c0 == 0 && part.r1 == side && part.c1 == side;
  return part;
}

// Makes the kernel `name` that turns side × side pixels into values × values; pixels outside are zero.
#define WINO_TILES(name, side, values, TRANSFORM, PLACE)                                           \
  __attribute__((always_inline)) static inline void name##_tile(                                   \
      const tern_tile_grid *g, const wino_part *p, bool whole, tern_point_layout layout, float *out,   \
      const wino_value *x) {                                                                         \
    const ptrdiff_t channels = g->channels, line = g->width * channels;                            \
    WINO_EACH(v, channels) {                                                                       \
      wino_vector halfway[values * side];                                                          \
      UNROLLED for (ptrdiff_t j = 0; j < side; j++) {                                              \
        wino_vector d[side];                                                                       \
        UNROLLED for (ptrdiff_t i = 0; i < side; i++) {                                            \
          if (whole || (i >= p->r0 && i < p->r1 && j >= p->c0 && j < p->c1))                       \
            d[i] = WINO_LOAD(x + i * line + j * channels + v);                                     \
          else                                                                                     \
            d[i] = (wino_vector)0.0f;                                                              \
          if (whole) __builtin_prefetch(x + i * line + (j + side) * channels + v);                 \
        }                                                                                          \
        TRANSFORM(halfway + j, side, d);                                                           \
      }                                                                                            \
      UNROLLED for (ptrdiff_t i = 0; i < values; i++) {                                            \
        wino_vector y[values];                                                                     \
        TRANSFORM(y, 1, halfway + i * side);                                                       \
        UNROLLED for (ptrdiff_t j = 0; j < values; j++)                                            \
          *(wino_vector *)(out + PLACE(layout.stride, channels, i, j) + v) = y[j];                 \
      }                                                                                            \
    }                                                                                              \
  }                                                                                                \
  static void name(const tern_tile_grid *g, ptrdiff_t first, ptrdiff_t count, tern_point_layout layout, float *out, \
                   const wino_value *x) {                                                          \
    wino_place at = wino_first(g, first);                                                          \
    for (ptrdiff_t t = 0; t < count; t++, out += layout.row, wino_next(g, &at)) {                  \
      const wino_part part = wino_part_at(g, &at, side);                                           \
      if (part.isWhole)                                                                            \
        name##_tile(g, &part, true, layout, out, x + part.first);                                  \
      else                                                                                         \
        name##_tile(g, &part, false, layout, out, x + part.first);                                 \
    }                                                                                              \
  }

// Makes the kernel `name` that turns values × values products into side × side pixels: a bias is added, negative ones
// become zero where that is asked, and those outside are dropped.
#define WINO_PIXELS(name, side, values, TRANSFORM, PLACE)                                          \
  __attribute__((always_inline)) static inline void name##_tile(                                   \
      const tern_tile_grid *g, const wino_part *p, bool whole, tern_point_layout layout, float *out, \
      const float *products, const float *bias, bool appliesReLU) {                                  \
    const ptrdiff_t channels = g->channels, line = g->width * channels;                            \
    WINO_EACH(v, channels) {                                                                       \
      wino_vector halfway[side * values];                                                          \
      UNROLLED for (ptrdiff_t j = 0; j < values; j++) {                                            \
        wino_vector m[values];                                                                     \
        UNROLLED for (ptrdiff_t i = 0; i < values; i++)                                            \
          m[i] = *(const wino_vector *)(products + PLACE(layout.stride, channels, i, j) + v);      \
        TRANSFORM(halfway + j, values, m);                                                         \
      }                                                                                            \
      const wino_vector shift = bias ? *(const wino_vector *)(bias + v) : (wino_vector)0.0f;       \
      UNROLLED for (ptrdiff_t i = 0; i < side; i++) {                                              \
        wino_vector y[side];                                                                       \
        TRANSFORM(y, 1, halfway + i * values);                                                     \
        UNROLLED for (ptrdiff_t j = 0; j < side; j++) {                                            \
          if (!whole && (i < p->r0 || i >= p->r1 || j < p->c0 || j >= p->c1)) continue;            \
          wino_vector pixel = y[j] + shift;                                                        \
          if (appliesReLU) pixel = pixel < 0.0f ? (wino_vector)0.0f : pixel;                         \
          if (whole) __builtin_prefetch(out + i * line + (j + side) * channels + v, 1);            \
          *(wino_vector *)(out + i * line + j * channels + v) = pixel;                             \
        }                                                                                          \
      }                                                                                            \
    }                                                                                              \
  }                                                                                                \
  static void name(const tern_tile_grid *g, ptrdiff_t first, ptrdiff_t count, tern_point_layout layout, float *out, \
                   const float *products, const float *bias, bool appliesReLU) {                     \
    wino_place at = wino_first(g, first);                                                          \
    for (ptrdiff_t t = 0; t < count; t++, products += layout.row, wino_next(g, &at)) {             \
      const wino_part part = wino_part_at(g, &at, side);                                           \
      if (part.isWhole)                                                                            \
        name##_tile(g, &part, true, layout, out + part.first, products, bias, appliesReLU);          \
      else                                                                                         \
        name##_tile(g, &part, false, layout, out + part.first, products, bias, appliesReLU);         \
    }                                                                                              \
  }

// Blocks of 16 outputs × 16 channels of weights [outputs][channels][9]: they begin at `first`, `first` + 16 …, the last
// one ends at `last`.
#define WINO_BLOCK 16
#define WINO_SQUARE (WINO_BLOCK * WINO_BLOCK)
#define WINO_BLOCKS(o, first, last)                                                                \
  for (ptrdiff_t start_ = first, o;                                                                \
       start_ < (last) && (o = TERN_MIN(start_, (last) - WINO_BLOCK), true); start_ += WINO_BLOCK)

// A block of weights as [channel][tap][output] in `taps`.
static inline void wino_load_block(uint32_t *taps, const float *weights, ptrdiff_t channels, ptrdiff_t o, ptrdiff_t c) {
  const uint32_t *block = (const uint32_t *)(weights + (o * channels + c) * 9);
  for (ptrdiff_t i = 0; i < 9; i++)
    transpose_4_block(taps + i * WINO_SQUARE, WINO_BLOCK, block + i * WINO_BLOCK, channels * 9);
}

// From [channel][tap][output] to [tap][output][channel].
static inline void wino_turn_block(uint32_t *turned, const uint32_t *taps) {
  for (ptrdiff_t i = 0; i < 9; i++)
    transpose_4_block(turned + i * WINO_SQUARE, WINO_BLOCK, taps + i * WINO_BLOCK, 9 * WINO_BLOCK);
}

static inline void wino_store_block(float *weights, ptrdiff_t channels, ptrdiff_t o, ptrdiff_t c, const float *taps) {
  uint32_t *block = (uint32_t *)(weights + (o * channels + c) * 9);
  for (ptrdiff_t i = 0; i < 9; i++)
    transpose_4_block(block + i * WINO_BLOCK, channels * 9, (const uint32_t *)taps + i * WINO_SQUARE, WINO_BLOCK);
}

// Makes a function that turns 3 × 3 taps, `step` apart, of 16 × 16 weights into values × values; TAP(i) is the tap that
// comes i-th. The weights' rows are `row` apart in `from` and `layout.row` in `out`.
#define WINO_KERNELS(name, values, TRANSFORM, PLACE, TAP)                                          \
  static void name(tern_point_layout layout, ptrdiff_t unit, float *out, const uint32_t *from, ptrdiff_t row, \
                   ptrdiff_t step) {                                                               \
    for (ptrdiff_t k = 0; k < WINO_BLOCK; k++) {                                                   \
      for (ptrdiff_t v = 0; v < WINO_BLOCK; v += WINO_LANES) {                                     \
        wino_vector halfway[values * 3];                                                           \
        UNROLLED for (ptrdiff_t j = 0; j < 3; j++) {                                               \
          wino_vector w[3];                                                                        \
          UNROLLED for (ptrdiff_t i = 0; i < 3; i++)                                               \
            w[i] = *(const wino_vector *)(from + k * row + TAP(i * 3 + j) * step + v);             \
          TRANSFORM(halfway + j, 3, w);                                                            \
        }                                                                                          \
        UNROLLED for (ptrdiff_t i = 0; i < values; i++) {                                          \
          wino_vector y[values];                                                                   \
          TRANSFORM(y, 1, halfway + i * 3);                                                        \
          UNROLLED for (ptrdiff_t j = 0; j < values; j++)                                          \
            *(wino_vector *)(out + PLACE(layout.stride, unit, i, j) + k * layout.row + v) = y[j];  \
        }                                                                                          \
      }                                                                                            \
    }                                                                                              \
  }

#define WINO_SAME(tap) (tap)
#define WINO_MIRRORED(tap) (8 - (tap))

// Makes the kernel `name` that turns the sum of some chunks of products [channels][outputs] into weights' gradients.
#define WINO_KERNEL_GRADIENTS(name, values, TRANSFORM, PLACE)                                      \
  static void name(ptrdiff_t channels, ptrdiff_t first, ptrdiff_t last, ptrdiff_t chunks, ptrdiff_t chunk, \
                   tern_point_layout layout, float *out, const float *products) {                  \
    const ptrdiff_t unit = channels * layout.row;                                                  \
    float taps[9 * WINO_SQUARE];                                                                   \
    WINO_BLOCKS(o, first, last) WINO_BLOCKS(c, 0, channels) {                                      \
      for (ptrdiff_t k = 0; k < WINO_BLOCK; k++) {                                                 \
        for (ptrdiff_t v = 0; v < WINO_BLOCK; v += WINO_LANES) {                                   \
          const float *from = products + (c + k) * layout.row + o + v;                             \
          wino_vector halfway[3 * values];                                                         \
          UNROLLED for (ptrdiff_t j = 0; j < values; j++) {                                        \
            wino_vector s[values];                                                                 \
            UNROLLED for (ptrdiff_t i = 0; i < values; i++) {                                      \
              const float *sums = from + PLACE(layout.stride, unit, i, j);                         \
              s[i] = *(const wino_vector *)sums;                                                   \
              for (ptrdiff_t p = 1; p < chunks; p++) s[i] += *(const wino_vector *)(sums + p * chunk); \
            }                                                                                      \
            TRANSFORM(halfway + j, values, s);                                                     \
          }                                                                                        \
          UNROLLED for (ptrdiff_t i = 0; i < 3; i++) {                                             \
            wino_vector y[3];                                                                      \
            TRANSFORM(y, 1, halfway + i * values);                                                 \
            UNROLLED for (ptrdiff_t j = 0; j < 3; j++)                                             \
              *(wino_vector *)(taps + (k * 9 + i * 3 + j) * WINO_BLOCK + v) = y[j];                \
          }                                                                                        \
        }                                                                                          \
      }                                                                                            \
      wino_store_block(out, channels, o, c, taps);                                                 \
    }                                                                                              \
  }
