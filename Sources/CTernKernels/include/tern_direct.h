// What the direct kernels of convolutions are told. Images are [height][width][channels] in memory.
#ifndef TERN_DIRECT_H
#define TERN_DIRECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tern_spatial.h"

// One group of a convolution: result pixel (r, c) is made from the pixels
// (r · rowStride + u · rowDilation − top, c · columnStride + v · columnDilation − left), zero outside the image.
// `pixel` elements lie between the pixels of the images read; a result pixel lies at
// image · outImage + r · outRow + c · outColumn. Padding may be negative, which leaves pixels out.
typedef TERN_STRUCT(tern_direct_grid, DirectGrid) {
  ptrdiff_t height, width, pixel, channels;
  ptrdiff_t rows, columns, outputs;
  ptrdiff_t kernelHeight, kernelWidth, rowStride, columnStride, rowDilation, columnDilation, top, left;
  ptrdiff_t outImage, outRow, outColumn;
} tern_direct_grid;

// A part of the results: rows and columns of one image.
typedef TERN_STRUCT(tern_direct_part, DirectPart) {
  ptrdiff_t image, row, rows, column, columns;
} tern_direct_part;

// Where the weights of a pass lie: weight (u, v, c, o) at u · row + v · column + c · channel + o · output.
typedef TERN_STRUCT(tern_direct_weights_layout, DirectWeightsLayout) {
  ptrdiff_t kernelHeight, kernelWidth, channels, outputs;
  ptrdiff_t row, column, channel, output;
} tern_direct_weights_layout;

// Panels hold the weights of 32 outputs as [kernel height][kernel width][channels][32], zero where there are fewer.
#define TERN_DIRECT_PANEL 32


// The patches of all results lie inside the image: they are read where they are.
static inline bool tern_direct_is_inside(const tern_direct_grid *_Nonnull g) {
  return g->top <= 0 && g->left <= 0 &&
         (g->rows - 1) * g->rowStride + (g->kernelHeight - 1) * g->rowDilation - g->top < g->height &&
         (g->columns - 1) * g->columnStride + (g->kernelWidth - 1) * g->columnDilation - g->left < g->width;
}

// Rows of the image that some rows of the result are made from, and columns likewise.
static inline ptrdiff_t tern_direct_height(const tern_direct_grid *_Nonnull g, ptrdiff_t rows) {
  return (rows - 1) * g->rowStride + (g->kernelHeight - 1) * g->rowDilation + 1;
}
static inline ptrdiff_t tern_direct_width(const tern_direct_grid *_Nonnull g, ptrdiff_t columns) {
  return (columns - 1) * g->columnStride + (g->kernelWidth - 1) * g->columnDilation + 1;
}

// The taps of a row are read in one run with their channels.
static inline bool tern_direct_has_runs(const tern_direct_grid *_Nonnull g) {
  return g->kernelWidth == 1 || (g->columnDilation == 1 && (g->pixel == g->channels || !tern_direct_is_inside(g)));
}

// Scratch and sums hold multiples of this many values, or as many to spare.
#define TERN_DIRECT_LANES 16

// The sums of a weights' gradient lie as [kernel height][kernel width][channels][outputs], the outputs rounded up to
// TERN_DIRECT_LANES; swapped, as [kernel height][outputs][kernel width · channels] where they are read in one run, else
// as [kernel height][kernel width][outputs][channels], the last extent rounded up.
#define TERN_DIRECT_KERNELS(X)                                                                     \
  X(direct_pack, void,                                                                             \
    (const tern_direct_weights_layout *_Nonnull layout, ptrdiff_t panel, float *_Nonnull out,      \
     const float *_Nonnull weights))                                                               \
  X(direct_convolution, void,                                                                      \
    (const tern_direct_grid *_Nonnull grid, const tern_direct_part *_Nonnull part, float *_Nonnull out, \
     const float *_Nonnull x, const float *_Nonnull panels, const float *_Nullable bias, bool appliesReLU, \
     float *_Nonnull scratch))                                                                     \
  X(direct_swaps, bool, (const tern_direct_grid *_Nonnull grid))                                   \
  X(direct_weights, void,                                                                          \
    (const tern_direct_grid *_Nonnull grid, const tern_direct_part *_Nonnull part, bool swaps, bool isLast, \
     bool adds, float *_Nonnull sums, const float *_Nonnull x, const float *_Nonnull gradient,     \
     float *_Nonnull scratch))                                                                     \
  /* Sums that are not swapped, of some outputs, as weights [outputs][channels][taps]; `tapStep` and `line` apart are the
     sums of taps and channels. */                                                                  \
  X(direct_unpack, void,                                                                           \
    (ptrdiff_t taps, ptrdiff_t channels, ptrdiff_t outputs, ptrdiff_t tapStep, ptrdiff_t line,      \
     float *_Nonnull out, const float *_Nonnull sums))                                                                  \
  X(direct_scatter_line, ptrdiff_t, (const tern_direct_grid *_Nonnull grid))                       \
  X(direct_scatter, void,                                                                          \
    (const tern_direct_grid *_Nonnull grid, ptrdiff_t image, ptrdiff_t first, ptrdiff_t count,     \
     float *_Nonnull out, const float *_Nonnull gradient, const float *_Nonnull weights,           \
     const float *_Nullable bias, float *_Nonnull line))                                           \
  X(depthwise_convolution, void,                                                                   \
    (const tern_direct_grid *_Nonnull grid, const tern_direct_part *_Nonnull part, float *_Nonnull out, \
     const float *_Nonnull x, const float *_Nonnull weights, const float *_Nullable bias, bool appliesReLU)) \
  X(depthwise_weights, void,                                                                       \
    (const tern_direct_grid *_Nonnull grid, const tern_direct_part *_Nonnull part, bool adds,      \
     float *_Nonnull sums, const float *_Nonnull x, const float *_Nonnull gradient))

#endif
