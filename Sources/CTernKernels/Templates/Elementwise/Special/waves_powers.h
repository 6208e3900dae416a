// Powers of two, logarithms' terms and the cardinal sine.

// 2^(j/8) in two parts, and the coefficients of (2^f − 1)/f for |f| ≤ 1/16.
static const double exp2_heads[] = {
  1.0, 1.0905077326652577, 1.189207115002721, 1.2968395546510096, 1.4142135623730951, 1.5422108254079407,
  1.681792830507429, 1.8340080864093424,
};
static const double exp2_tails[] = {
  0.0, -3.046782079812471e-17, 3.982015231465646e-17, 2.5382502794888315e-17, -9.667293313452913e-17,
  7.949834809697621e-17, 8.199010020581497e-17, 3.283107224245627e-17,
};
static const double exp2_terms[] = {
  0.6931471805599453, 0.24022650695910933, 0.05550410866482224, 0.009618129089983302, 0.0013333558132838856,
  0.00015404433819347582, 1.525342958649691e-05,
};
#define EIGHTHS_ROUNDER (ROUNDER / 8.0)

// 2^x = 2^n · 2^(j/8) · 2^f within 0.67 ulp: 2^n in two factors, so that results below the normal range round once.
TERN_INLINE double exp2_f64(double x) {
  double c = x < -1080.0 ? -1080.0 : x;
  c = c > 1025.0 ? 1025.0 : c;
  const double shifted = c + EIGHTHS_ROUNDER, f = c - (shifted - EIGHTHS_ROUNDER);
  const uint64_t bits = bits_f64(shifted), j = bits & 7u;
  const uint64_t k = ((bits - bits_f64(EIGHTHS_ROUNDER)) >> 3) + 2048u, half = k >> 1;
  const double s1 = from_bits_f64((half - 1u) << 52), s2 = from_bits_f64((k - half - 1u) << 52);
  return (exp2_heads[j] + (exp2_heads[j] * (f * steady_polynomial(f, exp2_terms, 7)) + exp2_tails[j])) * s1 * s2;
}

#if TERN_VECTOR == 64
// The same of eight: the table lies in registers, and scaling by 2^n rounds once.
TERN_INLINE __m512d exp2_of_eight(__m512d x) {
  // The low bits of the sum tell j. x − f is a multiple of 1/8; of infinities f is 0.
  const __m512i j = (__m512i)(x + EIGHTHS_ROUNDER);
  const __m512d f = _mm512_reduce_pd(x, 3 << 4 | _MM_FROUND_NO_EXC), square = f * f;
  const double *c = exp2_terms;
  const __m512d even = ((square * c[6] + c[4]) * square + c[2]) * square + c[0];
  const __m512d odd = (square * c[5] + c[3]) * square + c[1];
  const __m512d head = _mm512_permutexvar_pd(j, _mm512_loadu_pd(exp2_heads));
  const __m512d tail = _mm512_permutexvar_pd(j, _mm512_loadu_pd(exp2_tails));
  return _mm512_scalef_pd(head + (head * (f * (odd * f + even)) + tail), x - f);
}

static void exp2_all_f64(ptrdiff_t n, double *out, ptrdiff_t so, const double *x, ptrdiff_t sx) {
  if (so != 1 || sx != 1) {
    for (ptrdiff_t i = 0; i < n; i++) out[i * so] = exp2_f64(x[i * sx]);
    return;
  }
  ptrdiff_t i = 0;
  for (; i + 16 <= n; i += 16) {
    const __m512d first = exp2_of_eight(_mm512_loadu_pd(x + i)), second = exp2_of_eight(_mm512_loadu_pd(x + i + 8));
    _mm512_storeu_pd(out + i, first);
    _mm512_storeu_pd(out + i + 8, second);
  }
  for (; i < n; i += 8) {
    const __mmask8 rest = n - i < 8 ? (__mmask8)((1u << (n - i)) - 1) : 0xFF;
    _mm512_mask_storeu_pd(out + i, rest, exp2_of_eight(_mm512_maskz_loadu_pd(rest, x + i)));
  }
}
#else
static void exp2_all_f64(ptrdiff_t n, double *out, ptrdiff_t so, const double *x, ptrdiff_t sx) {
  TERN_MAP1(double, double, exp2_f64(v));
}
#endif
#undef EIGHTHS_ROUNDER

