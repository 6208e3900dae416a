// Normalization over blocks [outer][n][inner] along the middle axis, whose rows lie `step` apart: the statistics, and
// the passes that use them. What belongs to a column lies in coefficients [outer][inner]. Takes T and S.

static void FN(block_moments)(
    ptrdiff_t outer, ptrdiff_t n, ptrdiff_t inner, ptrdiff_t step, double *mean, double *m2, const T *x) {
  for (ptrdiff_t o = 0; o < outer; o++, x += n * step, mean += inner, m2 += inner) {
    if (inner == 1 && step == 1) {
      FN(shifted_row_moments)(n, x, mean, m2);
      continue;
    }
    for (ptrdiff_t c = 0; c < inner; c += FN(column_panel))
      FN(shifted_panel_moments)(n, step, TERN_MIN(FN(column_panel), inner - c), x + c, mean + c, m2 + c);
  }
}

// The rows that come next. A masked load waits for its mask, and with it the memory would wait for each line in turn.
INLINE void FN(prefetch)(ptrdiff_t rows, ptrdiff_t n, ptrdiff_t step, const T *x) {
  for (ptrdiff_t k = 0; k < rows; k++)
    for (ptrdiff_t j = 0; j < n; j += 64 / sizeof(T)) __builtin_prefetch(x + k * step + j);
}

#define RECTIFIED(v) (0 > (v) ? 0 : (v))
// Rows at once of out = (x - center) · scale + shift [+ r], then ReLU for `appliesReLU`; the results lie `next` apart.
INLINE void FN(affine_rows)(
    const int rows, ptrdiff_t n, ptrdiff_t step, ptrdiff_t next, T *out, const T *x, const T *r, const T *center,
    const T *scale, const T *shift, const bool appliesReLU) {
  TERN_LOOP for (ptrdiff_t j = 0; j < n; j++) {
    const T c = center[j], a = scale[j], b = shift[j];
    for (int k = 0; k < rows; k++) {
      T v = (x[j + k * step] - c) * a + b;
      if (r) v = v + r[j + k * step];
      out[j + k * next] = appliesReLU ? RECTIFIED(v) : v;
    }
  }
}

INLINE void FN(affine_segment)(
    ptrdiff_t n, T *out, const T *x, const T *r, const T c, const T a, const T b, const bool appliesReLU) {
  TERN_LOOP for (ptrdiff_t j = 0; j < n; j++) {
    T v = (x[j] - c) * a + b;
    if (r) v = v + r[j];
    out[j] = appliesReLU ? RECTIFIED(v) : v;
  }
}

INLINE void FN(affine_block)(
    ptrdiff_t outer, ptrdiff_t n, ptrdiff_t inner, ptrdiff_t step, T *out, const T *x, const T *r, const T *center,
    const T *scale, const T *shift, const bool appliesReLU, bool nonTemporal) {
  enum { rows = 4 };
  T row[rows * FN(column_panel)] __attribute__((aligned(64)));
  for (ptrdiff_t o = 0; o < outer; o++) {
    if (inner == 1 && step == 1) {
      const T c = center[0], a = scale[0], b = shift[0];
      for (ptrdiff_t i = 0; i < n; i += FN(column_panel)) {
        const ptrdiff_t count = nonTemporal ? TERN_MIN(FN(column_panel), n - i) : n;
        FN(affine_segment)(count, nonTemporal ? row : out, x + i, r ? r + i : NULL, c, a, b, appliesReLU);
        if (!nonTemporal) break;
        store_nontemporal((size_t)count * sizeof(T), out + i, row);
      }
    } else {
      for (ptrdiff_t j = 0; j < inner; j += FN(column_panel)) {
        const ptrdiff_t width = TERN_MIN(FN(column_panel), inner - j);
        const T *c = center + j, *a = scale + j, *b = shift + j;
        for (ptrdiff_t k = 0; k < n; k += rows) {
          const ptrdiff_t at = k * step + j;
          T *target = nonTemporal ? row : out + at;
          const ptrdiff_t next = nonTemporal ? (ptrdiff_t)FN(column_panel) : step;
          if (k + rows <= n) {
            FN(affine_rows)(rows, width, step, next, target, x + at, r ? r + at : NULL, c, a, b, appliesReLU);
          } else {
            for (ptrdiff_t q = 0; q < n - k; q++)
              FN(affine_rows)(1, width, 0, 0, target + q * next, x + at + q * step, r ? r + at + q * step : NULL, c, a,
                              b, appliesReLU);
          }
          for (ptrdiff_t q = 0; nonTemporal && q < TERN_MIN(rows, n - k); q++)
            store_nontemporal((size_t)width * sizeof(T), out + at + q * step, row + q * next);
        }
      }
    }
    out += n * step, x += n * step, center += inner, scale += inner, shift += inner;
    if (r) r += n * step;
  }
}

