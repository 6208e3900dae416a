// Winograd's convolution of 3×3 kernels with a stride of 2, for Float: tiles of 2×2 pixels from patches of 5×5 by 25
// products instead of 36, and transforms that only add. Along an axis
//
//   y0 = g0·d0 + g1·d1 + g2·d2 = m + (g0·(d0 − d2) + g1·d1)
//   y1 = g0·d2 + g1·d3 + g2·d4 = m + (g2·(d4 − d2) + g1·d3)   with m = (g0 + g2)·d2
//
// The two products in brackets are one with twice the channels: 9 matrix products of 1, 2 or 4 times the channels make
// all 25. In the gradient of the input, a tile has 4×4 pixels from 3×3 of the gradient, and the products have 1, 2 or 4
// times the columns:
//
//   x0 = g0·y0 + g2·y₋₁ = m + g2·(y₋₁ − y0)   x1 = g1·y0
//   x2 = g0·y1 + g2·y0 = m + g0·(y1 − y0)     x3 = g1·(y1 − y0) + x1   with m = (g0 + g2)·y0
//
// These begin with a pixel under a kernel's edges. Flipped, everything is read from the other end, g2 and g0 exchanged,
// and the tiles end with such a pixel: so they fit an image of even extents with one pixel of padding.

// Bᵀd, m's part first.
static inline void strided_patch(wino_vector *y, ptrdiff_t step, const wino_vector d[5]) {
  y[0] = d[2];
  y[step] = d[0] - d[2];
  y[2 * step] = d[1];
  y[3 * step] = d[4] - d[2];
  y[4 * step] = d[3];
}

static inline void strided_pixel(wino_vector *y, ptrdiff_t step, const wino_vector m[3]) {
  y[0] = m[0] + m[1];
  y[step] = m[0] + m[2];
}

static inline void strided_gradient(wino_vector *y, ptrdiff_t step, const wino_vector d[2]) {
  y[0] = d[0] + d[1];
  y[step] = d[0];
  y[2 * step] = d[1];
}

static inline void strided_kernel(wino_vector *y, ptrdiff_t step, const wino_vector w[3]) {
  y[0] = w[0] + w[2];
  y[step] = w[0];
  y[2 * step] = w[1];
  y[3 * step] = w[2];
  y[4 * step] = w[1];
}

static inline void strided_kernel_gradient(wino_vector *y, ptrdiff_t step, const wino_vector s[5]) {
  y[0] = s[0] + s[1];
  y[step] = s[2] + s[4];
  y[2 * step] = s[0] + s[3];
}

// The same for the gradient of the input: its patches, pixels and kernels.
static inline void mirrored_patch(wino_vector *y, ptrdiff_t step, const wino_vector d[3]) {
  y[0] = d[0] - d[1];
  y[step] = d[1];
  y[2 * step] = d[2] - d[1];
}

static inline void mirrored_pixel(wino_vector *y, ptrdiff_t step, const wino_vector m[5]) {
  y[0] = m[0] + m[1];
  y[step] = m[2];
  y[2 * step] = m[1] + m[3];
  y[3 * step] = m[2] + m[4];
}

static inline void mirrored_kernel(wino_vector *y, ptrdiff_t step, const wino_vector w[3]) {
  y[0] = w[2];
  y[step] = w[0] + w[2];
  y[2 * step] = w[1];
  y[3 * step] = w[0];
  y[4 * step] = w[1];
}

static inline void flipped_patch(wino_vector *y, ptrdiff_t step, const wino_vector d[3]) {
  const wino_vector turned[3] = {d[2], d[1], d[0]};
  mirrored_patch(y, step, turned);
}

static inline void flipped_pixel(wino_vector *y, ptrdiff_t step, const wino_vector m[5]) {
  wino_vector turned[4];
  mirrored_pixel(turned, 1, m);
  UNROLLED for (ptrdiff_t i = 0; i < 4; i++) y[i * step] = turned[3 - i];
}

// Of an axis' five values the first is alone in its matrix, the others share one by twos; a matrix has its parts one
// after the other.
#define STRIDED_MATRIX(i) (((i) + 1) / 2)
#define STRIDED_PART(i) ((i) ? ((i) + 1) % 2 : 0)
#define STRIDED_PARTS(i) ((i) ? 2 : 1)
#define STRIDED_PLACE_25(stride, unit, i, j)                                                       \
  ((STRIDED_MATRIX(i) * 3 + STRIDED_MATRIX(j)) * (stride) +                                        \
   (STRIDED_PART(i) * STRIDED_PARTS(j) + STRIDED_PART(j)) * (unit))
#define STRIDED_PLACE_9(stride, unit, i, j) (((i) * 3 + (j)) * (stride) + 0 * (unit))

WINO_TILES(strided_patches, 5, 5, strided_patch, STRIDED_PLACE_25)
WINO_TILES(strided_gradients, 2, 3, strided_gradient, STRIDED_PLACE_9)
WINO_PIXELS(strided_pixels, 2, 3, strided_pixel, STRIDED_PLACE_9)
WINO_TILES(strided_mirrored_patches, 3, 3, mirrored_patch, STRIDED_PLACE_9)
WINO_PIXELS(strided_mirrored_pixels, 4, 5, mirrored_pixel, STRIDED_PLACE_25)
WINO_TILES(strided_flipped_patches, 3, 3, flipped_patch, STRIDED_PLACE_9)
WINO_PIXELS(strided_flipped_pixels, 4, 5, flipped_pixel, STRIDED_PLACE_25)
WINO_KERNELS(strided_kernel_block, 5, strided_kernel, STRIDED_PLACE_25, WINO_SAME)
WINO_KERNELS(strided_mirrored_block, 5, mirrored_kernel, STRIDED_PLACE_25, WINO_SAME)
WINO_KERNELS(strided_flipped_block, 5, mirrored_kernel, STRIDED_PLACE_25, WINO_MIRRORED)
WINO_KERNEL_GRADIENTS(strided_kernel_gradients, 5, strided_kernel_gradient, STRIDED_PLACE_25)

// The kernels' values as [part][channels][outputs]; for the gradient of the input, as [outputs][part][channels].
#define STRIDED_KERNELS(name, block, isTurned)                                                     \
  static void name(ptrdiff_t channels, ptrdiff_t first, ptrdiff_t last, tern_point_layout layout, float *out, \
                   const float *weights) {                                                         \
    uint32_t taps[9 * WINO_SQUARE], turned[9 * WINO_SQUARE];                                       \
    WINO_BLOCKS(o, first, last) WINO_BLOCKS(c, 0, channels) {                                      \
      wino_load_block(taps, weights, channels, o, c);                                              \
      if (isTurned) {                                                                              \
        wino_turn_block(turned, taps);                                                             \
        block(layout, channels, out + o * layout.row + c, turned, WINO_BLOCK, WINO_SQUARE);        \
      } else {                                                                                     \
        block(layout, channels * layout.row, out + c * layout.row + o, taps, 9 * WINO_BLOCK, WINO_BLOCK); \
      }                                                                                            \
    }                                                                                              \
  }

STRIDED_KERNELS(strided_kernels, strided_kernel_block, false)
STRIDED_KERNELS(strided_mirrored_kernels, strided_mirrored_block, true)
STRIDED_KERNELS(strided_flipped_kernels, strided_flipped_block, true)
