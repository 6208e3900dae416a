// Normalisation over blocks [outer][n][inner] along the middle axis, whose rows lie `step` apart: the statistics, and
// the passes that use them. What belongs to a column lies in tables [outer][inner]. Takes T and S.

static void FN(block_moments)(
    ptrdiff_t outer, ptrdiff_t n, ptrdiff_t inner, ptrdiff_t step, double *mean, double *m2, const T *x) {
  for (ptrdiff_t o = 0; o < outer; o++, x += n * step, mean += inner, m2 += inner) {
    if (inner == 1 && step == 1) {
      FN(row_moments)(n, x, mean, m2);
      continue;
    }
    for (ptrdiff_t c = 0; c < inner; c += FN(moment_strip))
      FN(strip_moments)(n, step, TERN_MIN(FN(moment_strip), inner - c), x + c, mean + c, m2 + c);
  }
}

// Σ g and Σ g(x - centre) of one row, in lanes that are added up in halves, blocks of them in Double.
static void FN(row_product_sums)(ptrdiff_t n, double *sum, double *products, const T *g, const T *x, T centre) {
  enum { lanes = 64 / sizeof(T), block = 1024 };
  double total = 0, both = 0;
  for (ptrdiff_t start = 0; start < n; start += block) {
    const ptrdiff_t end = TERN_MIN(start + block, n);
    FN(moment_vector) s0 = 0, s1 = 0, p0 = 0, p1 = 0;
    ptrdiff_t i = start;
    for (; i + 2 * lanes <= end; i += 2 * lanes) {
      const FN(moment_vector) *u = (const FN(moment_vector) *)(g + i), *v = (const FN(moment_vector) *)(x + i);
      const FN(moment_vector) g0 = u[0], g1 = u[1];
      s0 += g0;
      s1 += g1;
      p0 += g0 * (v[0] - centre);
      p1 += g1 * (v[1] - centre);
    }
    T s[lanes], p[lanes];
    s0 += s1;
    p0 += p1;
    memcpy(s, &s0, sizeof s);
    memcpy(p, &p0, sizeof p);
    for (ptrdiff_t l = 0; i < end; i++, l = (l + 1) % lanes) {
      s[l] += g[i];
      p[l] += g[i] * (x[i] - centre);
    }
    for (int width = lanes / 2; width > 0; width /= 2)
      for (int l = 0; l < width; l++) s[l] += s[l + width], p[l] += p[l + width];
    total += (double)s[0];
    both += (double)p[0];
  }
  *sum = total;
  *products = both;
}

static void FN(strip_product_sums)(
    ptrdiff_t n, ptrdiff_t step, ptrdiff_t width, double *sum, double *products, const T *g, const T *x, const T *centre) {
  enum { rows = 64 };
  T s[FN(moment_strip)], p[FN(moment_strip)];
  for (ptrdiff_t j = 0; j < width; j++) sum[j] = products[j] = 0;
  for (ptrdiff_t r = 0; r < n; r += rows) {
    const ptrdiff_t end = TERN_MIN(r + rows, n);
    for (ptrdiff_t j = 0; j < width; j++) s[j] = p[j] = 0;
    for (ptrdiff_t k = r; k < end; k++) {
      const T *u = g + k * step, *v = x + k * step;
      TERN_LOOP for (ptrdiff_t j = 0; j < width; j++) {
        s[j] += u[j];
        p[j] += u[j] * (v[j] - centre[j]);
      }
    }
    TERN_LOOP for (ptrdiff_t j = 0; j < width; j++) {
      sum[j] += (double)s[j];
      products[j] += (double)p[j];
    }
  }
}

static void FN(product_sums)(
    ptrdiff_t outer, ptrdiff_t n, ptrdiff_t inner, ptrdiff_t step, double *sum, double *products, const T *g,
    const T *x, const T *centre) {
  for (ptrdiff_t o = 0; o < outer; o++, g += n * step, x += n * step) {
    if (inner == 1 && step == 1) {
      FN(row_product_sums)(n, sum + o, products + o, g, x, centre[o]);
      continue;
    }
    const ptrdiff_t at = o * inner;
    for (ptrdiff_t c = 0; c < inner; c += FN(moment_strip))
      FN(strip_product_sums)(n, step, TERN_MIN(FN(moment_strip), inner - c), sum + at + c, products + at + c, g + c, x + c,
                             centre + at + c);
  }
}

// out = (x - centre) · scale + shift
static void FN(affine)(
    ptrdiff_t outer, ptrdiff_t n, ptrdiff_t inner, ptrdiff_t step, T *out, const T *x, const T *centre, const T *scale,
    const T *shift) {
  for (ptrdiff_t o = 0; o < outer; o++, out += n * step, x += n * step, centre += inner, scale += inner, shift += inner) {
    if (inner == 1 && step == 1) {
      const T m = centre[0], a = scale[0], b = shift[0];
      TERN_LOOP for (ptrdiff_t i = 0; i < n; i++) out[i] = (x[i] - m) * a + b;
      continue;
    }
    for (ptrdiff_t r = 0; r < n; r++) {
      const T *v = x + r * step;
      T *w = out + r * step;
      TERN_LOOP for (ptrdiff_t j = 0; j < inner; j++) w[j] = (v[j] - centre[j]) * scale[j] + shift[j];
    }
  }
}

// out = g · scale + (x - centre) · slope + shift
static void FN(affine_pair)(
    ptrdiff_t outer, ptrdiff_t n, ptrdiff_t inner, ptrdiff_t step, T *out, const T *g, const T *x, const T *centre,
    const T *scale, const T *slope, const T *shift) {
  for (ptrdiff_t o = 0; o < outer; o++) {
    if (inner == 1 && step == 1) {
      const T m = centre[0], a = scale[0], b = slope[0], c = shift[0];
      TERN_LOOP for (ptrdiff_t i = 0; i < n; i++) out[i] = g[i] * a + ((x[i] - m) * b + c);
    } else {
      for (ptrdiff_t r = 0; r < n; r++) {
        const T *u = g + r * step, *v = x + r * step;
        T *w = out + r * step;
        TERN_LOOP for (ptrdiff_t j = 0; j < inner; j++)
          w[j] = u[j] * scale[j] + ((v[j] - centre[j]) * slope[j] + shift[j]);
      }
    }
    out += n * step, g += n * step, x += n * step;
    centre += inner, scale += inner, slope += inner, shift += inner;
  }
}
