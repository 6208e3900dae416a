"""Windows, diagonals, triangles, combinations, stacks and parts, memory order: Vocabulary/shapes."""
import torch
import torch.nn.functional as N
from cases import Family

F = Family("shapes")
I = lambda *a: torch.tensor(a)
S = torch.tensor(3.5, dtype=torch.float64)

for k, (shape, dim, size, step) in enumerate([
        ([10], 0, 3, 1), ([10], 0, 3, 2), ([11], -1, 4, 4), ([3, 7], 1, 2, 3), ([3, 7], 0, 2, 1), ([2, 5, 3], 1, 5, 1),
        ([4], 0, 0, 1), ([4], 0, 4, 100), ([2, 0, 3], 1, 0, 1), ([2, 0, 6], 2, 3, 2)]):
    F.add(f"unfold/{k}", "unfold", lambda x, dimension, size, step: x.unfold(dimension, size, step), [F.randn(*shape)],
          {"dimension": dim, "size": size, "step": step})
F.add("unfold/view", "unfold", lambda x, dimension, size, step: x.unfold(dimension, size, step), [F.randn(4, 9)],
      {"dimension": 0, "size": 3, "step": 2}, views=[{"permute": [1, 0], "slice": [[0, 9, 1], [0, 4, 2]]}])
F.add("unfold/scalar", "unfold", lambda x, dimension, size, step: x.unfold(dimension, size, step), [S],
      {"dimension": 0, "size": 1, "step": 1})
F.add("unfold/int", "unfold", lambda x, dimension, size, step: x.unfold(dimension, size, step), [I(1, 2, 3, 4)],
      {"dimension": 0, "size": 2, "step": 1}, single=False)

block = lambda *x: torch.block_diag(*x)
F.add("block_diag", "block_diag", block, [F.randn(2, 3), F.randn(1, 2), F.randn(3, 1)])
F.add("block_diag/mixed", "block_diag", block, [F.randn(2, 3), F.randn(3), S])
F.add("block_diag/empty", "block_diag", block, [F.randn(2, 0), F.randn(0, 3), F.randn(2, 2)])
F.add("block_diag/view", "block_diag", block, [F.randn(2, 3), F.randn(4, 2)], views=[{"permute": [1, 0]}, {"slice": [[0, 4, 2], [0, 2, 1]]}])
for k, (shape, offset, a, b) in enumerate([([3], 0, -2, -1), ([2, 3], 1, -2, -1), ([2, 3], -2, 0, 2), ([2, 3, 2], 1, 3, 0),
                                           ([0], 1, 0, 1), ([2, 0], 0, -2, -1)]):
    F.add(f"diag_embed/{k}", "diag_embed", lambda x, offset, dim1, dim2: torch.diag_embed(x, offset, dim1, dim2),
          [F.randn(*shape)], {"offset": offset, "dim1": a, "dim2": b})
F.add("diag_embed/view", "diag_embed", lambda x, offset, dim1, dim2: torch.diag_embed(x, offset, dim1, dim2),
      [F.randn(3, 4)], {"offset": 0, "dim1": -1, "dim2": 0}, views=[{"permute": [1, 0]}])
for k, (offset, a, b) in enumerate([(0, 0, 2), (1, -1, 0), (-1, 1, 0), (5, 1, 2), (-9, 0, 1)]):
    F.add(f"diagonal/{k}", "diagonal", lambda x, offset, dim1, dim2: torch.diagonal(x, offset, dim1, dim2),
          [F.randn(3, 4, 2)], {"offset": offset, "dim1": a, "dim2": b})
for k in [-3, -2, -1, 0, 1, 2, 3, 6]:
    F.add(f"rot90/{k}", "rot90", lambda x, k, dims: torch.rot90(x, k, dims), [F.randn(2, 3, 2)],
          {"k": k, "dims": [0, 1] if k % 2 else [2, 0]})

for name, f in [("tril_indices", torch.tril_indices), ("triu_indices", torch.triu_indices)]:
    for row, column, offset in [(3, 3, 0), (4, 2, 1), (2, 5, -1), (3, 4, 9), (3, 4, -9), (0, 4, 0), (4, 0, 0)]:
        F.add(f"{name}/{row}/{column}/{offset}", name, lambda x, row, col, offset, f=f: f(row, col, offset), [I(0)],
              {"row": row, "col": column, "offset": offset}, single=False)
product = lambda *x: torch.cartesian_prod(*x)
F.add("cartesian_prod/1", "cartesian_prod", product, [F.randn(3)])
F.add("cartesian_prod/3", "cartesian_prod", product, [F.randn(3), F.randn(2), F.randn(4)])
F.add("cartesian_prod/empty", "cartesian_prod", product, [F.randn(3), F.randn(0)])
F.add("cartesian_prod/int", "cartesian_prod", product, [I(1, 2), I(7, 8, 9)], single=False)
for n, r, again in [(4, 2, False), (4, 2, True), (3, 3, False), (3, 4, False), (3, 4, True), (5, 1, True), (1, 4, True),
                    (0, 2, False), (6, 4, False), (4, 0, False)]:
    F.add(f"combinations/{n}/{r}/{again}", "combinations", lambda x, r, with_replacement: torch.combinations(x, r, with_replacement),
          [F.randn(n)], {"r": r, "with_replacement": again})
F.add("unravel_index", "unravel_index", lambda i, shape: torch.unravel_index(i, tuple(shape)), [I(0, 22, 59, 13).reshape(2, 2)],
      {"shape": [3, 4, 5]}, single=False)
