// The elementary functions of Double: the C library's, within 1 ulp.

static inline double exp_f64(double x) { return exp(x); }
static inline double expm1_f64(double x) { return expm1(x); }
static inline double log_f64(double x) { return log(x); }
static inline double pow_normal_f64(double x, double p) { return pow(x, p); }
static inline double log1p_f64(double x) { return log1p(x); }
static inline double tanh_f64(double x) { return tanh(x); }
static inline double erf_f64(double x) { return erf(x); }
static inline double erfc_f64(double x) { return erfc(x); }

// 1/(1 + e^-x) from e^-|x|, which neither overflows nor loses the tail.
static inline double sigmoid_f64(double x) {
  const double e = exp(-fabs(x));
  return (x >= 0.0 ? 1.0 : e) / (1.0 + e);
}

static inline double exp_normal_f64(double x) { return exp(x); }
static inline double log1p_unit_f64(double x) { return log1p(x); }
static inline double bell_f64(double t) { return exp(-0.5 * t * t); }

// The distribution function of the standard normal; what Float has at hand is of no use here.
static inline double normal_cdf_of_f64(double x, double bell) {
  (void)bell;
  return 0.5 * erfc(-x * 0.707106781186547524400844362104849);
}
static inline double normal_cdf_f64(double x) { return normal_cdf_of_f64(x, 0); }
