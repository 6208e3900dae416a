// The gradient of products over the middle axis of [outer, n, inner]: for each element the product of the others, without a
// division where the whole is no normal number. Products are those of blocks of elements, before and behind, in Double.
// Takes T and S.

enum { FN(product_length) = 32 };

#ifdef PLAIN_SUMS
// Less than this is 0 in T.
#define NOTHING 0x1p-151
#define IS_NORMAL(v) (__builtin_fabs(v) >= 0x1p-126 && __builtin_fabs(v) <= 0x1.fffffep127)
#else
#define NOTHING 0x1p-1074
#define IS_NORMAL(v) (__builtin_fabs(v) >= 0x1p-1022 && __builtin_fabs(v) <= 0x1.fffffffffffffp1023)
#endif

// a·b, and 0 where either is 0.
TERN_INLINE double FN(product_of)(double a, double b) {
  const double product = a * b;
  return ((product != product) & ((a == 0) | (b == 0))) ? 0 : product;
}

// What the product of some elements of a block can be at most: that of those above 1, or that are no numbers.
TERN_INLINE double FN(at_least_one)(double v) { return __builtin_fabs(v) <= 1 ? 1 : __builtin_fabs(v); }

// The product and the bound of n ≤ product_length elements.
static void FN(block_product)(ptrdiff_t n, const T *x, double *product, double *bound) {
  enum { lanes = 8 };
  typedef double vector __attribute__((ext_vector_type(8)));
  typedef T loaded __attribute__((ext_vector_type(8), aligned(sizeof(T)), may_alias));
  vector p = 1, b = 1;
  ptrdiff_t i = 0;
  for (; i + lanes <= n; i += lanes) {
    const vector v = __builtin_convertvector(*(const loaded *)(x + i), vector);
    const vector size = __builtin_elementwise_abs(v);
    p *= v;
    b *= (size <= 1.0) ? (vector)1.0 : size;
  }
  double whole = ((p[0] * p[1]) * (p[2] * p[3])) * ((p[4] * p[5]) * (p[6] * p[7]));
  double most = ((b[0] * b[1]) * (b[2] * b[3])) * ((b[4] * b[5]) * (b[6] * b[7]));
  for (; i < n; i++) {
    whole *= (double)x[i];
    most *= FN(at_least_one)((double)x[i]);
  }
  *product = whole, *bound = most;
}

// One row. Scratch holds three values a block.
static void FN(product_grad_row)(ptrdiff_t n, T *out, T g, const T *x, double *scratch) {
  const ptrdiff_t blocks = (n + FN(product_length) - 1) / FN(product_length);
  double *const before = scratch, *const after = scratch + blocks, *const bound = after + blocks;
  for (ptrdiff_t b = 0; b < blocks; b++) {
    const ptrdiff_t at = b * FN(product_length);
    FN(block_product)(TERN_MIN(FN(product_length), n - at), x + at, before + b, bound + b);
  }
  double rest = 1, whole = 1;
  for (ptrdiff_t b = blocks - 1; b >= 0; b--) after[b] = rest, rest *= before[b];
  for (ptrdiff_t b = 0; b < blocks; b++) {
    const double product = before[b];
    before[b] = whole, whole *= product;
  }
  if (IS_NORMAL(whole)) {
    const T y = (T)whole;
    TERN_LOOP for (ptrdiff_t i = 0; i < n; i++) {
      const T others = y / x[i], product = g * others;
      out[i] = g == 0 ? 0 : product;
    }
    return;
  }
  for (ptrdiff_t b = 0; b < blocks; b++) {
    const ptrdiff_t at = b * FN(product_length), count = TERN_MIN(FN(product_length), n - at);
    if (__builtin_fabs(before[b]) * bound[b] * __builtin_fabs(after[b]) * __builtin_fabs((double)g) < NOTHING) {
      memset(out + at, 0, (size_t)count * sizeof(T));
      continue;
    }
    double behind[FN(product_length)], product = after[b];
    for (ptrdiff_t i = count - 1; i >= 0; i--) behind[i] = product, product *= (double)x[at + i];
    product = before[b];
    for (ptrdiff_t i = 0; i < count; i++) {
      const double others = FN(product_of)(product, behind[i]);
      product *= (double)x[at + i];
      out[at + i] = (T)FN(product_of)((double)g, others);
    }
  }
}

enum { FN(product_panel) = 32 };