// 2^x within 1.3 ulp, in the loops of other functions, which a table would hold up.
TERN_INLINE double exp2_by_polynomial(double x) {
  double c = x < -1080.0 ? -1080.0 : x;
  c = c > 1025.0 ? 1025.0 : c;
  const double shifted = c + ROUNDER, f = c - (shifted - ROUNDER);
  static const double terms[] = {
    0.6931471805599453, 0.24022650695910072, 0.055504108664821625, 0.00961812910762848, 0.0013333558146406436,
    0.00015403530393370715, 1.5252733841601815e-05, 1.3215486808727859e-06, 1.0178057064573359e-07,
    7.054897292691627e-09, 4.455822025014915e-10, 2.5729344553786755e-11,
  };
  const uint64_t k = bits_f64(shifted) - ROUNDER_BITS + 2048u, half = k >> 1;
  const double s1 = from_bits_f64((half - 1u) << 52), s2 = from_bits_f64((k - half - 1u) << 52);
  return (f * steady_polynomial(f, terms, 12) + 1.0) * s1 * s2;
}

TERN_INLINE float exp2_f32(float x) {
  float c = x < -152.0f ? -152.0f : x;
  c = c > 129.0f ? 129.0f : c;
  const float shifted = c + 12582912.0f, f = c - (shifted - 12582912.0f), square = f * f;
  const float odd = 0.24022650718688965f + square * (0.009618056938052177f + square * 0.0001546144f);
  const float even = 0.05550410971045494f + square * (0.0013333503156900406f + square * 1.5297323e-05f);
  const int32_t k = (int32_t)(bits_f32(shifted) - 0x4B400000u), half = k >> 1;
  const float s1 = from_bits_f32((uint32_t)(half + 127) << 23), s2 = from_bits_f32((uint32_t)(k - half + 127) << 23);
  return (f * (0.6931471824645996f + (square * even + f * odd)) + 1.0f) * s1 * s2;
}

static void exp2_all_f32(ptrdiff_t n, float *out, ptrdiff_t so, const float *x, ptrdiff_t sx) {
  TERN_MAP1(float, float, exp2_f32(v));
}

// (sin πr)/(πr) in powers of r² for |r| ≤ ½.
static const double sinc_terms[] = {
  1.0, -1.6449340668482264, 0.8117424252833536, -0.19075182412208255, 0.026147847817611935, -0.002346081034815316,
  0.0001484287872033628, -6.975840829271595e-06, 2.5300985563134005e-07, -7.0931258816238045e-09,
};

// (sin πx)/(πx), exactly 0 at whole numbers but 0.
TERN_INLINE double sinc_f64(double x) {
  const double shifted = x + ROUNDER, difference = x - (shifted - ROUNDER);
  // Beyond it all numbers are whole.
  const double r = __builtin_fabs(x) >= 0x1p51 ? 0.0 : difference;
  const double size = r / x * steady_polynomial(r * r, sinc_terms, 10);
  return x == 0.0 ? 1.0 : bits_f64(shifted) & 1 ? -size : size;
}

// ∛x: a third of the exponent and a polynomial, then Newton's step (FreeBSD's msun), or for Float two of Halley's.
TERN_INLINE double cube_root_start(double a) {
  return from_bits_f64(((((bits_f64(a) >> 32) * 0xAAAAAAABu) >> 33) + 715094163u) << 32);
}

