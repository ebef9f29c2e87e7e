"""Runs mindcv's models on Mycelium, compares with what real MindSpore 2.0.0 answered, and prints the table.

`python tools/zoo/check.py [--results FILE] [--write docs/zoo.md] [FAMILY ...]`. Each family runs in processes of its
own, one to create all of its models and one for each mode, so that memory does not pile up. With `--results` what has
been run is kept in a file of JSON lines, and a second start goes on from there.
"""
from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
import traceback
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "src")]

from mycelium.compat import install_as_mindspore  # noqa: E402

install_as_mindspore()

import mindcv  # noqa: E402
from tools.zoo import workload  # noqa: E402
from tools.zoo.models import FAMILIES  # noqa: E402

RECORDED = ROOT / "tests" / "data" / "mindcv.npz"
FORWARD_LIMIT = 1e-3    # of the standard deviation of the logits
TRAIN_LIMIT = 1e-3      # of each loss
LIMIT_S = 1800


def families() -> dict[str, list[str]]:
    """The registered models of each module of mindcv.models."""
    found: dict[str, list[str]] = {}
    for name in mindcv.list_models():
        module = mindcv.models.registry._model_to_module[name]
        found.setdefault(module, []).append(name)
    return found


def create(family: str) -> dict[str, Any]:
    """Creates every model of a family: Parameters in millions and seconds of each, or what went wrong."""
    rows = {}
    for name in families()[family]:
        start = time.perf_counter()
        try:
            net = mindcv.create_model(name)
            rows[name] = {"parameters": sum(int(np.prod(p.shape)) for p in net.get_parameters()),
                          "seconds": time.perf_counter() - start}
        except Exception as error:
            rows[name] = {"failed": f"{type(error).__name__}: {error}".splitlines()[0]}
            traceback.print_exc()
    return rows


def run(family: str, mode: str) -> dict[str, Any]:
    """The forward and training errors of a family's model in one mode, with seconds."""
    choice, row, recorded = FAMILIES[family], {}, np.load(RECORDED)
    try:
        ran = workload.forward(choice.model, choice.size, mode, choice.gain, choice.half)
        row |= {"created": ran.created, "first": ran.first, "second": ran.second, "parameters": ran.parameters}
        row["finite"] = bool(np.isfinite(ran.logits).all())
        if f"{family}/logits" in recorded:
            row["names"] = bool(ran.names == recorded[f"{family}/names"])
            row["forward"] = forward_error(ran.logits, recorded[f"{family}/logits"])
        else:
            row["unrecorded"] = True
        for style in workload.STYLES if choice.train else ():
            losses, seconds = workload.train(choice.model, mode, style, **choice.train)
            row[style] = train_error(losses, recorded[f"{family}/{style}"])
            row[f"{style} seconds"] = seconds
            row[f"{style} losses"] = losses
    except Exception as error:
        row["failed"] = f"{type(error).__name__}: {error}".splitlines()[0]
        traceback.print_exc()
    return row


def forward_error(found: np.ndarray, wanted: np.ndarray) -> float:
    """The largest difference, in standard deviations of what is wanted."""
    return float(np.abs(found - wanted).max() / wanted.std()) if found.shape == wanted.shape else float("inf")


def train_error(found: list[float], wanted: np.ndarray) -> float:
    """The largest relative difference of the losses."""
    return float((np.abs(np.array(found) - wanted) / np.abs(wanted)).max())


class Results:
    """What the processes printed, by (part, family), kept in a file if there is one."""

    def __init__(self, path: Path | None) -> None:
        self.path, self.known = path, {}
        for text in path.read_text().splitlines() if path and path.exists() else ():
            row = json.loads(text)
            self.known[row["part"], row["family"]] = row

    def get(self, part: str, family: str) -> dict[str, Any]:
        """The result of one part for one family: run now, unless it is known."""
        if (part, family) not in self.known:
            row = {"part": part, "family": family, **_apart("--one", part, family)}
            self.known[part, family] = row
            if self.path:
                with self.path.open("a") as file:
                    file.write(json.dumps(row) + "\n")
        return self.known[part, family]


def _apart(*args: str) -> dict[str, Any]:
    """What `main` prints when it is started with these arguments."""
    try:
        done = subprocess.run([sys.executable, __file__, *args], stdout=subprocess.PIPE, text=True, timeout=LIMIT_S)
    except subprocess.TimeoutExpired:
        return {"failed": f"not finished after {LIMIT_S} s"}
    try:
        return json.loads(done.stdout.splitlines()[-1])
    except (IndexError, ValueError):
        return {"failed": f"ended with status {done.returncode}"}


