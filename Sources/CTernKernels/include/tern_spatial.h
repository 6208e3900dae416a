// What kernels over images are told: where patches and windows lie. Images are [height][width][channels] in memory.
#ifndef TERN_SPATIAL_H
#define TERN_SPATIAL_H

#include <stddef.h>
#include <stdint.h>

#define TERN_STRUCT(tag, swift) struct __attribute__((swift_name(#swift))) tag

// Patches of images whose pixels lie `pixel` elements apart; a patch takes `channels` of each pixel it covers. Patch
// (r, c) of an image begins at (r · rowStep, c · columnStep); its pixels lie at the offsets `down` × `across` from there,
// and count as zero outside the image.
typedef TERN_STRUCT(tern_patch_grid, PatchGrid) {
  ptrdiff_t height, width, pixel, channels;
  ptrdiff_t rows, columns, rowStep, columnStep;
  ptrdiff_t tapsDown, tapsAcross;
  const ptrdiff_t *_Nonnull down, *_Nonnull across;
} tern_patch_grid;

// A convolution of every channel with kernels of its own, `multiplier` of them; the weights lie as
// [kernelHeight][kernelWidth][channels · multiplier].
typedef TERN_STRUCT(tern_depthwise_grid, DepthwiseGrid) {
  ptrdiff_t height, width, channels, multiplier, outHeight, outWidth;
  ptrdiff_t kernelHeight, kernelWidth, strideDown, strideAcross;
  ptrdiff_t padTop, padLeft, dilationDown, dilationAcross;
} tern_depthwise_grid;

// Windows over planes of [height][width][inner]: output row r takes the rows rowStart[r], + dilationDown, … below
// rowEnd[r]; columns likewise.
typedef TERN_STRUCT(tern_window_grid, WindowGrid) {
  ptrdiff_t height, width, inner, outHeight, outWidth, dilationDown, dilationAcross;
  const ptrdiff_t *_Nonnull rowStart, *_Nonnull rowEnd, *_Nonnull columnStart, *_Nonnull columnEnd;
} tern_window_grid;

// Windows over volumes, planes of [depth][height][width][inner]: those of an output slice take the slices depthStart,
// + dilationDeep, … below depthEnd; rows and columns likewise.
typedef TERN_STRUCT(tern_box_grid, BoxGrid) {
  ptrdiff_t depth, height, width, inner, outDepth, outHeight, outWidth, dilationDeep, dilationDown, dilationAcross;
  const ptrdiff_t *_Nonnull depthStart, *_Nonnull depthEnd, *_Nonnull rowStart, *_Nonnull rowEnd;
  const ptrdiff_t *_Nonnull columnStart, *_Nonnull columnEnd;
} tern_box_grid;

// Two linear maps, one along each axis of planes [height][width][inner]: output i of an axis is the sum of
// weight[k] · input[index[k]] over k in start[i] ..< start[i + 1]; the result is divided by both axes' divisors.
typedef TERN_STRUCT(tern_resampling_axes, ResamplingAxes) {
  ptrdiff_t height, width, inner, outHeight, outWidth;
  const ptrdiff_t *_Nonnull rowStart, *_Nonnull rowIndex, *_Nonnull columnStart, *_Nonnull columnIndex;
} tern_resampling_axes;

// The most terms of a column that `resample` has vectors for, where rows are contiguous.
#define TERN_LANE_TERMS 32

#define TERN_SAMPLING_KERNELS(X)                                                                   \
  X(sample_pixels, void,                                                                           \
    (ptrdiff_t count, ptrdiff_t terms, ptrdiff_t channels, void *_Nonnull out, const void *_Nonnull x, \
     const int32_t *_Nonnull indices, const void *_Nonnull weights),                               \
    (count, terms, channels, out, x, indices, weights))                                            \
  X(spread_pixels, void,                                                                           \
    (ptrdiff_t count, ptrdiff_t terms, ptrdiff_t lanes, ptrdiff_t step, void *_Nonnull out, const void *_Nonnull g, \
     const int32_t *_Nonnull indices, const void *_Nonnull weights),                               \
    (count, terms, lanes, step, out, g, indices, weights))                                         \
  X(pixel_products, void,                                                                          \
    (ptrdiff_t count, ptrdiff_t terms, ptrdiff_t channels, void *_Nonnull sums, const void *_Nonnull g, \
     ptrdiff_t g_step, const void *_Nonnull x, ptrdiff_t x_step, const int32_t *_Nonnull indices), \
    (count, terms, channels, sums, g, g_step, x, x_step, indices))

