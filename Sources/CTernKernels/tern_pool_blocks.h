// The blocks of the pool: what size they have, and where they come from.
#ifndef TERN_POOL_BLOCKS_H
#define TERN_POOL_BLOCKS_H

#include <stddef.h>

enum {
  ALIGNMENT = 64,
  SMALL = 4096,          // the largest block that a thread keeps
  SMALL_CLASSES = 20,    // 64 ... 512 by 64, then four a doubling
  KEPT = 64,             // blocks of a class that a thread keeps
  CLASSES = 256,
  HUGE_PAGE = 2 << 20,
};

/// The class of a size, and the bytes that its blocks have.
static inline int class_of(size_t size, size_t *bytes) {
  if (size <= 512) {
    size_t n = size == 0 ? 1 : (size + 63) / 64;
    *bytes = n * 64;
    return (int)n - 1;
  }
  int exponent = 63 - __builtin_clzll((unsigned long long)(size - 1));  // 2^exponent < size <= 2^(exponent + 1)
  size_t step = (size_t)1 << (exponent - 2);
  size_t quarter = (size - 1 - ((size_t)1 << exponent)) / step;
  *bytes = ((size_t)1 << exponent) + (quarter + 1) * step;
  return 8 + (exponent - 9) * 4 + (int)quarter;
}

static inline size_t class_bytes(int class) {
  return class < 8 ? (size_t)(class + 1) * 64 : ((size_t)512 << ((class - 8) / 4)) / 4 * (size_t)(5 + (class - 8) % 4);
}

/// Blocks of HUGE_PAGE bytes and more lie on pages of that size; NULL where the system has no more.
void *tern_take_from_system(size_t bytes);
void tern_give_to_system(void *memory, size_t bytes);

#endif
