#!/usr/bin/env python3
"""Training steps of the same network at growing sizes in PyTorch, the twin of `tern bench --growth`.

    python pytorch_growth.py [--threads N] [--only REGEX] [--seconds S] [--channels-last]
"""
import argparse, re
import torch
import torch.nn as nn
import torch.nn.functional as F
from measurement import measure, report

parser = argparse.ArgumentParser()
parser.add_argument("--threads", type=int, default=2)
parser.add_argument("--only", default="")
parser.add_argument("--seconds", type=float, default=1.0, help="time given to each workload")
parser.add_argument("--channels-last", action="store_true")
args = parser.parse_args()
torch.set_num_threads(args.threads)
torch.manual_seed(0)


def step(model, x, y, loss):
    if args.channels_last and x.dim() == 4:
        model, x = model.to(memory_format=torch.channels_last), x.to(memory_format=torch.channels_last)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9)

    def run():
        optimizer.zero_grad()
        loss(model(x), y).backward()
        optimizer.step()
    return run


def classifier(features, batch):
    layers = []
    for index in range(1, len(features)):
        layers.append(nn.Linear(features[index - 1], features[index]))
        if index + 1 < len(features):
            layers.append(nn.ReLU())
    return step(nn.Sequential(*layers), torch.randn(batch, features[0]), torch.randint(0, features[-1], (batch,)), F.cross_entropy)


def convolutional(batch):
    model = nn.Sequential(
        nn.Conv2d(1, 32, 3, padding=1), nn.BatchNorm2d(32), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(32, 64, 3, padding=1), nn.BatchNorm2d(64), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Dropout(0.25), nn.Linear(3136, 128), nn.ReLU(), nn.Linear(128, 10))
    return step(model, torch.randn(batch, 1, 28, 28), torch.randint(0, 10, (batch,)), F.cross_entropy)


def transformer(length):
    layer = nn.TransformerEncoderLayer(128, 4, 512, dropout=0.0, activation="gelu", batch_first=True, norm_first=True)
    return step(layer, torch.randn(4, length, 128), torch.randn(4, length, 128), F.mse_loss)


class Outputs(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(64, 128, batch_first=True)

    def forward(self, x):
        return self.lstm(x)[0]


def recurrent(length):
    return step(Outputs(), torch.randn(16, length, 64), torch.randn(16, length, 128), F.mse_loss)


BATCHES = [1, 2, 4, 16, 64, 256, 1024]
WORKLOADS = (
    [("mlp_batch", n, lambda n=n: classifier([256, 512, 512, 10], n)) for n in BATCHES]
    + [("mlp_depth", n, lambda n=n: classifier([256] * (n + 1), 64)) for n in [1, 2, 4, 8, 16, 32]]
    + [("mlp_width", n, lambda n=n: classifier([n] * 4, 64)) for n in [16, 64, 256, 1024, 2048]]
    + [("cnn_batch", n, lambda n=n: convolutional(n)) for n in BATCHES[:-2]]
    + [("transformer_length", n, lambda n=n: transformer(n)) for n in [4, 16, 64, 256, 512]]
    + [("lstm_length", n, lambda n=n: recurrent(n)) for n in [16, 32, 64, 128, 256]])



class Recurrent(nn.Module):
    def __init__(self, kind, hidden, **options):
        super().__init__()
        self.layer = kind(hidden, hidden, batch_first=True, **options)

    def forward(self, x):
        return self.layer(x)[0]


def training(make, x):
    model = make()
    return step(model, x, torch.randn_like(model(x)), F.mse_loss)


def inference(make, x):
    model = make().eval()

    def run():
        with torch.inference_mode():
            model(x)
    return run


NETWORKS = [
    ("rnn", nn.RNN, {}), ("gru", nn.GRU, {}), ("lstm", nn.LSTM, {}),
    ("lstm_bidirectional", nn.LSTM, {"bidirectional": True}), ("gru_2_layers", nn.GRU, {"num_layers": 2})]
RECURRENT = [
    (f"{name}_h{h}_t{t}_b{b}/{kind}", lambda c=c, o=o, h=h, t=t, b=b, f=f: f(lambda: Recurrent(c, h, **o), torch.randn(b, t, h)))
    for name, c, o in NETWORKS for h in [32, 128, 512] for t in [16, 64, 256] for b in [1, 16, 64]
    for kind, f in [("step", training), ("inference", inference)]]

ROWS = [(f"growth/{kind}/{size}", "growth", make) for kind, size, make in WORKLOADS]
ROWS += [(f"recurrent/{name}", "recurrent", make) for name, make in RECURRENT]
for name, group, make in ROWS:
    if args.only and not re.search(args.only, name):
        continue
    report(name, group, measure(make(), args.seconds), args.threads)
