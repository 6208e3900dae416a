"""Products of vectors, differences and integrals, covariances, distances, and linear algebra beyond the common."""
import torch
from cases import Family

family = Family("algebra", seed=31)
rand = family.rand
swapped = {"permute": [1, 0]}


def randn(*shape):
    return family.randn(*shape or [1]).reshape(shape)


def well(n, *batch):
    """Matrices far from singular."""
    return randn(*batch, n, n) * 0.4 + torch.eye(n, dtype=torch.float64) * 2


def add(name, op, function, inputs, attributes=None, **more):
    family.add(f"{op}/{name}", op, function, inputs, attributes, **more)


# Products of vectors.
def cross(a, b, dim=-1):
    return torch.linalg.cross(a, b, dim=dim)


add("vectors", "cross", cross, [randn(3), randn(3)])
add("rows", "cross", cross, [randn(5, 3), randn(5, 3)])
add("first", "cross", cross, [randn(3, 4), randn(3, 4)], {"dim": 0})
add("middle", "cross", cross, [randn(5, 3, 2), randn(5, 3, 2)], {"dim": 1})
add("broadcast", "cross", cross, [randn(1, 3), randn(5, 3)], {"dim": -1})
add("views", "cross", cross, [randn(3, 4), randn(4, 3)], views=[swapped, None])
add("empty", "cross", cross, [randn(0, 3), randn(0, 3)])
add("integers", "cross", cross, [torch.arange(6).reshape(2, 3), torch.tensor([[3, -1, 2], [0, 5, 1]])])

def vecdot(a, b, dim=-1):
    return torch.linalg.vecdot(a, b, dim=dim)


add("vectors", "vecdot", vecdot, [randn(5), randn(5)])
add("first", "vecdot", vecdot, [randn(5, 3), randn(5, 3)], {"dim": 0})
add("broadcast", "vecdot", vecdot, [randn(4, 1, 3), randn(5, 3)])
add("empty", "vecdot", vecdot, [randn(3, 0), randn(3, 0)])
add("views", "vecdot", vecdot, [randn(3, 4), randn(4, 3)], views=[swapped, None])

add("vectors", "inner", torch.inner, [randn(5), randn(5)])
add("scalar", "inner", torch.inner, [randn(), randn(3, 2)])
add("matrices", "inner", torch.inner, [randn(3, 4), randn(2, 4)])
add("batches", "inner", torch.inner, [randn(2, 3, 4), randn(5, 4)])
add("integers", "inner", torch.inner, [torch.arange(6).reshape(2, 3), torch.arange(3)])
add("views", "inner", torch.inner, [randn(4, 3), randn(2, 4)], views=[swapped, None])

for name, shape in [("full", [5]), ("one", [1]), ("scalar", [])]:
    for beta, alpha in [(1, 1), (0.2, 0.6), (0, 2)]:
        add(f"{name}/{beta}", "addmv", torch.addmv, [randn(*shape), randn(5, 4), randn(4)],
            {"beta": beta, "alpha": alpha})
add("nothing", "addmv", torch.addmv, [randn(3), randn(3, 0), randn(0)])
for name, shape in [("full", [3, 4]), ("row", [4]), ("scalar", [])]:
    for beta, alpha in [(1, 1), (0.6, 0.2), (0, 2)]:
        add(f"{name}/{beta}", "addr", torch.addr, [randn(*shape), randn(3), randn(4)], {"beta": beta, "alpha": alpha})
        add(f"{name}/{beta}", "addbmm", torch.addbmm, [randn(*shape), randn(2, 3, 5), randn(2, 5, 4)],
            {"beta": beta, "alpha": alpha})
add("views", "addbmm", torch.addbmm, [randn(4, 3), randn(5, 2, 3), randn(2, 5, 4)],
    views=[swapped, {"permute": [1, 2, 0]}, None])

add("two", "multi_dot", lambda *m: torch.linalg.multi_dot(m), [randn(2, 3), randn(3, 4)])
add("three", "multi_dot", lambda *m: torch.linalg.multi_dot(m), [randn(2, 3), randn(3, 4), randn(4, 2)])
add("five", "multi_dot", lambda *m: torch.linalg.multi_dot(m),
    [randn(2, 4), randn(4, 3), randn(3, 5), randn(5, 3), randn(3, 2)])
add("vectors", "multi_dot", lambda *m: torch.linalg.multi_dot(m), [randn(3), randn(3, 4), randn(4)])
add("nothing", "multi_dot", lambda *m: torch.linalg.multi_dot(m), [randn(3, 4), randn(4, 0), randn(0, 2)])
add("two", "chain_matmul", torch.chain_matmul, [randn(2, 3), randn(3, 4)])
add("four", "chain_matmul", torch.chain_matmul, [randn(2, 3), randn(3, 6), randn(6, 1), randn(1, 4)])


