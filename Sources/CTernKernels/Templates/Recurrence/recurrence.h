// Linear recurrences and the derivatives of softmax over [outer, n, inner] along the middle axis. Takes T and S.

// Columns are processed in panels whose state stays in the L1 cache.
#define PANEL 128

// Where a factor is 0 the other does not matter.
static inline double FN(zero_mul_double)(double a, double b) {
  const double product = a * b;
  return ((product != product) & ((a == 0) | (b == 0))) ? 0 : product;
}

// Eight rows of a recurrence; returns whether all results are numbers.
static bool FN(recurrence_rows)(ptrdiff_t n, T *out, const T *a, const T *b, bool reversed) {
  enum { rows = 8 };
  double state[rows];
  if (n == 0) return true;
  const ptrdiff_t start = reversed ? n - 1 : 0, step = reversed ? -1 : 1;
  for (ptrdiff_t j = 0; j < rows; j++) out[j * n + start] = (T)(state[j] = (double)b[j * n + start]);
  for (ptrdiff_t i = 1, at = start + step; i < n; i++, at += step)
    for (ptrdiff_t j = 0; j < rows; j++) {
      state[j] = (double)b[j * n + at] + (double)a[j * n + at] * state[j];
      out[j * n + at] = (T)state[j];
    }
  bool isNaN = false;
  for (ptrdiff_t j = 0; j < rows; j++) isNaN |= state[j] != state[j];
  return !isNaN;
}

// out[r] = b[r] + a[r] * out[r - 1], or out[r + 1] from the end; a Float's chain runs in Double. A nan in the chain stays
// in it: what it ends with says whether the products have to be looked at one by one.
static void FN(recurrence)(ptrdiff_t outer, ptrdiff_t n, ptrdiff_t inner, T *out, const T *a, const T *b,
                           bool reversed) {
  double state[PANEL];
  ptrdiff_t rows = 0;
  // Rows side by side, each a chain of its own.
  for (; inner == 1 && rows + 8 <= outer; rows += 8)
    if (!FN(recurrence_rows)(n, out + rows * n, a + rows * n, b + rows * n, reversed)) break;
  for (ptrdiff_t o = rows; o < outer; o++) {
    for (ptrdiff_t c = 0; c < inner; c += PANEL) {
      const ptrdiff_t width = TERN_MIN(PANEL, inner - c);
      for (int careful = 0; careful < 2; careful++) {
        for (ptrdiff_t i = 0; i < n; i++) {
          const ptrdiff_t at = (o * n + (reversed ? n - 1 - i : i)) * inner + c;
          if (i == 0) {
            for (ptrdiff_t j = 0; j < width; j++) state[j] = (double)b[at + j];
          } else if (careful) {
            for (ptrdiff_t j = 0; j < width; j++)
              state[j] = (double)b[at + j] + FN(zero_mul_double)((double)a[at + j], state[j]);
          } else {
            TERN_LOOP for (ptrdiff_t j = 0; j < width; j++)
              state[j] = (double)b[at + j] + (double)a[at + j] * state[j];
          }
          TERN_LOOP for (ptrdiff_t j = 0; j < width; j++) out[at + j] = (T)state[j];
        }
        bool isNaN = false;
        for (ptrdiff_t j = 0; j < width; j++) isNaN |= state[j] != state[j];
        if (!isNaN) break;
      }
    }
  }
}

// out = y * (g - sum of g * y) of a row; where the sum is no number, without the products of 0.
static void FN(softmax_grad_row)(ptrdiff_t n, T *out, ptrdiff_t step, const T *g, const T *y) {
  double total = 0;
  for (ptrdiff_t i = 0; i < n; i++) total += FN(zero_mul_double)((double)g[i * step], (double)y[i * step]);
  for (ptrdiff_t i = 0; i < n; i++) out[i * step] = FN(zero_mul)(y[i * step], g[i * step] - (T)total);
}

// The same for `rows` short rows, at most one a lane.
static void FN(short_softmax_grad)(ptrdiff_t rows, ptrdiff_t n, T *out, const T *g, const T *y) {
  enum { lanes = FN(loss_lanes) };
  typedef FN(loss_vector) vector;
  T first[FN(short_row) * lanes], second[FN(short_row) * lanes];
  vector *const u = (vector *)first, *const v = (vector *)second;
  if (rows < lanes) memset(first, 0, sizeof first), memset(second, 0, sizeof second);
  FN(turn_rows)(n, rows, first, lanes, g, n);
  FN(turn_rows)(n, rows, second, lanes, y, n);
  vector sums[4] = {0, 0, 0, 0};
  for (ptrdiff_t i = 0; i < n; i++) sums[i % 4] += u[i] * v[i];
  const vector sum = (sums[0] + sums[1]) + (sums[2] + sums[3]);
  for (ptrdiff_t i = 0; i < n; i++) u[i] = v[i] * (u[i] - sum);
  FN(turn_rows)(rows, n, out, n, first, lanes);
  for (ptrdiff_t l = 0; l < rows; l++)
    if (sum[l] - sum[l] != 0) FN(softmax_grad_row)(n, out + l * n, 1, g + l * n, y + l * n);
}

