"""A torch.nn.Module as a reference. Torch is never imported: whoever has a Module has imported it."""
from __future__ import annotations

import copy
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import numpy as np

from mycelium.core.dtype import bfloat16
from mycelium.migrate.adapters.base import (
    Arrays,
    Call,
    Forward,
    Function,
    Gradients,
    Inputs,
    Reference,
    Trained,
    flatten,
    map_leaves,
)

_DROPOUTS = {"dropout", "dropout1d", "dropout2d", "dropout3d", "alpha_dropout", "feature_alpha_dropout",
             "native_dropout", "dropout_", "alpha_dropout_", "feature_dropout", "feature_dropout_"}
_QUESTIONS = {"size", "dim", "__get__", "__len__", "is_floating_point", "numel", "stride", "type", "detach", "clone",
              "is_contiguous", "contiguous", "__bool__", "__hash__", "__repr__", "__format__", "requires_grad_", "item"}


def is_module(value: Any) -> bool:
    """Whether `value` is a torch.nn.Module."""
    torch = sys.modules.get("torch")
    return torch is not None and isinstance(value, torch.nn.Module)


def is_tensor(value: Any) -> bool:
    """Whether `value` is a torch.Tensor."""
    torch = sys.modules.get("torch")
    return torch is not None and isinstance(value, torch.Tensor)


def to_numpy(tensor: Any) -> np.ndarray:
    """A copy of a torch.Tensor's values."""
    tensor = tensor.detach().cpu()
    if str(tensor.dtype) == "torch.bfloat16":
        bits = tensor.contiguous().view(sys.modules["torch"].int16)
        return bits.numpy().view(bfloat16.np_dtype).copy()
    return np.array(tensor.numpy())


