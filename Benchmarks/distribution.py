#!/usr/bin/env python3
"""Prints how the ratios of `scripts/bench --vocabulary` spread, and the rows below 1: the tables of the page Performance.

    python distribution.py 'Float, forward=runs/forward.json' 'Double, forward=runs/double.json' ...
"""
import json, math, sys

EDGES = [0, 0.9, 1, 1.5, 2, 4, math.inf]
tables = []
for argument in sys.argv[1:]:
    title, file = argument.rsplit("=", 1)
    with open(file) as f:
        tables.append((title, [(row["ratio"], row["name"].split("/")[1]) for row in json.load(f)]))

print("| rows | number | geometric mean | below 0.9 | 0.9–1 | 1–1.5 | 1.5–2 | 2–4 | above 4 |")
print("|---|---:|---:|---:|---:|---:|---:|---:|---:|")
for title, rows in tables:
    ratios = [ratio for ratio, _ in rows]
    counts = [sum(low <= ratio < high for ratio in ratios) for low, high in zip(EDGES, EDGES[1:])]
    mean = math.exp(sum(map(math.log, ratios)) / len(ratios))
    print(f"| {title} | {len(ratios)} | {mean:.2f} | " + " | ".join(map(str, counts)) + " |")
print()
for title, rows in tables:
    slow = sorted(row for row in rows if row[0] < 1)
    print(f"- {title}: " + (", ".join(f"`{name}` {ratio:.2f}" for ratio, name in slow) or "none") + ".")
