"""How fast bytes come: smooth, quick to find the speed, and honest after a pause."""

from __future__ import annotations

import pytest

from tray.downloads.pace import begin


def test_a_steady_flow_is_told_at_once() -> None:
    pace = begin(0, 10.0)
    for step in range(1, 6):
        pace = pace.follow(step * 1000, 10.0 + step)
    assert pace.rate == pytest.approx(1000)
    assert pace.seconds_left(10_000) == 5


def test_bytes_that_were_there_before_are_no_speed() -> None:
    assert begin(1_000_000, 0.0).follow(1_000_500, 1.0).rate == pytest.approx(500)


def test_a_slow_first_moment_is_soon_forgotten() -> None:
    pace = begin(0, 0.0).follow(1, 0.5)
    for step in range(1, 11):
        pace = pace.follow(1 + step * 200, 0.5 + step * 0.2)
    assert pace.rate == pytest.approx(800, rel=0.1)


def test_a_short_burst_moves_the_figure_little() -> None:
    pace = begin(0, 0.0)
    for step in range(1, 31):
        pace = pace.follow(step * 100, float(step))
    burst = pace.follow(pace.done + 500, 30.5)
    assert burst.rate is not None
    assert 100 < burst.rate < 200


def test_bytes_that_are_fetched_again_begin_anew() -> None:
    assert begin(0, 0.0).follow(1000, 1.0).follow(0, 2.0) == begin(0, 2.0)


def test_a_rate_says_something_of_the_next_download_once_it_was_looked_at_for_some_seconds() -> None:
    pace = begin(0, 0.0).follow(1000, 1.0)
    assert pace.steady_rate is None
    assert pace.follow(6000, 6.0).steady_rate == pytest.approx(1000)


def test_without_any_speed_the_time_left_is_unknown() -> None:
    assert begin(0, 0.0).seconds_left(100) is None
    assert begin(0, 0.0).follow(0, 1.0).seconds_left(100) is None
