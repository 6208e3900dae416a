#!/usr/bin/env python3
"""The yardstick of `tern bench --vocabulary`: the rows of vocabulary.json in PyTorch (CPU), one JSON line a row.

    python pytorch_vocabulary.py [--threads N] [--only REGEX] [--size 1e5] [--double] [--backward]
                                 [--layout contiguous|transposed|channels-last] [--seconds S] [--list]

Rows name operations as the conformance cases do; attributes are PyTorch's arguments. An input is a kind of values and its
extents, numbers or names that the size gives. Rows that PyTorch lacks are left out.
"""
import argparse, json, os, re, statistics, time
import torch
import torch.nn.functional as F

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
    "slogdet": torch.linalg.slogdet, "lstsq": lambda a, b: torch.linalg.lstsq(a, b).solution,
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
}


def function(op):
    if op in SPECIAL:
        return SPECIAL[op]
    for module in [F, torch.linalg, torch, torch.special]:
        if hasattr(module, op) and not (module is F and op in ("tanh", "sigmoid", "cosine_similarity") and hasattr(torch, op)):
            return getattr(module, op)
    return None


def measure(call):
    call()
    call()
    start = time.perf_counter(); call(); once = time.perf_counter() - start
    inner = max(1, int(0.02 / max(once, 1e-9)))
    samples, deadline = [], time.perf_counter() + args.seconds
    while len(samples) < 5 or (time.perf_counter() < deadline and len(samples) < 200):
        start = time.perf_counter()
        for _ in range(inner):
            call()
        samples.append((time.perf_counter() - start) / inner * 1e6)
    return samples


with open(args.rows) as file:
    table = json.load(file)
for row in table["rows"]:
    if args.size not in row.get("sizes", list(table["sizes"])) or (args.backward and not row.get("backward", True)):
        continue
    name = f"vocabulary/{row['name']}/{args.size}/{'double' if args.double else 'float'}/{args.layout}/" + (
        "backward" if args.backward else "forward")
    run = function(row["op"])
    if run is None or args.only and not re.search(args.only, name):
        continue
    if args.list:
        print(name)
        continue
    sizes = table["sizes"][args.size]
    put = lambda v: sizes.get(v, v) if isinstance(v, str) else [put(e) for e in v] if isinstance(v, list) else v
    attributes = {k: put(v) for k, v in row.get("attributes", {}).items()}
    inputs = [tensor(text, sizes) for text in row["inputs"]]
    if args.backward:
        leaves = [x.requires_grad_() for x in inputs if x is not None and x.is_floating_point()]
        out = run(*inputs, **attributes)
        first = out[0] if isinstance(out, (tuple, list)) else out
        if not first.requires_grad:
            continue
        cotangent = torch.randn(first.shape, dtype=DTYPE)

        def call():
            out = run(*inputs, **attributes)
            torch.autograd.grad(out[0] if isinstance(out, (tuple, list)) else out, leaves, cotangent, allow_unused=True)
    else:
        def call():
            with torch.no_grad():
                run(*inputs, **attributes)
    samples = measure(call)
    print(json.dumps({"name": name, "unit": "us", "min": round(min(samples), 3), "median": round(statistics.median(samples), 3),
                      "runs": len(samples), "group": "vocabulary", "threads": args.threads}), flush=True)
