// Local response normalization along the channels of [outer][channels][inner], of which `n` values each are taken:
// y = x·s^(-β) with s = k + a·Σ x² over a channel and those from `before` in front of it to `after` behind it.
//
// Tiles with all channels are copied to where zeros stand between the images: no window meets an edge there, and a tile
// is one long row whatever the layout. Every window is added up anew: nothing cancels. Takes T, S and LM.

typedef T FN(response_vector) __attribute__((ext_vector_type(TERN_VECTOR / sizeof(T)), aligned(sizeof(T)), may_alias));
enum { FN(response_group) = 4 * TERN_VECTOR / sizeof(T) };

// Images of [channels][width], `pitch` apart, each followed by a gap of zeros as long as that in front of them all.
typedef struct {
  ptrdiff_t width, images, gap, pitch, size;
} FN(response_tile);

static FN(response_tile) FN(response_tiles)(ptrdiff_t outer, ptrdiff_t channels, ptrdiff_t n, ptrdiff_t inner,
                                            ptrdiff_t before, ptrdiff_t after) {
  // Four tiles of so many values fit a cache of 48 KB.
  enum { lanes = 64 / sizeof(T), room = 12288 / sizeof(T) };
  const ptrdiff_t beside = before > after ? before : after, line = channels + beside, most = room / line;
  FN(response_tile) t = {.width = n, .images = 1};
  if (n == inner && n <= most) {
    t.images = TERN_MIN(outer, most / n);
  } else if (n > lanes) {
    const ptrdiff_t widest = most < lanes ? lanes : most, parts = (n + widest - 1) / widest;
    t.width = ((n + parts - 1) / parts + lanes - 1) / lanes * lanes;
  }
  t.gap = beside * t.width;
  t.pitch = line * t.width;
  t.size = t.gap + t.images * t.pitch + FN(response_group);
  return t;
}

// Memory for some tiles, all zeros; the first begins behind the gap in front.
static T *FN(response_room)(const FN(response_tile) *t, int tiles) {
  const size_t bytes = (size_t)tiles * (size_t)t->size * sizeof(T);
  T *room = malloc(bytes);
  if (!room) tern_out_of_memory("localResponseNorm", bytes);
  memset(room, 0, bytes);
  return room + t->gap;
}

// Images of [channels][width] from memory where images and channels lie so far apart to where they lie otherwise.
INLINE void FN(copy_images)(ptrdiff_t images, ptrdiff_t channels, ptrdiff_t width, T *out, ptrdiff_t outImage,
                            ptrdiff_t outChannel, const T *x, ptrdiff_t image, ptrdiff_t channel) {
  if (outChannel == width && channel == width) {
    width *= channels;
    channels = 1;
  }
  for (ptrdiff_t i = 0; i < images; i++)
    for (ptrdiff_t c = 0; c < channels; c++)
      FN(copy_run)(width, out + i * outImage + c * outChannel, x + i * image + c * channel);
}

// out = scale·Σ + shift over x, or x², at every place and those `step` apart from `before` in front of it to `after`
// behind it; whole groups of vectors, beyond n too. Sixteen are added up before they join the sum.
INLINE void FN(window_sums)(ptrdiff_t n, ptrdiff_t step, ptrdiff_t before, ptrdiff_t after, T scale, T shift, T *out,
                            const T *x, const bool squares) {
  enum { block = 16 };
  typedef FN(response_vector) vector;
  for (ptrdiff_t i = 0; i < n; i += FN(response_group)) {
    vector s0 = 0, s1 = 0, s2 = 0, s3 = 0;
    for (ptrdiff_t first = -before; first <= after; first += block) {
      const ptrdiff_t end = TERN_MIN(first + block, after + 1);
      vector p0 = 0, p1 = 0, p2 = 0, p3 = 0;
      for (ptrdiff_t d = first; d < end; d++) {
        const vector *v = (const vector *)(x + i + d * step);
        const vector v0 = v[0], v1 = v[1], v2 = v[2], v3 = v[3];
        if (squares) p0 += v0 * v0, p1 += v1 * v1, p2 += v2 * v2, p3 += v3 * v3;
        else p0 += v0, p1 += v1, p2 += v2, p3 += v3;
      }
      s0 += p0, s1 += p1, s2 += p2, s3 += p3;
    }
    vector *result = (vector *)(out + i);
    result[0] = s0 * scale + shift;
    result[1] = s1 * scale + shift;
    result[2] = s2 * scale + shift;
    result[3] = s3 * scale + shift;
  }
}

