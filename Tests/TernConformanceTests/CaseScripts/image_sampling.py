"""Interpolation, sampling at the positions of a grid, affine grids."""
import torch
import torch.nn.functional as F
from cases import Family

family = Family("image_sampling", folder="Layers")


def composed(x, grid, mode, padding_mode, align_corners):
    """grid_sample of differentiable operations: PyTorch's own has no gradients of second order."""
    sizes = x.shape[2:]
    rank = len(sizes)

    def unnormalize(u, size):
        return (u + 1) / 2 * (size - 1) if align_corners else ((u + 1) * size - 1) / 2

    def moved(u, size):
        if padding_mode == "reflection":
            low, span = (0.0, size - 1) if align_corners else (-0.5, size)
            if span == 0:
                return u * 0
            distance = (u - low).abs()
            flips = torch.floor(distance / span).detach()
            rest = distance - flips * span
            u = torch.where(flips % 2 == 0, rest, span - rest) + low
        if padding_mode in ("border", "reflection"):
            inside = (u > 0) & (u < size - 1)
            u = torch.where(inside, u, u.detach().clamp(0, size - 1))
        return u

    def cubic(t):
        a = -0.75
        near = lambda d: ((a + 2) * d - (a + 3)) * d * d + 1
        far = lambda d: ((a * d - 5 * a) * d + 8 * a) * d - 4 * a
        return [far(t + 1), near(t), near(1 - t), far(2 - t)]

    axes = []
    for axis, size in enumerate(sizes):
        u = unnormalize(grid[..., rank - 1 - axis], size)
        if mode != "bicubic":
            u = moved(u, size)
        if mode == "nearest":
            taps, weights = [u.detach().round()], [torch.ones_like(u)]
        else:
            first = torch.floor(u).detach()
            t = u - first
            if mode == "bilinear":
                taps, weights = [first, first + 1], [1 - t, t]
            else:
                taps, weights = [moved(first + k - 1, size) for k in range(4)], cubic(t)
        axes.append([(k.long(), w * ((k >= 0) & (k < size))) for k, w in zip(taps, weights)])
    terms = [((), 1.0)]
    for taps in axes:
        terms = [(index + (k,), weight * w) for index, weight in terms for k, w in taps]
    batch = torch.arange(x.shape[0]).reshape([-1] + [1] * rank)
    result = 0
    for index, weight in terms:
        at = tuple(k.clamp(0, size - 1) for k, size in zip(index, sizes))
        result = result + x.movedim(1, -1)[(batch,) + at] * weight.unsqueeze(-1)
    return result.movedim(-1, 1)


def sample(x, grid, mode="bilinear", padding_mode="zeros", align_corners=False):
    expected = F.grid_sample(x, grid, mode=mode, padding_mode=padding_mode, align_corners=align_corners)
    result = composed(x, grid, mode, padding_mode, align_corners)
    assert torch.allclose(result, expected, rtol=1e-11, atol=1e-11), (mode, padding_mode, align_corners)
    if x.requires_grad and grid.requires_grad and mode != "nearest":
        first = torch.autograd.grad(expected.pow(2).sum(), [x, grid], retain_graph=True)
        again = torch.autograd.grad(result.pow(2).sum(), [x, grid], retain_graph=True)
        assert all(torch.allclose(a, b, rtol=1e-9, atol=1e-9) for a, b in zip(first, again))
    return result


def interpolate(x, **arguments):
    return F.interpolate(x, **arguments)


last = {"permute": [0, 3, 1, 2]}
last3 = {"permute": [0, 4, 1, 2, 3]}

# Interpolation: every mode at extents that grow, shrink and stay, by size and by scale.
for axes, modes in [(1, ["nearest", "nearest-exact", "linear", "area"]),
                    (2, ["nearest", "nearest-exact", "bilinear", "bicubic", "area"]),
                    (3, ["nearest", "nearest-exact", "trilinear", "area"])]:
    shape = {1: (1, 2, 7), 2: (1, 1, 4, 5), 3: (1, 1, 3, 2, 4)}[axes]
    sizes = {1: [11], 2: [7, 4], 3: [2, 4, 5]}[axes]
    x = family.randn(*shape)
    for mode in modes:
        corners = [False, True] if mode in ("linear", "bilinear", "bicubic", "trilinear") else [None]
        for aligned in corners:
            extra = {} if aligned is None else {"align_corners": aligned}
            label = f"interpolate/{mode}{axes}d{'/aligned' if aligned else ''}"
            family.add(f"{label}/size", "interpolate", interpolate, [x], {"size": sizes, "mode": mode, **extra},
                       second=axes == 1, single=not aligned and axes == 2)
            family.add(f"{label}/scale", "interpolate", interpolate, [x], {"scale_factor": 1.7, "mode": mode, **extra},
                       single=False, second=False)
            family.add(f"{label}/shrunk", "interpolate", interpolate, [x],
                       {"scale_factor": [0.6] * axes, "mode": mode, "recompute_scale_factor": True, **extra},
                       single=False, second=False)
