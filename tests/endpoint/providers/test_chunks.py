from __future__ import annotations

import pytest

from endpoint.providers.chunks import ALONE_S, BRIEF_S, LARGEST, SMALLEST, ChunkSizer


def learned(*, prefill_s: float, decode_s: float = 0.0) -> ChunkSizer:
    sizer = ChunkSizer()
    if decode_s:
        sizer.learn(prefilled=0, decoded=1, seconds=decode_s)
    sizer.learn(prefilled=100, decoded=0, seconds=100 * prefill_s)
    return sizer


def test_the_first_chunk_is_small_enough_for_a_slow_machine() -> None:
    assert ChunkSizer().size(brief=False) == 64


def test_a_fast_machine_gets_the_largest_chunk() -> None:
    assert learned(prefill_s=0.00001).size(brief=True) == LARGEST


def test_a_slow_machine_never_gets_less_than_the_smallest() -> None:
    assert learned(prefill_s=1.0).size(brief=True) == SMALLEST


@pytest.mark.parametrize(("beside", "goal"), [(True, BRIEF_S - 0.02), (False, ALONE_S)])
def test_in_between_the_chunk_fills_the_time_goal(beside: bool, goal: float) -> None:
    sizer = learned(prefill_s=0.001, decode_s=0.02)
    assert sizer.size(brief=beside) == pytest.approx(goal / 0.001, abs=1)


def test_it_follows_a_machine_that_becomes_busy() -> None:
    sizer = learned(prefill_s=0.001)
    quiet = sizer.size(brief=False)
    for _ in range(20):
        sizer.learn(prefilled=100, decoded=0, seconds=1.0)
    assert sizer.size(brief=False) < quiet / 5


def test_where_a_decode_alone_is_slow_the_chunk_takes_as_long_again() -> None:
    assert learned(prefill_s=0.001, decode_s=0.2).size(brief=True) == pytest.approx(200, abs=1)
