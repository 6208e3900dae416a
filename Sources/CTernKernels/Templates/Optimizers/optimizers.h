// Updates of parameters in one pass. Takes T and S. The order of the operations is PyTorch's.

static void FN(sgd)(const tern_sgd_update *u, ptrdiff_t n, T *restrict p, const T *restrict g, T *restrict m) {
  const T rate = (T)u->rate, momentum = (T)u->momentum, damping = (T)u->damping, decay = (T)u->decay;
  const T sign = u->maximize ? -1 : 1;
  if (!m) {
    TERN_LOOP for (ptrdiff_t i = 0; i < n; i++) p[i] -= rate * (sign * g[i] + decay * p[i]);
    return;
  }
  const bool first = u->isFirst, nesterov = u->nesterov;
  TERN_LOOP for (ptrdiff_t i = 0; i < n; i++) {
    const T d = sign * g[i] + decay * p[i];
    const T moved = first ? d : momentum * m[i] + damping * d;
    m[i] = moved;
    p[i] -= rate * (nesterov ? d + momentum * moved : moved);
  }
}

// The same for all elements but the maximum that AMSGrad keeps, which OTHER works out from the new square.
#define ADAM_LOOP(OTHER)                                                                           \
  TERN_LOOP for (ptrdiff_t i = 0; i < n; i++) {                                                    \
    const T before = p[i] * shrink;                                                                \
    const T d = sign * g[i] + decay * before;                                                      \
    const T mean = m[i] + (d - m[i]) * keep1;                                                      \
    const T square = beta2 * v[i] + keep2 * d * d;                                                 \
    OTHER                                                                                          \
    m[i] = mean;                                                                                   \
    v[i] = square;                                                                                 \
    p[i] = before - step * mean / (__builtin_elementwise_sqrt(used) * root + epsilon);             \
  }

static void FN(adam)(const tern_adam_update *u, ptrdiff_t n, T *restrict p, const T *restrict g, T *restrict m,
                     T *restrict v, T *restrict largest) {
  const T keep1 = (T)(1 - u->beta1), beta2 = (T)u->beta2, keep2 = (T)(1 - u->beta2), epsilon = (T)u->epsilon;
  const T decay = (T)u->decay, shrink = (T)u->shrink, step = (T)u->stepSize, root = (T)(1 / u->rootCorrection);
  const T sign = u->maximize ? -1 : 1;
  if (largest) {
    ADAM_LOOP(const T used = largest[i] > square ? largest[i] : square; largest[i] = used;)
  } else {
    ADAM_LOOP(const T used = square;)
  }
}
#undef ADAM_LOOP

// Every method begins with the same gradient.
#define ADAPTIVE_LOOP(...)                                                                          \
  TERN_LOOP for (ptrdiff_t i = 0; i < n; i++) {                                                    \
    const T before = p[i] * shrink;                                                                \
    const T d = sign * g[i] + decay * before;                                                      \
    __VA_ARGS__                                                                                    \
  }
#define ROOT(X) __builtin_elementwise_sqrt(X)

static void FN(adaptive)(const tern_adaptive_update *u, ptrdiff_t n, T *restrict p, const T *restrict g, T *restrict a,
                         T *restrict b, T *restrict c) {
  const T rate = (T)u->rate, keep1 = (T)u->keep1, left1 = (T)(1 - u->keep1), keep2 = (T)u->keep2;
  const T left2 = (T)(1 - u->keep2), epsilon = (T)u->epsilon, decay = (T)u->decay, shrink = (T)u->shrink;
  const T momentum = (T)u->momentum, direct = (T)u->direct, root = (T)u->root, sign = u->maximize ? -1 : 1;
  switch (u->kind) {
    case TERN_RMSPROP: {
      const bool centered = u->isCentered, moves = u->momentum > 0;
      ADAPTIVE_LOOP(
        const T square = keep1 * a[i] + left1 * d * d; T spread = square;
        a[i] = square;
        if (centered) {
          const T mean = c[i] + (d - c[i]) * left1;
          c[i] = mean;
          // The variance of d is never negative; rounding can make the difference so.
          spread = __builtin_elementwise_max(spread - mean * mean, (T)0);
        }
        T step = d / (ROOT(spread) + epsilon);
        if (moves) {
          step += momentum * b[i];
          b[i] = step;
        }
        p[i] = before - rate * step;)
      break;
    }
    case TERN_ADAGRAD:
      ADAPTIVE_LOOP(
        const T sum = a[i] + d * d;
        a[i] = sum;
        p[i] = before - rate * d / (ROOT(sum) + epsilon);)
      break;
    case TERN_ADADELTA:
      ADAPTIVE_LOOP(
        const T square = keep1 * a[i] + left1 * d * d;
        const T step = d * (ROOT(b[i] + epsilon) / ROOT(square + epsilon));
        a[i] = square;
        b[i] = keep1 * b[i] + left1 * step * step;
        p[i] = before - rate * step;)
      break;
    case TERN_ADAMAX:
      ADAPTIVE_LOOP(
        const T mean = a[i] + (d - a[i]) * left1;
        const T size = __builtin_elementwise_abs(d) + epsilon, old = keep2 * b[i];
        const T largest = old > size ? old : size;
        a[i] = mean;
        b[i] = largest;
        p[i] = before - rate * mean / largest;)
      break;
    case TERN_NADAM:
      ADAPTIVE_LOOP(
        const T mean = a[i] + (d - a[i]) * left1, square = keep2 * b[i] + left2 * d * d;
        const T spread = ROOT(square) / root + epsilon;
        a[i] = mean;
        b[i] = square;
        p[i] = before - direct * d / spread - rate * mean / spread;)
      break;
    case TERN_RADAM: {
      const bool rectified = u->isRectified;
      ADAPTIVE_LOOP(
        const T mean = a[i] + (d - a[i]) * left1, square = keep2 * b[i] + left2 * d * d;
        a[i] = mean;
        b[i] = square;
        p[i] = before - (rectified ? rate * mean / (ROOT(square) + epsilon) : rate * mean);)
      break;
    }
  }
}
#undef ADAPTIVE_LOOP
#undef ROOT
