"""`import mindspore` gives this package: a finder in front of Python's own, and what stands behind the old paths."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from pathlib import Path
from types import FrameType, ModuleType
from typing import Any

from mycelium.compat.missing import known_names, missing_error, missing_module, missing_name
from mycelium.compat.paths import LATE, NAMES, PATHS

API_VERSION = "1.8.1"
# Holds a `mindspore.py` for processes that start from this one's sys.path and not from its sys.meta_path.
_CHILDREN = str(Path(__file__).parent / "children")
_OWNERS = {target: path for path, target in PATHS.items() if isinstance(target, str)} | {"mycelium": "mindspore"}
_views: dict[str, ModuleType] = {}


class View(ModuleType):
    """A module path of r1.8 without a module of its own here: shows the names of the modules it stands for."""

    __version__ = API_VERSION

    def __init__(self, path: str, targets: tuple[str, ...]) -> None:
        super().__init__(path, f"The path {path} of MindSpore r1.8, for: {', '.join(targets)}.")
        self.__spec__ = ModuleSpec(path, None, origin="mycelium", is_package=True)
        self.__path__: list[str] = []
        self._targets = targets

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name != "__all__":
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}", name=name, obj=None)
        targets = [importlib.import_module(target) for target in self._targets]
        if name == "__all__":
            return sorted(_public(targets[0])) if targets else []
        path = f"{self.__name__}.{name}"
        if path in NAMES:
            module, _, attribute = NAMES[path].partition(":")
            return getattr(importlib.import_module(module), attribute)
        if path in PATHS:
            return _child(sys._getframe(1), self.__name__, name, path)
        for target in targets:
            if name in target.__dict__ or name in target.__dict__.get("__all__", ()):  # listed: loaded when asked for
                return getattr(target, name)
        owners = [self.__name__, *[_OWNERS[t] for t in self._targets if t in _OWNERS][:1]]
        raise _lacking(sys._getframe(1), self, self.__name__, name, owners)

    def __dir__(self) -> list[str]:
        return sorted({*self.__dict__, *self.__all__})


class _Finder(MetaPathFinder, Loader):
    """Finds `mindspore` and everything below it in this package, and raises for what is not there."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname != "mindspore" and not fullname.startswith("mindspore."):
            return None
        resolve(fullname)  # Python's own finder must not be asked: it would load our files a second time
        return ModuleSpec(fullname, self, origin="mycelium", is_package=True)

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        module = resolve(spec.name)
        spec.loader_state = module.__spec__
        return module

    def exec_module(self, module: ModuleType) -> None:
        spec = module.__spec__
        if spec is not None and spec.loader is self:
            module.__spec__ = spec.loader_state  # the import system has put the alias's there


_finder = _Finder()


def install_as_mindspore() -> None:
    """Makes `import mindspore`, and every import path of r1.8 below it, give this package in the running process.

    Calling it again changes nothing. An installed MindSpore is passed over.

    Raises:
        RuntimeError: Another `mindspore` has been imported already, so parts of two packages would be mixed.

    Examples:
        >>> from mycelium.compat import install_as_mindspore
        >>> install_as_mindspore()
        >>> import mindspore
        >>> mindspore.Tensor is Tensor, mindspore.__version__
        (True, '1.8.1')
    """
    if _finder in sys.meta_path:
        return
    for name, module in list(sys.modules.items()):
        if name == "mindspore" or name.startswith("mindspore."):
            origin = getattr(module, "__file__", None) or "an unknown place"
            if not origin.startswith(_CHILDREN):
                raise RuntimeError(
                    f"{name} has already been imported from {origin}; "
                    "call mycelium.compat.install_as_mindspore() before the first `import mindspore`, "
                    "or start the program with `mycelium run`."
                )
            del sys.modules[name]
    sys.meta_path.insert(0, _finder)
    if _CHILDREN not in sys.path:
        sys.path.insert(1, _CHILDREN)


