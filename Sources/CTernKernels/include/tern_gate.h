// A gate around calls of OpenBLAS, whose locks a fork must not find held by threads that the child does not have.
#ifndef TERN_GATE_H
#define TERN_GATE_H

/// Before and after a call, on the thread that makes it; pairs may be nested.
void tern_gate_enter(void);
void tern_gate_leave(void);

#endif
