"""Underscored names of MindSpore that programs use."""

from mycelium.compat.private import _get_cache_prim


def test_cached_primitive_is_made_with_its_own_arguments():
    class Scale:
        def __init__(self, factor):
            self.factor = factor

    assert _get_cache_prim(Scale)(2).factor == 2
    assert _get_cache_prim(Scale)(3).factor == 3
