"""What a new file of weights should hold: taken from a network in a Python file, or from another file of weights."""
from __future__ import annotations

import re
import runpy
import sys
import tomllib
from pathlib import Path
from typing import Any

from mycelium.compat import install_as_mindspore
from mycelium.migrate.weights.change import Change
from mycelium.migrate.weights.files import READERS, open_weights
from mycelium.migrate.weights.layout import parse
from mycelium.migrate.weights.plan import Map, Target, Way
from mycelium.migrate.weights.stored import WeightsError
from mycelium.nn.cell import Cell


def target_like(like: Any) -> Target:
    """Names and shapes of a network or a file.

    Args:
        like: A Cell, a module with `state_dict()`, the path of a file of weights, or "FILE.py:NAME", where NAME is a
            network or a function without arguments that builds one. The Python file is run.

    Raises:
        WeightsError: There is no such thing.
    """
    if isinstance(like, str) and not like.endswith(tuple(READERS)):
        like = _from_python(like)
    if isinstance(like, str):
        with open_weights(like) as weights:
            return Target(weights.style, weights.shapes, {name: value.kind for name, value in weights.values.items()})
    if isinstance(like, Cell):
        return Target("mindspore", {p.name: tuple(p.shape) for p in like.get_parameters()})
    if callable(getattr(like, "state_dict", None)):
        return Target("torch", {name: tuple(value.shape) for name, value in like.state_dict().items()})
    raise WeightsError(f"a target should be a Cell, a torch module, a file of weights or FILE.py:NAME, but got "
                       f"{type(like).__name__}")


def _from_python(text: str) -> Any:
    path, colon, name = text.rpartition(":")
    if not colon or not path.endswith(".py"):
        raise WeightsError(f"a target should be a file of weights ({', '.join(READERS)}) or FILE.py:NAME, but got "
                           f"{text!r}")
    if not Path(path).is_file():
        raise WeightsError(f"{path}: there is no such file")
    folder = str(Path(path).resolve().parent)
    sys.path.insert(0, folder)      # as for a script: its neighbours can be imported
    try:
        install_as_mindspore()      # for the file's `import mindspore`
        scope = runpy.run_path(path, run_name="weights_target")
        if name not in scope:
            raise WeightsError(f"{path} has no {name!r}")
        found = scope[name]
        return found() if callable(found) and not isinstance(found, Cell) and not hasattr(found, "parameters") or \
            isinstance(found, type) else found
    except WeightsError:
        raise
    except Exception as error:
        raise WeightsError(f"{text} cannot be built: {type(error).__name__}: {error}") from error
    finally:
        sys.path.remove(folder)


def read_map(path: str) -> Map:
    r"""The map that a TOML file holds, such as this one.

        [rename]                                    # regular expressions over names, before all rules
        "^backbone\\." = "net."
        [names]                                     # names as they are in the source
        "head.weight" = "classifier.weight"
        "proj.kernel" = {name = "proj.weight", layout = "transpose (1, 0)"}
        "attn.qkv.weight" = ["attn.q.weight", "attn.k.weight", "attn.v.weight"]     # equal blocks of axis 0
        "aux.weight" = ""                           # left out

    Raises:
        WeightsError: It is no such file.
    """
    try:
        tables = tomllib.loads(Path(path).read_text(encoding="utf-8"))
        return _map(tables)
    except OSError as error:
        raise WeightsError(f"{path}: {error.strerror}.") from None
    except (ValueError, re.error) as error:
        raise WeightsError(f"{path}: {str(error).rstrip('.')}.") from None


def _map(tables: dict[str, Any]) -> Map:
    if unknown := set(tables) - {"rename", "names"}:
        raise ValueError(f"it has the table {min(unknown)!r}; a map has [rename] and [names]")
    found = Map()
    for pattern, replacement in tables.get("rename", {}).items():
        if not isinstance(replacement, str):
            raise ValueError(f"[rename] maps texts to texts, but {pattern!r} has {replacement!r}")
        found.rename.append((re.compile(pattern), replacement))
    for name, value in tables.get("names", {}).items():
        found.names[name] = _ways(name, value)
    return found


def _ways(name: str, value: Any) -> list[Way]:
    if isinstance(value, str):
        return [Way(value)] if value else []
    if isinstance(value, list) and value and all(isinstance(item, str) for item in value):
        return [Way(item, Change(part=(i, len(value)))) for i, item in enumerate(value)]
    if isinstance(value, dict) and isinstance(value.get("name"), str) and set(value) <= {"name", "layout"}:
        return [Way(value["name"], Change(((parse(str(value.get("layout", ""))), False),)))]
    raise ValueError(f"[names] maps a name to a name, a list of names or {{name, layout}}, but {name!r} has {value!r}")
