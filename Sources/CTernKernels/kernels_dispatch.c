// Chooses the kernels for the CPU when the library loads.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tern_kernels.h"

extern const tern_kernel_table tern_kernels_baseline;
#if defined(__x86_64__)
extern const tern_kernel_table tern_kernels_avx2, tern_kernels_avx512;
extern const tern_bfloat16_products tern_bfloat16_products_avx512;
extern const tern_bfloat16_convolutions tern_bfloat16_convolutions_avx512;
#endif

const tern_kernel_table *tern_current_kernels = &tern_kernels_baseline;
static int32_t current_level = 0;

int32_t tern_cpu_supported_level(void) {
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (__builtin_cpu_supports("x86-64-v4")) return 2;
  if (__builtin_cpu_supports("x86-64-v3")) return 1;
#endif
  return 0;
}

int32_t tern_cpu_level(void) { return __atomic_load_n(&current_level, __ATOMIC_RELAXED); }

void tern_cpu_select_level(int32_t level) {
  const int32_t supported = tern_cpu_supported_level();
  if (level > supported) level = supported;
  if (level < 0) level = 0;
  const tern_kernel_table *kernels = &tern_kernels_baseline;
#if defined(__x86_64__)
  if (level == 1) kernels = &tern_kernels_avx2;
  if (level == 2) kernels = &tern_kernels_avx512;
#endif
  __atomic_store_n(&tern_current_kernels, kernels, __ATOMIC_RELAXED);
  __atomic_store_n(&current_level, level, __ATOMIC_RELAXED);
}

// Whether products of bfloat16 use its instruction where there is one.
static bool multiplies_bfloat16 = true;

bool tern_bfloat16_supported(void) {
#if defined(__x86_64__)
  return tern_cpu_supported_level() == 2 && __builtin_cpu_supports("avx512bf16");
#else
  return false;
#endif
}

void tern_bfloat16_select(bool used) { __atomic_store_n(&multiplies_bfloat16, used, __ATOMIC_RELAXED); }

#if defined(__x86_64__)
static bool uses_bfloat16(void) {
  return tern_cpu_level() == 2 && __atomic_load_n(&multiplies_bfloat16, __ATOMIC_RELAXED) && tern_bfloat16_supported();
}
#endif

const tern_bfloat16_products *tern_bfloat16_product_kernels(void) {
#if defined(__x86_64__)
  if (uses_bfloat16()) return &tern_bfloat16_products_avx512;
#endif
  return NULL;
}

const tern_bfloat16_convolutions *tern_bfloat16_convolution_kernels(void) {
#if defined(__x86_64__)
  if (uses_bfloat16()) return &tern_bfloat16_convolutions_avx512;
#endif
  return NULL;
}

// TERN_CPU names a lower level than the CPU has; a level it lacks means its best, and another word ends the process. "avx512" does
// without the instructions of bfloat16, which "avx512bf16", like no word, uses where there are any.
__attribute__((constructor)) static void select_at_load(void) {
  static const char *const names[] = {"baseline", "avx2", "avx512", "avx512bf16"};
  int32_t level = -1;
  const char *wish = getenv("TERN_CPU");
  if (!wish || !*wish) level = 3;
  for (int32_t i = 0; wish && i < 4; i++)
    if (strcmp(wish, names[i]) == 0) level = i;
  if (level < 0) {
    char shown[61] = {0};
    for (int32_t i = 0; i < 60 && wish[i]; i++) shown[i] = (unsigned char)wish[i] < ' ' ? '?' : wish[i];
    fprintf(stderr, "TERN_CPU=%s: baseline, avx2, avx512 or avx512bf16 is expected\n", shown);
    _exit(78);
  }
  tern_cpu_select_level(level);
  tern_bfloat16_select(level == 3);
}

_Noreturn void tern_out_of_memory(const char *operation, size_t bytes);
_Noreturn void tern_out_of_memory(const char *operation, size_t bytes) {
  fprintf(stderr, "%s: no memory for %zu bytes\n", operation, bytes);
  abort();
}

bool tern_sanitizer_active(void) {
#if __has_feature(address_sanitizer)
  return true;
#else
  return false;
#endif
}

#define X(name) #name,
const char *tern_unary_name(tern_unary kernel) {
  static const char *const names[] = {TERN_UNARY_KERNELS(X)};
  return names[kernel];
}

const char *tern_binary_name(tern_binary kernel) {
  static const char *const names[] = {TERN_BINARY_KERNELS(X)};
  return names[kernel];
}

const char *tern_reduction_name(tern_reduction kernel) {
  static const char *const names[] = {TERN_REDUCTION_KERNELS(X)};
  return names[kernel];
}
#undef X
