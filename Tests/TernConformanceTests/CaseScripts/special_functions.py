"""Cases of the family special_functions: gamma and error functions, the normal distribution, Bessel functions, terms of
entropies."""
import scipy.special
import torch
from cases import Family

f = Family("special_functions", seed=11)
inf, nan = float("inf"), float("nan")
T = lambda *v: torch.tensor(v, dtype=torch.float64)
S = torch.special


class Polygamma(torch.autograd.Function):
    """PyTorch's polygamma, but for the trigamma function, which is off by 5e-10 there: it is the zeta function of 2."""

    @staticmethod
    def forward(ctx, x, n):
        ctx.save_for_backward(x)
        ctx.n = n
        return S.zeta(torch.full_like(x, 2), x) if n == 1 else torch.polygamma(n, x)

    @staticmethod
    def backward(ctx, gradient):
        return gradient * Polygamma.apply(ctx.saved_tensors[0], ctx.n + 1), None


class LogGamma(torch.autograd.Function):
    """PyTorch's lgamma with those derivatives."""

    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return torch.lgamma(x)

    @staticmethod
    def backward(ctx, gradient):
        return gradient * Polygamma.apply(ctx.saved_tensors[0], 0)


def multivariate(x, p):
    constant = torch.mvlgamma(torch.tensor(50.0, dtype=torch.float64), p) - sum(
        torch.lgamma(torch.tensor(50 - j / 2, dtype=torch.float64)) for j in range(p))
    return sum(LogGamma.apply(x - j / 2) for j in range(p)) + constant


def shifted(low, high):
    """Random tensors with elements between two numbers, in several layouts."""
    scale = lambda x: x * (high - low) + low
    yield "plain", scale(f.rand(3, 4)), None
    yield "permuted", scale(f.rand(2, 3, 4)), {"permute": [2, 0, 1]}
    yield "sliced", scale(f.rand(6, 5)), {"slice": [[1, 6, 2], [0, 5, 3]]}
    yield "scalar", scale(f.rand(1)).reshape(()), None
    yield "empty", torch.zeros(0, 3, dtype=torch.float64), None


def unary(op, function, low, high, edges, attributes=None, name=None, second=True):
    for layout, x, view in shifted(low, high):
        f.add(f"{name or op}/{layout}", op, function, [x], attributes, views=[view], second=second and x.numel() > 0)
    if edges is not None:
        f.add(f"{name or op}/edges", op, function, [T(*edges)], attributes, nonfinite=True, cotangents=False)


unary("exp2", torch.exp2, -5, 5, [0, -0.0, inf, -inf, nan, 2000, -2000, 10])
unary("lgamma", LogGamma.apply, 0.1, 6, [0, -1, -2, inf, nan, 1, 2, 1e200, 1e-200])
unary("lgamma", LogGamma.apply, -2.9, -2.1, None, name="lgamma/negative")
unary("digamma", lambda x: Polygamma.apply(x, 0), 0.1, 12, [0, -0.0, -1, -7, inf, nan, 1, 1e200])
unary("digamma", lambda x: Polygamma.apply(x, 0), -3.9, -3.1, None, name="digamma/negative")
for n in [0, 1, 2, 4]:
    unary("polygamma", lambda x, n: Polygamma.apply(x, n), 0.2, 8, [1, 2, 10, 100, nan], {"n": n}, name=f"polygamma/{n}")
for p in [1, 3, 5]:
    unary("mvlgamma", multivariate, 2.5, 8, [3, 20, 1e5, inf, nan], {"p": p}, name=f"mvlgamma/{p}")
unary("erfinv", torch.erfinv, -0.99, 0.99, [0, 1, -1, 1.5, -2, nan, 1 - 1e-12, 1e-12])
unary("erfcx", S.erfcx, -2, 6, [0, 30, -30, inf, -inf, nan, 1e10, 100])
unary("ndtr", S.ndtr, -4, 4, [0, -20, 20, inf, -inf, nan])
unary("ndtri", S.ndtri, 0.01, 0.99, [0, 1, 0.5, -1, 2, nan, 1e-100, 0.9999])
unary("log_ndtr", S.log_ndtr, -6, 4, [0, -30, 20, inf, -inf, nan, -1e4])
unary("sinc", torch.sinc, -4, 4, [0, 0.5, 1e-8, nan])
unary("logit", torch.logit, 0.02, 0.98, [0, 1, 0.5, -1, 2, nan])
unary("logit", torch.logit, -0.2, 1.2, [0, 1, 0.5, -1, 2, nan], {"eps": 0.1}, name="logit/eps")
unary("logit", torch.logit, 0.02, 0.98, [0, 1, 0.5], {"eps": 0.0}, name="logit/zero")
unary("entr", S.entr, 0.05, 3, [0, 1, -1, inf, -inf, nan])
for name, function in [("i0", torch.i0), ("i0e", S.i0e), ("i1", S.i1), ("i1e", S.i1e)]:
    unary(name, function, 0.5, 7, [0, 8, 20, -20, 500, nan])
    unary(name, function, -30, -9, None, name=f"{name}/tail")