// out = s^(-β): two roots and a quotient for the usual 3/4.
static void FN(inverse_powers)(ptrdiff_t n, T *out, const T *s, T beta) {
  if (beta == (T)0.75) {
    TERN_LOOP for (ptrdiff_t i = 0; i < n; i++) {
      const T root = __builtin_elementwise_sqrt(s[i]);
      out[i] = 1 / (root * __builtin_elementwise_sqrt(root));
    }
    return;
  }
  const bool usual = LM(fabs)(beta) <= 16;
  int others = !usual;
  if (usual) {
    TERN_LOOP for (ptrdiff_t i = 0; i < n; i++) {
      others |= !((s[i] >= (T)0x1p-126) & (s[i] < HIGHEST));
      out[i] = FN(pow_normal)(s[i], -beta);
    }
  }
  if (!others) return;
  for (ptrdiff_t i = 0; i < n; i++)
    if (!usual || !((s[i] >= (T)0x1p-126) & (s[i] < HIGHEST))) out[i] = LM(pow)(s[i], -beta);
}

static void FN(local_response)(
    ptrdiff_t outer, ptrdiff_t channels, ptrdiff_t n, ptrdiff_t inner, ptrdiff_t before, ptrdiff_t after, T *out,
    const T *x, T a, T k, T beta) {
  const FN(response_tile) t = FN(response_tiles)(outer, channels, n, inner, before, after);
  const ptrdiff_t image = channels * inner;
  T *v = FN(response_room)(&t, 3), *s = v + t.size, *y = s + t.size;
  for (ptrdiff_t o = 0; o < outer; o += t.images) {
    const ptrdiff_t images = TERN_MIN(t.images, outer - o), count = images * t.pitch - t.gap;
    for (ptrdiff_t i = 0; i < n; i += t.width) {
      const ptrdiff_t width = TERN_MIN(t.width, n - i), at = o * image + i;
      FN(copy_images)(images, channels, width, v, t.pitch, t.width, x + at, image, inner);
      FN(window_sums)(count, t.width, before, after, a, k, s, v, true);
      FN(inverse_powers)(count, y, s, beta);
      TERN_LOOP for (ptrdiff_t j = 0; j < count; j++) y[j] = v[j] * y[j];
      FN(copy_images)(images, channels, width, out + at, image, inner, y, t.pitch, t.width);
    }
  }
  free(v - t.gap);
}

// out = g·s^(-β) - 2aβ·x·Σ g·x·s^(-β-1), the sum over the channels whose windows hold this one.
static void FN(local_response_grad)(
    ptrdiff_t outer, ptrdiff_t channels, ptrdiff_t n, ptrdiff_t inner, ptrdiff_t before, ptrdiff_t after, T *out,
    const T *g, const T *x, T a, T k, T beta) {
  const FN(response_tile) t = FN(response_tiles)(outer, channels, n, inner, before, after);
  const ptrdiff_t image = channels * inner;
  T *v = FN(response_room)(&t, 4), *s = v + t.size, *u = s + t.size, *p = u + t.size;
  for (ptrdiff_t o = 0; o < outer; o += t.images) {
    const ptrdiff_t images = TERN_MIN(t.images, outer - o), count = images * t.pitch - t.gap;
    for (ptrdiff_t i = 0; i < n; i += t.width) {
      const ptrdiff_t width = TERN_MIN(t.width, n - i), at = o * image + i;
      FN(copy_images)(images, channels, width, v, t.pitch, t.width, x + at, image, inner);
      FN(copy_images)(images, channels, width, u, t.pitch, t.width, g + at, image, inner);
      FN(window_sums)(count, t.width, before, after, a, k, s, v, true);
      FN(inverse_powers)(count, p, s, beta);
      TERN_LOOP for (ptrdiff_t j = 0; j < count; j++) {
        const T scaled = u[j] * p[j];
        u[j] = scaled;
        p[j] = scaled * v[j] / s[j];
      }
      // In a gap s can be anything: what was made of it goes.
      for (ptrdiff_t q = 1; q <= images; q++) FN(zero_run)(t.gap, p + q * t.pitch - t.gap);
      FN(window_sums)(count, t.width, after, before, -2 * a * beta, 0, s, p, false);
      TERN_LOOP for (ptrdiff_t j = 0; j < count; j++) s[j] = u[j] + v[j] * s[j];
      FN(copy_images)(images, channels, width, out + at, image, inner, s, t.pitch, t.width);
    }
  }
  free(v - t.gap);
}
#undef INLINE