TERN_INLINE double cbrt_f64(double x) {
  const double size = __builtin_fabs(x);
  const bool tiny = size < 0x1p-1022;
  const double a = tiny ? size * 0x1p54 : size, start = cube_root_start(a), r = (start * start) * (start / a);
  const double p = (1.87595182427177009643 + r * (-1.88497979543377169875 + r * 1.621429720105354466140))
                   + r * r * r * (-0.758397934778766047437 + r * 0.145996192886612446982);
  const double t = from_bits_f64((bits_f64(start * p) + 0x80000000u) & 0xFFFFFFFFC0000000u);
  const double quotient = a / (t * t), value = t + t * ((quotient - t) / (t + t + quotient));
  return ((x == 0.0) | !(size < INFINITY)) ? x : __builtin_copysign(tiny ? value * 0x1p-18 : value, x);
}

TERN_INLINE float cbrt_f32(float x) {
  const double a = __builtin_fabs((double)x), start = cube_root_start(a), cube = start * start * start;
  const double t = start * ((a + a + cube) / (a + cube + cube)), next = t * t * t;
  const double value = t * ((a + a + next) / (a + next + next));
  return ((x == 0.0f) | !(a < INFINITY)) ? x : (float)__builtin_copysign(value, (double)x);
}

// sin πu/u and cos πu in powers of u² for |u| ≤ ¼, and the derivative of (sin πx)/(πx) over x in powers of x² for |x| ≤ ½.
static const double sine_pi_terms[] = {
  3.141592653589793, -5.16771278004997, 2.5501640398773415, -0.599264529320298, 0.08214588658006067,
  -0.007370429884817227, 0.00046628273072875267, -2.1717406961736065e-05,
};
static const double cosine_pi_terms[] = {
  1.0, -4.934802200544679, 4.058712126416747, -1.335262768851918, 0.2353306301909148, -0.025806885653583175,
  0.0019294657514324488, -0.00010356750616219464,
};
static const double sinc_derivative_terms[] = {
  -3.289868133696453, 3.2469697011334144, -1.1445109447325053, 0.2091827825412384, -0.02346081035455818,
  0.0017811455163722766, -9.76622312594969e-05, 4.049947831019436e-06, -1.3148476881586525e-07, 3.432994973196279e-09,
  -7.35618865839892e-11,
};

// How far before k + ½ the zeros of the derivative of (sin πx)/(πx) lie, for k from 1 to 16, in two parts.
static const double sinc_extremum_heads[] = {
  0.06970334687579724, 0.04097596704323862, 0.029110275652980227, 0.022591416567484514, 0.018463349392803828,
  0.015612873613657778, 0.013525752037231208, 0.011931303906551375, 0.010673381914030673, 0.0096555557053811,
  0.008815042228777614, 0.00810920177035437, 0.007508056559572258, 0.0069899141875156175, 0.0065386894331878175,
  0.006142202086533939,
};
static const double sinc_extremum_tails[] = {
  2.582123649368236e-18, -2.4897790642601967e-18, 1.725244793334478e-18, 3.340339760789208e-19, -1.2880208417909352e-18,
  1.340080115985211e-19, -1.4973539980682721e-19, -3.0926076116119925e-19, -1.5264336406811247e-19,
  -2.018075169117491e-19, -8.106729023063324e-19, 8.33951751881998e-19, -2.767689030715205e-19, 1.6996768438553313e-19,
  2.1505900671000165e-19, -1.2307901526036266e-19,
};

// The powers of s in the distance, over 1/(π²·(k + ½)), for greater k.
static const double sinc_extremum_terms[] = {
  0.66666666666666667, 0.86666666666666667, 1.3904761904761905, 2.4793650793650793, 4.712265512265512, 9.347706367706368,
};

