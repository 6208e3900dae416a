// Common to all levels: includes and macros, no functions (a function must carry its level's target).
#ifndef TERN_TEMPLATES_COMMON_H
#define TERN_TEMPLATES_COMMON_H

#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "tern_kernels.h"

// A loop over independent elements: operands may be the same buffer, which a compiler cannot know. Loops that
// call the C library stay scalar, which is no news.
#pragma clang diagnostic ignored "-Wpass-failed"
#define TERN_LOOP _Pragma("clang loop vectorize(assume_safety)")

// What a vectorized loop calls has to be inlined, however long it is.
#define TERN_INLINE static inline __attribute__((always_inline))

#define TERN_JOIN2(a, b) a##_##b
#define TERN_JOIN(a, b) TERN_JOIN2(a, b)
// The name of a function for the scalar type at hand: FN(copy) is copy_f32.
#define FN(name) TERN_JOIN(name, S)
#define TERN_MIN(a, b) ((a) < (b) ? (a) : (b))
#define TERN_MAX(a, b) ((a) > (b) ? (a) : (b))

// Ends the program with one line.
_Noreturn void tern_out_of_memory(const char *operation, size_t bytes);

// out = EXPR of the operands' values, with straight loops for the layouts that matter.
#define TERN_MAP1(T, R, EXPR)                                                                      \
  do {                                                                                             \
    if (so == 1 && sx == 1) {                                                                      \
      TERN_LOOP for (ptrdiff_t i = 0; i < n; i++) {                                                \
        const T v = x[i];                                                                          \
        out[i] = (R)(EXPR);                                                                        \
      }                                                                                            \
    } else {                                                                                       \
      for (ptrdiff_t i = 0; i < n; i++) {                                                          \
        const T v = x[i * sx];                                                                     \
        out[i * so] = (R)(EXPR);                                                                   \
      }                                                                                            \
    }                                                                                              \
  } while (0)

#define TERN_MAP2(T, R, EXPR)                                                                      \
  do {                                                                                             \
    if (so == 1 && sa == 1 && sb == 1) {                                                           \
      TERN_LOOP for (ptrdiff_t i = 0; i < n; i++) {                                                \
        const T v = a[i], w = b[i];                                                                \
        out[i] = (R)(EXPR);                                                                        \
      }                                                                                            \
    } else if (so == 1 && sa == 1 && sb == 0) {                                                    \
      const T w = b[0];                                                                            \
      TERN_LOOP for (ptrdiff_t i = 0; i < n; i++) {                                                \
        const T v = a[i];                                                                          \
        out[i] = (R)(EXPR);                                                                        \
      }                                                                                            \
    } else if (so == 1 && sa == 0 && sb == 1) {                                                    \
      const T v = a[0];                                                                            \
      TERN_LOOP for (ptrdiff_t i = 0; i < n; i++) {                                                \
        const T w = b[i];                                                                          \
        out[i] = (R)(EXPR);                                                                        \
      }                                                                                            \
    } else {                                                                                       \
      for (ptrdiff_t i = 0; i < n; i++) {                                                          \
        const T v = a[i * sa], w = b[i * sb];                                                      \
        out[i * so] = (R)(EXPR);                                                                   \
      }                                                                                            \
    }                                                                                              \
  } while (0)

#endif
