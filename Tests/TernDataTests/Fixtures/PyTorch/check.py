"""Reads written.pt, which PyTorchTests writes, as PyTorch does: python3 check.py [file]."""

import os
import sys

import torch

os.chdir(os.path.dirname(os.path.abspath(__file__)))
state = torch.load(sys.argv[1] if len(sys.argv) > 1 else "written.pt", weights_only=True)
assert list(state) == ["embed.weight", "head.weight", "count", "none", "wide"], list(state)
assert torch.equal(state["embed.weight"], torch.tensor([[1.5, -2], [0.25, 3]]))
assert state["embed.weight"].data_ptr() == state["head.weight"].data_ptr()
assert state["count"].shape == () and state["count"].dtype == torch.int64 and state["count"] == 300
assert state["none"].shape == (0, 3) and state["none"].dtype == torch.float64
assert state["wide"].dtype == torch.uint16 and state["wide"].tolist() == [1, 65535]
mapped = torch.load("written.pt", weights_only=True, mmap=True)
assert torch.equal(mapped["head.weight"], state["head.weight"])
print("as it should be")
