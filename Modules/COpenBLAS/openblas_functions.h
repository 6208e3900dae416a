// The functions of OpenBLAS, for Float and for Double in one structure. A line X(name, result, (parameters), (arguments))
// names a function once: elements go by `void *`, a scalar by its bits; the arguments are what OpenBLAS's own function
// gets, where T is the scalar type. Matrices are row-major in BLAS and column-major in LAPACK.
#ifndef TERN_OPENBLAS_FUNCTIONS_H
#define TERN_OPENBLAS_FUNCTIONS_H

#define TERN_BLAS_VALUE(scalar) ((union { uint64_t bits; T value; }){.bits = scalar}.value)
#define TERN_BLAS_IN(name, stride) const void *_Nonnull name, int stride
#define TERN_BLAS_OUT(name, stride) void *_Nonnull name, int stride

// Vectors. What is one value goes to `out`.
#define TERN_BLAS_RESULTS(X)                                                                       \
  X(dot, (int n, TERN_BLAS_IN(x, sx), TERN_BLAS_IN(y, sy), void *_Nonnull out), (n, x, sx, y, sy)) \
  X(nrm2, (int n, TERN_BLAS_IN(x, sx), void *_Nonnull out), (n, x, sx))                            \
  X(asum, (int n, TERN_BLAS_IN(x, sx), void *_Nonnull out), (n, x, sx))

#define TERN_BLAS_FUNCTIONS(X)                                                                     \
  X(axpy, void, (int n, uint64_t alpha, TERN_BLAS_IN(x, sx), TERN_BLAS_OUT(y, sy)),                \
    (n, TERN_BLAS_VALUE(alpha), x, sx, y, sy))                                                     \
  X(scal, void, (int n, uint64_t alpha, TERN_BLAS_OUT(x, sx)), (n, TERN_BLAS_VALUE(alpha), x, sx)) \
  X(copy, void, (int n, TERN_BLAS_IN(x, sx), TERN_BLAS_OUT(y, sy)), (n, x, sx, y, sy))             \
  X(swap, void, (int n, TERN_BLAS_OUT(x, sx), TERN_BLAS_OUT(y, sy)), (n, x, sx, y, sy))            \
  X(rot, void, (int n, TERN_BLAS_OUT(x, sx), TERN_BLAS_OUT(y, sy), uint64_t c, uint64_t s),        \
    (n, x, sx, y, sy, TERN_BLAS_VALUE(c), TERN_BLAS_VALUE(s)))                                     \
  X(gemv, void,                                                                                    \
    (CBLAS_TRANSPOSE t, int m, int n, uint64_t alpha, TERN_BLAS_IN(a, lda), TERN_BLAS_IN(x, sx), uint64_t beta, \
     TERN_BLAS_OUT(y, sy)),                                                                        \
    (CblasRowMajor, t, m, n, TERN_BLAS_VALUE(alpha), a, lda, x, sx, TERN_BLAS_VALUE(beta), y, sy)) \
  X(ger, void,                                                                                     \
    (int m, int n, uint64_t alpha, TERN_BLAS_IN(x, sx), TERN_BLAS_IN(y, sy), TERN_BLAS_OUT(a, lda)), \
    (CblasRowMajor, m, n, TERN_BLAS_VALUE(alpha), x, sx, y, sy, a, lda))                           \
  X(symv, void,                                                                                    \
    (CBLAS_UPLO u, int n, uint64_t alpha, TERN_BLAS_IN(a, lda), TERN_BLAS_IN(x, sx), uint64_t beta, \
     TERN_BLAS_OUT(y, sy)),                                                                        \
    (CblasRowMajor, u, n, TERN_BLAS_VALUE(alpha), a, lda, x, sx, TERN_BLAS_VALUE(beta), y, sy))    \
  X(trmv, void,                                                                                    \
    (CBLAS_UPLO u, CBLAS_TRANSPOSE t, CBLAS_DIAG unit, int n, TERN_BLAS_IN(a, lda), TERN_BLAS_OUT(x, sx)), \
    (CblasRowMajor, u, t, unit, n, a, lda, x, sx))                                                 \
  X(trsv, void,                                                                                    \
    (CBLAS_UPLO u, CBLAS_TRANSPOSE t, CBLAS_DIAG unit, int n, TERN_BLAS_IN(a, lda), TERN_BLAS_OUT(x, sx)), \
    (CblasRowMajor, u, t, unit, n, a, lda, x, sx))                                                 \
  X(gemm, void,                                                                                    \
    (CBLAS_TRANSPOSE ta, CBLAS_TRANSPOSE tb, int m, int n, int k, uint64_t alpha, TERN_BLAS_IN(a, lda), \
     TERN_BLAS_IN(b, ldb), uint64_t beta, TERN_BLAS_OUT(c, ldc)),                                  \
    (CblasRowMajor, ta, tb, m, n, k, TERN_BLAS_VALUE(alpha), a, lda, b, ldb, TERN_BLAS_VALUE(beta), c, ldc)) \
  X(symm, void,                                                                                    \
    (CBLAS_SIDE side, CBLAS_UPLO u, int m, int n, uint64_t alpha, TERN_BLAS_IN(a, lda), TERN_BLAS_IN(b, ldb), \
     uint64_t beta, TERN_BLAS_OUT(c, ldc)),                                                        \
    (CblasRowMajor, side, u, m, n, TERN_BLAS_VALUE(alpha), a, lda, b, ldb, TERN_BLAS_VALUE(beta), c, ldc)) \
  X(syrk, void,                                                                                    \
    (CBLAS_UPLO u, CBLAS_TRANSPOSE t, int n, int k, uint64_t alpha, TERN_BLAS_IN(a, lda), uint64_t beta, \
     TERN_BLAS_OUT(c, ldc)),                                                                       \
    (CblasRowMajor, u, t, n, k, TERN_BLAS_VALUE(alpha), a, lda, TERN_BLAS_VALUE(beta), c, ldc))    \
  X(trmm, void,                                                                                    \
    (CBLAS_SIDE side, CBLAS_UPLO u, CBLAS_TRANSPOSE t, CBLAS_DIAG unit, int m, int n, uint64_t alpha, \
     TERN_BLAS_IN(a, lda), TERN_BLAS_OUT(b, ldb)),                                                 \
    (CblasRowMajor, side, u, t, unit, m, n, TERN_BLAS_VALUE(alpha), a, lda, b, ldb))               \
  X(trsm, void,                                                                                    \
    (CBLAS_SIDE side, CBLAS_UPLO u, CBLAS_TRANSPOSE t, CBLAS_DIAG unit, int m, int n, uint64_t alpha, \
     TERN_BLAS_IN(a, lda), TERN_BLAS_OUT(b, ldb)),                                                 \
    (CblasRowMajor, side, u, t, unit, m, n, TERN_BLAS_VALUE(alpha), a, lda, b, ldb))

