"""Order statistics, sums that pass over NaN, histograms: Vocabulary/order_statistics."""
import torch
from cases import Family

F = Family("order_statistics")
nan, inf = float("nan"), float("inf")
T = lambda *a: torch.tensor(a, dtype=torch.float64)
# Distinct values, so that each has one place.
shuffled = lambda *shape: (torch.randperm(torch.Size(shape).numel(), generator=F.generator).double().reshape(shape) - 7) / 4

for name in ["median", "nanmedian"]:
    f = getattr(torch, name)
    for n in [1, 2, 5, 8, 33]:
        F.add(f"{name}/all/{n}", name, lambda x, f=f: f(x), [shuffled(n)])
    F.add(f"{name}/all/matrix", name, lambda x, f=f: f(x), [shuffled(5, 6)], views=[{"permute": [1, 0]}])
    F.add(f"{name}/all/ties", name, lambda x, f=f: f(x), [T(2, 1, 2, 3, 2, 0, 2)])
    F.add(f"{name}/all/nan", name, lambda x, f=f: f(x), [T(2, nan, 1, 3, nan)], nonfinite=True)
    F.add(f"{name}/all/infinite", name, lambda x, f=f: f(x), [T(inf, -inf, 3, inf, 1)])
    F.add(f"{name}/scalar", name, lambda x, f=f: f(x), [T(3)[0]])
    for dim in [0, 1, -1]:
        for keep in [False, True]:
            F.add(f"{name}/dim{dim}/{keep}", name, lambda x, dim, keepdim, f=f: tuple(f(x, dim, keepdim)),
                  [shuffled(5, 6, 3)], {"dim": dim, "keepdim": keep}, single=keep)
    F.add(f"{name}/view", name, lambda x, dim, keepdim, f=f: tuple(f(x, dim, keepdim)), [shuffled(4, 7)],
          {"dim": 0, "keepdim": False}, views=[{"permute": [1, 0], "slice": [[0, 7, 2], [1, 4, 1]]}])
    F.add(f"{name}/dim/nan", name, lambda x, dim, keepdim, f=f: tuple(f(x, dim, keepdim)),
          [T(*[1, nan, 3, 4], *[7, 6, 5, 3.5], *[inf, nan, -inf, 2]).reshape(3, 4)],
          {"dim": 1, "keepdim": False}, nonfinite=True)
    F.add(f"{name}/dim/scalar", name, lambda x, dim, keepdim, f=f: tuple(f(x, dim, keepdim)), [T(3)[0]],
          {"dim": 0, "keepdim": True})
F.add("median/int", "median", lambda x, dim, keepdim: tuple(torch.median(x, dim, keepdim)),
      [torch.tensor([[5, -3, 9, 100], [0, 7, 2, -8]])], {"dim": 1, "keepdim": False}, single=False)

for k in [1, 3, 6]:
    for dim in [1, -1]:
        F.add(f"kthvalue/{k}/{dim}", "kthvalue", lambda x, k, dim, keepdim: tuple(torch.kthvalue(x, k, dim, keepdim)),
              [shuffled(2, 6, 7)], {"k": k, "dim": dim, "keepdim": k == 3})
F.add("kthvalue/nan", "kthvalue", lambda x, k, dim, keepdim: tuple(torch.kthvalue(x, k, dim, keepdim)),
      [T(nan, 3, -inf, inf, 2)], {"k": 4, "dim": 0, "keepdim": False}, nonfinite=True)
F.add("kthvalue/scalar", "kthvalue", lambda x, k, dim, keepdim: tuple(torch.kthvalue(x, k, dim, keepdim)), [T(4)[0]],
      {"k": 1, "dim": 0, "keepdim": False})
F.add("kthvalue/int", "kthvalue", lambda x, k, dim, keepdim: tuple(torch.kthvalue(x, k, dim, keepdim)),
      [torch.tensor([5, -3, 9, 100], dtype=torch.int32)], {"k": 2, "dim": 0, "keepdim": False}, single=False)

mode = lambda x, dim, keepdim: tuple(torch.mode(x, dim, keepdim))
few = torch.randint(0, 5, (4, 9, 3), generator=F.generator).double()
for dim in [0, 1, -1]:
    F.add(f"mode/dim{dim}", "mode", mode, [few], {"dim": dim, "keepdim": dim == 0})
