from __future__ import annotations

import pytest

from endpoint.providers.chains import (
    MOST_SEGMENTS,
    SMALLEST_SHARE,
    Chain,
    Segment,
    choose_shared,
    find_cuts,
    join_spans,
    read_spans,
    share,
    write_spans,
)


def chain(*spans: tuple[int, int]) -> Chain[str]:
    return join_spans(spans, [f"{start}-{end}" for start, end in spans])


FORK = chain((0, 100), (80, 150))


@pytest.mark.parametrize(
    ("depth", "bodies", "cuts"),
    [
        (150, ["0-100", "80-150"], [80, 150]),
        (81, ["0-100", "80-150"], [80, 81]),
        (80, ["0-100"], [80]),
        (1, ["0-100"], [1]),
    ],
)
def test_a_beginning_needs_the_segments_that_start_before_its_end(
    depth: int, bodies: list[str], cuts: list[int]
) -> None:
    needed = share(FORK, depth)
    assert [segment.body for segment in needed] == bodies
    assert find_cuts(needed, depth) == cuts


def test_a_prefix_that_begins_like_another_takes_over_its_segments() -> None:
    assert choose_shared(FORK, 150, 200) == FORK
    assert choose_shared(FORK, 120, 121) == FORK
    assert choose_shared(FORK, 80, 200) == FORK[:1]


def test_a_whole_copy_is_better_where_little_is_shared_or_nothing_is_added() -> None:
    assert choose_shared(FORK, SMALLEST_SHARE, 200) == () == choose_shared(FORK, 49, 200)
    assert choose_shared(chain((0, 100)), SMALLEST_SHARE - 1, 200) == ()
    assert choose_shared(FORK, 150, 150) == ()


def test_a_whole_copy_is_better_than_more_of_anothers_tokens_than_of_its_own() -> None:
    long = chain((0, 1000))
    assert choose_shared(long, 499, 2000) == ()
    assert choose_shared(long, 500, 2000) == long


def test_chains_have_an_end() -> None:
    spans = [(100 * number, 100 * (number + 1)) for number in range(MOST_SEGMENTS)]
    assert choose_shared(chain(*spans), 100 * MOST_SEGMENTS, 2000) == ()
    assert len(choose_shared(chain(*spans[1:]), 100 * MOST_SEGMENTS, 2000)) == MOST_SEGMENTS - 1


def test_spans_come_back_as_they_were_written() -> None:
    assert read_spans(write_spans(FORK), 150) == [(0, 100), (80, 150)]
    assert join_spans([(0, 3)], ["body"]) == (Segment(0, 3, "body"),)


@pytest.mark.parametrize(
    "written",
    [
        None,
        7,
        {},
        [],
        [[]],
        [[0]],
        [[0, 150, 1]],
        [[0, 149]],
        [[1, 150]],
        [[0, True], [1, 150]],
        [[0, 1.0], [1, 150]],
        [["0", 150]],
        [[0, 80], [81, 150]],
        [[0, 80], [0, 150]],
        [[0, 80], [80, 80], [80, 150]],
        [[-1, 80], [80, 150]],
        [[0, 80], [90, 85], [85, 150]],
    ],
)
def test_what_no_chain_is_has_no_spans(written: object) -> None:
    assert read_spans(written, 150) == []
