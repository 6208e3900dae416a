// The logarithm of the gamma function and its derivatives for x > 0, and x above 1e-100 for the last, in Double.

// (ln Γ(x))/((x − 1)·(x − 2)) in powers of x − 1.7 from 0.9 to 2.5.
static const double lgamma_terms[] = {
  0.45622713050983743, -0.12408106033123328, 0.04751567283497608, -0.02092036752379701, 0.009916391505262493,
  -0.00491458359013158, 0.0025080551870409556, -0.001306412541670254, 0.0006907977550007051, -0.0003694922498721392,
  0.00019943008438252582, -0.00010843112896676979, 5.931547746452562e-05, -3.2628005208544804e-05,
  1.8020251762258014e-05, -9.93590511423404e-06, 5.526495114215338e-06, -3.242004466674603e-06,
  1.8153561457174971e-06, -6.996273333558421e-07, 3.9088852670012427e-07, -6.560168761693169e-07,
  3.723241649946479e-07, 1.771530076866124e-07, -1.0148121513580923e-07, -1.443013896247105e-07,
  8.219632506864999e-08,
};
// B₂ₖ/(2k(2k−1)), B₂ₖ/2k and B₂ₖ, k from 1 on.
static const double stirling_terms[] = {
  0.08333333333333333, -0.002777777777777778, 0.0007936507936507937, -0.0005952380952380953, 0.0008417508417508417,
  -0.0019175269175269176, 0.00641025641025641, -0.029550653594771242, 0.17964437236883057, -1.3924322169059011,
};
static const double digamma_terms[] = {
  0.08333333333333333, -0.008333333333333333, 0.003968253968253968, -0.004166666666666667, 0.007575757575757576,
  -0.021092796092796094, 0.08333333333333333, -0.4432598039215686,
};
static const double trigamma_terms[] = {
  0.16666666666666666, -0.03333333333333333, 0.023809523809523808, -0.03333333333333333, 0.07575757575757576,
  -0.2531135531135531, 1.1666666666666667, -7.092156862745098, 54.971177944862156, -529.1242424242424,
};
static const double digamma_p[] = {
  0.25479851061131551, -0.32555031186804491, -0.65031853770896507, -0.28919126444774784, -0.045251321448739056,
  -0.0020713321167745952,
};
static const double digamma_q[] = {
  1, 2.0767117023730469, 1.4606242909763515, 0.43593529692665969, 0.054151797245674225, 0.0021284987017821144,
  -0.55789841213675513e-6,
};

// Up to 7.5 by the numbers around 1.7 and the logarithm of a product, above by Stirling's series.
// The first function is for numbers from 0.9 to 2.5 only, with the same values.
TERN_INLINE double lgamma_around(double x) {
  return (x - 1.0) * (x - 2.0) * steady_polynomial(x - 1.7, lgamma_terms, 27) + 0.0;
}

TERN_INLINE double lgamma_above(double x) {
  // The number between 1.5 and 2.5, and the product that leads from there to x.
  double z = x, product = 1.0;
  UNROLLED for (int i = 0; i < 5; i++) {
    const bool steps = z >= 2.5;
    z = steps ? z - 1.0 : z;
    product = steps ? product * z : product;
  }
  // Below, that of x + 1, divided by x.
  const bool below = x < 0.9, far = x >= 7.5;
  const double zeros = below ? x * (x - 1.0) : (z - 1.0) * (z - 2.0);
  const double logarithm = steady_log((far | below) ? x : product);
  const double around = zeros * steady_polynomial(below ? x - 0.7 : z - 1.7, lgamma_terms, 27);
  const double near = around + (below ? -logarithm : logarithm);
  const double inverse = 1.0 / x, series = steady_polynomial(inverse * inverse, stirling_terms, 10) * inverse;
  return far ? ((x - 0.5) * (logarithm - 1.0) + (series + 0.41893853320467274178)) : near;
}

// ψ(x): within 1 and 2 a rational function around the zero at 1.4616…, above 10 the asymptotic series.
TERN_INLINE double digamma_above(double x) {
  // The sum of the inverses between x and z as a fraction.
  double z = x, top = 0.0, bottom = 1.0;
  UNROLLED for (int i = 0; i < 8; i++) {
    const bool steps = z > 2.0;
    z = steps ? z - 1.0 : z;
    top = steps ? top * z + bottom : top;
    bottom = steps ? bottom * z : bottom;
  }
  const bool below = x < 1.0;
  const double sum = (below ? -1.0 : top) / (below ? x : bottom), y = below ? x + 1.0 : z;
  const double head = (y - 1569415565.0 / 1073741824) - 381566830.0 / 1073741824 / 1073741824;
  const double offset = head - 0.9016312093258695919e-19;
  const double ratio = steady_polynomial(y - 1.0, digamma_p, 6) / steady_polynomial(y - 1.0, digamma_q, 7);
  const double near = sum + (offset * 0.99558162689208984 + offset * ratio);
  const double inverse = 1.0 / x, square = inverse * inverse;
  const double far = steady_log(x) - 0.5 * inverse - steady_polynomial(square, digamma_terms, 8) * square;
  return x >= 10.0 ? far : near;
}

// ψ′(x): the squares' inverses up to 9, all but the first as a fraction, from there on the asymptotic series.
TERN_INLINE double trigamma_above(double x) {
  const bool starts = x < 9.0;
  double z = starts ? x + 1.0 : x, top = 0.0, bottom = 1.0;
  UNROLLED for (int i = 0; i < 8; i++) {
    const bool steps = z < 9.0;
    const double square = z * z;
    top = steps ? top * square + bottom : top;
    bottom = steps ? bottom * square : bottom;
    z = steps ? z + 1.0 : z;
  }
  const double inverse = 1.0 / z, square = inverse * inverse;
  const double series = steady_polynomial(square, trigamma_terms, 10) * square * inverse;
  const double further = top / bottom + (inverse + (0.5 * square + series));
  return starts ? 1.0 / (x * x) + further : further;
}
