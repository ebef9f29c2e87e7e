"""Writes src/mycelium/compat/names_1_8.txt: what MindSpore r1.8 calls public.

    record_names.py NAMES.json MODULES.json > src/mycelium/compat/names_1_8.txt

NAMES.json is keyed by the full public names (`mindspore.nn.Dense`, `mindspore.Tensor.abs`); MODULES.json is a list of
the import paths of an installed MindSpore 1.8.1. The names in the file are facts about that version, so it is
written once and read only to word errors.
"""

import json
import sys
from collections import defaultdict


def main(names_path: str, modules_path: str) -> None:
    with open(names_path) as names_file, open(modules_path) as modules_file:
        names, modules = json.load(names_file), json.load(modules_file)
    members = defaultdict(set)
    for path in names:
        owner, _, name = path.rpartition(".")
        members[owner].add(name)
    for path in modules:
        if not any(part.startswith("_") or part.endswith("_pb2") for part in path.split(".")):
            members[path]  # a module with no public name of its own is still a path that can be imported
    print("# Public names of MindSpore r1.8, one module or class a line. Written by tools/record_names.py.")
    for owner in sorted(members):
        print(f"{owner}:", *sorted(members[owner]))


if __name__ == "__main__":
    main(*sys.argv[1:])
