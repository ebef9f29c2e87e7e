"""Benchmarks: every peer in its own process, measured in turn over several rounds, reported as ratios.

    python benchmarks/run.py [--nets lenet,mlp] [--rounds 3] [--seconds 2] [--peers ...] [--mindspore PYTHON] [--out F]

A figure is the median step of the best round. Peers run one at a time; rounds interleave them, so that a slow spell of
the machine hits all alike.
"""
from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
PEERS = {"mycelium": ("mycelium", "graph"), "mycelium pynative": ("mycelium", "pynative"), "jax": ("jax", "jit"),
         "torch": ("torch", "eager"), "torch channels_last": ("torch", "channels_last"),
         "torch compile": ("torch", "compile"),
         "mindspore": ("mindspore", "graph")}


def environment() -> dict[str, str]:
    """Of a worker: it finds the networks, and nothing else that this process was given."""
    return {**os.environ, "PYTHONPATH": str(HERE)}


class Peer:
    """A running worker."""

    def __init__(self, name: str, net: str, what: str, mindspore: str | None):
        library, mode = PEERS[name]
        launcher = [mindspore] if library == "mindspore" and mindspore else [sys.executable]
        self.process = subprocess.Popen([*launcher, str(HERE / "worker.py"), library, net, mode, what],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                        text=True,
                                        cwd=HERE.parent, env=environment())
        self.name = name
        self.facts = self._read()
        self.rounds: list[dict] = []

    def _read(self) -> dict:
        for line in self.process.stdout:     # a framework may print warnings of its own
            if line.startswith("{"):
                return json.loads(line)
        raise RuntimeError(f"{self.name}: " + (self.process.stderr.read().strip().splitlines() or ["died"])[-1])

    def measure(self, seconds: float) -> None:
        """One round."""
        self.process.stdin.write(f"{seconds}\n")
        self.process.stdin.flush()
        self.rounds.append(self._read())

    def close(self) -> dict:
        """Ends the process; returns what was measured."""
        self.process.stdin.close()
        self.process.wait()
        best = min(self.rounds, key=lambda r: r["median_ms"])
        return {**self.facts, **best, "peak_mib": self.rounds[-1]["peak_mib"]}


def compare(net: str, what: str, names: list[str], args: argparse.Namespace) -> dict:
    """Measures the peers on one network; returns {peer: figures}."""
    peers, results = [], {}
    for name in names:
        try:
            peers.append(Peer(name, net, what, args.mindspore))
        except (RuntimeError, OSError) as error:
            results[name] = {"error": str(error)[:200]}
    for _ in range(args.rounds):
        for peer in peers:
            peer.measure(args.seconds)
    results.update({p.name: p.close() for p in peers})
    return results


def show(net: str, what: str, results: dict) -> None:
    """Prints one table: milliseconds, and the ratio of the first peer to each."""
    base = results.get("mycelium", {}).get("median_ms")
    print(f"\n{net}, {what}\n{'':22}{'ms':>10}{'mycelium / it':>15}{'first step s':>14}{'peak MiB':>10}")
    for name, r in results.items():
        if "error" in r:
            print(f"{name:22}  {r['error']}")
            continue
        ratio = f"{base / r['median_ms']:.2f}" if base else "-"
        print(f"{name:22}{r['median_ms']:10.2f}{ratio:>15}{r['first_s']:14.2f}{r['peak_mib']:10.0f}")
    sys.stdout.flush()


def main() -> None:
    """Runs what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--nets", default="lenet,mlp,bert,resnet18")
    parser.add_argument("--what", default="train,infer")
    parser.add_argument("--peers", default=",".join(PEERS))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=2.0)
    parser.add_argument("--mindspore", help="a Python (or launcher) that has real MindSpore; without it that peer is "
                                            "left out")
    parser.add_argument("--out", help="write the figures to this JSON file")
    args = parser.parse_args()
    names = [n for n in args.peers.split(",") if n != "mindspore" or args.mindspore]
    figures = {}
    for net in args.nets.split(","):
        for what in args.what.split(","):
            figures[f"{net} {what}"] = results = compare(net, what, names, args)
            show(net, what, results)
    if args.out:
        Path(args.out).write_text(json.dumps(figures, indent=1))


if __name__ == "__main__":
    main()
