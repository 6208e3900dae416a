// Small blocks go through a cache of the thread, without a lock; the others, and what a thread has too many of, through
// one list a class under a lock. Blocks of 2 MB and more lie on huge pages, mapped one by one so that they go back whole:
// a fresh small page costs about 1.6 us. Where more is kept than may be, the class that was asked for longest ago goes.
#if !defined(_GNU_SOURCE)
#define _GNU_SOURCE 1
#endif

#include "tern_pool.h"

#include "tern_pool_blocks.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/mman.h>

#if defined(__GLIBC__)
#include <malloc.h>
#endif

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define TERN_POOL_DIRECT 1  // so that a read past the end is seen
#endif
#endif

typedef struct block {
  struct block *next;
} block;

typedef struct cache {
  block *free[SMALL_CLASSES];
  int32_t count[SMALL_CLASSES];
  // Written by its thread alone, read by whoever asks for the statistics.
  _Atomic int64_t in_use, kept, hits;
  struct cache *next;
} cache;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static block *lists[CLASSES];
static int64_t counts[CLASSES];  // blocks in each list
static int64_t asked[CLASSES];  // when each class was last asked for, in requests
static int64_t requests;
static cache *caches;
static int64_t list_bytes, limit_bytes = -1;
static int64_t shared_hits, misses, reserved, peak;
// Written under the lock, read by who profiles without it.
static _Atomic int64_t shared_in_use, peak_in_use;

static pthread_key_t key;
static pthread_once_t once = PTHREAD_ONCE_INIT;
// The initial-exec model saves a call on every use.
static _Thread_local cache *own __attribute__((tls_model("initial-exec")));
static _Thread_local bool ended __attribute__((tls_model("initial-exec")));

/// The most bytes kept: at first a quarter of the memory of the machine, or of the control group where that is less.
static int64_t limit(void) {
  if (limit_bytes < 0) limit_bytes = tern_machine_memory() / 4;
  return limit_bytes;
}

/// Adds to what is handed out, under the lock.
static inline void hand_out(int64_t bytes) {
  int64_t now = atomic_load_explicit(&shared_in_use, memory_order_relaxed) + bytes;
  atomic_store_explicit(&shared_in_use, now, memory_order_relaxed);
  if (now > atomic_load_explicit(&peak_in_use, memory_order_relaxed)) {
    atomic_store_explicit(&peak_in_use, now, memory_order_relaxed);
  }
}

/// Takes from the shared list of a class, else from the system.
static void *take_shared(int class, size_t bytes, bool counted) {
  pthread_mutex_lock(&lock);
  asked[class] = ++requests;
  block *first = lists[class];
  if (first) {
    lists[class] = first->next;
    counts[class]--;
    list_bytes -= (int64_t)bytes;
    shared_hits++;
    if (counted) hand_out((int64_t)bytes);
    pthread_mutex_unlock(&lock);
    return first;
  }
  misses++;
  int64_t used = shared_in_use, taken = reserved;
  pthread_mutex_unlock(&lock);
  // A system that promises more than it has would end the process later, without a word. What is kept counts there, too.
  if (bytes >= HUGE_PAGE) {
    int64_t most = tern_memory_limit();
    if ((int64_t)bytes > most - used) return NULL;
    if ((int64_t)bytes > most - most / 16 - taken) tern_pool_trim();
  }
  void *memory = tern_take_from_system(bytes);
  if (!memory) {
    tern_pool_trim();
    memory = tern_take_from_system(bytes);
    if (!memory) return NULL;
  }
  pthread_mutex_lock(&lock);
  reserved += (int64_t)bytes;
  if (reserved > peak) peak = reserved;
  if (counted) hand_out((int64_t)bytes);
  pthread_mutex_unlock(&lock);
  return memory;
}

/// The class of the kept blocks that was asked for longest ago; -1 where nothing is kept.
static int stalest_class(void) {
  int found = -1;
  for (int class = 0; class < CLASSES; class++) {
    if (lists[class] && (found < 0 || asked[class] < asked[found])) found = class;
  }
  return found;
}

