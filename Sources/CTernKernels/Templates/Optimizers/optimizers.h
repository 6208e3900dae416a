// Updates of parameters in one pass. Takes T and S. The order of the operations is PyTorch's.

// The greatest finite number.
static const T FN(greatest) = (T)(sizeof(T) == sizeof(double) ? 0x1.fffffffffffffp1023 : 0x1.fffffep127);

// w·x; a term of weight 0 is 0, an infinite or undefined x included.
static inline T FN(weigh)(T w, T x) {
  const T product = w * x;
  return ((w != 0) | (product == product)) ? product : 0;
}

// x between -limit and limit; nan stays.
static inline T FN(within)(T x, T limit) {
  const T low = x < -limit ? -limit : x;
  return low > limit ? limit : low;
}

// A mean square no greater than the greatest finite number, so that it decays again; nan stays.
static inline T FN(capped)(T square) { return square > FN(greatest) ? FN(greatest) : square; }

// Values below this may have weighted squares that underflow.
static const T FN(unsquared) = (T)(sizeof(T) == sizeof(double) ? 0x1p-525 : 0x1p-66);

// What a step is divided by: a root mean square plus epsilon. Where the root is 0 because the square of the greatest of the values
// that went into it underflowed, that value stands for it, so that the step keeps its limit; where all is 0 it is 1, so that 0/0 is
// no step.
static inline T FN(divisor)(T root, T epsilon, T one, T other) {
  const T a = __builtin_elementwise_abs(one), b = __builtin_elementwise_abs(other), most = a > b ? a : b;
  const T sum = root + epsilon, positive = sum == 0 ? most : sum;
  const T length = ((root == 0) & (most < FN(unsquared))) ? most + epsilon : positive;
  return length > 0 ? length : length == 0 ? 1 : length;
}

// The greatest |d| whose square times a weight is finite: a greater gradient counts as this one, with which d/√(d²) has its
// limit.
static inline T FN(square_limit)(double weight) { return (T)(sqrt((double)FN(greatest)) / sqrt(weight)); }

// The loops with care for weights of 0 and an ε that squares may underflow beside, and without it with and without a weight decay.
#define CAREFUL true
#define VARIANT(NAME) TERN_JOIN(FN(NAME), careful)
#define WEIGHED(W, X) FN(weigh)(W, X)
#define DIVISOR(ROOT, EPSILON, ONE, OTHER) FN(divisor)(ROOT, EPSILON, ONE, OTHER)
#define DECAYED(G, P) (sign * (G) + FN(weigh)(decay, P))
#include "Optimizers/updates.h"
#undef CAREFUL
#undef VARIANT
#undef WEIGHED
#undef DIVISOR
#undef DECAYED

#define CAREFUL false
#define VARIANT(NAME) TERN_JOIN(FN(NAME), decaying)
#define WEIGHED(W, X) ((W) * (X))
#define DIVISOR(ROOT, EPSILON, ONE, OTHER) (ROOT + EPSILON)
#define DECAYED(G, P) (sign * (G) + decay * (P))
#include "Optimizers/updates.h"
#undef VARIANT
#undef DECAYED

#define VARIANT(NAME) TERN_JOIN(FN(NAME), plain)
#define DECAYED(G, P) ((void)decay, sign * (G))
#include "Optimizers/updates.h"
#undef CAREFUL
#undef VARIANT
#undef WEIGHED
#undef DIVISOR
#undef DECAYED

#include "Optimizers/signs_averages.h"

#define BY_CARE(NAME, ...)                                                                         \
  do {                                                                                             \
    if (isCareful) TERN_JOIN(FN(NAME), careful)(__VA_ARGS__);                                      \
    else if ((T)u->decay != 0) TERN_JOIN(FN(NAME), decaying)(__VA_ARGS__);                         \
    else TERN_JOIN(FN(NAME), plain)(__VA_ARGS__);                                                  \
  } while (0)

static void FN(sgd)(const tern_sgd_update *u, ptrdiff_t n, T *restrict p, const T *restrict g, T *restrict m) {
  const bool isCareful = (T)u->rate == 0 || (m && ((T)u->momentum == 0 || (T)u->damping == 0));
  BY_CARE(sgd, u, n, p, g, m);
}

static void FN(adam)(const tern_adam_update *u, ptrdiff_t n, T *restrict p, const T *restrict g, T *restrict m,
                     T *restrict v, T *restrict largest) {
  const bool isCareful =
      (T)u->shrink == 0 || (T)(1 - u->beta1) == 0 || (T)(1 - u->beta2) == 0 || (T)u->epsilon < FN(unsquared);
  BY_CARE(adam, u, n, p, g, m, v, largest);
}

static void FN(adaptive)(const tern_adaptive_update *u, ptrdiff_t n, T *restrict p, const T *restrict g, T *restrict a,
                         T *restrict b, T *restrict c) {
  switch (u->kind) {
    case TERN_RPROP: return FN(rprop)(u, n, p, g, a, b);
    case TERN_ASGD: return FN(asgd)(u, n, p, g, a);
    case TERN_LION: return FN(lion)(u, n, p, g, a);
    case TERN_SCHEDULE_FREE: return FN(schedule_free)(u, n, p, g, a, b);
    default: break;
  }
  const bool isCareful = (T)u->shrink == 0 || (T)u->rate == 0 || (T)(1 - u->keep1) == 0 || (T)(1 - u->keep2) == 0 ||
                         (T)u->epsilon < FN(unsquared);
  BY_CARE(adaptive, u, n, p, g, a, b, c);
}
#undef BY_CARE
