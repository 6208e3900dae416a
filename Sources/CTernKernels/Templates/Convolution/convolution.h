// Patches of images as rows of a matrix, and convolutions channel by channel. Takes T and S.
// Images lie as [height][width][channels].

#define VECTOR FN(image_vector)
#define LANES ((ptrdiff_t)(64 / sizeof(T)))
typedef T VECTOR __attribute__((ext_vector_type(64 / sizeof(T)), aligned(sizeof(T)), may_alias));

// Copies a run, the short ones without a call.
#include "Convolution/runs.h"

// Patches `first` ..< `first + count`, counted over all images, as rows of out.
static void FN(patches)(const tern_patch_grid *g, ptrdiff_t first, ptrdiff_t count, T *out, const T *x) {
  const ptrdiff_t across = g->tapsAcross, channels = g->channels, line = across * channels;
  const ptrdiff_t image = g->height * g->width * g->pixel;
  bool straight = channels == g->pixel;
  for (ptrdiff_t j = 1; j < across; j++) straight = straight && g->across[j] == g->across[0] + j;
  ptrdiff_t c = first % g->columns, r = first / g->columns % g->rows, n = first / g->columns / g->rows;
  for (ptrdiff_t row = 0; row < count; row++) {
    const ptrdiff_t top = r * g->rowStep, left = c * g->columnStep;
    for (ptrdiff_t i = 0; i < g->tapsDown; i++, out += line) {
      const ptrdiff_t h = top + g->down[i];
      if (h < 0 || h >= g->height) {
        FN(zero_run)(line, out);
        continue;
      }
      const T *source = x + n * image + h * g->width * g->pixel;
      if (straight) {
        // The pixels of a line follow each other: what the image has of them is one run.
        const ptrdiff_t w = left + g->across[0];
        ptrdiff_t skip = w < 0 ? TERN_MIN(-w, across) : 0;
        ptrdiff_t end = TERN_MIN(across, g->width - w);
        if (end < skip) end = skip;
        FN(zero_run)(skip * channels, out);
        FN(copy_run)((end - skip) * channels, out + skip * channels, source + (w + skip) * channels);
        FN(zero_run)((across - end) * channels, out + end * channels);
      } else {
        for (ptrdiff_t j = 0; j < across; j++) {
          const ptrdiff_t w = left + g->across[j];
          if (w < 0 || w >= g->width) FN(zero_run)(channels, out + j * channels);
          else FN(copy_run)(channels, out + j * channels, source + w * g->pixel);
        }
      }
    }
    if (++c == g->columns) {
      c = 0;
      if (++r == g->rows) r = 0, n++;
    }
  }
}

// out[row][i] += bias[i]; then ReLU for `appliesReLU`.
static void FN(add_channels)(ptrdiff_t rows, ptrdiff_t n, T *out, const T *bias, bool appliesReLU) {
  for (ptrdiff_t r = 0; r < rows; r++, out += n) {
    if (appliesReLU) {
      TERN_LOOP for (ptrdiff_t i = 0; i < n; i++) {
        const T v = out[i] + bias[i];
        out[i] = 0 > v ? 0 : v;
      }
    } else {
      TERN_LOOP for (ptrdiff_t i = 0; i < n; i++) out[i] += bias[i];
    }
  }
}

// The taps k of 0 ..< kernel that meet 0 ..< extent at start + k · dilation.
#define TAPS_INSIDE(start, kernel, dilation, extent, low, high)                                    \
  ptrdiff_t low = (start) < 0 ? (-(start) + (dilation) - 1) / (dilation) : 0;                      \
  ptrdiff_t high = (extent) > (start) ? ((extent) - (start) + (dilation) - 1) / (dilation) : 0;    \
  if (high > (kernel)) high = (kernel);

// out[c · m + j] += x[c] · w[c · m + j]
static inline void FN(add_products)(ptrdiff_t channels, ptrdiff_t m, T *out, const T *x, const T *w) {
  if (m == 1) {
    TERN_LOOP for (ptrdiff_t c = 0; c < channels; c++) out[c] += x[c] * w[c];
  } else {
    for (ptrdiff_t c = 0; c < channels; c++)
      for (ptrdiff_t j = 0; j < m; j++) out[c * m + j] += x[c] * w[c * m + j];
  }
}

