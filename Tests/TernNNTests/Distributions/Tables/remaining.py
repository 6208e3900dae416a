"""Writes RemainingTables.swift beside this folder: torch.distributions' numbers in Double of continuous Bernoulli, generalized
Pareto, F and low-rank normal distributions, and of divergences from and to them and Pareto's. The entropy of F and means and
variances that are infinite are SciPy's, where PyTorch has none or NaN."""
import math
import pathlib
import torch
from scipy import stats
from torch import distributions as D

torch.set_default_dtype(torch.float64)  # PyTorch's GeneralizedPareto compares with a default 0.
T = lambda *v: torch.tensor(v, dtype=torch.float64)
rows = []


def numbers(t):
    def one(v):
        return ".nan" if v != v else ".infinity" if v == float("inf") else "-.infinity" if v == -float("inf") else repr(v)
    return "[" + ", ".join(one(float(v)) for v in torch.as_tensor(t, dtype=torch.float64).flatten()) + "]"


def row(name, parameters, d, values, *, q=None, entropy=None, mean=None, variance=None, cdf=None):
    leaves = [p.clone().requires_grad_() for p in parameters]
    point = values.clone().requires_grad_()
    density = d(*leaves).log_prob(point)
    slopes = torch.autograd.grad(density.sum(), leaves + [point])
    p = d(*parameters)
    pick = lambda given, made: made() if given is None else given
    try:
        cdf, quantile = pick(cdf, lambda: p.cdf(values)), p.icdf(torch.full(values.shape, 0.3, dtype=torch.float64))
    except NotImplementedError:
        cdf, quantile = [] if cdf is None else cdf, []
    divergence = D.kl_divergence(p, d(*q)) if q else []
    rows.append(f'  DistributionRow(\n    "{name}", [' + ", ".join(map(numbers, parameters)) + f"], {numbers(values)},\n"
                f"    logProbability: {numbers(density.detach())},\n    slopes: [" + ", ".join(map(numbers, slopes)) + "],\n"
                f"    entropy: {numbers(pick(entropy, p.entropy))}, mean: {numbers(pick(mean, lambda: p.mean))}, "
                f"variance: {numbers(pick(variance, lambda: p.variance))},\n"
                f"    cumulative: {numbers(cdf)}, quantile: {numbers(quantile)},\n"
                f"    divergence: {numbers(divergence)}, other: [" + ", ".join(map(numbers, q or [])) + "]),")


p, z = T(0.02, 0.3, 0.6, 0.999), T(-30.0, -1.5, 0.4, 12.0)
unit = T(0.03, 0.5, 0.9, 0.98)
row("continuousBernoulli", [p], lambda p: D.ContinuousBernoulli(probs=p), unit, q=[T(0.4, 0.9, 0.2, 0.7)])
row("continuousBernoulliLogits", [z], lambda z: D.ContinuousBernoulli(logits=z), unit, q=[T(2.0, -0.3, -5.0, 9.0)])

loc, scale, shape = T(0.0, -1.0, 2.0, 0.5), T(1.0, 0.4, 3.0, 2.0), T(0.3, -0.5, 0.0, 1.5)
values = T(0.7, -0.5, 9.0, 40.0)
frozen = [stats.genpareto(float(c), float(l), float(s)) for l, s, c in zip(loc, scale, shape)]
for f, v, l, s, c in zip(frozen, values, loc, scale, shape):
    assert abs(f.logpdf(float(v)) - float(D.GeneralizedPareto(l, s, c).log_prob(v))) < 1e-12
row("generalizedPareto", [loc, scale, T(0.3, -0.5, 1e-3, 1.5)], lambda l, s, c: D.GeneralizedPareto(l, s, c), values,
    mean=[stats.genpareto(c, float(l), float(s)).mean() for l, s, c in zip(loc, scale, (0.3, -0.5, 1e-3, 1.5))],
    variance=[stats.genpareto(c, float(l), float(s)).var() if c < 0.5 else math.inf for l, s, c in zip(loc, scale, (0.3, -0.5, 1e-3, 1.5))])

d1, d2 = T(1.0, 3.5, 10.0, 2.0), T(1.5, 2.5, 7.0, 30.0)
values = T(0.2, 1.5, 9.0, 1.0)
frozen = [stats.f(float(a), float(b)) for a, b in zip(d1, d2)]
row("fisherSnedecor", [d1, d2], D.FisherSnedecor, values, entropy=[f.entropy() for f in frozen],
    mean=[f.mean() for f in frozen], variance=[float("inf") if b <= 4 else f.var() for f, b in zip(frozen, d2)],
    cdf=[f.cdf(float(v)) for f, v in zip(frozen, values)])