#define TERN_LAPACK_FUNCTIONS(X)                                                                   \
  X(getrf, int, (int m, int n, TERN_BLAS_OUT(a, lda), int *_Nonnull pivots), (LAPACK_COL_MAJOR, m, n, a, lda, pivots)) \
  X(getrs, int,                                                                                    \
    (char t, int n, int columns, TERN_BLAS_IN(a, lda), const int *_Nonnull pivots, TERN_BLAS_OUT(b, ldb)), \
    (LAPACK_COL_MAJOR, t, n, columns, a, lda, pivots, b, ldb))                                     \
  X(getri, int, (int n, TERN_BLAS_OUT(a, lda), const int *_Nonnull pivots), (LAPACK_COL_MAJOR, n, a, lda, pivots)) \
  X(gesv, int, (int n, int columns, TERN_BLAS_OUT(a, lda), int *_Nonnull pivots, TERN_BLAS_OUT(b, ldb)), \
    (LAPACK_COL_MAJOR, n, columns, a, lda, pivots, b, ldb))                                        \
  X(potrf, int, (char u, int n, TERN_BLAS_OUT(a, lda)), (LAPACK_COL_MAJOR, u, n, a, lda))          \
  X(potrs, int, (char u, int n, int columns, TERN_BLAS_IN(a, lda), TERN_BLAS_OUT(b, ldb)),         \
    (LAPACK_COL_MAJOR, u, n, columns, a, lda, b, ldb))                                             \
  X(potri, int, (char u, int n, TERN_BLAS_OUT(a, lda)), (LAPACK_COL_MAJOR, u, n, a, lda))          \
  X(sytrf, int, (char u, int n, TERN_BLAS_OUT(a, lda), int *_Nonnull pivots), (LAPACK_COL_MAJOR, u, n, a, lda, pivots)) \
  X(sytrs, int,                                                                                    \
    (char u, int n, int columns, TERN_BLAS_IN(a, lda), const int *_Nonnull pivots, TERN_BLAS_OUT(b, ldb)), \
    (LAPACK_COL_MAJOR, u, n, columns, a, lda, pivots, b, ldb))                                     \
  X(geqrf, int, (int m, int n, TERN_BLAS_OUT(a, lda), void *_Nonnull factors),                     \
    (LAPACK_COL_MAJOR, m, n, a, lda, factors))                                                     \
  X(orgqr, int, (int m, int n, int k, TERN_BLAS_OUT(a, lda), const void *_Nonnull factors),        \
    (LAPACK_COL_MAJOR, m, n, k, a, lda, factors))                                                  \
  X(ormqr, int,                                                                                    \
    (char side, char t, int m, int n, int k, TERN_BLAS_IN(a, lda), const void *_Nonnull factors,   \
     TERN_BLAS_OUT(c, ldc)),                                                                       \
    (LAPACK_COL_MAJOR, side, t, m, n, k, a, lda, factors, c, ldc))                                 \
  X(gesdd, int,                                                                                    \
    (char vectors, int m, int n, TERN_BLAS_OUT(a, lda), void *_Nonnull s, TERN_BLAS_OUT(u, ldu),   \
     TERN_BLAS_OUT(vt, ldvt)),                                                                     \
    (LAPACK_COL_MAJOR, vectors, m, n, a, lda, s, u, ldu, vt, ldvt))                                \
  X(gesvd, int,                                                                                    \
    (char vectors, int m, int n, TERN_BLAS_OUT(a, lda), void *_Nonnull s, TERN_BLAS_OUT(u, ldu),   \
     TERN_BLAS_OUT(vt, ldvt), void *_Nonnull superdiagonal),                                       \
    (LAPACK_COL_MAJOR, vectors, vectors, m, n, a, lda, s, u, ldu, vt, ldvt, superdiagonal))        \
  X(syevd, int, (char vectors, char u, int n, TERN_BLAS_OUT(a, lda), void *_Nonnull values),       \
    (LAPACK_COL_MAJOR, vectors, u, n, a, lda, values))                                             \
  X(geev, int,                                                                                     \
    (char right, int n, TERN_BLAS_OUT(a, lda), void *_Nonnull real, void *_Nonnull imaginary,      \
     TERN_BLAS_OUT(vectors, ldv)),                                                                 \
    (LAPACK_COL_MAJOR, 'N', right, n, a, lda, real, imaginary, 0, 1, vectors, ldv))                \
  X(gelsd, int,                                                                                    \
    (int m, int n, int columns, TERN_BLAS_OUT(a, lda), TERN_BLAS_OUT(b, ldb), void *_Nonnull s, uint64_t tolerance, \
     int *_Nonnull rank),                                                                          \
    (LAPACK_COL_MAJOR, m, n, columns, a, lda, b, ldb, s, TERN_BLAS_VALUE(tolerance), rank))        \
  X(gelsy, int,                                                                                    \
    (int m, int n, int columns, TERN_BLAS_OUT(a, lda), TERN_BLAS_OUT(b, ldb), int *_Nonnull pivots, \
     uint64_t tolerance, int *_Nonnull rank),                                                      \
    (LAPACK_COL_MAJOR, m, n, columns, a, lda, b, ldb, pivots, TERN_BLAS_VALUE(tolerance), rank))   \
  X(trtrs, int,                                                                                    \
    (char u, char t, char unit, int n, int columns, TERN_BLAS_IN(a, lda), TERN_BLAS_OUT(b, ldb)),  \
    (LAPACK_COL_MAJOR, u, t, unit, n, columns, a, lda, b, ldb))                                    \
  X(trtri, int, (char u, char unit, int n, TERN_BLAS_OUT(a, lda)), (LAPACK_COL_MAJOR, u, unit, n, a, lda)) \
  X(gecon, int,                                                                                    \
    (char norm, int n, TERN_BLAS_IN(a, lda), uint64_t norm_of_a, void *_Nonnull reciprocal),       \
    (LAPACK_COL_MAJOR, norm, n, a, lda, TERN_BLAS_VALUE(norm_of_a), reciprocal))

