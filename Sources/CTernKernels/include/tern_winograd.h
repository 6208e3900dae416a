// What the kernels of Winograd's convolutions are told: where tiles and their patches lie. Images are
// [height][width][channels] in memory.
#ifndef TERN_WINOGRAD_H
#define TERN_WINOGRAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tern_spatial.h"

// Tiles of images, `rows` × `columns` in each: tile (r, c) takes the pixels from (r · step − top, c · step − left) on,
// and what lies outside the image is zero. Tiles are counted over all images.
typedef TERN_STRUCT(tern_tile_grid, TileGrid) {
  ptrdiff_t height, width, channels;
  ptrdiff_t rows, columns, top, left;
} tern_tile_grid;

// How the values of tiles lie: value `point` of tile t at point · stride + t · row + channel.
typedef TERN_STRUCT(tern_point_layout, PointLayout) {
  ptrdiff_t stride, row;
} tern_point_layout;

#define TERN_WINOGRAD_FUNCTIONS                                                                    \
  TERN_FN(void, winograd_patches)(const tern_tile_grid *_Nonnull grid, ptrdiff_t first, ptrdiff_t count, \
                                  tern_point_layout layout, float *_Nonnull out, const float *_Nonnull x); \
  TERN_FN(void, winograd_gradients)(const tern_tile_grid *_Nonnull grid, ptrdiff_t first, ptrdiff_t count, \
                                    tern_point_layout layout, float *_Nonnull out, const float *_Nonnull gradient); \
  TERN_FN(void, winograd_pixels)(const tern_tile_grid *_Nonnull grid, ptrdiff_t first, ptrdiff_t count, \
                                 tern_point_layout layout, float *_Nonnull out, const float *_Nonnull products, \
                                 const float *_Nullable bias, bool rectifies);                     \
  TERN_FN(void, winograd_kernels)(ptrdiff_t channels, ptrdiff_t first, ptrdiff_t last, bool mirrors, \
                                  tern_point_layout layout, float *_Nonnull out, const float *_Nonnull weights); \
  TERN_FN(void, winograd_kernel_gradients)(ptrdiff_t channels, ptrdiff_t first, ptrdiff_t last, ptrdiff_t pieces, \
                                           ptrdiff_t piece, tern_point_layout layout, float *_Nonnull out, \
                                           const float *_Nonnull products);

#endif
