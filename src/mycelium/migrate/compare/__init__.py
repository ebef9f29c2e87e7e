"""Runs a Cell beside the network that it was ported from: where they part, by how much, and why."""
from mycelium.migrate.compare.comparing import compare, copy_weights, record
from mycelium.migrate.compare.result import Cause, Comparison

__all__ = ["Cause", "Comparison", "compare", "copy_weights", "record"]