// Rows of the output, `first` ..< `first + count` counted over all images.
static void FN(depthwise)(const tern_depthwise_grid *g, ptrdiff_t first, ptrdiff_t count, T *out, const T *x,
                          const T *weights) {
  const ptrdiff_t channels = g->channels, m = g->multiplier, outputs = channels * m;
  const ptrdiff_t blocks = m == 1 ? channels / LANES * LANES : 0;
  for (ptrdiff_t row = first; row < first + count; row++) {
    const T *image = x + row / g->outHeight * g->height * g->width * channels;
    const ptrdiff_t top = row % g->outHeight * g->strideDown - g->padTop;
    TAPS_INSIDE(top, g->kernelHeight, g->dilationDown, g->height, i0, i1)
    for (ptrdiff_t column = 0; column < g->outWidth; column++) {
      T *pixel = out + (row * g->outWidth + column) * outputs;
      const ptrdiff_t left = column * g->strideAcross - g->padLeft;
      TAPS_INSIDE(left, g->kernelWidth, g->dilationAcross, g->width, j0, j1)
      for (ptrdiff_t c = 0; c < blocks; c += LANES) {
        VECTOR sum = (VECTOR)(T)0;
        for (ptrdiff_t i = i0; i < i1; i++) {
          const T *line = image + (top + i * g->dilationDown) * g->width * channels + c;
          const T *w = weights + i * g->kernelWidth * channels + c;
          for (ptrdiff_t j = j0; j < j1; j++)
            sum += *(const VECTOR *)(line + (left + j * g->dilationAcross) * channels) *
                   *(const VECTOR *)(w + j * channels);
        }
        *(VECTOR *)(pixel + c) = sum;
      }
      if (blocks == channels) continue;
      FN(zero_run)(outputs - blocks, pixel + blocks);
      for (ptrdiff_t i = i0; i < i1; i++) {
        const T *line = image + (top + i * g->dilationDown) * g->width * channels + blocks;
        for (ptrdiff_t j = j0; j < j1; j++)
          FN(add_products)(channels - blocks, m, pixel + blocks, line + (left + j * g->dilationAcross) * channels,
                           weights + (i * g->kernelWidth + j) * outputs + blocks);
      }
    }
  }
}

// Rows of the input's gradient, counted over all images: each pixel gathers from the outputs it went into.
static void FN(depthwise_input)(const tern_depthwise_grid *g, ptrdiff_t first, ptrdiff_t count, T *out,
                                const T *gradient, const T *weights) {
  const ptrdiff_t channels = g->channels, m = g->multiplier, outputs = channels * m;
  for (ptrdiff_t row = first; row < first + count; row++) {
    const T *image = gradient + row / g->height * g->outHeight * g->outWidth * outputs;
    T *line = out + row * g->width * channels;
    FN(zero_run)(g->width * channels, line);
    for (ptrdiff_t i = 0; i < g->kernelHeight; i++) {
      const ptrdiff_t h = row % g->height + g->padTop - i * g->dilationDown;
      if (h < 0 || h % g->strideDown != 0 || h / g->strideDown >= g->outHeight) continue;
      const T *source = image + h / g->strideDown * g->outWidth * outputs;
      for (ptrdiff_t j = 0; j < g->kernelWidth; j++) {
        const T *w = weights + (i * g->kernelWidth + j) * outputs;
        // Output `column` took this tap from the input's left + column · stride.
        const ptrdiff_t left = j * g->dilationAcross - g->padLeft;
        TAPS_INSIDE(left, g->outWidth, g->strideAcross, g->width, c0, c1)
        for (ptrdiff_t column = c0; column < c1; column++) {
          T *pixel = line + (left + column * g->strideAcross) * channels;
          const T *from = source + column * outputs;
          if (m == 1) {
            TERN_LOOP for (ptrdiff_t c = 0; c < channels; c++) pixel[c] += from[c] * w[c];
          } else {
            for (ptrdiff_t c = 0; c < channels; c++)
              for (ptrdiff_t k = c * m; k < (c + 1) * m; k++) pixel[c] += from[k] * w[k];
          }
        }
      }
    }
  }
}

// The weights' gradient from some rows of the output. A row's sum is made in scratch, so that no chain grows long.
static void FN(depthwise_weight)(const tern_depthwise_grid *g, ptrdiff_t first, ptrdiff_t count, T *out, const T *x,
                                 const T *gradient, T *scratch) {
  const ptrdiff_t channels = g->channels, m = g->multiplier, outputs = channels * m;
  FN(zero_run)(g->kernelHeight * g->kernelWidth * outputs, out);
  for (ptrdiff_t row = first; row < first + count; row++) {
    const T *image = x + row / g->outHeight * g->height * g->width * channels;
    const T *from = gradient + row * g->outWidth * outputs;
    const ptrdiff_t top = row % g->outHeight * g->strideDown - g->padTop;
    TAPS_INSIDE(top, g->kernelHeight, g->dilationDown, g->height, i0, i1)
    for (ptrdiff_t i = i0; i < i1; i++) {
      const T *line = image + (top + i * g->dilationDown) * g->width * channels;
      for (ptrdiff_t j = 0; j < g->kernelWidth; j++) {
        const ptrdiff_t left = j * g->dilationAcross - g->padLeft;
        TAPS_INSIDE(left, g->outWidth, g->strideAcross, g->width, c0, c1)
        FN(zero_run)(outputs, scratch);
        for (ptrdiff_t column = c0; column < c1; column++)
          FN(add_products)(channels, m, scratch, line + (left + column * g->strideAcross) * channels,
                           from + column * outputs);
        T *sum = out + (i * g->kernelWidth + j) * outputs;
        TERN_LOOP for (ptrdiff_t o = 0; o < outputs; o++) sum[o] += scratch[o];
      }
    }
  }
}

#undef TAPS_INSIDE
#undef VECTOR
#undef LANES
