"""References for TernModels, from torchvision, timm and transformers.

    python reference.py fixtures                     writes Fixtures/*.json: small networks, weights made by a formula
    python reference.py full TERN [NAME...]          every network of the collection at full size, through TERN's
                                                     `model run` and `model info`: weights by torch into safetensors

Needs torch 2.13, torchvision 0.28, timm, transformers, safetensors, numpy. Weights come from a hash of their names and
positions, which the tests repeat: files hold what came out of them alone.
"""

import json
import math
import os
import re
import subprocess
import sys
import tempfile

import numpy as np
import torch

register_fake = torch.library.register_fake
torch.library.register_fake = lambda *a, **k: lambda f: f  # torchvision's own operators are not needed
import torchvision

torch.library.register_fake = register_fake
import timm
import transformers
from torch import nn

HERE = os.path.dirname(os.path.abspath(__file__))
models = torchvision.models


def hashed(name, count):
    """Numbers in [-1, 1) from splitmix64 of the position and FNV-1a of the name."""
    seed = 0xCBF29CE484222325
    for byte in name.encode():
        seed = ((seed ^ byte) * 0x100000001B3) % (1 << 64)
    with np.errstate(over="ignore"):
        z = np.arange(1, count + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15) + np.uint64(seed)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        z = z ^ (z >> np.uint64(31))
    return (z >> np.uint64(11)).astype(np.float64) * 2.0**-52 - 1


def weights(name, shape):
    """What a tensor of a state starts from."""
    u = hashed(name, math.prod(shape)).reshape(shape)
    if name.endswith("running_var"):
        return 1 + 0.4 * u
    if len(shape) >= 2:
        return u * math.sqrt(3 / math.prod(shape[1:])) if "layer_scale" not in name else 0.5 + 0.2 * u
    if name.endswith("weight") or name.endswith("gamma"):
        return 1 + 0.2 * u
    return 0.1 * u


def filled(model):
    """The model in double precision with hashed weights, and the names and shapes of its state, tied ones once."""
    model = model.double()
    shapes, seen = [], set()
    with torch.no_grad():
        for name, value in model.state_dict().items():
            if value.data_ptr() in seen and value.numel() > 1:
                continue
            seen.add(value.data_ptr())
            shapes.append([name, list(value.shape)])
            if value.is_floating_point():
                value.copy_(torch.from_numpy(np.asarray(weights(name, value.shape))))
    return model, shapes


def digest(name, value):
    """The norm, and the product with hashed numbers: two numbers that no other tensor shares."""
    value = value.detach().double().reshape(-1)
    return [value.norm().item(), float(value.numpy() @ hashed("digest " + name, value.numel()))]


def image(shape):
    return torch.from_numpy(hashed("input", math.prod(shape)).reshape(shape) * 1.5)


def tokens(shape, vocabulary):
    numbers = np.floor((hashed("input", math.prod(shape)) + 1) / 2 * vocabulary).astype(np.int64)
    return torch.from_numpy(numbers.reshape(shape))


def output(model, x):
    y = model(x)
    if hasattr(y, "logits"):
        return y.logits
    if hasattr(y, "last_hidden_state"):
        return y.last_hidden_state
    return y


def loss_of(y, x):
    """Cross entropy for scores of classes (label i for example i), of the next token for scores of tokens, else half the
    mean square."""
    if y.dim() == 2:
        return nn.functional.cross_entropy(y, torch.arange(len(y)) % y.shape[1])
    if not x.is_floating_point() and y.dim() == 3 and y.shape[-1] == VOCABULARY:
        return nn.functional.cross_entropy(y[:, :-1].reshape(-1, y.shape[-1]), x[:, 1:].reshape(-1))
    return (y * y).mean() / 2


VOCABULARY = 67


def step(model, x):
    """One training step of SGD with the rate 0.1: loss, gradients, the state afterwards."""
    model.train()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    optimizer.zero_grad()
    loss = loss_of(output(model, x), x)
    loss.backward()
    gradients = {n: p.grad.clone() for n, p in model.named_parameters() if p.grad is not None}
    optimizer.step()
    return loss.item(), gradients, {n: b for n, b in model.named_buffers() if b.is_floating_point()}


