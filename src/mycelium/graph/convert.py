"""`convert`: what the compiler does to user functions. Puts the hooks of converted code in place."""
from __future__ import annotations

from mycelium.engine.user_code import holder
from mycelium.graph import branches, calls, expressions, items, loops
from mycelium.graph.transform import convert as convert
from mycelium.graph.transform import runtime

for _module in (branches, loops, expressions, calls, items):
    for _name in _module.HOOKS:
        setattr(runtime, _name, getattr(_module, _name))
holder.convert = convert
