// The memory pool: blocks of size classes, 64-byte aligned, kept for the next one who asks.
#ifndef TERN_POOL_H
#define TERN_POOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct {
  int64_t in_use;    // bytes handed out
  int64_t cached;    // bytes kept for later
  int64_t peak;      // most bytes ever taken from the system at once
  int64_t hits;      // requests met from what was kept
  int64_t misses;    // requests that went to the system
} tern_pool_statistics;

/// NULL where the system has no more, and beyond tern_memory_limit().
void *tern_pool_allocate(size_t size);
/// `size` is what was asked for.
void tern_pool_release(void *block, size_t size);
/// Gives what is kept back to the system.
void tern_pool_trim(void);
tern_pool_statistics tern_pool_read_statistics(void);
/// Bytes handed out in blocks above 4 KB, without a lock.
int64_t tern_pool_in_use(void);
/// The most that tern_pool_in_use() ever was since the last reset.
int64_t tern_pool_peak_in_use(void);
/// Begins to look for the most anew; returns what it was.
int64_t tern_pool_reset_peak_in_use(void);
int64_t tern_pool_limit(void);
void tern_pool_set_limit(int64_t bytes);
/// Whether so much could be had besides what tensors take: within tern_memory_limit(), and of the system.
bool tern_pool_has(size_t bytes);

// How much memory there is: the machine's, and what is left of it to the groups and the limits that the process is in.

/// Bytes of memory: the machine's, or those of the groups that the process is in where they are fewer.
int64_t tern_machine_memory(void);
/// `most`, or the least limit of a group that the process is in; /proc and /sys lie below `root`.
int64_t tern_group_memory(int64_t most, const char *root);
/// What all tensors together may take: the memory and the swap space, or what was set, or the process's address space.
int64_t tern_memory_limit(void);
void tern_memory_set_limit(int64_t bytes);

#endif
