// Puts the terminal back when a signal ends, stops or crashes the process.
#if !defined(_GNU_SOURCE)
#define _GNU_SOURCE 1
#endif

#include "tern_terminal.h"
#include "tern_terminal_signals.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>

// Those that end a process by themselves, those that come of crashes, and the one that stops it.
static const int endings[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE, SIGALRM, SIGUSR1, SIGUSR2, SIGXCPU};
static const int crashes[] = {SIGSEGV, SIGBUS, SIGILL, SIGTRAP, SIGABRT, SIGFPE, SIGSYS};
enum { ENDINGS = sizeof endings / sizeof *endings, CRASHES = sizeof crashes / sizeof *crashes };

static struct sigaction before_crashes[CRASHES];
static bool is_watching_crash[CRASHES];

static void unblock(int number) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, number);
  pthread_sigmask(SIG_UNBLOCK, &set, NULL);
}

// What was asked to happen by default does, with the terminal put back.
static void end(int number) {
  tern_terminal_restore();
  signal(number, SIG_DFL);
  raise(number);
}

static void crash(int number, siginfo_t *information, void *context) {
  (void)context;
  tern_terminal_restore();
  for (int i = 0; i < CRASHES; i++) {
    if (crashes[i] == number) sigaction(number, &before_crashes[i], NULL);
  }
  // What faulted does so again, and is whoever's was there before; what was sent has to be sent again.
  if (information->si_code <= 0 || number == SIGTRAP || number == SIGSYS) {
    unblock(number);
    raise(number);
  }
}

static void stop(int number) {
  int error = errno;
  struct sigaction before, own;
  tern_terminal_restore();
  memset(&before, 0, sizeof before);
  before.sa_handler = SIG_DFL;
  sigaction(number, &before, &own);
  unblock(number);
  raise(number);
  // Here the process goes on.
  sigaction(number, &own, NULL);
  tern_terminal_resume(true);
  errno = error;
}

static void go_on(int number) {
  (void)number;
  int error = errno;
  tern_terminal_resume(false);
  errno = error;
}

static void ignore_wakeups(int number) {
  (void)number;
  tern_terminal_wake();
}

// Takes a signal that has its default action.
static void take(int number, void (*handler)(int)) {
  struct sigaction now, action;
  if (sigaction(number, NULL, &now) != 0 || (now.sa_flags & SA_SIGINFO) || now.sa_handler != SIG_DFL) return;
  memset(&action, 0, sizeof action);
  action.sa_handler = handler;
  action.sa_flags = SA_RESTART | SA_ONSTACK;
  sigaction(number, &action, NULL);
}

// Gives it back where nobody else has taken it.
static void give_back(int number, void (*handler)(int)) {
  struct sigaction now;
  if (sigaction(number, NULL, &now) == 0 && !(now.sa_flags & SA_SIGINFO) && now.sa_handler == handler) {
    signal(number, SIG_DFL);
  }
}

void tern_terminal_watch_signals(void) {
  if (!tern_terminal_is_open()) return;
  for (int i = 0; i < ENDINGS; i++) take(endings[i], end);
}

void tern_terminal_watch_all(void) {
  tern_terminal_watch_signals();
  take(SIGTSTP, stop);
  take(SIGCONT, go_on);
  take(SIGWINCH, ignore_wakeups);
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_sigaction = crash;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER;
  for (int i = 0; i < CRASHES; i++) {
    if (sigaction(crashes[i], NULL, &before_crashes[i]) != 0) continue;
    // What the program was started to ignore stays ignored.
    if (!(before_crashes[i].sa_flags & SA_SIGINFO) && before_crashes[i].sa_handler == SIG_IGN) continue;
    is_watching_crash[i] = sigaction(crashes[i], &action, NULL) == 0;
  }
  // A stack that overflows leaves no room for a handler.
  static char memory[64 << 10];
  stack_t own = {.ss_sp = memory, .ss_size = sizeof memory}, present;
  if (sigaltstack(NULL, &present) == 0 && (present.ss_flags & SS_DISABLE)) sigaltstack(&own, NULL);
}

void tern_terminal_unwatch_all(void) {
  for (int i = 0; i < ENDINGS; i++) give_back(endings[i], end);
  give_back(SIGTSTP, stop);
  give_back(SIGCONT, go_on);
  give_back(SIGWINCH, ignore_wakeups);
  for (int i = 0; i < CRASHES; i++) {
    struct sigaction now;
    if (!is_watching_crash[i]) continue;
    is_watching_crash[i] = false;
    if (sigaction(crashes[i], NULL, &now) == 0 && (now.sa_flags & SA_SIGINFO) && now.sa_sigaction == crash) {
      sigaction(crashes[i], &before_crashes[i], NULL);
    }
  }
}
