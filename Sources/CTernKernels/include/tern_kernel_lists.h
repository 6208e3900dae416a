// The names of all kernels, each written once: C and Swift both read them from here.
#ifndef TERN_KERNEL_LISTS_H
#define TERN_KERNEL_LISTS_H

#include <stdint.h>

#define TERN_SCALARS(X) X(float32) X(float64) X(int32) X(int64) X(uint8) X(boolean) X(bfloat16)

#define TERN_UNARY_KERNELS(X)                                                                      \
  X(neg) X(abs) X(sign) X(exp) X(expm1) X(log) X(log1p) X(log2) X(log10) X(sqrt) X(rsqrt)          \
  X(square) X(reciprocal) X(sin) X(cos) X(tan) X(asin) X(acos) X(atan) X(sinh) X(cosh) X(tanh)     \
  X(asinh) X(acosh) X(atanh) X(sigmoid) X(erf) X(erfc) X(floor) X(ceil) X(trunc) X(frac) X(round)  \
  X(relu) X(leakyReLU) X(elu) X(selu) X(celu) X(gelu) X(geluTanh) X(silu) X(mish) X(softplus)      \
  X(hardTanh) X(relu6) X(hardSigmoid) X(hardSwish) X(softSign) X(logSigmoid) X(threshold)          \
  X(clamp) X(addScalar) X(mulScalar) X(powScalar) X(angle) X(tanhShrink) X(hardShrink) X(softShrink)

#define TERN_BINARY_KERNELS(X)                                                                     \
  X(add) X(sub) X(mul) X(div) X(pow) X(atan2) X(hypot) X(fmod) X(remainder) X(maximum) X(minimum)  \
  X(logAddExp) X(floorDivide) X(truncDivide) X(zeroMul) X(zeroDiv) X(ratio)                        \
  X(overSquareDistance) X(logAddExpGrad) X(asinGrad) X(asinhGrad) X(acoshGrad) X(atanGrad)        \
  X(atanhGrad) X(reluGrad) X(leakyReLUGrad) X(sigmoidGrad)                                         \
  X(tanhGrad) X(logSigmoidGrad) X(eluGrad) X(seluGrad) X(celuGrad) X(geluGrad) X(geluTanhGrad)    \
  X(siluGrad) X(mishGrad) X(hardSigmoidGrad) X(hardSwishGrad) X(softSignGrad) X(shrinkGrad) X(glu) X(bitAnd)      \
  X(bitOr) X(bitXor) X(shiftLeft) X(shiftRight)

#define TERN_TERNARY_KERNELS(X) X(lerp) X(addProduct) X(addQuotient) X(hardTanhGrad) X(gluGrad)

#define TERN_COMPARISON_KERNELS(X)                                                                 \
  X(equal) X(notEqual) X(less) X(lessOrEqual) X(greater) X(greaterOrEqual) X(and) X(or) X(xor)

#define TERN_PREDICATE_KERNELS(X) X(isNaN) X(isInfinite) X(isFinite) X(not) X(isNonZero) X(signBit)                \
  X(isPositiveInfinity) X(isNegativeInfinity)

#define TERN_REDUCTION_KERNELS(X)                                                                  \
  X(sum) X(product) X(maximum) X(minimum) X(sumOfSquares) X(sumOfAbsolutes)

// Losses of single elements x and y, whose sums and gradients at x are one pass each.
#define TERN_POINTWISE_LOSSES(X)                                                                   \
  X(absoluteError) X(huber) X(hingeEmbedding) X(marginRanking) X(softMargin) X(crossEntropy)       \
  X(klDivergence) X(poisson)

// A closed enum of the list at hand, called `swift` there; its cases bear the bare names.
#define TERN_SWIFT_NAME(name) __attribute__((swift_name(#name)))
#define TERN_ENUM(tag, swift) enum __attribute__((enum_extensibility(closed))) TERN_SWIFT_NAME(swift) tag : int32_t

#define X(name) tern_scalar_##name TERN_SWIFT_NAME(name),
typedef TERN_ENUM(tern_scalar, ScalarKind) { TERN_SCALARS(X) } tern_scalar;
#undef X

#define X(name) tern_unary_##name TERN_SWIFT_NAME(name),
typedef TERN_ENUM(tern_unary, UnaryKernel) { TERN_UNARY_KERNELS(X) } tern_unary;
#undef X

#define X(name) tern_binary_##name TERN_SWIFT_NAME(name),
typedef TERN_ENUM(tern_binary, BinaryKernel) { TERN_BINARY_KERNELS(X) } tern_binary;
#undef X

#define X(name) tern_ternary_##name TERN_SWIFT_NAME(name),
typedef TERN_ENUM(tern_ternary, TernaryKernel) { TERN_TERNARY_KERNELS(X) } tern_ternary;
#undef X

#define X(name) tern_comparison_##name TERN_SWIFT_NAME(name),
typedef TERN_ENUM(tern_comparison, ComparisonKernel) { TERN_COMPARISON_KERNELS(X) } tern_comparison;
#undef X

#define X(name) tern_predicate_##name TERN_SWIFT_NAME(name),
typedef TERN_ENUM(tern_predicate, PredicateKernel) { TERN_PREDICATE_KERNELS(X) } tern_predicate;
#undef X

#define X(name) tern_reduction_##name TERN_SWIFT_NAME(name),
typedef TERN_ENUM(tern_reduction, ReductionKernel) { TERN_REDUCTION_KERNELS(X) } tern_reduction;
#undef X

#define X(name) tern_loss_##name TERN_SWIFT_NAME(name),
typedef TERN_ENUM(tern_loss, PointwiseLoss) { TERN_POINTWISE_LOSSES(X) } tern_loss;
#undef X

// The kernels' names, for messages.
const char *_Nonnull tern_unary_name(tern_unary kernel);
const char *_Nonnull tern_binary_name(tern_binary kernel);
const char *_Nonnull tern_reduction_name(tern_reduction kernel);

#endif
