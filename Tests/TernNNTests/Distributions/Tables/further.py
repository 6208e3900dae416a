"""Writes FurtherTables.swift beside this folder: torch.distributions' numbers in Double of distributions of angles, matrices,
relaxed zeros and ones and transformed numbers. What PyTorch has not, or only to 1e-6 (von Mises' Bessel function), is SciPy's:
entropies and divergences by quadrature, draws' moments by the beta distribution."""
import math
import pathlib
import numpy as np
import torch
from scipy import integrate, special, stats
from torch import distributions as D

T = lambda *v: torch.tensor(v, dtype=torch.float64)
rows = []


def numbers(t):
    def one(v):
        return ".nan" if v != v else ".infinity" if v == float("inf") else "-.infinity" if v == -float("inf") else repr(v)
    return "[" + ", ".join(one(float(v)) for v in torch.as_tensor(t, dtype=torch.float64).flatten()) + "]"


def row(name, parameters, log_prob, values, entropy=(), mean=(), variance=(), cdf=(), quantile=(), divergence=(), other=()):
    leaves = [p.clone().requires_grad_() for p in parameters]
    point = values.clone().requires_grad_()
    density = log_prob(point, *leaves)
    slopes = torch.autograd.grad(density.sum(), leaves + [point])
    rows.append(f'  DistributionRow(\n    "{name}", [' + ", ".join(map(numbers, parameters)) + f"], {numbers(values)},\n"
                f"    logProbability: {numbers(density.detach())},\n"
                f"    slopes: [" + ", ".join(map(numbers, slopes)) + f"],\n    entropy: {numbers(entropy)}, mean: {numbers(mean)}, "
                f"variance: {numbers(variance)},\n    cumulative: {numbers(cdf)}, quantile: {numbers(quantile)},\n"
                f"    divergence: {numbers(divergence)}, other: [" + ", ".join(map(numbers, other)) + "]),")


def torch_row(name, parameters, d, values, **more):
    row(name, parameters, lambda x, *p: d(*p).log_prob(x), values, **more)


# Angles
mean, kappa = T(-1.0, 0.5, 3.0), T(0.02, 2.5, 400.0)
other_mean, other_kappa = T(0.5, 0.4, 2.9), T(1.5, 0.7, 900.0)
angles = T(2.0, 0.4, 3.05)


def von_mises(x, m, k):
    return k * (torch.cos(x - m) - 1) - math.log(2 * math.pi) - torch.special.i0e(k).log()


assert (von_mises(angles, mean, kappa) - D.VonMises(mean, kappa).log_prob(angles)).abs().max() < 1e-5
for m, k, x in zip(mean, kappa, angles):
    assert abs(stats.vonmises(float(k), loc=float(m)).logpdf(float(x)) - float(von_mises(x, m, k))) < 1e-9


def divergence(m, k, m2, k2):
    p = lambda x: math.exp(float(von_mises(T(x), T(m), T(k))))
    f = lambda x: p(x) * float(von_mises(T(x), T(m), T(k)) - von_mises(T(x), T(m2), T(k2)))
    return integrate.quad(f, m - math.pi, m + math.pi, epsabs=1e-13, epsrel=1e-12, limit=400, points=[m])[0]


row("vonMises", [mean, kappa], von_mises, angles,
    entropy=[float(stats.vonmises.entropy(float(k))) for k in kappa], mean=mean,
    variance=[1 - special.i1e(float(k)) / special.i0e(float(k)) for k in kappa],
    divergence=[divergence(*map(float, four)) for four in zip(mean, kappa, other_mean, other_kappa)],
    other=[other_mean, other_kappa])

# Matrices
generator = torch.Generator().manual_seed(1)
m = torch.randn(3, 3, dtype=torch.float64, generator=generator)
covariance = m @ m.T + torch.eye(3, dtype=torch.float64)
m = torch.randn(3, 3, dtype=torch.float64, generator=generator)
value = m @ m.T + torch.eye(3, dtype=torch.float64)
second = torch.diag(T(0.5, 2.0, 1.5)) + 0.2
nu, nu2 = torch.tensor(4.5, dtype=torch.float64), torch.tensor(2.6, dtype=torch.float64)


def expected(p, q):
    # E[ln p − ln q] by the expectations of ln|X| and X.
    d = 3
    mvdigamma = sum(special.psi((float(p.df) - i) / 2) for i in range(d))
    log_det = mvdigamma + d * math.log(2) + float(torch.logdet(p.covariance_matrix))
    def mean_log(w):
        v = w.covariance_matrix
        return ((float(w.df) - d - 1) / 2 * log_det - float(torch.trace(torch.linalg.solve(v, p.mean))) / 2
                - float(w.df) / 2 * (d * math.log(2) + float(torch.logdet(v))) - special.multigammaln(float(w.df) / 2, d))
    return mean_log(p) - mean_log(q)


w = D.Wishart(nu, covariance)
assert abs(expected(w, w)) < 1e-12
torch_row("wishart", [nu, covariance], lambda n, c: D.Wishart(n, c, validate_args=False), value, entropy=w.entropy(), mean=w.mean,
          variance=w.variance, divergence=[expected(w, D.Wishart(nu2, second))], other=[nu2, second])
precision = torch.linalg.inv(covariance)
torch_row("wishartPrecision", [nu, precision], lambda n, c: D.Wishart(n, precision_matrix=c, validate_args=False), value,
          entropy=w.entropy(), mean=w.mean, variance=w.variance)

