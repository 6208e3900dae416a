"""Cases of the family loss_variants: weights of elements, shapes that broadcast, and the cross entropy of a linear layer."""
import warnings
import torch
import torch.nn.functional as F
from cases import Family

warnings.simplefilter("ignore")
family = Family("loss_variants", folder="Layers", seed=33)
REDUCTIONS = ["mean", "sum", "none"]


def ints(*values):
    return torch.tensor(values, dtype=torch.int64)


def labels(*shape, below):
    return torch.randint(below, shape, generator=family.generator)


def signs(*shape):
    return torch.randint(2, shape, generator=family.generator).double() * 2 - 1


def sized(draw, shape):
    return draw(*shape) if shape else draw(1)[0]


# Weights of elements.
weighted = {
    "mse_loss": lambda x, y, w, reduction: F.mse_loss(x, y, reduction=reduction, weight=w),
    "l1_loss": lambda x, y, w, reduction: F.l1_loss(x, y, reduction=reduction, weight=w),
    "huber_loss": lambda x, y, w, reduction, delta: F.huber_loss(x, y, reduction, delta, w)}
for op, function in weighted.items():
    more = {"delta": 0.7} if op == "huber_loss" else {}
    for reduction in REDUCTIONS:
        family.add(f"{op}/{reduction}", op, function,
                   [family.randn(3, 4), family.randn(3, 4), family.rand(3, 4) + 0.1], {"reduction": reduction, **more})
    family.add(f"{op}/some weights 0", op, function, [family.randn(5), family.randn(5),
               torch.tensor([1.0, 0.0, 2.0, 0.0, 0.5], dtype=torch.float64)], {"reduction": "mean", **more},
               gradients=[True, True, False])
    family.add(f"{op}/views", op, function, [family.randn(4, 3), family.randn(6, 4), family.rand(3, 4) + 0.1],
               {"reduction": "mean", **more}, views=[{"permute": [1, 0]}, {"slice": [[0, 6, 2], [0, 4, 1]]}, None])

# Shapes that broadcast.
def hinge(x, y, reduction, margin=1.0):
    return F.hinge_embedding_loss(x, y, margin, reduction=reduction)


def ranking(a, b, y, reduction, margin=0.0):
    return F.margin_ranking_loss(a, b, y, margin, reduction=reduction)


def soft(x, y, reduction):
    return F.soft_margin_loss(x, y, reduction=reduction)


def gaussian(x, y, v, reduction, full=False):
    return F.gaussian_nll_loss(x, y, v, full=full, reduction=reduction)


def triplet(a, p, n, reduction, swap=False):
    return F.triplet_margin_loss(a, p, n, swap=swap, reduction=reduction)


def cosine(a, b, y, reduction, margin=0.0):
    return F.cosine_embedding_loss(a, b, y, margin, reduction=reduction)


for reduction in REDUCTIONS:
    r = {"reduction": reduction}
    fixed = [True, False]
    family.add(f"hinge_embedding_loss/{reduction}", "hinge_embedding_loss", hinge, [family.rand(3, 4) * 2, signs(1, 4)],
               {**r, "margin": 1.3}, gradients=fixed)
    family.add(f"margin_ranking_loss/{reduction}", "margin_ranking_loss", ranking,
               [family.randn(5, 2), family.randn(5, 1), signs(1, 2)], {**r, "margin": 0.4}, gradients=[True, True, False])
    family.add(f"soft_margin_loss/{reduction}", "soft_margin_loss", soft, [family.randn(3, 4), signs(3, 4)], r,
               gradients=fixed)
    for name, target, variance in [("target", (1,), (5,)), ("variance", (5,), (1,)), ("both", (1,), ()), ("value", (), ())]:
        family.add(f"gaussian_nll_loss/{name}, {reduction}", "gaussian_nll_loss", gaussian,
                   [family.randn(5), sized(family.randn, target), sized(family.rand, variance) + 0.2], {**r, "full": name == "both"},
                   single=reduction == "mean")
    family.add(f"triplet_margin_loss/{reduction}", "triplet_margin_loss", triplet,
               [family.randn(3, 4), family.randn(1, 4), family.randn(3, 1)], r)
    family.add(f"cosine_embedding_loss/{reduction}", "cosine_embedding_loss", cosine,
               [family.randn(3, 4), family.randn(1, 4), signs(3)], {**r, "margin": 0.1}, gradients=[True, True, False])
    family.add(f"multi_margin_loss/one label, {reduction}", "multi_margin_loss",
               lambda x, y, reduction, p: F.multi_margin_loss(x, y, p=p, reduction=reduction),
               [family.randn(5), ints(3)], {**r, "p": 2}, second=False, single=False)
    family.add(f"multi_margin_loss/margin below 0, {reduction}", "multi_margin_loss",
               lambda x, y, reduction, margin: F.multi_margin_loss(x, y, margin=margin, reduction=reduction),
               [family.randn(4, 5), labels(4, below=5)], {**r, "margin": -0.3}, second=False, single=False)
    family.add(f"multilabel_margin_loss/{reduction}", "multilabel_margin_loss",
               lambda x, y, reduction: F.multilabel_margin_loss(x, y, reduction=reduction),
               [family.randn(2, 4), torch.tensor([[3, 0, -1, 1], [2, -1, 0, 0]])], r, second=False)
    family.add(f"multilabel_soft_margin_loss/{reduction}", "multilabel_soft_margin_loss",
               lambda x, y, w, reduction: F.multilabel_soft_margin_loss(x, y, w, reduction=reduction),
               [family.randn(3, 4), family.rand(3, 4), family.rand(3, 4)], r, gradients=[True, False, False])
