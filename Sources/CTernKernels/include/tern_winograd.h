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
  ptrdiff_t rows, columns, step, top, left;
} tern_tile_grid;

// How values lie: matrices `stride` apart, their rows `row` apart; a row has one or several parts, each of all channels.
typedef TERN_STRUCT(tern_point_layout, PointLayout) {
  ptrdiff_t stride, row;
} tern_point_layout;

// A form of the algorithm: the transforms from pixels and weights into matrices and back.
#define TERN_WINOGRAD_TILES                                                                        \
  (const tern_tile_grid *_Nonnull grid, ptrdiff_t first, ptrdiff_t count, tern_point_layout layout, \
   float *_Nonnull out, const float *_Nonnull x)
#define TERN_WINOGRAD_PIXELS                                                                       \
  (const tern_tile_grid *_Nonnull grid, ptrdiff_t first, ptrdiff_t count, tern_point_layout layout, \
   float *_Nonnull out, const float *_Nonnull products, const float *_Nullable bias, bool appliesReLU)
#define TERN_WINOGRAD_WEIGHTS                                                                      \
  (ptrdiff_t channels, ptrdiff_t first, ptrdiff_t last, tern_point_layout layout, float *_Nonnull out, \
   const float *_Nonnull weights)
#define TERN_WINOGRAD_WEIGHT_GRADIENTS                                                             \
  (ptrdiff_t channels, ptrdiff_t first, ptrdiff_t last, ptrdiff_t chunks, ptrdiff_t chunk,         \
   tern_point_layout layout, float *_Nonnull out, const float *_Nonnull products)

#define TERN_WINOGRAD_KERNELS(X)                                                                   \
  X(winograd_patches, void, TERN_WINOGRAD_TILES)                                                   \
  X(winograd_gradients, void, TERN_WINOGRAD_TILES)                                                 \
  X(winograd_pixels, void, TERN_WINOGRAD_PIXELS)                                                   \
  X(winograd_kernels, void, TERN_WINOGRAD_WEIGHTS)                                                 \
  X(winograd_mirrored_kernels, void, TERN_WINOGRAD_WEIGHTS)                                        \
  X(winograd_kernel_gradients, void, TERN_WINOGRAD_WEIGHT_GRADIENTS)                               \
  X(strided_patches, void, TERN_WINOGRAD_TILES)                                                    \
  X(strided_gradients, void, TERN_WINOGRAD_TILES)                                                  \
  X(strided_pixels, void, TERN_WINOGRAD_PIXELS)                                                    \
  X(strided_mirrored_patches, void, TERN_WINOGRAD_TILES)                                           \
  X(strided_mirrored_pixels, void, TERN_WINOGRAD_PIXELS)                                           \
  X(strided_flipped_patches, void, TERN_WINOGRAD_TILES)                                            \
  X(strided_flipped_pixels, void, TERN_WINOGRAD_PIXELS)                                            \
  X(strided_kernels, void, TERN_WINOGRAD_WEIGHTS)                                                  \
  X(strided_mirrored_kernels, void, TERN_WINOGRAD_WEIGHTS)                                         \
  X(strided_flipped_kernels, void, TERN_WINOGRAD_WEIGHTS)                                          \
  X(strided_kernel_gradients, void, TERN_WINOGRAD_WEIGHT_GRADIENTS)

#endif
