"""Writes transforms.safetensors: values of torch.func's transforms in Double."""

import json
import pathlib
import struct

import torch
from torch.func import functional_call, grad, hessian, jacrev, jvp, vjp, vmap

torch.manual_seed(7)
torch.set_default_dtype(torch.float64)
a, b = torch.randn(4, 3), torch.randn(2, 5)
x, z, t, u, v = torch.randn(3), torch.randn(5), torch.randn(3), torch.randn(4), torch.randn(5)


def tall(x):
    return torch.tanh(a @ x) * torch.softmax(a @ x, 0)


def wide(z):
    return torch.sin(b @ z) + (b @ z).exp() / (1 + z.square().sum())


def scalar(x):
    return torch.nn.functional.softplus(a @ x).square().sum() + x.prod()


def pair(x, z):
    return (torch.outer(x, z).sigmoid() * b.sum()).sum(1)


out = {"a": a, "b": b, "x": x, "z": z, "t": t, "u": u, "v": v}
out["tall.jacobian"] = jacrev(tall)(x)
out["wide.jacobian"] = jacrev(wide)(z)
out["tall.value"], out["tall.jvp"] = jvp(tall, (x,), (t,))
out["tall.vjp"] = vjp(tall, x)[1](u)[0]
out["hessian"] = hessian(scalar)(x)
out["hvp"] = hessian(scalar)(x) @ t
out["pair.jacobian.x"], out["pair.jacobian.z"] = jacrev(pair, argnums=(0, 1))(x, z)
out["pair.jvp"] = jvp(pair, (x, z), (t, v))[1]

# Per-sample gradients of a small network of images.
model = torch.nn.Sequential(
    torch.nn.Conv2d(2, 4, 3, stride=2, padding=1, groups=2), torch.nn.GroupNorm(2, 4), torch.nn.Tanh(),
    torch.nn.Flatten(), torch.nn.LayerNorm(36), torch.nn.Linear(36, 3))
images, labels = torch.randn(5, 2, 6, 6), torch.tensor([0, 2, 1, 1, 0])
with torch.no_grad():
    for p in model.parameters():
        p.add_(0.1 * torch.randn_like(p))


def loss(parameters, image, label):
    return torch.nn.functional.cross_entropy(functional_call(model, parameters, image[None]), label[None])


parameters = {name: p.detach() for name, p in model.named_parameters()}
each = vmap(grad(loss), in_dims=(None, 0, 0))(parameters, images, labels)
out["images"], out["labels"] = images, labels
for name, p in parameters.items():
    out["model." + name], out["each." + name] = p, each[name]

header, data = {}, b''
for name, value in out.items():
    stored = value.detach().contiguous().numpy()
    header[name] = {'dtype': 'I64' if value.dtype == torch.int64 else 'F64', 'shape': list(stored.shape),
                    'data_offsets': [len(data), len(data) + stored.nbytes]}
    data += stored.tobytes()
text = json.dumps(header).encode()
text += b' ' * (-len(text) % 8)
path = pathlib.Path(__file__).with_name('transforms.safetensors')
path.write_bytes(struct.pack('<Q', len(text)) + text + data)