x = family.randn(2, 3, 4, 2)
wide = family.randn(1, 1, 3, 19)
volume = family.randn(1, 3, 3, 2, 2)
for mode in ["nearest", "bilinear", "bicubic", "area"]:
    family.add(f"interpolate/{mode}/last", "interpolate", interpolate, [x], {"size": [5, 3], "mode": mode}, views=[last],
               second=False, single=mode == "bicubic")
    family.add(f"interpolate/{mode}/sliced", "interpolate", interpolate, [wide], {"size": [3, 5], "mode": mode},
               views=[{"slice": [[0, 1, 1], [0, 1, 1], [0, 3, 2], [3, 10, 1]]}], single=False)
    family.add(f"interpolate/{mode}/wide", "interpolate", interpolate, [wide], {"size": [2, 35], "mode": mode},
               second=False, single=False)
    family.add(f"interpolate/{mode}/doubled", "interpolate", interpolate, [wide[:, :, :2]], {"scale_factor": 2, "mode": mode},
               second=False, single=False)
    family.add(f"interpolate/{mode}/one", "interpolate", interpolate, [family.randn(1, 1, 1, 1)],
               {"size": [3, 2], "mode": mode}, single=False)
    family.add(f"interpolate/{mode}/to_one", "interpolate", interpolate, [family.randn(1, 2, 4, 5)],
               {"size": [1, 1], "mode": mode}, single=False)
family.add("interpolate/trilinear/last", "interpolate", interpolate, [volume], {"size": [4, 2, 3], "mode": "trilinear"},
           views=[last3])
for mode in ["bilinear", "bicubic", "lanczos"]:
    for label, size in [("shrunk", [2, 9]), ("grown", [2, 23]), ("mixed", [5, 7]), ("one", [1, 1])]:
        for aligned in [False, True]:
            if mode == "lanczos" and aligned:
                continue
            family.add(f"interpolate/antialiased/{mode}/{label}{'/aligned' if aligned else ''}", "interpolate", interpolate,
                       [wide], {"size": size, "mode": mode, "antialias": True, "align_corners": aligned},
                       single=label == "mixed" and not aligned, second=False)
    family.add(f"interpolate/antialiased/{mode}/scale", "interpolate", interpolate, [wide],
               {"scale_factor": [0.67, 0.7], "mode": mode, "antialias": True}, single=False, second=False)
    family.add(f"interpolate/antialiased/{mode}/last", "interpolate", interpolate, [x],
               {"size": [2, 2], "mode": mode, "antialias": True}, views=[last], second=False, single=False)

# Sampling: positions inside, beyond the edges and far outside, none of them where the gradient jumps.
for axes, shape, points in [(2, (1, 2, 3, 4), (1, 3, 3, 2)), (3, (1, 1, 3, 2, 3), (1, 2, 2, 2, 3))]:
    x = family.randn(*shape)
    grid = family.rand(*points) * 4 - 2
    for mode in ["nearest", "bilinear"] + (["bicubic"] if axes == 2 else []):
        for padding in ["zeros", "border", "reflection"]:
            for aligned in [False, True]:
                family.add(f"grid_sample/{mode}{axes}d/{padding}{'/aligned' if aligned else ''}", "grid_sample", sample,
                           [x, grid], {"mode": mode, "padding_mode": padding, "align_corners": aligned},
                           single=not aligned and axes == 2 and padding == "zeros")
x, grid = family.randn(2, 3, 4, 2), family.rand(2, 2, 2, 3) * 3 - 1.5
for mode in ["nearest", "bilinear", "bicubic"]:
    family.add(f"grid_sample/{mode}/last", "grid_sample", sample, [x, grid], {"mode": mode},
               views=[last, {"permute": [0, 2, 3, 1]}])
    family.add(f"grid_sample/{mode}/one", "grid_sample", sample, [family.randn(1, 2, 1, 1), family.rand(1, 3, 1, 2)],
               {"mode": mode, "padding_mode": "reflection", "align_corners": True})
family.add("grid_sample/bilinear3d/last", "grid_sample", sample,
           [family.randn(1, 3, 2, 3, 2), family.rand(1, 1, 2, 3, 3) * 3 - 1.5], {"padding_mode": "border"}, views=[last3, None])
family.add("grid_sample/bicubic/many", "grid_sample", sample, [family.randn(1, 1, 4, 3), family.rand(1, 5, 5, 2) * 8 - 4],
           {"mode": "bicubic", "padding_mode": "reflection"}, single=False)
family.add("grid_sample/pixels", "grid_sample", sample,
           [family.randn(1, 2, 3, 3), torch.tensor([[-1., -1], [0, 0], [1, 1], [0, 1]], dtype=torch.float64).reshape(1, 2, 2, 2)],
           {"align_corners": True}, gradients=[True, False])

for aligned in [False, True]:
    for label, shape, size in [("2d", (2, 2, 3), [2, 1, 3, 4]), ("3d", (2, 3, 4), [2, 1, 2, 3, 4]),
                               ("line", (1, 2, 3), [1, 1, 1, 5]), ("point", (1, 3, 4), [1, 1, 1, 1, 1])]:
        family.add(f"affine_grid/{label}{'/aligned' if aligned else ''}", "affine_grid",
                   lambda theta, size, align_corners: F.affine_grid(theta, size, align_corners=align_corners),
                   [family.randn(*shape)], {"size": size, "align_corners": aligned})

for label, shape, groups in [("pairs", (1, 4, 2, 3), 2), ("thirds", (2, 6, 2, 2), 3), ("sequence", (2, 6, 3), 2)]:
    family.add(f"channel_shuffle/{label}", "channel_shuffle", lambda x, groups: F.channel_shuffle(x, groups),
               [family.randn(*shape)], {"groups": groups})
family.write()
