"""The rules of the house: what may import what, how long a file may be, that what is public is documented."""

import ast
import inspect
from pathlib import Path

import pytest

import mycelium
from mycelium.compat.missing import known_names
from mycelium.compat.paths import PATHS

SOURCE = Path(mycelium.__file__).parent
FILES = sorted(SOURCE.rglob("*.py"))
MAY_IMPORT_JAX = {"engine", "ops", "parallel"}
# From the ground up; a package may import those before it. Files of the top level stand where they are named.
STOREYS = [
    "core", "engine", "ops", "graph", "autodiff", "initializer", "nn", "amp", "boost", "numpy", "dataset", "train",
    "parallel", "compat", "migrate", "cli",
]


def part_of(path):
    """The part of the house that a file belongs to: "nn" for nn/cell.py, "amp" for amp.py."""
    return path.relative_to(SOURCE).parts[0].removesuffix(".py")


def imports(tree):
    """(node, module) of every import in a file, those for the type checker left out."""
    ignored = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            ignored.update(map(id, ast.walk(node)))
    for node in ast.walk(tree):
        if id(node) in ignored:
            continue
        if isinstance(node, ast.Import):
            yield from ((node, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"line {node.lineno}: a relative import"
            if node.module == "mycelium":
                yield from ((node, f"mycelium.{alias.name}") for alias in node.names)
            else:
                yield node, node.module


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_a_file_keeps_the_rules(path):
    text = path.read_text()
    assert text.count("\n") <= 600, "split it by subject"
    tree = ast.parse(text)
    assert ast.get_docstring(tree), "say in a docstring what the file is about"
    part = part_of(path)
    for node, module in imports(tree):
        where = f"{path.relative_to(SOURCE)}:{node.lineno}: {module}"
        if module.split(".")[0] in ("jax", "jaxlib"):
            assert part in MAY_IMPORT_JAX, f"{where}: only {sorted(MAY_IMPORT_JAX)} know JAX"
        if module.split(".")[0] == "mycelium":
            assert node.col_offset == 0, f"{where}: imports of our own stand at the top of the file"
            above = module.split(".")[1] if module != "mycelium" else "mycelium"
            if part in STOREYS and above in STOREYS:
                assert STOREYS.index(above) <= STOREYS.index(part), f"{where}: {part} stands below {above}"


def test_every_part_has_its_storey():
    parts = {part_of(path) for path in FILES} - {"__init__", "__main__"}
    assert parts <= set(STOREYS)


def public_objects():
    for path, target in PATHS.items():
        if path in known_names() and (isinstance(target, str) or path == "mindspore"):
            module = inspect.importlib.import_module(target if isinstance(target, str) else "mycelium")
            for name in sorted(known_names()[path]):
                if name in module.__dict__:
                    yield f"{path}.{name}", module.__dict__[name]
    for owner in ("Tensor", "Parameter", "Model"):
        for name in sorted(known_names()[f"mindspore.{owner}"]):
            if name in vars(getattr(mycelium, owner)):
                yield f"mindspore.{owner}.{name}", vars(getattr(mycelium, owner))[name]


def test_what_is_public_is_documented():
    silent = []
    for name, found in public_objects():
        if (callable(found) or isinstance(found, (property, staticmethod, classmethod))) and not isinstance(
            found, mycelium.core.dtype.Type
        ):
            doc = found.__dict__.get("__doc__") if inspect.isclass(found) else found.__doc__
            if not (doc or "").strip():
                silent.append(name)
    assert not silent, f"no docstring: {silent}"
