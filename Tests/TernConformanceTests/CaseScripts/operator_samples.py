"""Operators called as PyTorch's own sample inputs call them: the family `operator_samples`, made with cases.py.

Tensors are in the order of the operator's parameters, everything else is among the attributes under PyTorch's names.
Left out are Bessel functions of the first and second kind and Airy's below 0, of which PyTorch's have eight digits, and the
gradient of as_strided_scatter at its input, which PyTorch gets wrong.
"""
import math
import torch
from torch import masked
from cases import Family

f = Family("operator_samples", seed=41)
integers = lambda *shape: torch.randint(-9, 9, shape, generator=f.generator)

# Bessel and Airy functions.
for name in ["modified_bessel_k0", "modified_bessel_k1", "scaled_modified_bessel_k0", "scaled_modified_bessel_k1"]:
    f.add(name, name, getattr(torch.special, name), [torch.cat([f.rand(20) * 3, f.rand(8) * 40 + 3])], relative=2e-14)
    f.add(f"{name}/edges", name, getattr(torch.special, name), [torch.tensor([0.0, 1e-300, 2.0, 700.0]).double()],
          nonfinite=True, single=False, relative=1e-12, absolute=1e-300)
f.add("spherical_bessel_j0", "spherical_bessel_j0", torch.special.spherical_bessel_j0,
      [torch.cat([f.randn(20) * 3, f.randn(8) * 20])], relative=1e-12, absolute=1e-13)
f.add("airy_ai", "airy_ai", torch.special.airy_ai, [torch.cat([f.rand(12) * 4, f.rand(8) * 30])], relative=1e-12)

# Runs of slices reduced.
def segments(data, lengths=None, offsets=None, **rest):
    return torch.segment_reduce(data, lengths=lengths, offsets=offsets, **rest)
for reduce in ["sum", "mean", "prod", "max", "min"]:
    for initial in [None, 1.0]:
        attributes = {"reduce": reduce, "axis": 0} | ({} if initial is None else {"initial": initial})
        f.add(f"segment_reduce/{reduce}_{initial}", "segment_reduce", segments,
              [f.randn(7, 3), torch.tensor([2, 0, 1, 4])], attributes, nonfinite=True, second=False)
    f.add(f"segment_reduce/{reduce}_offsets", "segment_reduce", lambda x, _, o, **r: segments(x, offsets=o, **r),
          [f.randn(7), None, torch.tensor([0, 3, 7])], {"reduce": reduce, "axis": 0}, second=False)
    f.add(f"segment_reduce/{reduce}_rows", "segment_reduce", segments,
          [f.randn(2, 5, 2), torch.tensor([[2, 3], [4, 1]])], {"reduce": reduce, "axis": 1}, second=False)

# Strides, slices, spaces.
def strided(x, size, stride, storage_offset):
    return torch.as_strided(x, size, stride, storage_offset)
for index, (size, stride, offset) in enumerate([((3, 2), (2, 1), 0), ((2, 3, 2), (1, 3, 2), 1), ((), (), 4), ((0, 3), (1, 1), 0),
                                                ((4,), (0,), 2)]):
    f.add(f"as_strided/{index}", "as_strided", strided, [f.randn(3, 4)],
          {"size": list(size), "stride": list(stride), "storage_offset": offset})
f.add("as_strided_scatter/0", "as_strided_scatter", torch.as_strided_scatter, [f.randn(3, 4), f.randn(2, 2)],
      gradients=[False, True], attributes={"size": [2, 2], "stride": [5, 1], "storage_offset": 2})
for axis in [0, 1, -1]:
    f.add(f"unbind/{axis}", "unbind", torch.unbind, [f.randn(3, 2, 4)], {"dim": axis})
for index, (start, end, steps, base) in enumerate([(0, 2, 5, 10.0), (-1.5, 3, 4, 2.0), (1, 1, 1, 10.0), (0, 3, 0, 10.0)]):
    f.add(f"logspace/{index}", "logspace",
          lambda start, end, steps, base: torch.logspace(start, end, steps, base, dtype=torch.float64), [],
          {"start": start, "end": end, "steps": steps, "base": base}, single=False)

# Integers reduced under masks and by index.
for name in ["sum", "prod", "amax", "amin", "cumsum", "cumprod"]:
    for axis in [0, 1]:
        f.add(f"masked_{name}/{axis}", f"masked.{name}", lambda x, m, dim, name=name: getattr(masked, name)(x, dim, mask=m),
              [integers(4, 5), f.rand(4, 5) < 0.6], {"dim": axis}, single=False)
for reduce in ["prod", "mean", "amax", "amin"]:
    for includes in [True, False]:
        f.add(f"index_reduce/{reduce}_{includes}", "index_reduce",
              lambda x, i, s, dim, reduce, include_self: x.index_reduce(dim, i, s, reduce, include_self=include_self),
              [integers(4, 3), torch.tensor([0, 2, 2, 0, 3]), integers(5, 3)],
              {"dim": 0, "reduce": reduce, "include_self": includes}, single=False)

# Norms of matrices without rows or columns.
for index, (shape, order) in enumerate([((0, 0), 1), ((0, 3), math.inf), ((3, 0), 2), ((2, 0, 3), math.inf), ((0, 2), "nuc")]):
    f.add(f"matrix_norm/empty_{index}", "matrix_norm", torch.linalg.matrix_norm, [f.randn(*shape)],
          {"ord": order, "dim": [-2, -1], "keepdim": False}, cotangents=False)

# Extents of one against others, cropped circles.
f.add("tensordot/one", "tensordot", torch.tensordot, [f.randn(2, 1, 3), f.randn(4, 3, 5)], {"dims": [[1, 2], [0, 1]]})
f.add("tensordot/other_one", "tensordot", torch.tensordot, [f.randn(2, 3), f.randn(1, 4)], {"dims": 1})
for index, pad in enumerate([(-1, 1, -2, 1), (1, -1), (-2, 2)]):
    f.add(f"pad/circular_{index}", "pad", torch.nn.functional.pad, [f.randn(1, 2, 5, 4)],
          {"pad": list(pad), "mode": "circular"} if index == 0 else {"pad": list(pad) + [0, 0], "mode": "circular"})
f.write()
