"""Choices by lot: whom each word picks, checked against the plainest way to say it."""

from itertools import accumulate

import numpy as np
import pytest

from bestowal.kernels.choice import above, order, other, resum


@pytest.mark.parametrize("n", [2, 3, 7])
def test_another_is_each_of_the_others_in_turn_and_never_oneself(n: int) -> None:
    """The words fall into n - 1 cells, as equal as whole numbers can be, one for each of the others."""
    first = [-(-k * 2**32 // (n - 1)) for k in range(n)]  # of each cell; that of cell n - 1 is past the last word
    for own in range(n):
        for k, j in enumerate(j for j in range(n) if j != own):
            assert other(np.uint32(first[k]), own, n) == other(np.uint32(first[k + 1] - 1), own, n) == j


def test_running_sums_brought_up_to_date_are_the_bits_of_all_summed_anew() -> None:
    weight = np.array([0.1, 0.7, 0.0, 1e-9, 3e7, 0.3, 0.2])
    running = np.empty(7)
    resum(weight, running, 0)
    assert running.tolist() == list(accumulate(weight.tolist()))
    weight[3:] = [0.6, 1 / 3, 0.0, 5.0]
    resum(weight, running, 3)
    assert running.tolist() == list(accumulate(weight.tolist()))


def test_by_weight_is_the_first_above_and_nothing_weighs_nothing() -> None:
    running = np.array([0.0, 0.5, 0.5, 2.0, 2.0, 3.0, 9.0])  # of the first six: weights 0, 0.5, 0, 1.5, 0, 1
    for r in (0.0, 0.25, 0.5, 1.0, 1.999, 2.0, 2.5, np.nextafter(3.0, 0.0)):
        assert above(running, 6, r) == next(i for i in range(6) if running[i] > r)
    assert {above(running, 6, r) for r in np.arange(0.0, 3.0, 0.01)} == {1, 3, 5}
    assert above(running[1:], 1, 0.3) == 0


def test_an_order_is_by_word_and_of_equal_words_the_lower_number_is_first() -> None:
    words = np.array([7, 2**32 - 1, 7, 0, 2**31, 7, 2**32 - 1], dtype=np.uint32)
    turns = np.empty(7, dtype=np.uint64)
    order(words, turns)
    assert turns.tolist() == [3, 0, 2, 5, 4, 1, 6]
