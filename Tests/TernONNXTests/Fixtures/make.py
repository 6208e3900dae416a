"""Writes the networks of ImportTests with what onnxruntime answers and how PyTorch trains them.

Needs torch, onnx, onnxruntime and onnxscript: python make.py
For each network: NAME.onnx, and NAME.npz with its inputs (in.x), outputs (out.y) and, where it trains, the losses before
each of five steps of SGD on mean(y * y) with a rate of 0.05.
"""

import copy

import numpy as np
import onnx
import onnxruntime
import torch
from onnx.reference import ReferenceEvaluator
from onnx import TensorProto, helper
from torch import nn


class Images(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.Conv2d(3, 6, 3, stride=2, padding=1)
        self.norm = nn.BatchNorm2d(6)
        self.depth = nn.Conv2d(6, 6, 3, padding=1, groups=3)
        self.up = nn.ConvTranspose2d(6, 4, 2, 2)
        self.head = nn.Linear(4, 5)

    def forward(self, x):
        y = nn.functional.hardswish(self.norm(self.first(x)))
        y = y + nn.functional.leaky_relu(self.depth(y), 0.2)
        y = nn.functional.max_pool2d(y, 3, 2, 1)
        y = self.up(nn.functional.interpolate(y, scale_factor=2, mode="bilinear", align_corners=False))
        return self.head(torch.cat([y[:, ::2], y[:, 1::2]], 1).mean([2, 3])).softmax(-1)


class Sequences(nn.Module):
    def __init__(self):
        super().__init__()
        self.words = nn.Embedding(11, 6)
        self.lstm = nn.LSTM(6, 5, bidirectional=True, batch_first=True)
        self.gru = nn.GRU(10, 4, batch_first=True)
        self.head = nn.Linear(4, 3)

    def forward(self, x):
        return self.head(self.gru(self.lstm(self.words(x))[0])[0][:, -1])


class Attention(nn.Module):
    def __init__(self):
        super().__init__()
        self.words = nn.Embedding(11, 8)
        self.places = nn.Embedding(9, 8)
        self.norm = nn.LayerNorm(8)
        self.all = nn.Linear(8, 24)
        self.out = nn.Sequential(nn.Linear(8, 16), nn.GELU(), nn.Linear(16, 8))

    def forward(self, x):
        batch, steps = x.shape
        y = self.words(x) + self.places(torch.arange(steps))
        q, k, v = self.all(self.norm(y)).reshape(batch, steps, 3, 2, 4).permute(2, 0, 3, 1, 4)
        mask = torch.tril(torch.ones(9, 9, dtype=torch.bool))[:steps, :steps]
        weights = (q @ k.transpose(-1, -2) / 2).masked_fill(~mask, float("-inf")).softmax(-1)
        y = y + (weights @ v).transpose(1, 2).reshape(batch, steps, 8)
        return (y + self.out(y)) @ self.words.weight.T


def save(name, inputs, losses=None):
    session = onnxruntime.InferenceSession(name + ".onnx")
    results = session.run(None, inputs)
    arrays = {"in." + key: value for key, value in inputs.items()}
    arrays |= {"out." + output.name: value for output, value in zip(session.get_outputs(), results)}
    if losses is not None:
        arrays["losses"] = np.array(losses)
    np.savez(name + ".npz", **arrays)


def network(name, model, x, dynamo):
    model.eval()
    for module in model.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.running_mean.normal_(0, 0.1)
            module.running_var.uniform_(0.5, 1.5)
    if dynamo:
        torch.onnx.export(
            model, (x,), name + ".onnx", dynamo=True, verbose=False, input_names=["x"], output_names=["y"],
            external_data=False)
    else:
        torch.onnx.export(
            model, (x,), name + ".onnx", dynamo=False, input_names=["x"], output_names=["y"], opset_version=17,
            dynamic_axes={"x": {0: "n"}}, do_constant_folding=False, training=torch.onnx.TrainingMode.PRESERVE)
    trained = copy.deepcopy(model)
    optimizer = torch.optim.SGD(trained.parameters(), lr=0.05)
    losses = []
    for _ in range(5):
        optimizer.zero_grad()
        loss = (trained(x) ** 2).mean()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    save(name, {"x": x.numpy()}, losses)


def loops():
    """x, doubled while its sum is below 100, and its rounds, by a Loop around an If."""
    body = helper.make_graph(
        [
            helper.make_node("Add", ["value", "value"], ["doubled"]),
            helper.make_node("ReduceSum", ["doubled"], ["sum"], keepdims=0),
            helper.make_node("Less", ["sum", "bound"], ["more"]),
            helper.make_node("If", ["more"], ["scanned"], then_branch=helper.make_graph(
                [helper.make_node("Identity", ["sum"], ["a"])], "then", [],
                [helper.make_tensor_value_info("a", TensorProto.FLOAT, [])]),
                else_branch=helper.make_graph(
                    [helper.make_node("Neg", ["sum"], ["b"])], "else", [],
                    [helper.make_tensor_value_info("b", TensorProto.FLOAT, [])])),
        ],
        "body",
        [
            helper.make_tensor_value_info("round", TensorProto.INT64, []),
            helper.make_tensor_value_info("goes", TensorProto.BOOL, []),
            helper.make_tensor_value_info("value", TensorProto.FLOAT, [3]),
        ],
        [
            helper.make_tensor_value_info("more", TensorProto.BOOL, []),
            helper.make_tensor_value_info("doubled", TensorProto.FLOAT, [3]),
            helper.make_tensor_value_info("scanned", TensorProto.FLOAT, []),
        ])
    graph = helper.make_graph(
        [helper.make_node("Loop", ["limit", "", "x"], ["y", "sums"], body=body)], "loops",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [3])],
        [
            helper.make_tensor_value_info("y", TensorProto.FLOAT, [3]),
            helper.make_tensor_value_info("sums", TensorProto.FLOAT, [None]),
        ],
        [
            helper.make_tensor("limit", TensorProto.INT64, [], [20]),
            helper.make_tensor("bound", TensorProto.FLOAT, [], [100.0]),
        ])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model, full_check=True)
    onnx.save(model, "loops.onnx")
    save("loops", {"x": np.array([1, 2, 3.5], np.float32)})


