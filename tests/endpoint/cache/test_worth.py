from __future__ import annotations

import pytest

from endpoint.cache.worth import QUIET_S, Candidate, is_worth_saving, is_worth_saving_at_end

PREPARED = Candidate(tokens=100, saved=0, uses=0, is_prepared=True)
ONCE = Candidate(tokens=1_000, saved=0, uses=0, is_prepared=False)
TWICE = Candidate(tokens=1_000, saved=0, uses=1, is_prepared=False)


def test_what_a_caller_prepared_is_saved_at_once() -> None:
    assert is_worth_saving(PREPARED, quiet_s=0)


def test_a_long_prefix_is_saved_when_it_was_used_again() -> None:
    assert is_worth_saving(TWICE, quiet_s=0)
    assert not is_worth_saving(ONCE, quiet_s=0)


def test_one_that_was_used_once_is_saved_when_it_has_long_been_quiet() -> None:
    assert is_worth_saving(ONCE, quiet_s=QUIET_S)


@pytest.mark.parametrize(("saved", "worth"), [(0, True), (799, True), (900, False), (1_000, False)])
def test_a_conversation_is_saved_again_when_it_has_grown_by_a_fifth(saved: int, *, worth: bool) -> None:
    assert is_worth_saving(Candidate(1_000, saved, 3, is_prepared=False), quiet_s=60) is worth


def test_a_short_one_is_left() -> None:
    assert not is_worth_saving(Candidate(100, 0, 5, is_prepared=False), quiet_s=60)
    assert not is_worth_saving(Candidate(10, 0, 5, is_prepared=True), quiet_s=60)


def test_at_the_end_whatever_is_missing_is_saved() -> None:
    assert is_worth_saving_at_end(Candidate(1_000, 900, 0, is_prepared=False))
    assert not is_worth_saving_at_end(Candidate(1_000, 990, 9, is_prepared=True))