// The derivative of (sin πx)/(πx): (cos πx − (sin πx)/(πx))/x. From 1 on by the distance h to its zero z after the whole
// number below |x|, which cancels nothing: with ζ = πz, θ = πx, η = πh, ∓(sin η + (sin η − η·cos η)/(ζθ))/(|x|·√(1 + 1/ζ²)).
TERN_INLINE double sinc_derivative_f64(double x) {
  const double size = __builtin_fabs(x);
  // e: from the nearest even number; from 2⁵² on all numbers are whole, from 2⁵³ on even.
  const bool whole = size >= 0x1p52, first = size < 1.0;
  const double even = size - 2.0 * ((0.5 * size + ROUNDER) - ROUNDER);
  const double e = whole ? (((bits_f64(size) & 1) & (size < 0x1p53)) ? -1.0 : 0.0) : size == 1.0 ? -1.0 : even;
  const double from = e < 0.0 ? e + 0.5 : e - 0.5, middle = size - from;
  // z = middle − c; for great k, c = 1/(π²·(k + ½))·(1 + ⅔s + …), s = 1/(π·(k + ½))².
  const uint64_t index = bits_f64((middle - 1.5) + ROUNDER) - ROUNDER_BITS;
  const bool listed = (middle > 1.0) & (middle < 17.0);
  const double inverse = 1.0 / middle, head = 0.10132118364233778 * inverse, high = head_f64(head);
  const double lost = ((0.10132118364233778 - middle * high) - middle * (head - high)) - 3.9662898794394414e-18;
  const double s = head * inverse, more = head * s * steady_polynomial(s, sinc_extremum_terms, 6);
  const double c = listed ? sinc_extremum_heads[listed ? index : 0] : head;
  const double rest = listed ? sinc_extremum_tails[listed ? index : 0] : lost * inverse + more;
  const double h = (from + c) + rest, over_zeta = 0.31830988618379067154 / (middle - (c + rest));
  // The sine and cosine of πh, or below 1 of π·(1 − |x|).
  const double a = first ? 1.0 - size : __builtin_fabs(h), u = a > 0.25 ? 0.5 - a : a, z = u * u;
  const double even_part = steady_polynomial(z, cosine_pi_terms, 8), odd_part = u * steady_polynomial(z, sine_pi_terms, 8);
  const double sine = a > 0.25 ? even_part : odd_part, cosine = a > 0.25 ? odd_part : even_part;
  const double theta = 3.14159265358979323846 * size, turn = (sine - 3.14159265358979323846 * a * cosine) / theta;
  const double far = (sine + turn * over_zeta) / (size * __builtin_elementwise_sqrt(1.0 + over_zeta * over_zeta));
  const double height = first ? (cosine + sine / theta) / size : far;
  const bool falls = first | ((e < 0.0) == (h < 0.0));
  const double beyond = falls == (x > 0.0) ? -height : height;
  const double value = size < 0.5 ? x * steady_polynomial(x * x, sinc_derivative_terms, 11) : beyond;
  return size == INFINITY ? 0.0 : value;
}

// (sin r/r − 1)/r² and (cos r − 1 + ½r²)/r⁴ in powers of r² for |r| ≤ π/4.
static const double sine_terms[] = {
  -0.16666666666666666, 0.008333333333333333, -0.0001984126984126984, 2.7557319223985893e-06, -2.505210838544172e-08,
  1.6059043836821613e-10, -7.647163731819816e-13,
};
static const double cosine_terms[] = {
  0.041666666666666664, -0.001388888888888889, 2.48015873015873e-05, -2.755731922398589e-07, 2.08767569878681e-09,
  -1.1470745597729725e-11, 4.779477332387385e-14,
};

// sin x/x for |x| ≤ 2²⁰, by the distance to the nearest multiple of π/2 in two parts.
TERN_INLINE double spherical_wave_within(double x) {
  const double shifted = x * 6.36619772367581382433e-01 + ROUNDER, n = shifted - ROUNDER;
  double lost, lost_again;
  const double first = sum_f64(x - n * 1.57079632673412561417e+00, n * -6.07710050630396597660e-11, &lost);
  const double r = sum_f64(first, n * -2.02226624871116645580e-21, &lost_again);
  const double tail = (lost + lost_again) - n * 8.47842766036889956997e-32, z = r * r, one = 1.0 - 0.5 * z;
  const double s = r + (tail * one + r * z * steady_polynomial(z, sine_terms, 7));
  const double c = one + (((1.0 - one) - 0.5 * z) + (z * z * steady_polynomial(z, cosine_terms, 7) - tail * r));
  const uint64_t quadrant = bits_f64(shifted);
  const double value = (quadrant & 1 ? c : s) / x;
  return x == 0.0 ? 1.0 : quadrant & 2 ? -value : value;
}

