from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from endpoint.providers.stops import MOST, choose_stops, next_stop, thin_out


def anywhere(depth: int) -> int:
    return depth


def tens(depth: int) -> int:
    return depth - depth % 10


def test_stops_are_kept_in_order_and_inside_the_prompt() -> None:
    assert choose_stops([99, 40, 10, 300], 100, anywhere) == (10, 40, 99)


def test_side_by_side_the_later_one_stays() -> None:
    assert choose_stops([40, 41, 99], 100, anywhere) == (41, 99)


def test_a_stop_that_would_leave_one_token_before_the_last_moves_back() -> None:
    assert choose_stops([98], 100, anywhere) == (97,)
    assert choose_stops([91], 92, tens) == (80,)


def test_stops_are_moved_to_where_the_model_can_be_taken_up() -> None:
    assert choose_stops([17, 44, 99], 100, tens) == (10, 40, 90)


@given(st.lists(st.integers(0, 80)), st.integers(1, 80), st.integers(0, 80), st.integers(1, 20))
def test_no_token_but_the_last_is_ever_computed_alone(wanted: list[int], length: int, start: int, grid: int) -> None:
    stops = choose_stops(wanted, length, lambda depth: depth - depth % grid)
    assert stops == tuple(sorted(set(stops)))
    done, end = min(start, length - 1), length - 1
    alone_from_the_start = end - done == 1
    while done < end:
        stop = next_stop(stops, done, end)
        assert stop - done >= 2 or alone_from_the_start
        done = stop


def test_the_first_and_the_newest_checkpoints_are_held_on() -> None:
    assert thin_out(range(MOST)) == tuple(range(MOST))
    assert thin_out(range(100)) == (0, *range(101 - MOST, 100))
    assert [thin_out((5, 6, 7), most) for most in range(4)] == [(), (7,), (5, 7), (5, 6, 7)]