/// Gives a block to the shared list; where too much is kept then, the stalest blocks go to the system.
static void give_shared(void *memory, int class, size_t bytes, bool counted) {
  pthread_mutex_lock(&lock);
  if (counted) hand_out(-(int64_t)bytes);
  ((block *)memory)->next = lists[class];
  lists[class] = memory;
  counts[class]++;
  list_bytes += (int64_t)bytes;
  while (list_bytes > limit()) {
    int stale = stalest_class();
    size_t each = class_bytes(stale);
    block *gone = lists[stale];
    lists[stale] = gone->next;
    counts[stale]--;
    list_bytes -= (int64_t)each;
    reserved -= (int64_t)each;
    pthread_mutex_unlock(&lock);
    tern_give_to_system(gone, each);
    pthread_mutex_lock(&lock);
  }
  pthread_mutex_unlock(&lock);
}

static inline void add(_Atomic int64_t *counter, int64_t amount) {
  atomic_store_explicit(counter, atomic_load_explicit(counter, memory_order_relaxed) + amount, memory_order_relaxed);
}

static void flush(cache *from, int class, int32_t leave) {
  size_t bytes = class_bytes(class);
  while (from->count[class] > leave) {
    block *first = from->free[class];
    from->free[class] = first->next;
    from->count[class]--;
    add(&from->kept, -(int64_t)bytes);
    give_shared(first, class, bytes, false);
  }
}

/// A thread ends: what it keeps goes to the others, its counts into the shared ones.
static void end_thread(void *value) {
  cache *gone = value;
  own = NULL;
  ended = true;
  for (int class = 0; class < SMALL_CLASSES; class++) flush(gone, class, 0);
  pthread_mutex_lock(&lock);
  for (cache **link = &caches; *link; link = &(*link)->next) {
    if (*link == gone) {
      *link = gone->next;
      break;
    }
  }
  hand_out(atomic_load_explicit(&gone->in_use, memory_order_relaxed));
  shared_hits += atomic_load_explicit(&gone->hits, memory_order_relaxed);
  pthread_mutex_unlock(&lock);
  free(gone);
}

// A fork takes the state between two changes. What other threads kept is lost to the child; their counts stay.
static void before_fork(void) { pthread_mutex_lock(&lock); }

static void after_fork(void) { pthread_mutex_unlock(&lock); }

static void begin_child(void) {
  for (cache *each = caches; each; each = each->next) {
    if (each == own) continue;
    hand_out(atomic_load_explicit(&each->in_use, memory_order_relaxed));
    shared_hits += atomic_load_explicit(&each->hits, memory_order_relaxed);
  }
  caches = own;
  if (own) own->next = NULL;
  pthread_mutex_unlock(&lock);
}

__attribute__((constructor)) static void watch_forks(void) { pthread_atfork(before_fork, after_fork, begin_child); }

static void make_key(void) { pthread_key_create(&key, end_thread); }

static cache *make_cache(void) {
  if (ended) return NULL;
  pthread_once(&once, make_key);
  cache *made = calloc(1, sizeof(cache));
  if (!made) return NULL;
  pthread_setspecific(key, made);
  pthread_mutex_lock(&lock);
  made->next = caches;
  caches = made;
  pthread_mutex_unlock(&lock);
  own = made;
  return made;
}

void *tern_pool_allocate(size_t size) {
  if (size > ((size_t)1 << 47)) return NULL;
#if defined(TERN_POOL_DIRECT)
  if ((int64_t)size > tern_memory_limit()) return NULL;
  void *exact = NULL;
  return posix_memalign(&exact, ALIGNMENT, size == 0 ? 1 : size) == 0 ? exact : NULL;
#endif
  size_t bytes;
  int class = class_of(size, &bytes);
  if (bytes > SMALL) return take_shared(class, bytes, true);
  cache *mine = own ? own : make_cache();
  if (!mine) return take_shared(class, bytes, true);
  block *first = mine->free[class];
  if (first) {
    mine->free[class] = first->next;
    mine->count[class]--;
    add(&mine->kept, -(int64_t)bytes);
    add(&mine->in_use, (int64_t)bytes);
    add(&mine->hits, 1);
    return first;
  }
  void *memory = take_shared(class, bytes, false);
  if (memory) add(&mine->in_use, (int64_t)bytes);
  return memory;
}

