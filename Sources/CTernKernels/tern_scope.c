#if !defined(_GNU_SOURCE)
#define _GNU_SOURCE 1
#endif

#include "tern_scope.h"

#include <pthread.h>
#include <stddef.h>

// What must be left of a thread's stack for a message and for what the innermost layer does.
enum { RESERVE = 192 << 10 };

static _Thread_local const void *stack[TERN_SCOPE_DEPTH];
static _Thread_local int32_t depth;
static _Thread_local uintptr_t lowest;  // of this thread's stack; 0 before it was asked for

static void find_lowest(void) {
  lowest = 1;
#if defined(__GLIBC__)
  pthread_attr_t attributes;
  void *start;
  size_t size;
  if (pthread_getattr_np(pthread_self(), &attributes) != 0) return;
  if (pthread_attr_getstack(&attributes, &start, &size) == 0) {
    lowest = (uintptr_t)start + (size > 2 * RESERVE ? RESERVE : size / 2);
  }
  pthread_attr_destroy(&attributes);
#endif
}

bool tern_scope_push(const void *object) {
  if (depth < TERN_SCOPE_DEPTH) {
    stack[depth++] = object;
    return true;
  }
  depth++;
  if (lowest == 0) find_lowest();
  char here;
  return (uintptr_t)&here > lowest;
}

void tern_scope_pop(void) { depth--; }

int32_t tern_scope_total(void) { return depth; }

int32_t tern_scope_depth(void) { return depth < TERN_SCOPE_DEPTH ? depth : TERN_SCOPE_DEPTH; }

const void *tern_scope_object(int32_t at) { return at >= 0 && at < tern_scope_depth() ? stack[at] : NULL; }
