"""The Mersenne Twisters and the draws built on them."""

import numpy as np
import pytest

from mycelium.dataset.orders import Twister32, Twister64, weighted_with_replacement, weighted_without_replacement


def test_the_ten_thousandth_word_is_that_of_the_standard():
    narrow, wide = Twister32(5489), Twister64(5489)
    assert [narrow.word() for _ in range(10_000)][-1] == 4123659995
    assert [wide.word() for _ in range(10_000)][-1] == 9981545732273789042


@pytest.mark.parametrize("n", [0, 1, 2, 3, 10, 65535, 65536, 70000])
def test_a_shuffle_is_a_permutation(n):
    items = list(range(n))
    Twister32(7).shuffle(items)
    assert sorted(items) == list(range(n))


def test_below_is_uniform():
    twister = Twister32(3)
    counts = np.bincount([twister.below(3) for _ in range(30_000)], minlength=3)
    assert np.abs(counts - 10_000).max() < 400


def test_weights_are_probabilities():
    drawn = weighted_with_replacement(np.array([1.0, 0.0, 3.0]), 20_000, 5)
    share = np.bincount(drawn, minlength=3) / 20_000
    np.testing.assert_allclose(share, [0.25, 0, 0.75], atol=0.02)
    assert set(weighted_without_replacement(np.array([1.0, 0.0, 3.0]), 2, 5)) == {0, 2}
