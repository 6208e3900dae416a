// The two passes of resizing in whole numbers, as in Pillow: weights of 22 bits, sums of 32, rounded to bytes after each.
#include "tern_vision.h"

#include <string.h>

enum { FRACTION_BITS = 22 };

typedef int32_t lanes4 __attribute__((vector_size(16)));
typedef int32_t lanes8 __attribute__((vector_size(32)));
typedef uint8_t bytes4 __attribute__((vector_size(4)));
typedef uint8_t bytes8 __attribute__((vector_size(8)));

#define INLINE static inline __attribute__((always_inline))

INLINE uint8_t clamped(int32_t sum) {
  int32_t value = sum >> FRACTION_BITS;
  return (uint8_t)(value < 0 ? 0 : value > 255 ? 255 : value);
}

INLINE lanes4 load4(const uint8_t *at) {
  bytes4 bytes;
  memcpy(&bytes, at, 4);
  return __builtin_convertvector(bytes, lanes4);
}

INLINE void store4(uint8_t *at, lanes4 sum) {
  lanes4 value = sum >> FRACTION_BITS;
  value &= ~(value >> 31);
  lanes4 over = value > 255;
  value = (value & ~over) | (over & 255);
  bytes4 bytes = __builtin_convertvector(value, bytes4);
  memcpy(at, &bytes, 4);
}

// Pixels of 3 or 4 channels: four bytes are read and written at each; the last ones of a row, behind which may be no
// memory, by themselves. Four rows share the weights.
INLINE void horizontal_pixels(
  const uint8_t *in, ptrdiff_t in_stride, int64_t in_width, uint8_t *out, ptrdiff_t out_stride, int rows,
  int64_t out_width, int channels, const int32_t *first, const int32_t *counts, const int32_t *weights, int64_t taps) {
  for (int64_t x = 0; x < out_width; x++) {
    const int32_t *w = weights + x * taps;
    const uint8_t *at = in + (int64_t)first[x] * channels;
    int count = counts[x];
    if ((first[x] + count) * (int64_t)channels + (4 - channels) <= in_width * channels && x + 1 < out_width) {
      lanes4 sums[4];
      for (int r = 0; r < rows; r++) sums[r] = (lanes4){} + (1 << (FRACTION_BITS - 1));
      for (int k = 0; k < count; k++)
        for (int r = 0; r < rows; r++) sums[r] += load4(at + r * in_stride + k * channels) * w[k];
      for (int r = 0; r < rows; r++) store4(out + r * out_stride + x * channels, sums[r]);
    } else {
      for (int r = 0; r < rows; r++)
        for (int c = 0; c < channels; c++) {
          int32_t sum = 1 << (FRACTION_BITS - 1);
          for (int k = 0; k < count; k++) sum += at[r * in_stride + k * channels + c] * w[k];
          out[r * out_stride + x * channels + c] = clamped(sum);
        }
    }
  }
}

INLINE void horizontal_values(
  const uint8_t *in, uint8_t *out, int64_t out_width, int channels, const int32_t *first, const int32_t *counts,
  const int32_t *weights, int64_t taps) {
  for (int64_t x = 0; x < out_width; x++) {
    const int32_t *w = weights + x * taps;
    const uint8_t *at = in + (int64_t)first[x] * channels;
    for (int c = 0; c < channels; c++) {
      int32_t sum = 1 << (FRACTION_BITS - 1);
      for (int k = 0; k < counts[x]; k++) sum += at[k * channels + c] * w[k];
      out[x * channels + c] = clamped(sum);
    }
  }
}

INLINE void horizontal(
  const uint8_t *in, ptrdiff_t in_stride, int64_t in_width, uint8_t *out, ptrdiff_t out_stride, int64_t rows,
  int64_t out_width, int32_t channels, const int32_t *first, const int32_t *counts, const int32_t *weights,
  int64_t taps) {
  for (int64_t y = 0; y < rows;) {
    const uint8_t *from = in + y * in_stride;
    uint8_t *to = out + y * out_stride;
    int together = rows - y >= 4 ? 4 : 1;
    if (channels < 3) {
      together = 1;
      horizontal_values(from, to, out_width, channels, first, counts, weights, taps);
    } else if (channels == 3 && together == 4) {
      horizontal_pixels(from, in_stride, in_width, to, out_stride, 4, out_width, 3, first, counts, weights, taps);
    } else if (together == 4) {
      horizontal_pixels(from, in_stride, in_width, to, out_stride, 4, out_width, 4, first, counts, weights, taps);
    } else {
      horizontal_pixels(from, in_stride, in_width, to, out_stride, 1, out_width, channels, first, counts, weights, taps);
    }
    y += together;
  }
}

