#if !defined(_GNU_SOURCE)
#define _GNU_SOURCE 1
#endif

#include "tern_terminal.h"
#include "tern_terminal_signals.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

// Called by tern_stop before it writes its message; defined in CTernKernels/tern_scope.c.
extern _Atomic(void (*)(void)) tern_before_stop;

// What puts a screen back: attributes, wrapping, margins (which move the cursor), nothing below the cursor, the cursor shown.
static const char leave[] = "\x1b[0m\x1b[?7h\x1b" "7\x1b[r\x1b" "8\x1b[J\x1b[?25h";
// The same within a frame: the cursor is in the view and comes back first.
static const char leave_frame[] = "\x18\x1b" "8\x1b[0m\x1b[?7h\x1b" "7\x1b[r\x1b" "8\x1b[J\x1b[?25h";

static atomic_int terminal = -1;     // the descriptor; -1 without a view
static atomic_bool is_entered;       // settings and screen are the view's
static atomic_bool is_held;          // the process is about to end or to stop: nothing is drawn
static atomic_bool is_drawn;         // something of the view is on the screen
static atomic_bool is_resumed;       // the process was stopped and goes on
static atomic_bool is_in_frame;      // a frame is partly written
static atomic_bool is_writing;       // a thread is inside a write
static _Atomic pthread_t writer;     // which
static atomic_uint changes;          // of is_entered: a frame that began before one is dropped
static pid_t owner;                  // a child that was forked leaves the terminal alone
static struct termios settings;      // as they were
static int wakeup[2] = {-1, -1};

// MARK: Leaving

// Whether the process may set the terminal: in the foreground of it, or not controlled by it at all.
static bool is_foreground(int descriptor) {
  pid_t group = tcgetpgrp(descriptor);
  return group < 0 ? errno == ENOTTY : group == getpgrp();
}

// Sets a terminal, from the background too.
static void set(int descriptor, const struct termios *to) {
  sigset_t block, before;
  sigemptyset(&block);
  sigaddset(&block, SIGTTOU);
  pthread_sigmask(SIG_BLOCK, &block, &before);
  while (tcsetattr(descriptor, TCSANOW, to) < 0 && errno == EINTR) {}
  pthread_sigmask(SIG_SETMASK, &before, NULL);
}

static void write_some(int descriptor, const char *bytes, size_t count) {
  for (int attempt = 0; count > 0 && attempt < 50; attempt++) {
    ssize_t written = write(descriptor, bytes, count);
    if (written > 0) {
      bytes += written;
      count -= (size_t)written;
    } else if (written < 0 && errno == EAGAIN) {
      struct pollfd room = {descriptor, POLLOUT, 0};
      poll(&room, 1, 10);
    } else if (written == 0 || errno != EINTR) {
      return;
    }
  }
}

void tern_terminal_restore(void) {
  int error = errno;
  int descriptor = atomic_load(&terminal);
  if (descriptor >= 0 && getpid() == owner) atomic_store(&is_held, true);
  if (descriptor >= 0 && getpid() == owner && atomic_exchange(&is_entered, false)) {
    atomic_fetch_add(&changes, 1);
    // A frame that another thread writes just now comes to its end, or to its next look at `changes`.
    for (int i = 0; i < 200 && atomic_load(&is_writing) && !pthread_equal(atomic_load(&writer), pthread_self()); i++) {
      struct timespec moment = {0, 1000000};
      nanosleep(&moment, NULL);
    }
    if (is_foreground(descriptor)) {
      if (atomic_exchange(&is_drawn, false)) {
        if (atomic_exchange(&is_in_frame, false)) {
          write_some(descriptor, leave_frame, sizeof leave_frame - 1);
        } else {
          write_some(descriptor, leave, sizeof leave - 1);
        }
      }
      set(descriptor, &settings);
    }
  }
  errno = error;
}

void tern_terminal_resume(bool isReleased) {
  if (isReleased) atomic_store(&is_held, false);
  atomic_store(&is_resumed, true);
  tern_terminal_wake();
}

// MARK: Opening and closing

bool tern_terminal_is_open(void) { return atomic_load(&terminal) >= 0; }

