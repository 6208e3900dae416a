"""Eigenvalues of general matrices, reflections, symmetric indefinite factors, low ranks and inverses from factors."""
import torch
from cases import Family

family = Family("decompositions", seed=37)
swapped = {"permute": [1, 0]}
batched = {"permute": [0, 2, 1]}


def randn(*shape):
    return family.randn(*shape or [1]).reshape(shape)


def every(rows, columns):
    return {"slice": [[0, rows, 2], [0, columns, 1]]}


def well(n, *batch):
    """Matrices far from singular."""
    return randn(*batch, n, n) * 0.4 + torch.eye(n, dtype=torch.float64) * 2


def add(name, op, function, inputs, attributes=None, **more):
    more.setdefault("single", not any(word in name for word in ["mpty", "batch", "permuted", "sliced", "olumn", "none", "noI", "fewer", "noR"]))
    family.add(f"{op}/{name}", op, function, inputs, attributes, **more)


# Eigenvalues: real ones, pairs, and both; in an order that does not depend on the algorithm.
def spread(n, *batch):
    """Matrices whose eigenvalues are well apart, some of them complex."""
    x = randn(*batch, n, n) * 0.3 + torch.diag(torch.arange(n, dtype=torch.float64) * 1.5)
    for i in range(0, n - 1, 3):
        x[..., i, i + 1] += 2
        x[..., i + 1, i] -= 2
    return x


def order(w):
    return (w.real.detach() + 0.37 * w.imag.detach()).argsort(-1)


def eigvals(x):
    w = torch.linalg.eigvals(x)
    w = w.gather(-1, order(w))
    return w.real, w.imag


def eig(x):
    w, v = torch.linalg.eig(x)
    at = order(w)
    power = v.real.square() + v.imag.square()
    w = w.gather(-1, at)
    return w.real, w.imag, power.gather(-1, at.unsqueeze(-2).expand(power.shape))


for op, function in [("eigvals", eigvals), ("eig", eig)]:
    for name, x in [("one", randn(1, 1)), ("pair", torch.tensor([[1.0, -2.0], [3.0, 0.5]], dtype=torch.float64)),
                    ("real", torch.tensor([[1.0, 2, 0], [0, 4, 1], [0.5, 0, -3]], dtype=torch.float64)),
                    ("five", spread(5)), ("batch", spread(3, 2)), ("batches", spread(2, 1, 2))]:
        add(name, op, function, [x], relative=1e-9, absolute=1e-10, relative32=1e-3, absolute32=1e-3)
    add("permuted", op, function, [spread(4)], views=[swapped], relative=1e-9, absolute=1e-10, single=False)
    add("sliced", op, function, [spread(3).repeat_interleave(2, 0)], views=[every(6, 3)], single=False, relative=1e-9,
        absolute=1e-10)
    add("empty", op, function, [randn(0, 0)], single=False)
    add("emptyBatch", op, function, [randn(0, 3, 3)], single=False)
    add("emptyMatrices", op, function, [randn(2, 0, 0)], single=False)

# Reflections.
for name, shape, k in [("square", (4, 4), 4), ("tall", (5, 3), 3), ("fewer", (5, 4), 2), ("none", (4, 3), 0),
                       ("one", (1, 1), 1), ("batch", (2, 4, 3), 3), ("batches", (2, 1, 3, 2), 2), ("empty", (0, 0), 0),
                       ("emptyBatch", (0, 3, 2), 2)]:
    factors = randn(*shape[:-2], k) * 0.5 + 0.5
    add(name, "householder_product", torch.linalg.householder_product, [randn(*shape), factors])
add("permuted", "householder_product", torch.linalg.householder_product, [randn(3, 5), randn(3)], views=[swapped, None])


def qr_parts(*shape):
    a, tau = torch.geqrf(randn(*shape))
    return a, tau


add("ofFactorization", "householder_product", torch.linalg.householder_product, [*qr_parts(6, 4)])


