"""Optimizers beyond the family optim: trajectories of two parameters under given gradients.

Rprop, ASGD, Adafactor and SparseAdam are PyTorch's; Lion, LAMB and schedule-free AdamW are written here from the formulas
of their papers.
"""
import math
import torch
from cases import Family

family = Family("optimizer_variants", folder="Layers")
STEPS = 6


def torch_method(make, sparse=False):
    def run(*inputs, **options):
        half = len(inputs) // 2
        parameters = [torch.nn.Parameter(x.detach().clone()) for x in inputs[:half]]
        optimizer = make(parameters, **options)
        paths = [[] for _ in parameters]
        for step in range(STEPS):
            for p, g in zip(parameters, inputs[half:]):
                g = g[step].detach().clone()
                p.grad = sparse_rows(g) if sparse else g
            optimizer.step()
            for path, p in zip(paths, parameters):
                path.append(p.detach().clone())
        return tuple(torch.stack(path) for path in paths)
    return run


def sparse_rows(g):
    """The rows that are not 0, as an embedding's sparse gradient has them."""
    rows = [i for i in range(g.shape[0]) if bool((g[i] != 0).any())]
    return torch.sparse_coo_tensor(torch.tensor([rows], dtype=torch.int64), g[rows], g.shape)


def written(update, **defaults):
    def run(*inputs, **options):
        half = len(inputs) // 2
        paths = []
        for p, gradients in zip(inputs[:half], inputs[half:]):
            p, state, path = p.detach().clone(), {}, []
            for step in range(STEPS):
                g = gradients[step].detach()
                p = update(p, -g if options.get("maximize") else g, state, step + 1,
                           **{**defaults, **{k: v for k, v in options.items() if k != "maximize"}})
                path.append(state.get("shown", p).clone())
            paths.append(torch.stack(path))
        return tuple(paths)
    return run


def lion(p, g, state, t, lr, betas, weight_decay):
    m = state.get("m", torch.zeros_like(p))
    p = p * (1 - lr * weight_decay) - lr * torch.sign(betas[0] * m + (1 - betas[0]) * g)
    state["m"] = betas[1] * m + (1 - betas[1]) * g
    return p


def lamb(p, g, state, t, lr, betas, eps, weight_decay):
    m = betas[0] * state.get("m", torch.zeros_like(p)) + (1 - betas[0]) * g
    v = betas[1] * state.get("v", torch.zeros_like(p)) + (1 - betas[1]) * g * g
    state["m"], state["v"] = m, v
    r = (m / (1 - betas[0] ** t)) / ((v / (1 - betas[1] ** t)).sqrt() + eps) + weight_decay * p
    a, b = float((p * p).sum().sqrt()), float((r * r).sum().sqrt())
    return p - lr * (a / b if a > 0 and b > 0 else 1.0) * r


def schedule_free(p, g, state, t, lr, betas, eps, weight_decay, warmup_steps, r, weight_lr_power, evaluates=False):
    # Algorithm 1 of arXiv 2405.15682, with x and z kept and y worked out from them.
    x, z = state.get("x", p), state.get("z", p)
    y = (1 - betas[0]) * z + betas[0] * x
    rate = lr * min(1.0, t / max(warmup_steps, 1))
    v = betas[1] * state.get("v", torch.zeros_like(p)) + (1 - betas[1]) * g * g
    d = g / ((v / (1 - betas[1] ** t)).sqrt() + eps) + weight_decay * y
    z = z - rate * d
    largest = max(state.get("largest", 0.0), rate)
    weight = t ** r * largest ** weight_lr_power
    total = state.get("total", 0.0) + weight
    x = x + weight / total * (z - x)
    state.update(x=x, z=z, v=v, largest=largest, total=total)
    state["shown"] = x if evaluates else (1 - betas[0]) * z + betas[0] * x
    return p


