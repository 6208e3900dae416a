// Swift imports no C99 complex numbers and no type that is a macro, so both are
// replaced before the headers are read.
#ifndef TERN_COPENBLAS_SHIM_H
#define TERN_COPENBLAS_SHIM_H

#include <stddef.h>
#include <stdint.h>
#define FORCE_OPENBLAS_COMPLEX_STRUCT 1
#include <cblas.h>
#define LAPACK_COMPLEX_CUSTOM 1
#define lapack_complex_float openblas_complex_float
#define lapack_complex_double openblas_complex_double
typedef int32_t lapack_int;
#define lapack_int lapack_int
#include <lapacke.h>

#include "openblas_functions.h"

#endif
