"""Moving a network over from PyTorch or Keras: what differs, where two networks part, weights, source."""
from mycelium.migrate.compare.comparing import compare, copy_weights, record
from mycelium.migrate.compare.testing import assert_migrated
from mycelium.migrate.differences import find
from mycelium.migrate.port import port
from mycelium.migrate.weights.convert import convert

__all__ = ["assert_migrated", "compare", "convert", "copy_weights", "find", "port", "record"]