def _number(row: dict[str, Any], key: str, form: str = ".1e") -> str:
    return "" if key not in row else format(row[key], form)


def line(family: str, made: dict[str, Any], graph: dict[str, Any], pynative: dict[str, Any]) -> str:
    """One line of the table."""
    models = {k: v for k, v in made["rows"].items()} if "rows" in made else {}
    built = sum("failed" not in v for v in models.values())
    slowest = max((v.get("seconds", 0) for v in models.values()), default=0)
    cells = [family, FAMILIES[family].model, _number(graph, "parameters", ",d"), f"{built}/{len(models)}",
             f"{slowest:.1f}", f"{made.get('peak', 0):.0f}"]
    cells += [_number(row, "forward") or ("runs" if "unrecorded" in row else "failed") for row in (graph, pynative)]
    for row in (graph, pynative):
        errors = [row[s] for s in workload.STYLES if s in row]
        cells.append(format(max(errors), ".1e") if errors else "failed" if FAMILIES[family].train else "")
    cells += [f"{_number(row, 'first', '.1f')} / {_number(row, 'second', '.2f')}" for row in (graph, pynative)]
    cells.append(f"{graph['cell seconds'][0]:.1f}" if "cell seconds" in graph else "")
    return "| " + " | ".join(cells) + " |"


HEADER = """\
| family | model | Parameters | builds | slowest build s | peak MiB | forward graph | forward pynative | train graph \
| train pynative | graph first / second s | pynative first / second s | train first s |
|---|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|"""


def problems(family: str, made: dict[str, Any], rows: dict[str, dict[str, Any]]) -> list[str]:
    """What does not hold, in words."""
    found = [f"{name}: {row['failed']}" for name, row in made.get("rows", {}).items() if "failed" in row]
    found += [f"creating: {made['failed']}"] if "failed" in made else []
    for mode, row in rows.items():
        found += [f"{mode}: {row['failed']}"] if "failed" in row else []
        found += [f"{mode}: the logits are not finite"] if row.get("finite") is False else []
        found += [f"{mode}: MindSpore 2.0.0 does not run this model on a CPU"] if "unrecorded" in row else []
        found += [f"{mode}: Parameters have other names"] if row.get("names") is False else []
        if not row.get("forward", 0) <= FORWARD_LIMIT:
            found.append(f"{mode}: forward error {row['forward']:.2g}")
        found += [f"{mode}: {style} losses {row[f'{style} losses']} differ by {row[style]:.2g}"
                  for style in workload.STYLES if row.get(style, 0) > TRAIN_LIMIT]
    return [f"{family}: {text}" for text in found]


def main() -> int:
    """Checks the families that are named, or all."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("families", nargs="*")
    parser.add_argument("--write", metavar="FILE", help="put the table into this file")
    parser.add_argument("--results", metavar="FILE", type=Path, help="keep results here, and do not run them again")
    parser.add_argument("--one", choices=("create", *workload.MODES), help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.one:
        family, start = chosen.families[0], time.perf_counter()
        result = {"rows": create(family)} if chosen.one == "create" else run(family, chosen.one)
        result["seconds"] = time.perf_counter() - start
        result["peak"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(json.dumps(result))
        return 0
    lines, wrong, results, count, seconds = [HEADER], [], Results(chosen.results), 0, 0.0
    print(HEADER, flush=True)
    for family in chosen.families or FAMILIES:
        made = results.get("create", family)
        rows = {mode: results.get(mode, family) for mode in ("graph", "pynative")}
        seconds += sum(row.get("seconds", 0) for row in (made, *rows.values()))
        lines.append(line(family, made, rows["graph"], rows["pynative"]))
        print(lines[-1], flush=True)
        wrong += problems(family, made, rows)
        count += sum("failed" not in row for row in made.get("rows", {}).values())
    known = sum(map(len, families().values()))
    summary = (f"{count} of {known} registered models were created; {len(lines) - 1} families ran in "
               f"{seconds:.0f} s; {len(wrong)} problems.")
    lines += ["", summary, *[f"- {text}" for text in wrong]]
    print("\n".join(lines[-2 - len(wrong):]))
    if chosen.write:
        _write(Path(chosen.write), "\n".join(lines))
    return 1 if wrong else 0


def _write(path: Path, table: str) -> None:
    """Replaces what stands below the line that begins the table."""
    mark = "<!-- table -->"
    head = path.read_text().partition(mark)[0] if path.exists() else "# mindcv\n\n"
    path.write_text(f"{head}{mark}\n{table}\n")


if __name__ == "__main__":
    sys.exit(main())
