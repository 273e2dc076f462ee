from __future__ import annotations

import random

import pytest

from endpoint.providers.llamacpp.threads import ThreadTuner

QUIET = {4: 8.0, 2: 14.0, 1: 23.0}
BUSY = {4: 90.0, 2: 55.0, 1: 24.0}
"""Milliseconds a step, by threads: shaped like what was measured on two cores."""


class Machine:
    """Runs steps with the tuner's choice and adds up their cost."""

    def __init__(self, tuner: ThreadTuner) -> None:
        self.tuner = tuner
        self.noise = random.Random(1)
        self.spent = 0.0

    def run(self, costs: dict[int, float], steps: int) -> list[int]:
        chosen = []
        for _ in range(steps):
            threads = self.tuner.choose()
            cost = costs[threads] * self.noise.uniform(0.95, 1.05)
            self.tuner.learn(cost, contended(costs, threads))
            self.spent += cost
            chosen.append(threads)
        return chosen


def contended(costs: dict[int, float], threads: int) -> float:
    """The share of the processor that the threads get: as measured, one thread always has a core to itself."""
    return 0.48 if costs is BUSY and threads > 1 else 0.85 if threads > 1 else 1.0


def share(chosen: list[int], threads: int) -> float:
    return chosen.count(threads) / len(chosen)


def test_on_a_quiet_machine_all_threads_are_used_and_trials_cost_next_to_nothing() -> None:
    machine = Machine(ThreadTuner(2))
    machine.run(QUIET, 200)
    machine.spent = 0
    assert share(machine.run(QUIET, 5000), 2) > 0.98
    assert machine.spent < 5000 * QUIET[2] * 1.02


def test_nothing_is_tried_in_the_first_answers_of_a_quiet_machine() -> None:
    assert set(Machine(ThreadTuner(2)).run(QUIET, 500)) == {2}


@pytest.mark.parametrize("most", [2, 4])
def test_when_the_machine_becomes_busy_it_soon_makes_do_with_one(most: int) -> None:
    machine = Machine(ThreadTuner(most))
    machine.run(QUIET, 1000)
    machine.run(BUSY, 60)
    assert share(machine.run(BUSY, 1000), 1) > 0.93


@pytest.mark.parametrize("most", [2, 4])
def test_when_it_becomes_quiet_again_all_threads_come_back(most: int) -> None:
    machine = Machine(ThreadTuner(most))
    machine.run(QUIET, 500)
    machine.run(BUSY, 2000)
    machine.run(QUIET, 1500)
    assert share(machine.run(QUIET, 1000), most) > 0.95


def test_a_machine_that_is_busy_from_the_start_is_found_out() -> None:
    machine = Machine(ThreadTuner(2))
    machine.run(BUSY, 100)
    assert share(machine.run(BUSY, 500), 1) > 0.9


def test_steps_that_slowly_become_dearer_are_no_alarm() -> None:
    tuner = ThreadTuner(2)
    chosen = [
        threads
        for step in range(4000)
        for threads in [tuner.choose()]
        if tuner.learn({2: 14.0, 1: 23.0}[threads] * (1 + step / 1000), 0.85) is None  # type: ignore[func-returns-value]  # feeds it
    ]
    assert share(chosen[500:], 2) > 0.97


def test_one_core_leaves_nothing_to_try() -> None:
    assert set(Machine(ThreadTuner(1)).run(BUSY, 200)) == {1}