int32_t tern_terminal_open(int32_t descriptor) {
  if (atomic_load(&terminal) >= 0) return EBUSY;
  if (!isatty(descriptor)) return ENOTTY;
  // A description of its own, which may be one that does not wait, unlike the program's.
  char name[64], path[256];
  snprintf(name, sizeof name, "/proc/self/fd/%d", descriptor);
  int opened = open(name, O_RDWR | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
  if (opened < 0 && ttyname_r(descriptor, path, sizeof path) == 0) {
    opened = open(path, O_RDWR | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
  }
  if (opened < 0) return errno;
  if (tcgetattr(opened, &settings) != 0 || pipe2(wakeup, O_NONBLOCK | O_CLOEXEC) != 0) {
    int error = errno;
    close(opened);
    return error;
  }
  owner = getpid();
  atomic_store(&is_entered, false);
  atomic_store(&is_held, false);
  atomic_store(&is_drawn, false);
  atomic_store(&is_resumed, false);
  atomic_store(&is_in_frame, false);
  atomic_store(&terminal, opened);
  atomic_store(&tern_before_stop, tern_terminal_restore);
  static atomic_bool is_registered;
  if (!atomic_exchange(&is_registered, true)) atexit(tern_terminal_restore);
  tern_terminal_watch_all();
  return 0;
}

void tern_terminal_close(void) {
  int descriptor = atomic_load(&terminal);
  if (descriptor < 0 || getpid() != owner) return;
  tern_terminal_restore();
  tern_terminal_unwatch_all();
  atomic_store(&tern_before_stop, NULL);
  atomic_store(&terminal, -1);
  close(descriptor);
  for (int i = 0; i < 2; i++) {
    close(wakeup[i]);
    wakeup[i] = -1;
  }
}

// MARK: A view's thread

bool tern_terminal_enter(bool *isNew) {
  int descriptor = atomic_load(&terminal);
  *isNew = false;
  if (descriptor < 0 || atomic_load(&is_held) || !is_foreground(descriptor)) return false;
  // Stopped by what cannot be caught, the shell has set the terminal since.
  if (atomic_exchange(&is_resumed, false)) {
    if (atomic_exchange(&is_entered, false)) atomic_fetch_add(&changes, 1);
  }
  if (atomic_load(&is_entered)) return true;
  struct termios now;
  if (tcgetattr(descriptor, &now) == 0 && (now.c_lflag & ICANON)) settings = now;
  struct termios keys = settings;
  keys.c_lflag &= (tcflag_t) ~(ICANON | ECHO | ECHONL);
  keys.c_cc[VMIN] = 1;
  keys.c_cc[VTIME] = 0;
  atomic_store(&is_entered, true);
  set(descriptor, &keys);
  *isNew = true;
  return true;
}

// Writes what the terminal takes at once; 0 where it takes nothing now, and -1 where it is gone or was put back.
static ssize_t write_entered(int descriptor, const void *bytes, size_t count, unsigned begin) {
  atomic_store(&writer, pthread_self());
  atomic_store(&is_writing, true);
  ssize_t written = -1;
  int error = 0;
  if (atomic_load(&is_entered) && atomic_load(&changes) == begin) {
    atomic_store(&is_drawn, true);
    written = write(descriptor, bytes, count);
    error = errno;
    if (written > 0) atomic_store(&is_in_frame, (size_t)written < count);
  }
  atomic_store(&is_writing, false);
  return written < 0 && (error == EAGAIN || error == EINTR) ? 0 : written;
}

bool tern_terminal_write(const uint8_t *bytes, int64_t count) {
  // A frame that was dropped has left the cursor in the view.
  static const char back[] = "\x18\x1b" "8";
  int descriptor = atomic_load(&terminal);
  unsigned begin = atomic_load(&changes);
  if (atomic_load(&is_in_frame) && write_entered(descriptor, back, sizeof back - 1, begin) < 0) return false;
  while (count > 0) {
    ssize_t written = write_entered(descriptor, bytes, (size_t)count, begin);
    if (written < 0) return atomic_load(&changes) != begin;
    bytes += written;
    count -= written;
    if (count == 0) break;
    // A terminal that stands still holds nobody up who wants to end.
    struct pollfd room[2] = {{descriptor, POLLOUT, 0}, {wakeup[0], POLLIN, 0}};
    poll(room, 2, 1000);
    if (room[1].revents && !(room[0].revents & POLLOUT)) {
      poll(room, 1, 50);
      if (!(room[0].revents & POLLOUT)) return true;
    }
  }
  return true;
}

int32_t tern_terminal_read(uint8_t *bytes, int32_t capacity, int32_t milliseconds) {
  int descriptor = atomic_load(&terminal);
  // Reading in the background would stop the process.
  bool reads = atomic_load(&is_entered) && is_foreground(descriptor);
  struct pollfd ready[2] = {{wakeup[0], POLLIN, 0}, {descriptor, reads ? POLLIN : 0, 0}};
  int count = poll(ready, 2, milliseconds);
  if (count <= 0) return 0;
  if (ready[0].revents & POLLIN) {
    char waste[64];
    while (read(wakeup[0], waste, sizeof waste) > 0) {}
  }
  if (ready[1].revents & POLLIN) {
    ssize_t found = read(descriptor, bytes, (size_t)capacity);
    if (found > 0) return (int32_t)found;
    if (found == 0 || (errno != EAGAIN && errno != EINTR)) return -1;
  }
  return ready[1].revents & (POLLHUP | POLLERR | POLLNVAL) ? -1 : 0;
}

void tern_terminal_wake(void) {
  int end = wakeup[1];
  if (end >= 0) (void)!write(end, "", 1);
}

bool tern_terminal_size(int32_t *rows, int32_t *columns) {
  struct winsize size;
  int descriptor = atomic_load(&terminal);
  if (descriptor < 0 || ioctl(descriptor, TIOCGWINSZ, &size) != 0 || size.ws_row == 0 || size.ws_col == 0) return false;
  *rows = size.ws_row;
  *columns = size.ws_col;
  return true;
}
