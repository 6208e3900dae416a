"""Measures the error of every function of one number, in units in the last place, against mpmath at 40 digits.

  python Benchmarks/accuracy.py [--tern PATH] [--points N] [--only REGEX]

Prints the table of the page Accuracy of functions. Wants numpy, mpmath and safetensors. An error is |found − exact| over the distance
from one number of the type to the next at the exact value; NaN and ±∞ have to be where they are exact.
"""

import argparse
import os
import re
import subprocess
import sys
import tempfile

import mpmath as mp
import numpy as np
from safetensors.numpy import load_file, save_file

mp.mp.dps = 40
half, one, two = mp.mpf("0.5"), mp.mpf(1), mp.mpf(2)


def ndtr(x):
    return mp.erfc(-x / mp.sqrt(2)) / 2


def inverse(function, derivative, start, y):
    """The x of function(x) = y by Newton's method from a start in Double."""
    x = mp.mpf(start)
    for _ in range(4):
        x -= (function(x) - y) / derivative(x)
    return x


def erfinv(y):
    return mp.erfinv(y) if abs(y) < 1 else mp.sign(y) * mp.inf


def ndtri(p):
    if p == 0 or p == 1:
        return -mp.inf if p == 0 else mp.inf
    # Of small p by logarithms, where the density vanishes.
    start = float(mp.sqrt(2) * mp.erfinv(2 * p - 1)) if p > mp.mpf(10) ** -15 else -float(mp.sqrt(-2 * mp.log(p)))
    x = mp.mpf(start)
    for _ in range(12):
        value = ndtr(x)
        density = mp.exp(-x * x / 2) / mp.sqrt(2 * mp.pi)
        step = value * mp.log(value / p) / density
        x -= step
        if abs(step) < abs(x) * mp.mpf(10) ** -30:
            break
    return x


def log_ndtr(x):
    return mp.log(ndtr(x)) if x < 0 else mp.log1p(-ndtr(-x))


def scaled_erfc(x):
    if x > 50:
        terms, term = mp.mpf(1), mp.mpf(1)
        for k in range(1, 30):
            term *= -(2 * k - 1) / (2 * x * x)
            terms += term
        return terms / (x * mp.sqrt(mp.pi))
    return mp.exp(x * x) * mp.erfc(x)


def softplus(x):
    return x if x > 20 else mp.log1p(mp.exp(x))  # x itself beyond the threshold, as PyTorch's


def sigmoid(x):
    return 1 / (1 + mp.exp(-x))


def tanh_shrink(x):
    with mp.workdps(130):  # it cancels near 0
        return x - mp.tanh(x)


SELU_SCALE, SELU_ALPHA = mp.mpf("1.0507009873554804934193349852946"), mp.mpf("1.6732632423543772848170429916717")
WIDE = [(-1e300, 1e300), (-1e5, 1e5), (-10, 10), (-1, 1)]
POSITIVE = [(0, 1e300), (0, 1e5), (0, 10), (0.5, 2), (0, 1)]
EXPONENTIAL = [(-700, 700), (-80, 80), (-10, 10), (-1, 1)]
UNIT = [(-1, 1), (0.9, 1), (-1, -0.9)]
MIDDLE = [(-30, 30), (-5, 5), (-1, 1)]

