"""Networks of PyTorch through both exporters and `tern import`: answers, five steps of training, and the file written again.

    python training.py TERN [NAME...]

Needs what Tests/TernModelsTests/reference.py needs, onnx, onnxruntime and onnxscript. Weights are hashed. Answers and those of
the file that `tern import --onnx` writes are onnxruntime's to 1e-5 of the largest, for the batch that was exported and another. Before each of five steps of
gradient descent on half the mean square the loss is PyTorch's: of the file in double precision to 1e-7 of what the loss moves, which
is 1 % at least; of that in Float to 1e-5 of the loss or four times PyTorch's own distance between Float and Double. Batch
normalizations use the batch's statistics; those that PyTorch's newer exporter folds into convolutions are folded in PyTorch too.
"""

import copy
import os
import subprocess
import sys
import tempfile
import warnings

import numpy as np
import onnx
import onnxruntime
import torch
import torch.fx.experimental.optimization

warnings.filterwarnings("ignore")
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "TernModelsTests"))
import reference
from reference import image, models, tokens


class Output(torch.nn.Module):
    """The scores or features alone."""

    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, x):
        return reference.output(self.model, x)


NETWORKS = {
    "resnet18": (lambda: models.resnet18(num_classes=10), image([4, 3, 64, 64])),
    "mobilenet_v2": (lambda: models.mobilenet_v2(num_classes=10, dropout=0.0), image([4, 3, 64, 64])),
    "densenet121": (lambda: models.densenet121(num_classes=10), image([4, 3, 64, 64])),
    "vit": (reference.vit, image([3, 3, 24, 24])),
    "gpt": (lambda: Output(reference.gpt2()), tokens([3, 19], 67)),
    "bert": (lambda: Output(reference.bert()), tokens([3, 19], 67)),
    "lstm": (lambda: reference.LanguageModel(67, 12, 16, 2), tokens([3, 19], 67)),
    "unet": (lambda: reference.UNet(8, 2, 3), image([4, 3, 32, 32])),
}
RATES = {"lstm": 0.1, "resnet18": 0.01, "mobilenet_v2": 0.01, "densenet121": 0.01}


def losses(model, x, rate):
    model.train()
    for module in model.modules():
        if isinstance(module, torch.nn.Dropout):
            module.p = 0.0
        if isinstance(module, torch.nn.Embedding):
            module.padding_idx = None  # which the file does not tell
    optimizer = torch.optim.SGD(model.parameters(), lr=rate)
    found = []
    for _ in range(5):
        optimizer.zero_grad()
        loss = (model(x) ** 2).mean() / 2
        loss.backward()
        optimizer.step()
        found.append(loss.item())
    return found


def trained(tern, model, x, dynamo, path, rate):
    """Losses of the file and of PyTorch."""
    export(model, x, path("t.onnx"), dynamo)
    np.save(path("x.npy"), x.numpy())
    text = run_tern(tern, path("t.onnx"), "--check", path("x.npy"), "--train-steps", "5", "--learning-rate", str(rate))
    own = [float(line.split()[1]) for line in text.splitlines() if line.startswith("loss ")]
    assert len(own) == 5
    if dynamo and any(isinstance(m, torch.nn.BatchNorm2d) for m in model.modules()):
        model = torch.fx.experimental.optimization.fuse(model.eval())
        for parameter in model.parameters():
            parameter.requires_grad_()  # the folded biases too
    return np.array(own), np.array(losses(model, x, rate))


def export(model, x, path, dynamo):
    model.eval()
    if dynamo:
        axis = {0: torch.export.Dim("n", min=2, max=1024)}
        torch.onnx.export(
            model, (x,), path, dynamo=True, verbose=False, input_names=["x"], output_names=["y"], external_data=False,
            dynamic_shapes=(axis,))
    else:
        torch.onnx.export(
            model, (x,), path, dynamo=False, input_names=["x"], output_names=["y"], opset_version=17,
            dynamic_axes={"x": {0: "n"}}, do_constant_folding=False, training=torch.onnx.TrainingMode.PRESERVE)


def run_tern(tern, *arguments):
    done = subprocess.run([tern, "import", *arguments], capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(done.stderr.strip()[:300])
    return done.stdout


def answers(path, x):
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"]).run(None, {"x": x})[0]


def distance(a, b):
    return float(np.abs(a - b).max() / np.abs(b).max()) if a.shape == b.shape else np.inf


def check(tern, name, dynamo, folder):
    torch.manual_seed(0)
    make, x = NETWORKS[name]
    model, _ = reference.filled(make())
    model = model.float()
    x = x.float() if x.is_floating_point() else x
    path = lambda file: os.path.join(folder, file)
    try:
        export(model, x, path("m.onnx"), dynamo)
    except Exception as error:
        print(f"{name:13} {'dynamo' if dynamo else 'older'}: PyTorch does not export it: {str(error).splitlines()[0][:90]}")
        return True
    found = []
    for batch in [x.numpy(), x[1:].flip(0).contiguous().numpy()]:
        np.save(path("x.npy"), batch)
        run_tern(tern, path("m.onnx"), "--check", path("x.npy"), "--output", path("y.npy"), "--onnx", path("n.onnx"))
        wanted = answers(path("m.onnx"), batch)
        found += [distance(np.load(path("y.npy")), wanted), distance(answers(path("n.onnx"), batch), wanted)]
    rate = RATES.get(name, 0.02)
    double = lambda: copy.deepcopy(model).double()
    big = x.double() if x.is_floating_point() else x
    own, wanted = trained(tern, double(), big, dynamo, path, rate)
    moves = abs(wanted[-1] - wanted[0]) / wanted[0]
    off = float(np.abs(own - wanted).max() / abs(wanted[-1] - wanted[0]))
    single, torchs = trained(tern, copy.deepcopy(model), x, dynamo, path, rate)
    distance_to = lambda values: float((np.abs(values - wanted) / np.abs(wanted)).max())
    moved, allowed = distance_to(single), max(1e-5, 4 * distance_to(torchs))
    good = max(found) <= 1e-5 and moved <= allowed and moves >= 0.01 and off <= 1e-7
    kind = "dynamo" if dynamo else "older"
    print(f"{name:13} {kind}: answers {max(found[::2]):.1e}, written again {max(found[1::2]):.1e}, "
          + f"loss moves by {moves:.1%}, off {off:.1e} of that, in Float {moved:.1e} of the loss ({allowed:.1e} allowed)"
          + ("" if good else "  WRONG"), flush=True)
    return good


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    good = []
    for name in sys.argv[2:] or NETWORKS:
        for dynamo in [False, True]:
            with tempfile.TemporaryDirectory() as folder:
                try:
                    good.append(check(sys.argv[1], name, dynamo, folder))
                except (RuntimeError, KeyError) as error:
                    print(name, "dynamo" if dynamo else "older", "FAILED:", error, flush=True)
                    good.append(False)
    print(f"{sum(good)} passed, {len(good) - sum(good)} failed")
    sys.exit(not all(good))
