"""Seconds to the first training step against depth, and the start of a second process with the cache on disk.

    python benchmarks/compile_time.py [--nets resnet18@2x128,...] [--mindspore PYTHON] [--out F]

Each figure comes from a process of its own. "first step" is from the first call to its result; "compile" leaves the
time of a later step out; "process" counts from the start of the process, imports included.
"""
from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from run import HERE, environment

NETS = "resnet18@2x128,resnet50@2x128,resnet152@2x128,bert1@2x128,bert2@2x128,bert6@2x128,bert12@2x128"


def start(library: str, net: str, mode: str, mindspore: str | None) -> dict:
    """Runs one worker to its first steps and one short round."""
    launcher = [mindspore] if library == "mindspore" and mindspore else [sys.executable]
    begin = time.perf_counter()
    process = subprocess.Popen([*launcher, str(HERE / "worker.py"), library, net, mode, "train"], cwd=HERE.parent,
                               stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                               env=environment())
    assert process.stdout is not None
    ready = None
    for line in process.stdout:
        if line.startswith("{"):
            ready = time.perf_counter() - begin
            break
    if ready is None:
        return {"error": (process.communicate()[1].strip().splitlines() or ["died"])[-1][:150]}
    facts = json.loads(line)
    out, _ = process.communicate("0.5\n")
    step = json.loads([line for line in out.splitlines() if line.startswith("{")][-1])["median_ms"] / 1e3
    return {"first_s": facts["first_s"], "compile_s": facts["first_s"] - step, "step_s": step,
            "process_s": ready - 2 * step}


def main() -> None:
    """Runs every network on every peer."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--nets", default=NETS)
    parser.add_argument("--peers", default="mycelium,mycelium warm,torch,torch compile,mindspore")
    parser.add_argument("--mindspore", help="a Python (or launcher) that has real MindSpore")
    parser.add_argument("--out", help="write the figures to this JSON file")
    args = parser.parse_args()
    figures: dict[str, dict] = {}
    print(f"{'':34}{'compile s':>10}{'first step s':>14}{'process s':>11}{'step s':>9}")
    for net in args.nets.split(","):
        for peer in args.peers.split(","):
            if peer == "mindspore" and not args.mindspore:
                continue
            library, mode = {"mycelium": ("mycelium", "graph"), "torch": ("torch", "eager"),
                             "torch compile": ("torch", "compile"), "mindspore": ("mindspore", "graph")}.get(
                                 peer, ("mycelium", "graph"))
            if peer == "mycelium warm":
                with tempfile.TemporaryDirectory() as folder:
                    start(library, net, f"graph:{folder}", None)
                    r = start(library, net, f"graph:{folder}", None)
            else:
                r = start(library, net, mode, args.mindspore)
            figures[f"{net} {peer}"] = r
            print(f"{net:16}{peer:18}" + (f"  {r['error']}" if "error" in r else
                  f"{r['compile_s']:10.2f}{r['first_s']:14.2f}{r['process_s']:11.2f}{r['step_s']:9.2f}"), flush=True)
    if args.out:
        Path(args.out).write_text(json.dumps(figures, indent=1))


if __name__ == "__main__":
    main()
