// The C side of Tern: SIMD loops over raw pointers, counts and strides, nothing that knows what a tensor is.
#ifndef TERN_KERNELS_H
#define TERN_KERNELS_H

#include "tern_audience.h"
#include "tern_bfloat16.h"
#include "tern_gate.h"
#include "tern_hash.h"
#include "tern_kernel_lists.h"
#include "tern_kernel_table.h"
#include "tern_pool.h"
#include "tern_scope.h"
#include "tern_threads.h"

#endif
