#if !defined(_GNU_SOURCE)
#define _GNU_SOURCE 1
#endif

#include "tern_scope.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <time.h>
#include <unistd.h>
#if defined(__x86_64__)
#include <cpuid.h>
#include <x86intrin.h>
#endif

// What must be left of a thread's stack for a message and for what the innermost layer does.
enum { RESERVE = 192 << 10 };

typedef struct {
  const void *object;
  const uint8_t *file;
  int64_t length;
  uint64_t line;
} scope;

static _Thread_local scope stack[TERN_SCOPE_DEPTH];
static _Thread_local int32_t depth;
static _Thread_local uintptr_t lowest;  // of this thread's stack; 0 before it was asked for

static void find_lowest(void) {
  lowest = 1;
#if defined(__GLIBC__)
  pthread_attr_t attributes;
  void *start;
  size_t size;
  if (pthread_getattr_np(pthread_self(), &attributes) != 0) return;
  if (pthread_attr_getstack(&attributes, &start, &size) == 0) {
    lowest = (uintptr_t)start + (size > 2 * RESERVE ? RESERVE : size / 2);
  }
  pthread_attr_destroy(&attributes);
#endif
}

bool tern_scope_push(const void *object, const uint8_t *file, int64_t length, uint64_t line) {
  if (depth < TERN_SCOPE_DEPTH) {
    stack[depth++] = (scope){object, file, length, line};
    return true;
  }
  depth++;
  if (lowest == 0) find_lowest();
  char here;
  return (uintptr_t)&here > lowest;
}

void tern_scope_pop(void) { depth--; }

int32_t tern_scope_total(void) { return depth; }

int32_t tern_scope_depth(void) { return depth < TERN_SCOPE_DEPTH ? depth : TERN_SCOPE_DEPTH; }

const void *tern_scope_object(int32_t at) { return at >= 0 && at < tern_scope_depth() ? stack[at].object : NULL; }

const uint8_t *tern_scope_file(int32_t at, int64_t *length, uint64_t *line) {
  if (at < 0 || at >= tern_scope_depth()) return NULL;
  *length = stack[at].length;
  *line = stack[at].line;
  return stack[at].file;
}

uint64_t tern_clock(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

#if defined(__x86_64__)
// Whether the counter of cycles runs at one speed on all cores, whatever their clock.
static bool has_steady_counter(void) {
  unsigned int a, b, c, d;
  return __get_cpuid(0x80000007u, &a, &b, &c, &d) && (d >> 8 & 1) != 0;
}

uint64_t tern_ticks(void) {
  static _Atomic int known;  // 1: steady, 2: not
  int state = atomic_load_explicit(&known, memory_order_relaxed);
  if (state == 0) {
    state = has_steady_counter() ? 1 : 2;
    atomic_store_explicit(&known, state, memory_order_relaxed);
  }
  return state == 1 ? __rdtsc() : tern_clock();
}
#elif defined(__aarch64__)
uint64_t tern_ticks(void) {
  uint64_t ticks;
  __asm__ volatile("mrs %0, cntvct_el0" : "=r"(ticks));
  return ticks;
}
#else
uint64_t tern_ticks(void) { return tern_clock(); }
#endif

// What has to be done before a message: a view puts the terminal back. Set by CTernTerminal.
extern _Atomic(void (*)(void)) tern_before_stop;
_Atomic(void (*)(void)) tern_before_stop;

void tern_stop(const char *message, int64_t length) {
  void (*before)(void) = tern_before_stop;
  if (before) before();
  while (length > 0) {
    ssize_t written = write(STDERR_FILENO, message, (size_t)length);
    if (written < 0 && errno != EINTR) break;
    if (written > 0) {
      message += written;
      length -= written;
    }
  }
  static const int signals[] = {SIGILL, SIGTRAP, SIGABRT};
  sigset_t set;
  sigemptyset(&set);
  for (size_t i = 0; i < sizeof signals / sizeof *signals; i++) {
    signal(signals[i], SIG_DFL);
    sigaddset(&set, signals[i]);
  }
  pthread_sigmask(SIG_UNBLOCK, &set, NULL);
  __builtin_trap();
}
