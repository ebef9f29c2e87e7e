"""Learning rates over time: schedules as Cells, and lists with one value per step."""
from __future__ import annotations

import math
from typing import Any

from mycelium.core import dtype as mstype
from mycelium.core.errors import check_int, check_type, describe
from mycelium.core.tensor import Tensor
from mycelium.nn.cell import Cell
from mycelium.ops.registry import functions


class LearningRateSchedule(Cell):
    """Base of schedules: `construct(global_step)` returns the learning rate of that step.

    MindSpore r1.8 `nn.LearningRateSchedule`.
    """

    def construct(self, global_step: Tensor) -> Tensor:
        """The learning rate at `global_step`."""
        raise NotImplementedError(f"'{type(self).__name__}' should define construct(self, global_step).")


def _positive(owner: str, name: str, value: Any) -> float:
    check_type(owner, name, value, float)
    if not value > 0 or not math.isfinite(value):
        raise ValueError(f"For '{owner}', the '{name}' must be float and must > 0, but got '{value}' with type "
                         "'float'.")
    return value


def _step(global_step: Tensor) -> Tensor:
    return functions["cast"](global_step, mstype.float32)


class _Decay(LearningRateSchedule):
    """A schedule of step / decay_steps."""

    def __init__(self, learning_rate: float, decay_rate: float, decay_steps: int, is_stair: bool = False):
        super().__init__()
        owner = type(self).__name__
        self.learning_rate = _positive(owner, "learning_rate", learning_rate)
        self.decay_rate = _positive(owner, "decay_rate", decay_rate)
        self.decay_steps = check_int(owner, "decay_steps", decay_steps, 1)
        self.is_stair = check_type(owner, "is_stair", is_stair, bool)

    def _progress(self, global_step: Tensor) -> Tensor:
        p = _step(global_step) / self.decay_steps      # type: ignore[operator]
        return functions["floor"](p) if self.is_stair else p


class ExponentialDecayLR(_Decay):
    """lr * decay_rate^(step / decay_steps).

    Args:
        learning_rate: Where it starts; greater than 0.
        decay_rate: Greater than 0.
        decay_steps: 1 or greater.
        is_stair: Only whole powers.

    Examples:
        >>> print(nn.ExponentialDecayLR(0.1, 0.9, 4, True)(Tensor(8, ms.int32)))
        0.081

    MindSpore r1.8 `nn.ExponentialDecayLR`.
    """

    def construct(self, global_step: Tensor) -> Tensor:
        """The learning rate at `global_step`."""
        return self.learning_rate * functions["pow"](self.decay_rate, self._progress(global_step))


class NaturalExpDecayLR(_Decay):
    """lr * exp(-decay_rate * step); with `is_stair` step counts in whole decay_steps.

    Args:
        learning_rate: Where it starts; greater than 0.
        decay_rate: Greater than 0.
        decay_steps: 1 or greater.
        is_stair: Only whole multiples of `decay_steps`.

    Examples:
        >>> nn.NaturalExpDecayLR(0.1, 0.9, 4, True)(Tensor(2, ms.int32)).shape
        ()

    MindSpore r1.8 `nn.NaturalExpDecayLR`.
    """

    def construct(self, global_step: Tensor) -> Tensor:
        """The learning rate at `global_step`."""
        p = _step(global_step)
        if self.is_stair:
            p = functions["floor"](p / self.decay_steps) * self.decay_steps      # type: ignore[operator]
        return self.learning_rate * functions["exp"](-self.decay_rate * p)       # type: ignore[operator]


class InverseDecayLR(_Decay):
    """lr / (1 + decay_rate * step / decay_steps).

    Args:
        learning_rate: Where it starts; greater than 0.
        decay_rate: Greater than 0.
        decay_steps: 1 or greater.
        is_stair: Only whole multiples.

    Examples:
        >>> nn.InverseDecayLR(0.1, 0.9, 4, True)(Tensor(2, ms.int32)).shape
        ()

    MindSpore r1.8 `nn.InverseDecayLR`.
    """

    def construct(self, global_step: Tensor) -> Tensor:
        """The learning rate at `global_step`."""
        return self.learning_rate / (1 + self.decay_rate * self._progress(global_step))


