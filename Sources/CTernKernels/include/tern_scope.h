// What runs on this thread, and from where it was called: a stack, for messages.
#ifndef TERN_SCOPE_H
#define TERN_SCOPE_H

#include <stdbool.h>
#include <stdint.h>

enum { TERN_SCOPE_DEPTH = 256 };

/// An object that runs, or NULL, and the place that called: "Module/file.swift", `length` bytes that stay, or NULL.
/// False where the thread's own stack is as good as used up.
bool tern_scope_push(const void *object, const uint8_t *file, int64_t length, uint64_t line);
void tern_scope_pop(void);
/// How many were pushed and not popped.
int32_t tern_scope_total(void);
/// How many are on the stack; the deepest beyond TERN_SCOPE_DEPTH are not kept.
int32_t tern_scope_depth(void);
/// The object at a depth, 0 the outermost.
const void *tern_scope_object(int32_t depth);
/// The file at a depth, its length and the line; NULL where there is none.
const uint8_t *tern_scope_file(int32_t depth, int64_t *length, uint64_t *line);

/// What observers of operations have to know of the work of a thread.
typedef struct {
  const void *node;  // whose derivative runs, or NULL
  int32_t depth;     // how many operations made of operations it runs in
  bool is_silent;    // whether nobody is told of it
} tern_watch;
tern_watch tern_watch_get(void);
void tern_watch_set(tern_watch watch);

/// A clock that only goes forward, as cheap as the processor has one: ticks whose length tern_clock() tells.
uint64_t tern_ticks(void);
/// Nanoseconds of a clock that only goes forward.
uint64_t tern_clock(void);

/// Writes a message to standard error with one write and ends the process with a trap: a debugger stops there, and no
/// handler of crashes adds its report.
_Noreturn void tern_stop(const char *message, int64_t length);

#endif
