"""Fourier transforms: complex operands and results are pairs, real parts first."""
import torch
from cases import Family

family = Family("fourier", seed=32)
randn, rand = family.randn, family.rand
swapped = {"permute": [1, 0]}


def add(name, op, function, inputs, attributes=None, **more):
    family.add(f"{op}/{name}", op, function, inputs, attributes, **more)


def parts(z):
    """The parts of a complex tensor, both on the graph."""
    if not z.is_complex():
        return z
    both = torch.view_as_real(z.resolve_conj())
    return both[..., 0], both[..., 1]


def pair(function):
    """A transform of a pair, or of real numbers where there is one operand."""
    def run(real, imaginary=None, **more):
        z = real if imaginary is None else torch.complex(real, imaginary)
        return parts(function(z, **more))
    return run


def both(*shape):
    return [randn(*shape), randn(*shape)]


fft = torch.fft
ONE = {"fft": fft.fft, "ifft": fft.ifft, "rfft": fft.rfft, "irfft": fft.irfft, "hfft": fft.hfft, "ihfft": fft.ihfft}
MANY = {"fftn": fft.fftn, "ifftn": fft.ifftn, "rfftn": fft.rfftn, "irfftn": fft.irfftn, "hfftn": fft.hfftn,
        "ihfftn": fft.ihfftn}
TWO = {"fft2": fft.fft2, "ifft2": fft.ifft2, "rfft2": fft.rfft2, "irfft2": fft.irfft2}
REAL = {"rfft", "ihfft", "rfftn", "ihfftn", "rfft2"}


def operands(op, *shape):
    return [randn(*shape)] if op in REAL else both(*shape)


for op, function in ONE.items():
    run = pair(function)
    for n in [1, 2, 3, 8, 12, 37] if op in ("fft", "rfft") else [2, 7]:
        add(f"length/{n}", op, run, operands(op, n), {"n": n} if op in ("irfft", "hfft") else None, single=n == 7, second=n in (7, 8))
    for norm in ["ortho", "forward"]:
        add(f"norm/{norm}", op, run, operands(op, 2, 6), {"norm": norm}, single=norm == "ortho")
    add("longer", op, run, operands(op, 2, 5), {"n": 9}, single=False)
    add("shorter", op, run, operands(op, 2, 7), {"n": 4})
    add("first", op, run, operands(op, 6, 2), {"dim": 0}, single=False)
    add("middle", op, run, operands(op, 2, 5, 3), {"dim": 1, "n": 6, "norm": "ortho"}, single=False)
    add("view", op, run, operands(op, 5, 3), single=False, views=[swapped] * len(operands(op, 1)))
    add("many", op, run, operands(op, 19, 2), second=False, single=False) if op in ("fft", "rfft", "irfft") else None
add("real", "fft", pair(fft.fft), [randn(2, 5)])
add("long prime", "fft", pair(fft.fft), both(53), second=False, single=False)
add("long", "rfft", pair(fft.rfft), [randn(64)], second=False, single=False)
add("long", "irfft", pair(fft.irfft), both(33), second=False, single=False)
add("radices", "fft", pair(fft.fft), both(2 * 3 * 5), second=False, single=False)
for op, function in MANY.items():
    run = pair(function)
    add("all", op, run, operands(op, 3, 4), single=False)
    add("sizes", op, run, operands(op, 2, 3, 4), {"s": [4, 3]}, single=False, second=False)
    add("axes", op, run, operands(op, 3, 4, 3), {"dim": [0, -1], "norm": "ortho"}, single=False)
    add("both", op, run, operands(op, 3, 4, 3), {"s": [5, 4], "dim": [2, 0], "norm": "forward"}, single=False, second=False)
    add("view", op, run, operands(op, 4, 3), single=False, views=[swapped] * len(operands(op, 1)))
for op, function in TWO.items():
    add("last two", op, pair(function), operands(op, 2, 3, 4), single=False, second=False)
    add("sizes", op, pair(function), operands(op, 2, 3, 4), {"s": [4, 5], "norm": "ortho"}, single=False)

for n in [1, 2, 5, 8]:
    for op, function in [("fftfreq", fft.fftfreq), ("rfftfreq", fft.rfftfreq)]:
        add(f"{n}", op, lambda x, n, d, function=function: function(n, d, dtype=torch.float64), [randn(1)],
            {"n": n, "d": 0.3}, cotangents=False)
