// Rounding up or down by chance, up with the probability of what is cut off, so that the mean is the number itself:
// number `first + i` of the stream's words, its lower half, is added to the part of x[i] that bfloat16 does not have. What
// is finite stays finite.
static void round_stochastically(
    ptrdiff_t n, uint16_t *out, const float *x, uint64_t seed, uint64_t stream, ptrdiff_t first) {
  enum { span = 4 * philox_batch };
  uint32_t words[4][philox_batch], added[span];
  for (ptrdiff_t i = 0; i < n;) {
    const uint64_t place = (uint64_t)first + (uint64_t)i;
    const ptrdiff_t skip = (ptrdiff_t)(place % 4), count = TERN_MIN(span - skip, n - i);
    philox_words(seed, stream, place / 4, words);
    for (int k = 0; k < 4; k++)
      for (int j = 0; j < philox_batch; j++) added[4 * j + k] = words[k][j] & 0xFFFFu;
    TERN_LOOP for (ptrdiff_t j = 0; j < count; j++) {
      uint32_t bits;
      memcpy(&bits, &x[i + j], sizeof bits);
      const uint32_t size = bits & 0x7FFFFFFFu, sum = (bits + added[skip + j]) >> 16;
      const uint32_t finite = (sum & 0x7FFFu) == 0x7F80u ? sum - 1 : sum;
      out[i + j] = (uint16_t)(size > 0x7F800000u ? 0x7FC0u : size == 0x7F800000u ? bits >> 16 : finite);
    }
    i += count;
  }
}