static void FN(affine_unfenced)(
    ptrdiff_t outer, ptrdiff_t n, ptrdiff_t inner, ptrdiff_t step, T *out, const T *x, const T *r, const T *center,
    const T *scale, const T *shift, bool appliesReLU, bool nonTemporal) {
  if (appliesReLU && r) FN(affine_block)(outer, n, inner, step, out, x, r, center, scale, shift, true, nonTemporal);
  else if (appliesReLU) FN(affine_block)(outer, n, inner, step, out, x, NULL, center, scale, shift, true, nonTemporal);
  else if (r) FN(affine_block)(outer, n, inner, step, out, x, r, center, scale, shift, false, nonTemporal);
  else FN(affine_block)(outer, n, inner, step, out, x, NULL, center, scale, shift, false, nonTemporal);
}

// out = (x - center) · scale + shift [+ r], then ReLU for `appliesReLU`. `nonTemporal` uses non-temporal stores.
static void FN(affine)(
    ptrdiff_t outer, ptrdiff_t n, ptrdiff_t inner, ptrdiff_t step, T *out, const T *x, const T *r, const T *center,
    const T *scale, const T *shift, bool appliesReLU, bool nonTemporal) {
  FN(affine_unfenced)(outer, n, inner, step, out, x, r, center, scale, shift, appliesReLU, nonTemporal);
  if (nonTemporal) tern_nontemporal_fence();
}

// What passes the ReLU behind a normalization: by its result where there is one, else worked out again from x.
#define MASKED(g, x, y, c, a, b) (hasY ? ((y) <= 0 ? 0 : (g)) : appliesReLU ? (((x) - (c)) * (a) + (b) <= 0 ? 0 : (g)) : (g))

// One long row: Σ g and Σ g(x - center), in lanes that are added up in halves, blocks of them in Double.
INLINE void FN(row_product_sums)(
    ptrdiff_t n, double *sum, double *products, const T *g, const T *x, const T *y, T *masked, const T c, const T a,
    const T b, const bool appliesReLU, const bool hasY, const bool keeps) {
  enum { lanes = 64 / sizeof(T), block = 1024 };
  T kept[block] __attribute__((aligned(64)));
  double total = 0, both = 0;
  for (ptrdiff_t start = 0; start < n; start += block) {
    const ptrdiff_t count = TERN_MIN(block, n - start);
    const T *u = g + start, *v = x + start;
    if (appliesReLU || hasY) {
      T *target = keeps ? masked + start : kept;
      TERN_LOOP for (ptrdiff_t i = 0; i < count; i++)
        target[i] = MASKED(u[i], v[i], (hasY ? y : g)[start + i], c, a, b);
      u = target;
    }
    FN(moment_vector) s0 = 0, s1 = 0, p0 = 0, p1 = 0;
    ptrdiff_t i = 0;
    for (; i + 2 * lanes <= count; i += 2 * lanes) {
      const FN(moment_vector) *gs = (const FN(moment_vector) *)(u + i), *xs = (const FN(moment_vector) *)(v + i);
      const FN(moment_vector) g0 = gs[0], g1 = gs[1];
      s0 += g0;
      s1 += g1;
      p0 += g0 * (xs[0] - c);
      p1 += g1 * (xs[1] - c);
    }
    T s[lanes], p[lanes];
    s0 += s1;
    p0 += p1;
    memcpy(s, &s0, sizeof s);
    memcpy(p, &p0, sizeof p);
    for (ptrdiff_t l = 0; i < count; i++, l = (l + 1) % lanes) {
      s[l] += u[i];
      p[l] += u[i] * (v[i] - c);
    }
    for (int width = lanes / 2; width > 0; width /= 2)
      for (int l = 0; l < width; l++) s[l] += s[l + width], p[l] += p[l + width];
    total += (double)s[0];
    both += (double)p[0];
  }
  *sum = total;
  *products = both;
}