// `width` ≤ product_panel columns. Scratch holds 3 · product_panel values a block.
static void FN(product_grad_columns)(ptrdiff_t n, ptrdiff_t inner, ptrdiff_t width, T *out, const T *g, const T *x,
                                     double *scratch) {
  enum { panel = FN(product_panel), length = FN(product_length) };
  const ptrdiff_t blocks = (n + length - 1) / length;
  double *const before = scratch, *const after = scratch + blocks * panel, *const bound = after + blocks * panel;
  double whole[panel];
  for (ptrdiff_t b = 0; b < blocks; b++) {
    double *product = before + b * panel, *most = bound + b * panel;
    for (ptrdiff_t j = 0; j < width; j++) product[j] = most[j] = 1;
    for (ptrdiff_t r = b * length; r < TERN_MIN(n, (b + 1) * length); r++) {
      const T *row = x + r * inner;
      TERN_LOOP for (ptrdiff_t j = 0; j < width; j++) {
        product[j] *= (double)row[j];
        most[j] *= FN(at_least_one)((double)row[j]);
      }
    }
  }
  for (ptrdiff_t j = 0; j < width; j++) whole[j] = 1;
  for (ptrdiff_t b = blocks - 1; b >= 0; b--)
    TERN_LOOP for (ptrdiff_t j = 0; j < width; j++) {
      after[b * panel + j] = whole[j];
      whole[j] *= before[b * panel + j];
    }
  for (ptrdiff_t j = 0; j < width; j++) whole[j] = 1;
  for (ptrdiff_t b = 0; b < blocks; b++)
    TERN_LOOP for (ptrdiff_t j = 0; j < width; j++) {
      const double product = before[b * panel + j];
      before[b * panel + j] = whole[j];
      whole[j] *= product;
    }
  bool areNormal = true;
  for (ptrdiff_t j = 0; j < width; j++) areNormal &= IS_NORMAL(whole[j]);
  if (areNormal) {
    T y[panel];
    for (ptrdiff_t j = 0; j < width; j++) y[j] = (T)whole[j];
    for (ptrdiff_t r = 0; r < n; r++) {
      const T *row = x + r * inner;
      T *to = out + r * inner;
      TERN_LOOP for (ptrdiff_t j = 0; j < width; j++) {
        const T product = g[j] * (y[j] / row[j]);
        to[j] = g[j] == 0 ? 0 : product;
      }
    }
    return;
  }
  for (ptrdiff_t b = 0; b < blocks; b++) {
    const double *first = before + b * panel, *last = after + b * panel, *most = bound + b * panel;
    const ptrdiff_t r0 = b * length, r1 = TERN_MIN(n, r0 + length);
    bool isNothing = true;
    for (ptrdiff_t j = 0; j < width; j++)
      isNothing &= __builtin_fabs(first[j]) * most[j] * __builtin_fabs(last[j]) * __builtin_fabs((double)g[j]) < NOTHING;
    if (isNothing) {
      for (ptrdiff_t r = r0; r < r1; r++) memset(out + r * inner, 0, (size_t)width * sizeof(T));
      continue;
    }
    double behind[length][panel], product[panel];
    for (ptrdiff_t j = 0; j < width; j++) product[j] = last[j];
    for (ptrdiff_t r = r1 - 1; r >= r0; r--) {
      const T *row = x + r * inner;
      TERN_LOOP for (ptrdiff_t j = 0; j < width; j++) {
        behind[r - r0][j] = product[j];
        product[j] *= (double)row[j];
      }
    }
    for (ptrdiff_t j = 0; j < width; j++) product[j] = first[j];
    for (ptrdiff_t r = r0; r < r1; r++) {
      const T *row = x + r * inner;
      T *to = out + r * inner;
      TERN_LOOP for (ptrdiff_t j = 0; j < width; j++) {
        const double others = FN(product_of)(product[j], behind[r - r0][j]);
        product[j] *= (double)row[j];
        to[j] = (T)FN(product_of)((double)g[j], others);
      }
    }
  }
}

// Units `first` ..< `first + count`: rows where inner is 1, else panels of columns, ⌈inner/product_panel⌉ for each outer.
// `g` is [outer, inner]; scratch holds 3 · product_panel · ⌈n/product_length⌉ values.
static void FN(product_grad)(ptrdiff_t first, ptrdiff_t count, ptrdiff_t n, ptrdiff_t inner, T *out, const T *g, const T *x,
                             double *scratch) {
  const ptrdiff_t panels = (inner + FN(product_panel) - 1) / FN(product_panel);
  for (ptrdiff_t unit = first; unit < first + count; unit++) {
    if (inner == 1) {
      FN(product_grad_row)(n, out + unit * n, g[unit], x + unit * n, scratch);
      continue;
    }
    const ptrdiff_t o = unit / panels, c = unit % panels * FN(product_panel), at = o * n * inner + c;
    FN(product_grad_columns)(n, inner, TERN_MIN(FN(product_panel), inner - c), out + at, g + o * inner + c, x + at, scratch);
  }
}
#undef NOTHING
#undef IS_NORMAL
