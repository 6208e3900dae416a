"""ONNX's own backend tests (node, simple, pytorch-converted, pytorch-operator) through `tern import`.

Needs PyPI's onnx: python backend.py [path of tern] [part of a name]. Each case passes, is refused by `tern import` with a
line that says why, or is wrong: then this ends with 1. Cases with strings, sequences or types that NumPy lacks are counted
apart: a .npz file does not hold them.
"""

import collections
import glob
import os
import subprocess
import sys
import tempfile
import warnings
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import onnx
import onnx.backend.test.loader as loader
from onnx import numpy_helper

warnings.filterwarnings("ignore")
TERN = sys.argv[1] if len(sys.argv) > 1 else ".build/release/tern"
PART = sys.argv[2] if len(sys.argv) > 2 else ""
PLAIN = {"float32", "int64", "bool"}
KNOWN = PLAIN | {"float64", "float16", "int8", "int16", "int32", "uint8", "uint16", "uint32", "uint64"}


def array(value):
    result = np.asarray(numpy_helper.to_array(value) if isinstance(value, onnx.TensorProto) else value)
    if result.dtype.name not in KNOWN:
        raise TypeError(result.dtype.name)
    return result


def read(path, info):
    if not info.type.HasField("tensor_type"):
        raise TypeError("no tensor")
    tensor = onnx.TensorProto()
    with open(path, "rb") as file:
        tensor.ParseFromString(file.read())
    return tensor


def cases():
    for case in loader.load_node_model_tests():
        yield "node", case.name, case.model, lambda case=case: case.data_sets or [], case.rtol, case.atol
    data = os.path.join(os.path.dirname(onnx.__file__), "backend", "test", "data")
    for kind in ["simple", "pytorch-converted", "pytorch-operator"]:
        for path in sorted(glob.glob(f"{data}/{kind}/*/model.onnx")):
            model = onnx.load(path)

            def sets(path=path, model=model):
                for folder in sorted(glob.glob(os.path.dirname(path) + "/test_data_set_*")):
                    count = len(glob.glob(folder + "/input_*.pb"))
                    yield (
                        [read(f"{folder}/input_{i}.pb", model.graph.input[i]) for i in range(count)],
                        [read(f"{folder}/output_{i}.pb", info) for i, info in enumerate(model.graph.output)])

            yield kind, os.path.basename(os.path.dirname(path)), model, sets, 1e-3, 1e-5


def run(case):
    kind, name, model, sets, rtol, atol = case
    types = set()
    with tempfile.TemporaryDirectory() as folder:
        onnx.save(model, f"{folder}/model.onnx")
        try:
            pairs = [([array(x) for x in inputs], [array(y) for y in outputs]) for inputs, outputs in sets()]
        except (TypeError, ValueError) as error:
            return kind, name, "not run", str(error), False
        for inputs, outputs in pairs:
            types |= {x.dtype.name for x in inputs + outputs}
            np.savez(f"{folder}/x.npz", **{info.name: x for info, x in zip(model.graph.input, inputs)})
            done = subprocess.run(
                [TERN, "import", f"{folder}/model.onnx", "--check", f"{folder}/x.npz", "--output", f"{folder}/y.npz"],
                capture_output=True, text=True)
            if done.returncode != 0:
                lines = done.stderr.strip().splitlines()
                isRefused = done.returncode > 0 and len(lines) == 1
                return kind, name, "refused" if isRefused else "WRONG", done.stderr.strip()[:200], types <= PLAIN
            with np.load(f"{folder}/y.npz") as found:
                for info, wanted in zip(model.graph.output, outputs):
                    y = found[info.name]
                    # What was expected was rounded itself, where sums cancel to one unit in the last place of the largest
                    # number (of a Fourier transform forth and back).
                    unit = 0.0
                    if wanted.dtype in (np.float32, np.float64) and wanted.size:
                        sizes = np.abs(wanted[np.isfinite(wanted)].astype(float))
                        unit = float(np.finfo(wanted.dtype).eps) * sizes.max(initial=0)
                    close = y.shape == wanted.shape and y.dtype == wanted.dtype and np.allclose(
                        y.astype(float), wanted.astype(float), rtol=rtol, atol=max(atol, 1e-7, unit), equal_nan=True)
                    if not close:
                        return kind, name, "WRONG", f"{info.name} {y.dtype} {y.shape}", types <= PLAIN
    return kind, name, "passed", "", types <= PLAIN


with ThreadPoolExecutor(os.cpu_count()) as pool:
    results = list(pool.map(run, [case for case in cases() if PART in case[1]]))
for kind, name, state, why, _ in results:
    if state in ("WRONG", "refused"):
        print(state, kind, name, why)
for label, chosen in [(k, [r for r in results if r[0] == k]) for k in sorted({r[0] for r in results})] + [
        ("node, Float, Int and Bool", [r for r in results if r[0] == "node" and r[4]])]:
    print(label, dict(collections.Counter(r[2] for r in chosen)))
sys.exit(any(r[2] == "WRONG" for r in results))
