from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from endpoint.engine.admission import NotYet
from endpoint.engine.waiting import PATIENCE, REACH, WaitingLine


def line_of(*items: str) -> WaitingLine[str]:
    line: WaitingLine[str] = WaitingLine()
    for item in items:
        line.join(item)
    return line


def admit(line: WaitingLine[str], **reasons: NotYet) -> list[str]:
    """Those who started; the others have a reason not to."""
    started: list[str] = []

    def try_start(item: str) -> NotYet | None:
        if item in reasons:
            return reasons[item]
        started.append(item)
        return None

    line.admit(try_start)
    return started


def test_with_room_all_start_in_the_order_in_which_they_came() -> None:
    line = line_of("a", "b", "c")
    assert admit(line) == ["a", "b", "c"]
    assert not len(line)


def test_a_small_one_passes_one_that_has_no_cells() -> None:
    line = line_of("large", "small")
    assert admit(line, large=NotYet.NO_CELLS) == ["small"]
    assert list(line) == ["large"]


def test_who_waits_for_a_prefix_holds_up_nobody_and_keeps_its_place() -> None:
    line = line_of("sharing", "other", "blocked")
    assert admit(line, sharing=NotYet.SHARES, blocked=NotYet.NO_CELLS) == ["other"]
    assert list(line) == ["sharing", "blocked"]


def test_with_no_row_left_nobody_is_asked() -> None:
    line = line_of("first", "second")
    assert not admit(line, first=NotYet.NO_ROW)
    assert list(line) == ["first", "second"]


def test_after_being_passed_often_enough_everybody_waits_for_it() -> None:
    line = line_of("large", *(f"small{number}" for number in range(PATIENCE + 3)))
    assert len(admit(line, large=NotYet.NO_CELLS)) == PATIENCE
    line.join("late")
    assert not admit(line, large=NotYet.NO_CELLS)
    assert admit(line) == ["large", *(f"small{number}" for number in range(PATIENCE, PATIENCE + 3)), "late"]


def test_only_so_many_are_looked_past() -> None:
    large = [f"large{number}" for number in range(REACH + 1)]
    line = line_of(*large, "small")
    assert not admit(line, **dict.fromkeys(large, NotYet.NO_CELLS))


def test_one_who_leaves_is_not_asked_any_more() -> None:
    line = line_of("a", "b", "c")
    line.leave("b")
    assert admit(line) == ["a", "c"]
    with pytest.raises(ValueError, match="not in the line"):
        line.leave("b")


def test_a_failing_start_leaves_the_line_whole() -> None:
    line = line_of("a", "broken", "c")

    def try_start(item: str) -> NotYet | None:
        if item == "broken":
            raise RuntimeError("the library fell over")
        return None

    with pytest.raises(RuntimeError):
        line.admit(try_start)
    assert list(line) == ["broken", "c"]


@given(st.lists(st.tuples(st.integers(1, 100), st.integers(1, 6)), min_size=1, max_size=60), st.integers(100, 200))
def test_everybody_starts_and_none_is_passed_more_often_than_that(jobs: list[tuple[int, int]], cells: int) -> None:
    """Jobs of (cells, steps) come one a step; a job that doesn't fit waits. Cells are freed when its steps are over."""
    line: WaitingLine[int] = WaitingLine()
    running: dict[int, int] = {}
    started: list[int] = []

    def starter(step: int) -> Callable[[int], NotYet | None]:
        def try_start(number: int) -> NotYet | None:
            size, steps = jobs[number]
            if running and sum(jobs[other][0] for other in running) + size > cells:
                return NotYet.NO_CELLS
            running[number] = step + steps
            started.append(number)
            return None

        return try_start

    for step in range(10 * len(jobs)):
        if step < len(jobs):
            line.join(step)
        for number in [number for number, end in running.items() if end <= step]:
            del running[number]
        line.admit(starter(step))
    assert sorted(started) == list(range(len(jobs)))
    for place, number in enumerate(started):
        assert sum(other > number for other in started[:place]) <= PATIENCE
