"""Optimizers, each one update rule over `base.Optimizer`."""
from __future__ import annotations

from mycelium.nn.optim.adam import Adam, AdamWeightDecay
from mycelium.nn.optim.adaptive import ASGD, Adadelta, AdaMax, Lamb, LazyAdam, Rprop
from mycelium.nn.optim.base import Optimizer, opt_init_args_register
from mycelium.nn.optim.momentum import SGD, Momentum
from mycelium.nn.optim.proximal import FTRL, ProximalAdagrad
from mycelium.nn.optim.rmsprop import Adagrad, RMSProp

__all__ = [
    "ASGD", "Adadelta", "AdaMax", "FTRL", "Lamb", "LazyAdam", "ProximalAdagrad", "Rprop", "Adagrad", "Adam",
    "AdamWeightDecay", "Momentum", "Optimizer", "RMSProp", "SGD", "opt_init_args_register"
]
