// How much memory there is: the machine's, and what is left of it to the groups and the limits that the process is in.
#ifndef TERN_MEMORY_H
#define TERN_MEMORY_H

#include <stdint.h>

/// Bytes of memory: the machine's, or those of the groups that the process is in where they are fewer.
int64_t tern_machine_memory(void);
/// `most`, or the least limit of a group that the process is in; /proc and /sys lie below `root`.
int64_t tern_group_memory(int64_t most, const char *root);
/// What all tensors together may take: the memory and the swap space, or what was set, or the process's address space.
int64_t tern_memory_limit(void);
void tern_memory_set_limit(int64_t bytes);

#endif