// The structure: a field for each line, and the functions of both types.
#define TERN_BLAS_FIELD(name, result, parameters, ...) result (*_Nonnull name) parameters;
#define TERN_BLAS_RESULT_FIELD(name, parameters, ...) void (*_Nonnull name) parameters;
typedef struct {
  TERN_BLAS_RESULTS(TERN_BLAS_RESULT_FIELD)
  TERN_BLAS_FUNCTIONS(TERN_BLAS_FIELD)
  TERN_LAPACK_FUNCTIONS(TERN_BLAS_FIELD)
  size_t (*_Nonnull iamax)(int n, TERN_BLAS_IN(x, sx));
  void (*_Nonnull lange)(char norm, int m, int n, TERN_BLAS_IN(a, lda), void *_Nonnull out);
} tern_openblas_functions;

#define TERN_BLAS_JOIN2(a, b, c) a##b##c
#define TERN_BLAS_JOIN(a, b, c) TERN_BLAS_JOIN2(a, b, c)
// The function `name` of the type at hand, whose letter is P: TERN_BLAS_OWN(axpy) is tern_openblas_saxpy.
#define TERN_BLAS_OWN(name) TERN_BLAS_JOIN(tern_openblas_, P, name)

#define P s
#define T float
#include "openblas_entries.h"
#define P d
#define T double
#include "openblas_entries.h"

// The functions of OpenBLAS: 0 of Float, 1 of Double.
static inline const tern_openblas_functions *_Nonnull tern_openblas(int32_t scalar) {
  return scalar == 0 ? &tern_openblas_sfunctions : &tern_openblas_dfunctions;
}

#endif