def record(name, make, x):
    torch.manual_seed(0)
    model, shapes = filled(make())
    initial = {n: v.clone() for n, v in model.state_dict().items()}
    model.eval()
    with torch.no_grad():
        y = output(model, x)
    loss, gradients, buffers = step(model, x)
    # PyTorch's own distance between Float and Double.
    single = make().float()
    single.load_state_dict({n: v.float() if v.is_floating_point() else v for n, v in initial.items()})
    single.eval()
    xf = x.float() if x.is_floating_point() else x
    with torch.no_grad():
        yf = output(single, xf)
    lossf, gradientsf, buffersf = step(single, xf)
    distance = lambda a, b: (a.double() - b).norm().item()
    return {
        "name": name,
        "state": shapes,
        "input": list(x.shape),
        "outputShape": list(y.shape),
        "output": y.reshape(-1)[:64].tolist(),
        "outputDigest": digest("output", y),
        "largest": y.abs().max().item(),
        "loss": loss,
        "gradients": {n: digest(n, g) for n, g in gradients.items()},
        "buffers": {n: digest(n, b) for n, b in buffers.items()},
        "float": {
            "output": (yf.double() - y).abs().max().item(),
            "loss": abs(lossf - loss),
            "gradients": {n: distance(gradientsf[n], g) for n, g in gradients.items()},
            "buffers": {n: distance(buffersf[n], b) for n, b in buffers.items()},
        },
    }


def resnet(block, layers, **options):
    return lambda: models.ResNet(getattr(models.resnet, block), layers, **options)


def vgg(stages, normalized):
    def make():
        config = [v for stage in stages for v in stage + ["M"]]
        network = models.VGG(models.vgg.make_layers(config, batch_norm=normalized), num_classes=10, dropout=0)
        width = [v for v in config if v != "M"][-1]
        network.classifier[0] = nn.Linear(49 * width, 24)
        network.classifier[3] = nn.Linear(24, 24)
        network.classifier[6] = nn.Linear(24, 10)
        return network

    return make


SMALL = {
    "resnet-basic": (resnet("BasicBlock", [1, 1, 1, 1], num_classes=10), image([2, 3, 40, 33])),
    "resnet-bottleneck": (resnet("Bottleneck", [1, 2, 1, 1], num_classes=7, width_per_group=32, groups=2), image([2, 3, 33, 40])),
    "vgg": (vgg([[8], [12, 16]], False), image([2, 3, 29, 30])),
    "vgg-bn": (vgg([[8, 8], [12]], True), image([2, 3, 30, 29])),
    "mobilenet_v2": (lambda: models.mobilenet_v2(num_classes=10, width_mult=0.35, dropout=0.0), image([4, 3, 96, 80])),
}


def mobile_v3():
    blocks = [
        models.mobilenetv3.InvertedResidualConfig(i, k, e, o, se, act, s, 1, 1.0)
        for i, k, e, o, se, act, s in [
            (16, 3, 16, 16, True, "RE", 2),
            (16, 5, 40, 24, False, "HS", 1),
            (24, 5, 72, 24, True, "HS", 1),
        ]
    ]
    return models.MobileNetV3(blocks, 32, num_classes=10, dropout=0)


def efficient():
    config = models.efficientnet.MBConvConfig
    stages = [config(1, 3, 1, 16, 8, 1), config(6, 5, 2, 8, 12, 2), config(4, 3, 1, 12, 20, 1)]
    return models.EfficientNet(stages, dropout=0, stochastic_depth_prob=0.0, num_classes=10)


def convnext():
    config = models.convnext.CNBlockConfig
    return models.ConvNeXt([config(12, 20, 1), config(20, None, 2)], stochastic_depth_prob=0.0, num_classes=10)


def vit():
    return models.VisionTransformer(
        image_size=24, patch_size=8, num_layers=2, num_heads=4, hidden_dim=32, mlp_dim=48, num_classes=10
    )


def vit_timm():
    return timm.models.VisionTransformer(
        img_size=24, patch_size=8, depth=2, num_heads=4, embed_dim=32, num_classes=10, in_chans=3
    )


def gpt2():
    config = transformers.GPT2Config(
        vocab_size=67, n_positions=24, n_embd=32, n_layer=2, n_head=4, attn_pdrop=0, embd_pdrop=0, resid_pdrop=0
    )
    return transformers.GPT2LMHeadModel(config)


def bert():
    config = transformers.BertConfig(
        vocab_size=67, max_position_embeddings=24, hidden_size=32, intermediate_size=48, num_hidden_layers=2,
        num_attention_heads=4, hidden_dropout_prob=0, attention_probs_dropout_prob=0
    )
    return transformers.BertModel(config)


