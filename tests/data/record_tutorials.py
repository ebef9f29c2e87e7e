"""Records what the tutorials do with real MindSpore 1.8.1 on a CPU:  python record_tutorials.py

For each run: its losses in GRAPH_MODE and PYNATIVE_MODE, or the error where 1.8.1 cannot run it, and what it reports.
"""
import importlib
import inspect
import json
import os
import sys

import mindspore as ms

HERE = os.path.dirname(os.path.abspath(__file__))
STEPS = 6
# (program, arguments of `run`); a word of its own where a program is recorded more than once
RUNS = {
    "quick_start": {}, "autograd": {}, "custom_loss": {}, "custom_bprop": {}, "learning_rates": {},
    "mixed_precision": {}, "mixed_precision O2": {"level": "O2"}, "mixed_precision O3": {"level": "O3"},
    "gradient_accumulation": {"every": 2}, "adversarial": {}, "gan": {}, "lstm_classification": {}, "translation": {},
    "vae": {},
}


def record(run, mode, arguments):
    """Losses and reports of a run, or its error."""
    lines = []
    if "report" in inspect.signature(run).parameters:
        arguments = dict(arguments, report=lines.append)
    try:
        return {"losses": run(mode, STEPS, **arguments), "report": lines}
    except (AttributeError, RuntimeError, TypeError, ValueError) as error:
        return {"error": type(error).__name__ + ": " + str(error).splitlines()[0]}


if __name__ == "__main__":
    sys.path.insert(0, os.path.join(HERE, "..", "..", "examples", "tutorials"))
    recorded = {}
    for name, arguments in RUNS.items():
        run = importlib.import_module(name.split()[0]).run
        recorded[name] = {"arguments": arguments, "graph": record(run, ms.GRAPH_MODE, arguments),
                          "pynative": record(run, ms.PYNATIVE_MODE, arguments)}
    with open(os.path.join(HERE, "tutorials.json"), "w", encoding="utf-8") as file:
        json.dump(recorded, file, indent=1)
        file.write("\n")
