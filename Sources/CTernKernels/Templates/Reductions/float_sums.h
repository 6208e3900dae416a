// Sums of Float in Double. Of rows that lie in the first cache eight vectors add up in three steps of Float, the sums of
// eight in Double: there Double alone takes three times as long, and the error, at most three roundings, does not grow
// with the number of values.

typedef float float_loaded __attribute__((ext_vector_type(16), aligned(4), may_alias));
typedef double float_total __attribute__((ext_vector_type(16)));

static inline double folded_f32(const float_total *sums) {
  typedef double half __attribute__((ext_vector_type(8)));
  typedef double quarter __attribute__((ext_vector_type(4)));
  const half h = sums->lo + sums->hi;
  const quarter q = h.lo + h.hi;
  return (q.x + q.z) + (q.y + q.w);
}

// - Parameters:
//   - skips: Whether NaN counts as 0.
//   - ahead: Whether values come from memory.
TERN_INLINE double added_row_f32(ptrdiff_t n, const float *x, const bool skips, bool ahead) {
#define KEPT(v) (skips ? ((v) == (v) ? (v) : (float_loaded)0.0f) : (v))
  float_total total = 0;
  ptrdiff_t i = 0;
  if (n >= 16384) {
    float_total other = 0;
    for (; i + 128 <= n; i += 128) {
      const float_loaded *v = (const float_loaded *)(x + i);
      // From memory that is a quarter faster than what the processor asks for by itself.
      tern_prefetch(x + i + 4096, 512);
      for (int k = 0; k < 8; k += 2) {
        total += __builtin_convertvector(KEPT(v[k]), float_total);
        other += __builtin_convertvector(KEPT(v[k + 1]), float_total);
      }
    }
    total += other;
  }
  for (; i + 128 <= n; i += 128) {
    const float_loaded *v = (const float_loaded *)(x + i);
    if (ahead) tern_prefetch(x + i + 4096, 512);
    const float_loaded low = (KEPT(v[0]) + KEPT(v[1])) + (KEPT(v[2]) + KEPT(v[3]));
    const float_loaded high = (KEPT(v[4]) + KEPT(v[5])) + (KEPT(v[6]) + KEPT(v[7]));
    total += __builtin_convertvector(low + high, float_total);
  }
  for (; i + 16 <= n; i += 16) {
    const float_loaded v = *(const float_loaded *)(x + i);
    total += __builtin_convertvector(KEPT(v), float_total);
  }
  double sum = folded_f32(&total);
  for (; i < n; i++) sum += skips && x[i] != x[i] ? 0.0 : (double)x[i];
  return sum;
#undef KEPT
}

static double sum_blocks_f32(ptrdiff_t n, const float *x, bool ahead) { return added_row_f32(n, x, false, ahead); }
static double total_blocks_f32(ptrdiff_t n, const float *x, bool ahead) { return sum_blocks_f32(n, x, ahead); }
static double nan_total_blocks_f32(ptrdiff_t n, const float *x, bool ahead) { return added_row_f32(n, x, true, ahead); }

// A short stretch: the same, under the name that other templates call it by.
static double sum_block_f32(ptrdiff_t n, const float *x) { return sum_blocks_f32(n, x, false); }
