from __future__ import annotations

import pytest

from endpoint.providers.costs import GUESS, MEMORY, OUTLIER, StepCosts


def test_nothing_is_known_at_first() -> None:
    costs = StepCosts()
    assert not costs.knows(1)
    assert costs.cost(1) == 0.0


def test_between_two_known_numbers_costs_lie_on_a_line() -> None:
    costs = StepCosts()
    costs.learn(1, 0.010)
    costs.learn(5, 0.018)
    assert costs.cost(3) == pytest.approx(0.014)
    assert not costs.knows(3)


def test_beyond_what_is_known_a_low_guess_is_made_and_below_it_none() -> None:
    costs = StepCosts()
    costs.learn(2, 0.010)
    assert costs.cost(12) == pytest.approx(0.010 * (1 + 10 * GUESS))
    assert costs.cost(1) == pytest.approx(0.010)


def test_costs_follow_the_machine() -> None:
    costs = StepCosts()
    for _ in range(30):
        costs.learn(1, 0.010)
    for _ in range(30):
        costs.learn(1, 0.015)
    assert costs.cost(1) == pytest.approx(0.015, rel=0.01)


def test_one_step_that_was_held_up_counts_little() -> None:
    costs = StepCosts()
    costs.learn(1, 0.010)
    costs.learn(1, 5.0)
    assert costs.cost(1) < 0.010 * OUTLIER


def test_a_number_that_was_not_met_for_long_is_measured_again() -> None:
    costs = StepCosts()
    costs.learn(4, 0.5)
    for _ in range(MEMORY + 1):
        costs.learn(1, 0.010)
    assert not costs.knows(4)
    assert costs.knows(1)
