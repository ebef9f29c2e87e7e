"""Moving a network over from PyTorch or Keras: what differs, where two networks part, weights, source."""
from mycelium.migrate.differences import find

__all__ = ["find"]
