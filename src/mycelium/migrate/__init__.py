"""Moving a network over from PyTorch or Keras: what differs, where two networks part, weights, source."""
from mycelium.migrate.differences import find
from mycelium.migrate.weights.convert import convert

__all__ = ["convert", "find"]
