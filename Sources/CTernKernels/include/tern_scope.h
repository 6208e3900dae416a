// What runs on this thread: a stack of names, for messages.
#ifndef TERN_SCOPE_H
#define TERN_SCOPE_H

#include <stdint.h>

enum { TERN_SCOPE_DEPTH = 256 };

void tern_scope_push(const void *object);
void tern_scope_pop(void);
/// How many are on the stack; the deepest beyond TERN_SCOPE_DEPTH are not kept.
int32_t tern_scope_depth(void);
/// The object at a depth, 0 the outermost.
const void *tern_scope_object(int32_t depth);

#endif
