"""Optimizer: learning rates, weight decay, parameter groups and loss scale, shared by all update rules."""
from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np

from mycelium.core import dtype as mstype
from mycelium.core.errors import check_type, describe
from mycelium.core.local import local
from mycelium.core.parameter import Parameter, ParameterTuple
from mycelium.core.tensor import Tensor
from mycelium.graph.compiler import GraphFunction
from mycelium.nn.cell import Cell
from mycelium.nn.learning_rate import LearningRateSchedule
from mycelium.ops.registry import functions, primitives

_GROUP_KEYS = ["params", "lr", "weight_decay", "order_params", "grad_centralization"]


class Optimizer(Cell):
    """Base of optimizers: takes gradients, updates Parameters.

    Args:
        learning_rate: float; list, tuple, iterable or 1-d Tensor with one value per step; or LearningRateSchedule.
        parameters: Parameters, or groups: dicts with "params" and, each optional, "lr", "weight_decay",
            "grad_centralization"; a dict with "order_params" fixes the order.
        weight_decay: L2 penalty, a float or a Cell from the step to it. Without groups, Parameters with "beta" or
            "gamma" in their names are spared. Default: 0.0.
        loss_scale: What the loss was multiplied with; gradients are divided by it. Default: 1.0.

    Raises:
        TypeError: An argument has the wrong type.
        ValueError: A value is out of range, or there are no Parameters.
        KeyError: An unknown key in a group.
        RuntimeError: A Parameter is in two groups.

    MindSpore r1.8 `nn.Optimizer`.
    """

    _compiled = True        # the update is one compiled program in PYNATIVE_MODE too

    def __init__(self, learning_rate: Any, parameters: Any, weight_decay: Any = 0.0, loss_scale: float = 1.0):
        super().__init__(auto_prefix=False)
        if isinstance(parameters, Iterator):
            parameters = list(parameters)      # it is read more than once
        groups = _groups(parameters)
        owner = type(self).__name__
        self.is_group = groups is not None
        self.loss_scale = _check_float(owner, "loss_scale", loss_scale, above=True)
        self.global_step = Parameter(Tensor(np.zeros(1, np.int32)), name="global_step", requires_grad=False)
        self.weight_decay = _decay(owner, weight_decay)
        self._set_rates(owner, learning_rate, groups)
        params = parameters if groups is None else _ordered(groups, parameters)
        params = list(params)
        _check_unique(params)
        self.parameters = ParameterTuple(params)
        self.__dict__["_parameters"] = self.parameters
        self.__dict__["params"] = self.parameters
        self._set_decays(owner, groups)
        centralized = {id(p) for g in groups or () if g.get("grad_centralization") for p in g["params"]}
        self.grad_centralization_flags = tuple([id(p) in centralized for p in self.parameters])
        self.is_group_params_ordered = any("order_params" in g for g in groups or ())
        self._update: Any = None
        self._set_parts()

    def _set_parts(self) -> None:
        """Attributes that optimizers written by users find in MindSpore's base class."""
        d = self.__dict__
        if self.is_group:
            d["weight_decay"] = tuple(self._decays)
        d["assignadd"] = primitives["AssignAdd"]()
        d["global_step_increase_tensor"] = Tensor(np.ones(1, np.int32))
        d["map_"] = d["hyper_map"] = primitives["HyperMap"]()
        d["optim_filter"] = (True,) * len(self.parameters)
        d["use_parallel"] = False

    def _is_dynamic_lr_or_weight_decay(self) -> bool:
        return self.dynamic_lr or self.dynamic_weight_decay

    # ***** learning rate *****

    def _set_rates(self, owner: str, learning_rate: Any, groups: list[dict] | None) -> None:
        rates: list[Any] = [_rate(owner, learning_rate, "learning_rate")]
        self.is_group_lr = any("lr" in g for g in groups or ())
        self.__dict__["_rate_of"] = {}
        for i, group in enumerate(g for g in groups or () if "order_params" not in g):
            if "lr" in group:
                rates.append(_rate(owner, group["lr"], f"learning_rate_group_{i}"))
            place = len(rates) - 1 if "lr" in group else 0
            for p in group["params"]:
                self.__dict__["_rate_of"][id(p)] = place
        if self.is_group_lr and set(self._rate_of.values()).isdisjoint({0}):
            rates[0] = None         # every group has its own
        self.dynamic_lr = any(isinstance(r, Cell) for r in rates)
        for i, r in enumerate(rates):       # r1.8 keeps the common rate out of checkpoints if groups have fixed ones
            if isinstance(r, Parameter) and (i > 0 or not self.is_group_lr or self.dynamic_lr):
                self.insert_param_to_cell(r.name, r, False)
            elif isinstance(r, Cell) and not self.is_group_lr:
                self.insert_child_to_cell(f"_rate{i}", r)
        self.__dict__["_rates"] = rates
        learning = [r for r in rates if r is not None]
        self.__dict__["learning_rate"] = learning[0] if len(learning) == 1 else tuple(learning)

    def get_lr(self) -> Any:
        """The learning rate of this step; a tuple with one per Parameter when groups have their own.

        With a schedule the step is counted.
        """
        current = self._current_rates()
        if self.dynamic_lr or self.dynamic_weight_decay:
            self.global_step = self.global_step + 1
        if self.is_group_lr:
            return tuple([current[self._rate_of[id(p)]] for p in self.parameters])
        return current[0]

    def _current_rates(self) -> list:
        return [r(self.global_step).reshape(()) if isinstance(r, Cell) else r for r in self._rates]

    def get_lr_parameter(self, param: Parameter | Sequence[Parameter]) -> Any:
        """The learning rate of one Parameter, or a list with those of several.

        Raises:
            TypeError: `param` is not a Parameter of this optimizer.
        """
        def one(p: Any) -> Any:
            if not isinstance(p, Parameter):
                raise TypeError(f"For 'get_lr_parameter', 'param' should be Parameter, but got {describe(p)}.")
            if all(p is not q for q in self.parameters):
                raise ValueError(f"For 'get_lr_parameter', Parameter '{p.name}' is not one of this optimizer's.")
            rate = self._rates[self._rate_of.get(id(p), 0)]
            return rate(self.global_step).reshape(()) if isinstance(rate, Cell) else rate

        return [one(p) for p in param] if isinstance(param, (list, tuple)) else one(param)

    # ***** weight decay *****

    def _set_decays(self, owner: str, groups: list[dict] | None) -> None:
        if groups is None:
            flags = [("beta" not in p.name and "gamma" not in p.name) for p in self.parameters]
            decays = [self.weight_decay if f else 0.0 for f in flags]
        else:
            of = {id(p): _decay(owner, g["weight_decay"]) if "weight_decay" in g else self.weight_decay
                  for g in groups if "order_params" not in g for p in g["params"]}
            decays = [of[id(p)] for p in self.parameters]
        self.__dict__["_decays"] = decays
        for i, d in enumerate(dict.fromkeys(d for d in decays if isinstance(d, Cell))):
            self.insert_child_to_cell(f"_decay{i}", d)
        self.dynamic_weight_decay = any(isinstance(d, Cell) for d in decays)
        self.decay_flags = tuple([isinstance(d, Cell) or d > 0 for d in decays])
        self.exec_weight_decay = any(self.decay_flags)

    def get_weight_decay(self) -> Any:
        """The weight decay of this step; a tuple with one per Parameter when groups have their own."""
        if self.is_group:
            return tuple(self.parameter_decays())
        return self.weight_decay(self.global_step) if isinstance(self.weight_decay, Cell) else self.weight_decay

    def decay_weight(self, gradients: Sequence[Tensor]) -> tuple:
        """Gradients with the weight decay of each Parameter added."""
        if not self.exec_weight_decay:
            return tuple(gradients)
        return tuple([g + p * d if f else g for g, p, d, f in
                      zip(gradients, self.parameters, self.parameter_decays(), self.decay_flags, strict=True)])

    def parameter_decays(self) -> list:
        """The weight decay of each Parameter at this step."""
        current = {d: d(self.global_step) for d in self._decays if isinstance(d, Cell)}
        return [current.get(d, d) for d in self._decays]

    # ***** gradients *****

    def scale_grad(self, gradients: Sequence[Tensor]) -> tuple:
        """Gradients divided by the loss scale."""
        if self.loss_scale == 1.0:
            return tuple(gradients)
        factor = 1.0 / self.loss_scale
        return tuple([g * factor for g in gradients])

    def gradients_centralization(self, gradients: Sequence[Tensor]) -> tuple:
        """Gradients with their mean over all axes but the first taken away, where a group asks for it."""
        if not any(self.grad_centralization_flags):
            return tuple(gradients)
        mean = primitives["ReduceMean"](True)
        return tuple([g - mean(g, tuple(range(1, g.ndim))) if f and g.ndim > 1 else g
                      for g, f in zip(gradients, self.grad_centralization_flags, strict=True)])

    def flatten_gradients(self, gradients: Sequence[Tensor]) -> tuple:
        """The gradients: XLA lays out memory itself."""
        return tuple(gradients)

    def prepare(self, gradients: Sequence[Tensor], decay: bool = True) -> tuple:
        """Gradients as update rules take them: decayed, centralized, unscaled."""
        if len(gradients) != len(self.parameters):
            raise ValueError(f"For '{type(self).__name__}', there should be one gradient per Parameter "
                             f"({len(self.parameters)}), but got {len(gradients)}.")
        gradients = self.scale_grad(gradients)
        if decay:
            gradients = self.decay_weight(gradients)
        return self.gradients_centralization(gradients)

    def rates(self) -> list:
        """The learning rate of each Parameter at this step; a schedule's step is counted."""
        lr = self.get_lr()
        return list(lr) if isinstance(lr, tuple) else [lr] * len(self.parameters)

    # ***** call *****

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if local.scope is None and self._compiled and type(self).construct.__module__.startswith(__package__):
            if self._update is None:
                self.__dict__["_update"] = GraphFunction(self._run, type(self).__name__, (Cell,), self.construct)
            return self._update(args, kwargs)   # pyright: ignore[reportOptionalCall]
        return super().__call__(*args, **kwargs)

    def states(self, prefix: str, init: Any = "zeros") -> ParameterTuple:
        """New Parameters like those updated, named after them."""
        return self.parameters.clone(prefix, init)

    @property
    def target(self) -> str:
        """Where the update runs; kept for compatibility."""
        return "CPU"

    @target.setter
    def target(self, value: str) -> None:
        check_type(type(self).__name__, "target", value, str)

    @property
    def unique(self) -> bool:
        """Whether sparse gradients have unique indices; kept for compatibility."""
        return self.__dict__.get("_unique", True)

    @unique.setter
    def unique(self, value: bool) -> None:
        self.__dict__["_unique"] = check_type(type(self).__name__, "unique", value, bool)


