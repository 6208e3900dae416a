// What kernels that update parameters are told.
#ifndef TERN_OPTIMIZERS_H
#define TERN_OPTIMIZERS_H

#include <stdbool.h>

// Stochastic gradient descent: d = ±g + decay·p; m = momentum·m + damping·d (d itself at the first step);
// p −= rate·(nesterov ? d + momentum·m : m).
typedef struct __attribute__((swift_name("SGDUpdate"))) tern_sgd_update {
  double rate, momentum, damping, decay;
  bool nesterov, maximize, isFirst;
} tern_sgd_update;

// Adam: m += (d − m)·(1 − beta1); v = beta2·v + (1 − beta2)·d²; p −= stepSize·m/(√v/rootCorrection + epsilon).
// `decay` is added to the gradient, `shrink` multiplies the parameter beforehand (AdamW).
typedef struct __attribute__((swift_name("AdamUpdate"))) tern_adam_update {
  double beta1, beta2, epsilon, decay, shrink, stepSize, rootCorrection;
  bool maximize;
} tern_adam_update;

typedef enum __attribute__((swift_name("AdaptiveKind"), enum_extensibility(closed))) tern_adaptive_kind {
  TERN_RMSPROP __attribute__((swift_name("rmsprop"))),
  TERN_ADAGRAD __attribute__((swift_name("adagrad"))),
  TERN_ADADELTA __attribute__((swift_name("adadelta"))),
  TERN_ADAMAX __attribute__((swift_name("adamax"))),
  TERN_NADAM __attribute__((swift_name("nadam"))),
  TERN_RADAM __attribute__((swift_name("radam"))),
  TERN_RPROP __attribute__((swift_name("rprop"))),
  TERN_ASGD __attribute__((swift_name("asgd"))),
  TERN_LION __attribute__((swift_name("lion"))),
  TERN_SCHEDULE_FREE __attribute__((swift_name("scheduleFree"))),
} tern_adaptive_kind;

// The other methods; d = ±g + decay·p after p·shrink, and what each keeps is a, b, c.
//   RMSprop   a = keep1·a + (1 − keep1)·d²; centered c += (d − c)(1 − keep1), s = √(a − c²) + epsilon, else √a + epsilon;
//             with momentum b = momentum·b + d/s, p −= rate·b, else p −= rate·d/s
//   Adagrad   a += d²; p −= rate·d/(√a + epsilon)
//   Adadelta  a = keep1·a + (1 − keep1)·d²; e = d·√(b + epsilon)/√(a + epsilon); b = keep1·b + (1 − keep1)·e²; p −= rate·e
//   Adamax    a += (d − a)(1 − keep1); b = max(keep2·b, |d| + epsilon); p −= rate·a/b
//   NAdam     moments a and b as Adam's; s = √b/root + epsilon; p −= direct·d/s + rate·a/s
//   RAdam     moments a and b; rectified p −= rate·a/(√b + epsilon), else p −= rate·a
//   Rprop     the step b grows by keep2 where g keeps the sign of a, the last g, and shrinks by keep1 where it changed,
//             from `smallest` to `largest`; p −= b·sign(±g), not where it changed
//   ASGD      p = p·shrink − rate·(±g + decay·p); a += weight·(p − a)
//   Lion      p = p·shrink − rate·sign(keep1·a ± (1 − keep1)·g); a = keep2·a ± (1 − keep2)·g
//   Schedule-free AdamW  b = keep2·b + (1 − keep2)·g²; d = ±g/(√b/root + epsilon) + decay·p;
//             p += weight·(a − p) + direct·d; a −= rate·d
typedef struct __attribute__((swift_name("AdaptiveUpdate"))) tern_adaptive_update {
  tern_adaptive_kind kind;
  double rate, keep1, keep2, epsilon, decay, shrink, momentum, direct, root, weight, smallest, largest;
  bool maximize, isCentered, isRectified;
} tern_adaptive_update;

#define TERN_OPTIMIZER_KERNELS(X)                                                                  \
  X(sgd, void,                                                                                     \
    (const tern_sgd_update *_Nonnull u, ptrdiff_t n, void *_Nonnull p, const void *_Nonnull g, void *_Nullable m), \
    (u, n, p, g, m))                                                                               \
  X(adam, void,                                                                                    \
    (const tern_adam_update *_Nonnull u, ptrdiff_t n, void *_Nonnull p, const void *_Nonnull g,    \
     void *_Nonnull m, void *_Nonnull v, void *_Nullable largest),                                 \
    (u, n, p, g, m, v, largest))                                                                   \
  X(adaptive, void,                                                                                \
    (const tern_adaptive_update *_Nonnull u, ptrdiff_t n, void *_Nonnull p, const void *_Nonnull g, \
     void *_Nonnull a, void *_Nullable b, void *_Nullable c),                                      \
    (u, n, p, g, a, b, c))

#endif
