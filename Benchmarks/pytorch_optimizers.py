"""The steps of optimizers, clipping and moving averages in PyTorch, in every form that it has (a loop, foreach, fused; written
with torch._foreach_ functions where torch.optim lacks the method): the rows step_* of the vocabulary."""
import torch
from torch import optim
from torch.optim import swa_utils

SHAPES = {"1e3": [(16, 16), (16,)] * 100, "1e5": [(1024, 1024), (1024,)] * 4, "1e7": [(3200, 3125)]}


class Parameters(torch.nn.Module):
    def __init__(self, shapes, dtype):
        super().__init__()
        self.list = torch.nn.ParameterList([torch.nn.Parameter(torch.randn(s, dtype=dtype)) for s in shapes])
        for p in self.list:
            p.grad = torch.randn(p.shape, dtype=dtype)


class Lion(optim.Optimizer):
    def __init__(self, params, lr=1e-4, betas=(0.9, 0.99)):
        super().__init__(params, dict(lr=lr, betas=betas))

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            params = group["params"]
            grads = [p.grad for p in params]
            for p in params:
                if p not in self.state:
                    self.state[p]["mean"] = torch.zeros_like(p)
            means = [self.state[p]["mean"] for p in params]
            beta1, beta2 = group["betas"]
            directions = torch._foreach_lerp(means, grads, 1 - beta1)
            torch._foreach_sign_(directions)
            torch._foreach_add_(params, directions, alpha=-group["lr"])
            torch._foreach_lerp_(means, grads, 1 - beta2)


class LAMB(optim.Optimizer):
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-6, decay=0.01):
        super().__init__(params, dict(lr=lr, betas=betas, eps=eps, decay=decay))
        self.count = 0

    @torch.no_grad()
    def step(self):
        self.count += 1
        for group in self.param_groups:
            params = group["params"]
            grads = [p.grad for p in params]
            for p in params:
                if p not in self.state:
                    self.state[p]["mean"], self.state[p]["square"] = torch.zeros_like(p), torch.zeros_like(p)
            means, squares = [self.state[p]["mean"] for p in params], [self.state[p]["square"] for p in params]
            beta1, beta2 = group["betas"]
            torch._foreach_lerp_(means, grads, 1 - beta1)
            torch._foreach_mul_(squares, beta2)
            torch._foreach_addcmul_(squares, grads, grads, 1 - beta2)
            roots = torch._foreach_sqrt(squares)
            torch._foreach_div_(roots, (1 - beta2**self.count) ** 0.5)
            torch._foreach_add_(roots, group["eps"])
            directions = torch._foreach_div(means, roots)
            torch._foreach_div_(directions, 1 - beta1**self.count)
            torch._foreach_add_(directions, params, alpha=group["decay"])
            sizes, lengths = torch._foreach_norm(params), torch._foreach_norm(directions)
            ratios = [-group["lr"] * (s / l).item() if s > 0 and l > 0 else -group["lr"] for s, l in zip(sizes, lengths)]
            torch._foreach_mul_(directions, ratios)
            torch._foreach_add_(params, directions)


class ScheduleFreeAdamW(optim.Optimizer):
    def __init__(self, params, lr=0.0025, betas=(0.9, 0.999), eps=1e-8):
        super().__init__(params, dict(lr=lr, betas=betas, eps=eps))
        self.count, self.sum = 0, 0.0

    @torch.no_grad()
    def step(self):
        self.count += 1
        for group in self.param_groups:
            lr, (beta1, beta2) = group["lr"], group["betas"]
            self.sum += lr**2
            weight = lr**2 / self.sum
            params = group["params"]
            grads = [p.grad for p in params]
            for p in params:
                if p not in self.state:
                    self.state[p]["z"], self.state[p]["square"] = p.clone(), torch.zeros_like(p)
            zs, squares = [self.state[p]["z"] for p in params], [self.state[p]["square"] for p in params]
            torch._foreach_mul_(squares, beta2)
            torch._foreach_addcmul_(squares, grads, grads, 1 - beta2)
            roots = torch._foreach_div(squares, 1 - beta2**self.count)
            torch._foreach_sqrt_(roots)
            torch._foreach_add_(roots, group["eps"])
            directions = torch._foreach_div(grads, roots)
            torch._foreach_lerp_(params, zs, weight)
            torch._foreach_add_(params, directions, alpha=lr * (beta1 * (1 - weight) - 1))
            torch._foreach_sub_(zs, directions, alpha=lr)


