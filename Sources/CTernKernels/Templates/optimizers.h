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
