// The part of the table for searches and for rows that indices name.
#ifndef TERN_INDEXING_H
#define TERN_INDEXING_H

#define TERN_SEARCH_KERNELS(X)                                                                     \
  X(search_sorted, void,                                                                           \
    (bool right, ptrdiff_t count, ptrdiff_t *_Nonnull out, const void *_Nonnull values, ptrdiff_t n, \
     const void *_Nonnull edges),                                                                  \
    (right, count, out, values, n, edges))

// Products, maxima and minima beside sums.
#define TERN_SCATTER_KERNELS(X)                                                                    \
  X(scatter_reduce, bool,                                                                          \
    (tern_reduction kernel, ptrdiff_t n, void *_Nonnull out, ptrdiff_t so, ptrdiff_t inner,        \
     const ptrdiff_t *_Nonnull index, const void *_Nonnull x),                                     \
    (kernel, n, out, so, inner, index, x))

#define TERN_BAG_KERNELS(X)                                                                        \
  X(bag_sums, void,                                                                                \
    (ptrdiff_t bags, const ptrdiff_t *_Nonnull starts, const ptrdiff_t *_Nonnull entries,          \
     const ptrdiff_t *_Nullable places, const void *_Nullable factors, bool isMean, ptrdiff_t features, \
     void *_Nonnull out, const void *_Nonnull x),                                                  \
    (bags, starts, entries, places, factors, isMean, features, out, x))

#endif
