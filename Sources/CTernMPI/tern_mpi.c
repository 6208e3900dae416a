#if !defined(_GNU_SOURCE)
#define _GNU_SOURCE 1
#endif

#include "tern_mpi.h"

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#if defined(__linux__)
#include <sys/prctl.h>
#endif

void tern_mpi_nap(int32_t microseconds) {
  if (microseconds <= 0) {
    sched_yield();
    return;
  }
#if defined(__linux__)
  static _Thread_local bool is_prepared;
  if (!is_prepared) {
    prctl(PR_SET_TIMERSLACK, 1000UL, 0, 0, 0);
    is_prepared = true;
  }
#endif
  struct timespec time = {microseconds / 1000000, (long)(microseconds % 1000000) * 1000};
  nanosleep(&time, NULL);
}

void tern_mpi_processors(uint8_t *mask, int32_t bytes) {
  memset(mask, 0, (size_t)bytes);
#if defined(__linux__)
  cpu_set_t *set = CPU_ALLOC((size_t)bytes * 8);
  if (set == NULL) return;
  size_t size = CPU_ALLOC_SIZE((size_t)bytes * 8);
  CPU_ZERO_S(size, set);
  if (sched_getaffinity(0, size, set) == 0) {
    for (int32_t i = 0; i < bytes * 8; i++) {
      if (CPU_ISSET_S((size_t)i, size, set)) mask[i / 8] |= (uint8_t)(1 << i % 8);
    }
  }
  CPU_FREE(set);
#endif
}

#if defined(TERN_MPI)

#include <mpi.h>

// Messages of a program's other parts are not taken for ours.
static MPI_Comm world = MPI_COMM_NULL;
enum { TAG = 7 };

// Chunks under way in each direction. They are short enough to go without a handshake, which makes both directions of a wire
// busy at once; were more of them under way, a receiver that is late would have to keep them all.
enum { WINDOW = 32 };

// One direction: chunks are posted in order, each in the slot of one that is over.
typedef struct {
  char *bytes;
  int64_t count, posted;
  int32_t peer;
  bool receives;
} direction;

struct tern_mpi_transfer {
  direction directions[2];
  int64_t chunk;
  int running;
  MPI_Request requests[2 * WINDOW];
  int lengths[2 * WINDOW];
};

static int32_t explain(int code, char *message) {
  char text[MPI_MAX_ERROR_STRING + 1];
  int length = 0;
  if (MPI_Error_string(code, text, &length) != MPI_SUCCESS) length = 0;
  text[length] = 0;
  for (int i = 0; i < length; i++) {
    if (text[i] == '\n') text[i] = ' ';
  }
  snprintf(message, TERN_MPI_MESSAGE, "MPI: %s", length > 0 ? text : "unknown error");
  return -1;
}

#if defined(__GLIBC__)
static void note_exit(int status, void *argument) {
  int finished = 0;
  if (MPI_Finalized(&finished) == MPI_SUCCESS && finished) return;
  (*(void (**)(int32_t))argument)(status);
}
#endif

bool tern_mpi_is_built(void) { return true; }

int32_t tern_mpi_start(tern_mpi_job *job, char *message) {
  int provided = 0, length = 0, code;
  if ((code = MPI_Init_thread(NULL, NULL, MPI_THREAD_FUNNELED, &provided)) != MPI_SUCCESS) return explain(code, message);
  if (provided < MPI_THREAD_FUNNELED) {
    snprintf(message, TERN_MPI_MESSAGE, "MPI: built without MPI_THREAD_FUNNELED, which programs with threads need");
    return -1;
  }
  MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN);
  if ((code = MPI_Comm_dup(MPI_COMM_WORLD, &world)) != MPI_SUCCESS) return explain(code, message);
  MPI_Comm_set_errhandler(world, MPI_ERRORS_RETURN);
  int rank = 0, count = 1, root = 0;
  MPI_Comm_rank(world, &rank);
  MPI_Comm_size(world, &count);
  MPI_Comm host = MPI_COMM_NULL;
  if ((code = MPI_Comm_split_type(world, MPI_COMM_TYPE_SHARED, rank, MPI_INFO_NULL, &host)) != MPI_SUCCESS) {
    return explain(code, message);
  }
  root = rank;
  if ((code = MPI_Bcast(&root, 1, MPI_INT, 0, host)) != MPI_SUCCESS) return explain(code, message);
  MPI_Comm_free(&host);
  char name[MPI_MAX_PROCESSOR_NAME + 1], library[MPI_MAX_LIBRARY_VERSION_STRING + 1];
  if (MPI_Get_processor_name(name, &length) != MPI_SUCCESS) length = 0;
  name[length] = 0;
  snprintf(job->host, sizeof job->host, "%.255s", name);
  if (MPI_Get_library_version(library, &length) != MPI_SUCCESS) length = 0;
  library[length] = 0;
  // `Open MPI v4.1.4, package: …`, `MPICH Version:	4.0.2` and several lines more.
  library[strcspn(library, ",\n")] = 0;
  snprintf(job->library, sizeof job->library, "%.255s", library);
  job->rank = rank;
  job->count = count;
  job->host_root = root;
  return 0;
}

