// Steps of the discrete Fourier transform, of complex numbers whose parts lie apart. Takes T and S.
//
// A stage of the self-sorting algorithm of Stockham divides transforms of length radix · m into those of length m:
// x is [radix][m][lanes] and y [m][radix][lanes], which the next stage reads as [radix'][m'][radix · lanes]. The innermost
// axis holds transforms side by side and what earlier stages have sorted, so that every loop over it is contiguous.

// a · (wr + i·wi), to the parts of y.
#define FOURIER_STORE(at, re, im, wr, wi)                                                          \
  do {                                                                                             \
    const T re_ = (re), im_ = (im);                                                                \
    yr[at] = re_ * (wr) - im_ * (wi);                                                              \
    yi[at] = re_ * (wi) + im_ * (wr);                                                              \
  } while (0)

static void FN(fourier_stage_2)(ptrdiff_t m, ptrdiff_t s, T *yr, T *yi, const T *xr, const T *xi, const T *w) {
  for (ptrdiff_t p = 0; p < m; p++, xr += s, xi += s, yr += 2 * s, yi += 2 * s) {
    const T w1r = w[p], w1i = w[m + p];
    TERN_LOOP for (ptrdiff_t q = 0; q < s; q++) {
      const T ar = xr[q], ai = xi[q], br = xr[q + m * s], bi = xi[q + m * s];
      yr[q] = ar + br;
      yi[q] = ai + bi;
      FOURIER_STORE(q + s, ar - br, ai - bi, w1r, w1i);
    }
  }
}

static void FN(fourier_stage_3)(ptrdiff_t m, ptrdiff_t s, T *yr, T *yi, const T *xr, const T *xi, const T *w) {
  const T sine = (T)0.866025403784438646763723170752936183;
  for (ptrdiff_t p = 0; p < m; p++, xr += s, xi += s, yr += 3 * s, yi += 3 * s) {
    const T w1r = w[p], w1i = w[m + p], w2r = w[2 * m + p], w2i = w[3 * m + p];
    TERN_LOOP for (ptrdiff_t q = 0; q < s; q++) {
      const T ar = xr[q], ai = xi[q];
      const T br = xr[q + m * s], bi = xi[q + m * s], cr = xr[q + 2 * m * s], ci = xi[q + 2 * m * s];
      const T sr = br + cr, si = bi + ci, dr = (br - cr) * sine, di = (bi - ci) * sine;
      const T tr = ar - sr * (T)0.5, ti = ai - si * (T)0.5;
      yr[q] = ar + sr;
      yi[q] = ai + si;
      FOURIER_STORE(q + s, tr + di, ti - dr, w1r, w1i);
      FOURIER_STORE(q + 2 * s, tr - di, ti + dr, w2r, w2i);
    }
  }
}

static void FN(fourier_stage_4)(ptrdiff_t m, ptrdiff_t s, T *yr, T *yi, const T *xr, const T *xi, const T *w) {
  for (ptrdiff_t p = 0; p < m; p++, xr += s, xi += s, yr += 4 * s, yi += 4 * s) {
    const T w1r = w[p], w1i = w[m + p], w2r = w[2 * m + p], w2i = w[3 * m + p], w3r = w[4 * m + p], w3i = w[5 * m + p];
    TERN_LOOP for (ptrdiff_t q = 0; q < s; q++) {
      const T ar = xr[q], ai = xi[q], br = xr[q + m * s], bi = xi[q + m * s];
      const T cr = xr[q + 2 * m * s], ci = xi[q + 2 * m * s], dr = xr[q + 3 * m * s], di = xi[q + 3 * m * s];
      const T t0r = ar + cr, t0i = ai + ci, t1r = ar - cr, t1i = ai - ci;
      const T t2r = br + dr, t2i = bi + di, t3r = bi - di, t3i = dr - br;
      yr[q] = t0r + t2r;
      yi[q] = t0i + t2i;
      FOURIER_STORE(q + s, t1r + t3r, t1i + t3i, w1r, w1i);
      FOURIER_STORE(q + 2 * s, t0r - t2r, t0i - t2i, w2r, w2i);
      FOURIER_STORE(q + 3 * s, t1r - t3r, t1i - t3i, w3r, w3i);
    }
  }
}

