// The kernels for CPUs with AVX512_BF16, beside those of AVX-512.
#include "Common/common.h"

#if defined(__x86_64__)
#include <immintrin.h>
#pragma clang attribute push(__attribute__((target("arch=x86-64-v4,no-prefer-256-bit,avx512bf16"))), apply_to = function)
#include "Products/bfloat16_products.h"

// Convolutions, by Float's templates.
#define TERN_VECTOR 64
#define T float
#define S f32
#include "Convolution/runs.h"
#define TILE_ADD(sum, x, w) ((tile_vector)_mm512_dpbf16_ps((__m512)(sum), (__m512bh)(x), (__m512bh)(w)))
#undef TILE_ROWS
// 16 sums, for images whose width is a power of 2.
#define TILE_NARROW_ROWS 16
#include "Convolution/direct_tile.h"
#include "Convolution/direct_convolution.h"

// As the template that the other levels take theirs from.
static inline void transpose_4_block(uint32_t *out, ptrdiff_t outRow, const uint32_t *x, ptrdiff_t xColumn) {
  __m512i words[16];
  for (int i = 0; i < 16; i++) words[i] = _mm512_loadu_si512(x + i * xColumn);
  transpose_words(words);
  for (int i = 0; i < 16; i++) _mm512_storeu_si512(out + i * outRow, words[i]);
}
#include "Convolution/direct_rows.h"
#include "Convolution/bfloat16_convolution.h"

// Tiles of Winograd's convolution from images of bfloat16.
typedef uint16_t wino_value;
#define WINO_LOAD(x)                                                                               \
  ((wino_vector)_mm512_slli_epi32(_mm512_cvtepu16_epi32(_mm256_loadu_si256((const __m256i *)(x))), 16))
#include "Convolution/winograd_tiles.h"
#include "Convolution/winograd_transforms.h"
WINO_TILES(bfloat16_winograd_patches, 6, 6, wino_patch, WINO_PLACE_36)
WINO_TILES(bfloat16_winograd_gradients, 4, 6, wino_gradient, WINO_PLACE_36)

#define DEPTHWISE_LOAD
typedef uint16_t depthwise_value;
TERN_INLINE tile_vector depthwise_load(const uint16_t *x, ptrdiff_t count, const bool whole) {
  const __m512i words = whole ? _mm512_cvtepu16_epi32(_mm256_loadu_si256((const __m256i *)x)) : widened_words(x, lanes(count));
  return (tile_vector)_mm512_slli_epi32(words, 16);
}
#include "Convolution/depthwise.h"
static void bfloat16_depthwise(const tern_direct_grid *g, const tern_direct_part *p, float *out, const uint16_t *x,
                               const float *weights, const float *bias, bool appliesReLU) {
  depthwise_convolution(g, p, out, x, weights, bias, appliesReLU);
}
static void bfloat16_depthwise_weights(const tern_direct_grid *g, const tern_direct_part *p, bool adds, float *sums,
                                       const uint16_t *x, const uint16_t *gradient) {
  depthwise_weights(g, p, adds, sums, x, gradient);
}

#define SINGLE(name, ...) .name = name,
const tern_bfloat16_products tern_bfloat16_products_avx512 = {TERN_BFLOAT16_PRODUCT_KERNELS(SINGLE)};
#define CONVOLUTION(name, ...) .name = bfloat16_##name,
const tern_bfloat16_convolutions tern_bfloat16_convolutions_avx512 = {TERN_BFLOAT16_CONVOLUTION_KERNELS(CONVOLUTION)};
#pragma clang attribute pop
#endif
