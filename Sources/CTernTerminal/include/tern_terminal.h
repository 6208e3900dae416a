// A terminal whose lower rows show a view while the program prints above them. Whatever ends or stops the process puts the
// terminal back first: all of that is done in signal handlers, which call nothing but what POSIX allows there.
#ifndef TERN_TERMINAL_H
#define TERN_TERMINAL_H

#include <stdbool.h>
#include <stdint.h>

// Takes the terminal that a descriptor is open on: opens it anew, keeps its settings, and watches the signals that end,
// stop or crash the process. One view at a time. Returns 0 or an error number.
int32_t tern_terminal_open(int32_t descriptor);

// Puts the terminal back, and the signals as they were.
void tern_terminal_close(void);

// Puts the terminal back where a view is on it. Any thread, any signal handler.
void tern_terminal_restore(void);

// Handles the ending signals that nobody else does. After another handler of theirs was taken away.
void tern_terminal_watch_signals(void);

// Takes keys one by one and without echo, where the process is in the foreground and that is not done yet. Returns whether
// the view may be drawn; `isNew` says that nothing of it is on the screen.
bool tern_terminal_enter(bool *_Nonnull isNew);

// Writes a whole frame, which begins by saving the cursor and ends by restoring it. Drops the remainder where the terminal
// was put back meanwhile. Returns false where the terminal is gone.
bool tern_terminal_write(const uint8_t *_Nonnull bytes, int64_t count);

// Waits for keys, for tern_terminal_wake, or for so many milliseconds. Returns how many bytes were read; -1 where the terminal
// is gone.
int32_t tern_terminal_read(uint8_t *_Nonnull bytes, int32_t capacity, int32_t milliseconds);

// Ends a wait. Any thread.
void tern_terminal_wake(void);

// The size now, in characters; false where the terminal does not tell.
bool tern_terminal_size(int32_t *_Nonnull rows, int32_t *_Nonnull columns);

#endif
