// The kernels for every CPU.
#include "Templates/common.h"

#define TERN_VECTOR 16
#define TERN_LEVEL tern_kernels_baseline
#include "Templates/level.h"
