"""Programs written for `import mindspore` run on this package unchanged."""

from mycelium.compat.importer import API_VERSION, guard, guard_namespaces, install_as_mindspore, resolve, uninstall

__all__ = ["API_VERSION", "guard", "guard_namespaces", "install_as_mindspore", "resolve", "uninstall"]