static void FN(fourier_stage_5)(ptrdiff_t m, ptrdiff_t s, T *yr, T *yi, const T *xr, const T *xi, const T *w) {
  const T c1 = (T)0.309016994374947424102293417182819059, c2 = (T)-0.809016994374947424102293417182819059;
  const T s1 = (T)0.951056516295153572116439333379382143, s2 = (T)0.587785252292473129168705954639072769;
  for (ptrdiff_t p = 0; p < m; p++, xr += s, xi += s, yr += 5 * s, yi += 5 * s) {
    const T *const wp = w + p;
    TERN_LOOP for (ptrdiff_t q = 0; q < s; q++) {
      const T ar = xr[q], ai = xi[q];
      const T br = xr[q + m * s], bi = xi[q + m * s], cr = xr[q + 2 * m * s], ci = xi[q + 2 * m * s];
      const T dr = xr[q + 3 * m * s], di = xi[q + 3 * m * s], er = xr[q + 4 * m * s], ei = xi[q + 4 * m * s];
      const T p1r = br + er, p1i = bi + ei, m1r = br - er, m1i = bi - ei;
      const T p2r = cr + dr, p2i = ci + di, m2r = cr - dr, m2i = ci - di;
      const T u1r = ar + c1 * p1r + c2 * p2r, u1i = ai + c1 * p1i + c2 * p2i;
      const T u2r = ar + c2 * p1r + c1 * p2r, u2i = ai + c2 * p1i + c1 * p2i;
      const T v1r = s1 * m1r + s2 * m2r, v1i = s1 * m1i + s2 * m2i;
      const T v2r = s2 * m1r - s1 * m2r, v2i = s2 * m1i - s1 * m2i;
      yr[q] = ar + p1r + p2r;
      yi[q] = ai + p1i + p2i;
      FOURIER_STORE(q + s, u1r + v1i, u1i - v1r, wp[0], wp[m]);
      FOURIER_STORE(q + 2 * s, u2r + v2i, u2i - v2r, wp[2 * m], wp[3 * m]);
      FOURIER_STORE(q + 3 * s, u2r - v2i, u2i + v2r, wp[4 * m], wp[5 * m]);
      FOURIER_STORE(q + 4 * s, u1r - v1i, u1i + v1r, wp[6 * m], wp[7 * m]);
    }
  }
}

typedef T FN(fourier_vector) __attribute__((ext_vector_type(TERN_VECTOR / sizeof(T)), aligned(sizeof(T)), may_alias));

// Half of the largest odd radix.
enum { FN(fourier_half) = 16 };

// An odd radix for numbers of type V, by its definition: sums and differences of the elements k and radix - k have the same
// cosine and sine for the results j and radix - j. The radix-th roots of one follow the factors.
#define FOURIER_ANY(NAME, V)                                                                       \
  TERN_INLINE void FN(NAME)(ptrdiff_t radix, ptrdiff_t m, ptrdiff_t s, T *yr, T *yi, const T *xr, const T *xi, \
                            const T *w, const T *roots) {                                          \
    V sum_r[FN(fourier_half)], sum_i[FN(fourier_half)], difference_r[FN(fourier_half)], difference_i[FN(fourier_half)]; \
    const ptrdiff_t half = radix / 2;                                                              \
    const V ar = *(const V *)xr, ai = *(const V *)xi;                                              \
    V first_r = ar, first_i = ai;                                                                  \
    for (ptrdiff_t k = 0; k < half; k++) {                                                         \
      const ptrdiff_t at = (k + 1) * m * s, other = (radix - 1 - k) * m * s;                       \
      const V br = *(const V *)(xr + at), bi = *(const V *)(xi + at);                              \
      const V cr = *(const V *)(xr + other), ci = *(const V *)(xi + other);                        \
      sum_r[k] = br + cr, sum_i[k] = bi + ci, difference_r[k] = br - cr, difference_i[k] = bi - ci; \
      first_r += sum_r[k], first_i += sum_i[k];                                                    \
    }                                                                                              \
    *(V *)yr = first_r, *(V *)yi = first_i;                                                        \
    for (ptrdiff_t j = 1; j <= half; j++) {                                                        \
      V re = ar, im = ai, turned_r = (V)(T)0, turned_i = (V)(T)0;                                  \
      ptrdiff_t root = 0;                                                                          \
      for (ptrdiff_t k = 0; k < half; k++) {                                                       \
        root += j;                                                                                 \
        root -= root >= radix ? radix : 0;                                                         \
        const V cosine = (V)roots[2 * root], sine = (V)roots[2 * root + 1];                        \
        re += cosine * sum_r[k], im += cosine * sum_i[k];                                          \
        turned_r += sine * difference_i[k], turned_i += sine * difference_r[k];                    \
      }                                                                                            \
      FOURIER_STORE_AS(V, j, re - turned_r, im + turned_i);                                        \
      FOURIER_STORE_AS(V, radix - j, re + turned_r, im - turned_i);                                \
    }                                                                                              \
  }