def uninstall() -> None:
    """Undoes `install_as_mindspore`: the next `import mindspore` finds what Python finds by itself."""
    if _finder not in sys.meta_path:
        return
    sys.meta_path.remove(_finder)
    if _CHILDREN in sys.path:
        sys.path.remove(_CHILDREN)
    for name in [n for n in sys.modules if n == "mindspore" or n.startswith("mindspore.")]:
        del sys.modules[name]


def resolve(path: str) -> ModuleType:
    """The module behind an import path of MindSpore r1.8.

    Raises:
        ModuleNotFoundError: There is none; the message tells whether r1.8 has it, and the nearest path there is.
    """
    target = PATHS.get(path)
    if isinstance(target, tuple):
        if path not in _views:
            namesake = _namesake(path)
            _views[path] = View(path, (namesake, *target) if namesake and namesake not in target else target)
        return _views[path]
    try:
        if target is not None:
            module = importlib.import_module(target)
            guard(module, path)
            return module
    except ModuleNotFoundError as error:
        if error.name is None or not f"{target}.".startswith(f"{error.name}."):
            raise
    raise ModuleNotFoundError(missing_module(path, [known for known in PATHS if known != path]), name=path)


def _namesake(path: str) -> str | None:
    """Our own module in the place that importing `path` gives to the view (mycelium.nn.cell): it must show through."""
    target = PATHS.get(path)
    if isinstance(target, str) or path == "mindspore":
        return target if isinstance(target, str) else "mycelium"
    parent, _, child = path.rpartition(".")
    above = _namesake(parent)
    if above is None or not hasattr(importlib.import_module(above), "__path__"):
        return None
    return f"{above}.{child}" if find_spec(f"{above}.{child}") is not None else None


def guard(module: ModuleType, path: str) -> None:
    """Has `module` find the old paths below `path`, and explain a name it does not have.

    Args:
        module: A namespace of this package, such as `mycelium.nn`; a `__getattr__` of its own is asked first.
        path: What MindSpore r1.8 calls it, such as "mindspore.nn".
    """
    own: Callable[[str], Any] | None = module.__dict__.get("__getattr__")
    if getattr(own, "guards", None) == path:
        return

    def __getattr__(name: str) -> Any:
        if own is not None:
            try:
                return own(name)
            except AttributeError:
                pass
        shown = path if "mindspore" in sys.modules else module.__name__
        for late in LATE.get(path, ()) if not name.startswith("__") else ():
            found = importlib.import_module(late).__dict__
            if name in found:
                module.__dict__[name] = found[name]
                return found[name]
        if f"{path}.{name}" in PATHS:
            return _child(sys._getframe(1), shown, name, f"{path}.{name}")
        raise _lacking(sys._getframe(1), module, shown, name, [path])

    __getattr__.__dict__["guards"] = path
    module.__dict__["__getattr__"] = __getattr__


def guard_namespaces() -> None:
    """Guards every public namespace that has been imported; the others are guarded when they are."""
    for name, path in _OWNERS.items():
        if name in sys.modules:
            guard(sys.modules[name], path)


def _child(frame: FrameType, shown: str, name: str, path: str) -> ModuleType:
    """The module behind an old path, asked for as an attribute of its parent."""
    try:
        return resolve(path)
    except ModuleNotFoundError as error:
        raise missing_error(frame, shown, name, str(error)) from None


def _lacking(
    frame: FrameType, module: ModuleType, shown: str, name: str, owners: list[str]
) -> AttributeError | ImportError:
    """The error for a name that `module` does not have."""
    if name.startswith("__"):  # Python asks modules for many of these
        return AttributeError(f"module {shown!r} has no attribute {name!r}", name=name, obj=None)
    there = [n for n in _public(module) if n != name and not isinstance(module.__dict__.get(n), ModuleType)]
    return missing_error(frame, shown, name, missing_name(shown, name, there, owners))


def _public(module: ModuleType) -> list[str]:
    """The names a module offers: what it lists, else those of r1.8's that it has, else all without an underscore."""
    if "__all__" in module.__dict__:
        return list(module.__dict__["__all__"])
    if isinstance(module, View):
        return module.__all__
    known = known_names().get(_OWNERS.get(module.__name__, ""), ())
    return [n for n in module.__dict__ if (n in known if known else not n.startswith("_"))]
