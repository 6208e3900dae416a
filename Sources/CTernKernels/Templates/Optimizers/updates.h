// The loops of the updates: WEIGHED, DIVISOR, DECAYED and CAREFUL say what is looked after in them, VARIANT names them. A
// product stands beside its sum as it would without them, so that both are rounded together or apart as ever. Takes T and S.

static void VARIANT(sgd)(const tern_sgd_update *u, ptrdiff_t n, T *restrict p, const T *restrict g, T *restrict m) {
  const T rate = (T)u->rate, momentum = (T)u->momentum, damping = (T)u->damping, decay = (T)u->decay;
  const T sign = u->maximize ? -1 : 1;
  if (!m) {
    TERN_LOOP for (ptrdiff_t i = 0; i < n; i++) {
      const T d = DECAYED(g[i], p[i]);
      p[i] -= WEIGHED(rate, d);
    }
    return;
  }
  // What is constant is decided outside the loops: not every level has stores that a condition guards.
  if (u->isFirst && u->nesterov) {
    TERN_LOOP for (ptrdiff_t i = 0; i < n; i++) {
      const T d = DECAYED(g[i], p[i]);
      m[i] = d;
      p[i] -= WEIGHED(rate, d + WEIGHED(momentum, d));
    }
  } else if (u->isFirst) {
    TERN_LOOP for (ptrdiff_t i = 0; i < n; i++) {
      const T d = DECAYED(g[i], p[i]);
      m[i] = d;
      p[i] -= WEIGHED(rate, d);
    }
  } else if (u->nesterov) {
    TERN_LOOP for (ptrdiff_t i = 0; i < n; i++) {
      const T d = DECAYED(g[i], p[i]);
      const T moved = WEIGHED(momentum, m[i]) + WEIGHED(damping, d);
      m[i] = moved;
      p[i] -= WEIGHED(rate, d + WEIGHED(momentum, moved));
    }
  } else {
    TERN_LOOP for (ptrdiff_t i = 0; i < n; i++) {
      const T moved = WEIGHED(momentum, m[i]) + WEIGHED(damping, DECAYED(g[i], p[i]));
      m[i] = moved;
      p[i] -= WEIGHED(rate, moved);
    }
  }
}

// The same for all elements but the maximum that AMSGrad keeps, which OTHER works out from the new square.
#define ADAM_LOOP(OTHER)                                                                           \
  TERN_LOOP for (ptrdiff_t i = 0; i < n; i++) {                                                    \
    const T before = WEIGHED(shrink, p[i]);                                                        \
    const T d = FN(within)(DECAYED(g[i], before), limit);                                          \
    const T mean = m[i] + WEIGHED(keep1, d - m[i]);                                                \
    const T e = CAREFUL && !squares ? 0 : d;                                                       \
    const T square = FN(capped)(beta2 * v[i] + keep2 * e * e);                                     \
    OTHER                                                                                          \
    m[i] = mean;                                                                                   \
    v[i] = square;                                                                                 \
    p[i] = before - step * mean / DIVISOR(__builtin_elementwise_sqrt(used) * root, epsilon, d, mean); \
  }

static void VARIANT(adam)(const tern_adam_update *u, ptrdiff_t n, T *restrict p, const T *restrict g, T *restrict m,
                          T *restrict v, T *restrict largest) {
  const T keep1 = (T)(1 - u->beta1), beta2 = (T)u->beta2, keep2 = (T)(1 - u->beta2), epsilon = (T)u->epsilon;
  const T decay = (T)u->decay, shrink = (T)u->shrink, step = (T)u->stepSize, root = (T)(1 / u->rootCorrection);
  const T sign = u->maximize ? -1 : 1, limit = FN(square_limit)(1 - u->beta2);
  const bool squares = keep2 != 0;
  if (largest) {
    ADAM_LOOP(const T used = largest[i] > square ? largest[i] : square; largest[i] = used;)
  } else {
    ADAM_LOOP(const T used = square;)
  }
}
#undef ADAM_LOOP

// Every method begins with the same gradient, which is used within a limit.
#define ADAPTIVE_LOOP(LIMIT, ...)                                                                   \
  do {                                                                                             \
    const T limit = LIMIT;                                                                         \
    TERN_LOOP for (ptrdiff_t i = 0; i < n; i++) {                                                  \
      const T before = WEIGHED(shrink, p[i]);                                                      \
      const T d = FN(within)(DECAYED(g[i], before), limit);                                        \
      __VA_ARGS__                                                                                  \
    }                                                                                              \
  } while (0)
#define ROOT(X) __builtin_elementwise_sqrt(X)

