// Partial results [parts][channels][run] to one per channel, in order. Parts from `tailPart` on, and runs from
// `tailRun` on, have `tail` values, the others `full`.

static void merge_moments(ptrdiff_t parts, ptrdiff_t channels, ptrdiff_t run, ptrdiff_t full, ptrdiff_t tail,
                          ptrdiff_t tailPart, ptrdiff_t tailRun, const double *means, const double *squares,
                          double *mean, double *m2) {
  ptrdiff_t before = 0;
  for (ptrdiff_t a = 0; a < parts; a++)
    for (ptrdiff_t r = 0; r < run; r++) {
      const ptrdiff_t count = a >= tailPart || r >= tailRun ? tail : full;
      const double fraction = (double)count / (double)(before + count), both = (double)before * fraction;
      const double *from = means + a * channels * run + r, *spread = squares + a * channels * run + r;
      if (before == 0) {
        for (ptrdiff_t c = 0; c < channels; c++) mean[c] = from[c * run], m2[c] = spread[c * run];
      } else if (run == 1) {
        TERN_LOOP for (ptrdiff_t c = 0; c < channels; c++) {
          const double delta = from[c] - mean[c];
          mean[c] += delta * fraction;
          m2[c] += spread[c] + delta * delta * both;
        }
      } else {
        for (ptrdiff_t c = 0; c < channels; c++) {
          const double delta = from[c * run] - mean[c];
          mean[c] += delta * fraction;
          m2[c] += spread[c * run] + delta * delta * both;
        }
      }
      before += count;
    }
}

static void merge_sums(ptrdiff_t parts, ptrdiff_t channels, ptrdiff_t run, const double *firsts, const double *seconds,
                       double *first, double *second) {
  for (ptrdiff_t c = 0; c < channels; c++) first[c] = second[c] = 0;
  for (ptrdiff_t a = 0; a < parts; a++, firsts += channels * run, seconds += channels * run) {
    if (run == 1) {
      TERN_LOOP for (ptrdiff_t c = 0; c < channels; c++) {
        first[c] += firsts[c];
        second[c] += seconds[c];
      }
    } else {
      for (ptrdiff_t c = 0; c < channels; c++)
        for (ptrdiff_t r = 0; r < run; r++) first[c] += firsts[c * run + r], second[c] += seconds[c * run + r];
    }
  }
}
