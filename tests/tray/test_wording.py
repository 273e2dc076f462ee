from __future__ import annotations

import pytest

from tray.figures import CacheFigures
from tray.wording import (
    describe_cache,
    format_bytes,
    format_minutes,
    format_rate,
    format_seconds,
    format_tokens,
)


@pytest.mark.parametrize(
    ("size", "told"),
    [(1, "< 1 MB"), (1_000_000, "1.0 MB"), (9_960_000, "10 MB"), (994_000_000, "990 MB"), (999_000_000, "1.0 GB")],
)
def test_sizes_have_two_digits(size: int, told: str) -> None:
    assert format_bytes(size) == told


@pytest.mark.parametrize(("rate", "told"), [(0, "0"), (4.17, "4.2"), (38.4, "38"), (412.4, "410"), (12345.0, "12,000")])
def test_rates_have_two_digits(rate: float, told: str) -> None:
    assert format_rate(rate) == told


@pytest.mark.parametrize(
    ("minutes", "told"),
    [(0, "less than a minute"), (59, "59 min"), (60, "1 h"), (125, "2 h 5 min"), (1440, "1 d"), (1500, "1 d 1 h")],
)
def test_times_are_told_in_two_units(minutes: int, told: str) -> None:
    assert format_minutes(minutes) == told


@pytest.mark.parametrize(("seconds", "told"), [(0.44, "0.4 s"), (41.2, "41 s"), (300.0, "5 min")])
def test_seconds_become_minutes(seconds: float, told: str) -> None:
    assert format_seconds(seconds) == told


@pytest.mark.parametrize(("tokens", "told"), [(4096, "4k"), (131072, "128k"), (6000, "6,000")])
def test_contexts_are_told_as_people_say_them(tokens: int, told: str) -> None:
    assert format_tokens(tokens) == told


@pytest.mark.parametrize(
    ("figures", "told"),
    [
        (CacheFigures(ram=0), ("0 MB in memory",)),
        (CacheFigures(ram=5_000_000, disk=0, disk_budget=0), ("5.0 MB in memory",)),
        (CacheFigures(disk=7_000_000, disk_budget=70_000_000), ("7.0 MB of 70 MB on disk",)),
        (CacheFigures(), ()),
    ],
)
def test_of_the_cache_only_what_is_known_and_used_is_told(figures: CacheFigures, told: tuple[str, ...]) -> None:
    assert describe_cache(figures) == told
