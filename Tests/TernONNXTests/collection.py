"""The collection's networks through `tern export WEIGHTS --model NAME --onnx OUT`, beside PyTorch.

    python collection.py TERN [NAME...]

Needs what Tests/TernModelsTests/reference.py needs, onnx and onnxruntime. Weights are PyTorch's, written to safetensors; each
file passes the full checker; onnxruntime without and with all its optimizations, and ONNX's reference, give PyTorch's
results in double precision to 1e-5 of the largest, for batches of 1, 3 and 64 from one file. Images are of 64 pixels where
the network takes any size; the reference takes the batch of 64 only where it is done in seconds.
"""

import os
import subprocess
import sys
import tempfile
import time

import numpy as np
import onnx
import onnxruntime
import torch
from onnx.reference import ReferenceEvaluator
from safetensors.torch import save_file

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "TernModelsTests"))
import reference

# Networks whose weights are those of one image size.
FIXED = {"autoencoder", "dcgan_generator", "dcgan_discriminator", "vit_b_16", "vit_tiny_patch16_224", "unet"}


def example(shape, x, batch):
    if not x.is_floating_point():
        return reference.tokens([batch] + shape, int(x.max()) + 1)
    return reference.image([batch] + shape)


def state_of(model):
    seen, state = set(), {}
    for key, value in model.state_dict().items():
        if value.numel() > 1 and value.data_ptr() in seen:
            continue
        seen.add(value.data_ptr())
        state[key] = (value.float() if value.is_floating_point() else value).contiguous()
    return state


def check(tern, name, folder):
    model, x = reference.full_model(name)
    model, _ = reference.filled(model)
    # The file has the weights in single precision; the results are those of the same numbers.
    model.load_state_dict({n: v.float().double() if v.is_floating_point() else v for n, v in model.state_dict().items()})
    model.eval()
    weights, path = os.path.join(folder, "w.safetensors"), os.path.join(folder, name + ".onnx")
    save_file(state_of(model), weights)
    shape, options = list(x.shape[1:]), []
    if x.is_floating_point() and name not in FIXED:
        shape, options = [3, 64, 64], ["--size", "64"]
    elif name == "unet":
        shape, options = [3, 64, 64], ["--size", "64"]
    elif not x.is_floating_point():
        options = ["--size", str(shape[0])]
    begin = time.time()
    subprocess.run([tern, "export", weights, "--model", name, "--onnx", path] + options, check=True)
    seconds = time.time() - begin
    onnx.checker.check_model(path, full_check=True)
    runs = {}
    for level in ["ORT_DISABLE_ALL", "ORT_ENABLE_ALL"]:
        session = onnxruntime.SessionOptions()
        session.graph_optimization_level = getattr(onnxruntime.GraphOptimizationLevel, level)
        runs[level] = onnxruntime.InferenceSession(path, session, providers=["CPUExecutionProvider"]).run
    runs["reference"] = ReferenceEvaluator(path).run
    worst, left, pace = {}, [], 0
    for batch in [1, 3, 64]:
        given = example(shape, x, batch)
        # Not more at once in double precision than memory holds.
        with torch.no_grad():
            wanted = np.concatenate([reference.output(model, part).numpy() for part in given.split(16)])
        fed = given.float().numpy() if given.is_floating_point() else given.numpy()
        for kind, run in runs.items():
            if kind == "reference" and batch == 64 and pace * 64 > 60:
                left.append("the reference at 64")
                continue
            begin = time.time()
            (y,) = run(None, {"input": fed})
            if kind == "reference":
                pace = (time.time() - begin) / batch
            assert y.shape == wanted.shape, (name, kind, batch, y.shape, wanted.shape)
            error = float(np.abs(y - wanted).max() / np.abs(wanted).max())
            worst[kind] = max(worst.get(kind, 0), error if np.isfinite(error) else np.inf)
    good = max(worst.values()) <= 1e-5
    figures = ", ".join(f"{kind} {error:.1e}" for kind, error in worst.items())
    print(f"{name:24} {figures}, exported in {seconds:.1f} s" + (f" ({', '.join(left)} left out)" if left else "")
          + ("" if good else "  WRONG"), flush=True)
    return good


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    listed = subprocess.run([sys.argv[1], "model", "list"], check=True, capture_output=True, text=True).stdout
    good = []
    for name in sys.argv[2:] or [line.split()[0] for line in listed.splitlines()]:
        with tempfile.TemporaryDirectory() as folder:
            good.append(check(sys.argv[1], name, folder))
    print(f"{sum(good)} passed, {len(good) - sum(good)} failed")
    sys.exit(not all(good))
