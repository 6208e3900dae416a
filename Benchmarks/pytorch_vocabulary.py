#!/usr/bin/env python3
"""The yardstick of `tern bench --vocabulary`: the rows of vocabulary.json in PyTorch (CPU), one JSON line a row.

    python pytorch_vocabulary.py [--threads N] [--only REGEX] [--size 4|1e3|1e5|1e7] [--double] [--backward]
                                 [--layout contiguous|transposed|channels-last] [--seconds S] [--list]

Rows name operations as the conformance cases do; attributes are PyTorch's arguments. Layers and optimizers follow, from
pytorch_layers.py and pytorch_optimizers.py, but for size 4, at which only the rows named tiny are measured. An input is a kind of values and its
extents, numbers or names that the size gives. Rows that PyTorch lacks are left out.
"""
import argparse, json, os, re, statistics
import torch
import torch.masked
import torch.signal
import torch.nn.functional as F

import pytorch_layers
import pytorch_optimizers
from measurement import measure, report

parser = argparse.ArgumentParser()
parser.add_argument("--threads", type=int, default=2)
parser.add_argument("--only", default="")
parser.add_argument("--size", default="1e5")
parser.add_argument("--double", action="store_true")
parser.add_argument("--backward", action="store_true")
parser.add_argument("--layout", default="contiguous")
parser.add_argument("--seconds", type=float, default=0.1)
parser.add_argument("--list", action="store_true")
parser.add_argument("--rows", default=os.path.join(os.path.dirname(os.path.abspath(__file__)), "vocabulary.json"))
args = parser.parse_args()
torch.set_num_threads(args.threads)
torch.manual_seed(0)
DTYPE = torch.float64 if args.double else torch.float32


def lowered(shape, layout, make):
    """A tensor of the shape that lies in memory as the layout says."""
    if layout == "transposed" and len(shape) >= 2:
        return make(shape[:-2] + [shape[-1], shape[-2]]).transpose(-1, -2)
    if layout == "channels-last" and len(shape) == 4:
        return make(shape).contiguous(memory_format=torch.channels_last)
    return make(shape)


def tensor(text, sizes):
    if text is None:
        return None
    kind, *extents = text.split()
    shape = [int(e) if e.isdigit() else sizes[e] for e in extents]
    if kind.startswith("index:"):
        bound = kind[6:]
        return torch.randint(0, int(bound) if bound.isdigit() else sizes[bound], shape)
    if kind == "mask":
        return torch.rand(shape) < 0.5
    if kind == "permutation":
        return torch.randperm(shape[0])
    if kind == "spd":
        a = torch.randn(shape, dtype=DTYPE)
        return a @ a.transpose(-1, -2) / shape[-1] + 2 * torch.eye(shape[-1], dtype=DTYPE)
    make = {
        "normal": lambda s: torch.randn(s, dtype=DTYPE), "unit": lambda s: torch.rand(s, dtype=DTYPE) * 0.98 + 0.01,
        "positive": lambda s: torch.rand(s, dtype=DTYPE) + 0.1, "above": lambda s: torch.rand(s, dtype=DTYPE) + 1.5,
        "negative": lambda s: -torch.rand(s, dtype=DTYPE) - 0.1, "small": lambda s: torch.randn(s, dtype=DTYPE) * 0.02,
        "sign": lambda s: torch.randint(0, 2, s).to(DTYPE) * 2 - 1,
        "sorted": lambda s: torch.sort(torch.randn(s, dtype=DTYPE)).values,
    }[kind]
    return lowered(shape, args.layout, make)


def recurrent(function):
    def run(x, *rest, num_layers=1):
        state = rest[: 2 if function is torch.lstm else 1]
        weights = rest[len(state):]
        hx = list(state) if function is torch.lstm else state[0]
        return function(x, hx, list(weights), True, num_layers, 0.0, False, False, False)
    return run


def scaled(x, size=None, scale_factor=None, **kw):
    return F.interpolate(x, size=size, scale_factor=scale_factor, **kw)


