"""How the yardsticks take times: as `tern bench` does."""
import json, statistics, time


def measure(call, seconds):
    """Microseconds a call, sample by sample: after two calls that warm up, a third tells how many fill 20 ms."""
    call()
    call()
    start = time.perf_counter()
    call()
    once = time.perf_counter() - start
    inner = max(1, int(0.02 / max(once, 1e-9)))
    samples, deadline = [], time.perf_counter() + seconds
    while len(samples) < 5 or (time.perf_counter() < deadline and len(samples) < 200):
        start = time.perf_counter()
        for _ in range(inner):
            call()
        samples.append((time.perf_counter() - start) / inner * 1e6)
    return samples


def report(name, group, samples, threads):
    """Prints one line of JSON, as tern bench does."""
    print(json.dumps({"name": name, "unit": "us", "min": round(min(samples), 3), "median": round(statistics.median(samples), 3),
                      "runs": len(samples), "group": group, "threads": threads}), flush=True)
