// The kernels for CPUs with AVX512_BF16, beside those of AVX-512.
#include "Common/common.h"

#if defined(__x86_64__)
#include <immintrin.h>
#pragma clang attribute push(__attribute__((target("arch=x86-64-v4,no-prefer-256-bit,avx512bf16"))), apply_to = function)
#include "Products/bfloat16_products.h"
#define SINGLE(name, ...) .name = name,
const tern_bfloat16_products tern_bfloat16_products_avx512 = {TERN_BFLOAT16_PRODUCT_KERNELS(SINGLE)};
#pragma clang attribute pop
#endif
