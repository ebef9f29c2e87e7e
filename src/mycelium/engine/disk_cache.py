"""The cache of compiled programs on disk: `set_context(enable_compile_cache=True)`."""
from __future__ import annotations

from pathlib import Path
from typing import Any

import jax
from jax.experimental.compilation_cache import compilation_cache

from mycelium.core import context

_FOLDER = "rank_0/graph_cache"      # below compile_cache_path, as in r1.8
_before: list[str | None] = []      # what JAX's own setting was before ours


class _Hits:
    """How many compiled programs were found on disk."""

    count = 0

    def listen(self, event: str, **_: Any) -> None:
        """Hears what JAX says of itself."""
        self.count += event == "/jax/compilation_cache/cache_hits"


hits = _Hits()
jax.monitoring.register_event_listener(hits.listen)


@context.on_setting("enable_compile_cache", "compile_cache_path")
def _use(enabled: bool, path: str) -> None:
    if not enabled:
        if _before:
            _point_at(_before.pop())
        return
    folder = Path(path or ".").absolute() / _FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    if not _before:
        _before.append(jax.config.jax_compilation_cache_dir)
    # every program counts: a warm start is many small ones in PYNATIVE_MODE
    jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.0)
    jax.config.update("jax_persistent_cache_min_entry_size_bytes", -1)
    _point_at(str(folder))


def _point_at(folder: str | None) -> None:
    jax.config.update("jax_compilation_cache_dir", folder)
    compilation_cache.reset_cache()     # it looks at its settings once, at the first compilation
