// The part of the table for searches and for rows that indices name.
#ifndef TERN_INDEXING_H
#define TERN_INDEXING_H

#define TERN_SEARCH_KERNELS(X)                                                                     \
  X(search_sorted, void,                                                                           \
    (bool right, ptrdiff_t count, ptrdiff_t *_Nonnull out, const void *_Nonnull values, ptrdiff_t n, \
     const void *_Nonnull edges),                                                                  \
    (right, count, out, values, n, edges))

#define TERN_BAG_KERNELS(X)                                                                        \
  X(bag_sums, void,                                                                                \
    (ptrdiff_t bags, const ptrdiff_t *_Nonnull starts, const ptrdiff_t *_Nonnull entries,          \
     const ptrdiff_t *_Nonnull places, const void *_Nullable factors, bool isMean, ptrdiff_t features, \
     void *_Nonnull out, const void *_Nonnull x),                                                  \
    (bags, starts, entries, places, factors, isMean, features, out, x))

#endif