def opt_init_args_register(fn: Any) -> Any:
    """Decorator of user optimizers' `__init__`, kept for compatibility."""
    return fn


def done() -> Tensor:
    """What an optimizer returns: a true scalar."""
    return Tensor(True)


def _check_float(owner: str, name: str, value: Any, above: bool = False) -> float:
    check_type(owner, name, value, (int, float))
    if value < 0 or (above and value == 0):
        raise ValueError(f"For '{owner}', the '{name}' must be float and must {'>' if above else '>='} 0, but got "
                         f"'{float(value)}' with type 'float'.")
    return float(value)


def _decay(owner: str, value: Any) -> Any:
    return value if isinstance(value, Cell) else _check_float(owner, "weight_decay", value)


class _RateTable(LearningRateSchedule):
    """One learning rate per step, in the shape of the step."""

    def __init__(self, values: np.ndarray, name: str):
        super().__init__()
        self.learning_rate = Parameter(Tensor(values), name=name, requires_grad=False)
        self.learning_rate.name = name

    def construct(self, global_step: Tensor) -> Tensor:
        last = self.learning_rate.shape[0] - 1      # past its end the last value stays (r1.8's CPU kernel gives 0)
        return functions["gather"](self.learning_rate, functions["minimum"](global_step, last), 0)