// A result times its factor.
#define FOURIER_STORE_AS(V, j, re, im)                                                             \
  do {                                                                                             \
    const V re_ = (re), im_ = (im), wr = (V)w[2 * ((j) - 1) * m], wi = (V)w[(2 * (j) - 1) * m];    \
    *(V *)(yr + (j) * s) = re_ * wr - im_ * wi;                                                    \
    *(V *)(yi + (j) * s) = re_ * wi + im_ * wr;                                                    \
  } while (0)
FOURIER_ANY(fourier_any_vector, FN(fourier_vector))
FOURIER_ANY(fourier_any_scalar, T)
#undef FOURIER_ANY
#undef FOURIER_STORE_AS

static void FN(fourier_stage_any)(ptrdiff_t radix, ptrdiff_t m, ptrdiff_t s, T *yr, T *yi, const T *xr, const T *xi,
                                  const T *w) {
  const ptrdiff_t lanes = TERN_VECTOR / sizeof(T);
  const T *const roots = w + 2 * (radix - 1) * m;
  for (ptrdiff_t p = 0; p < m; p++, xr += s, xi += s, yr += radix * s, yi += radix * s) {
    ptrdiff_t q = 0;
    for (; q + lanes <= s; q += lanes)
      FN(fourier_any_vector)(radix, m, s, yr + q, yi + q, xr + q, xi + q, w + p, roots);
    for (; q < s; q++) FN(fourier_any_scalar)(radix, m, s, yr + q, yi + q, xr + q, xi + q, w + p, roots);
  }
}

// One stage. w holds, for j = 1 ... radix - 1, the factors e^(-2πi·jp/(radix·m)) of p = 0 ... m - 1: cosines, then sines.
static void FN(fourier_stage)(ptrdiff_t radix, ptrdiff_t m, ptrdiff_t s, T *yr, T *yi, const T *xr, const T *xi,
                              const T *w) {
  switch (radix) {
  case 2: FN(fourier_stage_2)(m, s, yr, yi, xr, xi, w); break;
  case 3: FN(fourier_stage_3)(m, s, yr, yi, xr, xi, w); break;
  case 4: FN(fourier_stage_4)(m, s, yr, yi, xr, xi, w); break;
  case 5: FN(fourier_stage_5)(m, s, yr, yi, xr, xi, w); break;
  default: FN(fourier_stage_any)(radix, m, s, yr, yi, xr, xi, w);
  }
}

// y = x · w in every row; w steps by `row` from row to row and by `column` (0 or 1) from element to element.
static void FN(fourier_multiply)(ptrdiff_t rows, ptrdiff_t columns, T *yr, T *yi, const T *xr, const T *xi,
                                 const T *wr, const T *wi, ptrdiff_t row, ptrdiff_t column) {
  for (ptrdiff_t r = 0; r < rows; r++) {
    const ptrdiff_t at = r * columns;
    if (column == 0) {
      const T cr = wr[r * row], ci = wi[r * row];
      TERN_LOOP for (ptrdiff_t q = 0; q < columns; q++) FOURIER_STORE(at + q, xr[at + q], xi[at + q], cr, ci);
    } else {
      const T *const vr = wr + r * row, *const vi = wi + r * row;
      TERN_LOOP for (ptrdiff_t q = 0; q < columns; q++) FOURIER_STORE(at + q, xr[at + q], xi[at + q], vr[q], vi[q]);
    }
  }
}