f.add("sinc/zero", "sinc", torch.sinc, [T(0, 0.25, -0.75)], second=False)
f.add("logit/outside", "logit", torch.logit, [T(-1, 0.3, 2)], nonfinite=True, second=False)
f.add("erfinv/near", "erfinv", torch.erfinv, [T(0, 0.999, -0.9999, 1e-9)], second=False)


def pairs(op, function, first, second, gradients=None, again=True):
    between = lambda bounds, *shape: (f.rand(*shape) if shape else f.rand(1).reshape(())) * (bounds[1] - bounds[0]) + bounds[0]
    for layout, shapes, views in [
            ("plain", [(3, 4), (3, 4)], [None, None]), ("broadcast", [(3, 1, 4), (2, 1)], [None, None]),
            ("permuted", [(4, 3), (3, 4)], [{"permute": [1, 0]}, None]),
            ("sliced", [(6, 4), (3, 8)], [{"slice": [[0, 6, 2], [0, 4, 1]]}, {"slice": [[0, 3, 1], [1, 8, 2]]}]),
            ("scalar", [(), (2, 3)], [None, None])]:
        f.add(f"{op}/{layout}", op, function, [between(first, *shapes[0]), between(second, *shapes[1])], views=views,
              gradients=gradients, second=again)
    f.add(f"{op}/empty", op, function, [between(first, 0, 3), between(second, 3)], gradients=gradients, second=False)


pairs("xlogy", torch.xlogy, (-2, 2), (0.1, 4))
pairs("xlog1py", S.xlog1py, (-2, 2), (-0.9, 4))
pairs("logaddexp2", torch.logaddexp2, (-3, 3), (-3, 3))
pairs("zeta", S.zeta, (1.5, 6), (0.3, 9), gradients=[False, True], again=False)
class IncompleteGamma(torch.autograd.Function):
    """PyTorch's igamma and igammac, with second derivatives that do not need the trigamma function."""

    @staticmethod
    def forward(ctx, a, x, upper):
        ctx.save_for_backward(a, x)
        ctx.upper = upper
        return torch.igammac(a, x) if upper else torch.igamma(a, x)

    @staticmethod
    def backward(ctx, gradient):
        a, x = ctx.saved_tensors
        slope = gradient * torch.exp((a - 1) * torch.log(x) - x - LogGamma.apply(a))
        return None, (-slope if ctx.upper else slope).sum_to_size(x.shape), None


for name, upper in [("igamma", False), ("igammac", True)]:
    function = lambda a, x, upper=upper: IncompleteGamma.apply(a, x, upper)
    pairs(name, function, (0.3, 9), (0.1, 12), gradients=[False, True])
    plain = torch.igammac if upper else torch.igamma
    f.add(f"{name}/edges", name, plain, [T(0, 0, -1, 1, inf, inf, 2, nan, 1, 3), T(0, 1, 1, -1, 2, inf, inf, 1, 0, 700)],
          nonfinite=True, cotangents=False)
    # PyTorch's are off by 1e-9 for a from 64 on; scipy's are not.
    exact = lambda a, x, g=scipy.special.gammaincc if upper else scipy.special.gammainc: torch.as_tensor(g(a, x))
    f.add(f"{name}/large", name, exact, [T(300, 300, 1e4, 1e4, 64, 0.01, 1e-3), T(280, 330, 9990, 10100, 70, 1e-5, 3)],
          cotangents=False)
edges = lambda *v: dict(nonfinite=True, cotangents=False)
f.add("xlogy/edges", "xlogy", torch.xlogy, [T(0, 0, 0, 0, 1, 1, nan, 2, inf), T(0, -1, nan, inf, 0, -1, 2, inf, 2)], **edges())
f.add("xlog1py/edges", "xlog1py", S.xlog1py,
      [T(0, 0, 0, 0, 1, 1, nan, 2, inf), T(-1, -2, nan, inf, -1, -2, 2, inf, 2)], **edges())
f.add("xlogy/zero", "xlogy", torch.xlogy, [T(0, 0, 1), T(2, 0.5, 3)], second=False)
f.add("xlogy/number", "xlogy", lambda x, other: torch.xlogy(x, other), [f.randn(4)], {"other": 2.5})
f.add("logaddexp2/edges", "logaddexp2", torch.logaddexp2,
      [T(inf, -inf, inf, -inf, nan, 1), T(inf, -inf, -inf, 3, 1, 2000)], **edges())
f.add("zeta/edges", "zeta", S.zeta, [T(1, 0.5, 2, 3, 2.5, 2, nan, 30), T(2, 2, 0, -3, -0.5, -2.5, 1, 100)], **edges())
f.write()
