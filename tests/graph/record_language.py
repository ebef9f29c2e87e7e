"""Records what MindSpore 1.8.1 answers to the programs of tests/graph, into tests/data/language.json.

Run it under MindSpore, from the repository's root:  python tests/graph/record_language.py [NAME...]
A program that ends the process or takes longer than a minute is recorded as such.
"""
import importlib
import json
import os
import signal
import sys
import types

import mindspore
import mindspore.nn
import mindspore.ops

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
SUBJECTS = ("flow", "state", "training", "values", "composition")
MOST = 60       # numbers kept of an array


def table():
    """The programs, with MindSpore in place of this package."""
    sys.path.insert(0, ROOT)
    for name, folder in (("tests", "tests"), ("tests.graph", "tests/graph"),
                         ("tests.graph.language", "tests/graph/language")):
        package = types.ModuleType(name)
        package.__path__ = [os.path.join(ROOT, folder)]
        sys.modules[name] = package
    sys.modules.update({"mycelium": mindspore, "mycelium.nn": mindspore.nn, "mycelium.ops": mindspore.ops})
    if not hasattr(mindspore, "mutable"):
        mindspore.mutable = importlib.import_module("mindspore.common.mutable").mutable
    for subject in SUBJECTS:
        importlib.import_module("tests.graph.language." + subject)
    return sys.modules["tests.graph.language.table"]


def plain(leaves):
    """Leaves as JSON: numbers in nested lists, rounded to float32's digits."""
    return [leaf if leaf is None or isinstance(leaf, str) else
            [str(leaf.dtype), list(leaf.shape), [_number(v) for v in leaf.reshape(-1)[:MOST].tolist()]]
            for leaf in leaves]


def _number(value):
    return float(f"{value:.7g}") if isinstance(value, float) else value


def observe(tested, found, mode):
    """For each case, the answers of each step; for a step that fails, the type of its exception."""
    def attempt(step, *args):
        try:
            return plain(step(*args))
        except Exception as error:
            if "-v" in sys.argv:
                print(found.name, mode, type(error).__name__, str(error)[:500].replace("\n", " | "), flush=True)
            return type(error).__name__

    runs = []
    failure = attempt(lambda: runs.append(tested.Run(found, mode)) or [])
    if not runs:
        return [[failure]] * len(found.cases)
    answers = []
    for case in found.cases:
        runs[0].restart()
        calls = found.calls if runs[0].cell is not None else 1
        answers.append([attempt(runs[0].call, case) for _ in range(calls)]
                       + [attempt(runs[0].gradient, case)] * found.grad)
    return answers


def main():
    tested = table()
    wanted = [a for a in sys.argv[1:] if a != "-v"]
    names = [n for n in tested.PROGRAMS if not wanted or any(w in n for w in wanted)]
    path = os.path.join(ROOT, "tests", "data", "language.json")
    recorded = json.load(open(path)) if os.path.exists(path) else {}
    for name in [n for n in recorded if n not in tested.PROGRAMS]:
        del recorded[name]
    for name in names:
        read, write = os.pipe()
        child = os.fork()
        if not child:
            os.close(read)
            signal.alarm(60)
            found = tested.PROGRAMS[name]
            answers = {mode: observe(tested, found, mode) for mode in tested.MODES}
            with os.fdopen(write, "w") as pipe:
                pipe.write(json.dumps(answers))
                pipe.flush()
            os._exit(0)
        os.close(write)
        with os.fdopen(read) as pipe:
            text = pipe.read()
        os.waitpid(child, 0)
        recorded[name] = json.loads(text) if text else "ends the process"
    with open(path, "w", encoding="utf-8") as file:
        file.write("{\n" + ",\n".join(f" {json.dumps(n)}: {json.dumps(recorded[n], separators=(',', ':'))}"
                                      for n in sorted(recorded)) + "\n}\n")


if __name__ == "__main__":
    main()