// Columns: four rows add up before they join their column's sums, 256 before those join the sums in Double.
INLINE void FN(panel_product_sums)(
    ptrdiff_t n, ptrdiff_t step, ptrdiff_t width, double *sum, double *products, const T *g, const T *x, const T *y,
    T *masked, const T *center, const T *scale, const T *shift, const bool appliesReLU, const bool hasY, const bool keeps) {
  enum { rows = 256 };
  T s[FN(column_panel)], p[FN(column_panel)];
  for (ptrdiff_t j = 0; j < width; j++) sum[j] = products[j] = 0;
  for (ptrdiff_t start = 0; start < n; start += rows) {
    const ptrdiff_t end = TERN_MIN(start + rows, n);
    for (ptrdiff_t j = 0; j < width; j++) s[j] = p[j] = 0;
    ptrdiff_t k = start;
    for (; k + 4 <= end; k += 4) {
      const ptrdiff_t at = k * step;
      const T *g0 = g + at, *x0 = x + at, *y0 = hasY ? y + at : g0;
      T *out = keeps ? masked + at : s;
      if (appliesReLU || hasY) FN(prefetch)(4, width, step, g0 + 4 * step);
      TERN_LOOP for (ptrdiff_t j = 0; j < width; j++) {
        const T c = center[j], a = appliesReLU ? scale[j] : 1, b = appliesReLU ? shift[j] : 0;
        const T v0 = x0[j], v1 = x0[j + step], v2 = x0[j + 2 * step], v3 = x0[j + 3 * step];
        const T u0 = MASKED(g0[j], v0, y0[j], c, a, b), u1 = MASKED(g0[j + step], v1, y0[j + step], c, a, b);
        const T u2 = MASKED(g0[j + 2 * step], v2, y0[j + 2 * step], c, a, b);
        const T u3 = MASKED(g0[j + 3 * step], v3, y0[j + 3 * step], c, a, b);
        if (keeps) out[j] = u0, out[j + step] = u1, out[j + 2 * step] = u2, out[j + 3 * step] = u3;
        s[j] += (u0 + u1) + (u2 + u3);
        p[j] += (u0 * (v0 - c) + u1 * (v1 - c)) + (u2 * (v2 - c) + u3 * (v3 - c));
      }
    }
    for (; k < end; k++) {
      const ptrdiff_t at = k * step;
      const T *g0 = g + at, *x0 = x + at, *y0 = hasY ? y + at : g0;
      T *out = keeps ? masked + at : s;
      TERN_LOOP for (ptrdiff_t j = 0; j < width; j++) {
        const T c = center[j], a = appliesReLU ? scale[j] : 1, b = appliesReLU ? shift[j] : 0;
        const T u = MASKED(g0[j], x0[j], y0[j], c, a, b);
        if (keeps) out[j] = u;
        s[j] += u;
        p[j] += u * (x0[j] - c);
      }
    }
    TERN_LOOP for (ptrdiff_t j = 0; j < width; j++) {
      sum[j] += (double)s[j];
      products[j] += (double)p[j];
    }
  }
}

