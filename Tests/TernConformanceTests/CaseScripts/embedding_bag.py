"""Cases of the family embedding_bag: bags of rows of a table, and rows shortened to a norm."""
import torch
import torch.nn.functional as F
from cases import Family

family = Family("embedding_bag", folder="Layers", seed=31)


def bag(indices, weight, offsets, samples, **options):
    # PyTorch shortens rows in place, which leaves the gradient that of the shortened rows.
    if options.get("max_norm") is not None:
        weight = weight + (shortened(indices, weight, options) - weight).detach()
        options = {k: v for k, v in options.items() if k not in ("max_norm", "norm_type")}
    return F.embedding_bag(indices, weight, offsets, per_sample_weights=samples, **options)


def composed(indices, weight, offsets, samples, **options):
    """The same of operations that PyTorch differentiates twice, which its own does not when samples have weights. Its own
    divides by the frequency of another row than a gradient's (counts of the i-th index, not the i-th distinct one)."""
    expected = bag(indices, weight.detach(), offsets, samples if samples is None else samples.detach(), **options)
    table = weight
    if options.get("max_norm") is not None:
        table = weight + (shortened(indices, weight, options) - weight).detach()
    flat = indices.flatten()
    if options.get("scale_grad_by_freq"):
        share = table / torch.bincount(flat, minlength=len(table)).clamp(min=1)[:, None]
        table = share + (table - share).detach()
    counted = torch.ones(len(flat), dtype=torch.float64)
    if options.get("padding_idx") is not None:
        counted = (flat != options["padding_idx"] % weight.shape[0]).double()
    factors = counted if samples is None else samples.flatten() * counted
    if offsets is None:
        ends = torch.arange(indices.shape[0] + 1) * indices.shape[1]
    else:
        ends = offsets if options.get("include_last_offset") else torch.cat([offsets, ints(len(flat))])
    terms = table[flat] * factors[:, None]
    sizes = [counted[a:b].sum().clamp(min=1) if options["mode"] == "mean" else 1 for a, b in zip(ends, ends[1:])]
    result = torch.stack([terms[a:b].sum(0) / size for a, b, size in zip(ends, ends[1:], sizes)])
    assert torch.allclose(result.detach(), expected, rtol=1e-12, atol=1e-14)
    return result


def rows(indices, weight, **options):
    if options.get("max_norm") is not None:
        weight = weight + (shortened(indices, weight, options) - weight).detach()
        options = {k: v for k, v in options.items() if k not in ("max_norm", "norm_type")}
    return F.embedding(indices, weight, **options)


def shortened(indices, weight, options):
    table = weight.detach().clone()
    torch.embedding_renorm_(table, indices.contiguous().flatten(), options["max_norm"], options.get("norm_type", 2.0))
    return table


def ints(*values):
    return torch.tensor(values, dtype=torch.int64)


def choice(*shape, below):
    return torch.randint(below, shape, generator=family.generator)


