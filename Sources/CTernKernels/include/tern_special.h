// The part of the table for special functions, which Float takes from Double, and for rectifiers with a learned slope.
#ifndef TERN_SPECIAL_H
#define TERN_SPECIAL_H

// lgamma and digamma are those of numbers above 0, trigamma of numbers above 1e-100, airyNear of −2 to 2. The incomplete
// gamma functions are no number where a caller has to do otherwise.
#define TERN_SPECIAL_FUNCTIONS(X)                                                                  \
  X(exp2) X(cbrt) X(sinc) X(sincDerivative) X(entropy) X(logit) X(erfInverse) X(scaledErfc) X(scaledErfcIntegral) \
  X(ndtr) X(ndtri) X(logNdtr) X(inverseMills) X(lgamma) X(digamma) X(trigamma)                     \
  X(besselI0) X(besselI1) X(scaledBesselI0) X(scaledBesselI1) X(besselI2) X(scaledBesselI2)        \
  X(besselK0) X(besselK1) X(scaledBesselK0) X(scaledBesselK1) X(sphericalBesselJ0)              \
  X(airyNear) X(airyNearDerivative)

#define TERN_SPECIAL_PAIRS(X)                                                                      \
  X(xlogy) X(xlog1py) X(logAddExp2) X(logAddExp2Grad) X(logitGrad) X(prelu) X(preluWeightGrad) X(copySign) X(nextAfter) \
  X(gammaLower) X(gammaUpper)

#define X(name) tern_special_##name TERN_SWIFT_NAME(name),
typedef TERN_ENUM(tern_special, SpecialFunction) { TERN_SPECIAL_FUNCTIONS(X) } tern_special;
#undef X

#define X(name) tern_special_pair_##name TERN_SWIFT_NAME(name),
typedef TERN_ENUM(tern_special_pair, SpecialPair) { TERN_SPECIAL_PAIRS(X) } tern_special_pair;
#undef X

#define TERN_SPECIAL_KERNELS(X)                                                                    \
  X(special, void, (tern_special kernel, ptrdiff_t n, TERN_OUT, TERN_IN(x, sx)), (kernel, n, out, so, x, sx)) \
  X(special_pair, void, (tern_special_pair kernel, ptrdiff_t n, TERN_OUT, TERN_IN(a, sa), TERN_IN(b, sb)), \
    (kernel, n, out, so, a, sa, b, sb))                                                            \
  X(prelu_grad, void, (ptrdiff_t n, TERN_OUT, TERN_IN(g, sg), TERN_IN(x, sx), TERN_IN(w, sw)),     \
    (n, out, so, g, sg, x, sx, w, sw))                                                             \
  X(replace_nonfinite, void,                                                                       \
    (ptrdiff_t n, TERN_OUT, TERN_IN(x, sx), tern_bits nan, tern_bits high, tern_bits low),         \
    (n, out, so, x, sx, TERN_VALUE(nan), TERN_VALUE(high), TERN_VALUE(low)))

#endif