class TorchReference(Reference):
    """See `Reference`."""

    framework = "torch"

    def __init__(self, module: Any):
        self.net = module
        self.torch = sys.modules["torch"]
        self._modules = dict(module.named_modules())
        first = next(iter([*module.parameters(), *module.buffers()]), None)
        self.device = "cpu" if first is None else first.device

    # ***** structure *****

    def kinds(self) -> dict[str, str]:
        """See `Reference`."""
        return {name: _kind(module) for name, module in self._modules.items()}

    def module(self, name: str) -> Any:
        """See `Reference`."""
        return self._modules[name]

    def owners(self) -> dict[str, tuple[str, str]]:
        """See `Reference`."""
        return {name: _split(name) for name in self._named()}

    def _named(self) -> dict[str, Any]:
        return {**dict(self.net.named_parameters(remove_duplicate=False)), **dict(self.net.named_buffers())}

    def shared(self) -> dict[str, str]:
        """See `Reference`."""
        first = {id(p): name for name, p in self.net.named_parameters()}
        return {name: first[id(p)] for name, p in self.net.named_parameters(remove_duplicate=False)
                if first[id(p)] != name}

    def weights(self) -> Arrays:
        """See `Reference`."""
        return {name: to_numpy(value) for name, value in self._named().items()}

    def trainable(self) -> set[str]:
        """See `Reference`."""
        return {name for name, value in self.net.named_parameters(remove_duplicate=False) if value.requires_grad}

    def load(self, values: Mapping[str, np.ndarray]) -> None:
        """See `Reference`."""
        named = self._named()
        with self.torch.no_grad():
            for name, value in values.items():
                named[name].copy_(self._tensor(np.asarray(value)))

    # ***** running *****

    def part(self, name: str) -> TorchReference:
        """See `Reference`."""
        return TorchReference(self._modules[name])

    def forward(self, inputs: Inputs, train: bool, keep: str = "", share_masks: bool = False) -> Forward:
        """See `Reference`."""
        watch = self._watch(keep, share_masks)
        handles = []
        for name, module in self._modules.items():
            handles.append(module.register_forward_pre_hook(watch.before(name), with_kwargs=True))
            handles.append(module.register_forward_hook(watch.after(name, _kind(module)), with_kwargs=True))
        result, buffers, error = {}, {}, ""
        try:
            with self._prepared(train), self.torch.no_grad(), self._statistics() as statistics, watch:
                result = _arrays(self._call(inputs))
                buffers = {name: to_numpy(b) for name, b in self.net.named_buffers()} if train else {}
                buffers.update(statistics() if train else {})
        except Exception as raised:     # whatever the user's module raises belongs into the report
            error = f"{type(raised).__name__}: {raised}"
        finally:
            for handle in handles:
                handle.remove()
        return Forward(result, watch.calls, buffers, watch.functions, watch.masks, error,
                       watch.path[-1] if error and watch.path else "")

    def zeros(self, ones: np.ndarray) -> float | None:
        """See `Reference`."""
        with self._prepared(True, dropout=True), self.torch.no_grad():
            try:
                output = self.net(self._tensor(ones))
            except (TypeError, RuntimeError, ValueError):   # it takes other arguments
                return None
        return float((output == 0).float().mean()) if is_tensor(output) else None

    def gradients(self, inputs: Inputs, train: bool, objective: Any, labels: tuple = ()) -> Gradients:
        """See `Reference`."""
        torch = self.torch
        leaves: dict[str, Any] = {}

        def leaf(value: Any) -> Any:
            if isinstance(value, np.ndarray):
                tensor = self._tensor(value)
                return tensor.requires_grad_() if tensor.is_floating_point() else tensor
            return value

        args, kwargs = map_leaves(inputs.args, leaf), map_leaves(inputs.kwargs, leaf)
        leaves.update(flatten({**{str(i): a for i, a in enumerate(args)}, **kwargs},
                              lambda v: v if is_tensor(v) and v.requires_grad else None))
        names = [name for name, p in self.net.named_parameters() if p.requires_grad]
        params = [p for _, p in self.net.named_parameters() if p.requires_grad]
        with self._prepared(train), self._watch("", False):
            output = self.net(*args, **kwargs)
            value, outs, cotangents = self._objective(output, labels, objective)
            wanted = [*params, *leaves.values()]
            if not any(o.requires_grad for o in outs):
                grads: list = [None] * len(wanted)
            else:
                pairs = [(o, c) for o, c in zip(outs, cotangents, strict=True) if o.requires_grad]
                grads = list(torch.autograd.grad([o for o, _ in pairs], wanted, [c for _, c in pairs],
                                                 allow_unused=True)) if wanted else []
        host = [None if g is None else to_numpy(g.to_dense() if g.is_sparse else g) for g in grads]
        by_name = dict(zip(names, host, strict=False))
        by_name.update({name: by_name[first] for name, first in self.shared().items() if first in by_name})
        return Gradients(value, by_name,
                         dict(zip(leaves, host[len(names):], strict=True)), _arrays(output))

    def _objective(self, output: Any, labels: tuple, objective: Any) -> tuple[float, list, list]:
        """(loss, tensors to differentiate, their cotangents)."""
        if getattr(objective, "on_arrays", False):
            tensors = flatten(output, lambda v: v if is_tensor(v) and v.is_floating_point() else None)
            loss, grads = objective({place: to_numpy(t) for place, t in tensors.items()})
            return loss, list(tensors.values()), [self._tensor(grads[place]).to(t.dtype) for place, t in
                                                  tensors.items()]
        loss = objective(output, *[self._tensor(a) if isinstance(a, np.ndarray) else a for a in labels])
        if not is_tensor(loss):
            raise TypeError(f"The reference's loss should return a torch.Tensor, but got {type(loss).__name__}.")
        total = loss if loss.ndim == 0 else loss.sum()
        return float(total.detach()), [total], [self.torch.ones_like(total)]

    def optimizer(self, made: Any) -> Any:
        """See `Reference`."""
        if isinstance(made, self.torch.optim.Optimizer):
            return made
        return made([p for p in self.net.parameters() if p.requires_grad])

    def settings(self, made: Any) -> Any:
        """See `Reference`: those of the first group."""
        return SimpleNamespace(**{k: v for k, v in made.param_groups[0].items() if k != "params"})

    def optimizer_kind(self, made: Any) -> str:
        """See `Reference`."""
        return f"torch.optim.{type(made).__name__}"

    def descent(self, rate: float) -> Any:
        """See `Reference`."""
        return lambda params: self.torch.optim.SGD(params, rate)

    def train(self, inputs: Inputs, labels: tuple, objective: Any, optimizer: Any, steps: int,
              epsilon: float = 1.0) -> Trained:
        """See `Reference`."""
        torch = self.torch
        made = self.optimizer(optimizer)
        saved = copy.deepcopy(made.state_dict())
        for group in made.param_groups:
            if "eps" in group:
                group["eps"] *= epsilon
        losses = []
        with self._prepared(True, parameters=True), self._statistics() as statistics, self._watch("", False):
            for _ in range(steps):
                made.zero_grad()
                output = self._call(inputs)
                value, outs, cotangents = self._objective(output, labels, objective)
                torch.autograd.backward([o for o in outs if o.requires_grad],
                                        [c for o, c in zip(outs, cotangents, strict=True) if o.requires_grad])
                made.step()
                losses.append(value)
            names = {id(p): name for name, p in self.net.named_parameters()}
            state = {names[id(p)]: {k: to_numpy(v) for k, v in values.items() if is_tensor(v)}
                     for p, values in made.state.items() if id(p) in names}
            state.update({name: state[first] for name, first in self.shared().items() if first in state})
            weights = {**self.weights(), **statistics()}
            made.zero_grad()
        made.load_state_dict(saved)
        return Trained(losses, weights, state)

    def _call(self, inputs: Inputs) -> Any:
        def tensor(value: Any) -> Any:
            return self._tensor(value) if isinstance(value, np.ndarray) else value

        return self.net(*map_leaves(inputs.args, tensor), **map_leaves(inputs.kwargs, tensor))

    def _tensor(self, array: np.ndarray) -> Any:
        torch = self.torch
        if array.dtype == bfloat16.np_dtype:
            return torch.from_numpy(np.array(array).view(np.int16)).view(torch.bfloat16).to(self.device)
        if array.dtype.kind in "ui" and array.dtype != np.uint8:
            array = array.astype(np.int64)      # what torch takes as an index or a class
        return torch.from_numpy(np.array(array)).to(self.device)

    @contextmanager
    def _prepared(self, train: bool, parameters: bool = False, dropout: bool = False) -> Iterator[None]:
        """Training mode or not, no dropout inside fused layers, a fixed seed; all of it undone afterwards."""
        modes = {name: m.training for name, m in self._modules.items()}
        rates = {name: m.dropout for name, m in self._modules.items() if isinstance(getattr(m, "dropout", None), float)}
        named = self._named() if parameters else dict(self.net.named_buffers())
        saved = {name: value.detach().clone() for name, value in named.items()}
        random = self.torch.get_rng_state()
        try:
            self.torch.manual_seed(0)
            self.net.train(train)
            for name in () if dropout else rates:
                self._modules[name].dropout = 0.0
            yield
        finally:
            for name, module in self._modules.items():
                module.training = modes[name]
            for name, rate in rates.items():
                self._modules[name].dropout = rate
            with self.torch.no_grad():
                for name, value in saved.items():
                    named[name].copy_(value)
            self.torch.set_rng_state(random)

    @contextmanager
    def _statistics(self) -> Iterator[Any]:
        """Gives a function from nothing to the running variances after the block, taken over n as MindSpore does.

        A running variance of torch gathers sums of squares divided by n - 1. With the share m of new values it is
        a = (1 - m) a + m v each time; what the divisor n would have made of it follows from the first and last a alone.
        """
        counts: dict[str, list[int]] = {}
        kept = {name: m for name, m in self._modules.items()
                if is_tensor(getattr(m, "running_var", None)) and isinstance(getattr(m, "momentum", None), float)}
        before = {name: to_numpy(m.running_var) for name, m in kept.items()}

        def counter(name: str) -> Any:
            def hook(module: Any, args: tuple, output: Any) -> None:
                counts.setdefault(name, []).append(output.numel() // module.running_var.numel())
            return hook

        def after() -> Arrays:
            found = {}
            for name, sizes in counts.items():
                if len(set(sizes)) == 1:
                    last = to_numpy(kept[name].running_var)
                    rest = (1 - kept[name].momentum) ** len(sizes)
                    key = f"{name}.running_var" if name else "running_var"
                    found[key] = last - (last - rest * before[name]) / sizes[0]
            return found

        handles = [m.register_forward_hook(counter(name)) for name, m in kept.items()]
        try:
            yield after
        finally:
            for handle in handles:
                handle.remove()

    def _watch(self, keep: str, share_masks: bool) -> Any:
        """A context in which dropout does nothing (or leaves its masks) and, if asked for, functions are noted."""
        base = sys.modules["torch.overrides"].TorchFunctionMode
        return type("Watch", (_Watch, base), {})(keep, share_masks)


class _Watch:
    """What happens inside a forward run; mixed with torch's TorchFunctionMode."""

    def __init__(self, keep: str, share_masks: bool):
        super().__init__()
        self.keep, self.share = keep, share_masks
        self.functions: list[Function] = []
        self.masks: list[np.ndarray] = []
        self.calls: list[Call] = []
        self.path: list[str] = []       # the sub-modules that are running, innermost last
        self.started: list[Inputs | None] = []
        self.counts: dict[str, int] = {}
        self.busy = False               # in a hook of ours, whose own calls are not the network's

    def __torch_function__(self, func: Any, types: Any, args: tuple = (), kwargs: dict | None = None) -> Any:
        kwargs = dict(kwargs or {})
        name = getattr(func, "__name__", str(func))
        if self.busy:
            return func(*args, **kwargs)
        if name in _DROPOUTS:
            return self._dropout(func, args, kwargs)
        if "dropout_p" in kwargs:
            kwargs["dropout_p"] = 0.0
        if self.keep != "functions" or name in _QUESTIONS:
            return func(*args, **kwargs)
        inputs = [to_numpy(t) for t in _tensors((args, kwargs))]
        output = func(*args, **kwargs)
        outputs = _tensors(output)
        for out in outputs or [None]:
            self.functions.append(Function(_function_name(func), _settings(args, kwargs), inputs,
                                           None if out is None else to_numpy(out), self.path[-1] if self.path else ""))
        return output

    def _dropout(self, func: Any, args: tuple, kwargs: dict) -> Any:
        value = args[0] if args else kwargs["input"]
        if not self.share:
            return value
        output = func(*args, **kwargs)
        active = not bool((output == value).all())
        if active:
            self.masks.append(to_numpy((output != 0) | (value == 0)))
        return output

    def before(self, name: str) -> Any:
        """The hook that runs before a sub-module."""
        def hook(module: Any, args: tuple, kwargs: dict) -> None:
            self.path.append(name)
            self.busy = True
            self.started.append(Inputs(map_leaves(args, _host), map_leaves(kwargs, _host)) if self.keep else None)
            self.busy = False

        return hook

    def after(self, name: str, kind: str) -> Any:
        """The hook that runs after a sub-module."""
        def hook(module: Any, args: tuple, kwargs: dict, output: Any) -> None:
            self.path.pop()
            self.busy = True
            given, outputs = self.started.pop(), _arrays(output)
            self.busy = False
            index = self.counts[name] = self.counts.get(name, -1) + 1
            self.calls.append(Call(name, outputs, index, given))
            if given is not None and name and self.keep == "functions":
                outer = self.path[-1] if self.path else ""
                self.functions.extend(Function(name, kind, list(given.arrays().values()), out, outer)
                                      for out in outputs.values())

        return hook


def _host(value: Any) -> Any:
    return to_numpy(value) if is_tensor(value) else value


def _kind(module: Any) -> str:
    cls = type(module)
    for base in cls.__mro__:        # a subclass of a layer counts as that layer unless it computes something else
        if base.__module__.startswith("torch.nn.modules") and base.__name__ != "Module":
            if cls is base or cls.forward is base.forward:
                return f"torch.nn.{base.__name__}"
            break
    return f"{cls.__module__}.{cls.__qualname__}"


def _split(name: str) -> tuple[str, str]:
    path, _, last = name.rpartition(".")
    return path, last


def _arrays(value: Any) -> Arrays:
    return flatten(value, lambda v: to_numpy(v) if is_tensor(v) else None)


def _tensors(value: Any) -> list:
    return list(flatten(value, lambda v: v if is_tensor(v) else None).values())


def _function_name(func: Any) -> str:
    module = getattr(func, "__module__", None) or ""
    name = getattr(func, "__name__", str(func))
    if module.startswith("torch.nn.functional") or module == "torch._C._nn":
        return f"torch.nn.functional.{name}"
    if type(func).__name__ in ("method_descriptor", "wrapper_descriptor"):
        return f"torch.Tensor.{name}"
    return f"torch.{name}"


def _settings(args: tuple, kwargs: dict) -> str:
    """The plain arguments of a call, as source."""
    plain = [repr(a) for a in args if isinstance(a, (int, float, bool, str, tuple)) and not _tensors(a)]
    return ", ".join(plain + [f"{k}={v!r}" for k, v in kwargs.items()
                              if isinstance(v, (int, float, bool, str, tuple)) and not k.startswith("_")])
