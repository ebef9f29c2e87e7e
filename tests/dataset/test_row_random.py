"""Random numbers that depend on the row."""

import random

import numpy as np

from mycelium.dataset import row_random
from mycelium.dataset.row_random import RowFunction, mix, rng


def draw():
    return np.random.rand(), random.random(), rng().random()


def test_a_row_draws_the_same_numbers_whenever_it_comes():
    function = RowFunction(draw, seed=7)
    forwards = [function(i, ()) for i in range(5)]
    backwards = [RowFunction(draw, seed=7)(i, ()) for i in reversed(range(5))]
    assert forwards == backwards[::-1]
    assert len(set(forwards)) == 5
    assert RowFunction(draw, seed=8)(0, ()) != forwards[0]


def test_the_callers_streams_are_left_alone():
    np.random.seed(3)
    random.seed(3)
    expected = np.random.rand(3).tolist(), [random.random() for _ in range(3)]
    np.random.seed(3)
    random.seed(3)
    function = RowFunction(draw, seed=7)
    found = [], []
    for i in range(3):
        function(i, ())
        found[0].append(np.random.rand())
        found[1].append(random.random())
    assert found == expected


def test_a_function_that_draws_globally_is_found_out():
    told = []
    function = RowFunction(draw, 7, on_global_draws=lambda: told.append(1))
    function(0, ())
    function(1, ())
    assert function.isolate is True and told == [1]
    plain = RowFunction(lambda: rng().random(), 7, on_global_draws=lambda: told.append(2))
    plain(0, ())
    assert plain.isolate is False and told == [1]


def test_a_failing_function_restores_the_streams():
    def fail():
        raise ValueError("no")

    before = row_random.global_state()
    for isolate in (None, True):
        try:
            RowFunction(fail, 7, isolate)(0, ())
        except ValueError:
            pass
    assert row_random.global_state() == before
    assert row_random.current.key is None


def test_outside_a_pipeline_pythons_generator_is_drawn_from():
    random.seed(4)
    expected = random.random()
    random.seed(4)
    assert rng().random() == expected


def test_mix_spreads_neighbours():
    mixed = {mix(1, i) for i in range(1000)}
    assert len(mixed) == 1000
    assert 0.4 < np.mean([bin(n).count("1") for n in mixed]) / 64 < 0.6