def operators():
    """Operators that the exporters of networks seldom write, beside ONNX's reference."""
    numbers = np.random.default_rng(3)
    real = lambda *shape: numbers.normal(size=shape).astype(np.float32)
    ints = lambda *values: np.array(values, np.int64)
    byte = lambda *shape: numbers.integers(0, 256, shape).astype(np.uint8)
    nodes, constants, inputs, outputs = [], {}, {}, []

    def add(operation, *given, results=1, **attributes):
        names = []
        for value in given:
            if value is None:
                names.append("")
                continue
            name = f"c{len(constants)}"
            constants[name] = value
            names.append(name)
        if not inputs:
            inputs["x"] = given[0]
            names[0] = "x"
        found = [f"y{len(nodes)}_{i}" for i in range(results)]
        outputs.extend(found)
        nodes.append(helper.make_node(operation, names, found, name=operation.lower(), **attributes))

    regions = np.array([[1, 0, 7, 9], [2.5, 3, 20, 11], [-4, -3, 2, 2], [3, 3, 3, 3]], np.float32)
    places = ints(0, 1, 1, 0)
    add("RoiAlign", real(2, 3, 9, 11), regions, places, output_height=2, output_width=3, spatial_scale=0.5)
    add("RoiAlign", real(2, 3, 9, 11), regions, places, output_height=2, output_width=2, sampling_ratio=2, mode="max",
        coordinate_transformation_mode="output_half_pixel")
    add("DFT", real(2, 7, 5, 1), ints(9)[0], ints(1)[0])
    add("DFT", real(2, 6, 2), ints(6)[0], ints(-2)[0], inverse=1)
    add("DFT", real(2, 6, 3, 1), ints(3)[0], ints(-2)[0], onesided=1)
    add("DFT", real(2, 6, 2), ints(9)[0], ints(1)[0], onesided=1, inverse=1)
    add("STFT", real(2, 40, 1), ints(7)[0], real(16), onesided=1)
    add("STFT", real(2, 40, 1), ints(7)[0], None, ints(12)[0], onesided=0)
    labels = np.array([[0, 3, 1], [2, 2, 4]], np.int64)
    add("NegativeLogLikelihoodLoss", real(2, 5, 3), labels, real(5), ignore_index=2)
    add("NegativeLogLikelihoodLoss", real(2, 5, 3), labels, reduction="none")
    add("SoftmaxCrossEntropyLoss", real(2, 5, 3), labels, np.abs(real(5)), results=2)
    add("SoftmaxCrossEntropyLoss", real(4, 5), ints(1, -1, 0, 4), ignore_index=-1, reduction="sum")
    add("Attention", real(2, 4, 5, 8), real(2, 2, 3, 8), real(2, 2, 3, 6), real(5, 7), real(2, 2, 4, 8),
        real(2, 2, 4, 6), results=3, is_causal=1)
    add("Attention", real(2, 5, 24), real(2, 7, 12), real(2, 7, 12), numbers.random((2, 1, 5, 7)) > 0.4,
        results=4, q_num_heads=4, kv_num_heads=2, softcap=2.0, qk_matmul_output_mode=3, scale=0.3)
    tables = real(2, 50, 4)
    add("RotaryEmbedding", real(2, 3, 6, 8), tables[0], tables[1], numbers.integers(0, 50, (2, 6)))
    add("RotaryEmbedding", real(2, 6, 30), real(2, 6, 3), real(2, 6, 3), interleaved=1, rotary_embedding_dim=6,
        num_heads=3)
    add("TensorScatter", real(3, 2, 6, 4), real(3, 2, 3, 4), ints(0, 2, 5), mode="circular")
    add("Col2Im", real(2, 3 * 6, 12), ints(6, 7), ints(2, 3), strides=[2, 2], pads=[1, 0, 0, 2], dilations=[1, 1])
    add("CenterCropPad", real(5, 8, 3), ints(4, 11, 3))
    add("AffineGrid", real(2, 2, 3), ints(2, 3, 4, 5), align_corners=1)
    add("Det", real(3, 4, 4))
    add("HannWindow", ints(9)[0], periodic=0)
    add("HammingWindow", ints(8)[0])
    add("BlackmanWindow", ints(8)[0], output_datatype=TensorProto.DOUBLE)
    scale = np.float32(0.02)
    add("QLinearMatMul", byte(3, 4), scale, np.uint8(120), byte(4, 5), scale, np.uint8(130), np.float32(0.1),
        np.uint8(90))
    add("QLinearConv", byte(1, 3, 6, 6), scale, np.uint8(120), byte(4, 3, 3, 3), np.abs(real(4)) * scale,
        np.uint8(130) + np.zeros(4, np.uint8), np.float32(0.4), np.uint8(100), numbers.integers(-99, 99, 4).astype(np.int32),
        pads=[1, 1, 1, 1], strides=[2, 2])
    add("ConvInteger", byte(1, 3, 6, 6), byte(4, 3, 3, 3), np.uint8(7), np.uint8(9))
    value = lambda name, array: helper.make_tensor_value_info(
        name, helper.np_dtype_to_tensor_dtype(np.asarray(array).dtype), list(np.shape(array)))
    graph = lambda found: helper.make_graph(
        nodes, "operators", [value(n, a) for n, a in inputs.items()], found,
        [onnx.numpy_helper.from_array(np.asarray(a), n) for n, a in constants.items() if n != "c0"])
    model = lambda found: helper.make_model(graph(found), opset_imports=[helper.make_opsetid("", 24)], ir_version=10)
    loose = [helper.make_empty_tensor_value_info(name) for name in outputs]
    results = ReferenceEvaluator(model(loose)).run(None, inputs)
    whole = model([value(name, y) for name, y in zip(outputs, results)])
    onnx.checker.check_model(whole, full_check=True)
    onnx.save(whole, "operators.onnx")
    arrays = {f"in.{n}": a for n, a in inputs.items()} | {f"out.{n}": np.asarray(y) for n, y in zip(outputs, results)}
    np.savez("operators.npz", **arrays)


torch.manual_seed(7)
network("images", Images(), torch.randn(2, 3, 13, 10), False)
network("images-dynamo", Images(), torch.randn(2, 3, 12, 12), True)
network("sequences", Sequences(), torch.randint(0, 11, (2, 6)), False)
network("attention", Attention(), torch.randint(0, 11, (2, 5)), False)
network("attention-dynamo", Attention(), torch.randint(0, 11, (2, 5)), True)
loops()
operators()