def vander(x, N=None):
    """torch.linalg.vander, whose second derivative PyTorch lacks."""
    x = x.reshape(1) if x.dim() == 0 else x
    powers = [torch.ones_like(x)]
    while len(powers) < (N or x.shape[-1]):
        powers.append(powers[-1] * x)
    result = torch.stack(powers, -1)
    assert torch.equal(result, torch.linalg.vander(x, N=N)) or torch.allclose(result, torch.linalg.vander(x, N=N))
    return result


add("standard", "vander", vander, [randn(4)])
add("fewer", "vander", vander, [randn(2, 5)], {"N": 3})
add("more", "vander", vander, [randn(3)], {"N": 5})
add("zero", "vander", vander, [torch.tensor([0.0, 1.0, -2.0], dtype=torch.float64)], {"N": 4})
add("scalar", "vander", vander, [randn()], {"N": 2})
add("integers", "vander", vander, [torch.tensor([3, -2, 0])], {"N": 4})
add("descending", "vander", lambda x, N, descending: vander(x, N).flip(-1), [randn(4)], {"N": 3, "descending": True})

add("square", "trace", torch.trace, [randn(4, 4)])
add("wide", "trace", torch.trace, [randn(3, 5)])
add("view", "trace", torch.trace, [randn(3, 5)], views=[swapped])
add("integers", "trace", torch.trace, [torch.arange(12).reshape(3, 4)])
add("empty", "trace", torch.trace, [randn(0, 3)])


# Differences and integrals.
def diff(x, before=None, after=None, n=1, dim=-1):
    return torch.diff(x, n, dim, before, after)


for n in range(5):
    add(f"order/{n}", "diff", diff, [randn(5)], {"n": n})
    add(f"first/{n}", "diff", diff, [randn(4, 3), randn(1, 3), randn(2, 3)], {"n": n, "dim": 0})
add("beyond", "diff", diff, [randn(5, 1)], {"n": 4, "dim": 1})
add("before", "diff", diff, [randn(3, 4), randn(3, 2)])
add("after", "diff", diff, [randn(3, 4), None, randn(3, 1)], {"n": 2})
add("view", "diff", diff, [randn(3, 4)], {"dim": 1}, views=[swapped])
add("integers", "diff", diff, [torch.tensor([3, 1, 4, 1, 5])], {"n": 2})
add("bool", "diff", diff, [torch.tensor([True, False, False, True, True])])
infinity = torch.tensor([1.0, float("inf"), float("inf"), float("nan"), 2.0], dtype=torch.float64)
add("infinite", "diff", diff, [infinity], nonfinite=True, cotangents=False)


def gradient(x, *places, spacing=None, dim=None, edge_order=1):
    spacing = list(places) if places else (spacing if spacing is not None else 1.0)
    if isinstance(spacing, list) and len(spacing) == 1 and not places:
        spacing = spacing[0]
    axes = {} if dim is None else {"dim": dim}
    return torch.gradient(x, spacing=spacing, edge_order=edge_order, **axes)


for edge in [1, 2]:
    add(f"vector/{edge}", "gradient", gradient, [randn(5)], {"edge_order": edge})
    add(f"spacing/{edge}", "gradient", gradient, [randn(5)], {"spacing": [2.0], "edge_order": edge})
    add(f"all/{edge}", "gradient", gradient, [randn(4, 5)], {"spacing": [2.0, 0.3], "edge_order": edge})
    add(f"some/{edge}", "gradient", gradient, [randn(4, 3, 4)],
        {"spacing": [2.0, 1.5], "dim": [0, -1], "edge_order": edge})
    add(f"places/{edge}", "gradient", gradient, [randn(4, 3), rand(4).cumsum(0), rand(3).cumsum(0)],
        {"edge_order": edge})
    add(f"placesOfSome/{edge}", "gradient", gradient, [randn(3, 4, 5), rand(5).cumsum(0)],
        {"dim": [2], "edge_order": edge})
    add(f"least/{edge}", "gradient", gradient, [randn(edge + 1)], {"edge_order": edge})
    add(f"view/{edge}", "gradient", gradient, [randn(4, 5)], {"edge_order": edge}, views=[swapped])


def trapezoid(y, x=None, dx=1.0, dim=-1):
    return torch.trapezoid(y, dx=dx, dim=dim) if x is None else torch.trapezoid(y, x, dim=dim)


def cumulative(y, x=None, dx=1.0, dim=-1):
    if x is None:
        return torch.cumulative_trapezoid(y, dx=dx, dim=dim)
    return torch.cumulative_trapezoid(y, x, dim=dim)


