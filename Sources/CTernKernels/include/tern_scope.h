// What runs on this thread: a stack of names, for messages.
#ifndef TERN_SCOPE_H
#define TERN_SCOPE_H

#include <stdbool.h>
#include <stdint.h>

enum { TERN_SCOPE_DEPTH = 256 };

/// False where the thread's own stack is as good as used up.
bool tern_scope_push(const void *object);
void tern_scope_pop(void);
/// How many were pushed and not popped.
int32_t tern_scope_total(void);
/// How many are on the stack; the deepest beyond TERN_SCOPE_DEPTH are not kept.
int32_t tern_scope_depth(void);
/// The object at a depth, 0 the outermost.
const void *tern_scope_object(int32_t depth);

#endif
