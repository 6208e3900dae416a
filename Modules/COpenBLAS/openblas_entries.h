// The functions of openblas_functions.h for one type. Takes T and its letter P.

#define RESULT(name, parameters, arguments)                                                        \
  static inline void TERN_BLAS_OWN(name) parameters { *(T *)out = TERN_BLAS_JOIN(cblas_, P, name) arguments; }
#define BLAS(name, result, parameters, arguments)                                                  \
  static inline result TERN_BLAS_OWN(name) parameters { TERN_BLAS_JOIN(cblas_, P, name) arguments; }
#define LAPACK(name, result, parameters, arguments)                                                \
  static inline result TERN_BLAS_OWN(name) parameters { return TERN_BLAS_JOIN(LAPACKE_, P, name) arguments; }
TERN_BLAS_RESULTS(RESULT)
TERN_BLAS_FUNCTIONS(BLAS)
TERN_LAPACK_FUNCTIONS(LAPACK)
static inline size_t TERN_BLAS_OWN(iamax)(int n, TERN_BLAS_IN(x, sx)) {
  return TERN_BLAS_JOIN(cblas_i, P, amax)(n, x, sx);
}
static inline void TERN_BLAS_OWN(lange)(char norm, int m, int n, TERN_BLAS_IN(a, lda), void *_Nonnull out) {
  *(T *)out = TERN_BLAS_JOIN(LAPACKE_, P, lange)(LAPACK_COL_MAJOR, norm, m, n, a, lda);
}

#define ENTRY(name, ...) .name = TERN_BLAS_OWN(name),
static const tern_openblas_functions TERN_BLAS_OWN(functions) = {
  TERN_BLAS_RESULTS(ENTRY)
  TERN_BLAS_FUNCTIONS(ENTRY)
  TERN_LAPACK_FUNCTIONS(ENTRY)
  ENTRY(iamax)
  ENTRY(lange)
};
#undef RESULT
#undef BLAS
#undef LAPACK
#undef ENTRY
#undef P
#undef T