for op, function in [("trapezoid", trapezoid), ("cumulative_trapezoid", cumulative)]:
    add("vector", op, function, [randn(6)])
    add("spacing", op, function, [randn(3, 4)], {"dx": 2.5})
    add("first", op, function, [randn(3, 4)], {"dim": 0, "dx": 0.5})
    add("places", op, function, [randn(6), rand(6).cumsum(0)])
    add("placesAlongFirst", op, function, [randn(4, 3), rand(4).cumsum(0)], {"dim": 0})
    add("placesOfAll", op, function, [randn(2, 3), rand(2, 3).cumsum(1)], {"dim": 1})
    add("placesBroadcast", op, function, [randn(2, 3), rand(1, 3).cumsum(1)])
    add("fewerAxes", op, function, [randn(2, 3, 4), rand(3, 4).cumsum(1)], {"dim": -1})
    add("one", op, function, [randn(3, 1)])
    add("view", op, function, [randn(4, 3)], {"dim": 1}, views=[swapped])
add("none", "trapezoid", trapezoid, [randn(3, 0)])


# Covariances.
def cov(x, fweights=None, aweights=None, correction=1):
    return torch.cov(x, correction=correction, fweights=fweights, aweights=aweights)


counts = torch.tensor([1, 3, 0, 2, 1])
for correction in [0, 1]:
    add(f"plain/{correction}", "cov", cov, [randn(3, 5)], {"correction": correction})
    add(f"vector/{correction}", "cov", cov, [randn(5)], {"correction": correction})
    add(f"one/{correction}", "cov", cov, [randn(1, 5)], {"correction": correction})
    add(f"frequencies/{correction}", "cov", cov, [randn(3, 5), counts], {"correction": correction})
    add(f"weights/{correction}", "cov", cov, [randn(3, 5), None, rand(5)], {"correction": correction},
        gradients=[True, False, False])
    add(f"both/{correction}", "cov", cov, [randn(3, 5), counts, rand(5)], {"correction": correction},
        gradients=[True, False, False])
add("view", "cov", cov, [randn(5, 3)], views=[swapped])
add("one observation", "cov", cov, [randn(2, 1)], nonfinite=True, cotangents=False)
add("matrix", "corrcoef", torch.corrcoef, [randn(3, 6)])
add("two", "corrcoef", torch.corrcoef, [randn(2, 3)])
add("scalar", "corrcoef", torch.corrcoef, [randn(6)])
add("view", "corrcoef", torch.corrcoef, [randn(6, 3)], views=[swapped])
add("constant", "corrcoef", torch.corrcoef, [torch.tensor([[1.0, 1, 1], [1, 2, 4]], dtype=torch.float64)],
    nonfinite=True, cotangents=False)


# Distances.
def dist(a, b, p=2.0):
    return torch.dist(a, b, p)


for p in [0.0, 1.0, 2.0, 3.5, float("inf")]:
    add(f"order/{p}", "dist", dist, [randn(3, 4), randn(4)], {"p": p}, cotangents=p > 0)
    add(f"order/{p}", "pdist", lambda x, p: torch.pdist(x, p), [randn(4, 3)], {"p": p}, second=False)
add("scalar", "dist", dist, [randn(2, 3), randn()])
add("equal", "dist", lambda a, b: torch.dist(a, b), [torch.ones(3, dtype=torch.float64)] * 2, second=False)
add("one", "pdist", lambda x: torch.pdist(x), [randn(1, 5)], cotangents=False)
add("view", "pdist", lambda x: torch.pdist(x), [randn(3, 5)], views=[swapped], second=False)
for p, axis, most in [(2.0, 1, 0.5), (2.0, -1, 0.5), (1.0, 2, 3.0), (float("inf"), 2, 0.5), (0.5, 0, 20.0)]:
    add(f"{p}/{axis}", "renorm", lambda x, p, dim, maxnorm: torch.renorm(x, p, dim, maxnorm), [randn(3, 4, 2)],
        {"p": p, "dim": axis, "maxnorm": most})

# Equations.
add("pair", "tensorinv", lambda x, ind: torch.linalg.tensorinv(x, ind), [well(6).reshape(2, 3, 6)], {"ind": 2})
add("triple", "tensorinv", lambda x, ind: torch.linalg.tensorinv(x, ind), [well(6).reshape(6, 3, 2, 1)], {"ind": 1})


def tensorsolve(a, b, dims=None):
    return torch.linalg.tensorsolve(a, b, dims=dims)


add("plain", "tensorsolve", tensorsolve, [well(6).reshape(2, 3, 6), randn(2, 3)])
moved = well(12).reshape(3, 4, 4, 3)
add("moved", "tensorsolve", tensorsolve, [moved.permute(2, 0, 3, 1).contiguous(), randn(3, 4)], {"dims": [0, 2]})

if __name__ == "__main__":
    family.write()
