#if !defined(_GNU_SOURCE)
#define _GNU_SOURCE 1
#endif

#include "tern_pool.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#if defined(__linux__)
#include <sys/sysinfo.h>
#endif

enum { LONGEST = 8192 };  // of a path, and of a line of /proc/self/cgroup

/// The number in a file, where it is one and less than `most`; else `most`. Where there is no limit the second version of
/// control groups says "max", the first a number that no machine has.
static int64_t least_of(const char *path, int64_t most) {
  FILE *file = fopen(path, "r");
  long long found;
  if (file) {
    if (fscanf(file, "%lld", &found) == 1 && found > 0 && found < most) most = found;
    fclose(file);
  }
  return most;
}

/// The least limit on the way from a group to the root: that of every group holds for those in it.
static int64_t least_on_the_way(int64_t most, const char *root, const char *mount, const char *group, const char *name) {
  char path[LONGEST];
  int top = snprintf(path, sizeof path, "%s%s", root, mount);
  int end = snprintf(path, sizeof path, "%s%s%s", root, mount, group);
  if (top < 0 || end < 0 || (size_t)end + strlen(name) + 2 > sizeof path) return most;
  for (;;) {
    while (end > top && path[end - 1] == '/') end--;
    snprintf(path + end, sizeof path - (size_t)end, "/%s", name);
    most = least_of(path, most);
    if (end <= top) return most;
    while (end > top && path[end - 1] != '/') end--;
  }
}

/// Whether `memory` is one of the controllers, which commas part.
static int has_memory(const char *controllers) {
  for (const char *at = controllers; *at != '\0'; at += *at == ',') {
    size_t length = strcspn(at, ",");
    if (length == 6 && memcmp(at, "memory", 6) == 0) return 1;
    at += length;
  }
  return 0;
}

int64_t tern_group_memory(int64_t most, const char *root) {
  const char *second = "/sys/fs/cgroup", *hybrid = "/sys/fs/cgroup/unified", *first = "/sys/fs/cgroup/memory";
  const char *limit = "memory.max", *first_limit = "memory.limit_in_bytes";
  // A container may see its own group as the root, whatever its path says.
  most = least_on_the_way(most, root, second, "/", limit);
  most = least_on_the_way(most, root, first, "/", first_limit);
  char line[LONGEST];
  snprintf(line, sizeof line, "%s/proc/self/cgroup", root);
  FILE *groups = fopen(line, "r");
  if (!groups) return most;
  while (fgets(line, sizeof line, groups)) {
    // number:controllers:path, with the number 0 and no controllers in the second version
    line[strcspn(line, "\n")] = '\0';
    char *controllers = strchr(line, ':');
    char *group = controllers ? strchr(controllers + 1, ':') : NULL;
    if (!group) continue;
    *controllers++ = '\0';
    *group++ = '\0';
    if (strcmp(line, "0") == 0 && *controllers == '\0') {
      most = least_on_the_way(most, root, second, group, limit);
      most = least_on_the_way(most, root, hybrid, group, limit);
    } else if (has_memory(controllers)) {
      most = least_on_the_way(most, root, first, group, first_limit);
    }
  }
  fclose(groups);
  return most;
}

int64_t tern_machine_memory(void) {
  return tern_group_memory((int64_t)sysconf(_SC_PHYS_PAGES) * (int64_t)sysconf(_SC_PAGESIZE), "");
}

static int64_t swap_memory(void) {
#if defined(__linux__)
  struct sysinfo info;
  if (sysinfo(&info) == 0) return (int64_t)info.totalswap * (int64_t)info.mem_unit;
#endif
  return 0;
}

static _Atomic int64_t most_bytes = -1;
static pthread_once_t most_once = PTHREAD_ONCE_INIT;

static void find_most(void) {
  if (atomic_load(&most_bytes) < 0) atomic_store(&most_bytes, tern_machine_memory() + swap_memory());
}

int64_t tern_memory_limit(void) {
  pthread_once(&most_once, find_most);
  int64_t most = atomic_load_explicit(&most_bytes, memory_order_relaxed);
  struct rlimit space;
  if (getrlimit(RLIMIT_AS, &space) == 0 && space.rlim_cur != RLIM_INFINITY && (int64_t)space.rlim_cur < most) {
    most = (int64_t)space.rlim_cur;
  }
  return most;
}

void tern_memory_set_limit(int64_t bytes) {
  pthread_once(&most_once, find_most);
  atomic_store(&most_bytes, bytes < 0 ? 0 : bytes);
}