TERN_INLINE double spherical_wave_beyond(double x) { return __builtin_fabs(x) == INFINITY ? 0.0 : sin(x) / x; }

// −x·ln x
TERN_INLINE double entropy_f64(double x) {
  const double value = -x * steady_log(x);
  return x > 0.0 ? value : x == 0.0 ? 0.0 : x < 0.0 ? -INFINITY : x;
}

// ln(x/(1 − x)): near ½ from (2x − 1)/(1 − x), which is exact but for the division.
TERN_INLINE double logit_f64(double x) {
  const double rest = 1.0 - x, quotient = x / rest, less = (2.0 * x - 1.0) / rest;
  const bool near = (less > -0.2928932188134524) & (less < 0.41421356237309503), tiny = quotient < 0x1p-1022;
  double k;
  const double fraction = steady_split(tiny ? quotient * 0x1p54 : quotient, tiny ? -54.0 : 0.0, &k) - 1.0;
  const double f = near ? less : fraction, half_square = 0.5 * f * f;
  k = near ? 0.0 : k;
  return steady_log_ends(quotient, (steady_log_rest(f, half_square) + k * LN2_TAIL - half_square + f) + k * LN2_HEAD);
}

// x·ln y and x·ln(1 + y); 0 where x is 0 and y a number.
TERN_INLINE double xlogy_f64(double x, double y) {
  const double value = x * steady_log(y);
  return y != y ? y : x == 0.0 ? 0.0 : value;
}

TERN_INLINE double xlog1py_f64(double x, double y) {
  const double value = x * steady_log1p(y);
  return y != y ? y : x == 0.0 ? 0.0 : value;
}

// log₂(2^a + 2^b)
TERN_INLINE double log_add_exp2_f64(double a, double b) {
  const double distance = __builtin_fabs(a - b), most = a > b ? a : b;
  const double value = most + steady_log1p(exp2_by_polynomial(-distance)) * 1.44269504088896340736;
  return a == b ? (__builtin_fabs(a) == INFINITY ? a : a + 1.0) : value;
}

// The same for Float: 2^-|a - b| = t within 1e-10, and log₂(1 + t) as an odd series in t/(2 + t) within 1e-11.
TERN_INLINE float log_add_exp2_f32(float first, float second) {
  const double a = (double)first, b = (double)second, distance = __builtin_fabs(a - b), most = a > b ? a : b;
  const double c = distance > 1000.0 ? -1000.0 : -distance, shifted = c + ROUNDER, f = c - (shifted - ROUNDER);
  static const double powers[] = {
    0.6931471805599453, 0.2402265092256076, 0.05550410883930555, 0.00961805662050108, 0.001333350234150156,
    0.00015461467905285986, 1.529734162283227e-05,
  };
  static const double logarithms[] = {
    2.885390081784947, 0.9617966877404939, 0.5770789024763063, 0.4121512221274979, 0.3217949666557714,
    0.24702598737338993, 0.3153813349806506,
  };
  const double scale = from_bits_f64((bits_f64(shifted) - ROUNDER_BITS + 1023u) << 52);
  const double t = (f * steady_polynomial(f, powers, 7) + 1.0) * scale, s = t / (2.0 + t);
  const double value = most + s * steady_polynomial(s * s, logarithms, 7);
  return (float)(a == b ? (__builtin_fabs(a) == INFINITY ? a : a + 1.0) : value);
}

// The derivative of log₂(2^a + 2^b) at a, 1/(1 + 2^(b - a)); of equal infinities 0 at -∞ and ½ at ∞.
TERN_INLINE double log_add_exp2_derivative(double a, double b) {
  const double t = exp2_by_polynomial(-__builtin_fabs(a - b)), value = (a >= b ? 1.0 : t) / (1.0 + t);
  return a == b ? (a == -INFINITY ? 0.0 : 0.5) : value;
}
