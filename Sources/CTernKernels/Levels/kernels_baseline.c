// The kernels for every CPU.
#include "Common/common.h"

#define TERN_VECTOR 16
#define TERN_LEVEL tern_kernels_baseline
#include "Common/level.h"
