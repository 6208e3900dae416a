"""Writes the fixtures beside it: python3 make.py (with torch 2.x).

A model is trained for two steps, saved with its optimizer, and trained for two more, whose weights are saved too.
"""

import os

import torch

os.chdir(os.path.dirname(os.path.abspath(__file__)))


class Model(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.first = torch.nn.Linear(3, 4)
        self.second = torch.nn.Linear(4, 2)

    def forward(self, x):
        return self.second(torch.tanh(self.first(x)))


def step(model, optimizer):
    x = torch.arange(6, dtype=torch.float64).reshape(2, 3) / 5
    loss = model(x).square().mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()


optimizers = {
    "adam": lambda m: torch.optim.Adam(m.parameters(), lr=0.02, betas=(0.8, 0.99), amsgrad=True),
    "adamw": lambda m: torch.optim.AdamW(
        [
            {"params": [m.first.bias, m.second.bias], "weight_decay": 0.0, "lr": 0.03},
            {"params": [m.first.weight, m.second.weight]},
        ],
        lr=0.02,
        weight_decay=0.1,
    ),
    "sgd": lambda m: torch.optim.SGD(m.parameters(), lr=0.1, momentum=0.9),
    "plain": lambda m: torch.optim.SGD(m.parameters(), lr=0.1),
}
for name, make in optimizers.items():
    torch.manual_seed(3)
    model = Model().double()
    optimizer = make(model)
    for _ in range(2):
        step(model, optimizer)
    file = {"epoch": 2, "model": {k: v.clone() for k, v in model.state_dict().items()}}
    state = optimizer.state_dict()
    file["optimizer"] = {
        "state": {
            k: {n: v.clone() if torch.is_tensor(v) else v for n, v in s.items()} for k, s in state["state"].items()
        },
        "param_groups": state["param_groups"],
    }
    for _ in range(2):
        step(model, optimizer)
    file["after"] = model.state_dict()
    torch.save(file, name + ".pt")

model = Model()
torch.save(torch.nn.DataParallel(model).state_dict(), "parallel.pt")
torch.save({"_orig_mod." + k: v for k, v in model.state_dict().items()}, "compiled.pt")
torch.save({"module._orig_mod." + k: v for k, v in model.state_dict().items()}, "both.pt")
torch.save(model.state_dict(), "bare.pt")
