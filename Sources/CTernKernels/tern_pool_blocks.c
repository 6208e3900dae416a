#if !defined(_GNU_SOURCE)
#define _GNU_SOURCE 1
#endif

#include "tern_pool_blocks.h"

#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>

static size_t mapped_bytes(size_t bytes) { return (bytes + HUGE_PAGE - 1) / HUGE_PAGE * HUGE_PAGE; }

void *tern_take_from_system(size_t bytes) {
  if (bytes < HUGE_PAGE) return aligned_alloc(ALIGNMENT, bytes);
  size_t length = mapped_bytes(bytes);
  char *start = mmap(NULL, length + HUGE_PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (start == MAP_FAILED) return NULL;
  size_t before = (HUGE_PAGE - (uintptr_t)start % HUGE_PAGE) % HUGE_PAGE;
  if (before > 0) munmap(start, before);
  munmap(start + before + length, HUGE_PAGE - before);
#if defined(MADV_HUGEPAGE)
  madvise(start + before, bytes, MADV_HUGEPAGE);
#endif
  return start + before;
}

void tern_give_to_system(void *memory, size_t bytes) {
  if (bytes < HUGE_PAGE) {
    free(memory);
  } else {
    munmap(memory, mapped_bytes(bytes));
  }
}