table = family.randn(7, 5)
flat = ints(3, 0, 6, 3, 3, 1, 5, 2)
for mode in ["sum", "mean", "max"]:
    add = lambda name, *inputs, **more: family.add(f"{mode}/{name}", "embedding_bag", bag, list(inputs),
                                                   {"mode": mode, **more.pop("attributes", {})}, **more)
    add("rows of indices", choice(4, 3, below=7), table, None, None)
    add("one bag", choice(1, 6, below=7), table, None, None)
    add("one index a bag", choice(5, 1, below=7), table, None, None)
    add("offsets", flat, table, ints(0, 3, 5), None)
    add("empty bags", flat, table, ints(0, 0, 4, 4, 8), None)
    add("last offset", flat, table, ints(0, 2, 5, 8), None, attributes={"include_last_offset": True})
    add("padding", flat, table, ints(0, 1, 5), None, attributes={"padding_idx": 3})
    add("bags of padding", ints(2, 2, 1, 2), table, ints(0, 2, 3), None, attributes={"padding_idx": 2})
    add("negative padding", choice(4, 3, below=7), table, None, None, attributes={"padding_idx": -1})
    add("no bags", torch.zeros(0, 3, dtype=torch.int64), table, None, None)
    add("one feature", flat, family.randn(7, 1), ints(0, 3, 5), None)
    add("wide rows", flat, family.randn(7, 67), ints(0, 3, 5), None)
    add("transposed table", flat, family.randn(5, 7), ints(0, 3, 5), None,
        views=[None, {"permute": [1, 0]}, None, None])
    add("every second row", flat, family.randn(14, 6), ints(0, 3, 5), None,
        views=[None, {"slice": [[1, 14, 2], [0, 6, 3]]}, None, None])
    add("every second index", choice(16, below=7), table, ints(0, 3, 5), None,
        views=[{"slice": [[0, 16, 2]]}, None, None, None])
    add("shortened", flat, table, ints(0, 3, 5), None, attributes={"max_norm": 1.0})
    add("shortened by sums", choice(3, 2, below=7), table, None, None, attributes={"max_norm": 1.5, "norm_type": 1.0})
    if mode != "max":
        for name, more in [("by frequency", {}), ("by frequency, with padding", {"padding_idx": 3})]:
            family.add(f"{mode}/{name}", "embedding_bag", composed, [flat, table, ints(0, 3, 5), None],
                       {"mode": mode, "scale_grad_by_freq": True, **more})
for name, index, weights, offsets, more in [
        ("rows of indices", choice(4, 3, below=7), family.randn(4, 3), None, {}),
        ("offsets", flat, family.randn(8), ints(0, 3, 5), {}),
        ("empty bags", flat, family.randn(8), ints(0, 0, 4, 8), {}),
        ("last offset", flat, family.randn(8), ints(0, 3, 8), {"include_last_offset": True}),
        ("padding", flat, family.randn(8), ints(0, 3, 5), {"padding_idx": 3}),
        ("negative padding", choice(4, 3, below=7), family.randn(4, 3), None, {"padding_idx": -2}),
        ("shortened", flat, family.randn(8), ints(0, 3, 5), {"max_norm": 1.0}),
        ("shortened by largest", choice(4, 3, below=7), family.randn(4, 3), None,
         {"max_norm": 0.5, "norm_type": float("inf")})]:
    family.add(f"weighted/{name}", "embedding_bag", composed, [index, table, offsets, weights], {"mode": "sum", **more})
family.add("weighted/by frequency", "embedding_bag", composed, [flat, table, ints(0, 3, 5), family.randn(8)],
           {"mode": "sum", "scale_grad_by_freq": True}, second=False)
family.add("weighted/transposed", "embedding_bag", composed, [choice(3, 4, below=7), table, None, family.randn(3, 4)],
           {"mode": "sum"}, views=[{"permute": [1, 0]}, None, None, {"permute": [1, 0]}])
for name, more in [("of 2", {}), ("of 1", {"norm_type": 1.0}), ("of 3", {"norm_type": 3.0}),
                   ("of half", {"norm_type": 0.5}), ("largest", {"norm_type": float("inf")}),
                   ("with padding", {"padding_idx": 3}), ("by frequency", {"scale_grad_by_freq": True}),
                   ("by frequency, with padding", {"scale_grad_by_freq": True, "padding_idx": -1})]:
    family.add(f"embedding/norm {name}", "embedding", rows, [choice(3, 4, below=7), table], {"max_norm": 1.0, **more},
               second="scale_grad_by_freq" not in more)
family.add("embedding/norm above all", "embedding", rows, [choice(3, 4, below=7), table], {"max_norm": 100.0})
family.add("embedding/norm 0", "embedding", rows, [choice(3, below=7), table], {"max_norm": 0.0})
family.add("embedding/single index", "embedding", rows, [torch.tensor(4), table], {"max_norm": 1.0})
family.add("embedding/transposed table", "embedding", rows, [choice(3, below=7), family.randn(4, 7)],
           {"max_norm": 1.0}, views=[None, {"permute": [1, 0]}])
family.write()
