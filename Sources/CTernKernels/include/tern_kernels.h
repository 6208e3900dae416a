// The SIMD loops of Tern: raw pointers, counts and strides, nothing that knows what a tensor is.
#ifndef TERN_KERNELS_H
#define TERN_KERNELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#endif
