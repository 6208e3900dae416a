// Winograd's convolution F(4×4, 3×3), for Float: tiles of 4×4 pixels from patches of 6×6 by 36 products instead of 144.
// The points are 0, ±5/8, ±3/2 and ∞: all constants of the patches' transform are exact, and results closer than with
// 0, ±1, ±2.
// Lavin, Gray: Fast algorithms for convolutional neural networks (2016); Barabasz et al.: Error analysis and improving
// the accuracy of Winograd convolution (2020).

// The points, their squares and cubes.
#define WINO_A 0.625f
#define WINO_B 1.5f
#define WINO_AA 0.390625f
#define WINO_BB 2.25f
#define WINO_AAA 0.244140625f
#define WINO_BBB 3.375f

// Bᵀd: the values of the polynomial's residues.
static inline void wino_patch(wino_vector *y, ptrdiff_t step, const wino_vector d[6]) {
  const wino_vector a0 = d[4] - WINO_BB * d[2], a1 = d[3] - WINO_BB * d[1];
  const wino_vector b0 = d[4] - WINO_AA * d[2], b1 = d[3] - WINO_AA * d[1];
  y[0] = (d[4] - (WINO_AA + WINO_BB) * d[2]) + (WINO_AA * WINO_BB) * d[0];
  y[step] = a0 + WINO_A * a1;
  y[2 * step] = a0 - WINO_A * a1;
  y[3 * step] = b0 + WINO_B * b1;
  y[4 * step] = b0 - WINO_B * b1;
  y[5 * step] = (d[5] - (WINO_AA + WINO_BB) * d[3]) + (WINO_AA * WINO_BB) * d[1];
}

// Ag: 4 pixels' gradient at the points.
static inline void wino_gradient(wino_vector *y, ptrdiff_t step, const wino_vector d[4]) {
  const wino_vector a0 = d[0] + WINO_AA * d[2], a1 = WINO_A * d[1] + WINO_AAA * d[3];
  const wino_vector b0 = d[0] + WINO_BB * d[2], b1 = WINO_B * d[1] + WINO_BBB * d[3];
  y[0] = d[0];
  y[step] = a0 + a1;
  y[2 * step] = a0 - a1;
  y[3 * step] = b0 + b1;
  y[4 * step] = b0 - b1;
  y[5 * step] = d[3];
}

// Aᵀm: 4 pixels of the products.
static inline void wino_pixel(wino_vector *y, ptrdiff_t step, const wino_vector m[6]) {
  const wino_vector a0 = m[1] + m[2], a1 = m[1] - m[2], b0 = m[3] + m[4], b1 = m[3] - m[4];
  y[0] = m[0] + a0 + b0;
  y[step] = WINO_A * a1 + WINO_B * b1;
  y[2 * step] = WINO_AA * a0 + WINO_BB * b0;
  y[3 * step] = m[5] + WINO_AAA * a1 + WINO_BBB * b1;
}

// One over the product of a point's distances from the others.
#define WINO_G0 (1 / (WINO_AA * WINO_BB))
#define WINO_GA (1 / (2 * WINO_AA * (WINO_AA - WINO_BB)))
#define WINO_GB (1 / (2 * WINO_BB * (WINO_BB - WINO_AA)))

// Gw: 3 taps at the points.
static inline void wino_kernel(wino_vector *y, ptrdiff_t step, const wino_vector w[3]) {
  const wino_vector a0 = WINO_GA * w[0] + (WINO_GA * WINO_AA) * w[2], a1 = (WINO_GA * WINO_A) * w[1];
  const wino_vector b0 = WINO_GB * w[0] + (WINO_GB * WINO_BB) * w[2], b1 = (WINO_GB * WINO_B) * w[1];
  y[0] = WINO_G0 * w[0];
  y[step] = a0 + a1;
  y[2 * step] = a0 - a1;
  y[3 * step] = b0 + b1;
  y[4 * step] = b0 - b1;
  y[5 * step] = w[2];
}

// Gᵀs: 3 taps' gradient.
static inline void wino_kernel_gradient(wino_vector *y, ptrdiff_t step, const wino_vector s[6]) {
  const wino_vector a0 = s[1] + s[2], a1 = s[1] - s[2], b0 = s[3] + s[4], b1 = s[3] - s[4];
  y[0] = WINO_G0 * s[0] + WINO_GA * a0 + WINO_GB * b0;
  y[step] = (WINO_GA * WINO_A) * a1 + (WINO_GB * WINO_B) * b1;
  y[2 * step] = (WINO_GA * WINO_AA) * a0 + (WINO_GB * WINO_BB) * b0 + s[5];
}

#define WINO_PLACE_36(stride, unit, i, j) (((i) * 6 + (j)) * (stride) + 0 * (unit))
