// One job at a time is open to the workers. Its pieces are claimed by compare-and-swap on a word that holds the job's
// number and the next piece, so that a worker which is late can never take a piece of a job that is over. A caller that
// finds another job open, or that is itself a piece of one, runs its pieces alone.
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

enum { MAX_WORKERS = 255 };

static const uint64_t PIECE_MASK = 0xFFFFFFFFu;

// The high half is the job's number, the low half its next piece; all ones while no job is open.
static _Atomic uint64_t state = 0xFFFFFFFFu;
static _Atomic int64_t job_pieces;
static _Atomic(tern_work) job_work;
static _Atomic(void *) job_context;
static _Atomic int64_t job_done;
static atomic_flag owned = ATOMIC_FLAG_INIT;

static _Atomic uint32_t wake_word;
static _Atomic int32_t sleepers;
static _Atomic int32_t wanted = 1;  // threads, the caller included
static _Atomic int32_t started;     // workers, changed under `starting`
static pthread_mutex_t starting = PTHREAD_MUTEX_INITIALIZER;

static _Thread_local bool inside;

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

/// Claims a piece of the open job and runs it; false where there is none.
static bool run_piece(void) {
  uint64_t seen = atomic_load_explicit(&state, memory_order_acquire);
  for (;;) {
    // The fields are read with acquire: whoever sees those of the next job also sees that this one was closed.
    int64_t pieces = atomic_load_explicit(&job_pieces, memory_order_acquire);
    tern_work work = atomic_load_explicit(&job_work, memory_order_acquire);
    void *context = atomic_load_explicit(&job_context, memory_order_acquire);
    int64_t piece = (int64_t)(seen & PIECE_MASK);
    if (piece >= pieces || (seen & PIECE_MASK) == PIECE_MASK) return false;
    if (atomic_compare_exchange_weak_explicit(
            &state, &seen, seen + 1, memory_order_acq_rel, memory_order_acquire)) {
      work(context, piece);
      atomic_fetch_add_explicit(&job_done, 1, memory_order_release);
      return true;
    }
  }
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
      if (atomic_load_explicit(&state, memory_order_acquire) != seen) return;
      pause_processor();
    }
    if (now() > limit) break;
  }
  uint32_t word = atomic_load(&wake_word);
  atomic_fetch_add(&sleepers, 1);
  if (atomic_load(&state) == seen) sleep_while(word);
  atomic_fetch_sub(&sleepers, 1);
}

static void *worker(void *argument) {
  int32_t number = (int32_t)(intptr_t)argument;
  inside = true;
  for (;;) {
    uint64_t seen = atomic_load_explicit(&state, memory_order_acquire);
    // A worker beyond the wanted count only waits.
    if (number + 1 < atomic_load_explicit(&wanted, memory_order_relaxed)) {
      while (run_piece()) {
      }
      seen = atomic_load_explicit(&state, memory_order_acquire);
      int64_t piece = (int64_t)(seen & PIECE_MASK);
      if ((seen & PIECE_MASK) != PIECE_MASK && piece < atomic_load(&job_pieces)) continue;
    }
    wait_for_work(seen);
  }
  return NULL;
}

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

void tern_threads_run(int64_t pieces, tern_work work, void *context) {
  if (pieces <= 0) return;
  bool alone = pieces == 1 || inside || tern_threads_count() == 1 || pieces >= (int64_t)PIECE_MASK ||
               atomic_flag_test_and_set_explicit(&owned, memory_order_acquire);
  if (alone) {
    for (int64_t piece = 0; piece < pieces; piece++) work(context, piece);
    return;
  }
  inside = true;
  uint64_t number = (atomic_load_explicit(&state, memory_order_relaxed) >> 32) + 1;
  atomic_store_explicit(&state, (number << 32) | PIECE_MASK, memory_order_release);
  atomic_store_explicit(&job_done, 0, memory_order_relaxed);
  atomic_store_explicit(&job_pieces, pieces, memory_order_release);
  atomic_store_explicit(&job_work, work, memory_order_release);
  atomic_store_explicit(&job_context, context, memory_order_release);
  atomic_store(&state, number << 32);
  if (atomic_load(&sleepers) > 0) {
    atomic_fetch_add(&wake_word, 1);
    // Where workers beyond the wanted count sleep too, all are woken: which ones a smaller number reaches is not known.
    int64_t most = tern_threads_count() - 1;
    if (most < atomic_load_explicit(&started, memory_order_relaxed)) {
      wake(INT_MAX);
    } else {
      wake((int)(pieces - 1 < most ? pieces - 1 : most));
    }
  }
  while (run_piece()) {
  }
  for (int spins = 0; atomic_load_explicit(&job_done, memory_order_acquire) < pieces; spins++) {
    if (spins < 4096) {
      pause_processor();
    } else {
      sched_yield();
    }
  }
  inside = false;
  atomic_flag_clear_explicit(&owned, memory_order_release);
}
