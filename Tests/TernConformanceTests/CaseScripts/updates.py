"""Interpolation, sums with products, clamping to tensors, updates by index and mask, masked reductions: Vocabulary/updates."""
import torch
from cases import Family

F = Family("updates")
nan, inf = float("nan"), float("inf")
T = lambda *a: torch.tensor(a, dtype=torch.float64)
I = lambda *a: torch.tensor(a)
some = lambda *shape: torch.randint(-2, 3, shape, generator=F.generator).double()

shapes = [([3, 4], [3, 4], [3, 4]), ([3, 1], [4], [2, 3, 1]), ([], [3], [2, 1]), ([0, 3], [3], [1]), ([5], [5], [])]
for k, (a, b, c) in enumerate(shapes):
    x, y, w = (make(*(shape or [1])).reshape(shape) for make, shape in [(F.randn, a), (F.randn, b), (F.rand, c)])
    F.add(f"lerp/{k}", "lerp", torch.lerp, [x, y, w])
    F.add(f"addcmul/{k}", "addcmul", lambda x, y, z, value: torch.addcmul(x, y, z, value=value), [x, y, w],
          {"value": [1, -0.5, 3][k % 3]})
    F.add(f"addcdiv/{k}", "addcdiv", lambda x, y, z, value: torch.addcdiv(x, y, z, value=value), [x, y, w + 0.5],
          {"value": [1, -0.5, 3][k % 3]})
view = [{"permute": [1, 0]}, None, {"slice": [[0, 8, 2], [0, 3, 1]]}]
F.add("lerp/view", "lerp", torch.lerp, [F.randn(3, 4), F.randn(4, 3), F.rand(8, 3)], views=view)
F.add("addcmul/view", "addcmul", lambda x, y, z: torch.addcmul(x, y, z), [F.randn(3, 4), F.randn(4, 3), F.rand(8, 3)],
      views=view)
F.add("lerp/ends", "lerp", torch.lerp, [T(1, 2, 1, 5, 1), T(3, 7, 2, -1, 1e8), T(0, 1, 2, -1, 0.5)])
F.add("addcmul/int", "addcmul", lambda x, y, z, value: torch.addcmul(x, y, z, value=value), [I(1, 2), I(3, 4), I(5, 6)],
      {"value": 2}, single=False)

x, low, high = F.randn(4, 5), F.randn(4, 5) - 1, F.randn(4, 5) + 1
f = lambda x, *b, bounds: torch.clamp(x, b[0] if "min" in bounds else None, b[-1] if "max" in bounds else None)
F.add("clamp/both", "clamp", f, [x, low, high], {"bounds": ["min", "max"]})
F.add("clamp/min", "clamp", f, [x, low], {"bounds": ["min"]})
F.add("clamp/max", "clamp", f, [x, high], {"bounds": ["max"]})
F.add("clamp/crossed", "clamp", f, [some(4, 5), some(4, 5), some(5)], {"bounds": ["min", "max"]})
F.add("clamp/broadcast", "clamp", f, [F.randn(4, 1), F.randn(3, 1, 1) - 1, F.randn(5) + 1], {"bounds": ["min", "max"]},
      gradients=[False] * 3)
F.add("clamp/ties/min", "clamp", f, [some(4, 5), some(4, 5)], {"bounds": ["min"]})
F.add("clamp/ties/max", "clamp", f, [some(4, 5), some(5)], {"bounds": ["max"]}, views=[{"permute": [0, 1]}, None])
F.add("clamp/nan", "clamp", f, [T(nan, 1, 1, inf, -inf), T(0, nan, 0, 0, 0), T(1, 1, nan, 2, 2)],
      {"bounds": ["min", "max"]}, gradients=[False] * 3, nonfinite=True)
F.add("clamp/int", "clamp", f, [I(1, 5, -3), I(2, 2, 2), I(3, 3, 3)], {"bounds": ["min", "max"]}, single=False)

