// Winograd's convolution F(4×4, 3×3), for Float: tiles of 4×4 pixels from patches of 6×6 by 36 products instead of 144.
// The points are 0, ±5/8, ±3/2 and ∞ (all constants of the patches' transform are exact, and results are ten times
// closer than with 0, ±1, ±2). Channels go through the vectors, at least 16 of them: the last vector overlaps the one
// before where they are no multiple. TERN_VECTOR is the width of the level's registers in bytes.
// Lavin, Gray: Fast algorithms for convolutional neural networks (2016); Barabasz et al.: Error analysis and improving
// the accuracy of Winograd convolution (2020).

#define WINO_LANES ((ptrdiff_t)(TERN_VECTOR / sizeof(float)))
typedef float wino_vector __attribute__((ext_vector_type(TERN_VECTOR / sizeof(float)), aligned(4), may_alias));
#define UNROLLED _Pragma("clang loop unroll(full)")

// The squares of the points, and their cubes.
#define WINO_A 0.625f
#define WINO_B 1.5f
#define WINO_AA 0.390625f
#define WINO_BB 2.25f
#define WINO_AAA 0.244140625f
#define WINO_BBB 3.375f

// Where vectors begin: each WINO_LANES after the one before, the last where it ends with the channels.
#define WINO_EACH(v, channels)                                                                     \
  for (ptrdiff_t next_ = 0, v; next_ < (channels) && (v = TERN_MIN(next_, (channels) - WINO_LANES), true); next_ += WINO_LANES)

// Bᵀd: the values of the polynomial's residues.
static inline void wino_patch(wino_vector *y, ptrdiff_t step, const wino_vector d[6]) {
  const wino_vector a0 = d[4] - WINO_BB * d[2], a1 = d[3] - WINO_BB * d[1];
  const wino_vector b0 = d[4] - WINO_AA * d[2], b1 = d[3] - WINO_AA * d[1];
  y[0] = (d[4] - (WINO_AA + WINO_BB) * d[2]) + (WINO_AA * WINO_BB) * d[0];
  y[step] = a0 + WINO_A * a1;
  y[2 * step] = a0 - WINO_A * a1;
  y[3 * step] = b0 + WINO_B * b1;
  y[4 * step] = b0 - WINO_B * b1;
  y[5 * step] = (d[5] - (WINO_AA + WINO_BB) * d[3]) + (WINO_AA * WINO_BB) * d[1];
}

// Ag: 4 pixels' gradient at the points.
static inline void wino_gradient(wino_vector *y, ptrdiff_t step, const wino_vector d[4]) {
  const wino_vector a0 = d[0] + WINO_AA * d[2], a1 = WINO_A * d[1] + WINO_AAA * d[3];
  const wino_vector b0 = d[0] + WINO_BB * d[2], b1 = WINO_B * d[1] + WINO_BBB * d[3];
  y[0] = d[0];
  y[step] = a0 + a1;
  y[2 * step] = a0 - a1;
  y[3 * step] = b0 + b1;
  y[4 * step] = b0 - b1;
  y[5 * step] = d[3];
}

// Aᵀm: 4 pixels of the products.
static inline void wino_pixel(wino_vector *y, ptrdiff_t step, const wino_vector m[6]) {
  const wino_vector a0 = m[1] + m[2], a1 = m[1] - m[2], b0 = m[3] + m[4], b1 = m[3] - m[4];
  y[0] = m[0] + a0 + b0;
  y[step] = WINO_A * a1 + WINO_B * b1;
  y[2 * step] = WINO_AA * a0 + WINO_BB * b0;
  y[3 * step] = m[5] + WINO_AAA * a1 + WINO_BBB * b1;
}

// 1 / (p² − q²) parts of G.
#define WINO_G0 (1 / (WINO_AA * WINO_BB))
#define WINO_GA (1 / (2 * WINO_AA * (WINO_AA - WINO_BB)))
#define WINO_GB (1 / (2 * WINO_BB * (WINO_BB - WINO_AA)))

