// Trigonometric functions and their inverses in Double, as in math_f64.h; Float's are theirs, rounded.

// Beyond it the C library's functions have to reduce the argument.
#define TRIGONOMETRIC_LIMIT 0x1p20

// x less the nearest multiple of π/2, in two parts, and which multiple, for |x| ≤ 2²⁰.
TERN_INLINE double quadrant_f64(double x, double *tail, uint64_t *quadrant) {
  const double shifted = x * 6.36619772367581382433e-01 + 0x1.8p52, n = shifted - 0x1.8p52;
  const double second = n * -6.07710050630396597660e-11, third = n * -2.02226624871116645580e-21;
  double lost, lost_again;
  const double r = sum_f64(x - n * 1.57079632673412561417e+00, second, &lost);
  const double s = sum_f64(r, third, &lost_again);
  const double rest = (lost + lost_again) - n * 8.47842766036889956997e-32;
  const double head = s + rest;
  *tail = (s - head) + rest;
  *quadrant = bits_f64(shifted);
  return head;
}

// sin(x + y) and cos(x + y) for |x| ≤ π/4.
TERN_INLINE double sin_near_f64(double x, double y) {
  const double z = x * x, w = z * z;
  const double r = 8.33333333332248946124e-03 + z * (-1.98412698298579493134e-04 + z * 2.75573137070700676789e-06)
                   + z * w * (-2.50507602534068634195e-08 + z * 1.58969099521155010221e-10);
  const double v = z * x;
  return x - ((z * (0.5 * y - v * r) - y) - v * -1.66666666666666324348e-01);
}

TERN_INLINE double cos_near_f64(double x, double y) {
  const double z = x * x, w = z * z;
  const double r = z * (4.16666666666666019037e-02 + z * (-1.38888888888741095749e-03 + z * 2.48015872894767294178e-05))
                   + w * w * (-2.75573143513906633035e-07 + z * (2.08757232129817482790e-09 + z * -1.13596475577881948265e-11));
  const double half = 0.5 * z, one = 1.0 - half;
  return one + (((1.0 - one) - half) + (z * r - x * y));
}

TERN_INLINE double sin_f64(double x) {
  double y;
  uint64_t n;
  const double r = quadrant_f64(x, &y, &n);
  const double value = n & 1 ? cos_near_f64(r, y) : sin_near_f64(r, y);
  return x == 0.0 ? x : n & 2 ? -value : value;
}

TERN_INLINE double cos_f64(double x) {
  double y;
  uint64_t n;
  const double r = quadrant_f64(x, &y, &n);
  const double value = n & 1 ? sin_near_f64(r, y) : cos_near_f64(r, y);
  return (n + 1) & 2 ? -value : value;
}

// tan x, and -1/tan x in odd quadrants; above 0.67 by way of π/4 - x.
TERN_INLINE double tan_f64(double x) {
  double tail;
  uint64_t n;
  const double r = quadrant_f64(x, &tail, &n);
  const bool odd = n & 1, big = __builtin_fabs(r) >= 0.67434;
  const double sign = r < 0.0 ? -1.0 : 1.0;
  const double y = big ? 0.0 : tail;
  const double t = big ? (7.85398163397448278999e-01 - r * sign) + (3.06161699786838301793e-17 - tail * sign) : r;
  const double z = t * t, w = z * z;
  const double p = 1.33333333333201242699e-01
                   + w * (2.18694882948595424599e-02 + w * (3.59207910759131235356e-03 + w * (5.88041240820264096874e-04
                   + w * (7.81794442939557092300e-05 + w * -1.85586374855275456654e-05))));
  const double q = z * (5.39682539762260521377e-02 + w * (8.86323982359930005737e-03 + w * (1.45620945432529025516e-03
                   + w * (2.46463134818469906812e-04 + w * (7.14072491382608190305e-05 + w * 2.59073051863633712884e-05)))));
  const double s = z * t;
  const double rest = y + z * (s * (p + q) + y) + s * 3.33333333333334091986e-01;
  const double value = t + rest;
  const double one = odd ? -1.0 : 1.0;
  const double far = one - 2.0 * (t + (rest - value * value / (value + one)));
  const double head = head_f64(value), lost = rest - (head - t);
  const double inverse = -1.0 / value, inverse_head = head_f64(inverse);
  const double reciprocal = inverse_head + inverse * (1.0 + inverse_head * head + inverse_head * lost);
  return x == 0.0 ? x : big ? sign * far : odd ? reciprocal : value;
}