void tern_pool_release(void *memory, size_t size) {
#if defined(TERN_POOL_DIRECT)
  free(memory);
  return;
#endif
  size_t bytes;
  int class = class_of(size, &bytes);
  if (bytes > SMALL) return give_shared(memory, class, bytes, true);
  cache *mine = own ? own : make_cache();
  if (!mine) return give_shared(memory, class, bytes, true);
  add(&mine->in_use, -(int64_t)bytes);
  add(&mine->kept, (int64_t)bytes);
  ((block *)memory)->next = mine->free[class];
  mine->free[class] = memory;
  if (++mine->count[class] > KEPT) flush(mine, class, KEPT / 2);
}

void tern_pool_trim(void) {
  if (own) {
    for (int class = 0; class < SMALL_CLASSES; class++) flush(own, class, 0);
  }
  for (int class = 0; class < CLASSES; class++) {
    pthread_mutex_lock(&lock);
    block *first = lists[class];
    size_t bytes = class_bytes(class);
    lists[class] = NULL;
    list_bytes -= counts[class] * (int64_t)bytes;
    reserved -= counts[class] * (int64_t)bytes;
    counts[class] = 0;
    pthread_mutex_unlock(&lock);
    for (block *next; first; first = next) {
      next = first->next;
      tern_give_to_system(first, bytes);
    }
  }
#if defined(__GLIBC__)
  malloc_trim(0);
#endif
}

tern_pool_statistics tern_pool_read_statistics(void) {
  pthread_mutex_lock(&lock);
  tern_pool_statistics result = {shared_in_use, list_bytes, peak, shared_hits, misses};
  for (cache *each = caches; each; each = each->next) {
    result.in_use += atomic_load_explicit(&each->in_use, memory_order_relaxed);
    result.cached += atomic_load_explicit(&each->kept, memory_order_relaxed);
    result.hits += atomic_load_explicit(&each->hits, memory_order_relaxed);
  }
  pthread_mutex_unlock(&lock);
  return result;
}

int64_t tern_pool_in_use(void) { return atomic_load_explicit(&shared_in_use, memory_order_relaxed); }

int64_t tern_pool_peak_in_use(void) { return atomic_load_explicit(&peak_in_use, memory_order_relaxed); }

int64_t tern_pool_reset_peak_in_use(void) {
  pthread_mutex_lock(&lock);
  int64_t before = peak_in_use;
  peak_in_use = shared_in_use;
  pthread_mutex_unlock(&lock);
  return before;
}

bool tern_pool_has(size_t bytes) {
  if (bytes > ((size_t)1 << 47)) return false;
  pthread_mutex_lock(&lock);
  int64_t used = shared_in_use;
  pthread_mutex_unlock(&lock);
  if ((int64_t)bytes > tern_memory_limit() - used) return false;
  if (bytes < HUGE_PAGE) return true;
  void *probe = mmap(NULL, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (probe == MAP_FAILED) return false;
  munmap(probe, bytes);
  return true;
}

int64_t tern_pool_limit(void) {
  pthread_mutex_lock(&lock);
  int64_t result = limit();
  pthread_mutex_unlock(&lock);
  return result;
}

void tern_pool_set_limit(int64_t bytes) {
  pthread_mutex_lock(&lock);
  limit_bytes = bytes < 0 ? 0 : bytes;
  bool over = list_bytes > limit_bytes;
  pthread_mutex_unlock(&lock);
  if (over) tern_pool_trim();
}