F.add("mode/view", "mode", mode, [few], {"dim": 1, "keepdim": False}, views=[{"permute": [2, 0, 1]}])
F.add("mode/infinite", "mode", mode, [T(inf, -inf, inf, 0, -0.0, 0)], {"dim": 0, "keepdim": False})
F.add("mode/scalar", "mode", mode, [T(4)[0]], {"dim": 0, "keepdim": False})
F.add("mode/int", "mode", mode, [torch.tensor([[3, 1, 3, 1], [2, 2, 5, 5]])], {"dim": 1, "keepdim": False}, single=False)

q = T(0, 0.3, 0.5, 0.9, 1)
for name in ["quantile", "nanquantile"]:
    f = lambda x, q, dim, keepdim, interpolation, g=getattr(torch, name): g(
        x, q, dim, keepdim, interpolation=interpolation)
    for way in ["linear", "lower", "higher", "nearest", "midpoint"]:
        wants = [True, way == "linear"]
        F.add(f"{name}/{way}/all", name, f, [shuffled(3, 4), q],
              {"dim": None, "keepdim": False, "interpolation": way}, gradients=wants, single=False)
        F.add(f"{name}/{way}/dim", name, f, [shuffled(3, 5, 2), q[1:4]],
              {"dim": 1, "keepdim": True, "interpolation": way}, gradients=wants, views=[{"permute": [2, 1, 0]}, None],
              single=False)
        F.add(f"{name}/{way}/one", name, f, [shuffled(3, 6), T(0.75)[0]],
              {"dim": -1, "keepdim": False, "interpolation": way}, gradients=wants)
    F.add(f"{name}/keep", name, f, [shuffled(3, 4), q], {"dim": None, "keepdim": True, "interpolation": "linear"})
    F.add(f"{name}/ties", name, f, [T(1, 2, 2, 2, 3, 3), q], {"dim": 0, "keepdim": False, "interpolation": "linear"})
    F.add(f"{name}/nan", name, f, [T(*[1, nan, 3, 4], *[nan] * 4, *[7, 6, 5, 3.5]).reshape(3, 4), q],
          {"dim": 1, "keepdim": False, "interpolation": "linear"}, gradients=[False, False], nonfinite=True)
    F.add(f"{name}/nan/lower", name, f, [T(*[1, nan, 3, 4], *[nan] * 4, *[7, 6, 5, 3.5]).reshape(3, 4), q],
          {"dim": 1, "keepdim": False, "interpolation": "lower"}, gradients=[True, False], nonfinite=True)

gaps = T(*[1, nan, 3, 4], *[nan] * 4, *[7, 6, -5, 3.5]).reshape(3, 4)
for name in ["nansum", "nanmean"]:
    f = lambda x, dim, keepdim, g=getattr(torch, name): g(x, dim, keepdim)
    for dim in [None, 0, [0, 1]]:
        F.add(f"{name}/{dim}", name, f, [F.randn(3, 4)], {"dim": dim, "keepdim": dim == 0})
        F.add(f"{name}/nan/{dim}", name, f, [gaps], {"dim": dim, "keepdim": False}, nonfinite=True)
    F.add(f"{name}/row", name, f, [gaps], {"dim": 1, "keepdim": False}, gradients=[False], nonfinite=True)
    F.add(f"{name}/infinite", name, f, [T(inf, nan, 2)], {"dim": 0, "keepdim": False}, nonfinite=True)
    F.add(f"{name}/empty", name, f, [F.randn(0, 3)], {"dim": 0, "keepdim": False}, nonfinite=True)

for dim in [None, 0, 1]:
    F.add(f"aminmax/{dim}", "aminmax", lambda x, dim, keepdim: tuple(torch.aminmax(x, dim=dim, keepdim=keepdim)),
          [T(3, 1, 3, -2, 1, 0, 3, -2).reshape(2, 4)], {"dim": dim, "keepdim": dim == 1})
F.add("aminmax/int", "aminmax", lambda x, dim, keepdim: tuple(torch.aminmax(x, dim=dim, keepdim=keepdim)),
      [torch.tensor([3, -1, 7])], {"dim": None, "keepdim": False}, single=False)
for name in ["var_mean", "std_mean"]:
    f = lambda x, dim, correction, keepdim, g=getattr(torch, name): tuple(g(x, dim, correction=correction, keepdim=keepdim))
    for dim in [None, 1, [0, 2]]:
        for correction in [0, 1, 0.5]:
            F.add(f"{name}/{dim}/{correction}", name, f, [F.randn(3, 4, 2)],
                  {"dim": dim, "correction": correction, "keepdim": correction == 0}, single=dim == 1)

def histogram(x, *rest, bins, range, density):
    return tuple(torch.histogram(x, bins, range=range, weight=rest[0] if rest else None, density=density))