// SPREAD works out what the root is taken of, MOVE what momentum adds to the step. A loop for each case: where a condition
// inside one guards a buffer that is not there, every access is masked.
#define RMSPROP_LOOP(LIMIT, SPREAD, MOVE)                                                          \
  ADAPTIVE_LOOP(                                                                                   \
    LIMIT,                                                                                         \
    const T e = CAREFUL && !squares1 ? 0 : d;                                                      \
    const T square = FN(capped)(keep1 * a[i] + left1 * e * e);                                     \
    a[i] = square;                                                                                 \
    SPREAD                                                                                         \
    T step = d / DIVISOR(ROOT(spread), epsilon, d, 0);                                             \
    MOVE                                                                                           \
    p[i] = before - WEIGHED(rate, step);)
// The variance of d is never negative; rounding can make the difference so.
#define CENTERED                                                                                   \
  const T mean = c[i] + WEIGHED(left1, d - c[i]);                                                  \
  c[i] = mean;                                                                                     \
  const T spread = __builtin_elementwise_max(square - mean * mean, (T)0);
#define MOVING                                                                                     \
  step += momentum * b[i];                                                                         \
  b[i] = step;

static void VARIANT(adaptive)(
    const tern_adaptive_update *u, ptrdiff_t n, T *restrict p, const T *restrict g, T *restrict a, T *restrict b,
    T *restrict c) {
  const T rate = (T)u->rate, keep1 = (T)u->keep1, left1 = (T)(1 - u->keep1), keep2 = (T)u->keep2;
  const T left2 = (T)(1 - u->keep2), epsilon = (T)u->epsilon, decay = (T)u->decay, shrink = (T)u->shrink;
  const T momentum = (T)u->momentum, direct = (T)u->direct, root = (T)u->root, sign = u->maximize ? -1 : 1;
  const T limit1 = FN(square_limit)(1 - u->keep1), limit2 = FN(square_limit)(1 - u->keep2), limit0 = FN(square_limit)(1);
  const bool squares1 = left1 != 0, squares2 = left2 != 0;
  switch (u->kind) {
    case TERN_RMSPROP:
      if (u->isCentered && u->momentum > 0) {
        RMSPROP_LOOP(limit0, CENTERED, MOVING);
      } else if (u->isCentered) {
        RMSPROP_LOOP(limit0, CENTERED, );
      } else if (u->momentum > 0) {
        RMSPROP_LOOP(limit1, const T spread = square;, MOVING);
      } else {
        RMSPROP_LOOP(limit1, const T spread = square;, );
      }
      break;
    case TERN_ADAGRAD:
      ADAPTIVE_LOOP(
        limit0,
        const T sum = FN(capped)(a[i] + d * d);
        a[i] = sum;
        p[i] = before - rate * d / DIVISOR(ROOT(sum), epsilon, d, 0););
      break;
    case TERN_ADADELTA:
      ADAPTIVE_LOOP(
        limit1,
        const T e = CAREFUL && !squares1 ? 0 : d;
        const T square = FN(capped)(keep1 * a[i] + left1 * e * e);
        const T step = d * (ROOT(b[i] + epsilon) / DIVISOR(ROOT(square + epsilon), 0, d, 0));
        const T moved = CAREFUL && !squares1 ? 0 : step;
        a[i] = square;
        b[i] = FN(capped)(keep1 * b[i] + left1 * moved * moved);
        p[i] = before - WEIGHED(rate, step););
      break;
    case TERN_ADAMAX:
      ADAPTIVE_LOOP(
        FN(greatest) / 2,
        const T mean = a[i] + WEIGHED(left1, d - a[i]);
        const T size = __builtin_elementwise_abs(d) + epsilon, old = keep2 * b[i];
        const T largest = old > size ? old : size;
        a[i] = mean;
        b[i] = largest;
        p[i] = before - rate * mean / DIVISOR(largest, 0, mean, 0););
      break;
    case TERN_NADAM:
      ADAPTIVE_LOOP(
        limit2,
        const T e = CAREFUL && !squares2 ? 0 : d;
        const T mean = a[i] + WEIGHED(left1, d - a[i]), square = FN(capped)(keep2 * b[i] + left2 * e * e);
        const T spread = DIVISOR(ROOT(square) / root, epsilon, d, mean);
        a[i] = mean;
        b[i] = square;
        p[i] = before - direct * d / spread - rate * mean / spread;);
      break;
    case TERN_RADAM: {
      const bool rectified = u->isRectified;
      ADAPTIVE_LOOP(
        rectified ? limit2 : (T)INFINITY,
        const T e = CAREFUL && !squares2 ? 0 : FN(within)(d, limit2);
        const T mean = a[i] + WEIGHED(left1, d - a[i]), square = FN(capped)(keep2 * b[i] + left2 * e * e);
        a[i] = mean;
        b[i] = square;
        p[i] = before - (rectified ? rate * mean / DIVISOR(ROOT(square), epsilon, d, mean) : WEIGHED(rate, mean)););
      break;
    }
    default: break;
  }
}
#undef ADAPTIVE_LOOP
#undef RMSPROP_LOOP
#undef CENTERED
#undef MOVING
#undef ROOT
