"""Runs source text as a module, the way a file of that text would be imported."""
import sys
from types import ModuleType

from mycelium.compat import install_as_mindspore, uninstall


def load(source, name):
    """The module that the source makes, with `mindspore` leading here while it is read."""
    module = ModuleType(name)
    module.__file__ = f"{name}.py"
    sys.modules[name] = module          # dataclasses look their module up
    install_as_mindspore()
    try:
        exec(compile(source, module.__file__, "exec"), module.__dict__)
    finally:
        uninstall()
        del sys.modules[name]
    return module
