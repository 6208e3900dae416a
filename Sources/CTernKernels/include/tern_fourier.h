// The part of the table for Fourier transforms; complex numbers are two arrays, of real and of imaginary parts.
#ifndef TERN_FOURIER_H
#define TERN_FOURIER_H

#define TERN_FOURIER_OUT void *_Nonnull yr, void *_Nonnull yi
#define TERN_FOURIER_IN const void *_Nonnull xr, const void *_Nonnull xi

#define TERN_FOURIER_KERNELS(X)                                                                    \
  X(fourier_stage, void,                                                                           \
    (ptrdiff_t radix, ptrdiff_t m, ptrdiff_t s, TERN_FOURIER_OUT, TERN_FOURIER_IN, const void *_Nonnull w), \
    (radix, m, s, yr, yi, xr, xi, w))                                                              \
  X(fourier_multiply, void,                                                                        \
    (ptrdiff_t rows, ptrdiff_t columns, TERN_FOURIER_OUT, TERN_FOURIER_IN, const void *_Nonnull wr, \
     const void *_Nonnull wi, ptrdiff_t row, ptrdiff_t column),                                    \
    (rows, columns, yr, yi, xr, xi, wr, wi, row, column))                                          \
  X(fourier_split, void,                                                                           \
    (ptrdiff_t h, ptrdiff_t lanes, TERN_FOURIER_OUT, TERN_FOURIER_IN, const void *_Nonnull wr,     \
     const void *_Nonnull wi),                                                                     \
    (h, lanes, yr, yi, xr, xi, wr, wi))                                                            \
  X(fourier_merge, void,                                                                           \
    (ptrdiff_t h, ptrdiff_t lanes, TERN_FOURIER_OUT, TERN_FOURIER_IN, const void *_Nonnull wr,     \
     const void *_Nonnull wi),                                                                     \
    (h, lanes, yr, yi, xr, xi, wr, wi))

#endif