// Gw: 3 taps at the points.
static inline void wino_kernel(wino_vector *y, ptrdiff_t step, const wino_vector w[3]) {
  const wino_vector a0 = WINO_GA * w[0] + (WINO_GA * WINO_AA) * w[2], a1 = (WINO_GA * WINO_A) * w[1];
  const wino_vector b0 = WINO_GB * w[0] + (WINO_GB * WINO_BB) * w[2], b1 = (WINO_GB * WINO_B) * w[1];
  y[0] = WINO_G0 * w[0];
  y[step] = a0 + a1;
  y[2 * step] = a0 - a1;
  y[3 * step] = b0 + b1;
  y[4 * step] = b0 - b1;
  y[5 * step] = w[2];
}

// Gᵀs: 3 taps' gradient.
static inline void wino_kernel_gradient(wino_vector *y, ptrdiff_t step, const wino_vector s[6]) {
  const wino_vector a0 = s[1] + s[2], a1 = s[1] - s[2], b0 = s[3] + s[4], b1 = s[3] - s[4];
  y[0] = WINO_G0 * s[0] + WINO_GA * a0 + WINO_GB * b0;
  y[step] = (WINO_GA * WINO_A) * a1 + (WINO_GB * WINO_B) * b1;
  y[2 * step] = (WINO_GA * WINO_AA) * a0 + (WINO_GB * WINO_BB) * b0 + s[5];
}

// A tile's place: which image, and which of its pixels lie inside.
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

// The part of `side` pixels from `start` on that lies inside `extent`.
#define WINO_INSIDE(start, side, extent, low, high)                                                \
  const ptrdiff_t low = (start) < 0 ? TERN_MIN(-(start), side) : 0;                                \
  const ptrdiff_t high = (extent) - (start) < side ? (extent) - (start) : side;

// out = L x Lᵀ for tiles of `side` × `side` pixels, at the 36 points.
#define WINO_TILES(name, side, transform)                                                          \
  __attribute__((always_inline)) static inline void name##_tile(                                   \
      const tern_tile_grid *g, ptrdiff_t r0, ptrdiff_t r1, ptrdiff_t c0, ptrdiff_t c1, bool whole, \
      tern_point_layout layout, float *out, const float *x) {                                      \
    const ptrdiff_t channels = g->channels, line = g->width * channels;                            \
    WINO_EACH(v, channels) {                                                                       \
      wino_vector values[6 * side];                                                                \
      UNROLLED for (ptrdiff_t j = 0; j < side; j++) {                                              \
        wino_vector d[side];                                                                       \
        UNROLLED for (ptrdiff_t i = 0; i < side; i++) {                                            \
          if (whole || (i >= r0 && i < r1 && j >= c0 && j < c1))                                   \
            d[i] = *(const wino_vector *)(x + i * line + j * channels + v);                        \
          else                                                                                     \
            d[i] = (wino_vector)0.0f;                                                              \
        }                                                                                          \
        transform(values + j, side, d);                                                            \
      }                                                                                            \
      UNROLLED for (ptrdiff_t i = 0; i < 6; i++) {                                                 \
        wino_vector y[6];                                                                          \
        transform(y, 1, values + i * side);                                                        \
        UNROLLED for (ptrdiff_t j = 0; j < 6; j++)                                                 \
          *(wino_vector *)(out + (i * 6 + j) * layout.stride + v) = y[j];                          \
      }                                                                                            \
    }                                                                                              \
  }                                                                                                \
  static void name(const tern_tile_grid *g, ptrdiff_t first, ptrdiff_t count, tern_point_layout layout, float *out, \
                   const float *x) {                                                               \
    const ptrdiff_t channels = g->channels, line = g->width * channels;                            \
    wino_place at = wino_first(g, first);                                                          \
    for (ptrdiff_t t = 0; t < count; t++, wino_next(g, &at)) {                                     \
      const ptrdiff_t top = at.row * 4 - g->top, left = at.column * 4 - g->left;                   \
      WINO_INSIDE(top, side, g->height, r0, r1)                                                    \
      WINO_INSIDE(left, side, g->width, c0, c1)                                                    \
      const float *from = x + (at.image * g->height + top) * line + left * channels;               \
      if (r0 == 0 && c0 == 0 && r1 == side && c1 == side)                                          \
        name##_tile(g, 0, side, 0, side, true, layout, out + t * layout.row, from);                \
      else                                                                                         \
        name##_tile(g, r0, r1, c0, c1, false, layout, out + t * layout.row, from);                 \
    }                                                                                              \
  }