def ormqr(a, tau, c, left=True, transpose=False):
    """torch.ormqr, whose second derivative PyTorch lacks: by reflections."""
    k, m = tau.shape[-1], a.shape[-2]
    q = torch.eye(m, dtype=a.dtype)
    for i in range(k):
        v = torch.cat([torch.zeros(i, dtype=a.dtype).expand(*a.shape[:-2], i),
                       torch.ones(1, dtype=a.dtype).expand(*a.shape[:-2], 1), a[..., i + 1:, i]], -1)
        h = torch.eye(m, dtype=a.dtype) - tau[..., i, None, None] * v[..., :, None] * v[..., None, :]
        q = q @ h
    if transpose:
        q = q.mT
    result = q @ c if left else c @ q
    if a.numel() and c.numel():
        torch.testing.assert_close(result.detach(),
                                   torch.ormqr(a.detach(), tau.detach(), c.detach(), left, transpose))
    return result


for left in [True, False]:
    for transpose in [True, False]:
        options = {"left": left, "transpose": transpose}
        name = f"{'left' if left else 'right'}{'Transposed' if transpose else ''}"
        for kind, shape, k, extent in [("square", (4, 4), 4, 3), ("tall", (5, 2), 2, 3), ("wide", (2, 4), 2, 2),
                                       ("batch", (2, 4, 3), 3, 2)]:
            c = (shape[-2], extent) if left else (extent, shape[-2])
            add(f"{name}/{kind}", "ormqr", ormqr, [randn(*shape), randn(*shape[:-2], k), randn(*shape[:-2], *c)], options,
                single=kind == "tall")
add("none", "ormqr", ormqr, [randn(3, 0), randn(0), randn(3, 2)])
add("permuted", "ormqr", ormqr, [randn(3, 5), randn(3), randn(2, 5)], views=[swapped, None, swapped])

for name, shape in [("square", (4, 4)), ("tall", (5, 3)), ("wide", (3, 5)), ("one", (1, 1)), ("column", (4, 1)),
                    ("batch", (2, 3, 4)), ("empty", (0, 0)), ("noColumns", (4, 0)), ("noRows", (0, 3)),
                    ("emptyBatch", (0, 3, 2))]:
    add(name, "geqrf", torch.geqrf, [randn(*shape)], cotangents=False)
add("permuted", "geqrf", torch.geqrf, [randn(3, 5)], views=[swapped], cotangents=False)

# Symmetric matrices that are not definite.
def symmetric(n, *batch):
    x = randn(*batch, n, n)
    return x + x.mT


for name, x in [("two", torch.tensor([[0.0, 1.0], [1.0, 0.0]], dtype=torch.float64)), ("five", symmetric(5)),
                ("nine", symmetric(9)), ("one", randn(1, 1)), ("batch", symmetric(4, 3)), ("empty", randn(0, 0)),
                ("emptyBatch", randn(0, 2, 2)), ("lowerOnly", randn(4, 4))]:
    add(name, "ldl_factor", torch.linalg.ldl_factor, [x], cotangents=False)
add("sliced", "ldl_factor", torch.linalg.ldl_factor, [symmetric(4).repeat_interleave(2, 0)], views=[every(8, 4)],
    cotangents=False)


def ldl_solve(ld, pivots, b):
    """torch.linalg.ldl_solve, which has no derivative in PyTorch: by the inverse of what the factors are those of."""
    if b.numel() == 0:
        return b * 1
    n = ld.shape[-1]
    identity = torch.eye(n, dtype=ld.dtype).expand(*ld.shape[:-2], n, n)
    result = torch.linalg.ldl_solve(ld.detach(), pivots, identity.clone()) @ b
    torch.testing.assert_close(result.detach(), torch.linalg.ldl_solve(
        ld.detach(), pivots, b.detach().expand(result.shape).clone()))
    return result


for name, shape, sides in [("five", (5,), (5, 3)), ("vector", (4,), (4, 1)), ("batch", (3, 2), (2, 3, 2)),
                           ("broadcastSides", (3, 2), (3, 4)), ("broadcastFactors", (3,), (2, 3, 1)),
                           ("noColumns", (3,), (3, 0))]:
    ld, pivots = torch.linalg.ldl_factor(symmetric(*shape))
    add(name, "ldl_solve", ldl_solve, [ld, pivots, randn(*sides)], gradients=[False, False, True])
