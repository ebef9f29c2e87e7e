"""What the framework itself costs: per-op overhead, import time, first step, memory over many steps.

    python benchmarks/overhead.py [--steps 10000]
"""
from __future__ import annotations

import argparse
import gc
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable

import numpy as np
import torch

sys.path.insert(0, "src")

import mycelium as ms
from mycelium import Tensor, nn, ops
from mycelium.engine.compile import statistics as traces

A = np.random.default_rng(0).normal(size=(64, 64)).astype(np.float32)
OPS: dict[str, tuple[Callable, Callable]] = {
    "add": (lambda x: x + x, lambda x: x + x),
    "matmul": (lambda x: ops.matmul(x, x), lambda x: x @ x),
    "relu": (lambda x: ops.relu(x), torch.relu),
    "slice": (lambda x: x[1:33, 2], lambda x: x[1:33, 2]),
    "sum": (lambda x: x.sum(), lambda x: x.sum()),
}


def microseconds(fn: Callable, count: int = 3000, rounds: int = 9) -> float:
    """The best round's mean time of one call."""
    for _ in range(50):
        fn()
    best = float("inf")
    for _ in range(rounds):
        start = time.perf_counter()
        for _ in range(count):
            fn()
        best = min(best, (time.perf_counter() - start) / count)
    return best * 1e6


def per_op() -> None:
    """Eager operators against PyTorch's and against a bare compiled JAX function."""
    import jax

    ms.set_context(mode=ms.PYNATIVE_MODE)
    jitted = jax.jit(lambda a, b: a + b)
    array = Tensor(A)._data
    print(f"{'eager op':10}{'us':>8}{'torch us':>10}   (jax.jit add: {microseconds(lambda: jitted(array, array)):.1f} "
          "us)")
    for name, (ours, theirs) in OPS.items():
        x, y = Tensor(A), torch.from_numpy(A)
        print(f"{name:10}{microseconds(lambda: ours(x)):8.1f}{microseconds(lambda: theirs(y)):10.1f}")  # noqa: B023


def import_time(rounds: int = 5) -> None:
    """Seconds until `import mycelium` is done, in fresh processes."""
    code = "import time; t = time.perf_counter(); import mycelium; print(time.perf_counter() - t)"
    jax = code.replace("import mycelium", "import jax, jax.numpy")
    for label, program in (("import mycelium", code), ("import jax", jax)):
        times = [float(subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True,
                                      env={"PYTHONPATH": "src", "PATH": ""}).stdout) for _ in range(rounds)]
        print(f"{label}: {min(times):.2f} s (median {statistics.median(times):.2f} s)")


def memory(steps: int) -> None:
    """Resident memory before and after many training steps, in both modes, and how often anything was traced."""
    for mode, name in ((ms.GRAPH_MODE, "graph"), (ms.PYNATIVE_MODE, "pynative")):
        ms.set_context(mode=mode)
        net = nn.SequentialCell([nn.Dense(64, 64), nn.ReLU(), nn.Dense(64, 8)])
        step = nn.TrainOneStepCell(nn.WithLossCell(net, nn.MSELoss()), nn.Momentum(net.trainable_params(), 0.01, 0.9))
        x, y = Tensor(A), Tensor(A[:, :8].copy())
        for _ in range(100):
            step(x, y)
        before, traced = rss(), traces.traces
        for _ in range(steps):
            loss = step(x, y)
        loss.asnumpy()
        gc.collect()
        print(f"{name}: {steps} steps, resident {before:.0f} -> {rss():.0f} MiB, {traces.traces - traced} retraces")


def rss() -> float:
    """Resident memory in MiB."""
    with open("/proc/self/statm") as f:
        return int(f.read().split()[1]) * resource.getpagesize() / 2 ** 20


def main() -> None:
    """Runs all of it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, default=10_000)
    args = parser.parse_args()
    per_op()
    import_time()
    memory(args.steps)


if __name__ == "__main__":
    main()