SPECIAL = {
    "frac": torch.frac, "norm": lambda x, p=2, dim=None, keepdim=False: torch.linalg.vector_norm(x, p, dim, keepdim),
    "cat": lambda *t, dim=0: torch.cat(t, dim), "stack": lambda *t, dim=0: torch.stack(t, dim),
    "meshgrid": lambda *t, indexing="ij": [g.contiguous() for g in torch.meshgrid(*t, indexing=indexing)],
    "tile": lambda x, dims: x.tile(dims), "repeat": lambda x, repeats: x.repeat(repeats),
    "where": lambda p, *t, other=None: torch.where(p, t[0], t[1] if other is None else other),
    "index": lambda x, *i: x[i], "index_put": lambda x, v, *i: x.index_put(i, v),
    "split": lambda x, split_size_or_sections, dim: x.split(split_size_or_sections, dim),
    "einsum": lambda *t, equation: torch.einsum(equation, *t), "unfold": F.unfold, "fold": F.fold, "bilinear": F.bilinear,
    "slogdet": lambda a: tuple(reversed(torch.linalg.slogdet(a))), "lstsq": lambda a, b: torch.linalg.lstsq(a, b).solution,
    "solve_triangular": torch.linalg.solve_triangular, "solve": torch.linalg.solve, "layer_norm":
        lambda x, w=None, b=None, normalized_shape=None: F.layer_norm(x, normalized_shape, w, b),
    "rms_norm": lambda x, w=None, normalized_shape=None: F.rms_norm(x, normalized_shape, w),
    "group_norm": lambda x, w=None, b=None, num_groups=1: F.group_norm(x, num_groups, w, b),
    "batch_norm": lambda x, m, v, w=None, b=None, training=False: F.batch_norm(x, m, v, w, b, training),
    "rnn_tanh": recurrent(torch.rnn_tanh), "gru": recurrent(torch.gru), "lstm": recurrent(torch.lstm),
    "interpolate": scaled, "index_select": lambda x, i, dim: torch.index_select(x, dim, i),
    "gather": lambda x, i, dim: torch.gather(x, dim, i),
    "scatter_add": lambda x, i, v, dim: torch.scatter_add(x, dim, i, v),
    "masked_fill": lambda x, m, value: torch.masked_fill(x, m, value),
    "one_hot": lambda x, num_classes: F.one_hot(x, num_classes), "embedding": lambda i, w: F.embedding(i, w),
    "count_nonzero": lambda x, dim=None: torch.count_nonzero(x, dim),
    "pow": lambda x, *e, exponent=None: torch.pow(x, e[0] if e else exponent),
    "mvlgamma": torch.special.multigammaln, "polygamma": lambda x, n: torch.special.polygamma(n, x),
    "clamp_min": lambda x, min: torch.clamp_min(x, min), "clamp_max": lambda x, max: torch.clamp_max(x, max),
    "kthvalue": torch.kthvalue, "aminmax": torch.aminmax, "cov": torch.cov, "gradient": torch.gradient, "trace": torch.trace,
    "median": lambda x, **kw: torch.median(x, kw["dim"]) if "dim" in kw else torch.median(x),
    "nanmedian": lambda x, **kw: torch.nanmedian(x, kw["dim"]) if "dim" in kw else torch.nanmedian(x),
    "histogram": lambda x, bins, range, density: torch.histogram(x, bins, density=density),
    "histogramdd": lambda x, bins, range, density: torch.histogramdd(x, bins, density=density),
    "bucketize": lambda x, edges, right: torch.bucketize(x, edges, right=right),
    "isin": lambda x, values, invert: torch.isin(x, values, invert=invert),
    "scatter_reduce": lambda x, i, v, dim, reduce, include_self: x.scatter_reduce(dim, i, v, reduce, include_self=include_self),
    "index_reduce": lambda x, i, v, dim, reduce, include_self: x.index_reduce(dim, i, v, reduce, include_self=include_self),
    "index_add": lambda x, i, v, dim, alpha=1: x.index_add(dim, i, v, alpha=alpha),
    "index_copy": lambda x, i, v, dim: x.index_copy(dim, i, v), "index_fill": lambda x, i, v, dim: x.index_fill(dim, i, v),
    "put": lambda x, i, v, accumulate: x.put(i, v, accumulate), "take": torch.take, "masked_scatter": torch.masked_scatter,
    "unique_consecutive": torch.unique_consecutive, "vdot": torch.vdot, "addmv": torch.addmv, "inner": torch.inner,
    "tril_indices": lambda x, row, col, offset: torch.tril_indices(row, col, offset),
    "triu_indices": lambda x, row, col, offset: torch.triu_indices(row, col, offset),
    "combinations": lambda x, r, with_replacement: torch.combinations(x, r, with_replacement),
    "sum_to_size": lambda x, size: x.sum_to_size(size), "unravel_index": torch.unravel_index, "diff": torch.diff,
    "hstack": lambda *t: torch.hstack(t), "vstack": lambda *t: torch.vstack(t), "dstack": lambda *t: torch.dstack(t),
    "column_stack": lambda *t: torch.column_stack(t), "clone": torch.clone, "argwhere": torch.argwhere,
    "channels_last": lambda x: x.contiguous(memory_format=torch.channels_last), "multi_dot": lambda *t: torch.linalg.multi_dot(t),
    "lu": torch.linalg.lu, "vander": torch.vander, "cross": torch.linalg.cross, "geqrf": torch.geqrf, "eig": torch.linalg.eig,
    "householder_product": torch.linalg.householder_product, "cholesky_inverse": torch.cholesky_inverse,
    "channel_shuffle": lambda x, groups: F.channel_shuffle(x, groups), "polar": torch.polar, "magnitude": torch.abs,
    "affine_grid": lambda x, size, align_corners: F.affine_grid(x, size, align_corners=align_corners), "rsub": torch.rsub,
    "embedding_bag": lambda i, w, o=None, p=None, mode="mean": F.embedding_bag(i, w, mode=mode),
    "pad_sequence": lambda *t: torch.nn.utils.rnn.pad_sequence(t), "renorm": torch.renorm, "erfcx": torch.special.erfcx,
    "fftshift": torch.fft.fftshift, "ifftshift": torch.fft.ifftshift,
}
for name in "fft ifft rfft irfft hfft ihfft fftn ifftn rfftn irfftn fft2 ifft2 rfft2 irfft2".split():
    SPECIAL[name] = getattr(torch.fft, name)