// out = y * (g - sum of g * y)
static void FN(softmax_grad)(ptrdiff_t outer, ptrdiff_t n, ptrdiff_t inner, T *out, const T *g, const T *y) {
  enum { block = 256 };
  if (inner == 1 && n <= FN(short_row) && out != g && out != y) {
    for (ptrdiff_t o = 0; o < outer; o += FN(loss_lanes))
      FN(short_softmax_grad)(TERN_MIN(FN(loss_lanes), outer - o), n, out + o * n, g + o * n, y + o * n);
    return;
  }
  for (ptrdiff_t o = 0; o < outer; o++, out += n * inner, g += n * inner, y += n * inner) {
    if (inner == 1) {
      T products[block];
      double total = 0;
      for (ptrdiff_t i = 0; i < n; i += block) {
        const ptrdiff_t count = TERN_MIN(block, n - i);
        TERN_LOOP for (ptrdiff_t j = 0; j < count; j++) products[j] = g[i + j] * y[i + j];
        total += (double)FN(sum_block)(count, products);
      }
      const T sum = (T)total;
      if (sum - sum != 0) {
        FN(softmax_grad_row)(n, out, 1, g, y);
        continue;
      }
      TERN_LOOP for (ptrdiff_t i = 0; i < n; i++) out[i] = y[i] * (g[i] - sum);
      continue;
    }
    for (ptrdiff_t c = 0; c < inner; c += PANEL) {
      const ptrdiff_t width = TERN_MIN(PANEL, inner - c);
      double sums[PANEL];
      for (ptrdiff_t j = 0; j < width; j++) sums[j] = 0;
      for (ptrdiff_t r = 0; r < n; r++) {
        const T *gr = g + r * inner + c, *yr = y + r * inner + c;
        TERN_LOOP for (ptrdiff_t j = 0; j < width; j++) sums[j] += (double)gr[j] * (double)yr[j];
      }
      for (ptrdiff_t r = 0; r < n; r++) {
        const ptrdiff_t at = r * inner + c;
        TERN_LOOP for (ptrdiff_t j = 0; j < width; j++) out[at + j] = y[at + j] * (g[at + j] - (T)sums[j]);
      }
      for (ptrdiff_t j = 0; j < width; j++)
        if ((T)sums[j] - (T)sums[j] != 0) FN(softmax_grad_row)(n, out + c + j, inner, g + c + j, y + c + j);
    }
  }
}

// out = g - e^y * sum of g of a row whose sum is 0 or no number: where a factor is 0 the other does not matter.
static void FN(log_softmax_grad_row)(ptrdiff_t n, T *out, ptrdiff_t step, const T *g, const T *y, T sum) {
  for (ptrdiff_t i = 0; i < n; i++) out[i * step] = g[i * step] - FN(zero_mul)(FN(exp)(y[i * step]), sum);
}

// out = g - e^y * sum of g
static void FN(log_softmax_grad)(ptrdiff_t outer, ptrdiff_t n, ptrdiff_t inner, T *out, const T *g, const T *y) {
  for (ptrdiff_t o = 0; o < outer; o++, out += n * inner, g += n * inner, y += n * inner) {
    if (inner == 1) {
      const T sum = FN(sum_blocks)(n, g, false);
      if (sum == 0 || sum - sum != 0) {
        FN(log_softmax_grad_row)(n, out, 1, g, y, sum);
        continue;
      }
      TERN_LOOP for (ptrdiff_t i = 0; i < n; i++) out[i] = g[i] - FN(exp)(y[i]) * sum;
      continue;
    }
    for (ptrdiff_t c = 0; c < inner; c += PANEL) {
      const ptrdiff_t width = TERN_MIN(PANEL, inner - c);
      double sums[PANEL];
      for (ptrdiff_t j = 0; j < width; j++) sums[j] = 0;
      for (ptrdiff_t r = 0; r < n; r++) {
        const T *row = g + r * inner + c;
        TERN_LOOP for (ptrdiff_t j = 0; j < width; j++) sums[j] += (double)row[j];
      }
      for (ptrdiff_t r = 0; r < n; r++) {
        const ptrdiff_t at = r * inner + c;
        TERN_LOOP for (ptrdiff_t j = 0; j < width; j++) out[at + j] = g[at + j] - FN(exp)(y[at + j]) * (T)sums[j];
      }
      for (ptrdiff_t j = 0; j < width; j++) {
        const T sum = (T)sums[j];
        if (sum == 0 || sum - sum != 0)
          FN(log_softmax_grad_row)(n, out + c + j, inner, g + c + j, y + c + j, sum);
      }
    }
  }
}
#undef PANEL
