// Threads count themselves in and out, spread over a few words so that they do not wait for each other; who forks closes
// the gate and waits until nobody is inside.
#if !defined(_GNU_SOURCE)
#define _GNU_SOURCE 1
#endif

#include "tern_gate.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdint.h>

enum { WORDS = 32 };

static struct {
  _Alignas(64) _Atomic int64_t inside;
} words[WORDS];
static _Atomic int32_t closed;  // forks under way
static _Atomic uint32_t threads;

static _Thread_local int32_t nesting __attribute__((tls_model("initial-exec")));
static _Thread_local uint32_t place __attribute__((tls_model("initial-exec")));  // 1 + the thread's word

void tern_gate_enter(void) {
  if (nesting++ > 0) return;
  if (place == 0) place = 1 + atomic_fetch_add(&threads, 1) % WORDS;
  for (;;) {
    atomic_fetch_add(&words[place - 1].inside, 1);
    if (atomic_load(&closed) == 0) return;
    atomic_fetch_sub(&words[place - 1].inside, 1);
    while (atomic_load(&closed) != 0) sched_yield();
  }
}

void tern_gate_leave(void) {
  if (--nesting == 0) atomic_fetch_sub_explicit(&words[place - 1].inside, 1, memory_order_release);
}

static void before_fork(void) {
  atomic_fetch_add(&closed, 1);
  for (int word = 0; word < WORDS; word++) {
    // The forking thread may be inside itself.
    int64_t own = nesting > 0 && word == (int)place - 1 ? 1 : 0;
    while (atomic_load(&words[word].inside) > own) sched_yield();
  }
}

static void after_fork(void) { atomic_fetch_sub(&closed, 1); }

static void begin_child(void) {
  for (int word = 0; word < WORDS; word++) atomic_store(&words[word].inside, 0);
  if (nesting > 0) atomic_store(&words[place - 1].inside, 1);
  atomic_store(&closed, 0);
}

__attribute__((constructor)) static void watch_forks(void) { pthread_atfork(before_fork, after_fork, begin_child); }