eta = T(0.4, 1.0, 3.5)
correlations = torch.tensor([[1, 0.3, -0.2, 0.1], [0.3, 1, 0.4, 0], [-0.2, 0.4, 1, 0.25], [0.1, 0, 0.25, 1]], dtype=torch.float64)
factors = torch.linalg.cholesky(correlations).expand(3, 4, 4)
entropies, means, variances = [], [], []
lkj = D.LKJCholesky(4, eta, validate_args=False)
identity_log = lkj.log_prob(torch.eye(4, dtype=torch.float64).expand(3, 4, 4))  # − ln Z
for k, e in enumerate(eta.tolist()):
    total, mean_, variance_ = -float(identity_log[k]), np.zeros((4, 4)), np.zeros((4, 4))
    mean_[0, 0] = 1
    for i in range(1, 4):
        y = stats.beta(i / 2, e + (3 - i) / 2)
        root = lambda f: integrate.quad(lambda t: f(t * t) * y.pdf(t * t) * 2 * t, 0, 1, epsabs=1e-13, epsrel=1e-12, limit=500)[0]
        total -= (2 * e - 2 + 4 - (i + 1)) * 0.5 * (special.psi(e + (3 - i) / 2) - special.psi(e + 1.5))
        a, b = i / 2, e + (3 - i) / 2
        mean_[i, i] = special.beta(a, b + 0.5) / special.beta(a, b)
        if e >= 1:
            assert abs(root(lambda t: math.sqrt(1 - t)) - mean_[i, i]) < 1e-7
        variance_[i, i] = 1 - y.mean() - mean_[i, i] ** 2
        variance_[i, :i] = y.mean() / i
    entropies.append(total), means.append(mean_), variances.append(variance_)
torch_row("lkjCholesky", [eta], lambda c: D.LKJCholesky(4, c, validate_args=False), factors, entropy=entropies,
          mean=torch.tensor(np.array(means)), variance=torch.tensor(np.array(variances)))

# Relaxed zeros and ones
unit = T(0.01, 0.4, 0.95)
temperature, logits = T(0.3, 1.0, 2.0), T(-1.0, 0.5, 3.0)
nan = [float("nan")] * 3
torch_row("relaxedBernoulli", [temperature, logits], lambda t, z: D.TransformedDistribution(
    D.relaxed_bernoulli.LogitRelaxedBernoulli(t, logits=z, validate_args=False), [D.SigmoidTransform()], validate_args=False),
    unit, entropy=nan, mean=nan, variance=nan)
torch_row("relaxedBernoulliProbability", [temperature, T(0.2, 0.5, 0.9)], lambda t, p: D.TransformedDistribution(
    D.relaxed_bernoulli.LogitRelaxedBernoulli(t, probs=p, validate_args=False), [D.SigmoidTransform()], validate_args=False),
    unit, entropy=nan, mean=nan, variance=nan)

# Transformed numbers
loc, scale = T(-1.0, 0.0, 2.5), T(0.3, 1.0, 4.5)
shift, factor = T(0.5, -2.0, 1.0), T(2.0, -0.7, 1.5)


def chain(name, parts, values, entropy=nan, mean=nan, variance=nan, positive=False):
    def make(a, b, c, f):
        base = D.Gamma(a.exp(), b) if positive else D.Normal(a, b)
        return D.TransformedDistribution(base, parts(c, f), validate_args=False)
    p = [loc, scale, shift, factor]
    d = make(*p)
    place = torch.full((3,), 0.3, dtype=torch.float64)
    more = {} if positive else dict(cdf=d.cdf(values), quantile=d.icdf(place))
    row(name, p, lambda x, *p: make(*p).log_prob(x) + 0 * sum(t.sum() for t in p), values, entropy=entropy, mean=mean,
        variance=variance, **more)


chain("affine", lambda c, f: [D.AffineTransform(c, f)], T(-2.0, 0.4, 30.0),
      entropy=D.Normal(loc * factor + shift, scale * factor.abs()).entropy(), mean=loc * factor + shift,
      variance=(scale * factor) ** 2)
chain("exp", lambda c, f: [D.ExpTransform(), D.AffineTransform(c, f)], T(0.9, -3.0, 30.0))
chain("sigmoid", lambda c, f: [D.AffineTransform(c, f), D.SigmoidTransform()], T(0.02, 0.4, 0.95))
chain("tanh", lambda c, f: [D.TanhTransform(), D.AffineTransform(c, f)], T(-0.9, -1.5, 0.3))
chain("softplus", lambda c, f: [D.SoftplusTransform(), D.AffineTransform(c, f)], T(1.1, -2.5, 20.0))
chain("power", lambda c, f: [D.ExpTransform(), D.PowerTransform(f)], T(0.3, 1.5, 9.0))
chain("logit", lambda c, f: [D.SigmoidTransform(), D.SigmoidTransform().inv, D.AffineTransform(c, f)], T(-3.0, 0.4, 9.0))
chain("gammaPower", lambda c, f: [D.PowerTransform(f)], T(0.3, 1.5, 9.0), positive=True)


def vectors(name, parts, values):
    make = lambda a, b: D.TransformedDistribution(D.Normal(a, b), parts, validate_args=False)
    row(name, [loc, scale], lambda x, *p: make(*p).log_prob(x), values, entropy=[float("nan")],
        mean=[float("nan")] * values.numel(), variance=[float("nan")] * values.numel())


vectors("stickBreaking", [D.StickBreakingTransform()], T(0.1, 0.2, 0.3, 0.4))
vectors("correlationCholesky", [D.CorrCholeskyTransform()], factors[0, :3, :3])

text = "// Written by Tables/further.py.\n\nlet furtherRows: [DistributionRow] = [\n" + "\n".join(rows) + "\n]\n"
pathlib.Path(__file__).parent.parent.joinpath("FurtherTables.swift").write_text(text)
