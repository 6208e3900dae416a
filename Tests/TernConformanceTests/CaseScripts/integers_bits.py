"""Cases of the family integers_bits: bits and divisors of integers, parts of floating-point numbers, steps, closeness."""
import torch
from cases import Family

f = Family("integers_bits", seed=12)
inf, nan = float("inf"), float("nan")
T = lambda *v: torch.tensor(v, dtype=torch.float64)
TYPES = {"i64": torch.int64, "i32": torch.int32, "u8": torch.uint8}
LEAST = {torch.int64: -2**63, torch.int32: -2**31, torch.uint8: 0}
MOST = {torch.int64: 2**63 - 1, torch.int32: 2**31 - 1, torch.uint8: 255}


def whole(kind, shape, low=-50, high=50):
    low = 0 if kind == torch.uint8 else low
    return torch.randint(low, high, shape, generator=f.generator).to(kind)


LAYOUTS = [("plain", (3, 4), (3, 4), None, None), ("broadcast", (3, 1, 4), (2, 1), None, None),
           ("permuted", (4, 3), (3, 4), {"permute": [1, 0]}, None),
           ("sliced", (6, 4), (3, 8), {"slice": [[0, 6, 2], [0, 4, 1]]}, {"slice": [[0, 3, 1], [1, 8, 2]]}),
           ("scalar", (), (2, 3), None, None), ("empty", (0, 3), (3,), None, None)]
PAIRS = {"bitwise_and": torch.bitwise_and, "bitwise_or": torch.bitwise_or, "bitwise_xor": torch.bitwise_xor,
         "gcd": torch.gcd, "lcm": torch.lcm}
SHIFTS = {"bitwise_left_shift": torch.bitwise_left_shift, "bitwise_right_shift": torch.bitwise_right_shift}

for suffix, kind in TYPES.items():
    for layout, first, second, *views in LAYOUTS:
        for op, function in PAIRS.items():
            f.add(f"{op}/{layout}/{suffix}", op, function, [whole(kind, first), whole(kind, second)], views=views,
                  single=False)
        for op, function in SHIFTS.items():
            f.add(f"{op}/{layout}/{suffix}", op, function, [whole(kind, first), whole(kind, second, 0, 8)], views=views,
                  single=False)
    ends = torch.tensor([LEAST[kind], MOST[kind], 0, 1, 3, MOST[kind] - 1], dtype=kind)
    for op in ["bitwise_and", "bitwise_or", "bitwise_xor"]:
        f.add(f"{op}/ends/{suffix}", op, PAIRS[op], [ends.reshape(6, 1), ends], single=False)
    bits = torch.tensor([0, 1, 7, 8, 31, 32, 63, 64, 100], dtype=kind)
    for op, function in SHIFTS.items():
        f.add(f"{op}/ends/{suffix}", op, function, [ends.reshape(6, 1), bits], single=False)
        f.add(f"{op}/number/{suffix}", op, lambda x, other, g=function: g(x, other), [ends], {"other": 2}, single=False)
    f.add(f"gcd/zeros/{suffix}", "gcd", torch.gcd, [torch.tensor([0, 0, 12], dtype=kind), torch.tensor([0, 7, 0], dtype=kind)],
          single=False)
    f.add(f"bitwise_not/{suffix}", "bitwise_not", torch.bitwise_not, [ends], single=False)
    f.add(f"bitwise_and/number/{suffix}", "bitwise_and", lambda x, other: x & other, [ends], {"other": 6}, single=False)
    f.add(f"signbit/{suffix}", "signbit", torch.signbit, [ends], single=False)
    f.add(f"isclose/{suffix}", "isclose", lambda a, b, atol: torch.isclose(a, b, atol=atol),
          [whole(kind, (4, 3), 0, 5), whole(kind, (3,), 0, 5)], {"atol": 1.5}, single=False)
    f.add(f"heaviside/{suffix}", "heaviside", torch.heaviside, [whole(kind, (7,), -2, 2), whole(kind, (7,))], single=False)
    f.add(f"fmax/{suffix}", "fmax", torch.fmax, [whole(kind, (7,)), whole(kind, (7,))], single=False)

p, q = torch.tensor([True, True, False, False]), torch.tensor([True, False, True, False])
for op in ["bitwise_and", "bitwise_or", "bitwise_xor"]:
    f.add(f"{op}/bool", op, PAIRS[op], [p, q], single=False)
    f.add(f"{op}/broadcast/bool", op, PAIRS[op], [p.reshape(4, 1), q], single=False)
f.add("bitwise_not/bool", "bitwise_not", torch.bitwise_not, [p], single=False)

odd = [0.0, -0.0, 1.0, -2.5, inf, -inf, nan, 1e-310, 3.0]
edges = dict(nonfinite=True, cotangents=False)


