// What the view and its signals know of each other.
#ifndef TERN_TERMINAL_SIGNALS_H
#define TERN_TERMINAL_SIGNALS_H

#include <stdbool.h>

// Handles all signals that nobody else does, and gives them back.
void tern_terminal_watch_all(void);
void tern_terminal_unwatch_all(void);

// Whether there is a view.
bool tern_terminal_is_open(void);

// The process was stopped and goes on; `isReleased` says that it stopped by its own handler, which held the view.
void tern_terminal_resume(bool isReleased);

#endif