INLINE void FN(block_product_sums)(
    ptrdiff_t outer, ptrdiff_t n, ptrdiff_t inner, ptrdiff_t step, double *sum, double *products, const T *g,
    const T *x, const T *y, T *masked, const T *center, const T *scale, const T *shift, const bool appliesReLU,
    const bool hasY, const bool keeps) {
  for (ptrdiff_t o = 0; o < outer; o++) {
    const ptrdiff_t at = o * n * step, entry = o * inner;
    if (inner == 1 && step == 1) {
      FN(row_product_sums)(n, sum + o, products + o, g + at, x + at, hasY ? y + at : NULL, keeps ? masked + at : NULL,
                           center[o], appliesReLU ? scale[o] : 1, appliesReLU ? shift[o] : 0, appliesReLU, hasY, keeps);
      continue;
    }
    for (ptrdiff_t c = 0; c < inner; c += FN(column_panel))
      FN(panel_product_sums)(
          n, step, TERN_MIN(FN(column_panel), inner - c), sum + entry + c, products + entry + c, g + at + c, x + at + c,
          hasY ? y + at + c : NULL, keeps ? masked + at + c : NULL, center + entry + c,
          appliesReLU ? scale + entry + c : NULL, appliesReLU ? shift + entry + c : NULL, appliesReLU, hasY, keeps);
  }
}

// Σ g and Σ g(x - center), of the gradients that pass a ReLU behind: where y is above 0, or, with scale and shift,
// where (x - center) · scale + shift is. `masked`, with y only, takes those gradients.
static void FN(product_sums)(
    ptrdiff_t outer, ptrdiff_t n, ptrdiff_t inner, ptrdiff_t step, double *sum, double *products, const T *g,
    const T *x, const T *y, T *masked, const T *center, const T *scale, const T *shift) {
  if (y && masked)
    FN(block_product_sums)(outer, n, inner, step, sum, products, g, x, y, masked, center, NULL, NULL, false, true, true);
  else if (scale)
    FN(block_product_sums)(outer, n, inner, step, sum, products, g, x, NULL, NULL, center, scale, shift, true, false,
                           false);
  else
    FN(block_product_sums)(outer, n, inner, step, sum, products, g, x, NULL, NULL, center, NULL, NULL, false, false,
                           false);
}

// Rows at once of out = g · scale + ((x - center) · inputScale + offset), the gradients as a ReLU behind passes them.
INLINE void FN(affine_pair_rows)(
    const int rows, ptrdiff_t n, ptrdiff_t step, ptrdiff_t next, T *out, const T *g, const T *x, const T *center,
    const T *scale, const T *inputScale, const T *offset, const T *reluScale, const T *reluShift, const bool appliesReLU) {
  const bool hasY = false;
  TERN_LOOP for (ptrdiff_t j = 0; j < n; j++) {
    const T c = center[j], a = scale[j], s = inputScale[j], t = offset[j];
    const T ca = appliesReLU ? reluScale[j] : 1, cb = appliesReLU ? reluShift[j] : 0;
    for (int k = 0; k < rows; k++) {
      const T v = x[j + k * step], u = MASKED(g[j + k * step], v, v, c, ca, cb);
      out[j + k * next] = u * a + ((v - c) * s + t);
    }
  }
}

INLINE void FN(affine_pair_segment)(
    ptrdiff_t n, T *out, const T *g, const T *x, const T c, const T a, const T s, const T t, const T ca, const T cb,
    const bool appliesReLU) {
  const bool hasY = false;
  TERN_LOOP for (ptrdiff_t j = 0; j < n; j++) {
    const T v = x[j], u = MASKED(g[j], v, v, c, ca, cb);
    out[j] = u * a + ((v - c) * s + t);
  }
}