# name: (exact, intervals, whether points near 0 are taken by magnitude too)
FUNCTIONS = {
    "sqrt": (mp.sqrt, POSITIVE),
    "rsqrt": (lambda x: 1 / mp.sqrt(x), POSITIVE),
    "reciprocal": (lambda x: 1 / x, WIDE),
    "cbrt": (lambda x: mp.sign(x) * mp.cbrt(abs(x)), WIDE),
    "exp": (mp.exp, EXPONENTIAL),
    "exp2": (lambda x: mp.power(2, x), EXPONENTIAL),
    "expm1": (mp.expm1, EXPONENTIAL),
    "log": (mp.log, POSITIVE),
    "log1p": (mp.log1p, [(-1, 1), (-1, 10), (0, 1e300), (-0.1, 0.1)]),
    "log2": (lambda x: mp.log(x) / mp.log(2), POSITIVE),
    "log10": (lambda x: mp.log(x) / mp.log(10), POSITIVE),
    "sin": (mp.sin, WIDE),
    "cos": (mp.cos, WIDE),
    "tan": (mp.tan, WIDE),
    "asin": (mp.asin, UNIT),
    "acos": (mp.acos, UNIT),
    "atan": (mp.atan, WIDE),
    "sinh": (mp.sinh, EXPONENTIAL),
    "cosh": (mp.cosh, EXPONENTIAL),
    "tanh": (mp.tanh, MIDDLE),
    "asinh": (mp.asinh, WIDE),
    "acosh": (mp.acosh, [(1, 2), (1, 1.01), (1, 1e5), (1, 1e300)]),
    "atanh": (mp.atanh, UNIT),
    "sinc": (lambda x: mp.sincpi(x), [(-100, 100), (-10, 10), (-1, 1)]),
    "erf": (mp.erf, MIDDLE),
    "erfc": (mp.erfc, [(-30, 30), (-5, 10), (-1, 1)]),
    "erfInverse": (erfinv, UNIT),
    "scaledErfc": (scaled_erfc, [(-5, 5), (0, 100), (0, 1e10), (-25, 0)]),
    "ndtr": (ndtr, [(-37, 10), (-5, 5), (-1, 1)]),
    "ndtri": (ndtri, [(0, 1), (0, 0.01), (0.99, 1)]),
    "logNdtr": (log_ndtr, [(-1000, 0), (-5, 8), (-1, 1)]),
    "lgamma": (mp.loggamma, [(0.1, 10), (0, 1e5), (0, 1e300), (-10, 0)]),
    "digamma": (mp.digamma, [(0.1, 10), (0, 1e5), (-10, 0)]),
    "polygamma(1)": (lambda x: mp.polygamma(1, x), [(0.1, 10), (0, 1e5)]),
    "polygamma(2)": (lambda x: mp.polygamma(2, x), [(0.1, 10), (0, 1e5)]),
    "besselI0": (lambda x: mp.besseli(0, x), [(-700, 700), (-80, 80), (-10, 10)]),
    "besselI1": (lambda x: mp.besseli(1, x), [(-700, 700), (-80, 80), (-10, 10)]),
    "scaledBesselI0": (lambda x: mp.exp(-abs(x)) * mp.besseli(0, x), [(-1000, 1000), (-10, 10)]),
    "scaledBesselI1": (lambda x: mp.exp(-abs(x)) * mp.besseli(1, x), [(-1000, 1000), (-10, 10)]),
    "besselJ0": (lambda x: mp.besselj(0, x), [(-100, 100), (-10, 10)]),
    "besselJ1": (lambda x: mp.besselj(1, x), [(-100, 100), (-10, 10)]),
    "besselY0": (lambda x: mp.bessely(0, x), [(0, 100), (0, 10)]),
    "besselY1": (lambda x: mp.bessely(1, x), [(0, 100), (0, 10)]),
    "besselK0": (lambda x: mp.besselk(0, x), [(0, 80), (0, 10), (0, 1)]),
    "besselK1": (lambda x: mp.besselk(1, x), [(0, 80), (0, 10), (0, 1)]),
    "scaledBesselK0": (lambda x: mp.exp(x) * mp.besselk(0, x), [(0, 1000), (0, 10), (0, 1)]),
    "scaledBesselK1": (lambda x: mp.exp(x) * mp.besselk(1, x), [(0, 1000), (0, 10), (0, 1)]),
    "sphericalBesselJ0": (lambda x: mp.sinc(x), [(-100, 100), (-10, 10), (-1, 1)]),
    "airyAi": (mp.airyai, [(-20, 20), (-5, 5)]),
    "entropy": (lambda x: -x * mp.log(x) if x > 0 else mp.mpf(0), [(0, 1), (0, 10), (0.9, 1.1)]),
    "logit": (lambda x: mp.log(x / (1 - x)), [(0, 1), (0.4, 0.6)]),
    "sigmoid": (sigmoid, [(-700, 40), (-80, 40), (-5, 5)]),
    "logSigmoid": (lambda x: -mp.log1p(mp.exp(-x)) if x > -700 else x, [(-100, 80), (-5, 5)]),
    "softplus": (softplus, [(-80, 80), (-5, 5)]),
    "elu": (lambda x: x if x > 0 else mp.expm1(x), [(-80, 80), (-5, 5)]),
    "selu": (lambda x: SELU_SCALE * (x if x > 0 else SELU_ALPHA * mp.expm1(x)), [(-80, 80), (-5, 5)]),
    "celu": (lambda x: x if x > 0 else mp.expm1(x), [(-80, 80), (-5, 5)]),
    "gelu": (lambda x: x * ndtr(x), [(-12, 10), (-3, 3)]),
    "gelu(.tanh)": (
        lambda x: x / 2 * (1 + mp.tanh(mp.sqrt(2 / mp.pi) * (x + mp.mpf("0.044715") * x**3))), [(-4, 10), (-3, 3)]),
    "silu": (lambda x: x * sigmoid(x), [(-80, 80), (-5, 5)]),
    "mish": (lambda x: x * mp.tanh(mp.log1p(mp.exp(x))), [(-80, 80), (-5, 5)]),
    "softSign": (lambda x: x / (1 + abs(x)), WIDE),
    "tanhShrink": (tanh_shrink, MIDDLE),
    "hardSigmoid": (lambda x: min(max(x + 3, 0), 6) / 6, [(-5, 5)]),
    "hardSwish": (lambda x: x * min(max(x + 3, 0), 6) / 6, [(-5, 5)]),
}