index = lambda high, *shape: torch.randint(0, high, shape, generator=F.generator)
for reduce in ["sum", "prod", "mean", "amax", "amin"]:
    for own in [True, False]:
        attributes = {"dim": 1, "reduce": reduce, "include_self": own}
        f = lambda x, i, s, dim, reduce, include_self: torch.scatter_reduce(x, dim, i, s, reduce, include_self=include_self)
        F.add(f"scatter_reduce/{reduce}/{own}", "scatter_reduce", f, [F.randn(3, 5), index(5, 3, 7), F.randn(3, 7)], attributes)
        F.add(f"scatter_reduce/{reduce}/{own}/small", "scatter_reduce", f, [F.randn(4, 5), index(4, 3, 2), F.randn(5, 3)],
              {**attributes, "dim": 0}, cotangents=False, single=False)
        F.add(f"scatter_reduce/{reduce}/{own}/view", "scatter_reduce", f, [F.randn(5, 3), index(5, 3, 4), F.randn(4, 3)],
              attributes, views=[{"permute": [1, 0]}, None, {"permute": [1, 0]}], single=False)
        F.add(f"scatter_reduce/{reduce}/{own}/rank0", "scatter_reduce", f, [T(2)[0], I(0), T(3)[0]], {**attributes, "dim": 0}, single=False)
        if reduce in ["amax", "amin"]:
            ties = torch.arange(12).reshape(3, 4).double() + 0.5
            F.add(f"scatter_reduce/{reduce}/{own}/ties", "scatter_reduce", f, [ties, index(4, 3, 9), some(3, 9)], attributes)
        g = lambda x, i, s, dim, reduce, include_self: torch.index_reduce(x, dim, i, s, reduce, include_self=include_self)
        if reduce != "sum":
            F.add(f"index_reduce/{reduce}/{own}", "index_reduce", g, [F.randn(3, 4, 2), I(1, 3, 1, 0, 1), F.randn(3, 5, 2)], attributes)
            F.add(f"index_reduce/{reduce}/{own}/last", "index_reduce", g, [F.randn(2, 3), I(2, 2), F.randn(2, 2)],
                  {**attributes, "dim": -1}, views=[None, None, {"permute": [1, 0]}], single=False)
F.add("scatter_reduce/prod/zero", "scatter_reduce",
      lambda x, i, s, dim, reduce, include_self: torch.scatter_reduce(x, dim, i, s, reduce, include_self=include_self),
      [T(2, 0, 3, 4), I(0, 0, 1, 2, 3, 3), T(5, 0, 2, 0, 3, 2)], {"dim": 0, "reduce": "prod", "include_self": True}, second=False)

F.add("index_add/alpha", "index_add", lambda x, i, s, dim, alpha: x.index_add(dim, i, s, alpha=alpha),
      [F.randn(3, 4), I(2, 0, 2), F.randn(3, 3)], {"dim": 1, "alpha": -1.5})
F.add("index_copy", "index_copy", lambda x, i, s, dim: x.index_copy(dim, i, s), [F.randn(3, 4), I(2, 0), F.randn(3, 2)], {"dim": 1})
F.add("index_fill", "index_fill", lambda x, i, v, dim: x.index_fill(dim, i, v), [F.randn(3, 4), I(2, 0), T(7)[0]], {"dim": 1})
F.add("take", "take", torch.take, [F.randn(3, 4), I(0, 11, -1, 5, 5, -12).reshape(2, 3)])
F.add("take/view", "take", torch.take, [F.randn(3, 4), I(0, 11, -1)], views=[{"permute": [1, 0]}, None])
F.add("take/scalar", "take", torch.take, [T(3)[0], I(0, 0)])
F.add("put", "put", lambda x, i, s, accumulate: x.put(i, s, accumulate), [F.randn(3, 4), I(0, 11, -3, 5), F.randn(2, 2)],
      {"accumulate": False})
F.add("put/accumulate", "put", lambda x, i, s, accumulate: x.put(i, s, accumulate),
      [F.randn(3, 4), I(0, 11, -1, 5).reshape(2, 2), F.randn(4)], {"accumulate": True})
F.add("take_along_dim/negative", "take_along_dim", lambda x, i, dim: torch.take_along_dim(x, i % 4, dim),
      [F.randn(3, 4), I(-1, 0, -4, 3, 2, -2).reshape(3, 2)], {"dim": 1})

mask = F.rand(3, 4) > 0.5
F.add("masked_scatter", "masked_scatter", lambda x, m, s: x.masked_scatter(m, s), [F.randn(3, 4), mask, F.randn(3, 5)])
F.add("masked_scatter/broadcast", "masked_scatter", lambda x, m, s: x.masked_scatter(m, s), [F.randn(4), mask, F.randn(3, 4)])
F.add("masked_scatter/row", "masked_scatter", lambda x, m, s: x.masked_scatter(m, s), [F.randn(3, 4), mask[0], F.randn(12)],
      views=[None, None, {"slice": [[0, 12, 1]]}])
F.add("masked_fill/tensor", "masked_fill", lambda x, m, v: x.masked_fill(m, v), [F.randn(3, 4), mask, T(2)[0]])
F.add("masked_fill/broadcast", "masked_fill", lambda x, m, v: x.masked_fill(m, v), [F.randn(4), mask, T(2)[0]])

