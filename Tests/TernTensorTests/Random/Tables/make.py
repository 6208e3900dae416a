"""Writes DrawTables.swift beside this folder: bins of equal probability of continuous distributions, probabilities of
discrete ones (scipy.stats), and derivatives of quantiles by shape parameters (mpmath)."""
import pathlib
import mpmath as mp
import numpy as np
from scipy import stats

mp.mp.dps = 60
continuous = {
    "exponential 2.5": stats.expon(scale=1 / 2.5),
    "logNormal 0.5 0.75": stats.lognorm(s=0.75, scale=np.exp(0.5)),
    "cauchy -1 2": stats.cauchy(-1, 2),
    "normal 3 0.5": stats.norm(3, 0.5),
    "gamma 0.1": stats.gamma(0.1), "gamma 0.7": stats.gamma(0.7), "gamma 1": stats.gamma(1),
    "gamma 4.5": stats.gamma(4.5), "gamma 300": stats.gamma(300),
    "beta 0.2 0.3": stats.beta(0.2, 0.3), "beta 0.5 4": stats.beta(0.5, 4), "beta 3 2": stats.beta(3, 2),
    "beta 70 30": stats.beta(70, 30),
}
discrete = {
    "poisson 0.3": stats.poisson(0.3), "poisson 4": stats.poisson(4), "poisson 9.99": stats.poisson(9.99),
    "poisson 10": stats.poisson(10), "poisson 250": stats.poisson(250), "poisson 100000": stats.poisson(1e5),
    "binomial 10 0.3": stats.binom(10, 0.3), "binomial 40 0.95": stats.binom(40, 0.95),
    "binomial 100 0.5": stats.binom(100, 0.5), "binomial 1000 0.2": stats.binom(1000, 0.2),
    "binomial 1000000 0.9": stats.binom(1000000, 0.9), "geometric 0.05": stats.geom(0.05),
    "geometric 0.6": stats.geom(0.6),
}


def numbers(values):
    return "[" + ", ".join(repr(float(v)) for v in values) + "]"


def bins(d, samples=20000, least=20):
    """Counts that belong together, so that each bin expects some: upper ends (inclusive) and probabilities."""
    ends, probabilities = [], []
    low, high = int(d.ppf(1e-7)) - 1, int(d.ppf(1 - 1e-7)) + 1
    wanted = max(least / samples, 1 / 60)
    last = d.cdf(low)
    start = 0.0
    for k in range(low, high):
        p = d.cdf(k)
        if p - start >= wanted and 1 - p >= wanted:
            ends.append(k)
            probabilities.append(p - start)
            start = p
    probabilities.append(1 - start)
    return ends, probabilities


def derivative(cdf, density, a, x):
    """−(∂F/∂a)/p at x, F a function of the parameter and x."""
    return -mp.re(mp.diff(lambda t: cdf(t, x), a)) / density


def gamma_cdf(a, x):
    return mp.gammainc(a, 0, x, regularized=True)


def gamma_density(a, x):
    return mp.exp((mp.mpf(a) - 1) * mp.log(x) - x - mp.loggamma(a))


out = ["// Written by Tables/make.py.\n", "/// Upper bounds of bins of equal probability.",
       "let continuousDraws: [(name: String, edges: [Double])] = ["]
for name, d in continuous.items():
    out.append(f'  ("{name}", {numbers(d.ppf(np.arange(1, 40) / 40))}),')
out += ["]\n", "/// Last counts of bins, and the bins' probabilities, one more.",
        "let discreteDraws: [(name: String, ends: [Double], probabilities: [Double])] = ["]
for name, d in discrete.items():
    ends, p = bins(d)
    out.append(f'  ("{name}", {numbers(ends)}, {numbers(p)}),')
out += ["]\n", "/// dx/dα of the gamma distribution.", "let gammaDerivatives: [(alpha: Double, x: Double, value: Double)] = ["]
for a in (0.01, 0.3, 1.0, 2.5, 7.0, 30.0, 140.0, 999.0, 1500.0, 40000.0):
    for p in (1e-6, 0.01, 0.3, 0.5, 0.9, 0.9999):
        x = float(stats.gamma(a).ppf(p))
        if x > 1e-280:
            out.append(f"  ({a!r}, {x!r}, {float(derivative(gamma_cdf, gamma_density(a, x), mp.mpf(a), mp.mpf(x)))!r}),")
out += ["]\n", "/// dx/dα of the beta distribution.",
        "let betaDerivatives: [(alpha: Double, beta: Double, x: Double, value: Double)] = ["]
for a, b in ((0.1, 0.2), (0.5, 3.0), (1.0, 1.0), (2.0, 5.0), (8.0, 0.4), (30.0, 20.0), (300.0, 500.0)):
    for p in (1e-4, 0.1, 0.5, 0.8, 0.999):
        x = float(stats.beta(a, b).ppf(p))
        if 1e-250 < x < 1:
            cdf = lambda t, y, b=b: mp.betainc(t, b, 0, y, regularized=True)
            density = mp.mpf(x) ** (a - 1) * (1 - mp.mpf(x)) ** (b - 1) / mp.beta(a, b)
            value = float(derivative(cdf, density, mp.mpf(a), mp.mpf(x)))
            out.append(f"  ({a!r}, {b!r}, {x!r}, {value!r}),")
out.append("]")
pathlib.Path(__file__).parent.parent.joinpath("DrawTables.swift").write_text("\n".join(out) + "\n")