def _rate(owner: str, value: Any, name: str) -> Any:
    """A learning rate as a Parameter (fixed) or a Cell from the step to it."""
    if isinstance(value, (LearningRateSchedule, Cell)):
        return value
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return Parameter(Tensor(_check_float(owner, "learning rate", value), mstype.float32), name=name,
                         requires_grad=False)
    if isinstance(value, Tensor) and not isinstance(value, Parameter) or isinstance(value, np.ndarray):
        host = value.asnumpy() if isinstance(value, Tensor) else value
        if host.ndim > 1:
            raise ValueError(f"For '{owner}', if 'learning_rate' is a Tensor, it should have 0 or 1 axes, but got "
                             f"shape {host.shape}.")
        if host.ndim == 1:
            return _RateTable(host.astype(np.float32), name)
        return Parameter(Tensor(host.astype(np.float32)), name=name, requires_grad=False)
    if isinstance(value, Parameter):
        return value
    if isinstance(value, str):
        float(value)
    if isinstance(value, Iterable):
        values = list(value)
        for v in values:
            _check_float(owner, "learning rate", v)
        if not values:
            raise ValueError(f"For '{owner}', 'learning_rate' is an empty list.")
        return _RateTable(np.asarray(values, np.float32), name)
    raise TypeError(f"For '{owner}', 'learning_rate' should be float, list, tuple, Tensor or LearningRateSchedule, but "
                    f"got {describe(value)}.")