def histogram_edges(x, edges, *rest, density):
    return torch.histogram(x, edges, weight=rest[0] if rest else None, density=density)[0]
points = (torch.randperm(40, generator=F.generator).double() - 11) / 8
for density in [False, True]:
    for bins in [1, 3, 10]:
        F.add(f"histogram/{bins}/{density}", "histogram", histogram, [points.reshape(4, 10)],
              {"bins": bins, "range": None, "density": density}, cotangents=False, single=False)
        F.add(f"histogram/range/{bins}/{density}", "histogram", histogram, [points],
              {"bins": bins, "range": [-1, 2], "density": density}, cotangents=False, single=False)
        F.add(f"histogram/weights/{bins}/{density}", "histogram", histogram, [points, F.rand(40)],
              {"bins": bins, "range": None, "density": density}, cotangents=False, single=False)
    F.add(f"histogram/edges/{density}", "histogram", histogram_edges, [points, T(-1, -0.5, 0.25, 0.25, 3)],
          {"density": density}, cotangents=False, nonfinite=density)
    F.add(f"histogram/edges/weights/{density}", "histogram", histogram_edges, [points, T(-1, -0.5, 2), F.rand(40)],
          {"density": density}, cotangents=False, single=False)
F.add("histogram/equal", "histogram", histogram, [T(1, 1, 1)], {"bins": 3, "range": None, "density": False}, cotangents=False)
F.add("histogram/empty", "histogram", histogram, [T()], {"bins": 3, "range": None, "density": False}, cotangents=False)
F.add("histogram/nan", "histogram", histogram, [T(1, nan, 3, inf, 4)], {"bins": 3, "range": [0, 4], "density": False},
      cotangents=False)

def histogramdd(x, *rest, bins, range, density):
    h, e = torch.histogramdd(x, bins, range=range, weight=rest[0] if rest else None, density=density)
    return (h, *e)
def histogramdd_edges(x, a, b, *rest, density):
    return torch.histogramdd(x, [a, b], weight=rest[0] if rest else None, density=density)[0]
cloud = points.reshape(20, 2)
for density in [False, True]:
    F.add(f"histogramdd/{density}", "histogramdd", histogramdd, [cloud],
          {"bins": [3, 4], "range": None, "density": density}, cotangents=False, single=False)
    F.add(f"histogramdd/range/{density}", "histogramdd", histogramdd, [cloud],
          {"bins": [2, 3], "range": [-1, 1, 0, 3], "density": density}, cotangents=False, single=False)
    F.add(f"histogramdd/weights/{density}", "histogramdd", histogramdd, [points.reshape(5, 2, 4), F.rand(5, 2)],
          {"bins": [2, 1, 3, 2], "range": None, "density": density}, cotangents=False, single=False)
    F.add(f"histogramdd/edges/{density}", "histogramdd", histogramdd_edges, [cloud, T(-1, 0, 2), T(-1, 1, 1.5, 3), F.rand(20)],
          {"density": density}, cotangents=False, single=False)

for bins, low, high in [(5, 0, 0), (7, -1, 2), (100, -2, 4), (3, 1, 1)]:
    F.add(f"histc/{bins}/{low}", "histc", lambda x, bins, min, max: torch.histc(x, bins, min, max), [points],
          {"bins": bins, "min": low, "max": high}, cotangents=False)
F.add("histc/equal", "histc", lambda x, bins, min, max: torch.histc(x, bins, min, max), [T(2, 2, 2)],
      {"bins": 4, "min": 0, "max": 0}, cotangents=False)

for right in [False, True]:
    F.add(f"bucketize/{right}", "bucketize", lambda x, edges, right: torch.bucketize(x, edges, right=right),
          [T(0, 1, 1.5, -3, 9, 2, nan).reshape(7, 1), T(0, 1, 2, 2, 5)], {"right": right}, cotangents=False)
    F.add(f"bucketize/int/{right}", "bucketize", lambda x, edges, right: torch.bucketize(x, edges, right=right),
          [torch.tensor([[3, 1], [7, 2]]), torch.tensor([1, 3, 5])], {"right": right}, single=False)
    rows, values = F.randn(2, 3, 6), F.randn(2, 3, 5)
    F.add(f"searchsorted/sorter/{right}", "searchsorted",
          lambda x, v, sorter, right: torch.searchsorted(x, v, sorter=sorter, right=right),
          [rows, values, rows.argsort(-1)], {"right": right}, cotangents=False, single=False)
F.write()
