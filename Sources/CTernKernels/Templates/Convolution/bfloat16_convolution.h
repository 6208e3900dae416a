// Direct convolutions of bfloat16: the register tiles of Float's, whose elements are pairs of numbers that one instruction
// multiplies and adds. Forward, a pair are two channels of a pixel; in the weights' gradient, two pixels of a row.
// Images are [height][width][channels] of bfloat16, the channels filled up with a zero where their number is odd.

// Images of Float as such of bfloat16.
static void bfloat16_images(ptrdiff_t pixels, ptrdiff_t channels, uint16_t *out, const float *x) {
  const ptrdiff_t pixel = (channels + 1) / 2 * 2;
  if (pixel == channels) {
    const ptrdiff_t n = pixels * channels;
    ptrdiff_t i = 0;
    for (; i + 32 <= n; i += 32)
      _mm512_storeu_si512(out + i, (__m512i)_mm512_cvtne2ps_pbh(_mm512_loadu_ps(x + i + 16), _mm512_loadu_ps(x + i)));
    for (; i < n; i += 16)
      _mm256_mask_storeu_epi16(out + i, lanes(n - i),
                               (__m256i)_mm512_cvtneps_pbh(_mm512_maskz_loadu_ps(lanes(n - i), x + i)));
    return;
  }
  for (ptrdiff_t p = 0; p < pixels; p++, x += channels, out += pixel)
    for (ptrdiff_t c = 0; c < pixel; c += 16)
      _mm256_mask_storeu_epi16(out + c, lanes(pixel - c),
                               (__m256i)_mm512_cvtneps_pbh(_mm512_maskz_loadu_ps(lanes(channels - c), x + c)));
}

// One panel of weights, pairs of channels in place of channels.
static void bfloat16_pack(const tern_direct_weights_layout *w, ptrdiff_t panel, uint32_t *out, const float *weights) {
  const ptrdiff_t first = panel * TERN_DIRECT_PANEL, count = TERN_MIN(TERN_DIRECT_PANEL, w->outputs - first);
  const ptrdiff_t pairs = (w->channels + 1) / 2;
  if (direct_has_rows(w) && count == TERN_DIRECT_PANEL && w->channels % 2 == 0) {
    for (ptrdiff_t o = 0; o < TERN_DIRECT_PANEL; o += DIRECT_SQUARE) {
      // Half of each word.
#define BFLOAT16_PUT(values, tap, channel)                                                         \
  do {                                                                                             \
    const __m512i words_ = _mm512_cvtepu16_epi32((__m256i)_mm512_cvtneps_pbh(_mm512_loadu_ps(values))); \
    uint32_t *const to_ = out + ((tap) / 2 + (channel) / 2) * TERN_DIRECT_PANEL + o;               \
    if ((channel) % 2) _mm512_mask_storeu_epi16(to_, 0xAAAAAAAA, _mm512_slli_epi32(words_, 16));   \
    else _mm512_mask_storeu_epi16(to_, 0x55555555, words_);                                        \
  } while (0)
      DIRECT_ROWS(w, weights + (first + o) * w->output, BFLOAT16_PUT);
#undef BFLOAT16_PUT
    }
    return;
  }
  float even[TERN_DIRECT_PANEL] = {0}, odd[TERN_DIRECT_PANEL] = {0};
  for (ptrdiff_t c = 0; c < w->channels; c += 2)
    for (ptrdiff_t u = 0; u < w->kernelHeight; u++)
      for (ptrdiff_t v = 0; v < w->kernelWidth; v++) {
        uint32_t *to = out + ((u * w->kernelWidth + v) * pairs + c / 2) * TERN_DIRECT_PANEL;
        const float *from = weights + u * w->row + v * w->column + c * w->channel + first * w->output;
        const bool whole = c + 1 < w->channels;
        for (ptrdiff_t o = 0; o < count; o++) {
          even[o] = from[o * w->output];
          odd[o] = whole ? from[w->channel + o * w->output] : 0;
        }
        for (ptrdiff_t o = 0; o < TERN_DIRECT_PANEL; o += 16)
          _mm512_storeu_si512(to + o, paired(_mm512_loadu_ps(even + o), _mm512_loadu_ps(odd + o)));
      }
}

// Pairs of elements of x and y, of each 0 where it is NULL.
TERN_INLINE void pair_runs(ptrdiff_t n, uint32_t *out, const uint16_t *x, const uint16_t *y) {
  for (ptrdiff_t i = 0; i < n; i += 16) {
    const __mmask16 mask = lanes(n - i);
    __m512i pair = x ? widened_words(x + i, mask) : _mm512_setzero_si512();
    if (y) pair = _mm512_or_si512(pair, _mm512_slli_epi32(widened_words(y + i, mask), 16));
    _mm512_mask_storeu_epi32(out + i, mask, pair);
  }
}