class CosineDecayLR(LearningRateSchedule):
    """min + (max - min) / 2 * (1 + cos(pi * step / decay_steps)); min after `decay_steps`.

    Args:
        min_lr: 0 or greater.
        max_lr: Greater than `min_lr`.
        decay_steps: 1 or greater.

    Examples:
        >>> print(nn.CosineDecayLR(0.01, 0.1, 4)(Tensor(2, ms.int32)))
        0.055

    MindSpore r1.8 `nn.CosineDecayLR`.
    """

    def __init__(self, min_lr: float, max_lr: float, decay_steps: int):
        super().__init__()
        check_type("CosineDecayLR", "min_lr", min_lr, float)
        if min_lr < 0:
            raise ValueError(f"For 'CosineDecayLR', 'min_lr' should be 0 or greater, but got {min_lr}.")
        _positive("CosineDecayLR", "max_lr", max_lr)
        if min_lr >= max_lr:
            raise ValueError(f"For 'CosineDecayLR', the 'max_lr' should be greater than the 'min_lr', but got 'max_lr' "
                             f"{max_lr} and 'min_lr' {min_lr}.")
        self.min_lr, self.max_lr = min_lr, max_lr
        self.decay_steps = check_int("CosineDecayLR", "decay_steps", decay_steps, 1)

    def construct(self, global_step: Tensor) -> Tensor:
        """The learning rate at `global_step`."""
        p = functions["minimum"](_step(global_step), float(self.decay_steps)) / self.decay_steps
        return self.min_lr + 0.5 * (self.max_lr - self.min_lr) * (1.0 + functions["cos"](p * math.pi))


class PolynomialDecayLR(LearningRateSchedule):
    """(lr - end) * (1 - step / decay_steps)^power + end.

    Args:
        learning_rate: Where it starts; greater than 0.
        end_learning_rate: Where it ends; 0 or greater.
        decay_steps: 1 or greater.
        power: Greater than 0.
        update_decay_steps: Grow `decay_steps` to its next multiple beyond the step, instead of stopping.

    Examples:
        >>> nn.PolynomialDecayLR(0.1, 0.01, 4, 0.5)(Tensor(2, ms.int32)).shape
        ()

    MindSpore r1.8 `nn.PolynomialDecayLR`.
    """

    def __init__(self, learning_rate: float, end_learning_rate: float, decay_steps: int, power: float,
                 update_decay_steps: bool = False):
        super().__init__()
        owner = "PolynomialDecayLR"
        self.learning_rate = _positive(owner, "learning_rate", learning_rate)
        check_type(owner, "end_learning_rate", end_learning_rate, float)
        if end_learning_rate < 0:
            raise ValueError(f"For '{owner}', 'end_learning_rate' should be 0 or greater, but got {end_learning_rate}.")
        self.end_learning_rate = end_learning_rate
        self.decay_steps = check_int(owner, "decay_steps", decay_steps, 1)
        self.power = _positive(owner, "power", power)
        self.update_decay_steps = check_type(owner, "update_decay_steps", update_decay_steps, bool)

    def construct(self, global_step: Tensor) -> Tensor:
        """The learning rate at `global_step`."""
        step, total = _step(global_step), float(self.decay_steps)
        steps: Any = total
        if self.update_decay_steps:
            steps = total * functions["maximum"](functions["ceil"](step / total), 1.0)  # type: ignore[operator]
        p = functions["minimum"](step, steps) / steps
        difference = self.learning_rate - self.end_learning_rate
        left = functions["maximum"](1.0 - p, 0.0)      # XLA may round step / steps above 1
        return difference * functions["pow"](left, self.power) + self.end_learning_rate


