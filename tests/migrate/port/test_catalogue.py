"""Every expression of the catalogue's probes, ported like a line of a file, gives what theirs gives."""
import re

import torch

from mycelium.migrate.differences import entries
from mycelium.migrate.differences.probe import _gathered, _Ours, _Theirs, difference
from mycelium.migrate.port import port

# Two forms that a probe's expression has and a line of a program has not: helpers of the probe, and layers built apart.
HELPERS = re.compile(r"\b(steps|rates|moments|weight|total|module|setattr|tempfile|folder)\b")


def candidates():
    """(entry, probe) of expressions that stand alone."""
    for entry in entries().values():
        if entry.name.startswith("torch.") and entry.has_counterpart and not entry.needs:
            for probe in entry.probes:
                if probe.theirs and not probe.module and not probe.setup and not probe.ours and not HELPERS.search(
                        probe.theirs):
                    yield entry, probe
                    break


def test_ported_probes_give_what_theirs_gives(pynative):
    rows = list(candidates())
    functions = [f"def f{i}({': torch.Tensor, '.join([*probe.inputs, ''])[:-2]}):\n    return {probe.theirs}\n"
                 for i, (_, probe) in enumerate(rows)]
    made = port("import torch\nimport torch.nn.functional as F\n\n" + "\n".join(functions))
    written = dict(re.findall(r"^def (f\d+)(\(.*?)(?=\n\ndef |\Z)", made.source, re.M | re.S))
    wrong, marked = [], 0
    for i, (entry, probe) in enumerate(rows):
        text = written[f"f{i}"]
        theirs = _Theirs(torch, probe)
        expected = _gathered(theirs.value(probe.theirs))
        mine = _Ours(probe)
        try:
            exec(f"def f{text}", mine.names)
            parted = difference(expected, _gathered(mine.value(f"f({', '.join(probe.inputs)})")), probe.tolerance)
        except Exception as error:      # whatever goes wrong is a row of the list below
            parted = f"{type(error).__name__}: {error}"
        marked += bool(parted) and "# port: check" in text
        if parted and "# port: check" not in text:
            wrong.append(f"{entry.name}: {probe.theirs} -> {text.strip().splitlines()[-1].strip()}: {parted}"[:240])
    print(f"{len(rows)} expressions: {len(rows) - len(wrong) - marked} agree, {marked} marked, {len(wrong)} do not")
    assert len(rows) > 250 and not marked
    assert not wrong, "\n".join(wrong)
