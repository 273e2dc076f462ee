from __future__ import annotations

from endpoint.cache.residency import WORTH_KEEPING, Fate, decide_fate


def test_what_was_computed_anew_is_copied_out() -> None:
    assert decide_fate(1000, 0) is Fate.COPY_OUT
    assert decide_fate(1000, 1000 - WORTH_KEEPING) is Fate.COPY_OUT


def test_what_is_known_already_or_short_is_dropped() -> None:
    assert decide_fate(1000, 1001 - WORTH_KEEPING) is Fate.DROP
    assert decide_fate(WORTH_KEEPING - 1, 0) is Fate.DROP
