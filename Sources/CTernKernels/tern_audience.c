// What observers have to know of the work of a thread, and who they are.
#include "tern_audience.h"

#include <stddef.h>

#include "tern_pool.h"
#include "tern_scope.h"

static _Thread_local tern_watch watched;
static _Thread_local tern_audience audience;

tern_watch tern_watch_get(void) { return watched; }

void tern_watch_set(tern_watch watch) { watched = watch; }

tern_audience tern_audience_get(void) { return audience; }

void tern_audience_set(tern_audience other) { audience = other; }

const void *tern_audience_observers(void) { return audience.observers; }

int32_t tern_audience_hears(void) {
  if (watched.is_silent) return 0;
  return audience.observers ? audience.hears_operations : 2;
}

bool tern_audience_note(uint8_t kind, const uint8_t *name, uint64_t identity, bool flag) {
  tern_tape *tape = audience.tape;
  if (!tape || watched.is_silent || tape->count >= tape->capacity) return false;
  int64_t peak = tern_pool_peak_in_use();
  if (peak > tape->limit && kind >= tape->first_looking) return false;
  tape->events[tape->count++] = (tern_event){kind, flag, -1, tape->thread, tern_ticks(), tern_pool_in_use(), peak, name, identity};
  return true;
}
