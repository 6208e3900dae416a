// The part of the table for products of few rows and for recurrent layers.
#ifndef TERN_RECURRENT_H
#define TERN_RECURRENT_H

#include <stdbool.h>
#include <stddef.h>

// What happens at a time of a recurrent layer.
typedef enum __attribute__((enum_extensibility(closed), swift_name("RecurrentStepKind"))) tern_recurrent {
  tern_recurrent_tanh,
  tern_recurrent_relu,
  tern_recurrent_gru,
  tern_recurrent_lstm,
} tern_recurrent;

// One direction of a recurrent layer of H hidden features over `steps` times. Time t has the sequences 0 ..< sizes[t], whose
// rows of a tensor of all times begin with row offsets[t]; a sequence's state before its first time is its initial one.
//
// Rows of gates have `columns` values: f(x) of a plain network; input, forget, cell and output gate of an LSTM; the new
// gate's part from the input, reset, update, and the new gate's part from the hidden values of a GRU. They hold the input's
// part before the forward run and, where it saves, the gates after it.
typedef struct __attribute__((swift_name("RecurrentDirection"))) tern_recurrent_direction {
  tern_recurrent kind;
  // From the last time to the first.
  bool reversed;
  // Keeps what the backward run reads: gates, and cells of all times [rows, H]. Otherwise cells are [sequences, H].
  bool saves;
  // Whether the weights are panels, of the H columns of each gate, or [gates·H, H].
  bool isPacked;
  ptrdiff_t hidden, columns, steps;
  const ptrdiff_t *_Nonnull sizes;
  const ptrdiff_t *_Nonnull offsets;
  const void *_Nonnull weights;
  // Added to the gates, [columns].
  const void *_Nonnull bias;
  void *_Nonnull gates;
  const void *_Nonnull initialHidden;
  const void *_Nullable initialCell;
  void *_Nullable cells;
  // Rows are outputRow apart, those of its gradient outputGradientRow.
  void *_Nonnull output;
  const void *_Nullable outputGradient;
  ptrdiff_t outputRow, outputGradientRow;
  // Of the gates before their functions, [rows, columns], and of the states before the time at hand, [sequences, H].
  void *_Nullable gateGradients;
  void *_Nullable hiddenGradient;
  void *_Nullable cellGradient;
} tern_recurrent_direction;

// Which sequences and hidden features a call works on; features in whole panels.
typedef struct __attribute__((swift_name("RecurrentRange"))) tern_recurrent_range {
  ptrdiff_t firstRow, rows, firstUnit, units;
} tern_recurrent_range;

// C [m, n] (+)= A [m, k]·B: B in panels, by its rows [n, k] (`row_dots`), or by its rows [k, n] (`row_sums`).
#define TERN_FEW_ROWS_KERNELS(X)                                                                   \
  X(panel_columns, ptrdiff_t, (void), ())                                                          \
  X(pack_panels, void,                                                                             \
    (ptrdiff_t k, ptrdiff_t n, void *_Nonnull out, const void *_Nonnull b, ptrdiff_t row, ptrdiff_t column), \
    (k, n, out, b, row, column))                                                                   \
  X(panel_product, void,                                                                           \
    (ptrdiff_t m, ptrdiff_t n, ptrdiff_t k, const void *_Nonnull a, ptrdiff_t lda, const void *_Nonnull b, \
     void *_Nonnull c, ptrdiff_t ldc, bool adds),                                                  \
    (m, n, k, a, lda, b, c, ldc, adds))                                                            \
  X(row_dots, void,                                                                                \
    (ptrdiff_t m, ptrdiff_t n, ptrdiff_t k, const void *_Nonnull a, ptrdiff_t lda, const void *_Nonnull b, \
     ptrdiff_t ldb, void *_Nonnull c, ptrdiff_t ldc, bool adds),                                   \
    (m, n, k, a, lda, b, ldb, c, ldc, adds))                                                       \
  X(row_sums, void,                                                                                \
    (ptrdiff_t m, ptrdiff_t n, ptrdiff_t k, const void *_Nonnull a, ptrdiff_t lda, const void *_Nonnull b, \
     ptrdiff_t ldb, void *_Nonnull c, ptrdiff_t ldc, bool adds),                                   \
    (m, n, k, a, lda, b, ldb, c, ldc, adds))

// Steps are counted in the order of the run. Backward, `recurrent_gates` goes from the gradient of a step's output to that
// of its gates, and `recurrent_states` from there to that of the states before it.
#define TERN_RECURRENT_KERNELS(X)                                                                  \
  TERN_FEW_ROWS_KERNELS(X)                                                                         \
  X(recurrent_forward, void,                                                                       \
    (const tern_recurrent_direction *_Nonnull d, tern_recurrent_range range, ptrdiff_t step), (d, range, step)) \
  X(recurrent_gates, void,                                                                         \
    (const tern_recurrent_direction *_Nonnull d, tern_recurrent_range range, ptrdiff_t step), (d, range, step)) \
  X(recurrent_states, void,                                                                        \
    (const tern_recurrent_direction *_Nonnull d, tern_recurrent_range range, ptrdiff_t step), (d, range, step))

#endif
