// Bytes between the processes that mpirun or srun started. All calls come from the thread that called `tern_mpi_start`, but for
// those that say so. Without MPI built in they refuse.
#ifndef TERN_MPI_H
#define TERN_MPI_H

#include <stdbool.h>
#include <stdint.h>

#define TERN_MPI_MESSAGE 512

// Whether MPI is built in. Any thread.
bool tern_mpi_is_built(void);

// Who takes part.
typedef struct {
  int32_t rank, count;
  // The lowest rank on this host.
  int32_t host_root;
  char host[256];
  char library[256];
} tern_mpi_job;

// Begins; returns 0, or tells in `message` what went wrong.
int32_t tern_mpi_start(tern_mpi_job *_Nonnull job, char *_Nonnull message);

// Calls a function where the process exits without `tern_mpi_finish`, with the status of that. Any thread, after the start.
void tern_mpi_watch_exit(void (*_Nonnull ended)(int32_t status));

// A transfer under way: bytes to one rank, bytes from another.
typedef struct tern_mpi_transfer tern_mpi_transfer;

// Begins to send and to receive, in chunks of at most `chunk` bytes; either may be none. NULL, with a message, where that fails.
tern_mpi_transfer *_Nullable tern_mpi_begin(
  const void *_Nullable own, int64_t own_bytes, int32_t to, void *_Nullable others, int64_t others_bytes, int32_t from,
  int64_t chunk, char *_Nonnull message);
// 1: done, and freed; 0: not yet, and nothing moved; 2: not yet; −1: failed; −2: another number of bytes came; both with a message, and freed.
int32_t tern_mpi_test(tern_mpi_transfer *_Nonnull transfer, char *_Nonnull message);

// Ends this job's processes with a status.
void tern_mpi_abort(int32_t status);
// Ends well; all processes call it.
void tern_mpi_finish(void);

// Sleeps so many microseconds, not fifty more; of 0 the processor goes to who waits for it. Any thread.
void tern_mpi_nap(int32_t microseconds);
// The processors that the process may use, a bit each. Any thread.
void tern_mpi_processors(uint8_t *_Nonnull mask, int32_t bytes);

#endif