def _groups(parameters: Any) -> list[dict] | None:
    """The parameter groups, or None when plain Parameters are given."""
    if parameters is None:
        raise ValueError("For 'Optimizer', the argument parameters can not be None.")
    if isinstance(parameters, Parameter) or not isinstance(parameters, Iterable) or isinstance(parameters, Cell):
        raise TypeError("For 'Optimizer', the argument parameters must be Iterable type, but got "
                        f"{type(parameters)}.")
    items = list(parameters)
    if not items:
        raise ValueError("For 'Optimizer', the argument parameters must not be empty.")
    if all(isinstance(p, Parameter) for p in items):
        return None
    if not all(isinstance(p, dict) for p in items):
        raise TypeError("For 'Optimizer', all elements of the argument 'parameters' must be 'Parameter' or 'dict', "
                        "please check the 'parameters'.")
    for group in items:
        if not set(group) <= set(_GROUP_KEYS):
            raise KeyError(f"For 'Optimizer', the key in group params must be one of in {_GROUP_KEYS}, but got "
                           f"{list(group)}.")
        if "order_params" in group:
            continue
        if "params" not in group or not group["params"]:
            raise ValueError("For 'Optimizer', the 'params' of a group must not be empty.")
        group["params"] = list(group["params"])
    return items


def _ordered(groups: list[dict], parameters: Any) -> list[Parameter]:
    members = [p for g in groups if "order_params" not in g for p in g["params"]]
    for group in groups:
        if "order_params" in group:
            order = list(group["order_params"])
            if {id(p) for p in order} != {id(p) for p in members}:
                raise ValueError("For 'Optimizer', 'order_params' should hold exactly the Parameters of the other "
                                 "groups.")
            return order
    return members


def _check_unique(params: list) -> None:
    seen: dict[str, Parameter] = {}
    for p in params:
        if not isinstance(p, Parameter):
            raise TypeError("For 'Optimizer', all elements of the argument 'parameters' must be 'Parameter' or 'dict', "
                            "please check the 'parameters'.")
        if seen.get(p.name) is p:
            raise RuntimeError(f"For 'Optimizer', the {p.name} parameter already exists, it does not support repeated "
                               "setting. Please check whether the optimizer parameter has been set multiple times.")
        if p.name in seen:
            raise ValueError(f"The value {p} , its name '{p.name}' already exists. Please set a unique name for the "
                             "parameter.")
        seen[p.name] = p
