"""One peer of a benchmark in a process of its own: builds, says so, and measures whenever it is told to."""
import importlib
import json
import resource
import sys
import time

import numpy as np


def inputs(net: str, size: str) -> tuple[np.ndarray, np.ndarray]:
    """The same data for every peer; `size` as "2x128" stands for another batch and image size or length."""
    rng = np.random.default_rng(0)
    kind = net.rstrip("0123456789")
    batch, shape, classes = {"lenet": (32, (1, 32, 32), 10), "mlp": (64, (784,), 10),
                             "resnet": (16, (3, 224, 224), 1000), "bert": (8, (128,), 10)}[kind]
    if size:
        batch, side = map(int, size.split("x"))
        shape = (*shape[:1], side, side) if kind == "resnet" else shape
    x = rng.integers(0, 1000, (batch, *shape)).astype(np.int32) if kind == "bert" else \
        rng.normal(size=(batch, *shape)).astype(np.float32)
    return x, rng.integers(0, classes, batch).astype(np.int32)


def main() -> None:
    """worker.py PEER NET[@SIZE] MODE train|infer"""
    peer, net, mode, what = sys.argv[1:5]
    net, _, size = net.partition("@")
    start = time.perf_counter()
    if peer == "mycelium":
        sys.path.insert(0, "src")
        importlib.import_module("mycelium.compat").install_as_mindspore()
    module = {"mycelium": "nets_mindspore", "mindspore": "nets_mindspore", "torch": "nets_torch",
              "jax": "nets_jax"}[peer]
    build = importlib.import_module(module).build
    imported = time.perf_counter() - start
    step, wait = build(net, mode, what == "train", inputs(net, size))
    start = time.perf_counter()
    wait(step())
    first = time.perf_counter() - start
    for _ in range(2):
        wait(step())
    print(json.dumps({"ready": True, "import_s": imported, "first_s": first}), flush=True)
    for line in sys.stdin:
        seconds = float(line)
        times, end = [], time.perf_counter() + seconds
        while not times or time.perf_counter() < end:
            start = time.perf_counter()
            wait(step())
            times.append(time.perf_counter() - start)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(json.dumps({"median_ms": float(np.median(times)) * 1e3, "min_ms": min(times) * 1e3, "steps": len(times),
                          "peak_mib": peak}), flush=True)


if __name__ == "__main__":
    main()
