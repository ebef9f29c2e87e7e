"""What differs from PyTorch and Keras, as data: `catalogue` describes it, `data/` holds it."""
from mycelium.migrate.differences.catalogue import CatalogueError, entries, entry_of, find, find_all
from mycelium.migrate.differences.entry import Argument, Entry, Probe

__all__ = ["Argument", "CatalogueError", "Entry", "Probe", "entries", "entry_of", "find", "find_all"]
