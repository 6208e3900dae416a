// The kernels for CPUs with AVX-512, in its full width: the level's default is 256 bits, half the speed where the
// loops calculate.
#include "Common/common.h"

#if defined(__x86_64__)
#include <immintrin.h>
#pragma clang attribute push(__attribute__((target("arch=x86-64-v4,no-prefer-256-bit"))), apply_to = function)
#define TERN_VECTOR 64
#define TERN_LEVEL tern_kernels_avx512
#include "Common/level.h"
#pragma clang attribute pop
#endif