def inputs(shapes=((3, 4), (5,)), seed=0, sparse=False):
    starts = [family.randn(*s) for s in shapes]
    gradients = [family.randn(STEPS, *s) for s in shapes]
    if sparse:
        for g in gradients:
            for step in range(STEPS):
                g[step, [(step + k) % g.shape[1] for k in range(g.shape[1] // 2)]] = 0
    return starts + gradients


def add(op, name, method, options, **kinds):
    family.add(f"{op}/{name}", op, method, inputs(**kinds), options, cotangents=False, second=False)


MATRICES = dict(shapes=((3, 4), (5,)))
rprop = torch_method(lambda p, **o: torch.optim.Rprop(p, **o))
for name, options in {"default": {}, "rate": {"lr": 0.1}, "factors": {"lr": 0.1, "etas": (0.3, 1.5)},
                      "limits": {"lr": 0.1, "etas": (0.2, 2.0), "step_sizes": (0.05, 0.15)},
                      "maximize": {"lr": 0.05, "maximize": True}}.items():
    add("Rprop", name, rprop, options)
asgd = torch_method(lambda p, **o: torch.optim.ASGD(p, **o))
for name, options in {"default": {}, "decay": {"lr": 0.1, "lambd": 0.05}, "power": {"lr": 0.1, "lambd": 0.5, "alpha": 0.5},
                      "weight_decay": {"lr": 0.1, "weight_decay": 0.1}, "averaging": {"lr": 0.1, "t0": 2.0},
                      "maximize": {"lr": 0.1, "lambd": 0.1, "maximize": True}}.items():
    add("ASGD", name, asgd, options)


def asgd_average(*inputs, **options):
    half = len(inputs) // 2
    parameters = [torch.nn.Parameter(x.detach().clone()) for x in inputs[:half]]
    optimizer = torch.optim.ASGD(parameters, **options)
    for step in range(STEPS):
        for p, g in zip(parameters, inputs[half:]):
            p.grad = g[step].detach().clone()
        optimizer.step()
    return tuple(optimizer.state[p]["ax"] for p in parameters)


for name, options in {"late": {"lr": 0.1, "t0": 2.0}, "never": {"lr": 0.1}, "at_once": {"lr": 0.1, "t0": 0.0}}.items():
    add("ASGD.ax", name, asgd_average, options)
adafactor = torch_method(lambda p, **o: torch.optim.Adafactor(p, **o))
for name, options in {"default": {}, "rate": {"lr": 0.5}, "decay": {"lr": 0.1, "beta2_decay": -0.5},
                      "epsilons": {"lr": 0.1, "eps": (1e-2, 0.5)}, "clipping": {"lr": 0.1, "d": 2.0},
                      "weight_decay": {"lr": 0.1, "weight_decay": 0.1},
                      "maximize": {"lr": 0.1, "maximize": True}}.items():
    # PyTorch's default is the type's own distance to the next number, which a twin in another precision does not have.
    family.add(f"Adafactor/{name}", "Adafactor", adafactor, inputs(shapes=((3, 4), (5,), (2, 3, 4))), options,
               cotangents=False, second=False)
sparse = torch_method(lambda p, **o: torch.optim.SparseAdam(p, **o), sparse=True)
for name, options in {"default": {}, "rate": {"lr": 0.1}, "betas": {"lr": 0.1, "betas": (0.5, 0.9)},
                      "epsilon": {"lr": 0.1, "eps": 0.1}, "maximize": {"lr": 0.1, "maximize": True}}.items():
    add("SparseAdam", name, sparse, options, shapes=((6, 4), (5, 2)), sparse=True)
for name, options in {"default": {}, "decay": {"lr": 0.01, "weight_decay": 0.5},
                      "betas": {"lr": 0.05, "betas": (0.5, 0.7)}, "maximize": {"lr": 0.01, "maximize": True}}.items():
    add("Lion", name, written(lion, lr=1e-4, betas=(0.9, 0.99), weight_decay=0.0), options)
for name, options in {"default": {}, "decay": {"lr": 0.1, "weight_decay": 0.5}, "no_decay": {"lr": 0.1, "weight_decay": 0.0},
                      "betas": {"lr": 0.1, "betas": (0.5, 0.7), "eps": 1e-3},
                      "maximize": {"lr": 0.1, "maximize": True}}.items():
    add("LAMB", name, written(lamb, lr=1e-3, betas=(0.9, 0.999), eps=1e-6, weight_decay=0.01), options)
FREE = dict(lr=0.0025, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0, warmup_steps=0, r=0.0, weight_lr_power=2.0)
for name, options in {"default": {}, "decay": {"lr": 0.1, "weight_decay": 0.1}, "warm_up": {"lr": 0.1, "warmup_steps": 4},
                      "powers": {"lr": 0.1, "warmup_steps": 3, "r": 1.5, "weight_lr_power": 1.0},
                      "betas": {"lr": 0.1, "betas": (0.6, 0.8), "eps": 1e-3},
                      "maximize": {"lr": 0.1, "maximize": True},
                      "averages": {"lr": 0.1, "warmup_steps": 2, "evaluates": True}}.items():
    add("ScheduleFreeAdamW", name, written(schedule_free, **FREE), options)
family.write()
