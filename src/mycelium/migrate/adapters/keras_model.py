"""A Keras 3 model as a reference. Keras is never imported: whoever has a model has imported it."""
from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import numpy as np

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

_RANDOM = ("rate", "dropout", "recurrent_dropout", "stddev")     # settings of layers that draw random numbers


def is_layer(value: Any) -> bool:
    """Whether `value` is a Keras layer or model."""
    keras = sys.modules.get("keras")
    return keras is not None and isinstance(value, keras.layers.Layer)


class KerasReference(Reference):
    """See `Reference`.

    Where the model takes images with channels last and is given them with channels in second place, as ours has them,
    everything of that rank is turned on its way in and out.
    """

    framework = "keras"

    def __init__(self, model: Any, turned: int = 0):
        if not model.built:
            raise ValueError("The Keras model has no weights yet: call it once on an input, or give it an Input layer.")
        self.net = model
        self.turned = turned        # the rank of arrays whose channels stand last there, 0 for none
        self._layers = dict(_walk(model, ""))

    # ***** structure *****

    def fit(self, inputs: Inputs) -> Inputs:
        """See `Reference`."""
        shapes = getattr(self.net, "input_shape", None)
        shapes = list(shapes) if isinstance(shapes, list) else [shapes]
        for array, shape in zip(inputs.arrays().values(), shapes, strict=False):
            if shape is not None and array.ndim == len(shape) >= 3 and not _fits(array.shape, shape) and _fits(
                    (array.shape[0], *array.shape[2:], array.shape[1]), shape):
                self.turned = array.ndim
        return inputs

    def kinds(self) -> dict[str, str]:
        """See `Reference`."""
        return {name: _kind(layer) for name, layer in self._layers.items()}

    def module(self, name: str) -> Any:
        """See `Reference`."""
        return self._layers[name]

    def _named(self) -> dict[str, Any]:
        return {f"{path}.{v.name}" if path else v.name: v for path, layer in self._layers.items()
                for v in (*layer._trainable_variables, *layer._non_trainable_variables)}

    def owners(self) -> dict[str, tuple[str, str]]:
        """See `Reference`."""
        found = {}
        for name in self._named():
            path, _, leaf = name.rpartition(".")
            found[name] = path, leaf
        return found

    def weights(self) -> Arrays:
        """See `Reference`."""
        return {name: np.array(np.asarray(v.value)) for name, v in self._named().items()}

    def trainable(self) -> set[str]:
        """See `Reference`."""
        trained = {id(v) for v in self.net.trainable_variables}
        return {name for name, v in self._named().items() if id(v) in trained}

    def load(self, values: Mapping[str, np.ndarray]) -> None:
        """See `Reference`."""
        named = self._named()
        for name, value in values.items():
            named[name].assign(value)

    def part(self, name: str) -> KerasReference:
        """See `Reference`."""
        return KerasReference(self._layers[name], self.turned)

    # ***** running *****

    def forward(self, inputs: Inputs, train: bool, keep: str = "", share_masks: bool = False) -> Forward:
        """See `Reference`."""
        calls: list[Call] = []
        functions: list[Function] = []
        path: list[str] = []
        result: Arrays = {}
        after: Arrays = {}
        error = ""

        def watched(name: str, layer: Any) -> Any:
            call = layer.call

            def run(*args: Any, **kwargs: Any) -> Any:
                path.append(name)
                given = Inputs(map_leaves(args, self._host), {k: v for k, v in map_leaves(kwargs, self._host).items()
                                                              if k != "training"}) if keep else None
                output = call(*args, **kwargs)
                path.pop()
                outputs = self._arrays(output)
                calls.append(Call(name, outputs, sum(c.name == name for c in calls), given))
                if given is not None and name and keep == "functions":
                    functions.extend(Function(name, _kind(layer), list(given.arrays().values()), out,
                                              path[-1] if path else "") for out in outputs.values())
                return output

            return run

        try:
            with self._prepared():
                for name, layer in self._layers.items():
                    layer.__dict__["call"] = watched(name, layer)
                result = self._arrays(self._call(inputs, train))
                after = self.weights() if train else {}
        except Exception as raised:     # whatever the user's model raises belongs into the report
            error = f"{type(raised).__name__}: {raised}"
        finally:
            for layer in self._layers.values():
                layer.__dict__.pop("call", None)
        return Forward(result, calls, after, functions, [], error, path[-1] if error and path else "")

    def zeros(self, ones: np.ndarray) -> float | None:
        """See `Reference`."""
        with self._prepared(dropout=True):
            try:
                found = self._arrays(self._call(Inputs((ones,)), True))
            except Exception:   # it takes other arguments
                return None
        return float(np.mean(found[""] == 0)) if list(found) == [""] else None

    def gradients(self, inputs: Inputs, train: bool, objective: Any, labels: tuple = ()) -> Gradients:
        """See `Reference`."""
        jax = _jax()
        values = [v.value for v in self.net.trainable_variables]
        rest = [v.value for v in self.net.non_trainable_variables]
        floats = [a for a in inputs.arrays().values() if a.dtype.kind == "f"]

        def run(weights: list, given: list) -> Any:
            source = iter(given)
            filled = inputs.changed(lambda a: next(source) if a.dtype.kind == "f" else a)
            return self.net.stateless_call(weights, rest, *map_leaves(filled.args, self._in),
                                           **map_leaves(filled.kwargs, self._in), training=train)[0]

        with self._prepared():
            loss, pullback, outputs = self._pullback(jax, lambda w, g: run(w, g), values, floats, objective, labels)
            grads, input_grads = pullback
        names = {id(v): name for name, v in self._named().items()}
        found = {names[id(v)]: np.asarray(g) for v, g in zip(self.net.trainable_variables, grads, strict=True)}
        places = [k for k, a in inputs.arrays().items() if a.dtype.kind == "f"]
        return Gradients(loss, found, dict(zip(places, map(np.asarray, input_grads), strict=True)), outputs)

    def _pullback(self, jax: Any, run: Any, values: list, given: list, objective: Any, labels: tuple) -> tuple:
        """(loss, gradients of (weights, inputs), outputs)."""
        if not getattr(objective, "on_arrays", False):
            loss, pullback = jax.vjp(lambda w, g: objective(*labels, run(w, g)).sum(), values, given)
            return float(loss), pullback(jax.numpy.ones_like(loss)), {}
        output, pullback = jax.vjp(run, values, given)
        outputs = self._arrays(output)
        loss, cotangents = objective(outputs)
        places = iter(outputs)
        sens = jax.tree_util.tree_map(lambda t: self._in(cotangents[next(places)]).astype(t.dtype), output)
        return loss, pullback(sens), outputs

    def optimizer(self, made: Any) -> Any:
        """See `Reference`."""
        return made(self.net.trainable_variables) if callable(made) and not hasattr(made, "stateless_apply") else made

    def settings(self, made: Any) -> Any:
        """See `Reference`."""
        plain = {k: v for k, v in vars(made).items() if isinstance(v, (bool, int, float, str))}
        return SimpleNamespace(**{**plain, "learning_rate": float(np.asarray(made.learning_rate.value))})

    def optimizer_kind(self, made: Any) -> str:
        """See `Reference`."""
        return f"keras.optimizers.{type(made).__name__}"

    def descent(self, rate: float) -> Any:
        """See `Reference`."""
        return lambda variables: sys.modules["keras"].optimizers.SGD(rate)

    def train(self, inputs: Inputs, labels: tuple, objective: Any, optimizer: Any, steps: int,
              epsilon: float = 1.0) -> Trained:
        """See `Reference`."""
        jax = _jax()
        made = self.optimizer(optimizer)
        kept = getattr(made, "epsilon", None)
        if kept is not None:
            made.epsilon = kept * epsilon
        made.build(self.net.trainable_variables)
        values = [v.value for v in self.net.trainable_variables]
        rest = [v.value for v in self.net.non_trainable_variables]
        state = [v.value for v in made.variables]
        losses = []

        def run(weights: list, given: list) -> Any:
            output, moved[:] = self.net.stateless_call(weights, rest, *map_leaves(inputs.args, self._in),
                                                       **map_leaves(inputs.kwargs, self._in), training=True)
            moved[:] = jax.tree_util.tree_map(jax.lax.stop_gradient, moved)
            return output

        with self._prepared():
            for _ in range(steps):
                moved: list = []
                loss, (grads, _), _ = self._pullback(jax, run, values, [], objective, labels)
                with jax.ensure_compile_time_eval():
                    rest = self.net.stateless_call(values, rest, *map_leaves(inputs.args, self._in),
                                                   **map_leaves(inputs.kwargs, self._in), training=True)[1]
                values, state = made.stateless_apply(state, grads, values)
                losses.append(float(loss))
        if kept is not None:
            made.epsilon = kept
        final = {id(v): x for v, x in zip((*self.net.trainable_variables, *self.net.non_trainable_variables),
                                          (*values, *rest), strict=True)}
        return Trained(losses, {name: np.asarray(final[id(v)]) for name, v in self._named().items()}, {})

    def _call(self, inputs: Inputs, train: bool) -> Any:
        kwargs = {"training": train} if getattr(self.net, "_call_has_training_arg", True) else {}
        return self.net(*map_leaves(inputs.args, self._in), **map_leaves(inputs.kwargs, self._in), **kwargs)

    def _in(self, value: Any) -> Any:
        if getattr(value, "ndim", 0) == self.turned > 0:
            return value.transpose(0, *range(2, value.ndim), 1)
        return value

    def _host(self, value: Any) -> Any:
        if hasattr(value, "__array__") and hasattr(value, "dtype"):
            array = np.asarray(value)
            return array.transpose(0, -1, *range(1, array.ndim - 1)) if array.ndim == self.turned > 0 else array
        return value

    def _arrays(self, value: Any) -> Arrays:
        return flatten(value, lambda v: self._host(v) if hasattr(v, "__array__") and hasattr(v, "dtype") else None)

    @contextmanager
    def _prepared(self, dropout: bool = False) -> Iterator[None]:
        """No dropout unless asked for; variables are as before afterwards."""
        saved = [(v, v.value) for v in self.net.variables]
        rates = [] if dropout else [(layer, key, vars(layer)[key]) for layer in self._layers.values()
                                    for key in _RANDOM if isinstance(vars(layer).get(key), float)]
        try:
            for layer, key, _ in rates:
                setattr(layer, key, 0.0)
            yield
        finally:
            for layer, key, rate in rates:
                setattr(layer, key, rate)
            for variable, value in saved:
                variable.assign(value)


def _walk(layer: Any, path: str) -> Iterator[tuple[str, Any]]:
    """A layer and all below it that compute, by their names."""
    yield path, layer
    for child in getattr(layer, "_layers", ()):
        if type(child).__name__ != "InputLayer":
            yield from _walk(child, f"{path}.{child.name}" if path else child.name)


def _kind(layer: Any) -> str:
    keras = sys.modules["keras"]
    for base in type(layer).__mro__:
        if getattr(keras.layers, base.__name__, None) is base and base.__name__ != "Layer":
            return f"keras.layers.{base.__name__}"
        if getattr(keras, base.__name__, None) is base:
            return f"keras.{base.__name__}"
    return f"{type(layer).__module__}.{type(layer).__qualname__}"


def _fits(shape: tuple, wanted: tuple) -> bool:
    return len(shape) == len(wanted) and all(w is None or w == s for s, w in zip(shape, wanted, strict=True))


def _jax() -> Any:
    backend = sys.modules["keras"].backend.backend()
    if backend != "jax":
        raise RuntimeError(f"Gradients of Keras models are compared on Keras's JAX backend, but this is {backend!r}. "
                           "Set KERAS_BACKEND=jax, or compare without gradients (gradients=False, steps=0).")
    return sys.modules["jax"]