#define TERN_SPATIAL_KERNELS(X)                                                                    \
  X(patches, void,                                                                                 \
    (const tern_patch_grid *_Nonnull grid, ptrdiff_t first, ptrdiff_t count, void *_Nonnull out,   \
     const void *_Nonnull x),                                                                      \
    (grid, first, count, out, x))                                                                  \
  X(add_channels, void,                                                                            \
    (ptrdiff_t rows, ptrdiff_t n, void *_Nonnull out, const void *_Nonnull bias, bool appliesReLU), \
    (rows, n, out, bias, appliesReLU))                                                             \
  X(depthwise, void,                                                                               \
    (const tern_depthwise_grid *_Nonnull grid, ptrdiff_t first, ptrdiff_t count, void *_Nonnull out, \
     const void *_Nonnull x, const void *_Nonnull weights),                                        \
    (grid, first, count, out, x, weights))                                                         \
  X(depthwise_input, void,                                                                         \
    (const tern_depthwise_grid *_Nonnull grid, ptrdiff_t first, ptrdiff_t count, void *_Nonnull out, \
     const void *_Nonnull gradient, const void *_Nonnull weights),                                 \
    (grid, first, count, out, gradient, weights))                                                  \
  X(depthwise_weight, void,                                                                        \
    (const tern_depthwise_grid *_Nonnull grid, ptrdiff_t first, ptrdiff_t count, void *_Nonnull out, \
     const void *_Nonnull x, const void *_Nonnull gradient, void *_Nonnull scratch),               \
    (grid, first, count, out, x, gradient, scratch))                                               \
  X(window_maximum, void,                                                                          \
    (const tern_window_grid *_Nonnull grid, ptrdiff_t first, ptrdiff_t count, void *_Nonnull out,  \
     int32_t *_Nonnull index, const void *_Nonnull x),                                             \
    (grid, first, count, out, index, x))                                                           \
  X(window_values, void,                                                                           \
    (const tern_window_grid *_Nonnull grid, ptrdiff_t first, ptrdiff_t count, void *_Nonnull out,  \
     const void *_Nonnull x),                                                                      \
    (grid, first, count, out, x))                                                                  \
  X(box_maximum, void,                                                                             \
    (const tern_box_grid *_Nonnull grid, ptrdiff_t first, ptrdiff_t count, void *_Nonnull out,     \
     int32_t *_Nonnull index, const void *_Nonnull x),                                             \
    (grid, first, count, out, index, x))                                                           \
  X(box_sum, void,                                                                                 \
    (const tern_box_grid *_Nonnull grid, ptrdiff_t first, ptrdiff_t count, tern_bits divisor, void *_Nonnull out, \
     const void *_Nonnull x, void *_Nonnull scratch),                                              \
    (grid, first, count, TERN_VALUE(divisor), out, x, scratch))                                    \
  X(plane_scatter, void,                                                                           \
    (ptrdiff_t planes, ptrdiff_t pixels, ptrdiff_t windows, ptrdiff_t inner, void *_Nonnull out,   \
     const int32_t *_Nonnull index, const void *_Nonnull x),                                       \
    (planes, pixels, windows, inner, out, index, x))                                               \
  X(plane_gather, void,                                                                            \
    (ptrdiff_t planes, ptrdiff_t pixels, ptrdiff_t windows, ptrdiff_t inner, void *_Nonnull out,   \
     const int32_t *_Nonnull index, const void *_Nonnull x),                                       \
    (planes, pixels, windows, inner, out, index, x))                                               \
  X(resample, void,                                                                                \
    (const tern_resampling_axes *_Nonnull maps, const void *_Nonnull rowWeight, const void *_Nonnull rowDivisor, \
     const void *_Nonnull columnWeight, const void *_Nonnull columnDivisor, ptrdiff_t first, ptrdiff_t count, \
     void *_Nonnull out, const void *_Nonnull x, void *_Nonnull scratch),                          \
    (maps, rowWeight, rowDivisor, columnWeight, columnDivisor, first, count, out, x, scratch))

#endif
