"""Writes the fixtures beside it: python3 make.py (with torch 2.x)."""

import collections
import os
import pickle

import torch

os.chdir(os.path.dirname(os.path.abspath(__file__)))

inf, nan = float("inf"), float("nan")
types = {
    "truth": torch.tensor([[True, False, True], [False, False, True]]),
    "bytes": torch.tensor([0, 1, 128, 255], dtype=torch.uint8),
    "small": torch.tensor([-128, 0, 127], dtype=torch.int8),
    "short": torch.tensor([-32768, 32767], dtype=torch.int16),
    "ushort": torch.tensor([0, 65535], dtype=torch.uint16),
    "int": torch.tensor([-(2**31), 2**31 - 1], dtype=torch.int32),
    "uint": torch.tensor([0, 2**32 - 1], dtype=torch.uint32),
    "long": torch.tensor([-(2**63), 2**63 - 1], dtype=torch.int64),
    "ulong": torch.tensor([0, 2**64 - 1], dtype=torch.uint64),
    "half": torch.tensor([1.5, -0.0, 65504, 2**-24, inf, -inf, nan], dtype=torch.float16),
    "brain": torch.tensor([1.5, -0.0, 3.3895e38, 1e-40, inf, -inf, nan], dtype=torch.bfloat16),
    "float": torch.arange(6, dtype=torch.float32).reshape(2, 3) / 3,
    "double": torch.tensor(3.141592653589793, dtype=torch.float64),
    "empty": torch.zeros(0, 3),
    "Größe \"x\"": torch.tensor([7.0]),
}
torch.save(types, "types.pt")
torch.save(types, "types4.pt", pickle_protocol=4)
torch.save(types, "types5.pt", pickle_protocol=5)

base = torch.arange(24, dtype=torch.float32)
grid = base.reshape(2, 3, 4)
views = collections.OrderedDict(
    base=base,
    grid=grid,
    transposed=grid.transpose(0, 2),
    stepped=base[1::5],
    sliced=grid[:, 1:, ::2],
    expanded=base[3:4].expand(2, 3),
    corner=grid[1, 2, 3],
    none=grid[:, :0],
    channels=torch.arange(24, dtype=torch.int16).reshape(1, 2, 3, 4).contiguous(memory_format=torch.channels_last),
)
torch.save(views, "views.pt")
torch.save(views, "views_legacy.pt", _use_new_zipfile_serialization=False)
torch.serialization.set_crc32_options(False)
torch.save(views, "views_no_checksums.pt")
torch.serialization.set_crc32_options(True)


class Model(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = torch.nn.Embedding(3, 2)
        self.norm = torch.nn.BatchNorm1d(2)
        self.head = torch.nn.Linear(2, 3, bias=False)
        self.head.weight = self.embed.weight


torch.manual_seed(1)
model = Model()
with torch.no_grad():
    model.embed.weight.copy_(torch.arange(6.0).reshape(3, 2))
tensor = torch.tensor([1.0, 2.0])
tensor.note = "an attribute"
nested = {
    "epoch": 3,
    "loss": 0.25,
    "name": "résumé",
    "done": True,
    "nothing": None,
    "large": 2**70,
    "negative": -(2**70),
    "offset": -3,
    "raw": b"\x00\xff",
    "type": torch.float32,
    "device": torch.device("cuda:1"),
    "size": torch.Size([2, 3]),
    "set": {5},
    "tuple": (1, (2.5, "x"), []),
    "counts": collections.Counter({10: 1}),
    "model": model.state_dict(),
    "parameter": torch.nn.Parameter(torch.tensor([4.0])),
    "attributes": tensor,
    7: {"a.b": {"c": torch.tensor([9])}},
}
torch.save(nested, "nested.pt")
torch.save(nested, "nested4.pt", pickle_protocol=4)
torch.save(nested, "nested_legacy.pt", _use_new_zipfile_serialization=False)
torch.save(torch.arange(3), "tensor.pt")

torch.save(model, "whole.pt")
torch.save({"model": torch.nn.Linear(1, 1)}, "whole_member.pt")
torch.jit.script(torch.nn.Linear(1, 1)).save("script.pt")
torch.save({"z": torch.zeros(2, dtype=torch.complex64)}, "complex.pt")
torch.save({"s": torch.eye(2).to_sparse()}, "sparse.pt")
torch.save({"q": torch.quantize_per_tensor(torch.ones(2), 0.1, 0, torch.quint8)}, "quantized.pt")
torch.save({"f": torch.zeros(2).to(torch.float8_e4m3fn)}, "float8.pt")
torch.save({"m": torch.zeros(2, device="meta")}, "meta.pt")
with open("plain.pkl", "wb") as f:
    pickle.dump({"a": [1, 2]}, f, protocol=2)
