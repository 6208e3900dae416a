// What the kernels of maxima over windows that do not overlap are told.
#ifndef TERN_MAX_POOLING_H
#define TERN_MAX_POOLING_H

#include "tern_spatial.h"

// Windows over planes of [height][width][inner]: output (r, c) takes kernelHeight × kernelWidth pixels from
// (r · rowStride, c · columnStride) on. Strides are no smaller than the kernel, all windows lie inside.
typedef TERN_STRUCT(tern_pool_grid, MaxPoolGrid) {
  ptrdiff_t height, width, inner, outHeight, outWidth;
  ptrdiff_t kernelHeight, kernelWidth, rowStride, columnStride;
} tern_pool_grid;

#define TERN_MAX_POOLING_KERNELS(X)                                                                \
  X(max_pool, void,                                                                                \
    (const tern_pool_grid *_Nonnull grid, ptrdiff_t first, ptrdiff_t count, float *_Nonnull out,   \
     uint8_t *_Nonnull index, const float *_Nonnull x))                                            \
  X(max_unpool, void,                                                                              \
    (const tern_pool_grid *_Nonnull grid, ptrdiff_t first, ptrdiff_t count, float *_Nonnull out,   \
     const uint8_t *_Nonnull index, const float *_Nonnull gradient))

#endif