generator = torch.Generator().manual_seed(3)
loc, factor, diagonal = T(-1.0, 0.0, 2.5), torch.randn(3, 2, dtype=torch.float64, generator=generator), T(0.5, 2.0, 0.1)
loc2, factor2 = T(0.5, -0.2, 2.0), torch.randn(3, 2, dtype=torch.float64, generator=generator)
low_rank = lambda u, w, d: D.LowRankMultivariateNormal(u, w.reshape(3, 2), d)
row("lowRankNormal", [loc, factor, diagonal], low_rank, T(-0.4, 0.9, 3.0), q=[loc2, factor2, T(1.0, 0.7, 0.3)])

# Divergences between families.
factory = {
    "ContinuousBernoulli": (lambda: D.ContinuousBernoulli(probs=T(0.1, 0.45, 0.9)), "probability: Tensor<Double>([0.1, 0.45, 0.9])"),
    "Pareto": (lambda: D.Pareto(T(0.3, 0.8, 2.0), T(3.5, 2.5, 7.0)), "scale: Tensor<Double>([0.3, 0.8, 2]), alpha: Tensor([3.5, 2.5, 7])"),
    "Beta": (lambda: D.Beta(T(0.7, 2.0, 5.0), T(1.5, 3.0, 0.6)), "alpha: Tensor<Double>([0.7, 2, 5]), beta: Tensor([1.5, 3, 0.6])"),
    "Exponential": (lambda: D.Exponential(T(0.4, 1.0, 3.5)), "rate: Tensor<Double>([0.4, 1, 3.5])"),
    "Gamma": (lambda: D.Gamma(T(0.6, 2.0, 7.0), T(1.5, 0.4, 2.0)), "concentration: Tensor<Double>([0.6, 2, 7]), rate: Tensor([1.5, 0.4, 2])"),
    "Gumbel": (lambda: D.Gumbel(T(-1.0, 0.3, 2.0), T(0.8, 2.0, 1.1)), "location: Tensor<Double>([-1, 0.3, 2]), scale: Tensor([0.8, 2, 1.1])"),
    "Laplace": (lambda: D.Laplace(T(-0.5, 0.0, 1.2), T(0.7, 1.0, 2.5)), "mean: Tensor<Double>([-0.5, 0, 1.2]), scale: Tensor([0.7, 1, 2.5])"),
    "Normal": (lambda: D.Normal(T(-0.4, 0.1, 1.5), T(0.5, 1.2, 2.0)), "mean: Tensor<Double>([-0.4, 0.1, 1.5]), deviation: Tensor([0.5, 1.2, 2])"),
    "Uniform": (lambda: D.Uniform(T(0.1, 0.2, 3.0), T(0.9, 0.7, 5.0)), "low: Tensor<Double>([0.1, 0.2, 3]), high: Tensor([0.9, 0.7, 5])"),
    "Poisson": (lambda: D.Poisson(T(0.3, 1.0, 4.0)), "rate: Tensor<Double>([0.3, 1, 4])"),
    "Binomial": (lambda: D.Binomial(9, T(0.3, 0.5, 0.9)), "count: Tensor<Double>(9), probability: Tensor([0.3, 0.5, 0.9])"),
}
firsts = ["Beta", "Exponential", "Gamma", "Gumbel", "Laplace", "Normal"]
pairs = [(p, q) for p in firsts for q in ["ContinuousBernoulli", "Pareto"]]
pairs += [("Pareto", q) for q in ["Beta", "ContinuousBernoulli", "Uniform", "Exponential", "Gamma", "Normal"]]
pairs += [("ContinuousBernoulli", q) for q in ["Pareto", "Exponential", "Normal"]]
pairs += [("Uniform", q) for q in ["ContinuousBernoulli", "Pareto"]] + [("Poisson", "Binomial")]
lines = ["import TernNN", "import TernTensor", "", "// Written by Tables/remaining.py.", "",
         "let remainingRows: [DistributionRow] = ["] + rows + ["]", "",
         "let remainingDivergences: [(name: String, found: @Sendable () -> Tensor<Double>, expected: [Double])] = ["]
for p, q in pairs:
    expected = D.kl_divergence(factory[p][0](), factory[q][0]())
    lines += [f'  ("{p}, {q}", {{ klDivergence({p[0].lower() + p[1:]}s, {q[0].lower() + q[1:]}s) }}, {numbers(expected)}),']
lines += ["]", ""]
lines += [f"private let {k[0].lower() + k[1:]}s = {k}Distribution({v[1]})" for k, v in factory.items()]
low, full = low_rank(loc, factor, diagonal), D.MultivariateNormal(loc2, torch.diag(T(0.5, 2.0, 1.5)) + 0.2)
lines += ["", "/// From the low-rank normal distribution above to one of the covariance diag(0.5, 2, 1.5) + 0.2, and back.",
          f"let lowRankDivergences: [Double] = {[float(D.kl_divergence(low, full)), float(D.kl_divergence(full, low))]}"]
(pathlib.Path(__file__).parent.parent / "RemainingTables.swift").write_text("\n".join(lines) + "\n")
