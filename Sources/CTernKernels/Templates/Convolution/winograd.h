// The kernels of Winograd's convolution F(4×4, 3×3), for Float.

WINO_TILES(winograd_patches, 6, 6, wino_patch, WINO_PLACE_36)
WINO_TILES(winograd_gradients, 4, 6, wino_gradient, WINO_PLACE_36)
WINO_PIXELS(winograd_pixels, 4, 6, wino_pixel, WINO_PLACE_36)
WINO_KERNELS(wino_kernel_block, 6, wino_kernel, WINO_PLACE_36, WINO_SAME)
WINO_KERNELS(wino_mirrored_block, 6, wino_kernel, WINO_PLACE_36, WINO_MIRRORED)
WINO_KERNEL_GRADIENTS(winograd_kernel_gradients, 6, wino_kernel_gradient, WINO_PLACE_36)

// G w Gᵀ at the points, [channels][outputs].
static void winograd_kernels(ptrdiff_t channels, ptrdiff_t first, ptrdiff_t last, tern_point_layout layout, float *out,
                             const float *weights) {
  uint32_t taps[9 * WINO_SQUARE];
  WINO_BLOCKS(o, first, last) WINO_BLOCKS(c, 0, channels) {
    wino_load_block(taps, weights, channels, o, c);
    wino_kernel_block(layout, 0, out + c * layout.row + o, taps, 9 * WINO_BLOCK, WINO_BLOCK);
  }
}

// The same of the kernels turned by 180°, [outputs][channels].
static void winograd_mirrored_kernels(ptrdiff_t channels, ptrdiff_t first, ptrdiff_t last, tern_point_layout layout,
                                      float *out, const float *weights) {
  uint32_t taps[9 * WINO_SQUARE], turned[9 * WINO_SQUARE];
  WINO_BLOCKS(o, first, last) WINO_BLOCKS(c, 0, channels) {
    wino_load_block(taps, weights, channels, o, c);
    wino_turn_block(turned, taps);
    wino_mirrored_block(layout, 0, out + o * layout.row + c, turned, WINO_BLOCK, WINO_SQUARE);
  }
}
