"""Primitive: an operator as an object, `ops.Softmax(axis=-1)(x)`."""
from __future__ import annotations

from typing import Any


class Primitive:
    """Base of operators that are used as objects: attributes at construction, Tensors at the call.

    Args:
        name: The operator's name.

    Examples:
        >>> ops.Softmax(axis=-1).name
        'Softmax'

    MindSpore r1.8 `ops.Primitive`.
    """

    def __init__(self, name: str):
        self.name = name
        self.attrs: dict[str, Any] = {}
        self.init_attrs: dict[str, Any] = {"name": name}
        self.instance_name = name

    def add_prim_attr(self, name: str, value: Any) -> Primitive:
        """Sets an attribute and notes it; returns this Primitive."""
        self.__dict__[name] = value
        self.__dict__.setdefault("attrs", {})[name] = value
        return self

    def del_prim_attr(self, name: str) -> Primitive:
        """Forgets an attribute; returns this Primitive."""
        self.__dict__.pop(name, None)
        self.attrs.pop(name, None)
        return self

    def set_prim_instance_name(self, name: str) -> Primitive:
        """Names this instance; returns it."""
        self.instance_name = name
        return self

    def init_prim_io_names(self, inputs: list[str], outputs: list[str]) -> None:
        """Notes the names of inputs and outputs."""
        self.add_prim_attr("input_names", inputs)
        self.add_prim_attr("output_names", outputs)

    def shard(self, in_strategy: Any = None, out_strategy: Any = None) -> Primitive:
        """Accepted for compatibility; returns this Primitive."""
        return self

    def set_device(self, device_target: str) -> Primitive:
        """Accepted for compatibility; returns this Primitive."""
        return self.add_prim_attr("primitive_target", device_target)

    def set_stage(self, stage: int) -> Primitive:
        """Accepted for compatibility; returns this Primitive."""
        return self.add_prim_attr("stage", stage)

    def recompute(self, mode: bool = True) -> Primitive:
        """Accepted for compatibility; returns this Primitive."""
        return self.add_prim_attr("recompute", mode)

    def __call__(self, *args: Any) -> Any:
        raise TypeError(f"Primitive '{self.name}' has no implementation to call.")

    def __repr__(self) -> str:
        attrs = ", ".join(f"{k}={v}" for k, v in self.__dict__.get("attrs", {}).items())
        return f"Prim[{self.name}]<{attrs}>"
