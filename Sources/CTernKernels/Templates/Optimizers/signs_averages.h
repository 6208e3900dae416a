// Updates that take only the signs of gradients, or average the parameters over the steps. Every product is rounded before it
// is added, at every level. Takes T and S.

static void FN(rprop)(const tern_adaptive_update *u, ptrdiff_t n, T *restrict p, const T *restrict g,
                      T *restrict before, T *restrict steps) {
#pragma clang fp contract(off)
  const T shrink = (T)u->keep1, growth = (T)u->keep2, smallest = (T)u->smallest, largest = (T)u->largest;
  const T sign = u->maximize ? -1 : 1;
  TERN_LOOP for (ptrdiff_t i = 0; i < n; i++) {
    const T gradient = sign * g[i];
    // The sign of the product of both, which may underflow.
    const T product = gradient > 0 ? before[i] : gradient < 0 ? -before[i] : 0;
    const T moved = steps[i] * (product > 0 ? growth : product < 0 ? shrink : 1);
    const T step = moved < smallest ? smallest : moved > largest ? largest : moved;
    const T used = product < 0 ? 0 : gradient;
    p[i] -= used > 0 ? step : used < 0 ? -step : used * step;
    steps[i] = step;
    before[i] = used;
  }
}

#define ASGD_LOOP(GRADIENT, AVERAGE)                                                               \
  TERN_LOOP for (ptrdiff_t i = 0; i < n; i++) {                                                    \
    const T before = p[i], gradient = GRADIENT, after = before * shrink - rate * gradient;         \
    p[i] = after;                                                                                  \
    average[i] = AVERAGE;                                                                          \
  }

static void FN(asgd)(const tern_adaptive_update *u, ptrdiff_t n, T *restrict p, const T *restrict g,
                     T *restrict average) {
#pragma clang fp contract(off)
  const T rate = (T)u->rate, shrink = (T)u->shrink, decay = (T)u->decay, weight = (T)u->weight;
  const T sign = u->maximize ? -1 : 1;
  if (weight == 1 && decay == 0) {
    ASGD_LOOP(sign * g[i], after)
  } else if (weight == 1) {
    ASGD_LOOP(sign * g[i] + decay * before, after)
  } else if (decay == 0) {
    ASGD_LOOP(sign * g[i], average[i] + weight * (after - average[i]))
  } else {
    ASGD_LOOP(sign * g[i] + decay * before, average[i] + weight * (after - average[i]))
  }
}
#undef ASGD_LOOP

static void FN(lion)(const tern_adaptive_update *u, ptrdiff_t n, T *restrict p, const T *restrict g,
                     T *restrict mean) {
#pragma clang fp contract(off)
  const T rate = (T)u->rate, shrink = (T)u->shrink, beta1 = (T)u->keep1, new1 = (T)(1 - u->keep1);
  const T beta2 = (T)u->keep2, new2 = (T)(1 - u->keep2), sign = u->maximize ? -1 : 1;
  TERN_LOOP for (ptrdiff_t i = 0; i < n; i++) {
    const T gradient = sign * g[i], direction = beta1 * mean[i] + new1 * gradient;
    p[i] = p[i] * shrink - (direction > 0 ? rate : direction < 0 ? -rate : direction * rate);
    mean[i] = beta2 * mean[i] + new2 * gradient;
  }
}

// 0/0 is no step.
#define SCHEDULE_FREE_LOOP(DIRECTION)                                                              \
  TERN_LOOP for (ptrdiff_t i = 0; i < n; i++) {                                                    \
    const T gradient = FN(within)(sign * g[i], limit);                                             \
    const T next = FN(capped)(beta2 * square[i] + new2 * gradient * gradient);                     \
    const T divisor = FN(divisor)(__builtin_elementwise_sqrt(next) * root, epsilon, gradient, 0);  \
    const T scaled = gradient == 0 ? 0 : gradient / divisor, direction = DIRECTION;                \
    square[i] = next;                                                                              \
    y[i] += weight * (z[i] - y[i]) + forward * direction;                                          \
    z[i] -= rate * direction;                                                                      \
  }

static void FN(schedule_free)(const tern_adaptive_update *u, ptrdiff_t n, T *restrict y, const T *restrict g,
                              T *restrict z, T *restrict square) {
#pragma clang fp contract(off)
  const T rate = (T)u->rate, epsilon = (T)u->epsilon, decay = (T)u->decay, weight = (T)u->weight;
  const T beta2 = (T)u->keep2, new2 = (T)(1 - u->keep2), root = (T)(1 / u->root), forward = (T)u->direct;
  const T sign = u->maximize ? -1 : 1, limit = FN(square_limit)(1 - u->keep2);
  if (decay == 0) {
    SCHEDULE_FREE_LOOP(scaled)
  } else {
    SCHEDULE_FREE_LOOP(scaled + decay * y[i])
  }
}
#undef SCHEDULE_FREE_LOOP
