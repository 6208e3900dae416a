// The kernels of an integer type: T, its letter S, the unsigned type U of its size, IS_SIGNED, LOWEST and HIGHEST, which end
// here.

#include "Elementwise/elements.h"
#include "Elementwise/integer.h"
#include "Elementwise/rows.h"
#include "Elementwise/nontemporal_elementwise.h"
#include "Reductions/totals.h"
#include "Reductions/reductions.h"
#include "Indexing/search.h"
#include "Indexing/scatter.h"
#define A U
#include "Reductions/scan.h"
#undef A
#undef T
#undef S
#undef U
#undef IS_SIGNED
#undef LOWEST
#undef HIGHEST
