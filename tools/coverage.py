"""How many of MindSpore r1.8's public names are here, by namespace.

    python tools/coverage.py [-v]        -v also lists the missing names
"""

import importlib
import sys

import mycelium
from mycelium.compat import resolve
from mycelium.compat.missing import known_names

NAMESPACES = """mindspore mindspore.nn mindspore.ops mindspore.numpy mindspore.common.initializer mindspore.amp
mindspore.train mindspore.dataset mindspore.dataset.transforms.c_transforms mindspore.dataset.vision.c_transforms
mindspore.Tensor mindspore.Parameter mindspore.nn.Cell mindspore.Model""".split()


def owner(path: str) -> object:
    """The module or class that a path of r1.8 means here."""
    parent, _, name = path.rpartition(".")
    return getattr(mycelium if parent == "mindspore" else importlib.import_module("mycelium.nn"), name) \
        if name[0].isupper() else resolve(path)


def main(verbose: bool) -> None:
    for path in NAMESPACES:
        names, found = known_names()[path], owner(path)
        missing = sorted(name for name in names if not hasattr(found, name))
        print(f"{path:44s} {len(names) - len(missing):4d} of {len(names):4d}")
        if verbose and missing:
            print("   ", *missing)


if __name__ == "__main__":
    main("-v" in sys.argv)
