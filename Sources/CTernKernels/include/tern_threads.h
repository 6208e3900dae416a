// Worker threads: a caller's chunks of work are claimed one by one by itself and by whoever is awake.
#ifndef TERN_THREADS_H
#define TERN_THREADS_H

#include <stdint.h>

typedef void (*tern_work)(void *context, int64_t chunk);

/// Calls work(context, 0) ... work(context, chunks - 1), each once, and returns when all are done.
void tern_threads_run(int64_t chunks, tern_work work, void *context);

/// Threads that work together, the caller included; at least 1.
int32_t tern_threads_count(void);
void tern_threads_set_count(int32_t count);

/// Processors that this process may run on.
int32_t tern_threads_available(void);

#endif