// (asin x - x)/x for x² = z ≤ 1/4.
TERN_INLINE double asin_ratio_f64(double z) {
  const double p = z * (1.66666666666666657415e-01 + z * (-3.25565818622400915405e-01 + z * (2.01212532134862925881e-01
                   + z * (-4.00555345006794114027e-02 + z * (7.91534994289814532176e-04 + z * 3.47933107596021167570e-05)))));
  const double q = 1.0 + z * (-2.40339491173441421878e+00 + z * (2.02094576023350569471e+00
                   + z * (-6.88283971605453293030e-01 + z * 7.70381505559019352791e-02)));
  return p / q;
}

#define HALF_PI_HEAD 1.57079632679489655800e+00
#define HALF_PI_TAIL 6.12323399573676603587e-17

TERN_INLINE double asin_f64(double x) {
  const double a = __builtin_fabs(x), z = a < 0.5 ? x * x : (1.0 - a) * 0.5;
  const double root = __builtin_elementwise_sqrt(z), ratio = asin_ratio_f64(z);
  const double head = head_f64(root), lost = root == 0.0 ? 0.0 : (z - head * head) / (root + head);
  const double far = 0.5 * HALF_PI_HEAD - (2.0 * root * ratio - (HALF_PI_TAIL - 2.0 * lost) - (0.5 * HALF_PI_HEAD - 2.0 * head));
  return a < 0.5 ? x + x * ratio : __builtin_copysign(far, x);
}

TERN_INLINE double acos_f64(double x) {
  const double a = __builtin_fabs(x), z = a < 0.5 ? x * x : (1.0 - a) * 0.5;
  const double root = __builtin_elementwise_sqrt(z), ratio = asin_ratio_f64(z);
  const double near = HALF_PI_HEAD - (x - (HALF_PI_TAIL - x * ratio));
  const double left = 2.0 * (HALF_PI_HEAD - (root + (ratio * root - HALF_PI_TAIL)));
  const double head = head_f64(root), lost = root == 0.0 ? 0.0 : (z - head * head) / (root + head);
  const double right = 2.0 * (head + (ratio * root + lost));
  return a < 0.5 ? near : x < 0.0 ? left : right;
}

// atan(a/b) for a, b ≥ 0 of which not both are 0 or ∞, by the tangent of its difference to 0, atan ½, atan 1, atan 1½ or π/2.
TERN_INLINE double atan_ratio_f64(double a, double b) {
  const bool first = a >= 0.4375 * b, second = a >= 0.6875 * b, third = a >= 1.1875 * b, last = a >= 2.4375 * b;
  const double up = last ? -b : third ? a - 1.5 * b : second ? a - b : first ? 2.0 * a - b : a;
  const double down = last ? a : third ? b + 1.5 * a : second ? a + b : first ? 2.0 * b + a : b;
  const double head = last ? HALF_PI_HEAD : third ? 9.82793723247329054082e-01 : second ? 7.85398163397448278999e-01
                      : first ? 4.63647609000806093515e-01 : 0.0;
  const double tail = last ? HALF_PI_TAIL : third ? 1.39033110312309984516e-17 : second ? 3.06161699786838301793e-17
                      : first ? 2.26987774529616870924e-17 : 0.0;
  const double t = up / down, z = t * t, w = z * z;
  const double odd = z * (3.33333333333329318027e-01 + w * (1.42857142725034663711e-01 + w * (9.09088713343650656196e-02
                     + w * (6.66107313738753120669e-02 + w * (4.97687799461593236017e-02 + w * 1.62858201153657823623e-02)))));
  const double even = w * (-1.99999999998764832476e-01 + w * (-1.11111104054623557880e-01 + w * (-7.69187620504482999495e-02
                      + w * (-5.83357013379057348645e-02 + w * -3.65315727442169155270e-02))));
  return head - ((t * (odd + even) - tail) - t);
}

TERN_INLINE double atan_f64(double x) {
  return x == 0.0 ? x : __builtin_copysign(atan_ratio_f64(__builtin_fabs(x), 1.0), x);
}

// The angle of the point (x, y); both are brought where sums neither overflow nor vanish.
TERN_INLINE double atan2_f64(double y, double x) {
  const double p = __builtin_fabs(y), q = __builtin_fabs(x), most = p > q ? p : q;
  const double scale = most > 0x1p1000 ? 0x1p-60 : most < 0x1p-900 ? 0x1p120 : 1.0;
  const bool both = (p == q) & ((p == 0.0) | (p == INFINITY));
  const double a = both ? (p == 0.0 ? 0.0 : 1.0) : p * scale, b = both ? 1.0 : q * scale;
  const double angle = atan_ratio_f64(a, b);
  const bool isLeft = bits_f64(x) >> 63;
  const double value = isLeft ? 2.0 * HALF_PI_HEAD - (angle - 2.0 * HALF_PI_TAIL) : angle;
  return ((x != x) | (y != y)) ? NAN : __builtin_copysign(value, y);
}
#undef HALF_PI_HEAD
#undef HALF_PI_TAIL
