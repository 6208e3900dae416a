// One job at a time is open to the workers. Its chunks lie in as many ranges as there are threads: each begins with its
// own, whose memory it then goes through in order, as in the job before, and helps with the others' after that. A chunk
// is claimed by compare-and-swap on its range's word, which holds the next chunk and the end: of a job that is over there
// is nothing to claim, and while a claimed chunk is not done its job stays open. A caller that finds another job open, or
// that is itself a chunk of one, runs its chunks alone.
#if !defined(_GNU_SOURCE)
#define _GNU_SOURCE 1
#endif

#include "tern_threads.h"

#include <limits.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <time.h>
#include <unistd.h>

#if defined(__linux__)
#include <linux/futex.h>
#include <sys/syscall.h>
#endif

enum { MAX_WORKERS = 255, MAX_RANGES = 16 };

// Of each range, in a cache line of its own: the low half is the next chunk, the high half the end.
static struct {
  _Alignas(64) _Atomic uint64_t word;
} claims[MAX_RANGES];

// Of the open job. What waits for one watches the number, which counts them: the words may look as before by the time
// that somebody looks.
static struct {
  _Alignas(64) _Atomic(tern_work) work;
  _Atomic(void *) context;
  _Atomic int64_t ranges, done;
  _Atomic uint64_t number;
} job;
static atomic_flag owned = ATOMIC_FLAG_INIT;

static _Atomic uint32_t wake_word;
static _Atomic int32_t sleepers;
static _Atomic int32_t wanted = 1;  // threads, the caller included
static _Atomic int32_t started;     // workers, changed under `starting`
static pthread_mutex_t starting = PTHREAD_MUTEX_INITIALIZER;

static _Thread_local bool inside;  // this thread runs a chunk
static _Thread_local bool owner;   // the open job is this thread's

static void pause_processor(void) {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ __volatile__("yield");
#endif
}

static void sleep_while(uint32_t value) {
#if defined(__linux__)
  syscall(SYS_futex, &wake_word, FUTEX_WAIT_PRIVATE, value, NULL, NULL, 0);
#else
  (void)value;
  usleep(200);
#endif
}

static void wake(int count) {
#if defined(__linux__)
  syscall(SYS_futex, &wake_word, FUTEX_WAKE_PRIVATE, count, NULL, NULL, 0);
#else
  (void)count;
#endif
}

/// Runs chunks of a range of the open job until there are none.
static void run_range(int64_t range) {
  uint64_t seen = atomic_load_explicit(&claims[range].word, memory_order_acquire);
  while ((uint32_t)seen < seen >> 32) {
    if (!atomic_compare_exchange_weak_explicit(
            &claims[range].word, &seen, seen + 1, memory_order_acq_rel, memory_order_acquire)) {
      continue;
    }
    // The job is the one that the word belongs to: it cannot end before this chunk has.
    tern_work work = atomic_load_explicit(&job.work, memory_order_relaxed);
    work(atomic_load_explicit(&job.context, memory_order_relaxed), (int64_t)(uint32_t)seen);
    atomic_fetch_add_explicit(&job.done, 1, memory_order_release);
    seen = atomic_load_explicit(&claims[range].word, memory_order_acquire);
  }
}

/// Runs chunks of the open job until there are none, the first range's first.
static void run_chunks(int64_t first) {
  int64_t ranges = atomic_load_explicit(&job.ranges, memory_order_acquire);
  for (int64_t k = 0; k < ranges; k++) run_range((first + k) % ranges);
}

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

/// Waits for work: spins about half a millisecond, then sleeps.
static void wait_for_work(uint64_t seen) {
  double limit = now() + 0.0005;
  for (;;) {
    for (int i = 0; i < 64; i++) {
      if (atomic_load_explicit(&job.number, memory_order_acquire) != seen) return;
      pause_processor();
    }
    if (now() > limit) break;
  }
  uint32_t word = atomic_load(&wake_word);
  atomic_fetch_add(&sleepers, 1);
  if (atomic_load(&job.number) == seen) sleep_while(word);
  atomic_fetch_sub(&sleepers, 1);
}

