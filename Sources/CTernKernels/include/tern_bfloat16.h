// Products of matrices whose elements are rounded to bfloat16, for processors that multiply it (AVX512_BF16).
#ifndef TERN_BFLOAT16_H
#define TERN_BFLOAT16_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tern_direct.h"
#include "tern_winograd.h"

// Packed operands hold pairs of numbers that follow one another along k, the first in the lower half: a word is a pair.
// op(A) [m, k] takes m·⌈k/2⌉ words, op(B) [k, n] ⌈k/2⌉·16·⌈n/16⌉. Rounding is to nearest, ties to even; subnormal numbers
// become 0. Lists as in tern_kernel_table.h.
#define TERN_BFLOAT16_PRODUCT_KERNELS(X)                                                           \
  X(pack_left, void,                                                                               \
    (ptrdiff_t m, ptrdiff_t k, uint32_t *_Nonnull out, const float *_Nonnull a, ptrdiff_t lda, bool transposed)) \
  X(pack_right, void,                                                                              \
    (ptrdiff_t k, ptrdiff_t n, uint32_t *_Nonnull out, const float *_Nonnull b, ptrdiff_t ldb, bool transposed)) \
  /* The same for operands of bfloat16. */                                                         \
  X(pack_left_bfloat16, void,                                                                      \
    (ptrdiff_t m, ptrdiff_t k, uint32_t *_Nonnull out, const uint16_t *_Nonnull a, ptrdiff_t lda, bool transposed)) \
  X(pack_right_bfloat16, void,                                                                     \
    (ptrdiff_t k, ptrdiff_t n, uint32_t *_Nonnull out, const uint16_t *_Nonnull b, ptrdiff_t ldb, bool transposed)) \
  /* C ← α·A·B + β·C. Each element adds up its products one after the other: of a pair, the second before the first. With α = 1
     and β = 1 the sum begins with C's element, else at 0 for every 1024 values of k. */          \
  X(multiply, void,                                                                                \
    (ptrdiff_t m, ptrdiff_t n, ptrdiff_t k, float alpha, const uint32_t *_Nonnull a, const uint32_t *_Nonnull b, \
     float beta, float *_Nonnull c, ptrdiff_t ldc))

// Convolutions of images [height][width][channels] of bfloat16, whose pixels have an even number of channels, the last 0
// where there is one more; see tern_direct.h. Extents and steps of the grid are in elements of the images, but in pairs
// of channels for `convolution`, whose panels hold such pairs in place of channels.
#define TERN_BFLOAT16_CONVOLUTION_KERNELS(X)                                                       \
  X(images, void, (ptrdiff_t pixels, ptrdiff_t channels, uint16_t *_Nonnull out, const float *_Nonnull x)) \
  X(pack, void,                                                                                    \
    (const tern_direct_weights_layout *_Nonnull layout, ptrdiff_t panel, uint32_t *_Nonnull out,   \
     const float *_Nonnull weights))                                                               \
  X(convolution, void,                                                                             \
    (const tern_direct_grid *_Nonnull grid, const tern_direct_part *_Nonnull part, float *_Nonnull out, \
     const uint16_t *_Nonnull x, const uint32_t *_Nonnull panels, const float *_Nullable bias, bool appliesReLU, \
     uint32_t *_Nonnull scratch))                                                                  \
  /* Words of scratch for parts of so many rows and columns. */                                    \
  X(weights_scratch, ptrdiff_t, (const tern_direct_grid *_Nonnull grid, ptrdiff_t rows, ptrdiff_t columns)) \
  X(weights, void,                                                                                 \
    (const tern_direct_grid *_Nonnull grid, const tern_direct_part *_Nonnull part, bool swaps, bool adds, \
     float *_Nonnull sums, const uint16_t *_Nonnull x, const uint16_t *_Nonnull gradient, uint32_t *_Nonnull scratch)) \
  X(depthwise, void,                                                                               \
    (const tern_direct_grid *_Nonnull grid, const tern_direct_part *_Nonnull part, float *_Nonnull out, \
     const uint16_t *_Nonnull x, const float *_Nonnull weights, const float *_Nullable bias, bool appliesReLU)) \
  X(depthwise_weights, void,                                                                       \
    (const tern_direct_grid *_Nonnull grid, const tern_direct_part *_Nonnull part, bool adds, float *_Nonnull sums, \
     const uint16_t *_Nonnull x, const uint16_t *_Nonnull gradient))                               \
  /* Tiles of Winograd's algorithm for Float from such images, of an even number of channels. */   \
  X(winograd_patches, void,                                                                        \
    (const tern_tile_grid *_Nonnull grid, ptrdiff_t first, ptrdiff_t count, tern_point_layout layout, \
     float *_Nonnull out, const uint16_t *_Nonnull x))                                             \
  X(winograd_gradients, void,                                                                      \
    (const tern_tile_grid *_Nonnull grid, ptrdiff_t first, ptrdiff_t count, tern_point_layout layout, \
     float *_Nonnull out, const uint16_t *_Nonnull gradient))

#define TERN_FIELD(name, result, parameters, ...) result (*_Nonnull name) parameters;
typedef struct tern_bfloat16_products { TERN_BFLOAT16_PRODUCT_KERNELS(TERN_FIELD) } tern_bfloat16_products;
typedef struct tern_bfloat16_convolutions { TERN_BFLOAT16_CONVOLUTION_KERNELS(TERN_FIELD) } tern_bfloat16_convolutions;
#undef TERN_FIELD

// The kernels, or NULL where the processor lacks the instruction or a level without it is in use.
const tern_bfloat16_products *_Nullable tern_bfloat16_product_kernels(void);
const tern_bfloat16_convolutions *_Nullable tern_bfloat16_convolution_kernels(void);
// Whether the processor has the instruction.
bool tern_bfloat16_supported(void);
// Uses the instruction or does without from now on, where the processor and the level have it.
void tern_bfloat16_select(bool used);

#endif