WINO_TILES(winograd_patches, 6, wino_patch)
WINO_TILES(winograd_gradients, 4, wino_gradient)

__attribute__((always_inline)) static inline void wino_pixels_tile(const tern_tile_grid *g, ptrdiff_t r1, ptrdiff_t c1,
                                                                   bool whole, tern_point_layout layout, float *out,
                                                                   const float *products, const float *bias,
                                                                   bool rectifies) {
  const ptrdiff_t channels = g->channels, line = g->width * channels;
  WINO_EACH(v, channels) {
    wino_vector values[4 * 6];
    UNROLLED for (ptrdiff_t j = 0; j < 6; j++) {
      wino_vector m[6];
      UNROLLED for (ptrdiff_t i = 0; i < 6; i++)
        m[i] = *(const wino_vector *)(products + (i * 6 + j) * layout.stride + v);
      wino_pixel(values + j, 6, m);
    }
    const wino_vector shift = bias ? *(const wino_vector *)(bias + v) : (wino_vector)0.0f;
    UNROLLED for (ptrdiff_t i = 0; i < 4; i++) {
      wino_vector y[4];
      wino_pixel(y, 1, values + i * 6);
      UNROLLED for (ptrdiff_t j = 0; j < 4; j++) {
        if (!whole && (i >= r1 || j >= c1)) continue;
        wino_vector pixel = y[j] + shift;
        if (rectifies) pixel = pixel < 0.0f ? (wino_vector)0.0f : pixel;
        *(wino_vector *)(out + i * line + j * channels + v) = pixel;
      }
    }
  }
}

// The tiles' pixels from the products, plus a bias; negative ones become zero where that is asked.
static void winograd_pixels(const tern_tile_grid *g, ptrdiff_t first, ptrdiff_t count, tern_point_layout layout,
                            float *out, const float *products, const float *bias, bool rectifies) {
  const ptrdiff_t channels = g->channels, line = g->width * channels;
  wino_place at = wino_first(g, first);
  for (ptrdiff_t t = 0; t < count; t++, wino_next(g, &at)) {
    const ptrdiff_t top = at.row * 4, left = at.column * 4;
    float *to = out + (at.image * g->height + top) * line + left * channels;
    const float *from = products + t * layout.row;
    if (g->height - top >= 4 && g->width - left >= 4)
      wino_pixels_tile(g, 4, 4, true, layout, to, from, bias, rectifies);
    else
      wino_pixels_tile(g, g->height - top, g->width - left, false, layout, to, from, bias, rectifies);
  }
}

// Blocks of 16 outputs × 16 channels of the weights [outputs][channels][9], which begin at `first`, `first` + 16 …, the
// last one ending at `last`.
#define WINO_BLOCK 16
#define WINO_BLOCKS(o, first, last)                                                                \
  for (ptrdiff_t start_ = first, o;                                                                \
       start_ < (last) && (o = TERN_MIN(start_, (last) - WINO_BLOCK), true); start_ += WINO_BLOCK)

