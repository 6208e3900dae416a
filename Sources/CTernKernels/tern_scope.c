#include "tern_scope.h"

#include <stddef.h>

static _Thread_local const void *stack[TERN_SCOPE_DEPTH];
static _Thread_local int32_t depth;

void tern_scope_push(const void *object) {
  if (depth < TERN_SCOPE_DEPTH) stack[depth] = object;
  depth++;
}

void tern_scope_pop(void) { depth--; }

int32_t tern_scope_depth(void) { return depth < TERN_SCOPE_DEPTH ? depth : TERN_SCOPE_DEPTH; }

const void *tern_scope_object(int32_t at) { return at >= 0 && at < tern_scope_depth() ? stack[at] : NULL; }
