"""Writes DistributionTables.swift beside this folder: what torch.distributions gives for parameters, values and
probabilities in Double; entropies that it has not are scipy.stats'."""
import pathlib
import torch
from scipy import stats
from torch import distributions as D

T = lambda *v: torch.tensor(v, dtype=torch.float64)
rows, pairs = [], []


def numbers(t):
    def one(v):
        return ".nan" if v != v else ".infinity" if v == float("inf") else "-.infinity" if v == -float("inf") else repr(v)
    return "[" + ", ".join(one(float(v)) for v in torch.as_tensor(t, dtype=torch.float64).flatten()) + "]"


def row(name, parameters, d, values, q=None, entropy=None):
    """parameters of two distributions, values, ln p, gradients of the sum of ln p at the parameters, entropy, mean, variance,
    F(values) and quantiles where they have a closed form."""
    leaves = [p.clone().requires_grad_() for p in parameters]
    density = d(*leaves).log_prob(values)
    slopes = torch.autograd.grad(density.sum(), leaves)
    p = d(*parameters)
    if entropy is None:
        entropy = p.entropy()
    try:
        cdf = p.cdf(values)
        quantiles = p.icdf(torch.full(values.shape, 0.3, dtype=torch.float64))
    except NotImplementedError:
        cdf = quantiles = torch.zeros(0)
    if quantiles.numel() == 0:
        cdf = quantiles
    rows.append(f'  DistributionRow(\n    "{name}", [' + ", ".join(map(numbers, parameters)) + f"], {numbers(values)},\n"
                f"    logProbability: {numbers(density.detach())},\n"
                f"    slopes: [" + ", ".join(map(numbers, slopes)) + f"],\n    entropy: {numbers(entropy)}, mean: {numbers(p.mean)}, "
                f"variance: {numbers(p.variance)},\n    cumulative: {numbers(cdf)}, quantile: {numbers(quantiles)},\n"
                f"    divergence: " + (numbers(D.kl_divergence(p, d(*q))) if q else "[]") + (
                    ", other: [" + ", ".join(map(numbers, q)) + "])," if q else ", other: []),"))


a, b = T(0.3, 1.0, 4.5), T(2.0, 0.7, 5.0)
c, e = T(0.9, 2.5, 1.2), T(1.1, 3.0, 0.4)
loc, loc2 = T(-1.0, 0.0, 2.5), T(0.5, -0.2, 2.0)
real = T(-2.0, 0.4, 30.0)
positive = T(0.2, 1.5, 9.0)
unit = T(0.01, 0.4, 0.95)
row("normal", [loc, a], D.Normal, real, [loc2, b])
row("logNormal", [loc, c], D.LogNormal, positive, [loc2, b])
row("halfNormal", [a], D.HalfNormal, positive, [b])
row("uniform", [loc, loc + a], D.Uniform, loc + a * 0.25, [loc - 0.5, loc + a + b])
row("laplace", [loc, a], D.Laplace, real, [loc2, b])
row("gumbel", [loc, c], D.Gumbel, T(-2.0, 0.4, 6.0), [loc2, b])
row("cauchy", [loc, a], D.Cauchy, real, [loc2, b])
row("gamma", [a, b], D.Gamma, positive, [c, e])
row("exponential", [a], D.Exponential, positive, [b])
row("studentT", [T(0.8, 1.7, 6.0), loc, c], D.StudentT, real)
row("beta", [a, b], D.Beta, unit, [c, e])
row("bernoulli", [unit], lambda p: D.Bernoulli(probs=p), T(0.0, 1.0, 1.0), [T(0.5, 0.2, 0.9)])
row("bernoulliLogits", [real], lambda z: D.Bernoulli(logits=z), T(0.0, 1.0, 0.0), [loc])
row("geometric", [unit], lambda p: D.Geometric(probs=p), T(0.0, 5.0, 2.0), [T(0.5, 0.2, 0.9)])
rates = T(0.3, 8.0, 700.0)
row("poisson", [rates], D.Poisson, T(0.0, 5.0, 720.0), [T(0.5, 4.0, 600.0)],
    entropy=torch.as_tensor([float(stats.poisson(float(r)).entropy()) for r in rates], dtype=torch.float64))
weights, others = T(0.1, 0.2, 0.4, 0.3), T(0.4, 0.1, 0.25, 0.25)
logits = T(-1.0, 0.5, 2.0, 0.0)
row("categorical", [weights], lambda p: D.Categorical(probs=p), torch.tensor([0, 3, 2]), [others])
row("categoricalLogits", [logits], lambda z: D.Categorical(logits=z), torch.tensor([0, 3, 2]), [others])
row("oneHot", [weights], lambda p: D.OneHotCategorical(probs=p), T(0.0, 0.0, 1.0, 0.0), [others])
row("multinomial", [weights], lambda p: D.Multinomial(7, probs=p), T(1.0, 0.0, 4.0, 2.0),
    entropy=T(float(stats.multinomial(7, weights.numpy()).entropy())))
row("dirichlet", [T(0.4, 1.0, 2.5, 6.0)], D.Dirichlet, T(0.1, 0.2, 0.3, 0.4), [T(1.0, 2.0, 0.5, 3.0)])
relaxed = D.RelaxedOneHotCategorical(torch.tensor(0.7, dtype=torch.float64), logits=logits)
m = torch.randn(3, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(1))
covariance = m @ m.T + torch.eye(3, dtype=torch.float64)
precision = torch.linalg.inv(covariance)
second = torch.diag(T(0.5, 2.0, 1.5)) + 0.2
row("multivariateNormal", [loc, covariance], D.MultivariateNormal, real * 0.1, [loc2, second])
row("multivariateNormalPrecision", [loc, precision], lambda u, p: D.MultivariateNormal(u, precision_matrix=p), real * 0.1,
    [loc2, second])
text = "// Written by Tables/make.py.\n\nlet distributionRows: [DistributionRow] = [\n" + "\n".join(rows) + "\n]\n"
text += "\n/// ln p of the relaxed categories of logits −1, 0.5, 2, 0 at temperature 0.7, at the weights 0.1, 0.2, 0.3, 0.4.\n"
text += f"let relaxedDensity = {float(relaxed.log_prob(T(0.1, 0.2, 0.3, 0.4)))!r}\n"
pathlib.Path(__file__).parent.parent.joinpath("DistributionTables.swift").write_text(text)
