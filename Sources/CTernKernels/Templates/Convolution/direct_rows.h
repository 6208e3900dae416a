// How weights are read for the panels of direct convolutions, for Float and bfloat16: the rows of 16 outputs at a time.
// Takes transpose_4_block, the transpose of 16×16 words.

#define DIRECT_SQUARE 16

// Calls PUT(values, tap, channel) for each of an output's weights in memory, with its values for 16 outputs; `tap` counts in
// steps of all channels. Squares go through a transpose: value by value, each read would take a cache line for 4 bytes.
#define DIRECT_ROWS(w, weights, PUT)                                                               \
  do {                                                                                             \
    const ptrdiff_t taps_ = (w)->kernelHeight * (w)->kernelWidth, values_ = taps_ * (w)->channels; \
    ptrdiff_t channel_ = 0, tap_ = 0;                                                              \
    for (ptrdiff_t start_ = 0; start_ < values_; start_ += DIRECT_SQUARE) {                        \
      uint32_t square_[DIRECT_SQUARE * DIRECT_SQUARE];                                             \
      const ptrdiff_t first_ = TERN_MIN(start_, values_ - DIRECT_SQUARE);                          \
      transpose_4_block(square_, DIRECT_SQUARE, (const uint32_t *)(weights) + first_, (w)->output); \
      for (ptrdiff_t i_ = start_ - first_; i_ < DIRECT_SQUARE; i_++) {                             \
        PUT((const float *)square_ + i_ * DIRECT_SQUARE, tap_ * (w)->channels, channel_);          \
        if (++tap_ == taps_) {                                                                     \
          tap_ = 0;                                                                                \
          channel_++;                                                                              \
        }                                                                                          \
      }                                                                                            \
    }                                                                                              \
  } while (0)

// Whether an output's weights lie one after the other.
static bool direct_has_rows(const tern_direct_weights_layout *w) {
  const ptrdiff_t taps = w->kernelHeight * w->kernelWidth;
  return w->column == 1 && w->row == w->kernelWidth && w->channel == taps && taps * w->channels >= DIRECT_SQUARE;
}