F.add("unravel_index/one", "unravel_index", lambda i, shape: torch.unravel_index(i, tuple(shape)), [I(6, 0)], {"shape": [7]}, single=False)

for k, (shape, size) in enumerate([([2, 3, 4], [3, 1]), ([2, 3, 4], [2, 3, 4]), ([2, 3], []), ([2, 3], [1, 1]), ([2, 0], [1, 0])]):
    F.add(f"sum_to_size/{k}", "sum_to_size", lambda x, size: x.sum_to_size(size), [F.randn(*shape)], {"size": size})
for name, target in [("expand_as", [4, 2, 3]), ("reshape_as", [3, 2]), ("view_as", [6])]:
    F.add(name, name, lambda x, y, name=name: getattr(x, name)(y), [F.randn(2, 3), F.randn(*target)], gradients=[True, False])

for n in [1, 2, 3, 7]:
    F.add(f"tensor_split/{n}", "tensor_split", lambda x, indices_or_sections, dim: torch.tensor_split(x, indices_or_sections, dim),
          [F.randn(2, 5)], {"indices_or_sections": n, "dim": 1})
for at in [[2], [1, 1, 4], [-2], [3, 1], [0, 9]]:
    F.add(f"tensor_split/{at}", "tensor_split", lambda x, indices_or_sections, dim: torch.tensor_split(x, tuple(indices_or_sections), dim),
          [F.randn(5, 2)], {"indices_or_sections": at, "dim": 0})
for name, shape in [("hsplit", [2, 6]), ("hsplit", [6]), ("vsplit", [6, 2]), ("dsplit", [1, 2, 6])]:
    f = lambda x, indices_or_sections, g=getattr(torch, name): g(x, indices_or_sections)
    F.add(f"{name}/{len(shape)}/parts", name, f, [F.randn(*shape)], {"indices_or_sections": 3})
    F.add(f"{name}/{len(shape)}/bounds", name, f, [F.randn(*shape)], {"indices_or_sections": [1, 4]})
for name in ["hstack", "vstack", "dstack", "column_stack"]:
    f = lambda *x, g=getattr(torch, name): g(x)
    F.add(f"{name}/vectors", name, f, [F.randn(3), F.randn(3)])
    F.add(f"{name}/scalars", name, f, [S, S * 2])
    F.add(f"{name}/matrices", name, f, [F.randn(2, 3), F.randn(3, 2)], views=[None, {"permute": [1, 0]}])
F.add("column_stack/mixed", "column_stack", lambda *x: torch.column_stack(x), [F.randn(3), F.randn(3, 2)])
for name in ["atleast_1d", "atleast_2d", "atleast_3d"]:
    for x in [S, F.randn(3), F.randn(2, 3), F.randn(2, 1, 2), F.randn(1, 2, 1, 2)]:
        F.add(f"{name}/{x.dim()}", name, lambda x, g=getattr(torch, name): g(x), [x])
F.add("broadcast_tensors", "broadcast_tensors", lambda *x: torch.broadcast_tensors(*x), [F.randn(3, 1), F.randn(4), S])
F.add("unflatten", "unflatten", lambda x, dim, sizes: x.unflatten(dim, sizes), [F.randn(2, 6)], {"dim": 1, "sizes": [-1, 2]})
F.add("swapaxes", "swapaxes", lambda x, axis0, axis1: x.swapaxes(axis0, axis1), [F.randn(2, 3, 4)], {"axis0": 0, "axis1": -1})
F.add("fliplr", "fliplr", torch.fliplr, [F.randn(2, 3)])
F.add("flipud", "flipud", torch.flipud, [F.randn(2, 3)])
F.add("argwhere", "argwhere", torch.argwhere, [I(0, 3, 0, -1).reshape(2, 2)], single=False)
F.add("roll/flat", "roll", lambda x, shifts: torch.roll(x, shifts), [F.randn(3, 4)], {"shifts": 5}, views=[{"permute": [1, 0]}])
F.add("repeat_interleave/tensor", "repeat_interleave", lambda x, r, dim: torch.repeat_interleave(x, r, dim),
      [F.randn(2, 3), I(2, 0, 3)], {"dim": 1})
F.add("transpose/scalar", "transpose", lambda x, dim0, dim1: x.transpose(dim0, dim1), [S], {"dim0": 0, "dim1": -1})
F.add("squeeze/scalar", "squeeze", lambda x, dim: x.squeeze(dim), [S], {"dim": 0})
F.add("prelu/scalar", "prelu", N.prelu, [-S, F.rand(1)])
F.add("prelu/vector", "prelu", N.prelu, [F.randn(5), F.rand(1)])
F.add("prelu/no_channels", "prelu", N.prelu, [F.randn(2, 0, 3), F.rand(1)])
F.add("index_add/scalar", "index_add", lambda x, i, s, dim: x.index_add(dim, i, s), [S, I(0), S + 1], {"dim": 0})
F.add("index_copy/scalar", "index_copy", lambda x, i, s, dim: x.index_copy(dim, i, s), [S, I(0), S + 1], {"dim": 0})
F.add("index_select/scalar", "index_select", lambda x, i, dim: x.index_select(dim, i), [S, I(0)], {"dim": 0})
F.add("clone", "clone", torch.clone, [F.randn(2, 3, 4)], views=[{"permute": [2, 0, 1]}])
F.add("contiguous", "contiguous", lambda x: x.contiguous(), [F.randn(2, 3, 4)], views=[{"permute": [2, 0, 1]}])
F.add("channels_last", "channels_last", lambda x: x.contiguous(memory_format=torch.channels_last), [F.randn(2, 3, 4, 2)])
F.write()