// G w Gᵀ at the points, [channels][outputs]; mirrored, of the kernels turned by 180°, [outputs][channels].
static void winograd_kernels(ptrdiff_t channels, ptrdiff_t first, ptrdiff_t last, bool mirrors,
                             tern_point_layout layout, float *out, const float *weights) {
  uint32_t taps[9 * WINO_BLOCK * WINO_BLOCK], turned[9 * WINO_BLOCK * WINO_BLOCK];
  WINO_BLOCKS(o, first, last) WINO_BLOCKS(c, 0, channels) {
    // [channel][tap][output]
    const float *block = weights + (o * channels + c) * 9;
    for (ptrdiff_t i = 0; i < 9; i++)
      transpose_4_block(taps + i * WINO_BLOCK * WINO_BLOCK, WINO_BLOCK, (const uint32_t *)block + i * WINO_BLOCK, channels * 9);
    const uint32_t *from = taps;
    ptrdiff_t row = 9 * WINO_BLOCK, step = WINO_BLOCK;
    if (mirrors) {
      // [tap from the last][output][channel]
      for (ptrdiff_t i = 0; i < 9; i++)
        transpose_4_block(turned + (8 - i) * WINO_BLOCK * WINO_BLOCK, WINO_BLOCK, taps + i * WINO_BLOCK, 9 * WINO_BLOCK);
      from = turned, row = WINO_BLOCK, step = WINO_BLOCK * WINO_BLOCK;
    }
    float *to = mirrors ? out + o * layout.row + c : out + c * layout.row + o;
    for (ptrdiff_t k = 0; k < WINO_BLOCK; k++) {
      for (ptrdiff_t v = 0; v < WINO_BLOCK; v += WINO_LANES) {
        wino_vector values[6 * 3];
        UNROLLED for (ptrdiff_t j = 0; j < 3; j++) {
          wino_vector w[3];
          UNROLLED for (ptrdiff_t i = 0; i < 3; i++)
            w[i] = *(const wino_vector *)(from + k * row + (i * 3 + j) * step + v);
          wino_kernel(values + j, 3, w);
        }
        UNROLLED for (ptrdiff_t i = 0; i < 6; i++) {
          wino_vector y[6];
          wino_kernel(y, 1, values + i * 3);
          UNROLLED for (ptrdiff_t j = 0; j < 6; j++)
            *(wino_vector *)(to + (i * 6 + j) * layout.stride + k * layout.row + v) = y[j];
        }
      }
    }
  }
}

// Gᵀ s G of the sum of some pieces of products [channels][outputs], as weights [outputs][channels][9].
static void winograd_kernel_gradients(ptrdiff_t channels, ptrdiff_t first, ptrdiff_t last, ptrdiff_t pieces,
                                      ptrdiff_t piece, tern_point_layout layout, float *out, const float *products) {
  float taps[9 * WINO_BLOCK * WINO_BLOCK];
  WINO_BLOCKS(o, first, last) WINO_BLOCKS(c, 0, channels) {
    for (ptrdiff_t k = 0; k < WINO_BLOCK; k++) {
      for (ptrdiff_t v = 0; v < WINO_BLOCK; v += WINO_LANES) {
        const float *from = products + (c + k) * layout.row + o + v;
        wino_vector values[3 * 6];
        UNROLLED for (ptrdiff_t j = 0; j < 6; j++) {
          wino_vector s[6];
          UNROLLED for (ptrdiff_t i = 0; i < 6; i++) {
            const float *sums = from + (i * 6 + j) * layout.stride;
            s[i] = *(const wino_vector *)sums;
            for (ptrdiff_t p = 1; p < pieces; p++) s[i] += *(const wino_vector *)(sums + p * piece);
          }
          wino_kernel_gradient(values + j, 6, s);
        }
        UNROLLED for (ptrdiff_t i = 0; i < 3; i++) {
          wino_vector y[3];
          wino_kernel_gradient(y, 1, values + i * 6);
          UNROLLED for (ptrdiff_t j = 0; j < 3; j++)
            *(wino_vector *)(taps + (k * 9 + i * 3 + j) * WINO_BLOCK + v) = y[j];
        }
      }
    }
    uint32_t *block = (uint32_t *)out + (o * channels + c) * 9;
    for (ptrdiff_t i = 0; i < 9; i++)
      transpose_4_block(block + i * WINO_BLOCK, channels * 9, (const uint32_t *)taps + i * WINO_BLOCK * WINO_BLOCK, WINO_BLOCK);
  }
}