ld, pivots = torch.linalg.ldl_factor(torch.tensor([[0.0, 1, 2], [1, 0, 3], [2, 3, 0]], dtype=torch.float64))
add("blocks", "ldl_solve", ldl_solve, [ld, pivots, randn(3, 2)], gradients=[False, False, True])
add("permuted", "ldl_solve", ldl_solve, [ld, pivots, randn(2, 3)], views=[None, None, swapped],
    gradients=[False, False, True])

# LU factors, put apart.
def lu(x):
    return torch.linalg.lu(x)


for name, shape in [("square", (4, 4)), ("tall", (5, 3)), ("wide", (3, 5)), ("one", (1, 1)), ("batch", (2, 3, 3)),
                    ("emptyBatch", (0, 3, 4))]:
    x = well(shape[-1], *shape[:-2]) if shape[-1] == shape[-2] else randn(*shape)
    add(name, "lu", lu, [x], single=name != "batch")
    factors, pivots = torch.linalg.lu_factor(x)
    add(name, "lu_unpack", torch.lu_unpack, [factors, pivots], single=False)

def unpivoted(x, pivot=False):
    """torch.linalg.lu(pivot=False), which PyTorch has on GPUs alone: by elimination."""
    m, n = x.shape[-2:]
    upper, lower = x, []
    for j in range(min(m, n)):
        factors = (upper[..., :, j] / upper[..., j, j].unsqueeze(-1)) * (torch.arange(m) > j)
        lower.append(factors + (torch.arange(m) == j))
        upper = upper - factors.unsqueeze(-1) * upper[..., j, :].unsqueeze(-2)
    identity = torch.eye(m, dtype=x.dtype).expand(*x.shape[:-2], m, m)
    return identity.clone(), torch.stack(lower, -1), upper[..., :min(m, n), :].triu()


for name, x in [("square", well(4)), ("tall", torch.cat([well(3), randn(2, 3)])),
                ("wide", torch.cat([well(3), randn(3, 2)], 1)), ("one", well(1)), ("batch", well(3, 2))]:
    add(f"unpivoted/{name}", "lu", unpivoted, [x], {"pivot": False}, single=name in ["square", "tall"])
add("unpivoted/permuted", "lu", unpivoted, [torch.cat([well(3), randn(2, 3)])], {"pivot": False}, views=[swapped])

# Low ranks: of matrices a·bᵀ of rank q, whose decompositions do not depend on what is drawn.
def svd_lowrank(a, b, M=None, q=6, niter=2):
    torch.manual_seed(3)
    u, s, v = torch.svd_lowrank(a @ b.mT, q, niter, M)
    return s, u.abs(), v.mT.abs(), (u * s.unsqueeze(-2)) @ v.mT


def pca_lowrank(a, b, q=None, center=True):
    torch.manual_seed(3)
    u, s, v = torch.pca_lowrank(a @ b.mT, q, center)
    return s, (u * s.unsqueeze(-2)) @ v.mT


loose = dict(relative=1e-8, absolute=1e-9, relative32=1e-3, absolute32=1e-3)
for m, n in [(3, 3), (3, 5), (6, 4)]:
    for batch in [(), (2,)]:
        name = f"{m}x{n}{'/batch' if batch else ''}"
        a, b = randn(*batch, m, 2), randn(*batch, n, 2)
        add(name, "svd_lowrank", svd_lowrank, [a, b], {"q": 2}, **loose)
        full = randn(*batch, m, n)
        add(f"{name}/mean", "svd_lowrank", lambda a, b, M, q: svd_lowrank(a, b, M, q), [a, b, full],
            {"q": min(m, n)}, **loose)
        add(name, "pca_lowrank", pca_lowrank, [a, b], {"q": 2, "center": False}, **loose)
        add(f"{name}/centered", "pca_lowrank", pca_lowrank, [a, b], {"q": 2, "center": True}, **loose)
add("noIterations", "svd_lowrank", svd_lowrank, [randn(5, 2), randn(4, 2)], {"q": 2, "niter": 0}, **loose)


# Inverses from factors: only one triangle is read.
def cholesky_inverse(x, upper=False):
    x = x.triu() if upper else x.tril()
    if x.numel():
        torch.testing.assert_close(torch.cholesky_inverse(x.detach(), upper), (
            x.mT @ x if upper else x @ x.mT).detach().inverse())
    return torch.cholesky_inverse(x, upper)


