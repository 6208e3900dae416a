// Who watches the operations of this thread, kept by who asked for it; and a tape on which events are noted without asking.
#ifndef TERN_AUDIENCE_H
#define TERN_AUDIENCE_H

#include <stdbool.h>
#include <stdint.h>

/// Something that happened.
typedef struct {
  uint8_t kind;
  bool flag;
  int32_t layout;       // -1: none
  uint64_t thread;
  uint64_t ticks;       // as tern_ticks() tells
  int64_t bytes, peak;  // in use then, and the most so far
  const uint8_t *name;  // ends with a 0, or NULL
  uint64_t identity;
} tern_event;

/// Where the events of a thread are noted.
typedef struct {
  tern_event *events;
  int64_t count, capacity;
  uint64_t thread;
  int64_t limit;  // of the peak, above which events of the kinds from `first_looking` on are left to the observer
  uint8_t first_looking;
} tern_tape;

typedef struct {
  const void *observers;  // of what runs on this thread, or NULL where they were not set on it
  tern_tape *tape;        // of its only observer, or NULL
  bool hears_operations;  // whether one of them is told of operations
} tern_audience;
tern_audience tern_audience_get(void);
void tern_audience_set(tern_audience audience);
/// The observers alone.
const void *tern_audience_observers(void);
/// Whether one of the observers is told of operations that run now: 0 no, 1 yes, 2 none were set on this thread.
int32_t tern_audience_hears(void);
/// Notes an event on the thread's tape; false where there is none, it is full or the observer is to look at the peak.
bool tern_audience_note(uint8_t kind, const uint8_t *name, uint64_t identity, bool flag);

#endif
