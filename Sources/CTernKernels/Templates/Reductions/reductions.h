// All reductions of a numeric type. Takes T, S, U, LOWEST and HIGHEST; FLOATING for Float and Double.

// Products and squares of Float run in Double; its sums do but for eight values of a row at a time.
#ifdef FLOATING
#define WIDE double
#else
#define WIDE U
#endif

#define NAME sum
#define E WIDE
#ifdef PLAIN_SUMS
#define OWN_ROWS
#endif
#define INIT 0
#define COMBINE(a, b) ((a) + (b))
#define MAP(v) (v)
#include "Reductions/reduce.h"

#ifdef PLAIN_SUMS
// The sum before it is rounded: what parts of a sum are added up from.
#define NAME total
#define E WIDE
#define R WIDE
#define OWN_ROWS
#define INIT 0
#define COMBINE(a, b) ((a) + (b))
#define MAP(v) (v)
#include "Reductions/reduce.h"
#elif defined(FLOATING)
static void FN(total_reduce)(ptrdiff_t outer, ptrdiff_t n, ptrdiff_t inner, double *out, const T *x) {
  FN(sum_reduce)(outer, n, inner, out, x);
}
#endif

#ifdef FLOATING
// The sum of what is not NaN, before it is rounded.
#define NAME nan_total
#define E WIDE
#define R WIDE
#ifdef PLAIN_SUMS
#define OWN_ROWS
#endif
#define INIT 0
#define COMBINE(a, b) ((a) + (b))
#define MAP(v) ((v) == (v) ? (v) : (__typeof__(v)){0})
#include "Reductions/reduce.h"
#endif

#define NAME product
#define E WIDE
#define INIT 1
#define COMBINE(a, b) ((a) * (b))
#define MAP(v) (v)
#include "Reductions/reduce.h"

#ifdef FLOATING
#define FIRST_WINS(a, b, better) ((((b)better(a)) | ((b) != (b))) ? (b) : (a))
#else
#define FIRST_WINS(a, b, better) (((b)better(a)) ? (b) : (a))
#endif

#define NAME maximum
#define E T
#define INIT LOWEST
#define COMBINE(a, b) FIRST_WINS(a, b, >)
#define MAP(v) (v)
#include "Reductions/reduce.h"

#define NAME minimum
#define E T
#define INIT HIGHEST
#define COMBINE(a, b) FIRST_WINS(a, b, <)
#define MAP(v) (v)
#include "Reductions/reduce.h"

#ifdef FLOATING
#define NAME squares
#define E WIDE
#define INIT 0
#define COMBINE(a, b) ((a) + (b))
#define MAP(v) ((v) * (v))
#include "Reductions/reduce.h"

#define NAME absolutes
#define E WIDE
#define INIT 0
#define COMBINE(a, b) ((a) + (b))
#define MAP(v) __builtin_elementwise_abs(v)
#include "Reductions/reduce.h"
#endif

static bool FN(reduce)(tern_reduction kernel, ptrdiff_t outer, ptrdiff_t n, ptrdiff_t inner, T *out, const T *x) {
  switch (kernel) {
    case tern_reduction_sum: FN(sum_reduce)(outer, n, inner, out, x); return true;
    case tern_reduction_product: FN(product_reduce)(outer, n, inner, out, x); return true;
    case tern_reduction_maximum: FN(maximum_reduce)(outer, n, inner, out, x); return true;
    case tern_reduction_minimum: FN(minimum_reduce)(outer, n, inner, out, x); return true;
#ifdef FLOATING
    case tern_reduction_sumOfSquares: FN(squares_reduce)(outer, n, inner, out, x); return true;
    case tern_reduction_sumOfAbsolutes: FN(absolutes_reduce)(outer, n, inner, out, x); return true;
#else
    default: return false;
#endif
  }
  return false;
}

// Columns of n rows, which are `step` elements apart; the bits of FN(reduce).
static bool FN(reduce_columns)(tern_reduction kernel, ptrdiff_t n, ptrdiff_t columns, ptrdiff_t step, T *out,
                               const T *x) {
  switch (kernel) {
    case tern_reduction_sum: FN(sum_columns)(n, columns, step, out, x); return true;
    case tern_reduction_product: FN(product_columns)(n, columns, step, out, x); return true;
    case tern_reduction_maximum: FN(maximum_columns)(n, columns, step, out, x); return true;
    case tern_reduction_minimum: FN(minimum_columns)(n, columns, step, out, x); return true;
    default: return false;
  }
}
#undef FIRST_WINS
#undef WIDE