INLINE void vertical(
  const uint8_t *in, ptrdiff_t in_stride, uint8_t *out, ptrdiff_t out_stride, int64_t row_bytes, int64_t out_height,
  const int32_t *first, const int32_t *counts, const int32_t *weights, int64_t taps) {
  for (int64_t y = 0; y < out_height; y++) {
    const int32_t *w = weights + y * taps;
    const uint8_t *from = in + first[y] * in_stride;
    uint8_t *to = out + y * out_stride;
    int64_t x = 0;
    for (; x + 32 <= row_bytes; x += 32) {
      lanes8 sums[4];
      for (int i = 0; i < 4; i++) sums[i] = (lanes8){} + (1 << (FRACTION_BITS - 1));
      for (int k = 0; k < counts[y]; k++)
        for (int i = 0; i < 4; i++) {
          bytes8 bytes;
          memcpy(&bytes, from + k * in_stride + x + 8 * i, 8);
          sums[i] += __builtin_convertvector(bytes, lanes8) * w[k];
        }
      for (int i = 0; i < 4; i++) {
        lanes8 value = sums[i] >> FRACTION_BITS;
        value &= ~(value >> 31);
        lanes8 over = value > 255;
        value = (value & ~over) | (over & 255);
        bytes8 bytes = __builtin_convertvector(value, bytes8);
        memcpy(to + x + 8 * i, &bytes, 8);
      }
    }
    for (; x < row_bytes; x++) {
      int32_t sum = 1 << (FRACTION_BITS - 1);
      for (int k = 0; k < counts[y]; k++) sum += from[k * in_stride + x] * w[k];
      to[x] = clamped(sum);
    }
  }
}

#define PARAMETERS_H                                                                                                   \
  const uint8_t *in, ptrdiff_t in_stride, int64_t in_width, uint8_t *out, ptrdiff_t out_stride, int64_t rows,          \
    int64_t out_width, int32_t channels, const int32_t *first, const int32_t *counts, const int32_t *weights,          \
    int64_t taps
#define ARGUMENTS_H                                                                                                    \
  in, in_stride, in_width, out, out_stride, rows, out_width, channels, first, counts, weights, taps
#define PARAMETERS_V                                                                                                   \
  const uint8_t *in, ptrdiff_t in_stride, uint8_t *out, ptrdiff_t out_stride, int64_t row_bytes, int64_t out_height,   \
    const int32_t *first, const int32_t *counts, const int32_t *weights, int64_t taps
#define ARGUMENTS_V in, in_stride, out, out_stride, row_bytes, out_height, first, counts, weights, taps

static void horizontal_baseline(PARAMETERS_H) { horizontal(ARGUMENTS_H); }
static void vertical_baseline(PARAMETERS_V) { vertical(ARGUMENTS_V); }

#if defined(__x86_64__)
__attribute__((target("avx2"))) static void horizontal_avx2(PARAMETERS_H) { horizontal(ARGUMENTS_H); }
__attribute__((target("avx2"))) static void vertical_avx2(PARAMETERS_V) { vertical(ARGUMENTS_V); }
#define HAS_AVX2 __builtin_cpu_supports("avx2")
#else
#define HAS_AVX2 0
#define horizontal_avx2 horizontal_baseline
#define vertical_avx2 vertical_baseline
#endif

void tern_resize_horizontal(PARAMETERS_H) {
  if (HAS_AVX2) horizontal_avx2(ARGUMENTS_H);
  else horizontal_baseline(ARGUMENTS_H);
}

void tern_resize_vertical(PARAMETERS_V) {
  if (HAS_AVX2) vertical_avx2(ARGUMENTS_V);
  else vertical_baseline(ARGUMENTS_V);
}
