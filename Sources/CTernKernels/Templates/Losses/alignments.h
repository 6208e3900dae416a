// Steps of the recursions over the alignments of a target, in logarithms (Graves et al. 2006, CTC).

// sums[s] = ln(e^before[s] + e^before[s - 1] + e^before[s - 2]), the last only where skips[s] is not 0, and
// out[s] = sums[s] + logs[states[s]]. Two values of -infinity are in front of `before`.
static void alignment_step(
    ptrdiff_t n, double *out, double *sums, const double *before, const double *skips, const double *logs,
    const ptrdiff_t *states) {
  TERN_LOOP for (ptrdiff_t s = 0; s < n; s++) {
    const double a = before[s], b = before[s - 1], c = skips[s] != 0 ? before[s - 2] : -INFINITY;
    const double ab = a > b ? a : b, most = ab > c ? ab : c, shift = most == -INFINITY ? 0 : most;
    sums[s] = most + log_f64(exp_f64(a - shift) + exp_f64(b - shift) + exp_f64(c - shift));
  }
  for (ptrdiff_t s = 0; s < n; s++) out[s] = sums[s] + logs[states[s]];
}

// out[states[s]] += e^(a[s] + b[n - 1 - s] - total)
static void alignment_posteriors(
    ptrdiff_t n, double *out, const double *a, const double *b, double total, const ptrdiff_t *states) {
  double part[64];
  for (ptrdiff_t first = 0; first < n; first += 64) {
    const ptrdiff_t count = TERN_MIN(64, n - first);
    const double *left = a + first, *right = b + n - 1 - first;
    TERN_LOOP for (ptrdiff_t s = 0; s < count; s++) part[s] = exp_f64(left[s] + right[-s] - total);
    for (ptrdiff_t s = 0; s < count; s++) out[states[first + s]] += part[s];
  }
}