class WarmUpLR(LearningRateSchedule):
    """lr * min(step, warmup_steps) / warmup_steps.

    Args:
        learning_rate: Reached after the warm-up; greater than 0.
        warmup_steps: 1 or greater.

    Examples:
        >>> print(nn.WarmUpLR(0.1, 2)(Tensor(1, ms.int32)))
        0.05

    MindSpore r1.8 `nn.WarmUpLR`.
    """

    def __init__(self, learning_rate: float, warmup_steps: int):
        super().__init__()
        self.learning_rate = _positive("WarmUpLR", "learning_rate", learning_rate)
        self.warmup_steps = check_int("WarmUpLR", "warmup_steps", warmup_steps, 1)

    def construct(self, global_step: Tensor) -> Tensor:
        """The learning rate at `global_step`."""
        p = functions["minimum"](_step(global_step), float(self.warmup_steps)) / self.warmup_steps
        return self.learning_rate * p


# ***** lists, one value per step *****

def _plan(owner: str, learning_rate: float, total_step: int, step_per_epoch: int, decay_epoch: int) -> None:
    _positive(owner, "learning_rate", learning_rate)
    check_int(owner, "total_step", total_step, 1)
    check_int(owner, "step_per_epoch", step_per_epoch, 1)
    check_int(owner, "decay_epoch", decay_epoch, 1)


def piecewise_constant_lr(milestone: Any, learning_rates: Any) -> list[float]:
    """Constant until each milestone.

    Args:
        milestone: Steps, increasing.
        learning_rates: One value per milestone.

    Returns:
        List of float, one per step until the last milestone.

    Examples:
        >>> nn.piecewise_constant_lr([2, 3], [0.1, 0.05])
        [0.1, 0.1, 0.05]

    MindSpore r1.8 `nn.piecewise_constant_lr`.
    """
    for name, value in (("milestone", milestone), ("learning_rates", learning_rates)):
        check_type("piecewise_constant_lr", name, value, (tuple, list))
    if len(milestone) != len(learning_rates):
        raise ValueError(f"For 'piecewise_constant_lr', 'milestone' and 'learning_rates' should have the same length, "
                         f"but got {len(milestone)} and {len(learning_rates)}.")
    values: list[float] = []
    for step, rate in zip(milestone, learning_rates, strict=True):
        check_int("piecewise_constant_lr", "milestone", step, 1)
        check_type("piecewise_constant_lr", "learning_rates", rate, float)
        if step < len(values):
            raise ValueError(f"For 'piecewise_constant_lr', 'milestone' should increase, but got "
                             f"{describe(milestone)}.")
        values.extend([rate] * (step - len(values)))
    return values


def exponential_decay_lr(learning_rate: float, decay_rate: float, total_step: int, step_per_epoch: int,
                         decay_epoch: int, is_stair: bool = False) -> list[float]:
    """lr * decay_rate^(epoch / decay_epoch), per step.

    Examples:
        >>> nn.exponential_decay_lr(0.1, 0.9, 3, 2, 1)
        [0.1, 0.1, 0.09000000000000001]

    MindSpore r1.8 `nn.exponential_decay_lr`.
    """
    _plan("exponential_decay_lr", learning_rate, total_step, step_per_epoch, decay_epoch)
    _positive("exponential_decay_lr", "decay_rate", decay_rate)
    return [learning_rate * decay_rate ** _epoch(i, step_per_epoch, decay_epoch, is_stair) for i in range(total_step)]


def _epoch(step: int, step_per_epoch: int, decay_epoch: int, is_stair: bool) -> float:
    epoch = step // step_per_epoch
    return epoch // decay_epoch if is_stair else epoch / decay_epoch


