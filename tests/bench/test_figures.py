"""Medians, spreads and ratios."""

from __future__ import annotations

import pytest

from tests.bench.figures import Figure, Sample, best_of, pair_differences, pair_ratios, summarise


def test_a_figure_is_the_median_with_its_extremes() -> None:
    assert summarise([3.0, 1.0, None, 10.0]) == Figure(3.0, 1.0, 10.0)


@pytest.mark.parametrize("samples", [[], [None, None]])
def test_nothing_measured_is_no_figure(samples: list[Sample]) -> None:
    assert summarise(samples) is None


def test_ratios_are_taken_round_by_round() -> None:
    # A machine that is twice as fast in the second round: both ratios are 2, those of the medians would not be.
    assert pair_ratios([2.0, 4.0], [1.0, 2.0]) == [2.0, 2.0]


def test_a_round_that_one_of_them_missed_has_no_ratio() -> None:
    assert pair_ratios([1.0, None, 3.0], [None, 1.0, 2.0]) == [None, None, 1.5]
    assert pair_ratios([1.0], [0.0]) == [None]
    assert pair_differences([1.0, None], [0.5, 1.0]) == [0.5, None]


def test_a_difference_to_zero_counts() -> None:
    assert pair_differences([1.0], [0.0]) == [1.0]


def test_the_best_peer_is_the_one_with_the_best_median() -> None:
    slow, fast, absent = [9.0, 1.0, 9.0], [2.0, 2.0, 2.0], [None, None, None]
    assert best_of([slow, fast, absent, ()], higher=False) == fast
    assert best_of([slow, fast, absent], higher=True) == slow
    assert best_of([absent], higher=True) == []
