"""PyTorch source rewritten for MindSpore's API."""
from mycelium.migrate.port.porting import Ported, PortError, port

__all__ = ["PortError", "Ported", "port"]