static void *worker(void *argument) {
  int32_t number = (int32_t)(intptr_t)argument;
  inside = true;
  for (;;) {
    // What is opened after this makes the wait below end at once.
    uint64_t seen = atomic_load_explicit(&job.number, memory_order_acquire);
    // A worker beyond the wanted count only waits.
    if (number + 1 < atomic_load_explicit(&wanted, memory_order_relaxed)) run_chunks(number + 1);
    wait_for_work(seen);
  }
  return NULL;
}

// A fork takes the state between two starts. The child has no workers: they start anew with its first job. A job that
// was open is nobody's there, but for one that the forking thread is itself in: what others did not finish of that counts
// as done, or the thread would wait for ever.
static void before_fork(void) { pthread_mutex_lock(&starting); }

static void after_fork(void) { pthread_mutex_unlock(&starting); }

static void begin_child(void) {
  started = 0;
  sleepers = 0;
  for (int range = 0; range < MAX_RANGES; range++) atomic_store(&claims[range].word, 0);
  atomic_store(&job.done, INT64_MAX / 2);
  if (!owner) atomic_flag_clear(&owned);
  pthread_mutex_unlock(&starting);
}

__attribute__((constructor)) static void watch_forks(void) { pthread_atfork(before_fork, after_fork, begin_child); }

static void start_workers(int32_t count) {
  pthread_mutex_lock(&starting);
  // Signals are the program's: they go to its own threads.
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  while (started + 1 < count && started < MAX_WORKERS) {
    pthread_t thread;
    if (pthread_create(&thread, NULL, worker, (void *)(intptr_t)started) != 0) break;
    pthread_detach(thread);
    started++;
  }
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  pthread_mutex_unlock(&starting);
}

int32_t tern_threads_count(void) { return atomic_load_explicit(&wanted, memory_order_relaxed); }

void tern_threads_set_count(int32_t count) {
  if (count < 1) count = 1;
  if (count > MAX_WORKERS + 1) count = MAX_WORKERS + 1;
  start_workers(count);
  atomic_store(&wanted, count);
}

int32_t tern_threads_available(void) {
#if defined(__linux__)
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) == 0) return CPU_COUNT(&set);
#endif
  long count = sysconf(_SC_NPROCESSORS_ONLN);
  return count > 0 ? (int32_t)count : 1;
}

void tern_threads_run(int64_t chunks, tern_work work, void *context) {
  if (chunks <= 0) return;
  bool alone = chunks == 1 || inside || tern_threads_count() == 1 || chunks > (int64_t)UINT32_MAX ||
               atomic_flag_test_and_set_explicit(&owned, memory_order_acquire);
  if (alone) {
    for (int64_t chunk = 0; chunk < chunks; chunk++) work(context, chunk);
    return;
  }
  inside = owner = true;
  // After a fork there are none.
  if (atomic_load_explicit(&started, memory_order_relaxed) == 0) start_workers(tern_threads_count());
  int64_t ranges = tern_threads_count();
  if (ranges > chunks) ranges = chunks;
  if (ranges > MAX_RANGES) ranges = MAX_RANGES;
  atomic_store_explicit(&job.work, work, memory_order_relaxed);
  atomic_store_explicit(&job.context, context, memory_order_relaxed);
  atomic_store_explicit(&job.done, 0, memory_order_relaxed);
  atomic_store_explicit(&job.ranges, ranges, memory_order_release);
  for (int64_t r = 0; r < ranges; r++) {
    uint64_t start = (uint64_t)(chunks * r / ranges), end = (uint64_t)(chunks * (r + 1) / ranges);
    atomic_store_explicit(&claims[r].word, end << 32 | start, memory_order_release);
  }
  atomic_fetch_add(&job.number, 1);
  if (atomic_load(&sleepers) > 0) {
    atomic_fetch_add(&wake_word, 1);
    // Where workers beyond the wanted count sleep too, all are woken: which ones a smaller number reaches is not known.
    int64_t most = tern_threads_count() - 1;
    if (most < atomic_load_explicit(&started, memory_order_relaxed)) {
      wake(INT_MAX);
    } else {
      wake((int)(chunks - 1 < most ? chunks - 1 : most));
    }
  }
  run_chunks(0);
  for (int spins = 0; atomic_load_explicit(&job.done, memory_order_acquire) < chunks; spins++) {
    if (spins < 4096) {
      pause_processor();
    } else {
      sched_yield();
    }
  }
  inside = owner = false;
  atomic_flag_clear_explicit(&owned, memory_order_release);
}