def stepping(make, **forms):
    """One call for each form of an optimizer."""
    def forms_of(model):
        def of(options):
            optimizer = make(list(model.parameters()), **options)
            return optimizer.step
        return [lambda options=options: of(options) for options in forms["forms"]]
    return forms_of


LOOPS = [dict(foreach=False), dict(foreach=True)]
FUSED = LOOPS + [dict(fused=True)]


def torch_optimizer(kind, forms, **options):
    return stepping(lambda params, **form: kind(params, **options, **form), forms=forms)


def lbfgs(model):
    def make():
        params = list(model.parameters())
        optimizer = optim.LBFGS(params, lr=1e-3, max_iter=4, history_size=10)
        gradients = [[torch.randn_like(p) for p in params] for _ in range(5)]
        loss, turn = torch.ones(()), 0

        def closure():
            nonlocal turn
            turn = (turn + 1) % len(gradients)
            for p, g in zip(params, gradients[turn]):
                p.grad = g
            return loss
        return lambda: optimizer.step(closure)
    return [make]


def averaging(function):
    def forms(model):
        def module():
            average = swa_utils.AveragedModel(model, multi_avg_fn=function)
            return lambda: average.update_parameters(model)

        def by_hand():
            average = [p.detach().clone() for p in model.parameters()]
            params = list(model.parameters())
            count = 0

            @torch.no_grad()
            def update():
                nonlocal count
                count += 1
                function(average, params, count)
            return update
        return [module, by_hand]
    return forms


def clipping(function, **options):
    return lambda model: [lambda form=form: (lambda: function(model.parameters(), **options, **form)) for form in LOOPS]


STEPS = {
    "sgd": torch_optimizer(optim.SGD, FUSED), "sgd_momentum": torch_optimizer(optim.SGD, FUSED, momentum=0.9),
    "sgd_nesterov": torch_optimizer(optim.SGD, FUSED, momentum=0.9, weight_decay=1e-4, nesterov=True),
    "adam": torch_optimizer(optim.Adam, FUSED), "adam_amsgrad": torch_optimizer(optim.Adam, FUSED, amsgrad=True),
    "adam_decay": torch_optimizer(optim.Adam, FUSED, weight_decay=0.01), "adamw": torch_optimizer(optim.AdamW, FUSED),
    "nadam": torch_optimizer(optim.NAdam, LOOPS), "radam": torch_optimizer(optim.RAdam, LOOPS),
    "adamax": torch_optimizer(optim.Adamax, LOOPS), "adagrad": torch_optimizer(optim.Adagrad, FUSED),
    "adadelta": torch_optimizer(optim.Adadelta, LOOPS), "rmsprop": torch_optimizer(optim.RMSprop, LOOPS),
    "rmsprop_momentum": torch_optimizer(optim.RMSprop, LOOPS, momentum=0.9),
    "rmsprop_centered": torch_optimizer(optim.RMSprop, LOOPS, centered=True),
    "rmsprop_centered_momentum": torch_optimizer(optim.RMSprop, LOOPS, centered=True, momentum=0.9),
    "rprop": torch_optimizer(optim.Rprop, LOOPS), "asgd": torch_optimizer(optim.ASGD, LOOPS),
    "lion": stepping(Lion, forms=[{}]), "lamb": stepping(LAMB, forms=[{}]),
    "adafactor": torch_optimizer(optim.Adafactor, LOOPS), "muon": torch_optimizer(optim.Muon, [{}]),
    "schedule_free_adamw": stepping(ScheduleFreeAdamW, forms=[{}]), "lbfgs": lbfgs,
    "clip_norm": clipping(torch.nn.utils.clip_grad_norm_, max_norm=1.0),
    "clip_norm_inside": clipping(torch.nn.utils.clip_grad_norm_, max_norm=1e9),
    "clip_value": clipping(torch.nn.utils.clip_grad_value_, clip_value=0.5),
    "exponential_average": averaging(swa_utils.get_ema_multi_avg_fn(0.999)),
    "mean_average": averaging(swa_utils.get_swa_multi_avg_fn()),
    "zero_gradients": lambda model: [lambda: model.zero_grad],
}


def forms(name, size, dtype):
    """What makes the call of each form, or nothing where the row is left out."""
    if name == "muon" and size == "1e7":
        return []
    shapes = [s for s in SHAPES[size] if name != "muon" or len(s) == 2]
    return STEPS[name](Parameters(shapes, dtype))