void tern_mpi_watch_exit(void (*ended)(int32_t status)) {
#if defined(__GLIBC__)
  static void (*known)(int32_t);
  known = ended;
  // The type that on_exit wants.
  on_exit(note_exit, (void *)&known);
#else
  (void)ended;
#endif
}

// The first chunk of several has a length that depends on that of the whole: who expects another number of bytes sees it there.
static int next_length(const direction *d, int64_t chunk) {
  int64_t left = d->count - d->posted;
  if (left <= chunk && d->posted == 0) return (int)left;
  int64_t length = d->posted == 0 ? chunk - d->count / 4 % 1021 * 8 : chunk;
  return (int)(left < length ? left : length);
}

static int post(tern_mpi_transfer *transfer, direction *d, int slot) {
  int length = next_length(d, transfer->chunk);
  char *at = d->bytes + d->posted;
  MPI_Request *request = &transfer->requests[slot];
  int code = d->receives ? MPI_Irecv(at, length, MPI_BYTE, d->peer, TAG, world, request)
                         : MPI_Isend(at, length, MPI_BYTE, d->peer, TAG, world, request);
  if (code == MPI_SUCCESS) {
    transfer->lengths[slot] = length;
    transfer->running++;
    d->posted += length;
  }
  return code;
}

tern_mpi_transfer *tern_mpi_begin(
    const void *own, int64_t own_bytes, int32_t to, void *others, int64_t others_bytes, int32_t from, int64_t chunk,
    char *message) {
  tern_mpi_transfer *transfer = calloc(1, sizeof *transfer);
  if (transfer == NULL) {
    snprintf(message, TERN_MPI_MESSAGE, "MPI: no memory for a transfer");
    return NULL;
  }
  transfer->chunk = chunk < 16384 ? 16384 : chunk > 1 << 30 ? 1 << 30 : chunk;
  transfer->directions[0] = (direction){others, others_bytes, 0, from, true};
  transfer->directions[1] = (direction){(char *)own, own_bytes, 0, to, false};
  int code = MPI_SUCCESS;
  for (int slot = 0; slot < 2 * WINDOW; slot++) transfer->requests[slot] = MPI_REQUEST_NULL;
  for (int slot = 0; slot < 2 * WINDOW && code == MPI_SUCCESS; slot++) {
    direction *d = &transfer->directions[slot / WINDOW];
    if (d->posted < d->count) code = post(transfer, d, slot);
  }
  if (code != MPI_SUCCESS) {
    explain(code, message);
    free(transfer);
    return NULL;
  }
  return transfer;
}

int32_t tern_mpi_test(tern_mpi_transfer *transfer, char *message) {
  int32_t result = 0;
  bool moved = false;
  while (result == 0 && transfer->running > 0) {
    int count = 0, slots[2 * WINDOW];
    MPI_Status statuses[2 * WINDOW];
    int code = MPI_Testsome(2 * WINDOW, transfer->requests, &count, slots, statuses);
    if (code != MPI_SUCCESS) {
      for (int i = 0; code == MPI_ERR_IN_STATUS && i < count; i++) {
        if (statuses[i].MPI_ERROR != MPI_SUCCESS && statuses[i].MPI_ERROR != MPI_ERR_PENDING) code = statuses[i].MPI_ERROR;
      }
      result = explain(code, message);
      break;
    }
    if (count <= 0) return moved ? 2 : 0;
    moved = true;
    for (int i = 0; i < count && result == 0; i++) {
      int slot = slots[i], length = 0;
      direction *d = &transfer->directions[slot / WINDOW];
      transfer->running--;
      if (d->receives) MPI_Get_count(&statuses[i], MPI_BYTE, &length);
      if (d->receives && length != transfer->lengths[slot]) {
        snprintf(
            message, TERN_MPI_MESSAGE, "another number of bytes came than the %lld that are expected", (long long)d->count);
        result = -2;
      } else if (d->posted < d->count && (code = post(transfer, d, slot)) != MPI_SUCCESS) {
        result = explain(code, message);
      }
    }
  }
  free(transfer);
  return result == 0 ? 1 : result;
}

void tern_mpi_abort(int32_t status) { MPI_Abort(MPI_COMM_WORLD, status); }

void tern_mpi_finish(void) {
  MPI_Comm_free(&world);
  MPI_Finalize();
}

#else

struct tern_mpi_transfer {
  int unused;
};

static void refuse(char *message) { snprintf(message, TERN_MPI_MESSAGE, "not built with MPI"); }

bool tern_mpi_is_built(void) { return false; }

int32_t tern_mpi_start(tern_mpi_job *job, char *message) {
  memset(job, 0, sizeof *job);
  job->count = 1;
  refuse(message);
  return -1;
}

tern_mpi_transfer *tern_mpi_begin(
    const void *own, int64_t own_bytes, int32_t to, void *others, int64_t others_bytes, int32_t from, int64_t chunk,
    char *message) {
  (void)own, (void)own_bytes, (void)to, (void)others, (void)others_bytes, (void)from, (void)chunk;
  refuse(message);
  return NULL;
}

int32_t tern_mpi_test(tern_mpi_transfer *transfer, char *message) {
  (void)transfer;
  refuse(message);
  return -1;
}

void tern_mpi_watch_exit(void (*ended)(int32_t status)) { (void)ended; }

void tern_mpi_abort(int32_t status) { exit(status); }

void tern_mpi_finish(void) {}

#endif