for name in "hann hamming blackman nuttall bartlett cosine general_hamming exponential gaussian kaiser".split():
    SPECIAL[name] = lambda x, count, window=getattr(torch.signal.windows, name), **kw: window(count, dtype=DTYPE, **kw)
for name in "sum prod mean amax amin logsumexp var std norm normalize softmax log_softmax softmin cumsum cumprod median argmax argmin".split():
    def masked(x, mask, function=getattr(torch.masked, name), ord=None, correction=None, **kw):
        dim = {"dim": tuple(kw.pop("dim"))} if isinstance(kw.get("dim"), list) else {}
        given = {} if correction is None else {"unbiased": correction == 1}
        return function(x, *([] if ord is None else [ord]), mask=mask, **dim, **kw, **given)
    SPECIAL["masked." + name] = masked
# What is a pair of tensors in a row is one complex tensor here.
COMPLEX = set("fft ifft irfft hfft fftn ifftn irfftn fft2 ifft2 irfft2 magnitude".split())


def function(op):
    if op in SPECIAL:
        return SPECIAL[op]
    for module in [F, torch.linalg, torch, torch.special]:
        if hasattr(module, op) and not (module is F and op in ("tanh", "sigmoid", "cosine_similarity") and hasattr(torch, op)):
            return getattr(module, op)
    return None


with open(args.rows) as file:
    table = json.load(file)
sizes = table["sizes"][args.size]
suffix = f"{args.size}/{'double' if args.double else 'float'}/{args.layout}/{'backward' if args.backward else 'forward'}"


def chosen(row):
    """The row's full name where it is to be measured, else nothing."""
    name = f"vocabulary/{row}/{suffix}"
    if args.only and not re.search(args.only, name):
        return None
    if args.list:
        print(name)
        return None
    return name


def show(name, samples):
    report(name, "vocabulary", samples, args.threads)


def pass_of(run, leaves):
    """What calls `run` alone, or takes the gradients at the leaves of its first result; nothing without gradients."""
    if not args.backward:
        def call():
            with torch.no_grad():
                run()
        return call

    def first():
        out = run()
        return out[0] if isinstance(out, (tuple, list)) else out
    out = first()
    if not out.requires_grad:
        return None
    cotangent = torch.randn(out.shape, dtype=DTYPE)
    return lambda: torch.autograd.grad(first(), leaves, cotangent, allow_unused=True)


for row in table["rows"]:
    if args.size == "4":
        if row["name"] not in table["tiny"]:
            continue
    elif args.size not in row.get("sizes", list(table["sizes"])):
        continue
    run = function(row["op"])
    if run is None or args.backward and not row.get("backward", True) or not (name := chosen(row["name"])):
        continue
    put = lambda v: sizes.get(v, v) if isinstance(v, str) else [put(e) for e in v] if isinstance(v, list) else v
    attributes = {k: put(v) for k, v in row.get("attributes", {}).items()}
    inputs = [tensor(text, sizes) for text in row["inputs"]]
    if row["op"] in COMPLEX:
        inputs = [torch.complex(*inputs)]
    leaves = [x.requires_grad_() for x in inputs if x is not None and x.is_floating_point()] if args.backward else []
    call = pass_of(lambda: run(*inputs, **attributes), leaves)
    if call:
        show(name, measure(call, args.seconds))

if args.size != "4":
    for row, (text, make) in pytorch_layers.LAYERS.items():
        if not (name := chosen("layer_" + row)):
            continue
        x, layer = tensor(text, sizes), make(sizes["c"], sizes["ch"]).to(DTYPE)
        if args.layout == "channels-last":
            layer = layer.to(memory_format=torch.channels_last) if text == pytorch_layers.IMAGES else layer
        leaves = [x.requires_grad_()] + list(layer.parameters()) if args.backward else []
        call = pass_of(lambda: layer(x), leaves)
        if call:
            show(name, measure(call, args.seconds))

if args.size != "4" and not args.backward and args.layout == "contiguous":
    for row in pytorch_optimizers.STEPS:
        if not (name := chosen("step_" + row)):
            continue
        # The fastest of the forms counts.
        measured = [measure(make(), args.seconds) for make in pytorch_optimizers.forms(row, args.size, DTYPE)]
        if measured:
            show(name, min(measured, key=statistics.median))