family.add("gaussian_nll_loss/images", "gaussian_nll_loss", gaussian,
           [family.randn(2, 3, 2), family.randn(2, 3, 2), family.rand(2, 1, 2) + 0.2], {"reduction": "sum"})
family.add("triplet_margin_loss/swap", "triplet_margin_loss", triplet,
           [family.randn(3, 4), family.randn(3, 4), family.randn(1, 4)], {"reduction": "mean", "swap": True})
family.add("multi_margin_loss/one class", "multi_margin_loss", lambda x, y, reduction: F.multi_margin_loss(x, y),
           [family.randn(1)[0], torch.tensor(0)], {"reduction": "mean"}, second=False)
family.add("multilabel_margin_loss/one class", "multilabel_margin_loss",
           lambda x, y, reduction: F.multilabel_margin_loss(x, y), [family.randn(1)[0], torch.tensor(0)],
           {"reduction": "mean"}, second=False)


# The cross entropy of a linear layer.
def linear(x, weight, target, bias, class_weight, chunk=None, reduction="mean", label_smoothing=0.0, ignore_index=None):
    return F.linear_cross_entropy(x, weight, target, linear_bias=bias, weight=class_weight, reduction=reduction,
                                  ignore_index=ignore_index, label_smoothing=label_smoothing)


for reduction in REDUCTIONS:
    r = {"reduction": reduction}
    x, w, y, b = family.randn(7, 3), family.randn(5, 3), labels(7, below=5), family.randn(5)
    add = lambda name, *inputs, **more: family.add(
        f"linear_cross_entropy/{name}, {reduction}", "linear_cross_entropy", linear, list(inputs),
        {**r, **more.pop("attributes", {})}, gradients=[True, True, inputs[2].is_floating_point(), True, False], **more)
    add("whole", x, w, y, b, None)
    add("chunks", x, w, y, b, None, attributes={"chunk": 3})
    add("chunks without bias", x, w, y, None, None, attributes={"chunk": 2})
    add("rows one by one", x, w, y, b, family.rand(5) + 0.1, attributes={"chunk": 1}, single=False)
    add("class weights", x, w, y, b, family.rand(5) + 0.1, attributes={"chunk": 4})
    add("smoothing", x, w, y, b, None, attributes={"chunk": 3, "label_smoothing": 0.2})
    add("smoothing and class weights", x, w, y, None, family.rand(5) + 0.1,
        attributes={"chunk": 3, "label_smoothing": 0.3, "ignore_index": 1}, single=False)
    add("ignored labels", x, w, ints(1, 4, 1, 0, 2, 1, 1), b, None, attributes={"chunk": 2, "ignore_index": 1})
    add("one row", family.randn(3), w, torch.tensor(2), b, None, single=False)
    add("positions", family.randn(4, 2), family.randn(3, 2, 2), labels(4, 2, below=3), family.randn(3, 2), None, single=False)
    add("probabilities", x, w, family.rand(7, 5), b, family.rand(5), attributes={"label_smoothing": 0.1}, single=False)
    add("probabilities of positions", family.randn(4, 2), family.randn(3, 2, 2), family.rand(4, 3, 2), None, None,
        single=False)
    family.add(f"linear_cross_entropy/views, {reduction}", "linear_cross_entropy", linear,
               [family.randn(3, 7), family.randn(10, 3), labels(14, below=5), family.randn(5), None], {**r, "chunk": 3},
               views=[{"permute": [1, 0]}, {"slice": [[0, 10, 2], [0, 3, 1]]}, {"slice": [[1, 14, 2]]}, None, None],
               single=False)
family.write()