for upper in [False, True]:
    kind = "upper" if upper else "lower"
    for name, x in [("four", well(4)), ("one", well(1)), ("batch", well(3, 2)), ("batches", well(2, 1, 2)),
                    ("empty", randn(0, 0)), ("emptyBatch", randn(0, 2, 2))]:
        add(f"{name}/{kind}", "cholesky_inverse", cholesky_inverse, [x], {"upper": upper})
    add(f"permuted/{kind}", "cholesky_inverse", cholesky_inverse, [well(3)], {"upper": upper}, views=[swapped])
    add(f"sliced/{kind}", "cholesky_inverse", cholesky_inverse, [well(3).repeat_interleave(2, 0)[:5]], {"upper": upper},
        views=[every(5, 3)])

add("vectors", "vdot", torch.vdot, [randn(5), randn(5)])
add("empty", "vdot", torch.vdot, [randn(0), randn(0)])
add("sliced", "vdot", torch.vdot, [randn(9), randn(5)], views=[{"slice": [[0, 9, 2]]}, None])


# The pseudo-inverse and the rank: of symmetric matrices, and with tolerances for each matrix.
def rank_of(rank, n, *batch):
    x = randn(*batch, n, rank)
    signs = torch.tensor([1.0, -1.0] * n, dtype=torch.float64)[:rank]
    return (x * signs) @ x.mT


def pinv(a, atol=None, rtol=None, hermitian=False):
    if hermitian:
        a = (a + a.mT) * 0.5
    return torch.linalg.pinv(a, atol=atol, rtol=rtol, hermitian=hermitian)


def matrix_rank(a, atol=None, rtol=None, hermitian=False):
    return torch.linalg.matrix_rank(a, atol=atol, rtol=rtol, hermitian=hermitian)


for name, x in [("four", well(4) + well(4).mT), ("indefinite", rank_of(4, 4)), ("batch", rank_of(3, 3, 2)),
                ("empty", randn(0, 0)), ("emptyBatch", randn(0, 3, 3)), ("emptyMatrices", randn(2, 0, 0))]:
    add(f"hermitian/{name}", "pinv", pinv, [x], {"hermitian": True}, single=False, relative=1e-9, absolute=1e-10)
    add(f"hermitian/{name}", "matrix_rank", matrix_rank, [x], {"hermitian": True}, single=False)
add("hermitian/singular", "matrix_rank", matrix_rank, [rank_of(2, 5)], {"hermitian": True}, single=False)
add("hermitian/singular", "pinv", pinv, [rank_of(2, 5)], {"hermitian": True}, cotangents=False,
    single=False)
for options in [{"rtol": 1.0}, {"atol": 1.0}, {"atol": 0.5, "rtol": 0.3}]:
    kind = "And".join(options)
    add(f"hermitian/{kind}", "matrix_rank", matrix_rank, [rank_of(3, 4, 2)], {"hermitian": True, **options})
    add(f"hermitian/{kind}", "pinv", pinv, [rank_of(3, 4, 2)], {"hermitian": True, **options}, cotangents=False)
diagonal = torch.diag_embed(torch.tensor([[4.0, 2, 1], [4, 2, 1]], dtype=torch.float64)) + randn(2, 3, 3) * 0.01
for name, atol, rtol in [("rtol", None, torch.tensor([0.3, 0.1])), ("rtolOfAll", None, torch.tensor(0.3)),
                         ("atol", torch.tensor([1.5, 0.0]), None),
                         ("both", torch.tensor([0.1, 1.5]), torch.tensor([0.3, 0.1]))]:
    atol, rtol = [t if t is None else t.double() for t in (atol, rtol)]
    none = [True, False, False]
    add(f"tensors/{name}", "matrix_rank", lambda a, t, r: matrix_rank(a, t, r), [diagonal, atol, rtol], gradients=none)
    add(f"tensors/{name}", "pinv", lambda a, t, r: pinv(a, t, r), [diagonal, atol, rtol], gradients=none, second=False)

family.write()