// Pairs of pixels `step` apart under a part, at every pixel but the last `step`: `width` pixels of `height` lines, zero
// outside the image. With a step of 0, single pixels beside zeros: `count` of them from column `first` on, `spacing` apart.
static void pair_pixels(const tern_direct_grid *g, const tern_direct_part *p, const uint16_t *x, ptrdiff_t step,
                        ptrdiff_t first, ptrdiff_t spacing, ptrdiff_t count, ptrdiff_t height, uint32_t *out) {
  const ptrdiff_t channels = g->channels, top = p->row * g->rowStride - g->top;
  const ptrdiff_t left = p->column * g->columnStride - g->left + first;
  const uint16_t *image = x + p->image * g->height * g->width * g->pixel;
  for (ptrdiff_t i = 0; i < height; i++, out += count * channels) {
    const ptrdiff_t h = top + i;
    if (h < 0 || h >= g->height) {
      memset(out, 0, (size_t)(count * channels) * sizeof(uint32_t));
      continue;
    }
    const uint16_t *line = image + h * g->width * g->pixel;
    ptrdiff_t s = 0;
    while (s < count) {
      const ptrdiff_t w = left + s * spacing, next = w + step;
      const uint16_t *at = line + w * g->pixel;
      if (spacing == 1 && step > 0 && w >= 0 && next < g->width && g->pixel == channels) {
        const ptrdiff_t run = TERN_MIN(count - s, g->width - next);
        pair_runs(run * channels, out + s * channels, at, at + step * channels);
        s += run;
        continue;
      }
      pair_runs(channels, out + s * channels, w >= 0 && w < g->width ? at : NULL,
                step > 0 && next >= 0 && next < g->width ? at + step * g->pixel : NULL);
      s++;
    }
  }
}

static ptrdiff_t bfloat16_weights_scratch(const tern_direct_grid *g, ptrdiff_t rows, ptrdiff_t columns) {
  const ptrdiff_t height = tern_direct_height(g, rows), width = tern_direct_width(g, columns);
  return height * (width + g->kernelWidth) * g->channels + rows * (columns / 2 + 1) * g->outputs + 4 * TERN_DIRECT_LANES;
}

// The weights' gradient from a part of the result's; sums as those of direct_weights.
static void bfloat16_weights(const tern_direct_grid *g, const tern_direct_part *p, bool swaps, bool adds,
                                    float *sums, const uint16_t *x, const uint16_t *gradient, uint32_t *scratch) {
  const ptrdiff_t channels = g->channels, outputs = g->outputs, step = g->columnStride, taps = g->kernelWidth;
  const ptrdiff_t height = tern_direct_height(g, p->rows), pairs = p->columns / 2;
  const bool isOdd = p->columns % 2 == 1;
  // Pixels in pairs, then the last column's, which has no other; the gradient likewise.
  const ptrdiff_t width = pairs > 0 ? tern_direct_width(g, pairs * 2) - step : 0;
  uint32_t *const last = scratch + height * width * channels + TERN_DIRECT_LANES;
  uint32_t *const paired_gradient = last + (isOdd ? height * taps * channels : 0) + TERN_DIRECT_LANES;
  uint32_t *const last_gradient = paired_gradient + p->rows * pairs * outputs + TERN_DIRECT_LANES;
  if (pairs > 0) pair_pixels(g, p, x, step, 0, 1, width, height, scratch);
  if (isOdd) pair_pixels(g, p, x, 0, (p->columns - 1) * step, g->columnDilation, taps, height, last);
  const uint16_t *from = gradient + p->image * g->outImage + p->row * g->outRow + p->column * g->outColumn;
  for (ptrdiff_t r = 0; r < p->rows; r++) {
    const uint16_t *line = from + r * g->outRow;
    for (ptrdiff_t q = 0; q < pairs; q++, line += 2 * g->outColumn)
      pair_runs(outputs, paired_gradient + (r * pairs + q) * outputs, line, line + g->outColumn);
    if (isOdd) pair_runs(outputs, last_gradient + r * outputs, line, NULL);
  }
  const bool runs = g->kernelWidth == 1 || g->columnDilation == 1;
  const ptrdiff_t groups = runs ? 1 : taps, run = runs ? taps * channels : channels;
  const ptrdiff_t left = swaps ? outputs : run, right = swaps ? run : outputs;
  const ptrdiff_t line = (right + TERN_DIRECT_LANES - 1) / TERN_DIRECT_LANES * TERN_DIRECT_LANES;
  for (int tail = 0; tail < 2; tail++) {
    if (tail ? !isOdd : pairs == 0) continue;
    const uint32_t *pixels = tail ? last : scratch, *g_pairs = tail ? last_gradient : paired_gradient;
    const ptrdiff_t pixelLine = tail ? taps * channels : width * channels, spacing = tail ? 1 : g->columnDilation;
    tile_work t = {.ai = 1, .k = tail ? 1 : pairs, .j = 1, .u = p->rows, .adds = adds || (tail && pairs > 0)};
    const ptrdiff_t xk = 2 * step * channels, xu = g->rowStride * pixelLine;
    const ptrdiff_t gk = outputs, gu = tail ? outputs : pairs * outputs;
    t.ak = swaps ? gk : xk;
    t.bk = swaps ? xk : gk;
    t.au = swaps ? gu : xu;
    t.bu = swaps ? xu : gu;
    float *target = sums;
    for (ptrdiff_t u = 0; u < g->kernelHeight; u++)
      for (ptrdiff_t j = 0; j < groups; j++, target += left * line) {
        const float *at = (const float *)(pixels + u * g->rowDilation * pixelLine + j * spacing * channels);
        if (swaps) direct_products(&t, (const float *)g_pairs, left, at, right, target, line);
        else direct_products(&t, at, left, (const float *)g_pairs, right, target, line);
      }
  }
}

static void bfloat16_convolution(const tern_direct_grid *g, const tern_direct_part *p, float *out, const uint16_t *x,
                                 const uint32_t *panels, const float *bias, bool appliesReLU, uint32_t *scratch) {
  direct_convolution(g, p, out, (const float *)x, (const float *)panels, bias, appliesReLU, (float *)scratch);
}
