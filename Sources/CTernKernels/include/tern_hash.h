// Hashes of memory for ledgers: the same at every level of the CPU.
#ifndef TERN_HASH_H
#define TERN_HASH_H

#include <stdint.h>

/// The hash of `count` bytes, going on from `seed`.
uint64_t tern_hash(uint64_t seed, const void *bytes, int64_t count);

/// The hash of a sample of `count` elements of `size` bytes, going on from `seed`: `blocks` runs of `length` elements side by
/// side, one in each of `blocks` equal parts, at places that depend on `key`. count ≥ blocks · length.
uint64_t tern_hash_sample(
    uint64_t seed, const void *elements, int64_t count, int64_t size, uint64_t key, int64_t blocks, int64_t length);

#endif
