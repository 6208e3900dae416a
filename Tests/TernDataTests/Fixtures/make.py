"""Writes the fixtures beside it: python3 make.py (with numpy, torch and safetensors)."""

import csv
import gzip
import os
import zipfile

import numpy as np
import torch
from numpy.lib import format as npy
from safetensors.torch import save_file

os.chdir(os.path.dirname(os.path.abspath(__file__)))

inf, nan = float("inf"), float("nan")
save_file(
    {
        "truth": torch.tensor([[True, False, True], [False, False, True]]),
        "bytes": torch.tensor([0, 1, 128, 255], dtype=torch.uint8),
        "small": torch.tensor([-128, 0, 127], dtype=torch.int8),
        "short": torch.tensor([-32768, 32767], dtype=torch.int16),
        "ushort": torch.tensor([0, 65535], dtype=torch.uint16),
        "int": torch.tensor([-(2**31), 2**31 - 1], dtype=torch.int32),
        "uint": torch.tensor([0, 2**32 - 1], dtype=torch.uint32),
        "long": torch.tensor([-(2**63), 2**63 - 1], dtype=torch.int64),
        "ulong": torch.tensor([0, 2**64 - 1], dtype=torch.uint64),
        "half": torch.tensor([1.5, -0.0, 65504, 2**-24, 1 / 3, inf, -inf, nan], dtype=torch.float16),
        "brain": torch.tensor([1.5, -0.0, 3.3895e38, 1e-40, 1 / 3, inf, -inf, nan], dtype=torch.bfloat16),
        "float": torch.arange(6, dtype=torch.float32).reshape(2, 3) / 3,
        "double": torch.tensor(np.pi, dtype=torch.float64),
        "empty": torch.zeros(0, 3),
        "features.0.weight": torch.arange(8, dtype=torch.float32).reshape(2, 1, 2, 2),
        "Größe \"x\"": torch.tensor([7.0]),
    },
    "torch.safetensors",
    metadata={"format": "pt"},
)

a = np.arange(24).reshape(2, 3, 4)
np.save("f8.npy", a / 7)
np.save("f4_fortran.npy", np.asfortranarray(a.astype("f4") / 7))
np.save("f2.npy", np.array([1.5, -0.0, 65504, 2**-24, 1 / 3, inf, -inf, nan], dtype="f2"))
np.save("b1.npy", np.array([[True, False], [False, True]]))
np.save("u1_scalar.npy", np.uint8(200))
np.save("i8_empty.npy", np.zeros((0, 3), dtype="i8"))
np.save("i2_one.npy", np.array([-5], dtype="i2"))
np.save("big_endian.npy", np.array([1.0], dtype=">f8"))
np.save("big_endian_fortran.npy", np.asfortranarray(np.arange(6, dtype=">i2").reshape(2, 3) * 300))
np.save("complex.npy", np.array([1j]))
np.save("text.npy", np.array(["a"]))
np.save("records.npy", np.array([(1, 2.0)], dtype=[("a", "i4"), ("b", "f4")]))
with open("v2.npy", "wb") as f:
    npy.write_array(f, np.array([[-1], [2**40]]), version=(2, 0))
with open("v3.npy", "wb") as f:
    npy.write_array(f, np.array([3, 4], dtype="u4"), version=(3, 0))

with open("members.gz", "wb") as f:
    for part in [b"one ", b"", b"two " * 1000, b"three"]:
        f.write(gzip.compress(part, mtime=0))

arrays = {"weight": a.astype("f4") / 7, "Größe": np.array([3, -4]), "truth": np.array([True, False]), "one": np.float64(0.1)}
np.savez("stored.npz", **arrays)
np.savez_compressed("deflated.npz", **arrays, ones=np.ones((40, 50), dtype="f4"))
# The records of archives beyond 4 GB, in a small one.
zipfile.ZIP64_LIMIT = 10
np.savez("zip64.npz", **arrays)

with open("table.csv", "w", newline="", encoding="utf-8") as f:
    rows = csv.writer(f)
    rows.writerow(["name", "count", "share, of all", "is \"new\"", "kind"])
    rows.writerow(["Ångström", 1, 0.1, True, "a"])
    rows.writerow(["two\nlines", -20, 1e-300, False, "b"])
    rows.writerow(["comma, \"quotes\"", 2**62, float("inf"), True, "a"])
    rows.writerow(["", "", "", "", ""])