runs = I(1, 1, 2, 2, 2, 3, 1, 1, 5)
u = lambda x, dim: torch.unique_consecutive(x, return_inverse=True, return_counts=True, dim=dim)
F.add("unique_consecutive", "unique_consecutive", u, [runs], {"dim": None}, single=False)
F.add("unique_consecutive/float", "unique_consecutive", u, [runs.double().reshape(3, 3)], {"dim": None}, cotangents=False)
F.add("unique_consecutive/nan", "unique_consecutive", u, [T(nan, nan, 1, 1)], {"dim": None}, cotangents=False, nonfinite=True)
F.add("unique_consecutive/dim0", "unique_consecutive", u, [I(1, 2, 1, 2, 3, 4, 1, 2).reshape(4, 2)], {"dim": 0}, single=False)
F.add("unique_consecutive/dim1", "unique_consecutive", u, [I(1, 1, 2, 2, 3, 3, 4, 5).reshape(2, 4)], {"dim": -1}, single=False)
F.add("unique_consecutive/empty", "unique_consecutive", u, [torch.empty(5, 0, 5, dtype=torch.int64)], {"dim": 1}, single=False)
for invert in [False, True]:
    F.add(f"isin/{invert}", "isin", lambda x, t, invert: torch.isin(x, t, invert=invert), [some(4, 5), T(1, 2, -2, 1)],
          {"invert": invert}, cotangents=False)
    F.add(f"isin/int/{invert}", "isin", lambda x, t, invert: torch.isin(x, t, invert=invert),
          [I(1, 5, 9, -3).reshape(2, 2), I(9, 9, 4, -3)], {"invert": invert}, single=False)
F.add("isin/empty", "isin", lambda x, t, invert: torch.isin(x, t, invert=invert), [some(3), T()], {"invert": False}, cotangents=False)

F.add("slice_scatter", "slice_scatter", lambda x, s, dim, start, end, step: torch.slice_scatter(x, s, dim, start, end, step),
      [F.randn(3, 7), F.randn(3, 2)], {"dim": 1, "start": 1, "end": 5, "step": 2})
F.add("slice_scatter/view", "slice_scatter", lambda x, s, dim, start, end, step: torch.slice_scatter(x, s, dim, start, end, step),
      [F.randn(3, 7), F.randn(3, 3)], {"dim": 0, "start": -3, "end": None, "step": 1}, views=[{"permute": [1, 0]}, None])
F.add("select_scatter", "select_scatter", lambda x, s, dim, index: torch.select_scatter(x, s, dim, index),
      [F.randn(3, 4, 2), F.randn(3, 2)], {"dim": 1, "index": -1})
for offset in [0, 1, -2]:
    n = {0: 3, 1: 3, -2: 1}[offset]
    F.add(f"diagonal_scatter/{offset}", "diagonal_scatter",
          lambda x, s, offset, dim1, dim2: torch.diagonal_scatter(x, s, offset, dim1, dim2),
          [F.randn(3, 2, 4), F.randn(2, n)], {"offset": offset, "dim1": 0, "dim2": -1})

x, mask = F.randn(3, 4, 2), F.rand(3, 4, 1) > 0.4
mask[1] = torch.tensor([True, False, True, True]).reshape(4, 1)
M = torch.masked
def masked(name, function, x, mask, attributes, **more):
    F.add(f"masked.{name}", f"masked.{name.split('/')[0]}", function, [x, mask], attributes, single=False, **more)
for name in ["sum", "prod", "mean", "amax", "amin", "logsumexp"]:
    f = lambda x, m, dim, keepdim, g=getattr(M, name): g(x, dim, keepdim=keepdim, mask=m)
    for dim in [1, [0, 2], [0, 1, 2]]:
        masked(f"{name}/{dim}", f, x, mask, {"dim": dim, "keepdim": dim == 1})
    masked(f"{name}/row", f, x, mask[:1], {"dim": 0, "keepdim": False}, nonfinite=True, gradients=[name in ["sum", "prod", "amax"], False])
for name in ["var", "std"]:
    f = lambda x, m, dim, keepdim, correction, g=getattr(M, name): g(x, dim, correction != 0, keepdim=keepdim, mask=m)
    for correction in [0, 1]:
        masked(f"{name}/{correction}", f, x, mask, {"dim": [0, 1], "keepdim": False, "correction": correction})
for p in [2, 1, 3, inf, -inf]:
    masked(f"norm/{p}", lambda x, m, ord, dim, keepdim: M.norm(x, ord, dim, keepdim=keepdim, mask=m), x, mask,
           {"ord": p, "dim": 1, "keepdim": False})
masked("normalize/2", lambda x, m, ord, dim: M.normalize(x, ord, dim, mask=m), x, mask, {"ord": 2, "dim": 1})
for name in ["softmax", "log_softmax", "softmin", "cumsum", "cumprod", "median", "argmax", "argmin"]:
    many = mask.clone()
    many[:, 0] = True
    masked(f"{name}/1", lambda x, m, dim, g=getattr(M, name), at=name.startswith("arg"):
           g(x, dim, mask=m).long() if at else g(x, dim, mask=m), x, many, {"dim": 1},
           nonfinite=name == "log_softmax", gradients=[name != "log_softmax", False])
F.write()