def unary(op, function, low=-4, high=4, gradient=True):
    scale = lambda *shape: f.rand(*shape) * (high - low) + low
    f.add(f"{op}/plain", op, function, [scale(3, 4)], cotangents=gradient)
    f.add(f"{op}/permuted", op, function, [scale(2, 3, 4)], views=[{"permute": [2, 0, 1]}], cotangents=gradient)
    f.add(f"{op}/sliced", op, function, [scale(6, 5)], views=[{"slice": [[1, 6, 2], [0, 5, 3]]}], cotangents=gradient)
    f.add(f"{op}/scalar", op, function, [scale(1).reshape(())], cotangents=gradient)
    f.add(f"{op}/empty", op, function, [torch.zeros(0, 3, dtype=torch.float64)], second=False, cotangents=gradient)
    f.add(f"{op}/edges", op, function, [T(*odd)], **edges, single=False)


unary("signbit", torch.signbit, gradient=False)
unary("isposinf", torch.isposinf, gradient=False)
unary("isneginf", torch.isneginf, gradient=False)
unary("deg2rad", torch.deg2rad)
unary("rad2deg", torch.rad2deg)
unary("angle", torch.angle)
unary("sgn", torch.sgn)
unary("frexp", torch.frexp)


def pairs(op, function, low=-3, high=3, attributes=None, name=None, **more):
    name = name or op
    scale = lambda shape: (f.rand(*shape) if shape else f.rand(1).reshape(())) * (high - low) + low
    for layout, first, second, *views in LAYOUTS:
        again = {"second": False} if layout == "empty" else {}
        f.add(f"{name}/{layout}", op, function, [scale(first), scale(second)], attributes, views=views, **again, **more)
    a = T(*odd)
    f.add(f"{name}/edges", op, function, [a.reshape(9, 1), a], attributes, **edges, single=False)


pairs("copysign", torch.copysign)
# Rounding to Float changes what follows a number.
pairs("nextafter", torch.nextafter, single=False)
pairs("heaviside", torch.heaviside, cotangents=False)
pairs("fmax", torch.fmax)
pairs("fmin", torch.fmin)
pairs("isclose", lambda a, b, **k: torch.isclose(a, b, **k), 0.9, 1.1, {"rtol": 0.05, "atol": 0.01}, cotangents=False)
pairs("isclose", lambda a, b, **k: torch.isclose(a, b, **k), 0.9, 1.1, {"equal_nan": True}, "isclose/nan", cotangents=False)
close = lambda a, b, **k: torch.tensor(torch.allclose(a, b, **k))
f.add("allclose/yes", "allclose", close, [T(1, 2, inf), T(1, 2.00001, inf)], nonfinite=True, cotangents=False)
f.add("allclose/no", "allclose", close, [T(1, 2, 3), T(1, 2, 3.001)], cotangents=False)
f.add("allclose/nan", "allclose", close, [T(1, nan), T(1, nan)], {"equal_nan": True}, nonfinite=True, cotangents=False)
f.add("allclose/not nan", "allclose", close, [T(1, nan), T(1, nan)], nonfinite=True, cotangents=False)
f.add("allclose/broadcast", "allclose", close, [f.rand(3, 4), T(0.5)], {"atol": 0.6}, cotangents=False)
f.add("allclose/empty", "allclose", close, [torch.zeros(0, 3), torch.zeros(3)], cotangents=False, single=False)
# PyTorch 2.13 gives 0 for the gradient of ldexp where the exponent is negative: a product has the right one.
ldexp = lambda x, n: x * torch.exp2(n.double())
for layout, first, second, *views in LAYOUTS:
    x = f.randn(*first) if first else f.randn(1).reshape(())
    again = {"second": False} if layout == "empty" else {}
    f.add(f"ldexp/{layout}", "ldexp", ldexp, [x, whole(torch.int64, second, -9, 9)], views=views, **again)
f.add("ldexp/i32", "ldexp", ldexp, [f.randn(3), whole(torch.int32, (3,), -9, 9)])
pairs("float_power", torch.float_power, 0.2, 3, single=False)
pairs("true_divide", torch.true_divide, 0.5, 3)
pairs("floor_divide", torch.floor_divide, 0.5, 3, cotangents=False)
pairs("rsub", lambda a, b, alpha: torch.rsub(a, b, alpha=alpha), attributes={"alpha": 2.5})
f.add("clamp_min/plain", "clamp_min", torch.clamp_min, [f.randn(3, 4)], {"min": 0.2})
f.add("clamp_max/plain", "clamp_max", torch.clamp_max, [f.randn(3, 4)], {"max": 0.2})
f.add("positive/plain", "positive", torch.positive, [f.randn(3, 4)])
f.write()
