"""Counting on the engine thread."""

from __future__ import annotations

import time

import pytest

from endpoint.engine.meter import WINDOW_S, Meter, outline
from endpoint.engine.metrics import STEP_BOUNDS_S, Outcome


def test_a_step_falls_into_the_first_bucket_that_holds_it() -> None:
    meter = Meter()
    for seconds in (0.001, 0.0011, 99.0):
        meter.count_step(seconds)
    steps = meter.steps()
    assert steps.counts == (1, 1, *[0] * (len(STEP_BOUNDS_S) - 2), 1)
    assert steps.total_s == 99.0021


def test_every_outcome_is_there_from_the_start() -> None:
    meter = Meter()
    meter.count_end(Outcome.STOP)
    assert meter.outcomes() == {outcome: int(outcome is Outcome.STOP) for outcome in Outcome}


def test_rates_look_back_over_the_window_only() -> None:
    meter = Meter()
    start = time.monotonic()
    for second in range(1, 31):  # 5 prompt tokens a second for 30 s; 2 answer tokens a second in the last 15 s only
        meter.generated += 2 if second > 15 else 0
        meter.sample(start + second, 5 * second)
    rates = meter.rates(start + 30, 150)
    assert WINDOW_S < 15
    assert (round(rates.prefill, 6), round(rates.decode, 6)) == (5.0, 2.0)


def test_a_burst_of_samples_keeps_one_a_second() -> None:
    meter = Meter()
    start = time.monotonic()
    for step in range(1000):  # 5 s in steps of 5 ms: a sample each would cover 50 ms
        meter.sample(start + step * 0.005, step)
    assert round(meter.rates(start + 5, 1000).prefill) == 200


def test_there_is_no_rate_within_no_time() -> None:
    meter = Meter()
    rates = meter.rates(0.0, 0)
    assert (rates.prefill, rates.decode) == (0.0, 0.0)


def test_prompts_add_up_and_what_was_saved_follows_from_the_speed() -> None:
    meter = Meter()
    meter.count_prompt(100, 0)
    meter.count_prompt(120, 100)
    assert (meter.prompts().tokens, meter.prompts().cached, meter.prompts().saved_s) == (220, 100, None)
    meter.prefill.note_step(2.0)
    meter.prefill.note_count(100)
    assert meter.prompts().saved_s == 2.0


def test_the_last_failure_is_kept_and_counted() -> None:
    meter = Meter()
    assert meter.last_failure is None
    for told in ("First.", "Second."):
        meter.count_failure(told)
    assert meter.outcomes()[Outcome.FAILED] == 2
    assert meter.last_failure is not None
    assert meter.last_failure.message == "Second."


@pytest.mark.parametrize(
    ("message", "told"),
    [
        ("It was given up: no cells are left.", "It was given up: no cells are left."),
        ("It was given up: the library failed: the prompt: says hush", "It was given up: the library failed."),
        ("It was given up", "It was given up."),
    ],
)
def test_a_message_is_told_without_what_may_quote_a_prompt(message: str, told: str) -> None:
    assert outline(message) == told
