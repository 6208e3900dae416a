"""Writes conformance cases: a manifest and its tensors, in the format of the folder Cases, computed with PyTorch.

    from cases import Family
    family = Family("order")                      # Vocabulary/Operations/order.json and order.safetensors
    family.add("median/odd", "median", lambda x, dim: torch.median(x, dim), [x], {"dim": 1})
    family.write()

A case is computed in double precision: outputs, gradients for random cotangents, and second-order gradients for random
tangents. Its single-precision twin, `NAME_f32`, has the inputs rounded to Float, evaluates them in double precision and
rounds the results. PyTorch 2.13; run the scripts with Python 3 where torch and numpy are installed.
"""
import json, os, zlib
import numpy as np
import torch

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "Vocabulary")
NAMES = {torch.float64: "F64", torch.float32: "F32", torch.int64: "I64", torch.int32: "I32", torch.uint8: "U8",
         torch.bool: "BOOL"}


def spell(value):
    """JSON has no infinities and no NaN."""
    if isinstance(value, float) and (value != value or value in (float("inf"), float("-inf"))):
        return "nan" if value != value else ("inf" if value > 0 else "-inf")
    if isinstance(value, (list, tuple)):
        return [spell(v) for v in value]
    return value


class Family:
    def __init__(self, name, seed=1, folder="Operations"):
        self.name, self.cases, self.tensors = name, [], {}
        self.path = os.path.join(FOLDER, folder, name)
        self.generator = torch.Generator().manual_seed(seed)

    def randn(self, *shape):
        return torch.randn(*shape, dtype=torch.float64, generator=self.generator)

    def rand(self, *shape):
        return torch.rand(*shape, dtype=torch.float64, generator=self.generator)

    def store(self, key, tensor):
        self.tensors[key] = tensor.detach().clone().contiguous()
        return key

    def add(self, name, op, function, inputs, attributes=None, *, views=None, gradients=None, second=True, single=True,
            nonfinite=False, relative=1e-10, absolute=1e-12, relative32=1e-4, absolute32=1e-5, cotangents=True):
        """One case.

        inputs      tensors or None, in order; `function(*inputs, **attributes)` gives a tensor or a tuple of them.
        views       for each input None, or a dict with "permute" and/or "slice": how the stored tensor is viewed. The
                    tensor given is the stored one.
        gradients   for each input whether to differentiate by it; by default all of floating point.
        second      second-order gradients too.    single  the single-precision twin too.
        """
        attributes = attributes or {}
        views = views or [None] * len(inputs)
        for suffix in ["", "_f32"] if single else [""]:
            stored = [None if x is None else
                      (x.float() if suffix and x.dtype == torch.float64 else x).detach().clone() for x in inputs]
            self._case(name + suffix, op, function, stored, attributes, views, gradients, second and not suffix,
                       nonfinite, bool(suffix), *((relative32, absolute32) if suffix else (relative, absolute)),
                       cotangents)

    def _case(self, name, op, function, stored, attributes, views, wants, second, nonfinite, single, relative,
              absolute, differentiates):
        generator = torch.Generator().manual_seed(zlib.crc32(name.encode()))
        keys, leaves, seen = [], [], []
        for index, (x, view) in enumerate(zip(stored, views)):
            if x is None:
                keys.append(None), leaves.append(None), seen.append(None)
                continue
            entry = {"tensor": self.store(f"{name}/in{index}", x)}
            y = x.double() if x.dtype == torch.float32 else x
            if view and "permute" in view:
                y, entry["permute"] = y.permute(view["permute"]), view["permute"]
            if view and "slice" in view:
                entry["slice"] = view["slice"]
                y = y[tuple(slice(a, b, s) for a, b, s in view["slice"])]
            keys.append(entry)
            y = y.detach().clone()
            wanted = y.is_floating_point() and differentiates and (wants is None or wants[index])
            leaves.append(y.requires_grad_(True) if wanted else None)
            seen.append(y)
        outputs = function(*seen, **{k: v for k, v in attributes.items()})
        outputs = list(outputs) if isinstance(outputs, (tuple, list)) else [outputs]
        single_of = lambda t: t.float() if single and t.dtype == torch.float64 else t
        case = {"name": name, "op": op, "attributes": {k: spell(v) for k, v in attributes.items()}, "inputs": keys,
                "outputs": [self.store(f"{name}/out{i}", single_of(o)) for i, o in enumerate(outputs)]}
        differentiable = [leaf for leaf in leaves if leaf is not None]
        if differentiable and any(o.requires_grad for o in outputs):
            cot = [torch.randn(o.shape, dtype=torch.float64, generator=generator) if o.requires_grad else None
                   for o in outputs]
            if single:
                cot = [None if c is None else c.float().double() for c in cot]
            case["cotangents"] = [None if c is None else self.store(f"{name}/ct{i}", single_of(c))
                                  for i, c in enumerate(cot)]
            loss = sum((o * c).sum() for o, c in zip(outputs, cot) if c is not None)
            first = torch.autograd.grad(loss, differentiable, create_graph=second, allow_unused=True)
            first = [torch.zeros_like(x) if g is None else g for g, x in zip(first, differentiable)]
            given = iter(range(len(first)))
            places = [None if leaf is None else next(given) for leaf in leaves]
            case["gradients"] = [None if p is None else self.store(f"{name}/grad{i}", single_of(first[p]))
                                 for i, p in enumerate(places)]
            if second:
                tangents = [torch.randn(x.shape, dtype=torch.float64, generator=generator) for x in differentiable]
                total = sum((g * t).sum() for g, t in zip(first, tangents))
                if total.requires_grad:
                    again = torch.autograd.grad(total, differentiable, allow_unused=True)
                else:
                    again = [None] * len(differentiable)
                again = [torch.zeros_like(x) if g is None else g for g, x in zip(again, differentiable)]
                case["second_order"] = {
                    "tangents": [None if p is None else self.store(f"{name}/tan{i}", tangents[p])
                                 for i, p in enumerate(places)],
                    "gradients": [None if p is None else self.store(f"{name}/grad2_{i}", again[p])
                                  for i, p in enumerate(places)]}
        if nonfinite:
            case["nonfinite"] = True
        elif not all(torch.isfinite(t).all() for k, t in self.tensors.items()
                     if k.startswith(name + "/") and t.is_floating_point() and "/in" not in k):
            raise ValueError(f"{name}: not finite")
        case["tolerance"] = {"relative": relative, "absolute": absolute}
        if any(c["name"] == name for c in self.cases):
            raise ValueError(f"{name}: twice")
        self.cases.append(case)

    def write(self):
        lines = ",\n".join(json.dumps(c, separators=(",", ":")) for c in self.cases)
        with open(self.path + ".json", "w") as file:
            file.write(f'{{"format": 1, "family": "{self.name}", "tensors": "{self.name}.safetensors", "cases": [\n'
                       f"{lines}\n]}}\n")
        header, data, at = {}, [], 0
        for key, tensor in self.tensors.items():
            raw = tensor.numpy().tobytes()
            header[key] = {"dtype": NAMES[tensor.dtype], "shape": list(tensor.shape), "data_offsets": [at, at + len(raw)]}
            data.append(raw)
            at += len(raw)
        text = json.dumps(header, separators=(",", ":")).encode()
        text += b" " * (-len(text) % 8)
        with open(self.path + ".safetensors", "wb") as file:
            file.write(len(text).to_bytes(8, "little") + text + b"".join(data))
        print(f"{self.name}: {len(self.cases)} cases, {at} bytes")