for op, function in [("fftshift", fft.fftshift), ("ifftshift", fft.ifftshift)]:
    add("all", op, lambda x, function=function: function(x), [randn(3, 4)])
    add("axes", op, lambda x, dim, function=function: function(x, dim), [randn(3, 5, 2)], {"dim": [0, 1]})

windows = torch.signal.windows
for name, function, more in [
        ("hann", windows.hann, {}), ("hamming", windows.hamming, {}), ("blackman", windows.blackman, {}),
        ("nuttall", windows.nuttall, {}), ("bartlett", windows.bartlett, {}), ("cosine", windows.cosine, {}),
        ("general_hamming", windows.general_hamming, {"alpha": 0.6}),
        ("general_cosine", windows.general_cosine, {"a": [0.4, 0.45, 0.1, 0.05]}),
        ("exponential", windows.exponential, {"tau": 2.78}), ("gaussian", windows.gaussian, {"std": 1.92}),
        ("kaiser", windows.kaiser, {"beta": 12.0}), ("kaiser", windows.kaiser, {"beta": 0.5})]:
    for count in [0, 1, 8]:
        for sym in [True, False] if count else [True]:
            add(f"{more.get('beta', '')}{count}/{sym}", name,
                lambda x, count, sym, function=function, **more: function(count, sym=sym, dtype=torch.float64, **more),
                [randn(1)], {"count": count, "sym": sym, **more}, cotangents=False, single=count == 8)
add("center", "exponential", lambda x, count, sym, center, tau: windows.exponential(
    count, center=center, tau=tau, sym=sym, dtype=torch.float64), [randn(1)],
    {"count": 5, "sym": False, "center": 1.0, "tau": 1.5}, cotangents=False)


def stft(x, window=None, **more):
    return parts(torch.stft(x, window=window, return_complex=True, **more))


for name, shape, more, window in [
        ("plain", [24], {"n_fft": 8}, None), ("batch", [2, 20], {"n_fft": 8, "hop_length": 3}, None),
        ("window", [20], {"n_fft": 8, "hop_length": 4}, 8),
        ("short window", [2, 20], {"n_fft": 8, "hop_length": 4, "win_length": 5}, 5),
        ("edge", [20], {"n_fft": 8, "center": False}, 8), ("odd", [15], {"n_fft": 7, "hop_length": 2}, None),
        ("normalized", [20], {"n_fft": 8, "normalized": True}, 8), ("whole", [2, 16], {"n_fft": 6, "onesided": False}, 6),
        ("constant", [12], {"n_fft": 8, "pad_mode": "constant"}, 8),
        ("replicate", [12], {"n_fft": 8, "pad_mode": "replicate"}, None),
        ("circular", [12], {"n_fft": 8, "pad_mode": "circular"}, None)]:
    add(name, "stft", stft, [randn(*shape)] + ([rand(window) + 0.5] if window else []), more, single=name == "batch", second=name in ("batch", "edge"))


def istft(real, imaginary, window=None, **more):
    return torch.istft(torch.complex(real, imaginary), window=window, **more)


for name, shape, more, window in [
        ("plain", [5, 7], {"n_fft": 8}, None), ("batch", [2, 5, 4], {"n_fft": 8, "hop_length": 3}, 8),
        ("short window", [2, 5, 4], {"n_fft": 8, "hop_length": 2, "win_length": 6}, 6),
        ("edge", [5, 4], {"n_fft": 8, "hop_length": 4, "center": False}, 8),
        ("normalized", [4, 6], {"n_fft": 7, "hop_length": 2, "normalized": True}, 7),
        ("whole", [6, 5], {"n_fft": 6, "hop_length": 2, "onesided": False}, 6),
        ("shorter", [5, 7], {"n_fft": 8, "length": 9}, 8), ("longer", [5, 4], {"n_fft": 8, "length": 30}, None)]:
    add(name, "istft", istft, both(*shape) + ([rand(window) + 0.5] if window else []), more, single=name == "batch", second=name in ("batch", "edge"))

def polar(a, b):
    z = torch.polar(a, b)
    return parts(z)


add("plain", "polar", polar, [rand(2, 3), randn(2, 3)])
add("complex", "complex", lambda a, b: parts(torch.complex(a, b)), both(2, 3))
add("plain", "magnitude", lambda a, b: torch.complex(a, b).abs(), both(2, 3))
add("plain", "angle", lambda a, b: torch.complex(a, b).angle(), both(2, 3))

if __name__ == "__main__":
    family.write()