def points(intervals, count, dtype, generator):
    """Uniform points of each interval, and as many spread evenly over the magnitudes of the widest."""
    limits = np.finfo(dtype)
    found = []
    for low, high in intervals:
        low, high = max(low, -float(limits.max)), min(high, float(limits.max))
        x = generator.uniform(low / 2, high / 2, count) * 2
        most = max(abs(low), abs(high))
        least = max(most * 1e-30, float(limits.tiny))
        sizes = np.exp(generator.uniform(np.log(least), np.log(most), count // 2))
        signs = generator.choice([-1.0, 1.0], count // 2) if low < 0 < high else np.sign(low + high)
        sizes = np.clip(sizes * signs, low, high)
        found += [x, sizes]
    return np.concatenate(found).astype(dtype)


def spacing(exact, dtype):
    """The distance between numbers of a type at an exact value."""
    bits, least = (53, -1074) if dtype == np.float64 else (24, -149)
    if exact == 0:
        return mp.mpf(2) ** least
    _, exponent = mp.frexp(exact)
    return mp.mpf(2) ** max(int(exponent) - bits, least)


def worst(name, x, found):
    """The greatest error and where it is."""
    exact_of, dtype = FUNCTIONS[name][0], x.dtype
    most, place = 0.0, 0.0
    for argument, value in zip(x.tolist(), found.tolist()):
        exact = exact_of(mp.mpf(argument))
        if isinstance(exact, mp.mpc):
            exact = exact.real
        if abs(exact) > float(np.finfo(dtype).max) or not mp.isfinite(exact):
            continue
        if value != value or value in (float("inf"), float("-inf")):
            # The last number below infinity may round to it.
            if abs(exact) < float(np.finfo(dtype).max) * (1 - 1e-6):
                return float("inf"), argument
            continue
        error = float(abs(mp.mpf(value) - exact) / spacing(exact, dtype))
        if error > most:
            most, place = error, argument
    return most, place


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tern", default="tern", help="the command")
    parser.add_argument("--points", type=int, default=80, help="points of an interval")
    parser.add_argument("--only", default="", help="functions whose names this regular expression finds")
    options = parser.parse_args()
    generator = np.random.default_rng(1)
    names = [name for name in FUNCTIONS if re.search(options.only, name)]
    inputs = {
        f"{name}/{np.dtype(dtype).name}": points(FUNCTIONS[name][1], options.points, dtype, generator)
        for name in names
        for dtype in (np.float32, np.float64)
    }
    with tempfile.TemporaryDirectory() as folder:
        source, target = os.path.join(folder, "points.safetensors"), os.path.join(folder, "values.safetensors")
        save_file(inputs, source)
        program = os.path.join(os.path.dirname(os.path.abspath(__file__)), "accuracy.swift")
        subprocess.run([options.tern, "run", program, source, target], check=True)
        results = load_file(target)
    print("| function | Float, ulp | at | Double, ulp | at |\n|---|---:|---:|---:|---:|")
    for name in names:
        cells = []
        for kind in ("float32", "float64"):
            error, place = worst(name, inputs[f"{name}/{kind}"], results[f"{name}/{kind}"])
            cells += [f"{error:.2f}", f"{place:.6g}"]
        print(f"| `{name}` | " + " | ".join(cells) + " |", flush=True)


if __name__ == "__main__":
    sys.exit(main())