// The half spectrum [h + 1][lanes] of 2h real numbers, from the transform z [h][lanes] of their pairs;
// w: cos and -sin of 2πk/2h, k = 0 ... h.
static void FN(fourier_split)(ptrdiff_t h, ptrdiff_t lanes, T *yr, T *yi, const T *zr, const T *zi, const T *wr,
                              const T *wi) {
  const ptrdiff_t outer = lanes < 4 ? lanes : 1, inner = lanes < 4 ? 1 : lanes;
  const T half = (T)0.5;
  for (ptrdiff_t lane = 0; lane < outer; lane++) {
    for (ptrdiff_t q = 0; q < inner; q++) {
      const ptrdiff_t at = lane + q;
      yr[at] = zr[at] + zi[at];
      yi[at] = 0;
      yr[h * lanes + at] = zr[at] - zi[at];
      yi[h * lanes + at] = 0;
    }
#define FOURIER_SPLIT(k, q)                                                                        \
  do {                                                                                             \
    const ptrdiff_t at = (k) * lanes + lane + (q), other = (h - (k)) * lanes + lane + (q);         \
    const T er = (zr[at] + zr[other]) * half, ei = (zi[at] - zi[other]) * half;                    \
    const T dr = (zi[at] + zi[other]) * half, di = (zr[other] - zr[at]) * half;                    \
    yr[at] = er + wr[k] * dr - wi[k] * di;                                                         \
    yi[at] = ei + wr[k] * di + wi[k] * dr;                                                         \
  } while (0)
    if (inner == 1) {
      TERN_LOOP for (ptrdiff_t k = 1; k < h; k++) FOURIER_SPLIT(k, 0);
    } else {
      for (ptrdiff_t k = 1; k < h; k++) {
        TERN_LOOP for (ptrdiff_t q = 0; q < inner; q++) FOURIER_SPLIT(k, q);
      }
    }
#undef FOURIER_SPLIT
  }
}

// What `fourier_split` undoes, times two: z [h][lanes] whose backward transform has the 2h real numbers as its pairs, from
// the half spectrum x [h + 1][lanes]. The imaginary parts of the first and the last row do not matter.
static void FN(fourier_merge)(ptrdiff_t h, ptrdiff_t lanes, T *zr, T *zi, const T *xr, const T *xi, const T *wr,
                              const T *wi) {
  const ptrdiff_t outer = lanes < 4 ? lanes : 1, inner = lanes < 4 ? 1 : lanes;
  for (ptrdiff_t lane = 0; lane < outer; lane++) {
    for (ptrdiff_t q = 0; q < inner; q++) {
      const ptrdiff_t at = lane + q;
      zr[at] = xr[at] + xr[h * lanes + at];
      zi[at] = xr[at] - xr[h * lanes + at];
    }
#define FOURIER_MERGE(k, q)                                                                        \
  do {                                                                                             \
    const ptrdiff_t at = (k) * lanes + lane + (q), other = (h - (k)) * lanes + lane + (q);         \
    const T dr = xr[at] - xr[other], di = xi[at] + xi[other];                                      \
    zr[at] = xr[at] + xr[other] - (wr[k] * di - wi[k] * dr);                                       \
    zi[at] = xi[at] - xi[other] + (wr[k] * dr + wi[k] * di);                                       \
  } while (0)
    if (inner == 1) {
      TERN_LOOP for (ptrdiff_t k = 1; k < h; k++) FOURIER_MERGE(k, 0);
    } else {
      for (ptrdiff_t k = 1; k < h; k++) {
        TERN_LOOP for (ptrdiff_t q = 0; q < inner; q++) FOURIER_MERGE(k, q);
      }
    }
#undef FOURIER_MERGE
  }
}

#undef FOURIER_STORE
