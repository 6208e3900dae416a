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

#define TERN_OPTIMIZER_FUNCTIONS(T, S)                                                             \
  TERN_FN(void, sgd_##S)(const tern_sgd_update *_Nonnull u, ptrdiff_t n, T *_Nonnull p,            \
                         const T *_Nonnull g, T *_Nullable m);                                     \
  TERN_FN(void, adam_##S)(const tern_adam_update *_Nonnull u, ptrdiff_t n, T *_Nonnull p,          \
                          const T *_Nonnull g, T *_Nonnull m, T *_Nonnull v, T *_Nullable largest);

#endif