def natural_exp_decay_lr(learning_rate: float, decay_rate: float, total_step: int, step_per_epoch: int,
                         decay_epoch: int, is_stair: bool = False) -> list[float]:
    """lr * exp(-decay_rate * epoch), per step; with `is_stair` in whole `decay_epoch`s.

    Examples:
        >>> nn.natural_exp_decay_lr(0.1, 0.9, 2, 2, 2)
        [0.1, 0.1]

    MindSpore r1.8 `nn.natural_exp_decay_lr`.
    """
    _plan("natural_exp_decay_lr", learning_rate, total_step, step_per_epoch, decay_epoch)
    _positive("natural_exp_decay_lr", "decay_rate", decay_rate)
    epochs = [i // step_per_epoch for i in range(total_step)]
    if is_stair:
        epochs = [e // decay_epoch * decay_epoch for e in epochs]
    return [learning_rate * math.e ** (-decay_rate * e) for e in epochs]


def inverse_decay_lr(learning_rate: float, decay_rate: float, total_step: int, step_per_epoch: int, decay_epoch: int,
                     is_stair: bool = False) -> list[float]:
    """lr / (1 + decay_rate * epoch / decay_epoch), per step.

    Examples:
        >>> nn.inverse_decay_lr(0.1, 0.5, 3, 1, 1, True)
        [0.1, 0.06666666666666667, 0.05]

    MindSpore r1.8 `nn.inverse_decay_lr`.
    """
    _plan("inverse_decay_lr", learning_rate, total_step, step_per_epoch, decay_epoch)
    _positive("inverse_decay_lr", "decay_rate", decay_rate)
    return [learning_rate / (1 + decay_rate * _epoch(i, step_per_epoch, decay_epoch, is_stair))
            for i in range(total_step)]


def cosine_decay_lr(min_lr: float, max_lr: float, total_step: int, step_per_epoch: int,
                    decay_epoch: int) -> list[float]:
    """min + (max - min) / 2 * (1 + cos(pi * epoch / decay_epoch)), per step.

    Examples:
        >>> nn.cosine_decay_lr(0.01, 0.1, 2, 2, 2)
        [0.1, 0.1]

    MindSpore r1.8 `nn.cosine_decay_lr`.
    """
    check_type("cosine_decay_lr", "min_lr", min_lr, float)
    if min_lr < 0 or min_lr >= max_lr:
        raise ValueError(f"For 'cosine_decay_lr', the 'max_lr' should be greater than the 'min_lr', and 'min_lr' 0 or "
                         f"greater, but got 'max_lr' {max_lr} and 'min_lr' {min_lr}.")
    _plan("cosine_decay_lr", max_lr, total_step, step_per_epoch, decay_epoch)
    half = 0.5 * (max_lr - min_lr)
    return [min_lr + half * (1 + math.cos(math.pi * min(i // step_per_epoch, decay_epoch) / decay_epoch))
            for i in range(total_step)]


def polynomial_decay_lr(learning_rate: float, end_learning_rate: float, total_step: int, step_per_epoch: int,
                        decay_epoch: int, power: float, update_decay_epoch: bool = False) -> list[float]:
    """(lr - end) * (1 - epoch / decay_epoch)^power + end, per step.

    Examples:
        >>> nn.polynomial_decay_lr(0.1, 0.01, 2, 2, 2, 0.5)
        [0.1, 0.1]

    MindSpore r1.8 `nn.polynomial_decay_lr`.
    """
    _plan("polynomial_decay_lr", learning_rate, total_step, step_per_epoch, decay_epoch)
    check_type("polynomial_decay_lr", "end_learning_rate", end_learning_rate, float)
    _positive("polynomial_decay_lr", "power", power)
    values = []
    for i in range(total_step):
        epoch = i // step_per_epoch
        limit = decay_epoch * max(1, math.ceil(epoch / decay_epoch)) if update_decay_epoch else decay_epoch
        values.append((learning_rate - end_learning_rate) * (1 - min(epoch, limit) / limit) ** power
                      + end_learning_rate)
    return values


def warmup_lr(learning_rate: float, total_step: int, step_per_epoch: int, warmup_epoch: int) -> list[float]:
    """lr * epoch / warmup_epoch until the warm-up is over, per step.

    Examples:
        >>> nn.warmup_lr(0.1, 4, 2, 2)
        [0.0, 0.0, 0.05, 0.05]

    MindSpore r1.8 `nn.warmup_lr`.
    """
    _positive("warmup_lr", "learning_rate", learning_rate)
    check_int("warmup_lr", "total_step", total_step, 1)
    check_int("warmup_lr", "step_per_epoch", step_per_epoch, 1)
    check_int("warmup_lr", "warmup_epoch", warmup_epoch, 0)
    if warmup_epoch == 0:
        return [learning_rate] * total_step
    return [learning_rate * min(i // step_per_epoch, warmup_epoch) / warmup_epoch for i in range(total_step)]
