// Updates of parameters in one pass. Takes T, S and LM. The order of the operations is PyTorch's.

static void FN(sgd)(const tern_sgd_update *u, ptrdiff_t n, T *restrict p, const T *restrict g, T *restrict m) {
  const T rate = (T)u->rate, momentum = (T)u->momentum, damping = (T)u->damping, decay = (T)u->decay;
  const T sign = u->maximize ? -1 : 1;
  if (!m) {
    for (ptrdiff_t i = 0; i < n; i++) p[i] -= rate * (sign * g[i] + decay * p[i]);
    return;
  }
  const bool first = u->isFirst, nesterov = u->nesterov;
  for (ptrdiff_t i = 0; i < n; i++) {
    const T d = sign * g[i] + decay * p[i];
    const T moved = first ? d : momentum * m[i] + damping * d;
    m[i] = moved;
    p[i] -= rate * (nesterov ? d + momentum * moved : moved);
  }
}

static void FN(adam)(const tern_adam_update *u, ptrdiff_t n, T *restrict p, const T *restrict g, T *restrict m,
                     T *restrict v, T *restrict largest) {
  const T keep1 = (T)(1 - u->beta1), beta2 = (T)u->beta2, keep2 = (T)(1 - u->beta2), epsilon = (T)u->epsilon;
  const T decay = (T)u->decay, shrink = (T)u->shrink, step = (T)u->stepSize, root = (T)u->rootCorrection;
  const T sign = u->maximize ? -1 : 1;
  for (ptrdiff_t i = 0; i < n; i++) {
    const T before = p[i] * shrink;
    const T d = sign * g[i] + decay * before;
    const T mean = m[i] + (d - m[i]) * keep1;
    const T square = beta2 * v[i] + keep2 * d * d;
    T used = square;
    if (largest) {
      used = largest[i] > square ? largest[i] : square;
      largest[i] = used;
    }
    m[i] = mean;
    v[i] = square;
    p[i] = before - step * mean / (LM(sqrt)(used) / root + epsilon);
  }
}
