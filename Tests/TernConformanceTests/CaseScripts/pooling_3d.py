"""Pooling of volumes, adaptive pooling of sequences, max unpooling, fractional max pooling."""
import torch
import torch.nn.functional as F

from cases import Family

family = Family("pooling_3d", folder="Layers", seed=32)
r = family.randn
nan, inf = float("nan"), float("inf")
# The names whose second derivatives are computed too; the others' are the same maps with other windows.
SECOND_ORDER = {"plain", "ties", "ceil_padding", "divisor", "channels_last", "uneven", "two", "half", "minus_two"}


def spread(*shape):
    """Whole numbers in a random order: no ties, no rounding."""
    count = 1
    for extent in shape:
        count *= extent
    return (torch.randperm(count, generator=family.generator).double() - count // 2).reshape(shape)


def maximum(name, x, *, views=None, nonfinite=False, second=True, single=True, **attributes):
    for indices in (False, True):
        a = dict(attributes, return_indices=True) if indices else attributes
        family.add(f"max_pool3d/{name}" + ("_indices" if indices else ""), "max_pool3d",
                   lambda x, **k: F.max_pool3d(x, **k), [x], a, views=views, nonfinite=nonfinite,
                   second=second and not indices and name in SECOND_ORDER, single=single and not indices,
                   cotangents=not indices)


def one(op, function, name, x, *, views=None, nonfinite=False, second=True, single=False, **attributes):
    family.add(f"{op}/{name}", op, lambda x, **k: function(x, **k), [x], attributes, views=views,
               nonfinite=nonfinite, second=second and name in SECOND_ORDER, single=single,
               cotangents="return_indices" not in attributes)


maximum("plain", spread(2, 2, 4, 2, 4), kernel_size=2)
maximum("one_volume", spread(3, 4, 3, 5), kernel_size=[2, 3, 2], single=False)
maximum("overlapping", spread(1, 2, 4, 5, 4), kernel_size=3, stride=1, single=False)
maximum("strides", spread(1, 1, 5, 5, 7), kernel_size=[2, 3, 1], stride=[2, 1, 3], single=False)
maximum("padding", spread(1, 2, 3, 4, 5), kernel_size=3, stride=2, padding=1)
maximum("paddings", spread(1, 1, 4, 4, 4), kernel_size=[4, 2, 3], stride=[1, 2, 2], padding=[2, 1, 0], single=False)
maximum("dilation", spread(1, 1, 6, 5, 7), kernel_size=2, stride=1, dilation=[3, 2, 4], single=False)
maximum("dilation_padding", spread(1, 2, 5, 5, 5), kernel_size=3, stride=2, padding=1, dilation=2, single=False)
maximum("ceil", spread(1, 2, 5, 4, 5), kernel_size=2, stride=2, ceil_mode=True, single=False)
maximum("ceil_padding", spread(1, 1, 5, 6, 4), kernel_size=3, stride=[2, 3, 2], padding=1, ceil_mode=True, single=False)
maximum("ceil_dilation", spread(1, 1, 6, 7, 5), kernel_size=[2, 3, 2], stride=2, dilation=[1, 2, 1], ceil_mode=True,
        padding=[1, 0, 1], single=False)
maximum("ties", torch.randint(0, 2, (1, 2, 4, 4, 4), generator=family.generator).double(), kernel_size=2, stride=1, single=False)
maximum("all_equal", torch.zeros(1, 2, 3, 3, 3, dtype=torch.float64), kernel_size=2, stride=1, single=False)
maximum("one_voxel", spread(1, 2, 1, 1, 1), kernel_size=1, single=False)
maximum("flat", spread(2, 3, 1, 4, 1), kernel_size=[1, 2, 1], single=False)
maximum("tall", spread(2, 3, 4, 1, 1), kernel_size=[2, 1, 1], padding=[1, 0, 0], single=False)
special = spread(1, 2, 4, 4, 4)
special[0, 0, 1, 2, 1], special[0, 0, 2, 1, 1], special[0, 1, 3, 3, 3], special[0, 1, 0, 0, 0] = nan, nan, inf, -inf
maximum("special", special, kernel_size=2, stride=1, nonfinite=True, second=False, single=False)
maximum("all_minus_infinity", torch.full((1, 1, 2, 3, 2), -inf, dtype=torch.float64), kernel_size=2, stride=1,
        nonfinite=True, second=False, single=False)
maximum("channels_last", spread(1, 4, 3, 4, 3), kernel_size=[2, 2, 3], stride=[2, 1, 1],
        views=[{"permute": [0, 4, 1, 2, 3]}])
maximum("permuted", spread(4, 3, 2, 1, 5), kernel_size=2, stride=1, views=[{"permute": [3, 2, 0, 1, 4]}],
        padding=[0, 1, 0], single=False)
maximum("sliced", spread(2, 2, 5, 3, 5), kernel_size=2, single=False,
        views=[{"slice": [[0, 2, 1], [1, 2, 1], [0, 5, 2], [0, 3, 1], [1, 5, 1]]}])

A = lambda name, x, **k: one("avg_pool3d", F.avg_pool3d, name, x, **k)
A("plain", r(2, 2, 4, 2, 4), kernel_size=2, single=True)
A("one_volume", r(3, 4, 3, 5), kernel_size=[2, 3, 2])
A("overlapping", r(1, 2, 4, 5, 4), kernel_size=3, stride=1)
A("strides", r(1, 1, 5, 5, 7), kernel_size=[2, 3, 1], stride=[2, 1, 3])
A("padding", r(1, 2, 3, 4, 5), kernel_size=3, stride=2, padding=1, single=True)
A("padding_not_counted", r(1, 2, 3, 4, 5), kernel_size=3, stride=2, padding=1, count_include_pad=False)
A("ceil", r(1, 2, 5, 4, 5), kernel_size=2, stride=2, ceil_mode=True)
A("ceil_padding", r(1, 1, 5, 6, 4), kernel_size=3, stride=[2, 3, 2], padding=1, ceil_mode=True)
A("ceil_padding_not_counted", r(1, 1, 5, 6, 4), kernel_size=3, stride=[2, 3, 2], padding=1, ceil_mode=True,
  count_include_pad=False)
A("divisor", r(1, 2, 4, 5, 4), kernel_size=[2, 3, 2], padding=1, divisor_override=5)
A("negative_divisor", r(1, 1, 4, 5, 4), kernel_size=[2, 2, 3], stride=[2, 2, 1], divisor_override=-2)
A("empty_batch", r(0, 1, 4, 5, 4), kernel_size=[2, 3, 1], stride=[2, 1, 2])
A("channels_last", r(1, 4, 3, 4, 3), kernel_size=[2, 2, 3], stride=[2, 1, 1], views=[{"permute": [0, 4, 1, 2, 3]}])
A("sliced", r(2, 2, 5, 3, 5), kernel_size=2, views=[{"slice": [[0, 2, 1], [1, 2, 1], [0, 5, 2], [0, 3, 1], [1, 5, 1]]}])
A("infinite", special.nan_to_num(nan=2, posinf=inf, neginf=-inf), kernel_size=2, nonfinite=True, second=False)

L = lambda name, x, **k: one("lp_pool3d", F.lp_pool3d, name, x, **k)
L("two", r(1, 2, 4, 4, 4), norm_type=2, kernel_size=2, single=True)
L("three_of_positive", r(1, 2, 4, 5, 4).abs() + 0.1, norm_type=3, kernel_size=[2, 3, 2], stride=1)
L("half", r(1, 1, 3, 4, 4).abs() + 0.1, norm_type=0.5, kernel_size=2)
L("minus_two", r(1, 1, 3, 4, 4).abs() + 0.5, norm_type=-2, kernel_size=2, stride=[1, 2, 1])
L("ceil", r(1, 2, 5, 4, 5), norm_type=2, kernel_size=2, stride=2, ceil_mode=True)
L("one_volume", r(2, 3, 4, 3), norm_type=4, kernel_size=[3, 2, 2])
L("channels_last", r(1, 4, 3, 4, 3), norm_type=2, kernel_size=[2, 2, 3], views=[{"permute": [0, 4, 1, 2, 3]}])

V = lambda name, x, size, **k: one("adaptive_avg_pool3d", F.adaptive_avg_pool3d, name, x, output_size=size, **k)
V("global", r(2, 3, 3, 4, 2), [1, 1, 1], single=True)
V("uneven", r(1, 1, 5, 7, 4), [2, 3, 3], single=True)
V("kept", r(1, 2, 3, 4, 5), [None, 2, None])
V("larger", r(1, 2, 3, 2, 3), [5, 3, 4])
V("one_volume", r(2, 4, 3, 5), [3, None, 2])
V("empty_batch", r(0, 2, 4, 4, 4), [2, 3, 1])
V("channels_last", r(1, 4, 3, 4, 3), [2, 2, 3], views=[{"permute": [0, 4, 1, 2, 3]}])
M = lambda name, x, size, **k: one("adaptive_max_pool3d", F.adaptive_max_pool3d, name, x, output_size=size, **k)
for name, x, size in [("global", spread(2, 3, 3, 4, 2), [1, 1, 1]), ("uneven", spread(1, 1, 5, 7, 4), [2, 3, 3]),
                      ("kept", spread(1, 2, 3, 4, 5), [None, 2, None]), ("larger", spread(1, 2, 3, 2, 3), [5, 3, 4]),
                      ("one_volume", spread(2, 4, 3, 5), [3, None, 2])]:
    M(name, x, size)
    M(name + "_indices", x, size, return_indices=True, second=False)
for name, x, size in [("uneven", r(2, 3, 7), 3), ("one", r(2, 3, 4), 1), ("one_sequence", r(3, 8), 5),
                      ("larger", r(1, 2, 3), 7), ("empty_batch", r(0, 2, 8), 5)]:
    one("adaptive_avg_pool1d", F.adaptive_avg_pool1d, name, x, output_size=size, single=name == "uneven")
    if x.numel():
        x = spread(*x.shape)
        one("adaptive_max_pool1d", F.adaptive_max_pool1d, name, x, output_size=size)
        one("adaptive_max_pool1d", F.adaptive_max_pool1d, name + "_indices", x, output_size=size, return_indices=True,
            second=False)


def unpool(axes, name, shape, kernel, stride=None, padding=0, output_size=None, views=None, single=False):
    pool = [F.max_pool1d, F.max_pool2d, F.max_pool3d][axes - 1]
    back = [F.max_unpool1d, F.max_unpool2d, F.max_unpool3d][axes - 1]
    values, indices = pool(spread(*shape), kernel, stride, padding, return_indices=True)
    attributes = {"kernel_size": kernel, "stride": stride, "padding": padding, "output_size": output_size}
    attributes = {k: v for k, v in attributes.items() if v is not None}
    if views:
        order = views[0]["permute"]
        inverse = [order.index(i) for i in range(len(order))]
        values, indices = values.permute(inverse).contiguous(), indices.permute(inverse).contiguous()
    family.add(f"max_unpool{axes}d/{name}", f"max_unpool{axes}d", lambda x, i, **k: back(x, i, **k), [values, indices],
               attributes, single=single, views=views, second=name in SECOND_ORDER)


unpool(1, "plain", (2, 3, 8), 2, single=True)
unpool(1, "one_sequence", (3, 9), 3, output_size=[9])
unpool(1, "padding", (1, 2, 7), 3, 2, 1)
unpool(1, "larger", (1, 2, 7), 2, output_size=[7])
unpool(2, "plain", (2, 2, 4, 6), 2, single=True)
unpool(2, "one_image", (2, 5, 6), [2, 3], output_size=[5, 6])
unpool(2, "overlapping", (1, 2, 5, 5), 3, 2)
unpool(2, "duplicates", (1, 2, 4, 5), 3, 1)
unpool(2, "padding", (1, 2, 5, 7), 3, [2, 2], 1)
unpool(2, "permuted", (2, 3, 4, 4), 2, views=[{"permute": [0, 3, 1, 2]}, {"permute": [0, 3, 1, 2]}])
unpool(3, "plain", (1, 2, 4, 4, 6), 2, single=True)
unpool(3, "one_volume", (2, 5, 4, 6), [2, 2, 3], output_size=[5, 4, 6])
unpool(3, "padding", (1, 2, 5, 3, 5), 3, [2, 2, 2], 1)
unpool(3, "strides", (1, 1, 4, 5, 6), [2, 3, 2], [2, 2, 2])


def fractional(axes, name, shape, kernel, size=None, ratio=None, indices=False, single=False):
    function = [F.fractional_max_pool2d, F.fractional_max_pool3d][axes - 2]
    samples = family.rand(*(shape[:2] if len(shape) == axes + 2 else (1, shape[0])), axes)
    attributes = {"kernel_size": kernel}
    if size is not None:
        attributes["output_size"] = size
    if ratio is not None:
        attributes["output_ratio"] = ratio
    if indices:
        attributes["return_indices"] = True
    family.add(f"fractional_max_pool{axes}d/{name}", f"fractional_max_pool{axes}d",
               lambda x, s, **k: function(x, _random_samples=s, **k), [spread(*shape), samples], attributes,
               gradients=[True, False], second=False, single=single, cotangents=not indices)


fractional(2, "plain", (2, 2, 7, 8), 2, size=[4, 3], single=True)
fractional(2, "indices", (2, 2, 7, 8), 2, size=[4, 3], indices=True)
fractional(2, "ratio", (1, 4, 9, 11), [2, 3], ratio=[0.5, 0.6], indices=True)
fractional(2, "one_image", (3, 7, 6), 3, size=[3, 4], indices=True)
fractional(2, "one_window", (2, 2, 5, 6), [2, 3], size=[1, 4], indices=True)
fractional(2, "whole", (1, 2, 5, 5), 1, size=[5, 5])
fractional(3, "plain", (2, 2, 5, 4, 6), 2, size=[3, 2, 4])
fractional(3, "indices", (1, 2, 6, 5, 7), [2, 1, 3], size=[3, 4, 3], indices=True)
fractional(3, "ratio", (1, 2, 6, 6, 8), 2, ratio=[0.5, 0.4, 0.6], indices=True)
fractional(3, "one_volume", (3, 5, 5, 6), [2, 2, 2], size=[1, 3, 4], indices=True)

family.write()
