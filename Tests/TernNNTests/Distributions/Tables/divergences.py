"""Writes DivergenceTables.swift beside this folder: torch.distributions' divergences between families, in Double."""
import pathlib
import torch
from torch import distributions as D

T = lambda *v: torch.tensor(v, dtype=torch.float64)
sets = {
    "Beta": (D.Beta, T(0.7, 2.0, 5.0), T(1.5, 3.0, 0.6), "alpha: $0, beta: $1"),
    "Exponential": (D.Exponential, T(0.4, 1.0, 3.5), None, "rate: $0"),
    "Gamma": (D.Gamma, T(0.6, 2.0, 7.0), T(1.5, 0.4, 2.0), "concentration: $0, rate: $1"),
    "Gumbel": (D.Gumbel, T(-1.0, 0.3, 2.0), T(0.8, 2.0, 1.1), "location: $0, scale: $1"),
    "Laplace": (D.Laplace, T(-0.5, 0.0, 1.2), T(0.7, 1.0, 2.5), "mean: $0, scale: $1"),
    "Normal": (D.Normal, T(-0.4, 0.1, 1.5), T(0.5, 1.2, 2.0), "mean: $0, deviation: $1"),
    "Uniform": (D.Uniform, T(0.0, 0.2, -0.5), T(0.9, 0.7, 1.0), "low: $0, high: $1"),
    "Bernoulli": (D.Bernoulli, T(0.2, 0.5, 1.0), None, "probability: $0"),
    "Poisson": (D.Poisson, T(0.3, 1.0, 4.0), None, "rate: $0"),
}
pairs = [("Beta", q) for q in ["Exponential", "Gamma", "Normal", "Uniform"]]
pairs += [("Exponential", q) for q in ["Beta", "Uniform", "Gamma", "Gumbel", "Normal"]]
pairs += [("Gamma", q) for q in ["Beta", "Uniform", "Exponential", "Gumbel", "Normal"]]
pairs += [(p, q) for p in ["Gumbel", "Laplace"] for q in ["Beta", "Exponential", "Gamma", "Uniform", "Normal"]]
pairs += [("Normal", q) for q in ["Beta", "Exponential", "Gamma", "Uniform", "Gumbel", "Laplace"]]
pairs += [("Uniform", q) for q in ["Beta", "Exponential", "Gamma", "Gumbel", "Normal"]]
pairs += [("Bernoulli", "Poisson"), ("Poisson", "Bernoulli")]


def make(name):
    kind, a, b, _ = sets[name]
    return kind(a) if b is None else kind(a, b)


def swift(name):
    _, a, b, call = sets[name]
    for place, value in (("$0", a), ("$1", b)):
        if value is not None:
            call = call.replace(place, f"Tensor<Double>([{', '.join(map(repr, value.tolist()))}])")
    return f"{name}Distribution({call})"


lines = ["import TernNN", "import TernTensor", "", "// Written by Tables/divergences.py.", "",
         "let familyDivergences: [(name: String, found: @Sendable () -> Tensor<Double>, expected: [Double])] = ["]
for p, q in pairs:
    numbers = [".infinity" if v == float("inf") else repr(v) for v in D.kl_divergence(make(p), make(q)).tolist()]
    lines += [f'  ("{p}, {q}", {{ klDivergence({p[0].lower() + p[1:]}s, {q[0].lower() + q[1:]}s) }}, [{", ".join(numbers)}]),']
lines += ["]", ""]
for name in sets:
    lines += [f"private let {name[0].lower() + name[1:]}s = {swift(name)}"]
x = T(0.2, 1.5, 9.0)
lines += ["", "/// The distribution function of the gamma distributions above at 0.2, 1.5, 9.",
          f"let gammaProbabilities: [Double] = {make('Gamma').cdf(x).tolist()}"]
(pathlib.Path(__file__).parent.parent / "DivergenceTables.swift").write_text("\n".join(lines) + "\n")