def ghostnet():
    stages = [[[3, 16, 16, 0, 1]], [[3, 36, 20, 0, 2]], [[5, 40, 20, 0.25, 1], [5, 60, 24, 0.25, 2]]]
    return timm.models.ghostnet.GhostNet(stages, num_classes=10, drop_rate=0)


class DoubleConv(nn.Module):
    def __init__(self, i, o):
        super().__init__()
        self.double_conv = nn.Sequential(
            nn.Conv2d(i, o, 3, padding=1, bias=False), nn.BatchNorm2d(o), nn.ReLU(),
            nn.Conv2d(o, o, 3, padding=1, bias=False), nn.BatchNorm2d(o), nn.ReLU(),
        )

    def forward(self, x):
        return self.double_conv(x)


class Down(nn.Module):
    def __init__(self, i, o):
        super().__init__()
        self.maxpool_conv = nn.Sequential(nn.MaxPool2d(2), DoubleConv(i, o))

    def forward(self, x):
        return self.maxpool_conv(x)


class Up(nn.Module):
    def __init__(self, i, o):
        super().__init__()
        self.up = nn.ConvTranspose2d(i, i // 2, 2, stride=2)
        self.conv = DoubleConv(i, o)

    def forward(self, x, beside):
        x = self.up(x)
        h, w = beside.shape[2] - x.shape[2], beside.shape[3] - x.shape[3]
        x = nn.functional.pad(x, [w // 2, w - w // 2, h // 2, h - h // 2])
        return self.conv(torch.cat([beside, x], dim=1))


class OutConv(nn.Module):
    def __init__(self, i, o):
        super().__init__()
        self.conv = nn.Conv2d(i, o, 1)

    def forward(self, x):
        return self.conv(x)


class UNet(nn.Module):
    """As in most PyTorch repositories, with transposed convolutions."""

    def __init__(self, width=64, depth=4, classes=2):
        super().__init__()
        widths = [width << i for i in range(depth + 1)]
        self.depth = depth
        self.inc = DoubleConv(3, width)
        for i in range(depth):
            setattr(self, f"down{i + 1}", Down(widths[i], widths[i + 1]))
        for i in range(depth):
            setattr(self, f"up{i + 1}", Up(widths[depth - i], widths[depth - i - 1]))
        self.outc = OutConv(width, classes)

    def forward(self, x):
        levels = [self.inc(x)]
        for i in range(self.depth):
            levels.append(getattr(self, f"down{i + 1}")(levels[-1]))
        x = levels.pop()
        for i in range(self.depth):
            x = getattr(self, f"up{i + 1}")(x, levels.pop())
        return self.outc(x)


class LanguageModel(nn.Module):
    """PyTorch's word language model, batch first."""

    def __init__(self, vocabulary, features, hidden, layers, dropout=0.0):
        super().__init__()
        self.encoder = nn.Embedding(vocabulary, features)
        self.rnn = nn.LSTM(features, hidden, layers, batch_first=True, dropout=dropout)
        self.decoder = nn.Linear(hidden, vocabulary)

    def forward(self, x):
        return self.decoder(self.rnn(self.encoder(x))[0])


class Autoencoder(nn.Module):
    def __init__(self, channels=1, w=16):
        super().__init__()
        self.encoder = nn.Sequential(
            nn.Conv2d(channels, w, 3, stride=2, padding=1), nn.ReLU(),
            nn.Conv2d(w, 2 * w, 3, stride=2, padding=1), nn.ReLU(), nn.Conv2d(2 * w, 4 * w, 7),
        )
        self.decoder = nn.Sequential(
            nn.ConvTranspose2d(4 * w, 2 * w, 7), nn.ReLU(),
            nn.ConvTranspose2d(2 * w, w, 3, stride=2, padding=1, output_padding=1), nn.ReLU(),
            nn.ConvTranspose2d(w, channels, 3, stride=2, padding=1, output_padding=1), nn.Sigmoid(),
        )

    def forward(self, x):
        return self.decoder(self.encoder(x))


class Generator(nn.Module):
    """PyTorch's DCGAN example."""

    def __init__(self, nz=100, ngf=64, nc=3):
        super().__init__()
        layers = [nn.ConvTranspose2d(nz, ngf * 8, 4, 1, 0, bias=False), nn.BatchNorm2d(ngf * 8), nn.ReLU()]
        for f in [4, 2, 1]:
            layers += [
                nn.ConvTranspose2d(ngf * f * 2, ngf * f, 4, 2, 1, bias=False), nn.BatchNorm2d(ngf * f), nn.ReLU(),
            ]
        self.main = nn.Sequential(*layers, nn.ConvTranspose2d(ngf, nc, 4, 2, 1, bias=False), nn.Tanh())

    def forward(self, x):
        return self.main(x)


class Discriminator(nn.Module):
    def __init__(self, ndf=64, nc=3):
        super().__init__()
        layers = [nn.Conv2d(nc, ndf, 4, 2, 1, bias=False), nn.LeakyReLU(0.2)]
        for f in [2, 4, 8]:
            layers += [
                nn.Conv2d(ndf * f // 2, ndf * f, 4, 2, 1, bias=False), nn.BatchNorm2d(ndf * f), nn.LeakyReLU(0.2),
            ]
        self.main = nn.Sequential(*layers, nn.Conv2d(ndf * 8, 1, 4, 1, 0, bias=False), nn.Sigmoid())

    def forward(self, x):
        return self.main(x)


SMALL |= {
    "ghostnet": (ghostnet, image([4, 3, 40, 48])),
    "unet": (lambda: UNet(4, 2, 3), image([2, 3, 27, 22])),
    "lstm": (lambda: LanguageModel(67, 12, 16, 2), tokens([3, 19], 67)),
    "autoencoder": (lambda: Autoencoder(2, 4), image([2, 2, 28, 32])),
    "dcgan-generator": (lambda: Generator(10, 4, 3), image([3, 10, 1, 1])),
    "dcgan-discriminator": (lambda: Discriminator(4, 3), image([3, 3, 64, 64])),
    "mobilenet_v3": (mobile_v3, image([4, 3, 40, 48])),
    "densenet": (lambda: models.DenseNet(8, (2, 3), 16, num_classes=10), image([2, 3, 48, 40])),
    "efficientnet": (efficient, image([4, 3, 40, 48])),
    "convnext": (convnext, image([2, 3, 32, 40])),
    "vit": (vit, image([3, 3, 24, 24])),
    "vit-timm": (vit_timm, image([3, 3, 24, 24])),
    "gpt2": (gpt2, tokens([3, 19], 67)),
    "bert": (bert, tokens([3, 19], 67)),
}


def generated():
    """Greedy continuations by transformers, with an end token and without."""
    model, _ = filled(gpt2())
    model.eval()
    start = tokens([3, 5], 67)
    answers = {"start": start.tolist()}
    with torch.no_grad():
        full = model.generate(start, max_new_tokens=14, do_sample=False, pad_token_id=0, eos_token_id=None)
        answers["greedy"] = full.tolist()
        end = int(full[0, 9])
        answers["end"] = end
        answers["ended"] = model.generate(
            start, max_new_tokens=14, do_sample=False, pad_token_id=end, eos_token_id=end
        ).tolist()
    with open(os.path.join(HERE, "Fixtures", "generation.json"), "w") as file:
        json.dump(answers, file)
        file.write("\n")
    print("generation", answers["greedy"][0], "end", end, np.array(answers["ended"]).shape)


def fixtures(names):
    torch.set_num_threads(1)
    for name, (make, x) in SMALL.items():
        if names and name not in names:
            continue
        entry = record(name, make, x)
        path = os.path.join(HERE, "Fixtures", name + ".json")
        with open(path, "w") as file:
            json.dump(entry, file, separators=(",", ":"))
            file.write("\n")
        print(name, os.path.getsize(path), "bytes, loss", entry["loss"], "largest", entry["largest"])


FULL_TIMM = ("ghostnet_100", "vit_tiny_patch16_224")


def full_model(name):
    """The network at full size and an input."""
    t = transformers
    others = {
        "gpt2": lambda: t.GPT2LMHeadModel(t.GPT2Config(attn_pdrop=0, embd_pdrop=0, resid_pdrop=0)),
        "gpt2_medium": lambda: t.GPT2LMHeadModel(
            t.GPT2Config(n_embd=1024, n_layer=24, n_head=16, attn_pdrop=0, embd_pdrop=0, resid_pdrop=0)
        ),
        "bert_base_uncased": lambda: t.BertModel(
            t.BertConfig(hidden_dropout_prob=0, attention_probs_dropout_prob=0)
        ),
        "lstm_language_model": lambda: LanguageModel(33278, 200, 200, 2),
        "unet": UNet, "autoencoder": Autoencoder, "dcgan_generator": Generator, "dcgan_discriminator": Discriminator,
    }
    if name in others:
        model = others[name]()
    elif name in FULL_TIMM:
        model = timm.create_model(name)
    else:
        model = getattr(models, name)()
    shape, vocabulary = [2, 3, 224, 224], None
    shape = {"autoencoder": [2, 1, 28, 28], "dcgan_generator": [2, 100, 1, 1], "dcgan_discriminator": [2, 3, 64, 64],
             "unet": [2, 3, 96, 96]}.get(name, shape)
    vocabulary = {"gpt2": 50257, "gpt2_medium": 50257, "bert_base_uncased": 30522, "lstm_language_model": 33278}.get(name)
    return model, tokens([2, 24], vocabulary) if vocabulary else image(shape)


def full(tern, names):
    """Every network at full size by the command: evaluation in both precisions; loss, gradients and state of a step
    without dropout."""
    from safetensors.torch import load_file, save_file

    global VOCABULARY
    lines = subprocess.run([tern, "model", "list"], check=True, capture_output=True, text=True).stdout.splitlines()
    failed = 0
    for name in names or [line.split()[0] for line in lines]:
        model, x = full_model(name)
        VOCABULARY = {"bert_base_uncased": 0}.get(name, getattr(getattr(model, "config", None), "vocab_size", 33278))
        model, _ = filled(model)
        for module in model.modules():
            if "Drop" in type(module).__name__ or type(module).__name__ == "StochasticDepth":
                module.p = 0.0
            if hasattr(module, "drop_rate"):
                module.drop_rate = 0.0
        with tempfile.TemporaryDirectory() as folder:
            path = lambda file: os.path.join(folder, file)
            seen, state = set(), {}
            for key, value in model.state_dict().items():
                if value.numel() > 1 and value.data_ptr() in seen:
                    continue
                seen.add(value.data_ptr())
                state[key] = value.contiguous()
            save_file(state, path("w.safetensors"))
            np.save(path("x.npy"), x.numpy())
            model.eval()
            with torch.no_grad():
                y = output(model, x).numpy()
            largest = np.abs(y).max()
            run = [tern, "model", "run", name, "--weights", path("w.safetensors"), "--input", path("x.npy"), "--output"]
            subprocess.run(run + [path("y.npy"), "--double"], check=True)
            error = np.abs(np.load(path("y.npy")) - y).max() / largest
            if x.is_floating_point():
                np.save(path("x.npy"), x.numpy().astype(np.float32))
            subprocess.run(run + [path("y.npy")], check=True)
            single = np.abs(np.load(path("y.npy")) - y).max() / largest
            good = error <= 1e-9 and single <= 1e-5
            text = f"{name}: evaluation {error:.1e} in double, {single:.1e} in single precision"
            np.save(path("x.npy"), x.numpy())
            step_run = run + [path("y.npy"), "--double", "--train-step"]
            printed = subprocess.run(step_run, check=True, capture_output=True, text=True).stdout
            loss, gradients, buffers = step(model, x)
            found, after = load_file(path("y.gradients.safetensors")), load_file(path("y.state.safetensors"))
            scale = max(g.norm() for g in gradients.values())
            worst = max(((found[n] - g).norm() / max(g.norm(), 1e-4 * scale)).item() for n, g in gradients.items())
            states = {n: v for n, v in model.state_dict().items() if n in after and v.is_floating_point()}
            moved = max(((after[n] - v).norm() / max(v.norm(), 1e-3)).item() for n, v in states.items())
            off = abs(float(printed.split()[1]) - loss) / abs(loss)
            good = good and max(worst, moved, off) <= 1e-8
            text += f", loss {off:.1e}, gradients {worst:.1e}, state after a step {moved:.1e}"
        failed += not good
        print(text if good else text + "  WRONG", flush=True)
    print(f"{len(names or lines) - failed} passed, {failed} failed")
    return failed


if __name__ == "__main__":
    if sys.argv[1:2] == ["fixtures"]:
        fixtures(sys.argv[2:])
        if "generation" in sys.argv[2:] or not sys.argv[2:]:
            generated()
    elif sys.argv[1:2] == ["full"] and len(sys.argv) > 2:
        sys.exit(1 if full(sys.argv[2], sys.argv[3:]) else 0)
    else:
        sys.exit(__doc__)
