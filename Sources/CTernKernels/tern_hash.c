// Hashes of memory. Eight lanes of 64 bits take stripes of 64 bytes: each lane adds the product of the two halves of its word,
// xored with a key that is another one for each stripe (NH of UMAC, as XXH3 has it), and its neighbor's word, so that a
// change of one word always changes the sum.
#include "tern_hash.h"

#include <string.h>

#include "tern_kernels.h"

enum { STRIPE = 64, LANES = STRIPE / 8 };

typedef uint64_t lanes __attribute__((vector_size(STRIPE)));

static const uint64_t first_key[LANES] = {
    0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB, 0x9FB21C651E98DF25,
    0xD6E8FEB86659FD93, 0xA0761D6478BD642F, 0xE7037ED1A0B428DB, 0x8EBC6AF09C88C6E3};
static const uint64_t next_key[LANES] = {
    0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9, 0x27D4EB2F165667C5, 0x85EBCA77C2B2AE63,
    0x589965CC75374CC3, 0x1D8E4E27C47D124F, 0xEB44ACCAB455D165, 0x6D6F5F3B1C8B3A27};

typedef struct {
  lanes sum, key, step;
} hash_state;

#define INLINE static inline __attribute__((always_inline))

INLINE void begin(hash_state *state) {
  memset(&state->sum, 0, STRIPE);
  memcpy(&state->key, first_key, STRIPE);
  memcpy(&state->step, next_key, STRIPE);
}

INLINE void absorb_stripe(hash_state *state, const void *bytes) {
  lanes words;
  memcpy(&words, bytes, STRIPE);
  lanes mixed = words ^ state->key;
  lanes product = (mixed & 0xFFFFFFFF) * (mixed >> 32);
  state->sum += product + __builtin_shufflevector(words, words, 1, 0, 3, 2, 5, 4, 7, 6);
  state->key += state->step;
}

// A run of bytes; the last stripe is filled up with zeros.
INLINE void absorb(hash_state *state, const char *bytes, int64_t count) {
  hash_state local = *state;
  int64_t at = 0;
  for (; at + STRIPE <= count; at += STRIPE) absorb_stripe(&local, bytes + at);
  if (at < count) {
    char last[STRIPE] = {0};
    memcpy(last, bytes + at, (size_t)(count - at));
    absorb_stripe(&local, last);
  }
  *state = local;
}

// The middle of the product of 128 bits: its halves xored.
INLINE uint64_t fold(uint64_t a, uint64_t b) {
  unsigned __int128 product = (unsigned __int128)a * b;
  return (uint64_t)product ^ (uint64_t)(product >> 64);
}

INLINE uint64_t end(const hash_state *state, uint64_t seed, int64_t count) {
  uint64_t sums[LANES];
  memcpy(sums, &state->sum, STRIPE);
  uint64_t hash = (seed ^ (uint64_t)count * first_key[0]) * first_key[1];
  hash ^= hash >> 29;
  for (int i = 0; i < LANES; i += 2) hash += fold(sums[i] ^ next_key[i], sums[i + 1] ^ next_key[i + 1]);
  hash = (hash ^ hash >> 32) * first_key[3];
  return hash ^ hash >> 29;
}

INLINE uint64_t hash_run(uint64_t seed, const void *bytes, int64_t count) {
  hash_state state;
  begin(&state);
  absorb(&state, bytes, count);
  return end(&state, seed, count);
}

INLINE uint64_t hash_sample(
    uint64_t seed, const char *elements, int64_t count, int64_t size, uint64_t key, int64_t blocks, int64_t length) {
  hash_state state;
  begin(&state);
  for (int64_t block = 0; block < blocks; block++) {
    int64_t start = count * block / blocks, free = count * (block + 1) / blocks - start - length;
    // A step of SplitMix64; its upper half scaled to 0 ... free.
    key += 0x9E3779B97F4A7C15;
    uint64_t random = (key ^ key >> 30) * 0xBF58476D1CE4E5B9;
    random = (random ^ random >> 27) * 0x94D049BB133111EB;
    random ^= random >> 31;
    int64_t first = start + (int64_t)((unsigned __int128)random * (uint64_t)(free + 1) >> 64);
    absorb(&state, elements + first * size, length * size);
  }
  return end(&state, seed, count);
}

#define LEVEL(name, target)                                                                                          \
  target static uint64_t run_##name(uint64_t seed, const void *bytes, int64_t count) {                                \
    return hash_run(seed, bytes, count);                                                                              \
  }                                                                                                                   \
  target static uint64_t sample_##name(                                                                               \
      uint64_t seed, const void *elements, int64_t count, int64_t size, uint64_t key, int64_t blocks, int64_t length) { \
    return hash_sample(seed, elements, count, size, key, blocks, length);                                             \
  }

LEVEL(baseline, )
#if defined(__x86_64__)
LEVEL(avx2, __attribute__((target("arch=x86-64-v3"))))
LEVEL(avx512, __attribute__((target("arch=x86-64-v4"), min_vector_width(512))))
#endif

uint64_t tern_hash(uint64_t seed, const void *bytes, int64_t count) {
#if defined(__x86_64__)
  switch (tern_cpu_level()) {
    case 2: return run_avx512(seed, bytes, count);
    case 1: return run_avx2(seed, bytes, count);
    default: break;
  }
#endif
  return run_baseline(seed, bytes, count);
}

uint64_t tern_hash_sample(
    uint64_t seed, const void *elements, int64_t count, int64_t size, uint64_t key, int64_t blocks, int64_t length) {
#if defined(__x86_64__)
  switch (tern_cpu_level()) {
    case 2: return sample_avx512(seed, elements, count, size, key, blocks, length);
    case 1: return sample_avx2(seed, elements, count, size, key, blocks, length);
    default: break;
  }
#endif
  return sample_baseline(seed, elements, count, size, key, blocks, length);
}
