// The kernels for CPUs with AVX2 and FMA.
#include "Common/common.h"

#if defined(__x86_64__)
#include <immintrin.h>
#pragma clang attribute push(__attribute__((target("arch=x86-64-v3"))), apply_to = function)
#define TERN_VECTOR 32
#define TERN_LEVEL tern_kernels_avx2
#include "Common/level.h"
#pragma clang attribute pop
#endif