INLINE void FN(affine_pair_block)(
    ptrdiff_t outer, ptrdiff_t n, ptrdiff_t inner, ptrdiff_t step, T *out, const T *g, const T *x, const T *center,
    const T *scale, const T *inputScale, const T *offset, const T *reluScale, const T *reluShift, const bool appliesReLU,
    bool nonTemporal) {
  enum { rows = 4 };
  T row[rows * FN(column_panel)] __attribute__((aligned(64)));
  for (ptrdiff_t o = 0; o < outer; o++, out += n * step, g += n * step, x += n * step) {
    const ptrdiff_t entry = o * inner;
    if (inner == 1 && step == 1) {
      for (ptrdiff_t i = 0; i < n; i += FN(column_panel)) {
        const ptrdiff_t count = nonTemporal ? TERN_MIN(FN(column_panel), n - i) : n;
        FN(affine_pair_segment)(count, nonTemporal ? row : out, g + i, x + i, center[o], scale[o], inputScale[o], offset[o],
                                appliesReLU ? reluScale[o] : 1, appliesReLU ? reluShift[o] : 0, appliesReLU);
        if (!nonTemporal) break;
        store_nontemporal((size_t)count * sizeof(T), out + i, row);
      }
      continue;
    }
    for (ptrdiff_t j = 0; j < inner; j += FN(column_panel)) {
      const ptrdiff_t width = TERN_MIN(FN(column_panel), inner - j), e = entry + j;
      const T *cs = appliesReLU ? reluScale + e : NULL, *ct = appliesReLU ? reluShift + e : NULL;
      for (ptrdiff_t k = 0; k < n; k += rows) {
        const ptrdiff_t at = k * step + j;
        T *target = nonTemporal ? row : out + at;
        const ptrdiff_t next = nonTemporal ? (ptrdiff_t)FN(column_panel) : step;
        FN(prefetch)(rows, width, step, g + at + rows * step);
        FN(prefetch)(rows, width, step, x + at + rows * step);
        if (k + rows <= n) {
          FN(affine_pair_rows)(rows, width, step, next, target, g + at, x + at, center + e, scale + e, inputScale + e,
                               offset + e, cs, ct, appliesReLU);
        } else {
          for (ptrdiff_t q = 0; q < n - k; q++)
            FN(affine_pair_rows)(1, width, 0, 0, target + q * next, g + at + q * step, x + at + q * step, center + e,
                                 scale + e, inputScale + e, offset + e, cs, ct, appliesReLU);
        }
        for (ptrdiff_t q = 0; nonTemporal && q < TERN_MIN(rows, n - k); q++)
          store_nontemporal((size_t)width * sizeof(T), out + at + q * step, row + q * next);
      }
    }
  }
}

static void FN(affine_pair_unfenced)(
    ptrdiff_t outer, ptrdiff_t n, ptrdiff_t inner, ptrdiff_t step, T *out, const T *g, const T *x, const T *center,
    const T *scale, const T *inputScale, const T *offset, const T *reluScale, const T *reluShift, bool nonTemporal) {
  if (reluScale)
    FN(affine_pair_block)(outer, n, inner, step, out, g, x, center, scale, inputScale, offset, reluScale, reluShift, true,
                          nonTemporal);
  else
    FN(affine_pair_block)(outer, n, inner, step, out, g, x, center, scale, inputScale, offset, NULL, NULL, false, nonTemporal);
}

// out = g · scale + ((x - center) · inputScale + offset); with reluScale and reluShift, g counts only where
// (x - center) · reluScale + reluShift is above 0.
static void FN(affine_pair)(
    ptrdiff_t outer, ptrdiff_t n, ptrdiff_t inner, ptrdiff_t step, T *out, const T *g, const T *x, const T *center,
    const T *scale, const T *inputScale, const T *offset, const T *reluScale, const T *reluShift, bool nonTemporal) {
  FN(affine_pair_unfenced)(outer, n, inner, step, out, g, x, center, scale, inputScale, offset, reluScale, reluShift, nonTemporal);
  if (nonTemporal) tern_nontemporal_fence();
}
#undef MASKED
#undef RECTIFIED
